"""B14: the assessments of each use case and the notes on events: the qualitative bilan. Assessments up to the reference
date; events of the period that have a note, or are a fault or vandalism.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from smartreg.core.values import LANGUAGES, Json, Record, Words
from smartreg.domain.days import day_of
from smartreg.domain.fields import texts
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material

TITLE = Words("Qualitative assessment", "Bilan qualitatif")
DEFINITION = Words(
    "What people judged of each use case (rating from 1 to 5, recommendation), and what they noted of events.",
    "Ce que les services ont jugé de chaque cas d'usage (note de 1 à 5, recommandation), et ce qu'ils ont "
    "noté des événements.",
)
NOTHING = Words("no use case has been assessed yet", "aucun cas d'usage n'a encore été évalué")
NO_LESSON = Words("nobody has noted an event in the period", "personne n'a noté d'événement sur la période")
NO_RATING = Words("no assessment has a rating", "aucun bilan n'a de note")
USE_CASE = FigureColumn("use_case", Words("use case", "cas d'usage"), "label")
DATE = FigureColumn("date", Words("date", "date"), "date")


def figure(material: Material) -> Figure:
    cases = material.of("use_case")
    rows = [row for case in cases for row in _assessments(material, case)]
    lessons = tuple(sorted(_events(material), key=lambda row: str(row[0]), reverse=True))
    assessed = {row[0].code for row in rows if isinstance(row[0], Label)}
    ratings = [row[2] for row in rows if isinstance(row[2], int)]
    measures = (
        Measure("assessed", Words("use cases assessed", "cas d'usage évalués"), "count", len(assessed) or None,
                None if assessed else NOTHING),
        Measure("rating", Words("mean rating, of 5", "note moyenne, sur 5"), "number",
                float(mean(ratings)) if ratings else None, None if ratings else NO_RATING),
    )  # fmt: skip
    table = FigureTable(
        "assessments",
        Words("Assessments of the use cases", "Bilans des cas d'usage"),
        (
            USE_CASE,
            DATE,
            FigureColumn("rating", Words("rating, 1 to 5", "note, de 1 à 5")),
            FigureColumn("recommendation", Words("recommendation", "recommandation"), "label"),
            FigureColumn("summary", Words("summary", "synthèse"), "text"),
        ),
        tuple(rows),
        why_not=None if rows else NOTHING,
    )
    return Figure(14, TITLE, measures, (table, _lessons(lessons)))


def _assessments(material: Material, case: Record) -> Iterator[tuple[Value, ...]]:
    """Those of one use case, the latest first."""
    items = case.data.get("assessments")
    found = [item for item in (items if isinstance(items, list) else ()) if isinstance(item, Mapping)]
    for item in sorted(found, key=lambda item: str(item.get("date")), reverse=True):
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
        items = device.data.get("events")
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, Mapping):
                continue
            on, kind, note = day_of(item.get("date")), item.get("kind"), _text(item.get("note"))
            if on is not None and material.period.holds(on) and (note or kind in ("fault", "vandalism")):
                event = material.word("equipment", "events[].kind", kind)
                cases = [material.label("use_case", id) for id in texts(device, "use_cases")]
                yield on.isoformat(), material.label("equipment", device.rid.id), _list_cases(cases), event, note


def _lessons(rows: tuple[tuple[Value, ...], ...]) -> FigureTable:
    columns = (
        DATE,
        FigureColumn("equipment", Words("equipment", "équipement"), "label"),
        FigureColumn("use_cases", Words("use cases", "cas d'usage"), "label"),
        FigureColumn("event", Words("event", "événement"), "label"),
        FigureColumn("note", Words("what was noted", "ce qui a été noté"), "text"),
    )
    title = Words("Lessons from events", "Enseignements des événements")
    return FigureTable("events", title, columns, rows, why_not=None if rows else NO_LESSON)


def _list_cases(cases: Sequence[Label]) -> Label | None:
    """Several use cases in one cell."""
    if not cases:
        return None
    en, fr = (", ".join(case.in_(lang) for case in cases) for lang in LANGUAGES)
    return Label(", ".join(case.code for case in cases), Words(en, fr))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
