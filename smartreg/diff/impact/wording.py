"""A comparison in words: consequences by grade, hosting, counts in the terms of the convention (`3 sensors`, `1 flux`).

Ids come from records, so `name` makes them inert in output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import Record
from smartreg.diff.impact.comparison import GRADES, Comparison, Grade, Hosting, Impact
from smartreg.registry import Registry

Naming: TypeAlias = Callable[[str], str]

LABELS: dict[Grade, Text] = {
    "breaks": Message("breaks a rule"),
    "cover": Message("loses cover"),
    "personal": Message("personal data"),
    "routine": Message("routine"),
}
LISTED = 5  # ids of one consequence


class Consequence(NamedTuple):
    """The consequences of a change, of one grade, as one sentence; the label names the grade, empty if routine."""

    grade: Grade
    label: str
    text: str


def consequences(impact: Impact, lang: Language, name: Naming) -> list[Consequence]:
    """One for each grade with consequences, the most serious first."""
    by_grade = []
    for grade in GRADES:
        parts = [effect.text(lang, name, LISTED) for effect in impact.effects if effect.grade == grade]
        if grade == "breaks" and impact.broken:
            parts.insert(0, format_codes(impact.broken))
        if parts:
            label = "" if grade == "routine" else LABELS[grade].in_(lang)
            by_grade.append(Consequence(grade, label, ", ".join(parts)))
    return by_grade


def format_codes(codes: Iterable[str]) -> str:
    """`REF201 ×3, CHG802`."""
    return ", ".join(code if number == 1 else f"{code} ×{number}" for code, number in sorted(Counter(codes).items()))


def format_hosting(hosting: Hosting, lang: Language, name: Naming) -> str:
    """`Convention smart-metropole-istres: devices hosted by istres: 3 → 3`: those in service."""
    return Message(
        "Convention {convention}: devices hosted by {host}: {before} → {after}",
        convention=name(hosting.convention),
        host=name(hosting.host),
        before=hosting.before,
        after=hosting.after,
    ).in_(lang)


def aside_texts(comparison: Comparison, lang: Language) -> Iterator[str]:
    """Other findings, by codes: `New notes: REF214`, `Fixed: REF201 ×2`."""
    groups = ((Message("New notes"), comparison.notes), (Message("Fixed"), comparison.fixed or ()))
    for title, findings in groups:
        if findings:
            yield f"{title.in_(lang)}{colon(lang)}{format_codes(finding.code for finding in findings)}."


BINDING = Message("What binds parties")
"""The title of the part of a comparison about what parties have to agree to."""
CHECKS = Message("Checks, and files that run something")
"""The title of the part of a comparison about removed checks and protected files."""
COMMENTS = Message("Ignore comments")
"""The title of the part of a comparison about comments that waive."""


def format_grades(comparison: Comparison, lang: Language) -> str:
    """The grades of a comparison other than routine, each with its number of changes."""
    numbers = Counter(grade for impact in comparison.impacts.values() for grade in impact.grades)
    graver = [grade for grade in comparison.grades if grade != "routine"]
    return " · ".join(
        f"{LABELS[grade].in_(lang)} ({numbers[grade]})" if numbers[grade] else LABELS[grade].in_(lang)
        for grade in graver
    )


def colon(lang: Language) -> str:
    """A colon, spaced as in the language."""
    return Message(": ").in_(lang)


def devices(registry: Registry, records: Sequence[Record]) -> Text:
    """`3 sensors` if all are of one type, else `3 devices`."""
    kind = registry.schemas.kinds.get("equipment")
    field = kind.by_path.get(("type",)) if kind else None
    types = {str(record.data.get("type")) for record in records}
    label = field.labels.get(types.pop()) if field and len(types) == 1 else None
    number = len(records)
    if label is None:
        return Message("1 device") if number == 1 else Message("{number} devices", number=number)
    # The plural of a type has an s in both languages; a schema has no other.
    words = Message("{number} {type}") if number == 1 else Message("{number} {type}s")
    return words.fill(number=number, type=label)
