"""What `doctor` finds on a computer and in a clone, and what it repairs; `textconv`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Git
from program import GIT_CONFIG, start

from smartreg.core.installation import invocation
from smartreg.features.setup.doctor import encoding, register, version
from smartreg.features.setup.doctor_clone import Check, clone
from smartreg.gitio import driver_settings, open_repo, settings


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new registry, as `init` makes it without anybody to ask."""
    folder = tmp_path_factory.mktemp("base")
    (folder / ".gitconfig").write_text(GIT_CONFIG)
    done = start("init", "registry", cwd=folder, HOME=str(folder))
    assert done.returncode == 0, done.stderr
    assert "smartreg doctor --fix" in done.stderr
    return folder / "registry"


@pytest.fixture
def root(registry: Path, home: Path) -> Path:
    """A copy of it."""
    (home / ".gitconfig").write_text(GIT_CONFIG)
    return registry


def states(root: Path, *words: str) -> dict[str, str]:
    """Name of each check → its state."""
    done = start("doctor", "--json", *words, cwd=root)
    report = json.loads(done.stdout)
    found = {check["name"]: check["state"] for check in report["checks"]}
    assert done.returncode == int("mend" in found.values()), done.stderr
    assert report["sound"] == ("mend" not in found.values())
    return found


def lacking(root: Path, *words: str) -> list[str]:
    return [name for name, state in states(root, *words).items() if state == "mend"]


def test_the_driver_is_registered_with_the_users_word_only(root: Path, git: Git) -> None:
    before = (root / ".git/config").read_text()
    assert lacking(root) == ["merge driver"]
    asked = start("doctor", "--fix", cwd=root)
    assert asked.returncode == 1
    assert "add -y" in asked.stderr
    assert lacking(root, "--fix", "-n") == ["merge driver"]
    assert (root / ".git/config").read_text() == before
    assert lacking(root, "--fix", "-y") == []
    driver = git("config", "merge.smartreg.driver", cwd=root)
    assert driver.startswith(f"{shlex.quote(sys.executable)} -E -P -m smartreg merge-driver -- %O %A %B %P")
    assert lacking(root) == []


def test_how_services_merge_is_said_before_the_first_merge(root: Path, git: Git) -> None:
    repo = open_repo(root)
    assert "server merges" not in [check.name for check in clone(repo, {}, "smartreg", Path(sys.prefix))]
    git("remote", "add", "metropole", "https://example.org/r.git", cwd=root)
    git("update-ref", "refs/remotes/metropole/trunk", "HEAD", cwd=root)
    git("symbolic-ref", "refs/remotes/metropole/HEAD", "refs/remotes/metropole/trunk", cwd=root)
    found = {check.name: check for check in clone(repo, {}, "smartreg", Path(sys.prefix))}
    assert (found["merge driver"].state, found["server merges"].state) == ("mend", "note")
    hint = found["server merges"].hint
    assert hint is not None
    assert "git fetch metropole && git merge refs/remotes/metropole/trunk" in hint.in_("en")


def test_init_registers_it_with_y(tmp_path: Path, home: Path, git: Git) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG)
    start("init", "-y", cwd=tmp_path)

    assert lacking(tmp_path) == []


GONE = driver_settings("/gone/python -E -P -m smartreg")["merge.smartreg.driver"]


@pytest.mark.promise("R10")
@pytest.mark.parametrize(
    ("driver", "why"),
    [
        (GONE, "no longer exists"),
        (driver_settings("smartreg")["merge.smartreg.driver"], "a Python file of a branch could run"),
        (driver_settings(f"{sys.executable} -m smartreg")["merge.smartreg.driver"], "could run"),
        (driver_settings("python -E -P -m smartreg")["merge.smartreg.driver"], "could run"),
        (f"touch ran; {GONE}", "could run"),
        (f"{GONE}; touch ran", "could run"),
        ("'half a quote", "could run"),
        ("", "could run"),
    ],
)
def test_an_earlier_driver_is_reported_and_registered_anew(root: Path, git: Git, driver: str, why: str) -> None:
    git("config", "--add", "merge.smartreg.driver", "the first of two", cwd=root)
    git("config", "--add", "merge.smartreg.driver", driver, cwd=root)
    [check] = [check for check in driver_checks(root) if check.state == "mend"]
    assert (check.name, why in check.message.in_("en")) == ("merge driver", True)
    register(open_repo(root), invocation())
    ours = driver_settings(invocation())["merge.smartreg.driver"]
    assert git("config", "--get-all", "merge.smartreg.driver", cwd=root) == f"{ours}\n"
    assert not (root / "ran").exists()


