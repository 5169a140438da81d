"""B14: the assessments of each use case and the notes on events: the qualitative bilan. Assessments up to the reference
date; events of the period that have a note, or are a fault or vandalism.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from smartreg.core.messages import Message, joined
from smartreg.core.values import Json, Record
from smartreg.domain.days import day_of
from smartreg.domain.fields import object_list, texts
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material

TITLE = Message("Qualitative assessment")
DEFINITION = Message(
    "How the departments assessed each use case (rating from 1 to 5, recommendation), and what they wrote about "
    "events. Average: of the last rating of each use case."
)
NOTHING = Message("no use case has been assessed yet")
NO_LESSON = Message("no event was reported in the period")
NO_RATING = Message("no assessment has a rating")
USE_CASE = FigureColumn("use_case", Message("use case"), "label")
DATE = FigureColumn("date", Message("date"), "date")


def figure(material: Material) -> Figure:
    cases = material.of("use_case")
    rows = [row for case in cases for row in _assessments(material, case)]
    lessons = tuple(sorted(_events(material), key=lambda row: str(row[0]), reverse=True))
    assessed = {row[0].code for row in rows if isinstance(row[0], Label)}
    ratings = list(_last_ratings(rows).values())
    measures = (
        Measure("assessed", Message("use cases assessed"), "count", len(assessed) or None,
                None if assessed else NOTHING),
        Measure("rating", Message("average rating, out of 5"), "number",
                float(mean(ratings)) if ratings else None, None if ratings else NO_RATING),
    )  # fmt: skip
    table = FigureTable(
        "assessments",
        Message("Assessments of the use cases"),
        (
            USE_CASE,
            DATE,
            FigureColumn("rating", Message("rating, 1 to 5")),
            FigureColumn("recommendation", Message("recommendation"), "label"),
            FigureColumn("summary", Message("summary"), "text"),
        ),
        tuple(rows),
        why_not=None if rows else NOTHING,
    )
    return Figure(14, TITLE, measures, (table, _lessons(lessons)))


def _last_ratings(rows: Sequence[tuple[Value, ...]]) -> Mapping[str, int]:
    """The last rating of each use case; rows have the latest first."""
    last: dict[str, int] = {}
    for case, _, rating, *_ in rows:
        if isinstance(case, Label) and isinstance(rating, int):
            last.setdefault(case.code, rating)
    return last


def _assessments(material: Material, case: Record) -> Iterator[tuple[Value, ...]]:
    """Those of one use case, the latest first."""
    assessments = object_list(case.data.get("assessments"))
    for item in sorted(assessments, key=lambda item: str(item.get("date")), reverse=True):
        on, rating = day_of(item.get("date")), item.get("rating")
        if on is not None and on <= material.as_of:
            yield (
                material.label("use_case", case.rid.id),
                on.isoformat(),
                rating if isinstance(rating, int) and not isinstance(rating, bool) else None,
                material.word("use_case", "assessments[].recommendation", item.get("recommendation")),
                _text(item.get("summary")),
            )


def _events(material: Material) -> Iterator[tuple[Value, ...]]:
    for device in material.of("equipment"):
        for item in object_list(device.data.get("events")):
            on, kind, note = day_of(item.get("date")), item.get("kind"), _text(item.get("note"))
            if on is not None and material.period.holds(on) and (note or kind in ("fault", "vandalism")):
                event = material.word("equipment", "events[].kind", kind)
                cases = [material.label("use_case", id) for id in texts(device, "use_cases")]
                names = joined([case.words for case in cases])
                use_cases = Label(", ".join(case.code for case in cases), names) if cases else None
                yield on.isoformat(), material.label("equipment", device.rid.id), use_cases, event, note


def _lessons(rows: tuple[tuple[Value, ...], ...]) -> FigureTable:
    columns = (
        DATE,
        FigureColumn("equipment", Message("device"), "label"),
        FigureColumn("use_cases", Message("use cases"), "label"),
        FigureColumn("event", Message("event"), "label"),
        FigureColumn("note", Message("what was written"), "text"),
    )
    title = Message("Events of the period")
    return FigureTable("events", title, columns, rows, why_not=None if rows else NO_LESSON)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
