"""`coverage`: it says of every record what the rules say, on every day, and what an end would take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import pytest
from registries import INDEXED, registry_and_edit

from smartreg.coverage import Cover, covers_of, losses, there
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, all_rules
from smartreg.rules._conventions import titles
from smartreg.rules._days import day
from smartreg.rules._fields import ended, in_service, text
from smartreg.trees import MemoryTree
from smartreg.values import Record
from smartreg.yamlio import dump

SEEDS = range(200)
DAYS = [date(2023, 6, 1), date(2024, 6, 1), date(2026, 1, 15), date(2027, 1, 1)]
RULES = all_rules()
JUDGED = ("CON301", "CON303", "NET401", "NET406", "DAT501")


def registries() -> Iterator[Registry]:
    for seed in SEEDS:
        yield open_registry(MemoryTree(registry_and_edit(seed)[0]), None, INDEXED).load_all()


def judged_alike(registry: Registry, record: Record, on: date) -> bool:
    """Whether its status is that of the day: rules go by the status of today, cover by what was there on the day."""
    dates = (day(record, name) for name in ("decommissioned_on", "removed_on", "ended_on"))
    return there(registry, record, on) and not ended(registry, record) and not any(on < d for d in dates if d)


def by_the_rules(registry: Registry, records: Iterable[Record], on: date) -> Counter[tuple[str, str]]:
    """(code, file) of what the rules find, each place once."""
    context, found = Context(registry.schemas, registry.config, on), set()
    for code in JUDGED:
        subjects = [record for record in records if record.rid.kind in RULES[code].kinds]
        found |= {
            (code, fault.where.file, fault.where.path) for fault in RULES[code].check(registry, subjects, context)
        }
    return Counter((code, file) for code, file, _ in found)


def by_cover(registry: Registry, records: Iterable[Record], on: date) -> Counter[tuple[str, str]]:
    """The same from what the cover says."""
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        for cover in covers_of(registry, record, on):
            code = code_of(registry, cover, on)
            if code is not None:
                found[code, record.file] += 1
    return found


def code_of(registry: Registry, cover: Cover, on: date) -> str | None:
    if cover.state(on) != "uncovered":
        return None
    family, record = cover.exchange.family, cover.record
    if family == "data":
        return "DAT501"
    if family == "connectivity":
        return "NET406" if text(record, "type") == "gateway" else "NET401"
    if not cover.titles:  # a named convention between the two is judged by CON310 instead
        named = titles(registry).named(text(record, "convention"))
        return "CON301" if named is None or not named.binds(cover.exchange) else None
    last = cover.remove_by(on)
    return "CON303" if last is not None and last < on and in_service(registry, record) else None


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_cover_and_rules_agree(on: date) -> None:
    told: Counter[str] = Counter()
    for registry in registries():
        records = [record for record in registry.records() if judged_alike(registry, record, on)]
        expected = by_the_rules(registry, records, on)
        assert by_cover(registry, records, on) == expected
        told.update(code for code, _ in expected)
        told.update(cover.state(on) for record in records for cover in covers_of(registry, record, on))
    assert min(told[code] for code in ("CON301", "NET401", "DAT501")) > 5
    assert told["covered"] > 5 or on < date(2023, 12, 1)


@pytest.mark.parametrize("on", DAYS[1:3], ids=str)
def test_losses_are_what_the_rules_find_once_the_convention_has_ended(on: date) -> None:
    told: Counter[str] = Counter()
    for registry in registries():
        records = [record for record in registry.records() if judged_alike(registry, record, on)]
        covers = [cover for record in records for cover in covers_of(registry, record, on)]
        for convention in list(registry.of_kind("convention")):
            title = titles(registry).of(convention)
            lost = [loss.cover for loss in losses(registry, title, on, covers)]
            if lost:
                ended_then = {**convention.data, "status": "terminated", "terminated_on": on.isoformat()}
                after = registry.edited({convention.file: dump(ended_then)})
                new = by_the_rules(after, records, on) - by_the_rules(registry, records, on)
                codes = Counter((code, cover.record.file) for cover in lost if (code := CODES[cover.exchange.family]))
                assert sum(codes.values()) == sum(n for (code, _), n in new.items() if code != "CON303")
                told.update(cover.exchange.family for cover in lost)
    assert told["installation"] > 0
    assert told["connectivity"] + told["data"] > 0


CODES = {"installation": None, "connectivity": "NET401", "data": "DAT501"}
