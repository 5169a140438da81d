"""No rule breaks off, whatever the records say: every value of the example records replaced by junk, one at a time, and
several at once in records that name each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junk import JUNK, paths_of, replace_value
from registries import INDEXED, SCHEMAS, Texts, checker, registry_and_edit

from smartreg.core.messages import verbatim
from smartreg.core.values import Data, Json
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, Rule, RuleCrash
from smartreg.schema import Kind
from smartreg.trees import MemoryTree
from smartreg.yamlio import dump, read

ROOT = Path(__file__).parents[2]
EXAMPLES = (
    *(
        "conventions/demo-convention-istres",
        "deliberations/demo-deliberation-istres",
        "equipment/demo-istres-noise-001",
    ),
    *("equipment/demo-istres-gateway-001", "flows/demo-istres-noise-levels", "networks/demo-lorawan", "parties/istres"),
    *("supports/13047/demo-istres-ep-001", "supports/13047/demo-istres-mat-001", "use-cases/noise-observatory"),
)
CHECKER = checker()


def examples() -> dict[str, Data]:
    """Records of this repository's own registry, by file."""
    files = [f"registry/{name}.yaml" for name in EXAMPLES]
    return {file: read((ROOT / file).read_bytes(), file).data or {} for file in files}


RECORDS = examples()
SETTINGS = (ROOT / "smartreg.toml").read_bytes()


def open_records(records: Mapping[str, Data]) -> Registry:
    texts = {file: dump(data) for file, data in records.items()}
    return open_registry(MemoryTree({"smartreg.toml": SETTINGS, **texts}), None, INDEXED)


def whole(kind: Kind) -> Data:
    """A record with every field of its kind, as the examples of the schema have them."""
    data: dict[str, Json] = {}
    for field in kind.fields:
        name, known = field.path[0], field.schema.get("examples")
        if len(field.path) == 1 and known:
            data[name] = known[0]
        elif len(field.path) == 2 and known and isinstance(data.setdefault(name, {}), dict):
            data[name] = {**data[name], field.path[1]: known[0]}
        elif len(field.path) == 3 and field.path[1] == "[]" and known:
            (item,) = data.setdefault(name, [{}])[:1]
            data[name] = [{**item, field.path[2]: known[0]}]
    return {**data, "id": f"whole-{kind.folder}"}


def with_whole_records() -> dict[str, Data]:
    made = [(kind, whole(kind)) for kind in SCHEMAS.kinds.values()]
    return {**RECORDS, **{f"registry/{kind.folder}/{data['id']}.yaml": data for kind, data in made}}


ALL = with_whole_records()
STEPS = (15, pytest.param(1, marks=pytest.mark.long))  # junk takes every fifteenth place; in `make trust`, every one
ROUNDS = max(len(list(paths_of(data))) for data in ALL.values())


@pytest.mark.promise("R8")
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("start", range(len(JUNK)))
def test_junk_in_the_place_of_every_value(start: int, step: int) -> None:
    """In each round another place of every record holds the junk; where it does not take all, the next begins one place
    further on, so that all places of all records hold two kinds of it."""
    junk, sound = JUNK[start], sound_registry()
    for number in range(start % step, ROUNDS, step):
        broken = sound.with_writes({file: dump(spoilt(data, number, junk)) for file, data in ALL.items()})
        CHECKER.check(broken)
        CHECKER.compare(sound, broken).of_change()
        CHECKER.compare(broken, sound).of_change()


@cache
def sound_registry() -> Registry:
    return open_records(ALL).load_all()


def spoilt(data: Data, number: int, junk: Json) -> Json:
    places = list(paths_of(data))
    return replace_value(data, places[number % len(places)], junk)


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_junk_in_random_records_that_name_each_other(seed: int) -> None:
    """Some hold one piece of junk and the others none, so that rules meet it in the records that they look up."""
    random = Random(seed)
    texts, writes = registry_and_edit(seed)
    before = open_registry(MemoryTree(texts), None, INDEXED).load_all()
    after = before.with_writes(writes).with_writes(spoilt_texts(random, texts))
    CHECKER.check(after)
    CHECKER.compare(before, after).of_change()
    assert isinstance(CHECKER.compare(before, after).introduced, list)


def spoilt_texts(random: Random, texts: Texts) -> Texts:
    read_again = {file: read(text, file).data for file, text in texts.items() if file.endswith(".yaml")}
    chosen = [file for file, data in read_again.items() if data and random.random() < 0.2]
    return {file: dump(spoilt(read_again[file] or {}, random.randrange(99), random.choice(JUNK))) for file in chosen}


@pytest.mark.parametrize("on", [date.min, date.max])
@pytest.mark.parametrize(
    "text",
    [
        "[thresholds]\nexpiry_days = 999999999999\nstale_months = 999999999999",
        "[thresholds]\nmutualisation_m = 0\nsupport_distance_m = 0\ncommune_distance_km = 0",
        "[programme]\nfrom = 0001-01-01\nuntil = 9999-12-31\nbudget_total_eur_ttc = 0",
        "[territory]\nepci_siren = 'x'",
        "metropole = ''\nthird_party_categories = ['x']",
    ],
)
def test_settings_at_the_edge(text: str, on: date) -> None:
    texts = {"smartreg.toml": text.encode(), **{file: dump(data) for file, data in ALL.items()}}
    registry = open_registry(MemoryTree(texts), None, INDEXED)
    judging = replace(CHECKER, context=Context(registry.schemas, registry.config, on))
    assert judging.check(registry)


@pytest.mark.promise("R16")
def test_a_rule_that_cannot_bear_junk_would_be_found() -> None:
    naive = Rule("OWN901", "error", "record", (), verbatim("x"), lambda record, _: record.data["status"].upper(), "")
    judging = replace(CHECKER, rules={"OWN901": naive})
    with pytest.raises(RuleCrash) as crash:
        judging.check(open_records({file: {**data, "status": 7} for file, data in ALL.items()}))
    assert crash.value.record is not None
