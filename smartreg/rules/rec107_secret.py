"""A value that looks like a secret."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.secret import may_hold_secret, secret_in
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import every_text, names_and_texts
from smartreg.rules.rule import rule


@rule("REC107", "error", "record", Message("Looks like a secret"))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    names, texts = names_and_texts(record.data)
    if not may_hold_secret(names, texts):
        return
    for path, text in every_text(record.data):
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        what = secret_in(field, text)
        if what is not None:
            yield Fault(
                at(record, *path),
                Message("{path} looks like {what}", path=path_text(path), what=what),
                Message(
                    "remove it and replace the secret itself: Git keeps the old value; keep it in the network server"
                ),
            )
