"""Cover that a change ends: devices and flows without a convention in force, by family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.diff import Change
from smartreg.diff.impact.comparison import Effect
from smartreg.diff.impact.wording import devices
from smartreg.domain.acts import ACTS, TERMS
from smartreg.domain.conventions import search_parties, titles
from smartreg.domain.data_cover import DataCover, data_parties, flows_naming
from smartreg.domain.exchanges import Exchange, exchanges_on, objects
from smartreg.domain.fields import text
from smartreg.domain.kinds import (
    CONVENTION,
    NETWORK,
    SUPPORT,
    is_convention,
    is_host,
    may_need_cover,
)
from smartreg.domain.titles import title_versions
from smartreg.registry import Registry
from smartreg.schema import CODE_FIELDS

FAMILIES = {
    "installation": Message("installation"),
    "connectivity": Message("connectivity"),
    "data": Message("data"),
}
OF_HOST = ("owner", "operator", "access", *CODE_FIELDS, "convention")
OF_CONVENTION = ("status", ACTS, *TERMS)


class CoverOnBothSides:
    """Which conventions cover what on a day, on both sides. `kinds`: those of the changed records."""

    def __init__(self, before: Registry, after: Registry, on: date, kinds: Set[str]) -> None:
        self._before, self._after, self._on = before, after, on
        self._alone = kinds.isdisjoint((SUPPORT, NETWORK, CONVENTION)) and before.schemas.digest == after.schemas.digest
        self._data = {id(side): DataCover(side, on) for side in (before, after)}

    def losses(self, change: Change) -> Iterator[Effect]:
        """The effects of a change that leaves records without cover, by family."""
        by_family: dict[str, list[Record]] = {}
        for rid in sorted(set(self._find_affected(change))):
            for family in self._losses_of(rid, change.before if is_convention(change.rid) else None):
                record = self._after.get(rid)
                if record is not None:
                    by_family.setdefault(family, []).append(record)
        for family, records in by_family.items():
            number = len(records)
            flows = Message("1 flow") if number == 1 else Message("{number} flows", number=number)
            who = flows if family == "data" else devices(self._after, records)
            label = FAMILIES[family]
            yield Effect(
                "cover",
                Message("{who} without a convention in force for {label}", who=who, label=label),
                tuple(record.rid for record in records),
            )

    def conventions(self, record: Record) -> Iterator[str]:
        """The conventions behind the exchanges of a record on the earlier side, whatever their dates."""
        id = text(record, "convention")
        if id:
            yield id
        for exchange in exchanges_on(self._before, record, self._on):
            yield from (title.id for title in titles(self._before).find_applicable(record, exchange))

    def _find_affected(self, change: Change) -> Iterator[RecordId]:
        """The equipment and flows whose cover a change can end."""
        if change.before is None:
            return
        if may_need_cover(change.rid):
            if not self._alone or self._counts(change):
                yield change.rid
        elif is_host(change.rid) and change.after and differs(change, OF_HOST):
            yield from (link.source for link in self._after.links_to(change.rid) if link.path == (change.rid.kind,))
        elif is_convention(change.rid) and differs(change, OF_CONVENTION):
            yield from flows_naming(self._before, change.rid)
            yield from objects(self._before, search_parties(self._before, data_parties(self._before, change.before)))

    def _counts(self, change: Change) -> bool:
        """Whether any field of equipment or a flow that matters for its cover differs, if its host is unchanged."""
        return change.after is None or differs(change, (*roles_of(self._after, change.rid.kind), "access"))

    def _losses_of(self, rid: RecordId, convention: Record | None) -> list[str]:
        """The families in which a record lost cover; if a convention changed, only between those whom it joined before:
        what else is without cover now is due to another change."""
        before, after = self._before.get(rid), self._after.get(rid)
        if before is None or after is None:
            return []
        old, new = (
            self._exchanges_without_cover(self._before, before),
            self._exchanges_without_cover(self._after, after),
        )
        lost = [key for key in new if key not in old]
        if convention is not None:
            joined = {
                (exchange.family, exchange.partners)
                for exchange in exchanges_on(self._before, before, self._on)
                for title in title_versions(self._before, convention)
                if any(title.joins(exchange.user, partner) for partner in exchange.partners)
            }
            lost = [key for key in lost if key in joined]
        return list(dict.fromkeys(family for family, _partners in lost))

    def _exchanges_without_cover(
        self, side: Registry, record: Record
    ) -> Mapping[tuple[str, tuple[str, ...]], Exchange]:
        return {
            (exchange.family, exchange.partners): exchange
            for exchange in exchanges_on(side, record, self._on)
            if not self._is_covered(side, record, exchange)
        }

    def _is_covered(self, side: Registry, record: Record, exchange: Exchange) -> bool:
        if exchange.family == "data":
            public = text(record, "access") == "public"
            return public or all(self._data[id(side)].passes(record, partner) for partner in exchange.partners)
        if exchange.through is not None and text(exchange.through, "access") == "commercial":
            return True
        return any(title.in_force(self._on) for title in titles(side).find_applicable(record, exchange))


def roles_of(side: Registry, kind: str) -> frozenset[str]:
    """The fields of a kind on which exchanges depend, and more."""
    return side.schemas.kinds[kind].roles if kind in side.schemas.kinds else frozenset()


def differs(change: Change, names: Iterable[str]) -> bool:
    """Whether one of these fields differs; all do if a side is missing."""
    if change.before is None or change.after is None:
        return True
    old, new = change.before.data, change.after.data
    return any(old.get(name) != new.get(name) for name in names)
