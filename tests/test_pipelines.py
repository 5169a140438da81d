"""What runs smartreg elsewhere: pipelines, the action, hooks. Each against its published schema, and run for real."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import Git
from program import GIT_CONFIG, Done, start

from smartreg.commands.pipelines import Service, ci_commands, github, gitlab

GITHUB, GITLAB = github(Service()), gitlab(Service())
ROOT = Path(__file__).parents[1]
PARTY = "registry/parties/istres.yaml"
GOOD, BAD = "id: istres\nname: Istres\ncategory: private\n", "id: istres\nname: Istres\ncategory: none\n"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with both pipelines and an old fault."""
    folder = tmp_path_factory.mktemp("origin")
    (folder / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    done = start("init", "origin", "--ci", "github,gitlab", "-y", cwd=folder, HOME=str(folder))
    assert done.returncode == 0, done.stderr
    place(folder / "origin", "registry/parties/old.yaml", BAD.replace("istres", "old"))
    for words in (["add", "-A"], ["commit", "-qm", "an old fault"]):
        environ = {**os.environ, "HOME": str(folder)}
        subprocess.run(["git", *words], cwd=folder / "origin", env=environ, check=True)
    return folder / "origin"


@pytest.fixture
def clone(origin: Path, tmp_path: Path, home: Path, git: Git) -> Path:
    """A clone of it, on a branch of its own; `smartreg` and `python` are on PATH, as in an environment of Python."""
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    git("clone", "-q", str(origin), str(tmp_path / "clone"), cwd=tmp_path)
    git("checkout", "-qb", "pr", cwd=tmp_path / "clone")
    (tmp_path / "bin").mkdir()
    for name, words in (("python", ""), ("smartreg", "-m smartreg")):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return tmp_path / "clone"


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def shell(clone: Path, script: str, **environ: str) -> Done:
    """Run a script as a pipeline's shell does, in the clone."""
    path = f"{clone.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    outside = {"PATH": path, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(clone.parent / "summary.md")}
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=clone,
        env={**os.environ, **outside, **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("github-actions", (ROOT / "action.yml").read_text(encoding="utf-8")),
        ("github-workflows", (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")),
        ("github-workflows", GITHUB),
        ("gitlab-ci", GITLAB),
    ],
)
def test_published_schemas_accept_them(schema: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "it.yml"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_template_is_what_init_writes() -> None:
    assert (ROOT / "ci/gitlab.yml").read_text(encoding="utf-8") == GITLAB


def test_pre_commit_accepts_the_hooks_and_they_run(clone: Path, git: Git) -> None:
    from pre_commit.clientlib import load_manifest

    validate, form = load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    (clone / PARTY).write_text(GOOD, encoding="utf-8")
    assert "SCH103" in shell(clone, f"{validate['entry']} -f concise {PARTY}").stdout
    (clone / PARTY).write_text("name: Istres\nid: istres\ncategory: private\n", encoding="utf-8")
    git("add", "-A", cwd=clone)
    assert shell(clone, f"{form['entry']} -y {PARTY}").returncode == 0
    assert (clone / PARTY).read_text(encoding="utf-8").splitlines()[-3:] == GOOD.splitlines()
    assert git("rev-list", "--count", "main..HEAD", cwd=clone).strip() == "0"


def test_a_hook_judges_commits_by_hand_and_by_the_program(clone: Path, git: Git) -> None:
    hook = clone / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec smartreg validate --staged {PARTY}\n", encoding="utf-8")
    hook.chmod(0o755)
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    assert shell(clone, "git commit -m 'by hand'").returncode == 1
    place(clone, PARTY, GOOD)
    git("add", "-A", cwd=clone)
    done = shell(clone, "git commit -qm 'by hand' && smartreg set istres name='Ville' -y")
    assert done.returncode == 0, done.stderr
    assert git("status", "--porcelain", cwd=clone) == ""


@pytest.mark.parametrize(("text", "code", "service"), [(GOOD, 0, 0), (BAD, 1, 1)])
def test_pipelines_give_the_verdict_that_doctor_promises(
    clone: Path, git: Git, text: str, code: int, service: int
) -> None:
    place(clone, PARTY, text)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)
    told = json.loads(start("doctor", "--ci", "--json", cwd=clone).stdout)
    assert (told["base"], told["behind"]) == ("origin/main", False)
    assert [command["file"] for command in told["commands"]] == [".github/workflows/registry.yml", ".gitlab-ci.yml"]
    base = git("rev-parse", "origin/main", cwd=clone).strip()
    line = (
        yaml.safe_load(GITHUB)["jobs"]["validate"]["steps"][-1]["run"],
        yaml.safe_load(GITLAB)["registry"]["script"][-1],
    )[service]
    command = told["commands"][service]
    asked = {"BASE": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    runs = [shell(clone, line, **asked), *(shell(clone, command[key]) for key in ("pull_request", "here"))]
    assert [run.returncode for run in runs] == [code] * 3, [run.stderr for run in runs]
    assert runs[0].stdout == runs[1].stdout
    assert shell(clone, line).returncode == 1  # a push is judged in full, with the old fault


def test_a_merge_is_not_blamed_for_what_came_to_its_target_meanwhile(clone: Path, git: Git) -> None:
    """GitLab's merged results: a fault came to the target after the change had left it, and the merge is judged."""
    left = git("rev-parse", "HEAD", cwd=clone).strip()
    place(clone, "README.md", "mine\n")
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)
    git("checkout", "-q", "--detach", "origin/main", cwd=clone)
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "a fault of the target", cwd=clone)
    target = git("rev-parse", "HEAD", cwd=clone).strip()
    git("merge", "-q", "--no-ff", "-m", "merged result", "pr", cwd=clone)
    line = yaml.safe_load(GITLAB)["registry"]["script"][-1]
    asked = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": left}
    assert shell(clone, line, **asked, CI_MERGE_REQUEST_TARGET_BRANCH_SHA="").returncode == 1
    done = shell(clone, line, **asked, CI_MERGE_REQUEST_TARGET_BRANCH_SHA=target)
    assert done.returncode == 0, done.stdout
    told = start("doctor", "--ci", cwd=clone).stdout
    assert line in told
    git("update-ref", "refs/remotes/origin/main", target, cwd=clone)  # what GitHub's pipeline has fetched
    run = yaml.safe_load(GITHUB)["jobs"]["validate"]["steps"][-1]["run"]
    assert shell(clone, run, BASE="main").returncode == 0


def test_the_action_runs(clone: Path, git: Git) -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    usual = {
        name: inputs[value[11:-3]]["default"] if value.startswith("${{ inputs.") else "main"
        for name, value in steps[-1]["env"].items()
    }
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)
    usual["RUNNER_TEMP"] = str(clone.parent / "temp")
    (clone.parent / "temp").mkdir()
    (clone.parent / "temp/smartreg").symlink_to(clone.parent)
    done = shell(clone, steps[-1]["run"], **usual | {"SARIF": "out.sarif", "COMMENT": "comment.md"})
    assert done.returncode == 1, done.stderr
    assert f"::error file={PARTY}" in done.stdout
    assert "smartreg validate --since=origin/main -f github" in done.stdout
    assert json.loads((clone / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert (clone / "comment.md").read_text(encoding="utf-8").startswith("<!-- smartreg:diff")
    assert "SCH103" in (clone.parent / "summary.md").read_text(encoding="utf-8")
    refused = shell(clone, steps[-1]["run"], **usual | {"AS_AUTHOR": "true"})
    assert refused.returncode == 2
    assert "writers" in refused.stderr


def test_no_expression_of_github_stands_in_a_script() -> None:
    """Names of branches and inputs go through the environment: in a script they would be run."""
    jobs = [yaml.safe_load(GITHUB), yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))]
    steps = [step for job in jobs for work in job["jobs"].values() for step in work["steps"]]
    steps += yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_a_registry_in_a_folder_has_its_pipelines_at_the_top(tmp_path: Path, home: Path, git: Git) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG + "[init]\n\tdefaultBranch = trunk\n", encoding="utf-8")
    top = tmp_path / "top"
    git("init", "-q", str(top), cwd=tmp_path)
    made = start("init", "registre", "--ci", "github,gitlab", "-y", cwd=top)
    assert made.returncode == 0, made.stderr
    assert "needs the variable SMARTREG_SOURCE" in made.stderr
    assert git("status", "--porcelain", cwd=top) == ""
    flow = yaml.safe_load((top / ".github/workflows/registry.yml").read_text(encoding="utf-8"))
    assert flow[True]["push"]["branches"] == ["trunk"]
    assert " -C registre " in (top / ".gitlab-ci.yml").read_text(encoding="utf-8")
    told = start("doctor", "--ci", cwd=top / "registre")
    assert "validate -C registre --since trunk -f github" in told.stdout
    assert "here          smartreg validate --since trunk\n" in told.stdout
    assert "SMARTREG_SOURCE" in told.stderr
    again = start("init", "registre", "--ci", "gitlab", "-y", cwd=top)
    assert (again.returncode, "add the job to it by hand" in again.stderr) == (3, True)


