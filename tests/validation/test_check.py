"""The engine: findings of changes, crashes, severities, waivers. That findings of a change are the difference of two
full runs: `test_incremental.py`."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, ON, checker, registry_and_edit
from small import Runs, runs, small_registry
from stored import Unhashed

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.index import Index
from smartreg.registry import Registry, open_registry
from smartreg.rules import RuleCrash
from smartreg.schema.settings import Waiver
from smartreg.trees import MemoryTree, Tree
from smartreg.validation.check import Checker, Selection

__all__ = ["runs"]

CHECKER = checker()


def open_tree(tree: Tree, folder: Path | None = None) -> Registry:
    return open_registry(tree, Index.open(folder, ""), INDEXED)


def same(findings: Iterable[Finding]) -> dict[tuple[str, ...], Finding]:
    """What makes two findings the same fault: the alert, and what it says."""
    return {(*finding.key, finding.message.in_("en")): finding for finding in findings}


def changed_ids_of(before: Registry, after: Registry, writes: Iterable[str]) -> set[RecordId]:
    return {side.by_file[path] for side in (before, after) for path in writes if path in side.by_file}


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_the_change_of_an_edit_is_judged_by_its_records_alone(seed: int) -> None:
    texts, writes = registry_and_edit(seed)
    held = {path: text for path, text in {**texts, **writes}.items() if text is not None}
    expected = CHECKER.compare(open_tree(MemoryTree(texts)), open_tree(MemoryTree(held))).of_change().findings
    before = open_tree(Unhashed(texts))
    after = before.with_writes(writes)
    assert CHECKER.compare(before, after, changed_ids_of(before, after, writes)).of_change().findings == expected


def test_a_reference_that_is_no_id_has_one_fault() -> None:
    text = b"id: a\nnumber: 1\nbody: Ville d'Istres\nadopted_on: 2024-03-12\ntitle: A\n"
    found = CHECKER.check(open_tree(MemoryTree({"registry/deliberations/a.yaml": text}))).findings
    assert [finding.code for finding in found if finding.where.path == ("body",)] == ["REF201"]


def test_a_text_without_the_form_of_its_field_is_reported_where_it_is_no_reference() -> None:
    found = CHECKER.check(open_tree(MemoryTree({PARTY: NUMBERED.replace(b"211300471", b"x")}))).findings
    assert [finding.code for finding in found if finding.where.path == ("siren",)] == ["SCH104"]


def test_other_terms_than_those_of_the_settings() -> None:
    registry = open_tree(MemoryTree({PARTY: NUMBERED}))
    waiver = Waiver("REC110", PARTY, ON, "entered so", "the city")
    judged = CHECKER.check(registry, CHECKER.terms._replace(waivers=(waiver,)))
    assert [finding.code for finding in judged.waived] == ["REC110"]
    assert CHECKER.check(registry).waived == []


def test_another_context_with_the_same_rules() -> None:
    later = CHECKER.with_context(replace(CHECKER.context, on=date(2030, 1, 1)))
    assert later.context.on == date(2030, 1, 1)
    assert later.run.rules.codes == CHECKER.run.rules.codes


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), "error"),
        (Selection(select=("REC", "LIF606")), "error"),
        (Selection(select=("LIF",)), None),
        (Selection(ignore=("REC1",)), None),
        (Selection(ignore=("REC111",)), "error"),
        (Selection(severity={"REC110": "off"}), None),
        (Selection(severity={"REC110": "info"}, select=("REC110",)), "info"),
        (Selection(select=("REC",), ignore=("REC110",)), None),
    ],
)
def test_which_codes_count_and_how_grave_they_are(selection: Selection, expected: str | None) -> None:
    assert selection.grade("REC110", "error") == expected
    judges = Checker(CHECKER.rules, CHECKER.context, selection)
    unused_waivers_are_asked_for = bool(selection.grade("WAI902", "warning"))
    if not unused_waivers_are_asked_for:
        assert ("REC110" in judges.run.rules.codes) == (expected is not None)
    found = judges.check(open_tree(MemoryTree({PARTY: NUMBERED}))).findings
    assert [one.severity for one in found if one.code == "REC110"] == ([expected] if expected else [])


PARTY = "registry/parties/a.yaml"
NUMBERED = b'id: a\nname: A\ncategory: private\nsiren: "211300471"\n'
SOUND = NUMBERED.replace(b"471", b"470")


def test_what_an_edit_brings_and_what_it_mends() -> None:
    sides = open_tree(MemoryTree({PARTY: NUMBERED})), open_tree(MemoryTree({PARTY: SOUND.replace(b"A", b"7")}))
    changed_ids = [RecordId("party", "a")]
    for before, after in (sides, sides[::-1]):
        compared = CHECKER.compare(before, after, changed_ids)
        assert compared.fixed == CHECKER.compare(after, before, changed_ids).introduced
        assert compared.introduced == CHECKER.compare(after, before, changed_ids).fixed
    assert [one.code for one in CHECKER.compare(*sides[::-1], changed_ids).introduced] == ["REC110"]


def test_an_edit_of_schemas_is_judged_as_a_whole_each_side_by_its_own() -> None:
    schema = (
        b'{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"maxLength": 0}}}'
    )
    frame = {"schemas/party.schema.json": schema}
    commune = b'id: a\nname: A\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    before, after = open_tree(MemoryTree({PARTY: commune})), open_tree(MemoryTree({PARTY: commune, **frame}))
    own = Checker(CHECKER.rules, replace(CHECKER.context, schemas=after.schemas, config=after.config), Selection())
    of_before = (
        Checker(CHECKER.rules, replace(CHECKER.context, config=before.config), Selection()).check(before).findings
    )
    expected = same(own.check(after).findings).keys() - same(of_before).keys()
    assert expected
    assert set(same(CHECKER.compare(before, after, []).introduced)) == expected
    assert set(same(CHECKER.compare(after, before, []).fixed)) == expected


@pytest.mark.parametrize("gone", [0, 600])
def test_what_is_found_on_both_sides_is_not_new(gone: int) -> None:
    """In the settings, in records that change and in others; with many records that go, which are checked together."""
    config = b'metropole = "a"\n[programme]\nbudget_total_eur_ttc = 1\n'
    device = b"id: d\ntype: sensor\nowner: a\nstatus: active\nsupport: s1\ncost_eur: 70\n"
    support = b"id: s%d\ntype: street_light\nowner: a\nstatus: in_service\ninsee_code: '13047'\n"
    texts = {f"registry/supports/13047/s{n}.yaml": support % n for n in range(gone + 1)}
    writes: dict[str, bytes | None] = dict.fromkeys(list(texts)[1:])
    texts |= {"smartreg.toml": config, PARTY: NUMBERED, "registry/equipment/d.yaml": device}
    writes["registry/equipment/d.yaml"] = device.replace(b"70", b"80")
    before = open_tree(MemoryTree(texts))
    own = Checker(CHECKER.rules, replace(CHECKER.context, config=before.config), Selection())
    after = before.with_writes(writes)
    known, found = (same(own.check(side).findings) for side in (before, after))
    assert {"LIF612", "REC110"} <= {one.code for one in found.values()}
    compared = own.compare(before, after, changed_ids_of(before, after, writes))
    assert set(same(compared.introduced)) == found.keys() - known.keys()


def test_what_the_others_find_is_there_when_two_rules_crash() -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    registry = open_tree(MemoryTree(registry_and_edit(7)[0]))
    crashing = [code for code, rule in CHECKER.rules.items() if rule.scope == "record" and not rule.kinds][:2]
    rules = {code: rule._replace(check=crash) if code in crashing else rule for code, rule in CHECKER.rules.items()}
    others = {code: rule for code, rule in rules.items() if code not in crashing}
    with pytest.raises(RuleCrash) as crashed:
        replace(CHECKER, rules=rules).check(registry)
    assert crashed.value.findings
    assert same(crashed.value.findings) == same(replace(CHECKER, rules=others).check(registry).findings)


def test_two_processes_find_what_one_finds_and_list_the_files_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """The child, which cannot use the index, reads the text of a record that the schema refuses again."""
    texts = {f"org-{number}": f"id: org-{number}\nname: {number}.10\n" for number in range(2)}
    texts |= {"broken": "id: broken\nid: twice\n", "noted": "id: noted\nname: 1  # smartreg: ignore[SCH1] a number\n"}
    registry, log = small_registry(tmp_path / "registry", texts), tmp_path / "log"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    command = ("validate", "--json", "-C", str(registry))
    expected = runs(*command)
    shutil.rmtree(registry / ".git" / "smartreg")
    monkeypatch.setenv("PATH", str(git.parent), prepend=":")
    monkeypatch.setattr("smartreg.core.parallel.PAYS_FROM", 1)
    monkeypatch.setattr("smartreg.registry.texts.PART", 1)
    assert runs(*command) == expected
    assert expected[0] == 1
    assert log.read_text().count("ls-files -s -v") == 1
