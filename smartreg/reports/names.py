"""What people call the records and words of a registry, as some view shows them."""

from __future__ import annotations

from datetime import date

from smartreg.core.values import Json, Record, RecordId, Words
from smartreg.domain.days import day
from smartreg.domain.fields import text
from smartreg.reports.figure import Label
from smartreg.schema import Lifecycle
from smartreg.tables import View


def label(view: View, kind: str, id: str) -> Label:
    """A record by its id, with the words that people call it by; the bare id where it is not there to be seen, or where
    what it is called by does not tell it from others."""
    record, about = view.get(RecordId(kind, id)), view.schemas.kinds.get(kind)
    if record is None or about is None:
        return Label(id, Words(id, id))
    if any(about.by_path[(name,)].refs for name in about.label if (name,) in about.by_path):
        return Label(id, Words(id, id), record.rid)
    words = Words(about.label_of(record.data, "en") or id, about.label_of(record.data, "fr") or id)
    return Label(id, words, record.rid)


def word(view: View, kind: str, field: str, value: Json) -> Label | None:
    """A word of a schema (`status`, `events[].kind`) with what people call it; None for what is no word."""
    if not isinstance(value, str) or not value:
        return None
    about = view.schemas.kinds.get(kind)
    found = about.by_path.get(tuple(field.replace("[]", ".[]").split("."))) if about else None
    return Label(value, found.labels.get(value, Words(value, value)) if found else Words(value, value))


def present(view: View, record: Record) -> bool:
    """Whether a thing with a life cycle is there: its status is one of those in service."""
    life = _lifecycle(view, record)
    return life is not None and text(record, life.field) in life.in_service


def was_present(view: View, record: Record, on: date) -> bool:
    """Whether it was there on a day of the past, by the dates of its states; by its status where it has none."""
    life, started = _lifecycle(view, record), day(record, "started_on")
    if life is None or text(record, life.field) not in life.served or (started is not None and started > on):
        return False
    dated = sorted(
        (found, place, state)
        for place, (state, name) in enumerate(life.dates.items())
        if (found := day(record, name)) is not None
    )
    if not dated:
        return present(view, record)
    reached = [state for found, _, state in dated if found <= on]
    return reached[-1] in life.in_service if reached else dated[0][2] in life.ends


def _lifecycle(view: View, record: Record) -> Lifecycle | None:
    about = view.schemas.kinds.get(record.rid.kind)
    return about.lifecycle if about else None
