"""Real merges in real repositories, with the driver registered as `doctor --fix` does; and settling what conflicts."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git
from program import start, write_program
from terminal import talk

from smartreg.edit.merge import Versions
from smartreg.features.merge.merge_driver import merge_driver
from smartreg.features.setup.doctor import register
from smartreg.features.setup.scaffold import ATTRIBUTES
from smartreg.gitio import open_repo
from smartreg.gitio.merge_file import LineMerger
from smartreg.yamlio import read

RECORD = "registry/equipment/istres-noise-003.yaml"
TEXT = """\
# yaml-language-server: $schema=../../schemas/equipment.schema.json
id: istres-noise-003
type: sensor
owner: istres
use_cases: [noise]
status: active  # since spring
installed_on: "2024-03-11"
mobile: true
measures:
  - property: noiseLevel
    unit: dB
"""
FILES = {
    "smartreg.toml": 'name = "Istres"\n',
    ".gitattributes": ATTRIBUTES,
    "registry/parties/istres.yaml": "id: istres\nname: Istres\ncategory: private\n",
    "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: istres\ndomain: noise\nstatus: production\n",
    RECORD: TEXT,
}
Merged: TypeAlias = subprocess.CompletedProcess[str]
Merging: TypeAlias = Callable[[str | None, str | None], Merged]


def commit(root: Path, git: Git, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "by hand")


@pytest.fixture
def root(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small registry; the driver is this program."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    commit(git_repo, git, dict(FILES))
    program = git_repo.with_name("smartreg")
    write_program(program)
    register(open_repo(git_repo), shlex.quote(str(program)))
    return git_repo


@pytest.fixture
def merging(root: Path, git: Git) -> Merging:
    """Merge a branch in which the record says `theirs` into one in which it says `ours` (None: not there)."""

    def merge(ours: str | None, theirs: str | None) -> Merged:
        git("switch", "-q", "-c", "other")
        commit(root, git, {RECORD: theirs})
        git("switch", "-q", "main")
        commit(root, git, {RECORD: ours})
        words = ["git", "merge", "--no-edit", "other"]
        return subprocess.run(words, cwd=root, capture_output=True, encoding="utf-8", check=False)

    return merge


def now(root: Path) -> str:
    return (root / RECORD).read_text(encoding="utf-8")


OURS = TEXT.replace("active  # since spring", "faulty  # since the storm")
THEIRS = TEXT.replace('"2024-03-11"', '"2024-03-12"  # as the report says')
BOTH = OURS.replace('"2024-03-11"', '"2024-03-12"  # as the report says')


def test_without_the_driver_neighbouring_fields_conflict_and_resolve_merges_them(
    root: Path, merging: Merging, git: Git
) -> None:
    git("config", "--remove-section", "merge.smartreg")

    assert merging(OURS, THEIRS).returncode == 1
    conflicted = now(root)
    assert "<<<<<<<" in conflicted
    done = start("resolve", RECORD, cwd=root)
    assert (done.returncode, now(root)) == (0, BOTH), done.stderr
    assert "All conflicts here are settled" in done.stderr
    assert git("status", "--porcelain").startswith("UU ")

    commit(root, git, {RECORD: conflicted})  # somebody committed the merge with its markers, and went on
    commit(root, git, {RECORD: conflicted.replace("mobile: true", "mobile: false")})
    done = start("resolve", RECORD, "-y", cwd=root)
    assert (done.returncode, now(root)) == (0, BOTH.replace("mobile: true", "mobile: false")), done.stderr
    assert git("log", "-1", "--format=%s") == "Settle conflicts of equipment/istres-noise-003\n"


def test_without_the_driver_lists_merge_and_what_truly_conflicts_is_left(
    root: Path, merging: Merging, git: Git
) -> None:
    git("config", "--remove-section", "merge.smartreg")
    air, heat = "  - property: NO2\n    unit: GQ\n", "  - property: temperature\n    unit: Cel\n"

    assert merging(OURS + air, THEIRS.replace("active", "removed") + heat).returncode == 1
    shown = json.loads(start("resolve", RECORD, "--json", cwd=root).stdout)
    assert [conflict["field"] for conflict in shown["conflicts"]] == ["status"]
    refused = start("resolve", RECORD, "installed_on", "--ours", cwd=root)
    assert (refused.returncode, "in conflict: status" in refused.stderr) == (2, True)
    done = start("resolve", RECORD, "status", "--ours", cwd=root)
    assert (done.returncode, now(root)) == (0, BOTH + air + heat), done.stderr


def test_neighbouring_fields_merge_with_the_driver(root: Path, merging: Merging, git: Git) -> None:
    assert merging(OURS, THEIRS).returncode == 0
    assert now(root) == BOTH
    assert git("status", "--porcelain") == ""


@pytest.mark.promise("R10")
def test_the_interpreter_may_be_anywhere(root: Path, merging: Merging, tmp_path: Path) -> None:
    python = tmp_path / 'it\'s 50%A of a "path"/python'
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
    python.chmod(0o755)
    register(open_repo(root), f"{shlex.quote(str(python))} -E -P -m smartreg")

    assert merging(OURS, THEIRS).returncode == 0
    assert now(root) == BOTH


def test_only_real_conflicts_are_marked_and_reported(root: Path, merging: Merging) -> None:
    done = merging(OURS, THEIRS.replace("active", "removed"))

    assert done.returncode == 1
    assert f"{RECORD}: both branches changed status" in done.stderr
    assert "smartreg resolve equipment/istres-noise-003 status --ours, --theirs or --value VALUE" in done.stderr
    conflict = (
        "<<<<<<< HEAD\nstatus: faulty  # since the storm\n=======\nstatus: removed  # since spring\n>>>>>>> other\n"
    )
    assert now(root) == BOTH.replace("status: faulty  # since the storm\n", conflict)
    findings = json.loads(start("validate", "--select", "YML", "--json", cwd=root).stdout)["findings"]
    assert [(found["code"], found["path"]) for found in findings] == [("YML009", "status")]


@pytest.mark.parametrize("program", ["no-such-program", "false", f"{shlex.quote(sys.executable)} -c 'import nothing'"])
def test_a_driver_that_does_not_work_loses_nothing(root: Path, merging: Merging, program: str) -> None:
    register(open_repo(root), program)

    assert merging(OURS, THEIRS).returncode == 1
    text = now(root)
    assert "since the storm" in text
    assert "as the report says" in text
    assert "<<<<<<<" in text


def test_texts_that_are_no_records_merge_line_by_line(root: Path, merging: Merging) -> None:
    assert merging(TEXT.replace("mobile", "- x\nmobile"), TEXT.replace("unit: dB", "unit: Cel")).returncode == 0
    assert now(root) == TEXT.replace("mobile", "- x\nmobile").replace("unit: dB", "unit: Cel")


def test_two_devices_under_one_id(root: Path, merging: Merging, git: Git) -> None:
    git("rm", "-q", RECORD)
    git("commit", "-qm", "gone")
    first, second = TEXT + "serial_number: A1\n", TEXT + "serial_number: B2\n"
    done = merging(first, second)

    assert done.returncode == 1
    assert "two records under one id, equipment/istres-noise-003: serial_number differ" in done.stderr
    assert now(root).endswith("<<<<<<< HEAD\nserial_number: A1\n=======\nserial_number: B2\n>>>>>>> other\n")
    git("merge", "--abort")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    published = start("rename", "equipment/istres-noise-003", "istres-noise-004", "-y", cwd=root)
    assert (published.returncode, "a record that was in service cannot be renamed" in published.stderr) == (1, True)
    git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    renamed = start("rename", "equipment/istres-noise-003", "istres-noise-004", "-y", cwd=root)
    assert renamed.returncode == 0, renamed.stderr
    assert "CHG801" not in start("audit", "--since", "HEAD~2", cwd=root).stdout
    git("merge", "--no-edit", "other")
    assert now(root) == second
    git("branch", "-D", "other")
    assert "CHG801" not in start("audit", "--since", "HEAD^1~2", cwd=root).stdout
    assert "CHG801" in start("audit", "--since", "HEAD^1~1", cwd=root).stdout, "the base holds the record"
    assert "A1" in (root / "registry/equipment/istres-noise-004.yaml").read_text()


def test_what_others_rely_on_is_not_renamed(root: Path) -> None:
    refused = start("rename", "equipment/istres-noise-003", "istres-noise-004", "-y", cwd=root)

    assert refused.returncode == 1
    assert "a record that was in service cannot be renamed" in refused.stderr


@pytest.fixture
def conflict(root: Path, merging: Merging) -> Path:
    """A merge under way: status, installed_on and an item of measures conflict."""
    ours = TEXT.replace("active", "faulty").replace("2024-03-11", "2024-03-12").replace("unit: dB", "unit: Cel")
    theirs = TEXT.replace("active", "removed").replace("2024-03-11", "2024-03-13").replace("    unit: dB\n", "")
    assert merging(ours, theirs.replace("mobile: true", "mobile: false")).returncode == 1
    return root


def test_fields_are_settled_one_by_one(conflict: Path, git: Git) -> None:
    record = "istres-noise-003"
    shown = start("resolve", record, "--json", cwd=conflict)
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["conflicts"] == [
        {"field": "status", "ours": "faulty", "theirs": "removed"},
        {"field": "installed_on", "ours": "2024-03-12", "theirs": "2024-03-13"},
        {"field": "measures[noiseLevel].unit", "ours": "Cel", "theirs": None},
    ]
    first = start("resolve", record, "installed_on", "--value", "2024-03-14", cwd=conflict)
    assert first.stderr.endswith("Still in conflict: status, measures[noiseLevel].unit\n")
    assert 'installed_on: "2024-03-14"\n' in now(conflict)
    assert now(conflict).count("<<<<<<< HEAD\n") == 2
    start("resolve", record, "measures[0].unit", "--theirs", cwd=conflict)
    last = start("resolve", RECORD, "status", "--ours", cwd=conflict)
    assert f"smartreg validate {RECORD} && git add {RECORD}" in last.stderr
    assert read(now(conflict).encode(), "").data == {
        **(read(TEXT.encode(), "").data or {}),
        "status": "faulty",
        "installed_on": "2024-03-14",
        "mobile": False,
        "measures": [{"property": "noiseLevel"}],
    }
    assert "# since spring" in now(conflict)
    assert git("status", "--porcelain").startswith("UU ")


@pytest.mark.parametrize(("side", "status", "unit"), [("--ours", "faulty", "Cel"), ("--theirs", "removed", None)])
def test_all_that_is_left_is_settled_for_one_side(
    conflict: Path, git: Git, side: str, status: str, unit: str | None
) -> None:
    assert start("resolve", RECORD, side, cwd=conflict).returncode == 0
    data = read(now(conflict).encode(), "").data or {}
    assert (data["status"], data["measures"][0].get("unit"), data["mobile"]) == (status, unit, False)
    git("add", RECORD)
    git("commit", "-qm", "merged")
    assert start("resolve", RECORD, side, cwd=conflict).returncode == 3


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["mobile", "--ours"], 2, "in conflict: status, installed_on, measures[noiseLevel].unit"),
        (["status", "--value", "actve"], 2, 'did you mean "active"?'),
        (["installed_on", "--value", "2024-13-12"], 2, "it must be a date"),
        (["--value", "x"], 2, "--value needs a field"),
        (["status", "--ours", "--theirs"], 2, "cannot be used together"),
    ],
)
def test_what_cannot_be_settled_so(conflict: Path, words: list[str], code: int, expected: str) -> None:
    before = now(conflict)
    done = start("resolve", RECORD, *words, cwd=conflict)

    assert (done.returncode, now(conflict)) == (code, before)
    assert expected in done.stderr


def test_markers_that_were_committed_are_settled_by_a_commit(root: Path, git: Git) -> None:
    commit(root, git, {RECORD: TEXT.replace("mobile: true\n", "<<<<<<< a\nmobile: true\n=======\n>>>>>>> b\n")})
    done = start("resolve", RECORD, "mobile", "--theirs", "-y", cwd=root)

    assert done.returncode == 0, done.stderr
    assert now(root) == TEXT.replace("mobile: true\n", "")
    assert git("log", "-1", "--format=%s") == "Settle conflicts of equipment/istres-noise-003\n"
    assert git("status", "--porcelain") == ""


def test_a_side_that_cannot_be_read_is_taken_as_a_whole_only(root: Path, git: Git) -> None:
    commit(
        root, git, {RECORD: TEXT.replace("mobile: true\n", "<<<<<<< a\nmobile: true\n=======\nmobile: [\n>>>>>>> b\n")}
    )
    refused = start("resolve", RECORD, "mobile", "--ours", "-y", cwd=root)

    assert refused.returncode == 3
    assert "settle it as a whole: smartreg resolve equipment/istres-noise-003 --ours" in refused.stderr
    assert start("resolve", RECORD, "--ours", "-y", cwd=root).returncode == 0
    assert now(root) == TEXT


def test_a_field_that_a_merge_of_lines_left_twice_is_no_conflict(root: Path, merging: Merging, git: Git) -> None:
    git("config", "--remove-section", "merge.smartreg")
    first, second = f"serial_number: A1\n{TEXT}", f"{TEXT}serial_number: B2\n"

    assert merging(first, second).returncode == 0
    assert now(root).count("serial_number") == 2
    done = start("resolve", RECORD, "--ours", cwd=root)
    assert (done.returncode, f"smartreg validate {RECORD} says why" in done.stderr) == (3, True)
    assert "YML002" in start("validate", RECORD, cwd=root).stdout


OTHER = "registry/equipment/istres-noise-004.yaml"


@pytest.fixture
def several(root: Path, merging: Merging, git: Git) -> Path:
    """Two records in conflict: three fields of one; the other was deleted on one branch."""
    other = TEXT.replace("noise-003", "noise-004")
    commit(root, git, {OTHER: other})
    git("switch", "-q", "-c", "aside")
    git("rm", "-q", OTHER)
    theirs = TEXT.replace("active", "removed").replace("2024-03-11", "2024-03-13").replace("    unit: dB\n", "")
    commit(root, git, {RECORD: theirs})
    git("switch", "-q", "main")
    ours = TEXT.replace("active", "faulty").replace("2024-03-11", "2024-03-12").replace("unit: dB", "unit: Cel")
    commit(root, git, {RECORD: ours, OTHER: other.replace("active", "faulty")})
    words = ["git", "merge", "--no-edit", "aside"]
    assert subprocess.run(words, cwd=root, capture_output=True, check=False).returncode == 1
    return root


def test_one_key_settles_a_field_and_nothing_is_written_before_the_last(several: Path, tmp_path: Path) -> None:
    before = now(several)
    resolve = [sys.executable, "-m", "smartreg", "resolve"]
    code, shown = talk(
        resolve,
        several,
        tmp_path,
        [
            ("1/2 equipment/istres-noise-003", ""),
            ("o  main, Service registre, ", ""),
            ("  faulty\n", ""),
            ("t  aside, Service registre, ", ""),
            ("  removed\n", ""),
            ("o, t, v another value, s skip:", "?"),
            ("v  another value", ""),
            ("s skip:", "xo"),  # no other key does anything
            ("installed_on · Installed on", ""),
            ("s skip:", "v"),
            ("Installed on: ", "<\n"),
            ("s skip:", "v"),
            ("Installed on: ", "2024-13-12\n"),
            ("Installed on: ", "2024-03-14\n"),
            ("measures[noiseLevel].unit", ""),
            ("s skip:", "t"),
            ("2/2 equipment/istres-noise-004", ""),
            ("o  keep it", ""),
            ("o, t, s skip:", "<"),
            ("measures[noiseLevel].unit", ""),
            ("s skip:", "s"),
            ("o, t, s skip:", "t"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    assert shown.endswith("Still in conflict: equipment/istres-noise-003 measures[noiseLevel].unit\n"), shown
    assert (now(several) != before, (several / OTHER).exists()) == (True, False)
    text = now(several)
    assert ("status: faulty" in text, 'installed_on: "2024-03-14"' in text, text.count("<<<<<<<")) == (True, True, 1)

    code, shown = talk([*resolve, RECORD, "--lang", "fr"], several, tmp_path, [("s passer :", "o"), ("[O/n] ", "\n")])
    assert (code, f"smartreg validate {RECORD} && git add {RECORD}" in shown) == (0, True), shown
    assert "unit: Cel" in now(several)


def test_a_record_that_is_gone_is_staged_but_not_validated(several: Path, tmp_path: Path, git: Git) -> None:
    resolve = [sys.executable, "-m", "smartreg", "resolve"]
    fields = [(value, "o") for value in ("removed\n", "2024-03-13\n", "—\n")]
    code, shown = talk(resolve, several, tmp_path, [*fields, ("o, t, s skip:", "t"), ("Write this? [Y/n] ", "\n")])

    assert (code, f"Then: smartreg validate {RECORD} && git add {RECORD} {OTHER}\n" in shown) == (0, True), shown
    assert "Checked 3 records" in start("validate", RECORD, cwd=several).stdout
    git("add", RECORD, OTHER)
    assert git("ls-files", "--unmerged") == ""


def test_nothing_is_written_where_somebody_cancels(several: Path, tmp_path: Path) -> None:
    before = now(several)
    resolve = [sys.executable, "-m", "smartreg", "resolve"]
    for last in (
        [("s skip:", "\x03")],
        [(field, "o") for field in ("removed\n", "2024-03-13\n", "—\n")] + [("delete it\n", ""), ("s skip:", "\x04")],
    ):
        code, shown = talk(resolve, several, tmp_path, last)
        assert (code, "nothing was changed" in shown, now(several)) == (130, True, before), shown
    record = f"smartreg resolve {RECORD.removeprefix('registry/').removesuffix('.yaml')}"
    answered = f"{record} status --ours && {record} installed_on --ours && {record} 'measures[noiseLevel].unit' --ours"
    assert f"with your answers: {answered}\n" in shown
    for command in answered.split(" && "):
        assert start(*shlex.split(command)[1:], cwd=several).returncode == 0
    assert "<<<<<<<" not in now(several)


def test_each_side_is_called_by_its_branch_and_author(root: Path, git: Git) -> None:
    """In a rebase, too, where Git's "ours" is the branch that one's own commits are put on."""
    (root / ".git/info/attributes").write_text("*.yaml merge=text\n", "utf-8")
    git("switch", "-q", "-c", "draft")
    for branch, name, status in (("draft", "Sam", "faulty"), ("main", "Nina", "removed")):
        git("switch", "-q", branch)
        (root / RECORD).write_text(TEXT.replace("active", status), "utf-8")
        git("-c", f"user.name={name}", "commit", "-q", "-a", "--date=2026-11-30T12:35:00+0100", "-m", status)
    git("switch", "-q", "draft")
    for words, ours, theirs in (
        (
            ["rebase", "main"],
            "main, Nina, 2026-11-30 12:35 Europe/Paris",
            "draft, being rebased, Sam, 2026-11-30 12:35 Europe/Paris",
        ),
        (["merge", "main"], "draft, Sam, 2026-11-30 12:35 Europe/Paris", "main, Nina, 2026-11-30 12:35 Europe/Paris"),
    ):
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
        assert done.returncode == 1, done.stderr
        shown = start("resolve", RECORD, cwd=root).stdout
        assert (f"--ours ({ours})" in shown, f"--theirs ({theirs})" in shown) == (True, True), shown
        git(words[0], "--abort")


def test_without_a_terminal_the_records_in_conflict_are_named(several: Path, root: Path) -> None:
    refused = start("resolve", cwd=several)
    assert (refused.returncode, f"in conflict: {RECORD}, {OTHER}" in refused.stderr) == (2, True), refused.stderr


def test_hunks_of_a_diff_name_the_field_or_the_item(root: Path, git: Git) -> None:
    (root / RECORD).write_text(TEXT.replace("unit: dB", "unit: Cel"))

    assert "@@ -11 +11 @@ measures:" not in git("diff", "-U0")
    assert "@@   - property: noiseLevel" in git("diff", "-U0")


@pytest.mark.parametrize(
    ("ours", "theirs", "keeps", "letters"), [(OURS, None, "--ours", "UD"), (None, THEIRS, "--theirs", "DU")]
)
def test_deleted_on_one_branch_and_changed_on_the_other(
    root: Path, merging: Merging, git: Git, ours: str | None, theirs: str | None, keeps: str, letters: str
) -> None:
    drops = {"--ours": "--theirs", "--theirs": "--ours"}[keeps]
    assert merging(ours, theirs).returncode == 1
    done = start("validate", "--json", cwd=root)
    codes = [(found["code"], found["file"]) for found in json.loads(done.stdout)["findings"]]
    assert (done.returncode, ("YML009", RECORD) in codes) == (1, True)
    shown = start("status", cwd=root).stdout
    assert (f"! {RECORD}" in shown, "Everything is committed" in shown) == (True, False)
    asked = start("resolve", "istres-noise-003", cwd=root)
    assert asked.returncode == 1
    assert f"keep it: smartreg resolve equipment/istres-noise-003 {keeps}" in asked.stderr

    gone = start("resolve", RECORD, drops, cwd=root)
    assert (gone.returncode, (root / RECORD).exists()) == (0, False), gone.stderr
    back = start("resolve", RECORD, keeps, cwd=root)
    assert (back.returncode, now(root)) == (0, ours or theirs)
    assert f"git add {RECORD}" in back.stderr
    assert git("status", "--porcelain").startswith(letters)
    start("resolve", RECORD, drops, cwd=root)
    git("add", RECORD)
    assert "YML009" not in start("validate", "--json", cwd=root).stdout
    git("commit", "-qm", "merged")
    assert git("ls-files", RECORD) == ""


def test_a_deleted_record_is_settled_as_a_whole(root: Path, merging: Merging) -> None:
    merging(OURS, None)
    done = start("resolve", RECORD, "status", "--ours", cwd=root)

    assert (done.returncode, "as a whole" in done.stderr) == (2, True)


HOSTILE = {
    "binary": b"id: x\0\n",
    "not UTF-8": b"id: \xff\n",
    "UTF-16": "id: x\n".encode("utf-16"),
    "nothing": b"\n",
    "markers": b"<<<<<<< a\nid: x\n=======\nid: y\n>>>>>>> b\n",
    "an alias": b"a: &a [x]\nb: *a\n",
    "no line end": b"id: x",
    "other line ends": TEXT.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_any_bytes_are_kept_or_left_in_conflict(root: Path, hostile: bytes, side: str) -> None:
    texts = Versions(TEXT.encode(), THEIRS.encode(), THEIRS.encode())._replace(**{side: hostile})
    files = Versions(*(root / f".merge_file_{name}" for name in ("base", "ours", "theirs")))
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text)
    driven = merge_driver(root, files, RECORD, LineMerger(root))

    said = read(hostile, "").data
    merged = files.ours.read_bytes()
    assert not driven.merge.clean or (said is not None and read(merged, "").data is not None)
    assert driven.merge.text == merged
    assert driven.merge.clean or b"<<<<<<<" in merged or merged == texts.ours


def test_a_clone_merges_by_field_once_the_doctor_was_there(root: Path, git: Git, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git("clone", "-q", str(root), str(clone), cwd=tmp_path)
    for name, value in (("user.name", "Service registre"), ("user.email", "registre@example.org")):
        git("config", name, value, cwd=clone)
    assert start("doctor", "--fix", "-y", cwd=clone).returncode == 0
    (clone / RECORD).write_text(OURS)
    git("commit", "-qam", "ours", cwd=clone)
    commit(root, git, {RECORD: THEIRS})
    git("pull", "-q", "--rebase", cwd=clone)

    assert (clone / RECORD).read_text() == BOTH
