"""The inputs that fuzzing starts from, and those that once broke something: each by each target it is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_targets import TARGETS

SEEDS = sorted(path for path in (Path(__file__).parents[1] / "fuzz").glob("*/*"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_seed_comes_to_a_verdict(seed: Path) -> None:
    TARGETS[seed.parent.name](seed.read_bytes())


def test_each_target_has_seeds() -> None:
    assert {seed.parent.name for seed in SEEDS} == TARGETS.keys()
