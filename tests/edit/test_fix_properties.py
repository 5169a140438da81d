"""Random registries, soiled as people soil them: what --fix makes of them is stable, and says what it said before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from registries import INDEXED, SCHEMAS, Texts, checker, random_data, registry_and_edit

from smartreg.commands.autofix import format_texts
from smartreg.core.findings import Drop, Finding, Put, Rename
from smartreg.core.values import Data, Json, KeyPath, path_text
from smartreg.edit import Edit, format_text, new_text
from smartreg.edit.autofix import AutofixResult, autofix, with_respelling
from smartreg.registry import Registry, open_registry
from smartreg.schema import Kind
from smartreg.trees import MemoryTree
from smartreg.yamlio import read

CHECKER = checker()
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller seed is no simpler registry
FILE = "registry/equipment/x.yaml"
COMMENTS = ("# why", "  # deeper", "", "#", "# - a: b", "   ")


def _lines(text: str, random: Random, soil: Callable[[str], str]) -> str:
    return "\n".join(soil(line) if random.random() < 0.4 else line for line in text.split("\n"))


def _unquote(text: str, random: Random) -> str:
    return _lines(text, random, lambda line: re.sub(r'"([\w-]+)"$', r"\1", line))


def _lower(text: str, random: Random) -> str:
    return _lines(text, random, lambda line: line.lower() if "eui" in line else line)


def _add_comments(text: str, random: Random) -> str:
    rows: list[str] = []
    for line in text.split("\n"):
        if random.random() < 0.3:
            rows.append(random.choice(COMMENTS))
        rows.append(f"{line}  # beside" if line and random.random() < 0.2 and "|" not in line else line)
    return "\n".join(rows)


def _misspelt(text: str, random: Random) -> str:
    return _lines(
        text, random, lambda line: re.sub(r"^(\w)(\w+): ([a-z])", lambda m: f"{m[1]}{m[2]}: {m[3].upper()}", line)
    )


def _other_keys(text: str, random: Random) -> str:
    return _lines(text, random, lambda line: re.sub(r"^([a-z])(\w+):", lambda m: f"{m[1].upper()}{m[2]}:", line))


def _repeat_items(text: str, random: Random) -> str:
    return _lines(text, random, lambda line: f"{line}\n{line}" if re.match(r" +- [\w-]+$", line) else line)


def _windows(text: str, _random: Random) -> str:
    return text.replace("\n", "\r\n")


def _add_bom(text: str, _random: Random) -> str:
    return f"\ufeff{text}"


def _cut(text: str, _random: Random) -> str:
    return text.rstrip("\n")


# A record that is being written is news of itself; these say that there is none (decision 0011).
SILENCE = ("LIF606", "LIF609")
SOILS = (_unquote, _lower, _add_comments, _misspelt, _other_keys, _repeat_items, _windows, _add_bom, _cut)


def shuffle_keys(random: Random, value: Json) -> Json:
    """The same data with the keys of every mapping in another order."""
    if isinstance(value, Mapping):
        return {key: shuffle_keys(random, value[key]) for key in random.sample(list(value), len(value))}
    return [shuffle_keys(random, item) for item in value] if isinstance(value, list) else value


def soil(random: Random, text: bytes) -> bytes:
    decoded = text.decode()
    for soil in random.sample(SOILS, random.randint(0, 4)):
        decoded = soil(decoded, random)
    return decoded.encode()


def soiled_registry(seed: int) -> Texts:
    """A random registry whose texts are soiled, some of them in files that end in .yml."""
    random = Random(seed)
    texts: Texts = {}
    for file, text in registry_and_edit(seed)[0].items():
        end = ".yml" if file.endswith(".yaml") and random.random() < 0.1 else ""
        readable = file.startswith("registry/") and read(text, file).data is not None
        texts[file.removesuffix(".yaml") + end if end else file] = soil(random, text) if readable else text
    return texts


def open_texts(texts: Mapping[str, bytes]) -> Registry:
    return open_registry(MemoryTree(texts), None, INDEXED)


def findings_of(registry: Registry) -> list[Finding]:
    return with_respelling(registry, CHECKER.check(registry).findings)


def after_fix(registry: Registry, findings: list[Finding], *, unsafe: bool) -> tuple[AutofixResult, Registry]:
    fixes = autofix(registry, CHECKER, findings, unsafe=unsafe)
    writes = {**fixes.draft.writes, **format_texts(registry, lambda _file: True, fixes.draft)}
    return fixes, registry.with_writes(writes)


def leaves(value: Json, path: KeyPath = ()) -> dict[KeyPath, Json]:
    """Every scalar by its key path, with its type, so that 1 and true are two things."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {path: (type(value), value)}
    return {deep: found for step, item in items for deep, found in leaves(item, (*path, step)).items()}


