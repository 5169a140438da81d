"""What was found before and is kept: the answer is that of a run without, whatever has changed since."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from registries import INDEXED, ON, SETTINGS, registry_and_edit
from stored import (
    ANNEX,
    ANNEXES,
    afresh,
    checker,
    findings_with_index,
    git_in,
    lay,
    open_there,
)

from smartreg.core.findings import Drop, Finding, Fix, Move, Put, Related, Rename, Respell, Step, finding_of, row_of
from smartreg.core.messages import Localized, verbatim
from smartreg.core.values import Location, Mark
from smartreg.gitio import open_repo
from smartreg.registry import open_registry
from smartreg.rules import Rule, all_rules
from smartreg.trees import WorkingTree, index_of
from smartreg.validation.verdicts import refresh_findings

PAGE = 16384  # bytes


def test_another_day_only_rules_that_read_the_day_are_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, _ = registry_and_edit(7)
    findings_with_index(texts, tmp_path)
    ran: set[str] = set()

    def with_log(rule: Rule) -> Rule:
        def check(*given: object) -> object:
            ran.add(rule.code)
            return rule.check(*given)

        return rule._replace(check=check)

    everything = {code: with_log(rule) for code, rule in all_rules().items()}
    monkeypatch.setattr("stored.all_rules", lambda: everything)
    findings_with_index(texts, tmp_path, on=date(2031, 6, 1))
    assert ran
    assert all(everything[code].dated for code in ran)


def test_an_annex_that_was_changed_without_a_commit_and_then_removed(tmp_path: Path) -> None:
    convention = b"id: c\ntitle: C\nparties: [a, b]\nfamilies: [data]\nstatus: draft\ndeliberations: []\n" + ANNEXES
    texts = {"registry/conventions/c.yaml": convention, ANNEX: b"a"}
    for state, commit in ((texts, True), ({**texts, ANNEX: b"b"}, False), ({**texts, ANNEX: None}, True)):
        there = {path: text for path, text in state.items() if text is not None}
        assert findings_with_index(there, tmp_path, commit=commit) == afresh(there)


def test_only_what_changed_is_read(tmp_path: Path) -> None:
    texts = {f"registry/parties/p{n}.yaml": b"id: p%d\nname: P\ncategory: commune\n" % n for n in range(20)}
    findings_with_index(texts, tmp_path)
    texts["registry/parties/p3.yaml"] += b"siren: 211300470\n"
    read: list[str] = []

    lay(texts, tmp_path)
    repo = open_repo(tmp_path)

    class Watched(WorkingTree):
        def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
            paths = list(paths)
            read.extend(path for path in paths if path.startswith("registry/"))
            return super().read_many(paths)

    index = index_of(repo)
    registry = open_registry(Watched(tmp_path, repo, index=index), index, INDEXED)
    assert checker(registry).check(registry, incremental=True) == afresh(texts)
    assert read == ["registry/parties/p3.yaml"]


def test_line_ends_that_git_does_not_see(tmp_path: Path) -> None:
    """Git goes on telling the blob of the text without CR: only the length says that the disk holds another one."""
    path, text = "registry/parties/p.yaml", b"id: p\nname: P\ncategory: commune\n"
    for state in (text, text.replace(b"\n", b"\r\n"), text):
        found = findings_with_index({".gitattributes": b"*.yaml text\n", path: state}, tmp_path)
        assert found == afresh({path: state})
        assert git_in(tmp_path)("status", "--porcelain") == ""


def test_another_day_and_other_settings_are_judged_anew(tmp_path: Path) -> None:
    texts, _ = registry_and_edit(7)
    for on in (ON, date(2031, 6, 1), ON):
        assert findings_with_index(texts, tmp_path, on=on) == afresh(texts, on)
    texts["smartreg.toml"] = SETTINGS + b'[severity]\nREF201 = "off"\n'
    assert findings_with_index(texts, tmp_path) == afresh(texts)


def test_a_check_that_is_not_incremental_stores_nothing(tmp_path: Path) -> None:
    texts, _ = registry_and_edit(7)
    registry = lay(texts, tmp_path)
    checker(registry).check(registry)
    assert refresh_findings(checker(registry).run, registry) is None
    checker(registry).check(registry, incremental=True)
    registry = open_there(tmp_path)
    assert refresh_findings(checker(registry).run, registry) is not None


def test_notes_are_counted_only_when_asked(tmp_path: Path) -> None:
    texts = {"registry/parties/unused.yaml": b"id: unused\nname: Unused\ncategory: public\nsiren: '243400017'\n"}
    first = findings_with_index(texts, tmp_path)
    registry = open_there(tmp_path)
    again = checker(registry).check(registry, incremental=True)
    assert again == first
    assert any(finding.severity == "info" for finding in again.findings)
    assert checker(registry).check(registry, incremental=True, count_notes=True).notes


def test_a_later_day_of_the_last_change_is_noticed(tmp_path: Path) -> None:
    texts = {"registry/equipment/e.yaml": b"id: e\ntype: sensor\nowner: p\nstatus: planned\n"}

    def codes_on(day: date | None) -> list[str]:
        registry = lay(texts, tmp_path)
        usual = checker(registry)
        asking = replace(usual, context=replace(usual.context, last_touched=lambda _record: day))
        return [
            finding.code for finding in asking.check(registry, incremental=True).findings if finding.code == "LIF606"
        ]

    assert [codes_on(day) for day in (None, ON, date(2020, 1, 1))] == [[], [], ["LIF606"]]


@pytest.mark.promise("R15")
@pytest.mark.parametrize(("damage", "place"), [("cut", 0.5), ("zeros", 0.2), ("zeros", 0.8), ("noise", 0.5)])
def test_a_damaged_index_changes_no_finding(damage: str, place: float, tmp_path: Path) -> None:
    texts, writes = registry_and_edit(11)
    findings_with_index(texts, tmp_path)
    (file,) = (tmp_path / ".git/smartreg").glob("*.sqlite")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    start = int(place * len(content)) // PAGE * PAGE
    if damage == "cut":
        del content[start:]
    else:
        content[start : start + PAGE] = bytes(PAGE) if damage == "zeros" else Random(1).randbytes(PAGE)
    file.write_bytes(content)
    after = {path: text for path, text in {**texts, **writes}.items() if text is not None}
    assert findings_with_index(after, tmp_path) == afresh(after)
    assert findings_with_index(texts, tmp_path) == afresh(texts)


UNUSED = b"id: unused\nname: Unused\ncategory: commune\n"
NOTED = {f"registry/parties/{name}.yaml": UNUSED.replace(b"unused", name.encode()) for name in ("a", "b", "c", "d")}
ACCEPTED = (
    SETTINGS
    + b"""