def test_a_pipeline_says_that_it_lacks_its_variable(clone: Path) -> None:
    steps = yaml.safe_load(GITHUB)["jobs"]["validate"]["steps"]
    for command in (steps[2]["run"], yaml.safe_load(GITLAB)["registry"]["script"][0]):
        done = shell(clone, command)
        assert done.returncode != 0
        assert "set the variable SMARTREG_SOURCE" in done.stderr


def test_commands_of_other_pipelines_are_found(tmp_path: Path) -> None:
    place(
        tmp_path,
        ".github/workflows/own.yaml",
        "jobs:\n  a:\n    steps:\n      - uses: someone/smartreg@v1\n        with:\n          as-author: 'true'\n"
        "      - run: smartreg format --check\n      - run: pip install smartreg\n",
    )
    assert [command.pull_request for command in ci_commands(tmp_path, "origin/main")] == [
        "python -E -P -m smartreg validate --since origin/main --as-author -f github --step-summary",
        "smartreg format --check",
    ]


def test_settings_say_where_they_come_from(clone: Path) -> None:
    place(clone, "smartreg.toml", 'name = "X"\n[programme]\nfrom = 2022-01-01\n[thresholds]\nexpiry_days = 30\n')
    done = start("doctor", "--settings", "--json", cwd=clone, SMARTREG_LANG="fr")
    found = {row["name"]: (row["value"], row["source"]) for row in json.loads(done.stdout)["settings"]}
    assert found["name"] == ("X", "smartreg.toml")
    assert found["programme.from"] == ("2022-01-01", "smartreg.toml")
    assert found["thresholds.expiry_days"] == (30, "smartreg.toml")
    assert found["timezone"] == ("Europe/Paris", "default")
    assert found["SMARTREG_LANG"] == ("fr", "environment")
    assert "défaut" in start("doctor", "--settings", "--lang", "fr", cwd=clone).stdout
    assert start("doctor", "--settings", "--ci", cwd=clone).returncode == 2
