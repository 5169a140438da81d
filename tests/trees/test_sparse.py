"""Checkouts that hold a part: sparse ones are read whole, partial and shallow ones say what they lack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.cli.shell import complete
from smartreg.commands.history import undo
from smartreg.commands.since import validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.errors import StateFault, UsageFault
from smartreg.edit import Outcome, WriteOptions
from smartreg.features.lifecycle.rename import rename
from smartreg.features.lifecycle.retire import remove
from smartreg.features.query.virtual_tables import QueryContext
from smartreg.gitio import open_repo
from smartreg.trees import CommitTree, WorkingTree, find_root, schema_texts
from smartreg.workspace.add import add
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
BASE, FAR, NEW = "registry/org/base.yaml", "registry/org/far/far.yaml", "registry/org/far/new.yaml"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Org",
    "x-kind": {"name": "org", "noun": "org", "folder": "org", "label": ["name"], "order": 1},
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string", "title": "Id", "maxLength": 64},
        "name": {"type": "string", "title": "Name", "maxLength": 100},
        "parent": {"type": "string", "title": "Parent", "x-ref": "org"},
    },
    "unevaluatedProperties": False,
}
FILES = {
    "smartreg.toml": 'name = "Istres"\n',
    "schemas/org.schema.json": json.dumps(SCHEMA),
    "schemas/org.fr.json": '{"title": "Organisme"}',
    BASE: "id: base\nname: Base\n",
    FAR: "id: far\nname: Far\nparent: base\n",
    "registry/org/far/annexes/plan.txt": "a plan\n",
    "registry/zone/README.md": "no kind\n",
}
NO_CONE = "git -C $(git rev-parse --show-toplevel) sparse-checkout set --no-cone"
# How a part of the files is left out, from the folder of the registry; the first is the case of old.
WAYS = {
    "no cone": "{no_cone} {top}smartreg.toml {top}schemas/ {top}registry/org/base.yaml",
    "cone": "git sparse-checkout set schemas",
    "sparse index": "git sparse-checkout set --sparse-index schemas registry/zone",
    "frame": "{no_cone} {top}registry/org/base.yaml",
    "by hand": "git update-index --skip-worktree {far} && rm {far}",
    "twice": "git update-index --skip-worktree {far} && git update-index --assume-unchanged {far} && rm {far}",
}


def lay(root: Path, git: Git) -> Path:
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "base")
    return root


@pytest.fixture(params=["", "deep/registre/"], ids=["top", "below"])
def root(request: pytest.FixtureRequest, git_repo: Path, git: Git) -> Path:
    """A registry at the top of a repository or below it, committed."""
    return lay(git_repo / request.param, git)


@pytest.fixture
def top(git_repo: Path, git: Git) -> Path:
    return lay(git_repo, git)


def leave_out(root: Path, way: str) -> None:
    subprocess.run(
        WAYS[way].format(no_cone=NO_CONE, top=f"/{open_repo(root).prefix}", far=FAR),
        shell=True,
        cwd=root,
        check=True,
        capture_output=True,
    )
    assert not (root / FAR).exists()


def texts(root: Path) -> Iterator[tuple[str, bytes]]:
    tree = WorkingTree(root, open_repo(root))
    return tree.read_many(tree.files())


@pytest.mark.promise("R14")
@pytest.mark.parametrize("way", WAYS)
def test_a_sparse_checkout_is_read_whole(root: Path, way: str) -> None:
    repo = open_repo(root)
    whole, committed = dict(texts(root)), CommitTree(repo, repo.head() or "").files()
    leave_out(root, way)
    assert find_root(root) == root.resolve()
    tree = WorkingTree(root, repo)
    assert dict(texts(root)) == whole == {path: text.encode() for path, text in FILES.items()}
    assert {path: file.blob for path, file in tree.files().items()} == {
        path: file.blob for path, file in committed.items()
    }
    assert tree.read(FAR) == WorkingTree(root, repo).read(FAR) == FILES[FAR].encode()  # listed and not
    assert WorkingTree(root, repo).read(FAR, 3) == b"id:"
    assert tree.hidden_files() == []
    with pytest.raises(FileNotFoundError):
        WorkingTree(root, repo).read(NEW)
    assert schema_texts(root) == {
        name: FILES[f"schemas/{name}"].encode() for name in ("org.fr.json", "org.schema.json")
    }
    workspace = open_workspace(root)
    assert (workspace.config.name, workspace.current.ids("org")) == ("Istres", ["base", "far"])


@pytest.mark.promise("R14")
def test_commands_say_of_a_sparse_checkout_what_they_say_of_the_whole(
    top: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out(top, "frame")
    assert "Checked 2 records: 0 errors" in start("validate", cwd=top).stdout
    assert "no record differs" in start("diff", cwd=top).stdout
    assert json.loads(start("list", "org", "-f", "json", cwd=top).stdout)["records"][1]["id"] == "far"
    assert "far,Far,base" in start("export", "-f", "csv", "-o", "-", cwd=top).stdout
    assert "+ org/x" in start("add-org", "--id", "x", "--name", "X", "-n", cwd=top).stdout
    monkeypatch.chdir(top)
    assert "org/far\n" in complete(["show", "org/"], {})
    assert complete(["add-o"], {}) == "add-org\n"


@pytest.mark.promise("R14")
def test_what_is_staged_counts_and_what_is_on_disk_comes_first(top: Path, git: Git) -> None:
    leave_out(top, "no cone")
    git("config", "sparse.expectFilesOutsideOfPatterns", "true")
    (top / FAR).parent.mkdir()
    (top / FAR).write_text("id: far\nname: On disk\n")
    assert WorkingTree(top, open_repo(top)).read(FAR) == b"id: far\nname: On disk\n"
    assert WorkingTree(top, open_repo(top)).hidden_files() == [FAR]
    (top / FAR).unlink()
    staged = git("hash-object", "-w", str(top / BASE)).strip()
    git("update-index", "--cacheinfo", f"100644,{staged},{FAR}")
    git("update-index", "--skip-worktree", FAR)
    assert WorkingTree(top, open_repo(top)).read(FAR) == FILES[BASE].encode()


@pytest.mark.promise("R2")
def test_a_file_deleted_behind_assume_unchanged_is_reported(top: Path, git: Git) -> None:
    git("update-index", "--assume-unchanged", FAR)
    (top / FAR).unlink()
    tree = WorkingTree(top, open_repo(top))
    assert FAR not in tree.files()
    assert tree.hidden_files() == [FAR]


@pytest.mark.promise("R15")
def test_attributes_that_are_left_out_hold(top: Path, git: Git) -> None:
    """A file on disk may hold other bytes than its blob where they ask for a filter."""
    (top / ".gitattributes").write_text("*.yaml filter=rot\n")
    git("add", "-A")
    git("commit", "-qm", "attributes")
    leave_out(top, "no cone")
    assert not (top / ".gitattributes").exists()
    files = WorkingTree(top, open_repo(top)).files()
    assert (files[BASE].blob, bool(files[FAR].blob)) == (None, True)


@pytest.mark.promise("R16")
def test_without_git_a_sparse_checkout_is_not_taken_for_the_whole(top: Path) -> None:
    leave_out(top, "no cone")
    (top / ".git/HEAD").rename(top / ".git/away")
    with pytest.raises(StateFault):
        open_workspace(top)


def write_far(workspace: Workspace, options: WriteOptions) -> Outcome:
    return set_fields(workspace, "far", ["name=Other"], (), options)


@pytest.mark.promise("R14")
@pytest.mark.parametrize("way", ["no cone", "cone", "by hand"])
def test_a_write_outside_of_the_sparse_checkout_is_refused_as_git_does(root: Path, git: Git, way: str) -> None:
    leave_out(root, way)
    before = git("rev-parse", "HEAD") + git("ls-files", "-sv") + git("status", "--porcelain")
    for options in (OPTIONS, WriteOptions(on=ON, commit=False)):
        with pytest.raises(StateFault, match=f"outside of the sparse checkout: {FAR}") as refusal:
            write_far(open_workspace(root), options)
    other: tuple[Callable[[], Outcome], ...] = (
        lambda: rename(open_workspace(root), "base", "basis", OPTIONS),  # far names it
        lambda: remove(open_workspace(root), "far", OPTIONS),
    )
    for refused in other:
        with pytest.raises(StateFault, match="outside of the sparse checkout"):
            refused()
    assert git("rev-parse", "HEAD") + git("ls-files", "-sv") + git("status", "--porcelain") == before
    assert refusal.value.hint is not None
    command = refusal.value.hint.in_("en").partition(": ")[2]
    subprocess.run(command, shell=True, cwd=root, check=True, capture_output=True)
    assert write_far(open_workspace(root), OPTIONS).commit
    assert git("show", "--format=", "--name-only").strip().endswith(FAR)
    assert git("status", "--porcelain") == ""


@pytest.mark.promise("R14")
@pytest.mark.parametrize("way", ["no cone", "sparse index"])
def test_a_write_inside_of_the_sparse_checkout_is_made_and_a_new_file_outside_is_refused(
    top: Path, git: Git, way: str
) -> None:
    leave_out(top, way)
    if way == "sparse index":
        git("sparse-checkout", "set", "--sparse-index", "schemas", "registry/org/far")
        assert (top / BASE).exists()
    done = set_fields(open_workspace(top), "base", ["name=Other"], (), OPTIONS)
    assert git("show", "--format=", "--name-only", done.commit or "").split() == [BASE]
    assert undo(open_workspace(top), options=OPTIONS).commit
    assert (top / BASE).read_text() == FILES[BASE]
    git("sparse-checkout", "set", "--no-cone", "/smartreg.toml", "/schemas/", f"/{BASE}")
    workspace, before = open_workspace(top), git("rev-parse", "HEAD") + git("ls-files", "-sv")
    kind = workspace.current.schemas.kinds["org"]
    with pytest.raises(StateFault, match=r"outside of the sparse checkout: registry/org/new\.yaml"):
        add(workspace, kind, {"name": "New"}, id="new", options=OPTIONS)
    assert git("rev-parse", "HEAD") + git("ls-files", "-sv") == before
    assert not (top / "registry/org/new.yaml").exists()


def clone(origin: Path, folder: Path, git: Git, *words: str) -> Path:
    git("config", "uploadpack.allowFilter", "true")
    subprocess.run(["git", "clone", "--quiet", *words, f"file://{origin}", folder], check=True, capture_output=True)
    for key, value in {"user.name": "Service registre", "user.email": "registre@example.org"}.items():
        git("config", key, value, cwd=folder)
    return folder


@pytest.mark.promise("R10")
def test_a_partial_clone_says_what_it_lacks_and_fetches_nothing(top: Path, git: Git, tmp_path: Path) -> None:
    (top / BASE).write_text("id: base\nname: Later\n")
    git("commit", "-qam", "later")
    part = clone(top, tmp_path / "part", git, "--filter=blob:none", "--sparse")
    git("sparse-checkout", "set", "--no-cone", "/smartreg.toml", "/schemas/", f"/{BASE}", cwd=part)
    objects = git("count-objects", "-v", cwd=part)
    for words in (("validate",), ("export", "-f", "csv", "-o", "-"), ("validate", "--since", "HEAD~1")):
        done = start(*words, cwd=part)
        assert (done.returncode, done.stdout) == (3, "")
        assert "git fetch --refetch --no-filter" in done.stderr
    workspace = open_workspace(part)
    with pytest.raises(StateFault, match="is not in this repository"):
        workspace.git.sizes([git("rev-parse", f"HEAD:{FAR}", cwd=part).strip()])
    assert git("count-objects", "-v", cwd=part) == objects
    # Git's maintenance after it removes what looks old, which on a day to come is everything.
    git("fetch", "--quiet", "--refetch", "--no-filter", "--no-auto-maintenance", cwd=part)
    assert validate_since(open_workspace(part), "HEAD~1", ValidateOptions(ON)).records == 2


@pytest.mark.promise("R16")
def test_a_clone_without_trees_says_what_it_lacks(top: Path, git: Git, tmp_path: Path) -> None:
    part = clone(top, tmp_path / "part", git, "--filter=tree:0", "--sparse")
    git("sparse-checkout", "set", "--sparse-index", "schemas", cwd=part)
    done = start("validate", cwd=part)
    assert done.returncode == 3
    assert "git fetch --refetch --no-filter" in done.stderr


@pytest.mark.promise("R16")
def test_a_shallow_clone_says_so_where_history_is_asked_for(top: Path, git: Git, tmp_path: Path) -> None:
    git("switch", "--quiet", "-c", "side")
    for name in ("One", "Two"):
        (top / BASE).write_text(f"id: base\nname: {name}\n")
        git("commit", "-qam", name)
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    part = clone(top, tmp_path / "part", git, "--depth=1")
    workspace = open_workspace(part)
    assert validate_since(workspace, "HEAD", ValidateOptions(ON)).records == 2
    lacking: dict[str, Callable[[], object]] = {
        "the commit before": lambda: undo(workspace, options=OPTIONS),  # it seems to have made every file
        "does not reach back to 2001": lambda: workspace.registry("2001-01-01"),
        "a part of the history": lambda: list(
            QueryContext(workspace, workspace.current, list, "en", ON).details(fields=False)
        ),
    }
    for words, asked in lacking.items():
        with pytest.raises(StateFault, match=words) as fault:
            asked()
        assert fault.value.hint is not None
        assert "git fetch --unshallow" in fault.value.hint.in_("en")
    with pytest.raises(UsageFault, match="names no commit") as unknown:
        workspace.git.resolve("HEAD~1")
    assert "git fetch --unshallow" in str(unknown.value.hint)
    merged = open_workspace(clone(top, tmp_path / "merged", git, "--depth=2"))
    with pytest.raises(StateFault, match="commits between"):  # what came and went on the side would not be seen
        validate_since(merged, "HEAD^1", ValidateOptions(ON))
    done = start("query", "SELECT count(*) FROM changes", cwd=part)
    assert (done.returncode, done.stdout) == (3, "")
    assert start("validate", cwd=part).returncode == 0


def test_a_shallow_clone_does_not_say_when_what_it_begins_with_was_recorded(
    git_repo: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day, name in (("2024-01-10", "pole"), ("2024-06-10", "other")):
        file = git_repo / f"registry/supports/{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"id: {name}\ntype: mast\nowner: istres\n")
        (git_repo / "smartreg.toml").write_text('name = "x"\n')
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00+00:00")
        git("add", "-A")
        git(
            "commit",
            "--quiet",
            "-m",
            name,
            "-m",
            f"Smartreg-Op: set\nSmartreg-Record: support/{name}\nSmartreg-Reason: seen",
        )
    part = clone(git_repo, tmp_path / "part", git, "--depth=1")
    for command in ("log", "blame"):
        said = [start(command, "pole", cwd=folder).stdout for folder in (git_repo, part)]
        assert ["or before: this clone is shallow" in text for text in said] == [False, True]
        assert ["reason: seen" in text for text in said] == [True, False]  # of the commit, for another record
    for folder, known in ((git_repo, False), (part, True)):
        text = start("show", "pole", "--on", "2024-03-01", cwd=folder).stdout
        assert "owner  istres" in text
        assert ("or before: this clone is shallow (git fetch --unshallow)" in text) == known
        assert "until then" not in text
        found = json.loads(start("show", "pole", "--on", "2024-03-01", "--json", cwd=folder).stdout)
        recorded = found["on"]["owner_recorded"]
        assert (recorded is not None and recorded["or_before"] is True) == known