[[waiver]]
code = "REF214"
record = "party/a"
reason = "r"
decided_by = "d"
until = 2099-12-31
"""
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"registry/parties/b.yaml": None},
        {"registry/parties/b.yaml": NOTED["registry/parties/b.yaml"] + b"# smartreg: ignore[REF214] r\n"},
        {"registry/parties/e.yaml": NOTED["registry/parties/b.yaml"]},
        {"registry/equipment/x.yaml": b"id: x\nowner: c\n"},
        {"smartreg.toml": ACCEPTED},
        {"smartreg.toml": SETTINGS + b'[severity]\nREF214 = "error"\n'},
    ],
)
def test_notes_are_reported_waived_and_forgotten_like_others(
    change: Mapping[str, bytes | None], tmp_path: Path
) -> None:
    noted = {**NOTED, "smartreg.toml": SETTINGS}
    before = findings_with_index(noted, tmp_path)
    assert before == afresh(noted)
    assert [found.code for found in before.findings].count("REF214") == len(NOTED)  # type: ignore[union-attr]
    after = {path: text for path, text in {**noted, **change}.items() if text is not None}
    for _ in range(2):
        assert findings_with_index(after, tmp_path) == afresh(after)


FULL = Finding(
    "X",
    "info",
    Localized.of(en="a", fr="é"),
    Location("f\udce9", ("a", 0), True, Mark(1, 2), 3, "col"),
    Localized.of(en="h", fr="i"),
    (Related(Location("g", ("b",)), Localized.of(en="n", fr="o")),),
)


@pytest.mark.parametrize(
    "step",
    [Put(("a", 1), {"b": [1.5, None]}), Rename(("a",), "b"), Drop(("a",), (0, 2)), Move("b.yaml"), Respell()],
)
def test_a_finding_is_kept_whole(step: Step) -> None:
    for finding in (
        FULL,
        FULL._replace(fix=Fix(step, safe=False)),
        Finding("Y", "error", verbatim(""), Location("f")),
    ):
        assert finding_of(json.loads(json.dumps(row_of(finding)))) == finding