def driver_checks(root: Path, program: str | None = None) -> list[Check]:
    repo = open_repo(root)
    checks = clone(repo, settings(repo.git), program or invocation(), Path(sys.prefix))
    return [check for check in checks if check.name in ("merge driver", "textconv")]


@pytest.mark.promise("R10")
def test_a_driver_that_does_not_run_is_reported(root: Path, git: Git) -> None:
    register(open_repo(root), invocation())
    assert [check.state for check in driver_checks(root)] == ["ok"]
    other = driver_settings(invocation())["merge.smartreg.driver"].replace(sys.executable, "/bin/true")
    git("config", "merge.smartreg.driver", other, cwd=root)
    assert [check.state for check in driver_checks(root)] == ["note"], "another installation"
    broken = "/bin/false -E -P -m smartreg"
    register(open_repo(root), broken)
    [check] = driver_checks(root, broken)
    assert (check.state, check.repair, "does not run" in check.message.in_("en")) == ("mend", "", True)


@pytest.mark.promise("R10")
def test_textconv_is_repaired_only_if_it_is_set_and_ours(root: Path, git: Git) -> None:
    register(open_repo(root), invocation())
    assert "diff.smartreg.textconv" not in settings(open_repo(root).git)
    git("config", "diff.smartreg.textconv", "sort", cwd=root)
    register(open_repo(root), invocation())
    assert git("config", "diff.smartreg.textconv", cwd=root) == "sort\n"
    git("config", "diff.smartreg.textconv", "smartreg textconv", cwd=root)
    assert [check.name for check in driver_checks(root) if check.state == "mend"] == ["textconv"]
    register(open_repo(root), invocation())
    assert git("config", "diff.smartreg.textconv", cwd=root) == f"{invocation()} textconv\n"


@pytest.mark.promise("R10")
def test_an_installation_inside_of_the_working_tree_is_reported(root: Path) -> None:
    repo = open_repo(root)
    checks = clone(repo, settings(repo.git), invocation(), root / ".venv")
    assert [check.state for check in checks if check.name == "installation"] == ["note"]


def test_missing_attributes_are_added_in_a_commit(root: Path, git: Git) -> None:
    (root / ".gitattributes").write_text("registry/**/*.yaml text eol=lf\n*.png binary\n")
    git("commit", "-qam", "as it was once", cwd=root)
    assert lacking(root) == ["merge driver", "attributes"]
    assert lacking(root, "--fix", "-y") == []
    lines = (root / ".gitattributes").read_text().splitlines()
    assert lines[:3] == [
        "registry/**/*.yaml text eol=lf",
        "*.png binary",
        "registry/**/*.yaml text eol=lf diff=smartreg merge=smartreg",
    ]
    assert git("log", "-1", "--format=%s", cwd=root) == "Merge and compare records by their fields\n"
    assert git("status", "--porcelain", cwd=root) == ""


def test_obstacles_are_reported(root: Path, git: Git, home: Path) -> None:
    git("config", "core.hooksPath", "nowhere", cwd=root)
    git("rm", "-q", ".gitattributes", cwd=root)
    git("config", "core.autocrlf", "true", cwd=root)
    (home / ".gitconfig").write_text("")
    assert lacking(root) == ["identity", "merge driver", "attributes", "line ends", "hooks"]


def test_what_is_worth_knowing_stops_nothing(root: Path, git: Git) -> None:
    schema = root / "schemas/party.schema.json"
    schema.write_bytes(schema.read_bytes() + b"\n")
    (root / ".git/MERGE_HEAD").write_text(git("rev-parse", "HEAD", cwd=root))
    found = states(root)

    assert (found["schemas"], found["work"]) == ("note", "note")


def test_places_that_no_commune_can_check_are_reported(tmp_path: Path, git: Git) -> None:
    start("init", "--epci", "200054807", "--no-commit", cwd=tmp_path)
    checks = json.loads(start("doctor", "--json", cwd=tmp_path).stdout)["checks"]
    (found,) = (check for check in checks if check["name"] == "places")
    assert found["state"] == "note"
    assert "/epcis/200054807/communes?" in found["hint"]

    settings = tmp_path / "smartreg.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[territory]", '[territory]\nboundaries = "registry/annexes/x.geojson"'), "utf-8")
    assert states(tmp_path)["places"] == "ok"
    settings.write_text(f"{text}\nnot TOML", "utf-8")
    assert "places" not in states(tmp_path)


