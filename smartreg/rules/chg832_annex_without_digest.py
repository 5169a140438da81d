"""New annex of a signed convention without a digest."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.domain.annexes import WEB, undigested
from smartreg.domain.changes import Changes
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import SIGNED
from smartreg.domain.fields import object_list, text
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("CHG832", "error", "change", Message("new annex without a digest"), kinds=("convention",))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, _context: Context) -> Iterator[Fault]:
    for old, new in changes:
        if new is None or new.rid.kind != "convention" or text(new, "status") not in SIGNED:
            continue
        signed = old is not None and text(old, "status") in SIGNED
        before = object_list(old.data.get("annexes")) if old is not None and signed else []
        for index, item in undigested(new):
            if item not in before and not str(item["path"]).startswith(WEB):
                yield Fault(
                    at(new, "annexes", index, "path"),
                    Message(
                        "{path} is signed from now on, and has no digest that shows whether it stays the same",
                        path=literal(item["path"]),
                    ),
                    Message("record the SHA-256 of the file in sha256; smartreg annex does"),
                )
