"""Settings in the working tree that cannot be read: what is judged by them stops, writes go by those of HEAD (R2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git
from program import start

PARTY = "registry/parties/istres.yaml"
BROKEN = 'name = "Istres"\nx\n'


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """The committed settings warn of a SIREN whose check digit is wrong; those of the working tree are no TOML."""
    texts = {
        "smartreg.toml": 'name = "Istres"\n[severity]\nREC110 = "warning"\n',
        PARTY: "id: istres\nname: Istres\ncategory: private\n",
    }
    for path, text in texts.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "start")
    (git_repo / "smartreg.toml").write_text(BROKEN, encoding="utf-8")
    return git_repo


CONFLICT = '<<<<<<< HEAD\nname = "A"\n=======\nname = "B"\n>>>>>>> other\n'


def test_conflicts_in_settings_and_schemas_are_reported_as_such(root: Path) -> None:
    (root / "smartreg.toml").write_text(f"timezone = 'Europe/Paris'\n{CONFLICT}", encoding="utf-8")
    for command in ("validate", "list", "status"):
        done = start(command, cwd=root)
        assert (done.returncode, "smartreg.toml: a merge conflict is not resolved (line 2)" in done.stderr) == (2, True)
    (root / "smartreg.toml").write_text("", encoding="utf-8")
    (root / "schemas").mkdir()
    (root / "schemas/lamp.schema.json").write_text(f"{{\n{CONFLICT}}}", encoding="utf-8")
    done = start("validate", cwd=root)
    assert "schemas/lamp.schema.json: a merge conflict is not resolved (line 2)" in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("smartreg.toml", BROKEN, "settings"),
        ("smartreg.toml", CONFLICT, "settings"),
        ("smartreg.toml", 'plugins = ["nobody"]\n', "settings"),
        ("smartreg.toml", '[severity]\nREC9999 = "error"\n', "settings"),
        ("schemas/lamp.schema.json", "{", "schemas"),
    ],
)
def test_doctor_reports_what_stops_the_work(root: Path, file: str, text: str, name: str) -> None:
    (root / "smartreg.toml").write_text("", encoding="utf-8")
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")
    done = start("doctor", "--json", cwd=root)
    assert done.returncode == 1
    found = {(check["name"], check["state"]): check["message"] for check in json.loads(done.stdout)["checks"]}
    assert file in found[name, "mend"]


@pytest.mark.promise("R2")
@pytest.mark.parametrize("staged", [True, False])
def test_a_write_goes_by_the_settings_of_the_last_commit_and_says_so(root: Path, git: Git, staged: bool) -> None:
    if staged:
        git("add", "smartreg.toml")
    before = git("status", "--porcelain")
    done = start("set", "istres", "siren=211300471", "-y", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "REC110" in done.stderr
    assert "judged by the settings of the last commit" in done.stderr
    assert git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").split() == [PARTY]
    assert git("status", "--porcelain") == before
    assert (root / "smartreg.toml").read_text("utf-8") == BROKEN


@pytest.mark.parametrize("words", [["validate"], ["list", "party"], ["format", "--check"]])
def test_commands_on_the_whole_registry_stop(root: Path, words: list[str]) -> None:
    done = start(*words, "--lang", "fr", cwd=root)
    assert done.returncode == 2
    assert "smartreg.toml" in done.stderr


def test_nothing_is_written_where_the_last_commit_has_none_to_go_by(root: Path, git: Git) -> None:
    git("commit", "-qam", "broken")
    done = start("set", "istres", "name=Ville", "-y", cwd=root)
    assert done.returncode == 2
    assert git("status", "--porcelain") == ""
