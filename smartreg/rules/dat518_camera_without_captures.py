"""Camera that does not say what it could capture about people."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended
from smartreg.rules.rule import rule


@rule(
    "DAT518",
    "warning",
    "record",
    Words("camera without captures", "caméra sans captations"),
    kinds=("equipment",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("type") == "camera" and "captures" not in record.data and not has_ended(context, record):
        yield Fault(
            at(record, "type"),
            Words(
                "the camera does not say what it could capture about people",
                "la caméra ne dit pas ce qu'elle peut capter des personnes",
            ),
            Words(
                "add captures: image, audio, plates …; an empty list when it is nothing",
                "ajoutez captures : image, audio, plates … ; une liste vide si ce n'est rien",
            ),
        )
