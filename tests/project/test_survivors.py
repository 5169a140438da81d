"""Mutants that no test notices: a reason in `trust/survivors.py` is about a mutant that there is, by its very words, or
`make trust` would call the mutant unexplained."""

from __future__ import annotations

from pathlib import Path

import pytest

TRUST = Path(__file__).parents[2] / "trust"


def test_each_reason_is_about_a_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TRUST))
    from mutants import TESTS, sample_mutants
    from survivors import REASONS

    keys = {mutant.key for module in TESTS for mutant in sample_mutants(module, None)}
    assert len(keys) > 100
    assert REASONS.keys() - keys == set()
