"""Writing through Git: one commit of exactly the named files, or everything as before (R1, R2, R3, R12, R14)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Git
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.errors import StateFault
from smartreg.gitio import CommitMessage, Write, commit, committing, open_repo, preflight, refusals

BASE, NEW = "registry/equipment/base.yaml", "registry/equipment/new.yaml"
TEXT = b'id: "base"\n'
MESSAGE = CommitMessage("Add equipment/new", "Why.", (("Smartreg-Op", "add"), ("Smartreg-Record", "equipment/new")))


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry of one committed record."""
    path = git_repo / BASE
    path.parent.mkdir(parents=True)
    path.write_bytes(TEXT)
    git("add", "-A")
    git("commit", "--quiet", "-m", "base")
    return git_repo


def state(root: Path) -> dict[str, object]:
    """All that a refused command must leave alone: HEAD, index, status, files and their permissions."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False).stdout

    files = {
        str(path.relative_to(root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
        if ".git" not in path.relative_to(root).parts
    }
    return {
        "head": git("rev-parse", "HEAD"),
        "index": git("ls-files", "-s", "-v"),
        "status": git("status", "--porcelain", "-uall"),
        "files": files,
        "journal": sorted(path.name for path in root.glob(".git/smartreg/write/*")),
    }


def add(root: Path, path: str = NEW, content: bytes = b"id: new\n") -> str | None:
    return commit(open_repo(root), [Write(path, content)], MESSAGE, expected={path: None})


def update(root: Path, content: bytes = b"id: changed\n", path: str = BASE) -> str | None:
    return commit(open_repo(root), [Write(path, content)], MESSAGE, expected={path: TEXT})


def paths_of(git: Git, root: Path, rev: str = "HEAD") -> list[str]:
    return git("diff-tree", "--root", "--no-commit-id", "--name-only", "-r", rev, cwd=root).split()


@pytest.mark.promise("R2")
def test_one_commit_of_exactly_the_named_files(root: Path, git: Git) -> None:
    before = git("rev-parse", "HEAD").strip()
    writes = [Write(NEW, b"new\n"), Write(BASE, None), Write("registry/party/a/b.yaml", b"b\n")]
    made = commit(open_repo(root), writes, MESSAGE, expected={NEW: None, BASE: TEXT, "registry/party/a/b.yaml": None})
    assert made == git("rev-parse", "HEAD").strip()
    assert git("rev-parse", "HEAD~1").strip() == before
    assert paths_of(git, root) == [BASE, NEW, "registry/party/a/b.yaml"]
    assert git("status", "--porcelain") == ""
    assert git("log", "-1", "--format=%B").strip() == MESSAGE.text().strip()
    assert (
        git("log", "-1", "--format=%an <%ae> %cn").strip() == "Service registre <registre@example.org> Service registre"
    )
    assert list(root.glob(".git/smartreg/write/*")) == []


def test_the_first_commit_of_all(git_repo: Path, git: Git) -> None:
    assert add(git_repo) == git("rev-parse", "HEAD").strip()
    assert git("status", "--porcelain") == ""


def test_a_registry_in_a_folder_of_the_repository(root: Path, git: Git) -> None:
    below = root / "registre"
    below.mkdir()
    add(below)
    assert paths_of(git, root) == ["registre/" + NEW]


def test_many_files(root: Path, git: Git) -> None:
    writes = [Write(f"registry/party/{number:03}.yaml", b"%d\n" % number) for number in range(300)]
    expected = dict.fromkeys((write.path for write in writes), None)
    commit(open_repo(root), writes, MESSAGE, expected=expected)
    again = [Write(write.path, b"again\n") for write in writes[:250]]
    commit(open_repo(root), again, MESSAGE, expected=dict(writes))
    assert len(paths_of(git, root)) == 250
    assert git("status", "--porcelain") == ""


def test_nothing_to_change_makes_no_commit(root: Path) -> None:
    before = state(root)
    assert update(root, TEXT) is None
    assert state(root) == before


def test_files_only(root: Path, git: Git) -> None:
    git("checkout", "--quiet", "--detach")
    head = git("rev-parse", "HEAD")
    (root / BASE).write_bytes(b"mine\n")
    writes = [Write(BASE, b"changed\n"), Write(NEW, b"new\n")]
    assert commit(open_repo(root), writes, MESSAGE, expected={BASE: b"mine\n", NEW: None}, make_commit=False) is None
    assert ((root / BASE).read_bytes(), (root / NEW).read_bytes()) == (b"changed\n", b"new\n")
    assert git("rev-parse", "HEAD") == head
    assert git("status", "--porcelain", "-uall").splitlines() == [f" M {BASE}", f"?? {NEW}"]


def test_permissions_of_a_file_stay(root: Path, git: Git) -> None:
    (root / BASE).chmod(0o640)
    update(root)
    assert (root / BASE).stat().st_mode & 0o777 == 0o640
    assert git("status", "--porcelain") == ""


@pytest.mark.promise("R2")
@pytest.mark.parametrize("refused", [False, True])
def test_work_of_the_user_keeps_its_bytes_and_its_state(root: Path, git: Git, refused: bool) -> None:
    (root / "staged.txt").write_text("staged")
    (root / "both.txt").write_text("staged")
    git("add", "-A")
    (root / "both.txt").write_text("and more")
    (root / "untracked.txt").write_text("untracked")
    (root / "smartreg.toml").write_text("intended")
    git("add", "--intent-to-add", "smartreg.toml")
    if refused:
        hook(root, "pre-commit", "exit 1")
    before = state(root)
    if refused:
        with pytest.raises(StateFault):
            add(root)
        assert state(root) == before
        return
    add(root)
    assert paths_of(git, root) == [NEW]
    after = state(root)
    assert after["status"] == before["status"]
    assert git("show", ":both.txt") == "staged"


def hook(root: Path, name: str, script: str) -> None:
    path = root / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg"])
def test_a_hook_that_refuses(root: Path, name: str) -> None:
    hook(root, name, "printf 'POLICY \\033[31m says no' >&2; exit 1")
    before = state(root)
    for attempt in (add, update):
        with pytest.raises(StateFault, match=r"POLICY .u001b.31m says no"):
            attempt(root)
        assert state(root) == before
    with pytest.raises(StateFault):
        commit(open_repo(root), [Write(BASE, None)], MESSAGE, expected={BASE: TEXT})
    assert state(root) == before


@pytest.mark.promise("R12")
def test_hooks_run_as_with_git_commit(root: Path, git: Git) -> None:
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        hook(root, name, f"echo {name} $(git diff --cached --name-only -- '*.yaml') >>.git/ran")
    hook(root, "commit-msg", 'echo commit-msg >>.git/ran; echo "Reviewed-by: x" >>"$1"')
    add(root)
    ran = (root / ".git/ran").read_text().splitlines()
    assert ran == [f"pre-commit {NEW}", f"prepare-commit-msg {NEW}", "commit-msg", "post-commit"]
    assert "Smartreg-Op: add\n" in git("log", "-1", "--format=%(trailers)")


def test_a_hook_that_leaves_a_program_behind_does_not_hold_us(root: Path) -> None:
    hook(root, "post-commit", "sleep 60 & echo $! >.git/pid")
    assert add(root)
    os.kill(int((root / ".git/pid").read_text()), 15)


def test_a_hook_that_fails_after_the_commit_is_no_failure(root: Path) -> None:
    hook(root, "post-commit", "exit 1")
    assert add(root)


@pytest.mark.promise("R12")
@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_signing_is_obeyed(root: Path, git: Git, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    for key, value in {"gpg.format": "ssh", "user.signingKey": str(tmp_path / "key"), "commit.gpgSign": "true"}.items():
        git("config", key, value)
    made = add(root)
    assert made
    assert open_repo(root).commit_info(made).signed
    git("config", "user.signingKey", "/nonexistent")
    before = state(root)
    with pytest.raises(StateFault):
        update(root)
    assert state(root) == before


@pytest.mark.promise("R12")
@pytest.mark.parametrize("key", ["user.name", "user.email"])
def test_no_identity_is_invented(root: Path, git: Git, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    git("config", "--unset", key)
    monkeypatch.setenv("EMAIL", "someone@example.org")
    before = state(root)
    with pytest.raises(StateFault, match="no identity") as caught:
        add(root)
    assert caught.value.hint is not None
    assert "git config --global user.name" in caught.value.hint.in_("en")
    assert state(root) == before
    with pytest.raises(StateFault, match="no identity"):
        preflight(open_repo(root))


def test_an_identity_that_the_user_gave_in_the_environment(
    root: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"NAME": "Service éclairage", "EMAIL": "eclairage@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
    add(root)
    assert git("log", "-1", "--format=%an %cn").strip() == "Service éclairage Service registre"


@pytest.mark.promise("R14")
def test_states_of_git_in_which_a_commit_would_be_lost(root: Path, git: Git) -> None:
    git("checkout", "--quiet", "--detach")
    assert_refused(root, "HEAD is detached")
    git("switch", "--quiet", "main")
    git("switch", "--quiet", "-c", "side")
    update(root, b"side\n")
    git("switch", "--quiet", "main")
    update(root, b"main\n")
    subprocess.run(["git", "merge", "side"], cwd=root, capture_output=True, check=False)
    assert_refused(root, "a merge is in progress")
    (root / ".git/MERGE_HEAD").unlink()
    with pytest.raises(StateFault, match="merge conflict"):
        preflight(open_repo(root))
    git("reset", "--quiet", "--hard")
    subprocess.run(["git", "cherry-pick", "side"], cwd=root, capture_output=True, check=False)
    assert_refused(root, "a cherry-pick is in progress")
    git("cherry-pick", "--abort")
    subprocess.run(["git", "rebase", "side"], cwd=root, capture_output=True, check=False)
    assert_refused(root, "a rebase is in progress")
    git("rebase", "--abort")
    preflight(open_repo(root))


def assert_refused(root: Path, words: str) -> None:
    before = state(root)
    with pytest.raises(StateFault, match=words):
        add(root)
    assert state(root) == before


@pytest.mark.promise("R14")
def test_locks_of_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (refusals, committing):
        monkeypatch.setattr(module, "LOCK_PATIENCE", 0.3)
    (root / ".git/index.lock").touch()
    assert_refused(root, r"index\.lock")
    (root / ".git/index.lock").unlink()
    (root / ".git/refs/heads/main.lock").touch()
    assert_refused(root, r"main\.lock")
    (root / ".git/refs/heads/main.lock").unlink()
    assert add(root)


@pytest.mark.parametrize(
    "by_hand",
    [
        "echo mine >> {base}",
        "echo mine >> {base}; git add {base}",
        "echo mine >> {base}; git add {base}; git show HEAD:{base} > {base}",
        "git rm --quiet --cached {base}",
        "git update-index --assume-unchanged {base}",
        "git update-index --skip-worktree {base}",
        "rm {base}; ln -s ../../secret {base}",
        "mv registry kept; ln -s kept registry",
    ],
)
def test_a_record_with_work_of_the_user_is_refused(root: Path, by_hand: str) -> None:
    (root / "secret").write_bytes(TEXT)
    subprocess.run(by_hand.format(base=BASE), shell=True, cwd=root, check=True)
    before = state(root)
    content = (root / BASE).read_bytes()
    with pytest.raises(StateFault):
        commit(open_repo(root), [Write(BASE, b"ours\n")], MESSAGE, expected={BASE: content})
    assert state(root) == before


@pytest.mark.parametrize(
    ("by_hand", "words"),
    [
        ("touch {new}", "changed meanwhile"),
        ("ln -s nowhere {new}", "symbolic link"),
        ("mkfifo {new}", "changed meanwhile"),
        ("touch registry/equipment/NEW.yaml", "upper and lower case"),
        ("mkdir registry/Party", "upper and lower case"),
        ("echo '*.yaml' > .gitignore", "gitignore"),
        ("echo x > {new}; git add {new}; rm {new}", "not committed"),
        ("rm {base}; mkdir {base}", "not committed"),
        ("rm {base}", "not committed"),
    ],
)
def test_a_new_record_whose_place_is_taken(root: Path, by_hand: str, words: str) -> None:
    subprocess.run(by_hand.format(base=BASE, new=NEW), shell=True, cwd=root, check=True)
    before = state(root)
    writes = {NEW: b"new\n", "registry/party/x.yaml": b"x\n"}
    if BASE in by_hand.format(base=BASE, new=NEW):
        writes[BASE] = b"again\n"
    with pytest.raises(StateFault, match=words):
        commit(open_repo(root), [Write(*write) for write in writes.items()], MESSAGE, expected=dict.fromkeys(writes))
    assert state(root) == before


@pytest.mark.parametrize(
    "path", ["../x.yaml", "registry/../../x", "/tmp/x", ".git/config", "registry/.GIT/x", "a\0b", "a//b"]
)
def test_no_write_outside_the_registry(root: Path, path: str) -> None:
    before = state(root)
    with pytest.raises(StateFault, match="not a place"):
        add(root, path)
    assert state(root) == before


def test_what_was_read_must_be_unchanged(root: Path) -> None:
    before = state(root)
    for expected in ({NEW: None, BASE: b"as it was once"}, {NEW: None, BASE: None}, {NEW: None, "schemas/x": b""}):
        with pytest.raises(StateFault, match="changed meanwhile"):
            commit(open_repo(root), [Write(NEW, b"new\n")], MESSAGE, expected=expected)
    assert state(root) == before


WRITER = """
import sys
from pathlib import Path
from smartreg.core.errors import StateFault
from smartreg.gitio import CommitMessage, Write, commit, open_repo
root, path, mine = Path(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
repo = open_repo(root)
before = (root / path).read_bytes() if (root / path).exists() else None
print("ready", flush=True)
sys.stdin.readline()
try:
    print(commit(repo, [Write(path, mine)], CommitMessage("by " + sys.argv[3]), expected={path: before}))
except StateFault as fault:
    print("refused:", fault)
"""


def at_once(root: Path, *jobs: tuple[str, str]) -> list[str]:
    """Several processes read, wait for each other, then write; what each said."""
    command = [sys.executable, "-c", WRITER, str(root)]
    cwd = Path(__file__).parents[2]
    running = [
        subprocess.Popen([*command, *job], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for job in jobs
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in running]


@pytest.mark.promise("R3")
def test_processes_at_once_take_turns(root: Path, git: Git) -> None:
    said = at_once(root, *((f"registry/equipment/e{number}.yaml", str(number)) for number in range(5)))
    reachable = git("rev-list", "HEAD").split()
    assert sorted(said) == sorted(reachable[:5])
    assert all(len(paths_of(git, root, oid)) == 1 for oid in said)
    assert git("status", "--porcelain") == ""


def test_of_two_edits_of_one_record_the_second_is_refused(root: Path, git: Git) -> None:
    said = at_once(root, (BASE, "one"), (BASE, "two"))
    assert sorted(answer.startswith("refused: ") for answer in said) == [False, True]
    winner = "two" if said[0].startswith("refused") else "one"
    assert git("show", f"HEAD:{BASE}") == winner
    assert git("status", "--porcelain") == ""


def test_a_linked_working_tree_commits_to_its_own_branch(root: Path, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    main = git("rev-parse", "main")
    made = add(tmp_path / "linked")
    assert git("rev-parse", "side").strip() == made
    assert git("rev-parse", "main") == main
    assert git("status", "--porcelain") == git("status", "--porcelain", cwd=tmp_path / "linked") == ""
    assert open_repo(tmp_path / "linked").common_dir == open_repo(root).common_dir


@pytest.mark.promise("R14")
@pytest.mark.parametrize("odd", ["--object-format=sha256", "--ref-format=reftable", "v4", "split", "untracked"])
def test_odd_repositories_work_all_the_same(tmp_path: Path, git: Git, odd: str) -> None:
    root = tmp_path / 'd\'é "x" $(y)'
    asked = [odd] if odd.startswith("--") else []
    if subprocess.run(["git", "init", "--quiet", *asked, str(root)], capture_output=True, check=False).returncode:
        pytest.skip("this Git does not know it")
    git("config", "user.name", "Service registre", cwd=root)
    git("config", "user.email", "registre@example.org", cwd=root)
    (root / "registry/equipment").mkdir(parents=True)
    (root / BASE).write_bytes(TEXT)
    git("add", "-A", cwd=root)
    git("commit", "--quiet", "-m", "base", cwd=root)
    option = {"v4": "--index-version=4", "split": "--split-index", "untracked": "--untracked-cache"}.get(odd)
    if option:
        git("update-index", *option.split("="), cwd=root)
    add(root)
    update(root)
    assert git("status", "--porcelain", cwd=root) == ""
    assert git("rev-list", "--count", "HEAD", cwd=root) == "3\n"
    git("fsck", "--strict", cwd=root)
    hook(root, "pre-commit", "exit 1")
    before = state(root)
    with pytest.raises(StateFault):
        add(root, "registry/equipment/other.yaml")
    assert state(root) == before


PIECES = [*"ab:#-> \n\r\t\0\x1b\u202e\u2028é\ud800", "Smartreg-Op: x", "---", "\n\n"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.promise("R11")
@given(HOSTILE, HOSTILE, HOSTILE)
def test_values_cannot_forge_a_message(subject: str, body: str, value: str) -> None:
    message = CommitMessage(subject, body, (("Smartreg-Op", "add"), ("Smartreg-Reason", value)))
    text = message.text()
    assert text.encode("utf-8")
    assert not any(line.startswith(("#", "---")) for line in text.splitlines())
    assert not set(text) & set("\0\x1b\r\u202e\u2028")
    keys = [line.partition(":")[0] for line in text.split("\n") if line.startswith("Smartreg-")]
    assert keys == ["Smartreg-Op", "Smartreg-Reason"]
    assert text.split("\n\n")[-1].count("\n") == 2
    assert CommitMessage(subject, body).text().split("\n")[0].strip()


def test_git_keeps_the_message_and_reads_its_trailers(root: Path, git: Git) -> None:
    hostile = "# not a comment\n---\nSmartreg-Op: forged\n\nSmartreg-Op: forged"
    git("config", "commit.cleanup", "strip")
    message = CommitMessage(hostile, hostile, (("Smartreg-Op", "add"), ("Smartreg-Reason", hostile)))
    made = commit(open_repo(root), [Write(NEW, b"new\n")], message, expected={NEW: None})
    assert made
    assert git("log", "-1", "--format=%B").strip() == message.text().strip()
    parsed = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message.text(), text=True, capture_output=True, check=False
    )
    assert [line.split(":")[0] for line in parsed.stdout.splitlines()] == ["Smartreg-Op", "Smartreg-Reason"]
    trailers = open_repo(root).commit_info(made).trailers
    assert [key for key, _ in trailers] == ["Smartreg-Op", "Smartreg-Reason"]
    assert dict(trailers)["Smartreg-Op"] == "add"


OTHER_REFS = ("refs/remotes/origin/main", "refs/tags/v1", "refs/notes/x", "refs/stash", "refs/heads-not/x")


@pytest.mark.promise("R14")
@pytest.mark.parametrize("ref", OTHER_REFS)
@pytest.mark.parametrize("alias", [False, True])
def test_head_on_a_ref_that_is_no_branch(root: Path, git: Git, ref: str, alias: bool) -> None:
    """A tag, or what is known of a remote, would move. Also behind a branch that only leads there, and before it is
    made."""
    for born in (True, False):
        git("update-ref", *(["-m", "x", ref, "refs/heads/main"] if born else ["-d", ref]))
        git("symbolic-ref", "HEAD", "refs/heads/alias" if alias else ref)
        if alias:
            git("symbolic-ref", "refs/heads/alias", ref)
        assert_refused(root, f"HEAD is on {ref}, which is no branch")
        with pytest.raises(StateFault, match="which is no branch"):
            preflight(open_repo(root))


@pytest.mark.parametrize("name", ["refs/foo", "refs/tags/v1", "(null)", "heads/main"])
def test_a_branch_may_be_called_like_another_ref(root: Path, git: Git, name: str) -> None:
    git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    git("update-ref", f"refs/heads/{name}", "refs/heads/main")
    assert add(root) == git("rev-parse", f"refs/heads/{name}").strip()
    assert git("rev-parse", "refs/heads/main~0").strip() == git("rev-parse", f"refs/heads/{name}~1").strip()


LOOKING = (
    "core.ignoreStat=true",
    "core.checkStat=minimal",
    "core.trustctime=false",
    "core.fileMode=false",
    "core.untrackedCache=true",
    "core.splitIndex=true",
    "core.preloadIndex=false",
    "index.skipHash=true",
    "index.version=4",
    "core.warnAmbiguousRefs=false",
)


@pytest.mark.promise("R3")
@pytest.mark.parametrize("setting", LOOKING)
def test_settings_about_what_git_looks_at_lose_no_write(root: Path, git: Git, setting: str) -> None:
    """In a clone of which Git marks each file as never changing, too: ours is written, the user's own work refused."""
    name, _, value = setting.partition("=")
    git("config", name, value)
    git("read-tree", "--reset", "HEAD")
    git("rm", "-q", "--cached", BASE)
    git("add", BASE)
    for old, new in ((TEXT, b"id: ours\n"), (b"id: ours\n", b"id: more\n"), (b"id: more\n", TEXT)):
        made = commit(open_repo(root), [Write(BASE, new)], MESSAGE, expected={BASE: old})
        assert made == git("rev-parse", "HEAD").strip()
        assert git("cat-file", "blob", f"HEAD:{BASE}").encode() == new
        assert git("cat-file", "blob", f":0:{BASE}").encode() == new
        git("update-index", "--really-refresh")
    git("rm", "-q", "--cached", BASE)
    git("add", BASE)  # marked again
    (root / BASE).write_bytes(b"id: the user's own\n")
    before = state(root)
    with pytest.raises(StateFault):
        commit(open_repo(root), [Write(BASE, b"ours\n")], MESSAGE, expected={BASE: b"id: the user's own\n"})
    assert state(root) == before
