"""What a change does to the findings is the difference of two full runs, over random steps and all rules: of generated
registries, with every kind of record, and of the cases of each rule, in which it has much to say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import ON, SETTINGS, Texts, registry_and_edit
from stored import ANNEX, ANNEXES, Unhashed, afresh, change_texts, checker, findings_with_index, open_tree

from smartreg.core.values import RecordId
from smartreg.registry import Registry
from smartreg.rules import all_rules
from smartreg.trees import MemoryTree
from smartreg.validation.check import by_identity

CASES = Path(__file__).parents[1] / "rules"
DAYS = (ON, ON, date(2027, 3, 1), date(2031, 6, 1))
RECORDS, OUTLINES = (".yaml", ".yml"), ".geojson"


def random_states(seed: int, count: int) -> Iterator[Texts]:
    """The files of a registry, and after each of so many steps: records tweaked, taken from elsewhere, moved, swapped,
    broken or gone, files that are none, settings."""
    random = Random(seed)
    if random.random() < 0.5:
        texts, writes = registry_and_edit(seed)
        for path in [path for path in texts if path.startswith("registry/conventions/")]:
            texts[path] += ANNEXES
        goals = [{path: text for path, text in {**texts, **writes}.items() if text is not None}]
        texts |= {ANNEX: b"a", "smartreg.toml": SETTINGS}
    else:
        goals = cases(random.choice(sorted(all_rules()))) or cases("CON301")
        texts = random.choice(goals)
    yield texts
    for _ in range(count):
        texts = step(random, texts, random.choice(goals))
        yield texts


def step(random: Random, texts: Texts, goal: Texts) -> Texts:
    if random.random() < 0.3:
        return change_texts(random, texts, {}) if any(path.endswith(RECORDS) for path in texts) else texts
    after: dict[str, bytes | None] = dict(texts)
    differing = sorted(path for path in {*texts, *goal} if texts.get(path) != goal.get(path))
    chosen = random.sample(differing, min(len(differing), random.randint(0, 2)))
    if any(path == "smartreg.toml" or path.endswith(OUTLINES) for path in chosen):  # settings are read with theirs
        chosen += [path for path in differing if path == "smartreg.toml" or path.endswith(OUTLINES)]
    for path in chosen:
        after[path] = goal.get(path)
    records = [path for path in texts if path.endswith(RECORDS) and after.get(path)]
    for path in random.sample(records, min(len(records), random.randint(1, 2))):
        after[path] = tweak(random, texts[path], [texts[record] for record in records])
    return {path: text for path, text in after.items() if text is not None}


@cache
def cases(code: str) -> list[Texts]:
    """The little registries of a rule: right, wrong, before and after."""
    roots = sorted({place.parent for place in (CASES / code).rglob("registry")})
    found = [
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in roots
    ]
    return [texts for texts in found if all(b"\0" not in text for text in texts.values())]


def tweak(random: Random, text: bytes, others: list[bytes]) -> bytes | None:
    """A record without one of its fields, with one of another record, or gone."""
    blocks, alien = (re.split(rb"(?m)^(?=[a-z_]+:)", some) for some in (text, random.choice(others)))
    how, at = random.randrange(4), random.randrange(len(blocks))
    field = random.choice(alien)
    if how == 0:
        return None
    if how == 1:
        return b"".join((*blocks[:at], *blocks[at + 1 :]))
    kept = [block for block in blocks if block.split(b":")[0] != field.split(b":")[0]]
    return b"".join(kept).rstrip() + b"\n" + field


def open_somehow(random: Random, texts: Texts) -> Registry:
    how = random.randrange(3)
    tree = Unhashed(texts) if how == 0 else MemoryTree(texts)
    return open_tree(tree, None).load_all() if how == 1 else open_tree(tree, None)


@pytest.mark.promise("R15")
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32))
def test_findings_after_each_step_are_those_of_a_full_run(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, random = tmp_path_factory.mktemp("stored"), Random(seed)
    for texts in random_states(seed, 4):
        on = random.choice(DAYS)
        assert findings_with_index(texts, folder, on, commit=random.random() < 0.5) == afresh(texts, on)


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32))
def test_findings_of_a_change_are_the_difference_of_two_full_runs(seed: int) -> None:
    random = Random(seed)
    for texts, edited in pairwise(random_states(seed, 3)):
        # Other settings and other schemas are checked in full on both sides, each by its own.
        frame = {path: text for path, text in texts.items() if is_in_frame(path)}
        records = {path: text for path, text in edited.items() if not is_in_frame(path)}
        edited = {**records, **frame, "smartreg.toml": texts.get("smartreg.toml", b"")}
        writes = {path: edited.get(path) for path in {*texts, *edited} if texts.get(path) != edited.get(path)}
        assert_difference(random, texts, edited, writes)


def is_in_frame(path: str) -> bool:
    """Whether a file decides how records are checked; outlines, because settings name them."""
    return path.startswith("schemas/") or path.endswith(OUTLINES)


def assert_difference(random: Random, texts: Texts, edited: Texts, writes: Mapping[str, bytes | None]) -> None:
    before = open_somehow(random, texts)
    usual, after = checker(before), before.with_writes(writes)
    changed = {side.by_file[path] for side in (before, after) for path in writes if path in side.by_file}
    change = usual.compare(before, after, changed, set(writes))
    old, new = (by_identity(usual.check(open_tree(MemoryTree(files), None)).findings) for files in (texts, edited))
    assert waivable(by_identity(change.introduced)) == waivable(new.keys() - old.keys())
    assert waivable(by_identity(change.fixed)) == waivable(old.keys() - new.keys())


def waivable(findings: object) -> set[tuple[object, ...]]:
    """Findings but those on waivers, which need all findings of a registry."""
    return {key for key in findings if not str(key[0]).startswith("WAI")}  # type: ignore[attr-defined]


AIR, TOWN = (
    b"id: air\nname: Bureau d'etudes air\ncategory: private\n",
    b"id: town\nname: Ville\ncategory: commune\n",
)
ON_DATA = b"""\
id: data
title: Data of the town
parties: [air, town]
families: [data]
status: signed
signed_on: "2023-12-01"
"""
OPEN_FLOW = b"""\
id: levels
title: Noise levels
producer: air
access: public
licence: etalab-2.0
personal_data: {involved: false}
status: active
"""


def test_a_third_party_is_judged_again_when_a_convention_on_data_no_longer_binds_it() -> None:
    """Its flow names neither the convention nor anybody else: no other party of the convention leads to it."""
    texts = {
        "registry/parties/air.yaml": AIR,
        "registry/parties/town.yaml": TOWN,
        "registry/conventions/data.yaml": ON_DATA,
        "registry/flows/levels.yaml": OPEN_FLOW,
    }
    writes = {"registry/conventions/data.yaml": ON_DATA.replace(b"[air, town]", b"[town]")}
    before = open_tree(MemoryTree(texts), None)
    change = checker(before).compare(before, before.with_writes(writes), [RecordId("convention", "data")])
    files = [finding.where.file for finding in change.introduced if finding.code == "DAT503"]
    assert files == ["registry/flows/levels.yaml"]
    assert_difference(Random(0), texts, {**texts, **writes}, writes)
