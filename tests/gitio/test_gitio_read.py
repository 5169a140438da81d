"""Reading Git: what a repository contains, without running anything that it names (R10, R12, R14)."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from crashes import shims
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.errors import StateFault, UsageFault
from smartreg.gitio import (
    CommitMessage,
    FileChange,
    GitFailed,
    PendingReads,
    TreeEntry,
    blob_id,
    init_repo,
    open_repo,
)
from smartreg.gitio.runner import INCOMPLETE
from smartreg.trees import WorkingTree

ODD_NAMES = (
    "registry/a b.yaml",
    "registry/é.yaml",
    'registry/"q".yaml',
    "registry/line\nbreak.yaml",
    "registry/*.yaml",
)


def put(root: Path, path: str, content: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content, encoding="utf-8")


def commit_by_hand(git: Git, root: Path, message: str, *, cwd: Path | None = None, **files: str) -> str:
    for name, content in files.items():
        put(root, f"registry/{name}.yaml", content)
    git("add", "-A", cwd=cwd or root)
    git("commit", "--quiet", "--allow-empty", "-m", message, cwd=cwd or root)
    return git("rev-parse", "HEAD", cwd=cwd or root).strip()


def test_a_repository_without_a_commit(git_repo: Path) -> None:
    repo = open_repo(git_repo)
    assert (repo.head(), repo.branch(), list(repo.history())) == (None, "main", [])
    assert (repo.index(), repo.status().head) == ({}, None)
    with pytest.raises(UsageFault, match="no commit yet"):
        repo.resolve("HEAD")


@pytest.mark.parametrize("below", ["", "deep/er"])
def test_names_of_any_kind_in_tree_index_and_status(git_repo: Path, git: Git, below: str) -> None:
    root = git_repo / below
    for name in ODD_NAMES:
        put(root, name, name)
    put(root, "elsewhere/x.yaml", "not ours")
    head = commit_by_hand(git, root, "first", cwd=git_repo)
    repo = open_repo(root)
    expected = {name: TreeEntry("100644", blob_id(name.encode())) for name in ODD_NAMES}
    assert repo.tree(head) == expected
    assert repo.index() == expected
    assert not repo.status().dirty()

    for name in ODD_NAMES[:3]:
        put(root, name, "changed")
    (root / ODD_NAMES[3]).unlink()
    put(root, "registry/new\n.yaml", "")
    git("add", f":(literal){ODD_NAMES[2]}", cwd=root)
    asked = PendingReads(repo.git)
    listing, status = asked.listing(), asked.status(repo.prefix)
    assert listing.blobs == {name: entry.blob for name, entry in repo.index().items()}
    assert not listing.others
    assert status == repo.status()
    assert status.modified == set(ODD_NAMES[:2])
    assert status.deleted == {ODD_NAMES[3]}
    assert status.staged.keys() == {ODD_NAMES[2]}
    assert status.untracked == {"registry/new\n.yaml"}
    assert not status.unmerged
    assert (status.head, status.branch) == (head, "main")


def test_names_that_are_not_utf8(git_repo: Path, git: Git) -> None:
    (git_repo / "registry").mkdir()
    with open(bytes(git_repo) + b"/registry/\xff.yaml", "wb"):
        pass
    git("add", "-A")
    repo = open_repo(git_repo)
    assert list(repo.index()) == ["registry/\udcff.yaml"]
    assert repo.status().staged.keys() == {"registry/\udcff.yaml"}


def test_a_conflict_and_the_flags_that_hide_files(git_repo: Path, git: Git) -> None:
    commit_by_hand(git, git_repo, "base", a="1\n", b="b", c="c")
    git("switch", "--quiet", "-c", "side")
    commit_by_hand(git, git_repo, "side", a="2\n")
    git("switch", "--quiet", "main")
    commit_by_hand(git, git_repo, "main", a="3\n")
    subprocess.run(["git", "merge", "side"], cwd=git_repo, capture_output=True, check=False)
    git("update-index", "--assume-unchanged", "registry/b.yaml")
    git("update-index", "--skip-worktree", "registry/c.yaml")
    repo = open_repo(git_repo)
    index = repo.index()
    assert index["registry/a.yaml"].stage > 0
    assert (index["registry/b.yaml"].flag, index["registry/c.yaml"].flag) == ("h", "S")
    assert repo.status().unmerged == {"registry/a.yaml"}


def test_contents_come_in_the_order_asked(git_repo: Path, git: Git) -> None:
    contents = [f"{number}\n\0".encode() * number for number in range(700)]
    oids = [blob_id(content) for content in contents]
    for number, content in enumerate(contents):
        (git_repo / str(number)).write_bytes(content)
    git("add", "-A")
    repo = open_repo(git_repo)
    wanted = [*reversed(oids), oids[5]]
    assert list(repo.blobs(wanted)) == [*zip(reversed(oids), reversed(contents), strict=True), (oids[5], contents[5])]
    assert [content for _, content in repo.blobs([oids[600], oids[1]], limit=3)] == [contents[600][:3], contents[1]]
    assert list(repo.blobs([])) == []
    with pytest.raises(StateFault, match="is not in this repository"):
        list(repo.blobs([oids[0], "0" * 40]))


@given(st.binary(max_size=200))
def test_blob_ids_are_those_of_git(content: bytes) -> None:
    done = subprocess.run(["git", "hash-object", "--stdin"], input=content, capture_output=True, check=True)
    assert blob_id(content) == done.stdout.decode().strip()


def test_a_sha256_repository(tmp_path: Path, git: Git) -> None:
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", str(tmp_path)], check=True)
    git("config", "user.name", "Service registre", cwd=tmp_path)
    git("config", "user.email", "registre@example.org", cwd=tmp_path)
    head = commit_by_hand(git, tmp_path, "first", a="1")
    repo = open_repo(tmp_path)
    assert repo.object_format() == "sha256"
    assert repo.tree(head) == {"registry/a.yaml": TreeEntry("100644", blob_id(b"1", "sha256"))}
    assert [commit.oid for commit in repo.history()] == [head]
    assert not repo.status().dirty()


def test_revisions(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    for day, zone in (("2024-03-01", "+0100"), ("2024-03-02", "+0100"), ("2024-03-05", "-0500")):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T00:30:00{zone}")
        made[day] = commit_by_hand(git, git_repo, day)
    git("tag", "convention-2024", made["2024-03-01"])
    repo = open_repo(git_repo)
    for rev, day in (
        ("convention-2024", "2024-03-01"),
        ("HEAD~1", "2024-03-02"),
        (made["2024-03-05"][:8], "2024-03-05"),
    ):
        assert repo.resolve(rev) == made[day]
    # Days are the committer's own: 00:30 in Paris is still the day before in Greenwich.
    for asked, day in (("2024-03-01", "2024-03-01"), ("2024-03-04", "2024-03-02"), ("2030-01-01", "2024-03-05")):
        assert repo.resolve(asked) == made[day]
    for wrong in ("2024-02-29", "2024-02-30", "HEAD~9", "--help", "-x", "", "a\0b", "main:registry", "convention-2042"):
        with pytest.raises(UsageFault):
            repo.resolve(wrong)
    with pytest.raises(UsageFault) as caught:
        repo.resolve("convention-2042")
    assert caught.value.hint is not None
    assert "convention-2024" in caught.value.hint.in_("en")


@pytest.mark.parametrize("rev", ["HEAD", "main", "HEAD~0"])
def test_a_revision_that_git_could_not_look_up_is_not_called_unknown(
    git_repo: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rev: str
) -> None:
    commit_by_hand(git, git_repo, "first", a="1")
    repo = open_repo(git_repo)
    monkeypatch.setenv("PATH", shims(tmp_path, 1, "fail"))
    with pytest.raises(GitFailed, match="injected"):
        repo.resolve(rev)
    assert repo.resolve(rev) == repo.head()


@pytest.mark.promise("R10")
def test_a_revision_is_one_commit_or_refused(git_repo: Path, git: Git) -> None:
    first, head = commit_by_hand(git, git_repo, "first", a="1"), commit_by_hand(git, git_repo, "second", a="2")
    git("tag", "-a", "-m", "x", "of-a-commit")
    git("tag", "of-a-tree", "HEAD^{tree}")
    git("tag", "-a", "-m", "x", "of-a-file", "HEAD:registry/a.yaml")
    git("update-ref", "refs/heads/--all", first)
    git("checkout", "-q", "-b", "index")
    repo = open_repo(git_repo)
    for rev in ("@", "HEAD^0", "HEAD^{}", "of-a-commit", "index", "@{-1}"):
        assert repo.resolve(rev) == head
    for rev in ("HEAD^{/first}", "--all", "--all^0"):
        assert repo.resolve(rev) == first
    several = (
        "HEAD..HEAD~1",
        "HEAD~1...HEAD",
        "HEAD..",
        "..HEAD",
        "..",
        "...",
        "HEAD^@",
        "HEAD^!",
        "HEAD^-",
        "--branches",
    )
    negated = ("^HEAD", "^HEAD~1", "^@", "^^", "^", "^{commit}", "--not", "!HEAD")
    others = (
        "HEAD^{tree}",
        "HEAD^{blob}",
        "of-a-tree",
        "of-a-file",
        "HEAD:",
        "HEAD:registry/a.yaml",
        ":registry/a.yaml",
    )
    for rev in (
        *several,
        *negated,
        *others,
        ":0:registry/a.yaml",
        "",
        " ",
        "HEAD HEAD",
        "HEAD\n",
        "--",
        "-1",
        "0" * 40,
    ):
        with pytest.raises(UsageFault) as caught:
            repo.resolve(rev)
        assert caught.value.hint is not None
        assert f"did you mean {rev}?" not in caught.value.hint.in_("en")


def test_history_in_one_pass(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    message = CommitMessage("Change a", "Because:\n:100644 100644 a b M\ncommit 0000", (("Smartreg-Op", "set"),))
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2030-01-01T00:00:00+0100")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2030-01-01T00:00:00+0100")
    put(git_repo, "registry/commit b.yaml", "b")
    first = commit_by_hand(git, git_repo, "First", a="1")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T23:30:00-0500")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T23:30:00-0500")
    second = commit_by_hand(git, git_repo, message.text(), a="2")
    put(git_repo, "README", "not a record")
    commit_by_hand(git, git_repo, "Elsewhere")
    (git_repo / "registry/a.yaml").unlink()
    last = commit_by_hand(git, git_repo, "Gone")

    repo = open_repo(git_repo)
    commits = list(repo.history())
    assert [commit.oid for commit in commits] == [last, second, first]
    gone, changed, new = commits
    one, two = blob_id(b"1"), blob_id(b"2")
    assert gone.changes == (FileChange("registry/a.yaml", two, None, "100644", None),)
    assert changed.changes == (FileChange("registry/a.yaml", one, two, "100644", "100644"),)
    assert [change.path for change in new.changes] == ["registry/a.yaml", "registry/commit b.yaml"]
    assert (changed.subject, changed.body, changed.trailers) == (message.subject, message.body, message.trailers)
    assert (changed.author_name, changed.author_email) == ("Service registre", "registre@example.org")
    assert (changed.date and changed.date.isoformat(), changed.parents, changed.signed) == (
        "2001-01-01T23:30:00-05:00",
        (first,),
        False,
    )
    assert [c.oid for c in repo.history(paths=["registry/commit b.yaml"])] == [first]
    assert [c.oid for c in repo.history(since=date(2002, 1, 1))] == [first]
    assert [c.oid for c in repo.history(until=date(2001, 1, 1), start=second)] == [second]
    assert [c.oid for c in repo.history(exclude=[first])] == [last, second]
    assert repo.commit_info(second) == changed


@pytest.mark.parametrize(
    ("message", "body", "trailers"),
    [
        ("Only a subject: yes", "", ()),
        ("S\n\nA: 1\nB:2\n  and more", "", (("A", "1"), ("B", "2 and more"))),
        ("S\n\ntext\n\nA: 1\n(cherry picked from commit 12)", "text", (("A", "1"),)),
        ("S\n\nA: 1\nnot a trailer", "A: 1\nnot a trailer", ()),
        ("S\n\nA: 1\n\ntext", "A: 1\n\ntext", ()),
    ],
)
def test_trailers(git_repo: Path, git: Git, message: str, body: str, trailers: tuple[tuple[str, str], ...]) -> None:
    oid = commit_by_hand(git, git_repo, message)
    found = open_repo(git_repo).commit_info(oid)
    assert (found.body, found.trailers) == (body, trailers)


def test_merges_show_what_they_brought_to_the_first_parent(git_repo: Path, git: Git) -> None:
    base = commit_by_hand(git, git_repo, "base", a="1")
    git("switch", "--quiet", "-c", "side")
    side = commit_by_hand(git, git_repo, "side", b="2")
    git("switch", "--quiet", "main")
    main = commit_by_hand(git, git_repo, "main", c="3")
    git("merge", "--quiet", "--no-edit", "side")
    repo = open_repo(git_repo)
    merge = next(repo.history())
    assert merge.parents == (main, side)
    assert [change.path for change in merge.changes] == ["registry/b.yaml"]
    assert {commit.oid for commit in repo.history()} == {merge.oid, main, side, base}
    assert repo.merge_base(main, side) == base
    bare = [commit._replace(changes=()) for commit in repo.history()]
    assert repo.headings(merge.oid, 9) == bare
    assert repo.headings(merge.oid, 2) == bare[:2]


def test_signed_replaced_grafted_shallow_and_upstream(git_repo: Path, git: Git, tmp_path: Path) -> None:
    first = commit_by_hand(git, git_repo, "first", a="1")
    second = commit_by_hand(git, git_repo, "second", a="2")
    raw = git("cat-file", "commit", second).replace("\n\n", "\ngpgsig -----BEGIN\n \n abc\n -----END\n\n", 1)
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=git_repo,
        input=raw.encode(),
        capture_output=True,
        check=False,
    )
    git("reset", "--quiet", "--soft", made.stdout.decode().strip())
    repo = open_repo(git_repo)
    assert [commit.signed for commit in repo.history()] == [True, False]

    forged = git("commit-tree", f"{first}^{{tree}}", "-m", "forged").strip()
    git("replace", first, forged)
    put(git_repo, ".git/info/grafts", f"{made.stdout.decode().strip()}\n")
    assert [commit.subject for commit in repo.history()] == ["second", "first"]
    assert (repo.replace_refs(), repo.has_grafts()) == ((first,), True)

    (git_repo / ".git/info/grafts").unlink()
    git("replace", "-d", first)
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--depth=1", f"file://{git_repo}", str(clone))
    shallow = open_repo(clone)
    assert shallow.is_shallow()
    assert not repo.is_shallow()
    head = shallow.head()
    assert head is not None
    assert shallow.is_upstream(head)
    assert not repo.is_upstream(head)


def test_a_history_with_a_hole_is_an_error_not_a_short_history(git_repo: Path, git: Git) -> None:
    first = commit_by_hand(git, git_repo, "first", a="1")
    commit_by_hand(git, git_repo, "second", a="2")
    (git_repo / ".git/objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(StateFault):
        list(open_repo(git_repo).history())


@pytest.mark.parametrize("lacking", ["HEAD", "HEAD^{tree}", "HEAD:registry"])
def test_objects_that_are_missing_are_an_error_not_the_same_files(git_repo: Path, git: Git, lacking: str) -> None:
    first = commit_by_hand(git, git_repo, "first", a="1")
    second = commit_by_hand(git, git_repo, "second", a="2")
    oid = git("rev-parse", lacking).strip()
    (git_repo / ".git/objects" / oid[:2] / oid[2:]).unlink()
    repo = open_repo(git_repo)
    for old, new in ((first, second), (second, first)):
        with pytest.raises(GitFailed) as caught:
            repo.changes(old, new)
        assert caught.value.hint == INCOMPLETE
    with pytest.raises(GitFailed):
        repo.tree(second)


def test_a_pipe_that_git_has_closed_is_damage_and_not_a_reader_who_left(git_repo: Path) -> None:
    """Who reads our output may leave, and the program ends quietly (141)."""

    def ask() -> None:
        with open_repo(git_repo).git.conversation("cat-file", "--no-such-option") as (requests, answers):
            assert answers.read() == b""
            while True:  # its end of the other pipe may be closed a moment later
                requests.write(b"HEAD\n")
                requests.flush()

    with pytest.raises(GitFailed, match="`git cat-file` broke off, objects are missing or damaged"):
        ask()


@pytest.mark.promise("R10")
def test_reading_runs_nothing_and_writes_nothing(git_repo: Path, git: Git, tmp_path: Path) -> None:
    head = commit_by_hand(git, git_repo, "first", a="1")
    put(git_repo, "registry/.gitattributes", "* filter=evil diff=evil\n")
    commit_by_hand(git, git_repo, "second", a="2")
    mark = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >>'{mark}'\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "pre-commit"):
        shutil.copy(program, hooks / hook)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "diff.evil.textconv"),
        *("diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "gpg.program", "credential.helper"),
    ):
        git("config", key, str(program))
    git("config", "core.hooksPath", str(hooks))
    git("config", "log.showSignature", "true")
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.url", f"ext::{program}")
    put(git_repo, "registry/a.yaml", "3")
    index = (git_repo / ".git/index").read_bytes()

    repo = open_repo(git_repo)
    assert repo.status().modified == {"registry/a.yaml"}
    asked = PendingReads(repo.git)
    asked.status(repo.prefix)
    asked.listing()
    repo.tree(head)
    list(repo.history())
    repo.resolve("main")
    repo.commit_info(repo.resolve("HEAD"))
    repo.is_upstream(head)
    with pytest.raises(StateFault):
        list(repo.blobs(["1" * 40]))
    assert not mark.exists(), mark.read_text()
    assert (git_repo / ".git/index").read_bytes() == index


@pytest.mark.promise("R10")
@pytest.mark.parametrize("place", [".gitattributes", ".git/info/attributes", "core.attributesFile", "his folder"])
@pytest.mark.parametrize("line", ["* filter=ev=il", "[attr]m filter=process\n* m"], ids=["clean", "process"])
def test_no_filter_runs_whatever_file_of_attributes_names_it(
    git_repo: Path, git: Git, home: Path, place: str, line: str
) -> None:
    head = commit_by_hand(git, git_repo, "first", a="1")
    mark = home / "ran"
    git("config", "filter.ev=il.clean", f"touch '{mark}'; cat")
    git("config", "--global", "filter.process.process", f"touch '{mark}'; false")
    for name in ("ev=il", "process"):
        git("config", f"filter.{name}.required", "true")
    attributes = git_repo / place if place.endswith("attributes") else home / ".config/git/attributes"
    if place == "core.attributesFile":
        attributes = home / "attributes"
        git("config", place, str(attributes))
    put(attributes.parent, attributes.name, f"{line}\n")
    (git_repo / "registry/a.yaml").touch()

    repo = open_repo(git_repo)
    assert repo.status().modified == frozenset()
    assert repo.diff_files(head) == []
    repo.diff_files(head, staged=True)
    assert WorkingTree(repo.root, repo).read("registry/a.yaml") == b"1"
    assert not mark.exists()
    subprocess.run(["git", "status"], cwd=git_repo, capture_output=True, check=False)
    assert mark.exists(), "Git itself, asked without care, runs it"


@pytest.mark.promise("R14")
def test_places_that_are_no_working_tree(
    tmp_path: Path, git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(StateFault, match="no Git repository"):
        open_repo(tmp_path)
    with pytest.raises(StateFault, match="not a folder"):
        open_repo(tmp_path / "missing")
    git("init", "--quiet", "--bare", str(tmp_path / "bare"), cwd=tmp_path)
    with pytest.raises(StateFault, match="bare"):
        open_repo(tmp_path / "bare")
    evil = git_repo / "registry/evil"
    git("init", "--quiet", "--bare", str(evil))
    git("config", "core.bare", "false", cwd=evil)
    git("config", "core.worktree", "..", cwd=evil)
    with pytest.raises(StateFault, match="bare"):
        open_repo(evil)
    with pytest.raises(StateFault):
        open_repo(git_repo / ".git")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StateFault, match="not installed"):
        open_repo(git_repo)


@pytest.mark.promise("R10")
def test_the_environment_cannot_point_elsewhere(
    tmp_path: Path, git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = commit_by_hand(git, git_repo, "here", a="1")
    other = tmp_path / "other"
    git("init", "--quiet", str(other), cwd=tmp_path)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git/objects"))
    repo = open_repo(git_repo)
    assert (repo.top, repo.head()) == (git_repo.resolve(), here)
    assert list(repo.index()) == ["registry/a.yaml"]


def test_init_makes_a_repository_once(tmp_path: Path) -> None:
    repo = init_repo(tmp_path / "new/registry")
    assert (repo.branch(), repo.head(), repo.prefix) == ("main", None, "")
    assert init_repo(tmp_path / "new/registry") == repo
    assert init_repo(tmp_path / "new/registry/sub").prefix == "sub/"
