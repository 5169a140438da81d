"""Convention that extends beyond the programme without a recommendation to continue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.acts import path_of_term
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import titles
from smartreg.domain.days import day_of
from smartreg.domain.fields import object_list, text
from smartreg.rules.rule import rule

GOING_ON = ("continue", "scale")


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "use_case":
        yield from (convention.rid for convention in registry.of_kind("convention"))


@rule(
    "CON315",
    "warning",
    "registry",
    Message("beyond the programme without assessment"),
    kinds=("convention",),
    touches=_find_affected,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    until = context.config.programme.until
    if until is None or context.on <= until:
        return
    beyond = [record for record in subjects if _goes_beyond(registry, record, until)]
    if beyond and not any(_is_recommended(use_case, context.on) for use_case in registry.of_kind("use_case")):
        for record in beyond:
            yield Fault(
                at(record, *path_of_term(record, "effective_until")),
                Message(
                    "ends after {until}, the end of the programme, and no assessment recommends to go on", until=until
                ),
                Message("record the assessment in assessments of the use case"),
            )


def _goes_beyond(registry: Snapshot, record: Record, until: date) -> bool:
    convention = titles(registry).of(record)
    return text(record, "status") == "signed" and convention.until is not None and convention.until > until


def _is_recommended(use_case: Record, on: date) -> bool:
    favourable = (
        item for item in object_list(use_case.data.get("assessments")) if item.get("recommendation") in GOING_ON
    )
    return any((made := day_of(item.get("date"))) is not None and made <= on for item in favourable)