def test_what_a_publisher_has_not_filled_in_is_reported(root: Path) -> None:
    assert "publisher" not in states(root)
    (root / "publiccode.yml").write_text("name: smartreg\nurl: https://example.org/smartreg.git\n")
    (root / "SECURITY.md").write_text("# Security\n\n- Address: TO BE FILLED IN by the publisher.\n")
    assert states(root)["publisher"] == "note"
    assert "placeholders are left: publiccode.yml:2, SECURITY.md:3" in start("doctor", cwd=root).stdout
    for file, text in {"publiccode.yml": "https://example.fr/", "SECURITY.md": "- Address: security@ville.fr"}.items():
        (root / file).write_text(text)
    assert "publisher" not in states(root)


def test_the_index_is_emptied(root: Path) -> None:
    start("validate", cwd=root)
    (index,) = (root / ".git/smartreg").glob("index-*.sqlite")
    old = [root / ".git/smartreg" / name for name in ("cache-v1.db", "ids-supports", "listing-of-another-clone.table")]
    for file in old:
        file.write_bytes(b"of an earlier version")
    assert start("doctor", "--clear-index", cwd=root).returncode == 0  # whatever else `doctor` would find
    assert not any(file.exists() for file in old)
    assert not index.exists()
    assert start("validate", cwd=root).returncode == 0


def report_of_index(root: Path) -> tuple[str, str]:
    """State and message of the check of the index."""
    report = json.loads(start("doctor", "--json", cwd=root).stdout)
    (found,) = (check for check in report["checks"] if check["name"] == "index")
    return found["state"], found["message"]


@pytest.mark.promise("R15")
def test_what_happened_to_the_index_is_reported(root: Path, git: Git) -> None:
    write_party(root, git)
    start("validate", cwd=root)
    assert report_of_index(root)[1].startswith("index: ")
    (file,) = (root / ".git/smartreg").glob("index-*.sqlite")
    Path(f"{file}-wal").unlink(missing_ok=True)
    file.write_bytes(b"noise" * 5_000)
    assert "was damaged" in report_of_index(root)[1]
    assert report_of_index(root)[1].startswith("index: ")
    shutil.rmtree(root / ".git/smartreg")
    (root / ".git/smartreg").touch()
    assert report_of_index(root) == (
        "note",
        "index: nothing is cached between runs: its file cannot be written or locked",
    )


@pytest.mark.promise("R15")
def test_an_index_that_is_valid_and_wrong_is_noticed_and_cleared(root: Path, git: Git) -> None:
    """As bits that flip in a valid file leave it: nothing but `doctor` looks."""
    write_party(root, git)
    for flip in (
        "DELETE FROM finding",
        """UPDATE text SET value = replace(value, '"X"', '"Z"')""",
        "DELETE FROM link",
        "UPDATE value SET value = 'other'",
        "UPDATE k0 SET c1 = 'Z'",
    ):
        start("validate", cwd=root)
        start("query", "SELECT id FROM parties", cwd=root)
        (file,) = (root / ".git/smartreg").glob("index-*.sqlite")
        with closing(sqlite3.connect(file)) as connection, connection:
            assert connection.execute(flip).rowcount, flip
        assert report_of_index(root) == ("mend", "index: it did not say what the files say; it is cleared"), flip
    assert report_of_index(root)[0] == "ok"
    start("validate", cwd=root)
    assert report_of_index(root)[0] == "ok"


def test_without_the_index_everything_is_read(root: Path, git: Git) -> None:
    write_party(root, git)
    start("validate", cwd=root)
    (file,) = (root / ".git/smartreg").glob("index-*.sqlite")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM finding")
    assert "REF214" not in start("validate", cwd=root).stdout
    assert "REF214" in start("validate", "--no-index", cwd=root).stdout
    shutil.rmtree(root / ".git/smartreg")
    assert "it is switched off (--no-index, or" in start("validate", "--no-index", "-v", cwd=root).stderr
    assert not (root / ".git/smartreg").exists()