@settings(max_examples=30, phases=NO_SHRINKING)
@given(st.integers(0, 2**32))
def test_a_canonical_text_says_the_same_and_is_stable(seed: int) -> None:
    random = Random(seed)
    kind = random.choice(list(SCHEMAS.kinds.values()))
    data = shuffle_keys(random, {"id": "x", **random_data(random, kind)})
    text = soil(random, new_text_as_it_comes(kind, data))
    said = read(text, FILE).data
    form = format_text(kind, text, FILE)
    assert read(form, FILE).data == said
    assert format_text(kind, form, FILE) == form
    assert sorted(comments(form)) == sorted(comments(text)) or said is None


def new_text_as_it_comes(kind: Kind, data: Data) -> bytes:
    """The text of a new record with its keys in the order of the data."""
    rows = [new_text(kind, {key: value}, FILE).split(b"\n", 1)[1] for key, value in data.items()]
    return new_text(kind, {}, FILE).split(b"\n", 1)[0] + b"\n" + b"".join(rows)


def comments(text: bytes) -> list[str]:
    return re.findall(r"(?m)(?:^|(?<= ))#.*?(?=[ \t\r]*$)", text.decode().removeprefix("\ufeff"))


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@settings(max_examples=1, phases=NO_SHRINKING)  # beside the example; `make trust` tries 20 seeds
@given(seed=st.integers(0, 2**32))
@example(seed=7140626)  # a finding of one fix names the file of another, which is good
def test_a_fix_brings_no_finding_and_leaves_nothing_to_fix(unsafe: bool, seed: int) -> None:
    registry = open_texts(soiled_registry(seed))
    before = findings_of(registry)
    fixes, fixed = after_fix(registry, before, unsafe=unsafe)
    found = findings_of(fixed)
    draft = fixes.draft
    edit = Edit("fix", (), {}, "", moved=draft.moved, uncovered=draft.uncovered)
    old = {(one.code, edit.moved.get(one.where.file, one.where.file), one.where.path) for one in before}
    new = [one for one in found if (one.code, one.where.file, one.where.path) not in old]
    assert [one for one in new if one.code not in SILENCE and not edit.uncovers(one.where)] == []
    again, same = after_fix(fixed, found, unsafe=unsafe)
    assert again.fixed == ()
    assert {file: same.tree.read(file) for file in same.by_file} == {
        file: fixed.tree.read(file) for file in fixed.by_file
    }


@settings(max_examples=2, phases=NO_SHRINKING)
@given(seed=st.integers(0, 2**32))
def test_only_the_values_that_the_findings_name_are_other_ones(seed: int) -> None:
    registry = open_texts(soiled_registry(seed))
    fixes, fixed = after_fix(registry, findings_of(registry), unsafe=False)
    named: dict[str, list[KeyPath]] = {}
    for found in fixes.fixed:
        step = found.fix.step if found.fix else None
        file = fixes.draft.moved.get(found.where.file, found.where.file)
        if isinstance(step, Put):
            named.setdefault(file, []).append(step.path)
        elif isinstance(step, Rename):
            named.setdefault(file, []).extend([step.path, (*step.path[:-1], step.name)])
        elif isinstance(step, Drop):
            named.setdefault(file, []).append(step.path)
    for file, rid in registry.by_file.items():
        now = fixes.draft.moved.get(file, file)
        record, after = registry.at(file), fixed.at(now)
        if record is None:
            continue
        assert after is not None, rid
        was, is_ = leaves(record.data), leaves(after.data)
        changed = {path for path in was.keys() | is_.keys() if was.get(path) != is_.get(path)}
        free = named.get(now, [])
        assert {path_text(path) for path in changed if not any(path[: len(one)] == one for one in free)} == set()
