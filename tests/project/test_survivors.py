"""Mutants that no test notices: a reason in `trust/survivors.py` is about a mutant that there is, by its very words, or
`make trust` would call the mutant unexplained."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

TRUST = Path(__file__).parents[2] / "trust"


def test_each_reason_is_about_a_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TRUST))
    mutants, survivors = import_module("mutants"), import_module("survivors")

    keys = {mutant.key for module in mutants.TESTS for mutant in mutants.sample_mutants(module, None)}
    assert len(keys) > 100
    assert survivors.REASONS.keys() - keys == set()