@pytest.mark.parametrize("service", ["CI", "GITHUB_ACTIONS", "TF_BUILD"])
def test_a_job_of_a_ci_service_neither_reads_nor_keeps_an_index(root: Path, git: Git, service: str) -> None:
    write_party(root, git)
    usual = start("validate", cwd=root).stdout
    (file,) = (root / ".git/smartreg").glob("index-*.sqlite")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM finding")
    assert start("validate", cwd=root).stdout != usual
    assert start("validate", cwd=root, **{service: "true"}).stdout == usual
    start("doctor", "--clear-index", cwd=root, **{service: "true"})
    assert "REF214" in start("validate", cwd=root).stdout
    shutil.rmtree(root / ".git/smartreg")
    for words in (("validate",), ("find", "x"), ("query", "SELECT id FROM parties"), ("list",), ("status",)):
        start(*words, cwd=root, **{service: "true"})
    assert not (root / ".git/smartreg").exists()


def write_party(root: Path, git: Git) -> None:
    """Commit a party that nothing names, a finding of REF214, and a support of another one."""
    for path, text in {
        "parties/x": "id: x\nname: X\ncategory: private\n",
        "parties/o": "id: o\nname: O\ncategory: private\nsiren: '130055002'\n",
        "supports/s": "id: s\nowner: o\ntype: pole\n",
    }.items():
        place = root / f"registry/{path}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    git("add", ".", cwd=root)
    git("commit", "-qm", "party", cwd=root)


def test_nothing_that_was_read_is_left_once_the_index_is_cleared(git_repo: Path, git: Git) -> None:
    """Git forgets what nobody committed; so must everything next to it (docs/privacy.md)."""
    place = git_repo / "registry/parties/x.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("id: x\nname: X\ncategory: private\nnotes: zz-said-too-much-zz\n", "utf-8")
    (git_repo / "smartreg.toml").touch()

    def is_stored() -> bool:
        return any(
            b"zz-said-too-much-zz" in file.read_bytes() for file in (git_repo / ".git/smartreg").rglob("index-*")
        )

    git("add", "-A")
    git("commit", "-q", "-m", "zz-said-too-much-zz")
    start("validate", cwd=git_repo)
    start("log", cwd=git_repo)
    assert is_stored()
    git("commit", "-q", "--amend", "-m", "less")
    place.unlink()
    start("doctor", "--clear-index", cwd=git_repo)
    assert not is_stored()


def test_outside_of_a_registry_the_computer_is_looked_at(tmp_path: Path, home: Path) -> None:
    found = states(tmp_path)

    assert (found["identity"], found["registry"]) == ("mend", "note")
    assert "merge driver" not in found


@pytest.mark.promise("R14")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives a folder to another user")
def test_the_repository_of_another_user_is_read_once_git_trusts_it(root: Path, tmp_path: Path, git: Git) -> None:
    """As in a container that a clone of the host is mounted into: without Git, a report would say "no history"."""
    git("init", "-q", str(tmp_path))  # the registry in a folder of the repository: Git names the top
    shutil.rmtree(root / ".git")
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    for words in (["validate"], ["doctor"], ["report", "-f", "json"]):
        refused = start(*words, cwd=root)
        assert (refused.returncode, refused.stdout) == (3, ""), refused.stdout
    command = refused.stderr.rpartition("trust it: ")[2].strip()
    assert command == f"git config --global --add safe.directory {tmp_path}"
    git(*shlex.split(command)[1:])
    assert start("validate", cwd=root).returncode == 0


def test_both_languages_say_it(root: Path) -> None:
    assert "!!  this clone merges records line by line" in start("doctor", cwd=root).stdout
    assert "!!  ce clone fusionne ligne à ligne" in start("doctor", "--lang", "fr", cwd=root).stdout


@pytest.mark.parametrize(
    ("said", "state"),
    [("git version 2.37.9", "mend"), ("git version 2.38.0", "ok"), ("git version 3.0 (Apple Git-1)", "ok")],
)
def test_git_that_is_too_old(said: str, state: str) -> None:
    assert version(said).state == state


def test_a_terminal_without_accents() -> None:
    assert encoding("ascii").state == "mend"
    assert encoding("UTF-8").state == "ok"


def test_textconv_writes_a_record_in_one_way(tmp_path: Path) -> None:
    header = "# yaml-language-server: $schema=../../schemas/party.schema.json\n"
    (tmp_path / "a").write_text(header + "category: private  # for now\nname: 'Istres'\nid: istres\n")
    (tmp_path / "b").write_text("id: [\n")

    assert start("textconv", "a", cwd=tmp_path).stdout == "id: istres\nname: Istres\ncategory: private\n"
    assert start("textconv", "b", cwd=tmp_path).stdout == "id: [\n"
