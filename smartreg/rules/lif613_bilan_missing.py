"""Use case without assessment or indicator value at the end of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.values import Json, Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service
from smartreg.rules.rule import rule


@rule(
    "LIF613",
    "warning",
    "registry",
    Words("bilan missing", "bilan manquant"),
    kinds=("use_case",),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    until = context.config.programme.until
    if until is None or context.on <= until:
        return
    for record in subjects:
        missing = _missing_part(record) if in_service(registry, record) else None
        if missing is not None:
            yield Fault(
                at(record, "id"),
                Words(
                    f"the programme ended on {until}; the bilan of {record.rid.id} needs {missing.en}",
                    f"le programme s'est achevé le {until} ; le bilan de {record.rid.id} demande {missing.fr}",
                ),
                Words(
                    "fill indicators[].value and assessments, or stop the use case",
                    "remplissez indicators[].value et assessments, ou arrêtez le cas d'usage",
                ),
            )


def _missing_part(record: Record) -> Words | None:
    value = any(item.get("value") is not None for item in _items(record, "indicators"))
    assessment = any(True for _ in _items(record, "assessments"))
    if value and assessment:
        return None
    if value:
        return Words("an assessment", "une évaluation")
    if assessment:
        return Words("the value of an indicator", "la valeur d'un indicateur")
    return Words("the value of an indicator and an assessment", "la valeur d'un indicateur et une évaluation")


def _items(record: Record, name: str) -> Iterator[Mapping[str, Json]]:
    items = record.data.get(name)
    yield from (item for item in (items if isinstance(items, list) else ()) if isinstance(item, Mapping))
