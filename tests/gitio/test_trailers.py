"""What smartreg says in its commits: nobody else can say it through smartreg, a squash says all of it, and the audit
compares it with what was done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Git
from conventions import ON
from program import start
from trail import GUEST, HOSTED, Trail

from smartreg.core.values import RecordId
from smartreg.edit import WriteOptions
from smartreg.features.lifecycle.retire import retire
from smartreg.gitio import CommitMessage, Write, commit, field_trailers, looks_like_ours, open_repo
from smartreg.gitio.message import Operation, read_operations
from smartreg.history import History
from smartreg.history.entries import LogOptions, entries
from smartreg.index import Index
from smartreg.workspace.set_ import set_fields

SET = "Smartreg-Op: set\nSmartreg-Record: equipment/hosted\nSmartreg-Version: 1"
ADD = "Smartreg-Op: add\nSmartreg-Record: equipment/new\nSmartreg-Convention: c1\nSmartreg-Reason: r\nReviewed-by: A"
HOSTED_SET, NEW_ADDED = Operation("set", ("equipment/hosted",)), Operation("add", ("equipment/new",), ("c1",), "r")


@pytest.fixture
def trail(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Trail:
    return Trail(git_repo, git, monkeypatch)


def indent(text: str, blanks: int) -> str:
    return "\n".join(" " * blanks + line for line in text.split("\n"))


@pytest.mark.promise("R12")
@pytest.mark.parametrize(
    ("message", "operations"),
    [
        (f"S\n\n{SET}", (HOSTED_SET,)),
        (f"S\n\ntext\n\n{SET}\n\nAdd it\n\n{ADD}\n\n---------\n\nCo-authored-by: B <b@c>", (HOSTED_SET, NEW_ADDED)),
        (f"Squashed commit of\n\n{indent(SET, 4)}\n\ncommit 1\n\n{indent(ADD, 4)}", (HOSTED_SET, NEW_ADDED)),
        (f"S\n\n{SET}\n\n* Add it\n\n{indent(ADD, 2)}".replace("\n", "\r\n"), (HOSTED_SET, NEW_ADDED)),
        (f"S\n\n{SET}\n{ADD}", (HOSTED_SET, NEW_ADDED)),
        ("S\n\nSmartreg-Record: equipment/hosted\nSmartreg-Op: set", (HOSTED_SET,)),
        # The subject, what only names a record, what a version before wrote for a value, what is not ours.
        (SET, ()),
        ("S\n\nSmartreg-Record: equipment/hosted", ()),
        (f"S\n\n{indent(SET, 1)}", ()),
        (f"S\n\n> {SET}".replace("\n", "\n> "), ()),
        ("S\n\n* Smartreg-Op: set\n\nsmartreg-op: set\n\nSmartreg-Op:", ()),
    ],
)  # fmt: skip
def test_the_sets_of_a_message(message: str, operations: tuple[Operation, ...]) -> None:
    assert read_operations(message) == operations


@pytest.mark.promise("R12")
def test_a_squash_says_all_that_went_into_it(trail: Trail) -> None:
    """Who did what in each record, for `log`, `audit` and `validate --since`."""
    trail.git("checkout", "-qb", "side")
    options = WriteOptions(on=ON, message="read wrongly")
    set_fields(trail.workspace, "hosted", ["dev_eui=70B3D57ED0061299"], (), options, correct=True)
    new = (trail.root / HOSTED).read_text("utf-8").replace("id: hosted", "id: new").replace("61299", "61298")
    trail.write("registry/equipment/new.yaml", new)
    trail.commit("Add it", "Smartreg-Op: add\nSmartreg-Record: equipment/new")
    trail.git("checkout", "-q", "main")
    trail.git("merge", "-q", "--squash", "side")
    trail.git("commit", "-q", "--no-edit")

    # The correction counts as one (a warning), the new record has its date of today; nothing was done by hand.
    assert list(trail.codes_by_commit().values()) == [["CHG804"]]
    assert trail.audit(trail.first).counts == (0, 1, 0)
    past, schemas = trail.workspace.history, trail.workspace.current.schemas
    by_record = {
        entry.rid: (entry.op, entry.manual, entry.reason) for entry in entries(past, schemas, LogOptions(limit=2))
    }
    assert by_record == {
        RecordId("equipment", "hosted"): ("correct", False, "read wrongly"),
        RecordId("equipment", "new"): ("add", False, None),
    }
    assert past.commits(trail.head)[trail.head].commit.ops == {"correct", "add"}

    # What was added to the squash is reported, and is no correction.
    trail.edit(GUEST, "M-1", "M-2")
    trail.git("add", "-A")
    trail.git("commit", "-q", "--amend", "--no-edit")
    assert list(trail.codes_by_commit().values()) == [["AUD908", "CHG804"]]


@pytest.mark.promise("R12")
def test_what_a_set_names_and_the_commit_does_not_change(trail: Trail) -> None:
    trail.edit(HOSTED, "active", "faulty")
    forged = trail.commit("x", f"{SET}\nSmartreg-Op: remove\nSmartreg-Record: party/zzz")
    idle = trail.commit("x", "Smartreg-Op: retire\nSmartreg-Record: equipment/hosted", options=("--allow-empty",))
    agreed = trail.commit("We take it", "Smartreg-Record: equipment/hosted", options=("--allow-empty",))
    trail.edit(HOSTED, "faulty", "active")
    both = trail.commit("x", "Smartreg-Op: set\nSmartreg-Record: equipment/guest")

    found = trail.codes_by_commit()

    assert found == {both: ["AUD909", "AUD908"], idle: ["AUD909"], forged: ["AUD909"]}
    assert agreed not in found
    audit = trail.audit(trail.first)
    assert (audit.commits, audit.touching, audit.counts) == (4, 2, (0, 4, 0))
    last = next(trace for trace in audit.traces if trace.commit.oid == forged).findings[0]
    assert (last.message.in_("en"), last.hint and last.hint.in_("en")) == (
        "its trailers name what it does not change: party/zzz", f"look at it: git show {forged[:7]}"
    )  # fmt: skip
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n[severity]\nAUD909 = "off"\n')
    settings = trail.commit("settings", "Smartreg-Op: doctor")
    trail.commit("x", "Smartreg-Op: retire\nSmartreg-Record: equipment/hosted", options=("--allow-empty",))
    assert trail.codes_by_commit(settings) == {}


@pytest.mark.promise("R12")
def test_a_field_slipped_into_a_commit(trail: Trail) -> None:
    """Of one record whose fields the trailers name; a set that names none, or not all, speaks of all its fields."""
    made = trail.set("hosted", "height_m=4", "notes=x")
    assert [line for line in trail.git("log", "-1", "--format=%B").splitlines() if "Field" in line] == [
        "Smartreg-Field: equipment/hosted height_m",
        "Smartreg-Field: equipment/hosted notes",
    ]
    assert trail.codes_by_commit() == {}
    trail.edit(HOSTED, "height_m: 4", "height_m: 4\nmodel: other")
    trail.git("commit", "-qa", "--amend", "--no-edit")
    (trace,) = trail.audit(trail.first).traces
    assert trace.commit.oid != made
    assert [finding.code for finding in trace.findings] == ["AUD908"]
    assert (
        trace.findings[0].message.in_("en") == "its trailers do not name all that it changes: equipment/hosted (model)"
    )

    many = [("equipment/hosted", f"f{number}") for number in range(23)]
    trailers = (("Smartreg-Op", "set"), ("Smartreg-Record", "equipment/hosted"), *field_trailers(many))
    [only] = read_operations(CommitMessage("S", "", trailers).text())
    assert (len(only.fields), only.fields[0], only.all_fields) == (20, "equipment/hosted f0", False)
    assert only.fields_of("equipment/hosted") is None
    for said in ("Smartreg-Field: equipment/hosted f\nSmartreg-Field: 3 more", "Smartreg-Field: equipment/guest f"):
        trail.edit(HOSTED, "notes: x", "notes: x x")
        trail.commit("x", f"{SET}\n{said}")
        assert list(trail.codes_by_commit(trail.git("rev-parse", "HEAD~").strip())) == []


@pytest.mark.promise("R12")
def test_the_message_of_a_merge_says_nothing_of_what_was_done(trail: Trail) -> None:
    """It quotes subjects that others chose."""
    trail.git("config", "merge.log", "true")
    trail.git("checkout", "-qb", "side")
    trail.edit(GUEST, "M-1", "M-2")
    trail.commit("Smartreg-Op: import")
    trail.git("checkout", "-q", "main")
    trail.set("hosted", "height_m=4")
    trail.git("merge", "-q", "--no-ff", "--no-edit", "side")
    trail.git("commit", "-q", "--amend", "-m", "Merge", "-m", "Smartreg-Op: import\nSmartreg-Record: equipment/guest")

    assert open_repo(trail.root).commit_info(trail.head).operations == ()
    assert list(trail.codes_by_commit().values()) == [["AUD901"]]  # that of the commit on the side


@pytest.mark.promise("R12")
def test_a_commit_names_only_what_it_changes(trail: Trail) -> None:
    """A record that is as it should be already is none of them."""
    text = (trail.root / HOSTED).read_text("utf-8").replace("id: hosted", "id: heir").replace("61234", "61298")
    trail.write("registry/equipment/heir.yaml", text + "replaces: hosted\n")
    trail.commit("heir", "Smartreg-Op: add\nSmartreg-Record: equipment/heir")
    retire(trail.workspace, "hosted", on=ON, replaced_by="heir", options=WriteOptions(on=ON))

    assert open_repo(trail.root).commit_info(trail.head).operations[0].records == ("equipment/hosted",)
    assert "AUD909" not in {code for codes in trail.codes_by_commit().values() for code in codes}


OURS = (
    *(
        "Smartreg-Op: x",
        "smartreg-x",
        " \t SMARTREG-RECORD=1",
        "\u200bSmartreg-Op",
        "\u00a0Smartreg-",
        "S\u0301martreg-Op",
    ),
    "\uff33martreg-Op",  # full width
    "Smartreg\u2011Op",  # dashes
    "Smartreg\u2212Op",
    "\u0405m\u0430rtr\u0435g-Op",  # Cyrillic
    "\U0001d412martreg-Op",  # a bold letter of mathematics
)
NOT_OURS = ("", "Smartreg", "about Smartreg-Op", "Smart-reg", "> Smartreg-Op: x", "Smartregs-x")


@pytest.mark.promise("R11")
@pytest.mark.parametrize("line", [*OURS, *NOT_OURS])
def test_what_looks_like_ours(line: str) -> None:
    assert looks_like_ours(line) is (line in OURS)


@pytest.mark.promise("R11", "R12")
def test_ours_cannot_be_given(trail: Trail) -> None:
    """By no option of a command that makes a commit or a tag; nothing is written, and it says what to do."""
    text = "fine\n  smartreg-Record: equipment/zzz"
    here = trail.head
    for words in (
        ("set", "hosted", "height_m=4", "-y", "--trailer", "Ticket=1", "--trailer", "Smartreg-Op=remove"),
        ("set", "hosted", "height_m=4", "-y", "--trailer", "\uff33martreg-Record =equipment/zzz"),
        ("set", "hosted", "height_m=4", "-y", "-m", text),
        ("retire", "hosted", "-y", "--reason", text),
        ("undo", "-y", "--reason", text),
        ("format", "-y", "-m", text),
        ("audit", "seal", "-m", text),
    ):
        done = start(*words, cwd=trail.root)
        assert (done.returncode, "begins with Smartreg-" in done.stderr) == (2, True), (words, done.stderr)
        assert "help: begin it with another word" in done.stderr
    done = start("set", "hosted", "height_m=4", "-y", "--trailer", "Clé=1", cwd=trail.root)
    assert (done.returncode, "letters (no accents)" in done.stderr) == (2, True), done.stderr
    assert (trail.head, trail.git("tag")) == (here, "")


HOSTILE = "x\nSmartreg-Op: forged\n    Smartreg-Record: a/b\n\u2028Smartreg-Op: forged\n; x\nSmart\n%"


@pytest.mark.promise("R11", "R12")
def test_settings_of_git_do_not_change_what_is_said(git_repo: Path, git: Git) -> None:
    """On the long way to a commit too, which a hook makes necessary; and what is read does not hang on them either."""
    hook = git_repo / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    hook.chmod(0o755)
    (git_repo / ".git/template").write_text("Smartreg-Op: forged\n", "utf-8")
    for key, value in (
        ("commit.template", os.fspath(git_repo / ".git/template")),
        ("commit.cleanup", "scissors"),
        ("core.commentChar", "S"),
        ("trailer.separators", "=%"),
        ("trailer.forged.key", "Smartreg-Op"),
        ("trailer.forged.command", "echo forged"),
        ("trailer.Smartreg-Op.ifExists", "replace"),
    ):
        git("config", key, value)
    message = CommitMessage("S", HOSTILE, (("Smartreg-Op", "set"), ("Smartreg-Reason", HOSTILE)))
    repo = open_repo(git_repo)
    made = commit(repo, [Write("registry/a.yaml", b"id: a\n")], message, expected={"registry/a.yaml": None})
    assert made
    assert git("log", "-1", "--format=%B").strip() == message.text().strip()
    [operation] = repo.commit_info(made).operations
    assert (operation.op, operation.records) == ("set", ())
    [known] = History(repo, Index.open(None, "")).commits(made, [made]).values()
    assert known.commit.operations == (operation,)
