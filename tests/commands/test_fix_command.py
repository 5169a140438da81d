"""`validate --fix` and `format` as people run them: one commit, exit codes, what is printed, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git
from program import Done, start

Smartreg: TypeAlias = Callable[..., Done]

FILES = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "registry/parties/amp.yml": 'id: amp\nname: AMP\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        "# yaml-language-server: $schema=../../schemas/party.schema.json\n"
        "id: istres\nname: Istres\ncategory: Commune\nsiren: 211300470 # Sirene\ninsee_code: 13047\n"
    ),
    "registry/use-cases/noise.yaml": (
        "id: noise\ntitle: Noise\nowner: istre\ndomain: noise\nstatus: production\n# the end"
    ),
}
ISTRES = (
    "# yaml-language-server: $schema=../../schemas/party.schema.json\n"
    'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470" # Sirene\ninsee_code: "13047"\n'
)


@pytest.fixture
def registry(git_repo: Path, git: Git) -> Path:
    for path, text in FILES.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, "utf-8")
    git("add", "-A")
    git("commit", "-qm", "As somebody typed it")
    return git_repo


@pytest.fixture
def smartreg(registry: Path) -> Smartreg:
    return lambda *words, **environ: start(*words, cwd=registry, **environ)


def test_fix_writes_one_commit_and_judges_what_is_left(smartreg: Smartreg, registry: Path, git: Git) -> None:
    done = smartreg("validate", "--fix", "-y", "-f", "concise")

    assert done.returncode == 1  # the reference is still wrong
    assert "2 × REC103" in done.stdout
    assert "REF201" in done.stdout
    assert "fixable" not in done.stdout
    assert (registry / "registry/parties/istres.yaml").read_text("utf-8") == ISTRES
    assert not (registry / "registry/parties/amp.yml").exists()
    assert git("rev-list", "--count", "HEAD").strip() == "2"
    assert "Smartreg-Op: fix" in git("log", "-1", "--format=%B")
    assert git("status", "--porcelain") == ""
    assert "Nothing to change." in smartreg("validate", "--fix", "-y").stdout


def test_unsafe_also_takes_the_only_suggestion(smartreg: Smartreg, registry: Path) -> None:
    done = smartreg("validate", "--fix", "--unsafe", "-y", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["counts"]["error"] == 0
    assert "owner: istres\n" in (registry / "registry/use-cases/noise.yaml").read_text("utf-8")


@pytest.mark.parametrize("word", ["--diff", "-n"])
def test_the_diff_is_shown_and_nothing_written(smartreg: Smartreg, word: str, git: Git) -> None:
    done = smartreg("validate", "--fix", word)

    assert done.returncode == 1
    assert "--- a/registry/parties/amp.yml\n+++ b/registry/parties/amp.yaml\n" in done.stdout
    assert "-siren: 211300470 # Sirene\n-insee_code: 13047\n" in done.stdout
    assert '+siren: "211300470" # Sirene\n' in done.stdout
    assert "\\ No newline at end of file" in done.stdout
    assert git("status", "--porcelain") == ""
    report = json.loads(smartreg("validate", "--fix", word, "--json").stdout)
    assert report["written"] is False
    assert report["files"] == sorted(path for path in FILES if path != "smartreg.toml")
    assert report["diff"] == done.stdout[: len(report["diff"])]


def test_no_secret_is_in_the_diff(smartreg: Smartreg, registry: Path, git: Git) -> None:
    text = FILES["registry/parties/istres.yaml"] + 'notes: "password: hunter2hunter2"\n'
    (registry / "registry/parties/istres.yaml").write_text(text, "utf-8")
    git("commit", "-qam", "A secret")
    for words in (("validate", "--fix", "--diff"), ("format", "--diff")):
        done = smartreg(*words)
        assert "+++ b/registry/use-cases/noise.yaml" in done.stdout
        assert "hunter2hunter2" not in done.stdout + done.stderr


def test_paths_and_codes_limit_what_is_fixed(smartreg: Smartreg, git: Git) -> None:
    smartreg("validate", "--fix", "-y", "registry/parties", "--select", "REC103")
    assert git("show", "--name-only", "--format=").split() == ["registry/parties/istres.yaml"]
    assert "category: Commune" in git("show", "HEAD:registry/parties/istres.yaml")
    smartreg("validate", "--fix", "-y", "registry/use-cases")
    assert git("show", "--name-only", "--format=").split() == ["registry/use-cases/noise.yaml"]


def test_only_the_users_own_work_on_these_files_blocks_a_fix(smartreg: Smartreg, registry: Path, git: Git) -> None:
    (registry / "registry/use-cases/noise.yaml").write_text("id: noise\nstatus: 007\n", "utf-8")
    (registry / "staged.txt").write_text("x", "utf-8")
    git("add", "staged.txt")
    refused = smartreg("validate", "--fix", "-y")
    assert refused.returncode == 3
    assert "registry/use-cases/noise.yaml has changes that are not committed" in refused.stderr
    assert smartreg("validate", "--fix", "-y", "registry/parties", "--fail-on", "never").returncode == 0
    assert git("diff", "--cached", "--name-only").split() == ["staged.txt"]
    assert smartreg("validate", "--fix", "-y", "--no-commit").returncode == 1
    assert '"007"' in (registry / "registry/use-cases/noise.yaml").read_text("utf-8")


def test_findings_say_whether_they_can_be_fixed(smartreg: Smartreg) -> None:
    findings = json.loads(smartreg("validate", "--json").stdout)["findings"]
    assert {one["code"]: (one["fixable"], one["fixable_unsafe"]) for one in findings if one["severity"] == "error"} == {
        "REC103": (True, False),
        "REC104": (True, False),
        "REF201": (False, True),
        "SCH103": (True, False),
    }
    assert "; 4 fixable with --fix." in smartreg("validate").stdout
    assert " ; --fix en corrige 4." in smartreg("validate", "--lang", "fr").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--diff",), "--diff requires --fix"),
        (("--unsafe",), "--unsafe requires --fix"),
        (("-y",), "-y requires --fix"),
        (("--fix", "--staged"), "--staged and --fix cannot be used together"),
        (("--fix", "--at", "HEAD"), "--at and --fix cannot be used together"),
        (("--fix",), "cannot ask for confirmation"),
    ],
)
def test_what_makes_no_sense_is_refused(smartreg: Smartreg, words: tuple[str, ...], said: str, git: Git) -> None:
    done = smartreg("validate", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert git("status", "--porcelain") == ""


def test_format_changes_no_value(smartreg: Smartreg, registry: Path, git: Git) -> None:
    checked = smartreg("format", "--check")
    assert checked.returncode == 1
    assert checked.stdout.split() == ["registry/parties/amp.yml", "registry/use-cases/noise.yaml"]
    assert git("status", "--porcelain") == ""
    done = smartreg("format", "use_case/noise", "-y")
    assert done.returncode == 0
    assert done.stdout.startswith("Formatted use_case/noise  (commit ")
    assert smartreg("format", "-y", "--json").returncode == 0
    assert smartreg("format", "--check").returncode == 0
    assert smartreg("diff", "HEAD~2", "HEAD", "--json").stdout.count('"field"') == 0
    assert (registry / "registry/parties/istres.yaml").read_text("utf-8") == FILES["registry/parties/istres.yaml"]
