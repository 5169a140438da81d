"""Figures, formats and graph break off at nothing that records may say: junk in place of values, random registries."""

from __future__ import annotations

import json
from datetime import date
from random import Random

import pytest
from bilans import AT_THE_END, SETTINGS
from junk import JUNK, paths_of, replace_value
from registries import INDEXED, ON, registry_and_edit

from smartreg.domain.fields import text
from smartreg.history import Turn
from smartreg.registry import Registry, open_registry
from smartreg.reports import csv, dot, markdown, mermaid
from smartreg.reports import json as json_format
from smartreg.reports.bilan import Bilan, figures
from smartreg.reports.flow_graph import graph
from smartreg.reports.material import Delivery, Evidence, Material, Month, Period
from smartreg.tables.view import AUDIENCES, view
from smartreg.trees import MemoryTree
from smartreg.yamlio import dump


def material(registry: Registry, audience: str) -> Material:
    """The material of a registry with a history that says little."""
    devices = list(registry.of_kind("equipment"))
    evidence = Evidence(
        {one.rid.id: (Turn(date(2024, 1, 1), text(one, "status") or "?"),) for one in devices},
        (),
        (Month("2026-01", 1, (1, 2, 3)), Month("2026-02", 1, None)),
        lambda _record: None,
        {one.rid.id: Delivery(2, 1) for one in devices},
    )
    return Material(view(registry, audience), registry.config, Period(None, ON), audience, evidence, registry)


def assert_reports(registry: Registry, audience: str) -> None:
    """Compute and write everything; every number is one."""
    known = material(registry, audience)
    origin = {"registry": "x", "commit": None, "period": {"from": None, "until": ON.isoformat()}}
    bilan = Bilan(origin, tuple(figures(known)), known)
    for lang in ("en", "fr"):
        (written,) = json_format.render(bilan, lang=lang)
        assert len(json.loads(written.content)["figures"]) == 14
        assert list(markdown.render(bilan, lang=lang))
    assert list(csv.render(bilan))
    found = graph(known.view)
    assert mermaid.render(found).startswith("flowchart LR\n")
    assert dot.render(found).endswith("}\n")


@pytest.mark.parametrize("seed", range(3))
def test_random_registries(seed: int) -> None:
    for number in range(5):
        texts, _ = registry_and_edit(seed * 5 + number)
        assert_reports(open_registry(MemoryTree(texts), None, INDEXED).load_all(), AUDIENCES[seed % 3])


@pytest.mark.parametrize("seed", range(5))
def test_junk_in_place_of_values(seed: int) -> None:
    random = Random(seed)
    for _ in range(8):
        records = dict(AT_THE_END)
        for file in random.sample(sorted(records), 6):
            for path in random.sample(list(paths_of(records[file])), 3):
                if path in set(paths_of(records[file])):  # what was replaced around it is gone
                    records[file] = replace_value(records[file], path, random.choice(JUNK))
        texts = {"smartreg.toml": SETTINGS.encode(), **{file: dump(data) for file, data in records.items()}}
        assert_reports(open_registry(MemoryTree(texts), None, INDEXED).load_all(), AUDIENCES[seed % 3])
