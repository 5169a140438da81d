"""What `validate --since` shows to reviewers of a change, other than findings on records (CHG817, CHG818, CHG819)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.commands.diff import diff
from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.ssh_keys import fingerprint_of
from smartreg.features.proofs.audit import AuditOptions, audit
from smartreg.review.protected_files import execution_risk
from smartreg.wording import changes_markdown
from smartreg.workspace.workspace import open_workspace

PARTY = "registry/parties/istres.yaml"
TEXT = "id: istres\nname: Istres\ncategory: private\n"
SENSOR = "registry/equipment/noise-1.yaml"
PLANNED = "id: noise-1\ntype: sensor\nstatus: planned\n"


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    for path, text in {PARTY: TEXT, "smartreg.toml": "[thresholds]\nlarge_file_mb = 0.5\n", "a.txt": "a"}.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "start")
    git("checkout", "-qb", "pr")
    return git_repo


def findings_of(root: Path, **asked: object) -> list[tuple[str, str, str]]:
    select = ("CHG817", "CHG818", "CHG819", "CHG829", "YML010")
    asking = ValidateOptions(**{"on": date(2026, 1, 15), "select": select, **asked})  # type: ignore[arg-type]
    verdict = validate_since(open_workspace(root), "main", asking)
    return [(found.code, found.severity, found.where.file) for found in verdict.findings]


def place(root: Path, path: str, text: str = "x") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


PROTECTED = {
    "a pipeline runs it": (
        *(
            ".github/workflows/x.yml",
            ".github/dependabot.yml",
            ".gitlab-ci.yml",
            ".gitlab-ci-more.yml",
            ".buildkite/pipeline.yml",
        ),
        *(".GitHub/workflows/x.yml", ".tekton/run.yaml", "cloudbuild.yaml", "renovate.json"),
        *("ci/gitlab.yml", ".ci/run", "action.yml", "Jenkinsfile", ".circleci/config.yml", "azure-pipelines.yml"),
    ),
    "it decides who must review": ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"),
    "hooks of Git run it": (".pre-commit-config.yaml", ".husky/pre-push", ".githooks/pre-commit", "lefthook.yml"),
    "Git goes by it": (
        ".gitattributes",
        "registry/.gitattributes",
        ".gitmodules",
        ".lfsconfig",
        ".mailmap",
        ".gitignore",
        ".git\u200battributes",
        ".gitattributes ",
    ),
    "an editor or a shell obeys it": (
        *(".vscode/tasks.json", "sub/.vscode/settings.json", ".idea/workspace.xml", ".editorconfig", ".envrc"),
        *(".env", "x.code-workspace", ".dir-locals.el", "AGENTS.md"),
    ),
    "where names ignore case, smartreg reads it": (
        *("Smartreg.toml", "SMARTREG.TOML", "\u017fmartreg.toml", "sub/Smartreg.toml", "Schemas/party.schema.json"),
        *("Registry/parties/istres.yaml", "REGISTRY/imports/mats.toml", "smartreg.toml ", "smart\u200breg.toml."),
    ),
    "everyone who builds, tests or installs": (
        *("evil-1.0.dist-info/entry_points.txt", "registry/Evil.DIST-INFO/METADATA", "evil.egg-info"),
        *("Makefile", "sub/GNUmakefile", "Dockerfile", "Dockerfile.ci", "compose.yaml", "pyproject.toml", "setup.cfg"),
        *("MAKEFILE", "justfile", "Pipfile", "uv.lock", ".npmrc", "flake.nix", "go.mod", "build.gradle"),
        *("package.json", "tox.ini", "requirements-dev.txt", "pyvenv.cfg"),
    ),
    "it is a script": (
        "setup.py",
        "conftest.py",
        "sitecustomize.py",
        "json.py",
        "scripts/run",
        "deploy.sh",
        "x.ps1",
        "a.pth",
        "notes.ipynb",
        "tool.lnk",
    ),
}


@pytest.mark.parametrize(("what", "path"), [(what, path) for what, paths in PROTECTED.items() for path in paths])
def test_what_a_file_can_do_is_said(what: str, path: str) -> None:
    said = execution_risk(path)
    assert said is not None
    assert said.in_("en").startswith(what)


@pytest.mark.parametrize(
    "path",
    [
        *("README.md", "docs/guide.md", "docs/xCODEOWNERS", "registry/org/action.yml", "registry/annexes/act.pdf"),
        *("smartreg.toml", "schemas/party.schema.json", "docs/makefile.md", "LICENSE", "data/requirements.csv"),
    ],
)
def test_what_only_says_something_is_not_protected(path: str) -> None:
    assert execution_risk(path) is None


@pytest.mark.promise("R9")
def test_workflows_are_shown_whatever_became_of_them(root: Path, git: Git) -> None:
    place(root, ".gitlab-ci.yml")
    git("add", "-A")
    assert findings_of(root) == findings_of(root, staged=True) == [("CHG817", "info", ".gitlab-ci.yml")]
    assert findings_of(root, at="HEAD") == []
    git("commit", "-qm", "pipeline")
    assert findings_of(root, at="HEAD") == [("CHG817", "info", ".gitlab-ci.yml")]
    git("branch", "-f", "main")
    git("mv", ".gitlab-ci.yml", "b.txt")
    assert findings_of(root) == [("CHG817", "info", ".gitlab-ci.yml")]


def test_whatever_may_be_run_is_a_script(root: Path, git: Git) -> None:
    for path in ("run", "notes"):
        place(root, path)
    (root / "run").chmod(0o755)
    git("add", "-A")
    assert findings_of(root, staged=True) == [("CHG817", "info", "run")]


def test_a_touched_file_is_not_a_changed_one(root: Path, git: Git) -> None:
    place(root, ".gitlab-ci.yml")
    git("add", "-A")
    git("commit", "-qm", "pipeline")
    git("branch", "-f", "main")
    (root / ".gitlab-ci.yml").touch()
    assert findings_of(root) == []


def test_links_and_submodules(root: Path, git: Git) -> None:
    (root / "link").symlink_to("/etc/passwd")
    (root / "registry/link").symlink_to("/etc")
    git("add", "-A")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD').strip()},module")
    git("commit", "-qm", "links")
    assert findings_of(root, at="HEAD") == [
        ("CHG817", "warning", "link"),
        ("CHG817", "warning", "module"),
        ("YML010", "error", "registry/link"),
    ]


@pytest.mark.promise("R9")
def test_moved_records(root: Path) -> None:
    moved = "registry/parties/13/istres.yaml"
    place(root, moved, TEXT)
    (root / PARTY).unlink()
    assert findings_of(root) == [("CHG818", "info", moved)]


@pytest.mark.promise("R9")
def test_a_deletion_or_a_new_id_is_refused_unless_the_record_surely_never_served(root: Path, git: Git) -> None:
    place(root, SENSOR, PLANNED)
    git("add", "-A")
    git("commit", "-qm", "sensor")
    git("branch", "-f", "main")
    (root / PARTY).rename(root / "registry/parties/ville.yaml")
    (root / SENSOR).unlink()
    assert findings_of(root) == [("CHG818", "info", SENSOR), ("CHG818", "error", PARTY)]
    place(root, "smartreg.toml", '[severity]\nCHG818 = "info"\n')
    assert ("CHG818", "error", PARTY) in findings_of(root), "the change cannot let it go by itself"
    git("commit", "-qm", "settings", "--only", "smartreg.toml")
    git("branch", "-f", "main")
    assert findings_of(root) == [("CHG818", "info", SENSOR), ("CHG818", "info", PARTY)]


def test_large_files(root: Path, git: Git) -> None:
    place(root, "registry/annexes/plan.pdf", "x" * 600_000)
    place(root, "registry/annexes/small.pdf", "x" * 400_000)
    git("add", "-A")
    git("commit", "-qm", "plan")
    assert findings_of(root) == [("CHG819", "warning", "registry/annexes/plan.pdf")]
    french = start("validate", "--since", "main", "--select", "CHG819", "--lang", "fr", cwd=root)
    assert "ce fichier a 0,6 Mo" in french.stdout


KEY = "2B7E151628AED2A6ABF7158809CF4F3C"


def test_what_came_and_went_within_a_change_is_reported(root: Path, git: Git) -> None:
    """Neither state shows it, and a merge would bring it into every clone for ever."""
    place(root, PARTY, f"{TEXT}app_key: {KEY}\n")
    place(root, "registry/parties/new.yaml", f"id: new\nname: New\ncategory: private\nnotes: AppKey {KEY}\n")
    place(root, "annexes/plan.pdf", "x" * 600_000)
    git("add", "-A")
    git("commit", "-qm", "in")
    commit = git("rev-parse", "--short=7", "HEAD").strip()
    place(root, PARTY, f"{TEXT}notes: back\n")
    git("rm", "-q", "registry/parties/new.yaml", "annexes/plan.pdf")
    git("commit", "-qam", "out")
    expected = [
        ("CHG819", "warning", "annexes/plan.pdf"),
        ("REC107", "error", PARTY),
        ("REC107", "error", "registry/parties/new.yaml"),
    ]
    asking = ValidateOptions(date(2026, 1, 15), select=("CHG819", "REC107"))
    found = list(validate_since(open_workspace(root), "main", asking).findings)
    assert sorted((one.code, one.severity, one.where.file) for one in found) == expected
    assert all(
        f"commit {commit}" in one.message.in_("en") and f"le commit {commit}" in one.message.in_("fr") for one in found
    )
    done = start("validate", "--since", "main", cwd=root)
    assert (done.returncode, KEY in done.stdout) == (1, False)
    squashed = git("commit-tree", "-p", "main", "-m", "squashed", "HEAD^{tree}").strip()
    git("reset", "-q", "--hard", squashed)
    assert [*validate_since(open_workspace(root), "main", asking).findings] == []


def test_what_the_base_or_the_state_has_is_reported_once(root: Path, git: Git) -> None:
    place(root, PARTY, f"{TEXT}app_key: {KEY}\n")
    git("commit", "-qam", "the base has it")
    git("branch", "-f", "main")
    for name in ("A", "B"):
        place(root, PARTY, f"{TEXT.replace('Istres', name)}app_key: {KEY}\n")
        git("commit", "-qam", "others fields")
    asking = ValidateOptions(date(2026, 1, 15), select=("REC107",))
    assert [*validate_since(open_workspace(root), "main", asking).findings] == []
    for name in ("A", "B"):
        place(root, SENSOR, f"{PLANNED}notes: {name}, AppKey {KEY}\n")
        git("add", "-A")
        git("commit", "-qm", "a new one")
    place(root, SENSOR, f"{PLANNED}notes: B, AppKey {KEY}\n")
    found = list(validate_since(open_workspace(root), "main", asking).findings)
    assert {one.where.file for one in found} == {SENSOR}


BEFORE = """\
plugins = []
[severity]
CHG813 = "error"
[ownership]
keepers = ["amp"]
fields = ["owner", "operator"]
[audit]
signed_from = 2025-01-01
"""
AFTER = """\
ignore = ["CON301"]
[severity]
REF201 = "warning"
[ownership]
keepers = ["amp", "istres"]
fields = ["owner"]
[[waiver]]
code = "SCH103"
record = "party/istres"
until = 2026-12-31
reason = "being sorted out"
decided_by = "amp"
"""
SECRETS = "a pipeline runs it, and may hand it secrets"
GATE = 'jobs:\n  a:\n    steps:\n      - run: smartreg validate ${BASE:+--since "origin/$BASE"%s} -f github\n'


def test_checks_that_a_change_removes_are_reported_at_the_top(root: Path, git: Git) -> None:
    gate = ".github/workflows/registry.yml"
    place(root, "smartreg.toml", BEFORE)
    place(root, gate, GATE % " --as-author")
    git("add", "-A")
    git("commit", "-qm", "start")
    git("branch", "-f", "main")
    place(root, "smartreg.toml", AFTER)
    place(root, gate, GATE % "")
    place(root, ".gitlab-ci.yml", "a:\n  script: [smartreg format --check]\n")
    git("add", "-A")
    found = diff(open_workspace(root), rev="main", on=date(2026, 1, 15))
    assert [(one.code, one.message.in_("en")) for one in found.checks] == [
        ("CHG811", "the severity of CHG813 (author known only by an address) falls from error to warning"),
        ("CHG811", "the severity of REF201 (unknown reference) falls from error to warning"),
        ("CHG811", "CON301 (installed without convention) is no longer checked"),
        ("CHG811", "SCH103 is accepted for party/istres until 2026-12-31: being sorted out"),
        ("CHG811", "istres may change every record"),
        ("CHG811", "records no longer belong to whom operator names"),
        ("CHG811", "commits need no signature; before, a signature from 2025-01-01 on"),
        ("CHG817", "no pipeline runs this any more: smartreg validate --since refs/heads/main --as-author"),
        *(("CHG817", f"this change alters a protected file, {file}: {SECRETS}") for file in (gate, ".gitlab-ci.yml")),
    ]
    text = changes_markdown.report(found, lang="fr")
    assert text.index("aucune chaîne ne lance plus") < text.index("### Autres fichiers")
    git("commit", "-qm", "less")
    turned = diff(open_workspace(root), rev="HEAD", other="main", on=date(2026, 1, 15))
    assert [one.message.in_("en") for one in turned.checks if one.code == "CHG811"] == []


def test_looser_requirements_on_keys_are_reported(root: Path, git: Git) -> None:
    place(root, "smartreg.toml", '[keys]\norigins = ["https://a.example.org"]\nrequire = ["touch", "verification"]\n')
    git("commit", "-qam", "start")
    place(root, "smartreg.toml", '[keys]\norigins = ["https://b.example.org"]\nfrom = 2026-12-01\n')
    found = diff(open_workspace(root), rev="HEAD", on=date(2026, 1, 15))
    assert [one.message.in_("en") for one in found.checks] == [
        "passkeys may sign on https://b.example.org",
        "security keys need no verification any more",
        "security keys need not meet [keys] before 2026-12-01",
    ]


KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
IDS = ('id = "8f14e45f-ceea-467f-a83c-1b1f0b6e1c2a"\n', 'id = "45c48cce-2e2d-4fbd-a1af-04f8b0e4d5a3"\n')


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (IDS[0], IDS[1], f"the id of the registry changes from {IDS[0][6:42]} to {IDS[1][6:42]}"),
        (IDS[0], "", f"the id {IDS[0][6:42]} of the registry is gone"),
        ("", IDS[0], None),
        (IDS[0], f'# ours\n{IDS[0]}name = "Istres"\n', None),
    ],
    ids=["another", "gone", "given", "kept"],
)
def test_the_id_of_a_registry_never_changes(root: Path, git: Git, before: str, after: str, message: str | None) -> None:
    place(root, "smartreg.toml", before)
    git("add", "-A")
    git("commit", "-qm", "start")
    git("branch", "-f", "main")
    place(root, "smartreg.toml", after)
    git("add", "-A")
    git("commit", "-qm", "id")
    for trust in (Trust(), Trust(head=True)):
        verdict = validate_since(open_workspace(root), "main", ValidateOptions(date(2026, 1, 15)), trust)
        found = [one for one in verdict.findings if one.code == "CHG831"]
        assert [(one.severity, one.message.in_("en")) for one in found] == ([("error", message)] if message else [])
    told = diff(open_workspace(root), rev="main", other="HEAD", on=date(2026, 1, 15)).checks
    assert [one.message.in_("en") for one in told if one.code == "CHG831"] == ([message] if message else [])
    trail = audit(open_workspace(root), AuditOptions()).traces
    assert ("CHG831" in {one.code for trace in trail for one in trace.findings}) == bool(message)


def test_a_key_that_may_sign_releases_is_shown_to_reviewers(root: Path, git: Git) -> None:
    place(root, "smartreg.toml", f'[release]\nkeys = ["{KEY_LINE}"]\n')
    found = diff(open_workspace(root), rev="HEAD", on=date(2026, 1, 15))
    assert [one.message.in_("en") for one in found.checks] == [f"the key {fingerprint_of(KEY_LINE)} may sign releases"]


def test_a_mapping_of_an_import_is_named_with_its_author(root: Path, git: Git) -> None:
    mapping, keys = "registry/imports/mats.toml", "registry/imports/mats.keys"
    place(root, mapping, 'kind = "support"\n[constants]\nowner = "istres"\n')
    place(root, keys, "id,key\n")
    git("add", "-A")
    git("commit", "-qm", "mapping", "--author", "Nina Roux <nina@istres.example.org>")
    oid = git("rev-parse", "--short=7", "HEAD").strip()
    day = git("log", "-1", "--format=%as").strip()
    assert findings_of(root) == [("CHG829", "info", keys), ("CHG829", "info", mapping)]
    found = diff(open_workspace(root), rev="main", other="HEAD", on=date(2026, 1, 15))
    assert [one.message.in_("en") for one in found.checks] == [
        f"this change alters {file}, which the next import of that sheet follows"
        f" (last changed by Nina Roux, {day}, {oid})"
        for file in (keys, mapping)
    ]
    git("checkout", "-q", "--detach", "main")
    place(root, mapping, 'kind = "support"\n')
    git("add", "-A")
    found = diff(open_workspace(root), rev="HEAD", on=date(2026, 1, 15))
    assert [one.message.in_("fr") for one in found.checks] == [
        f"cette modification touche {mapping}, que suit le prochain import de ce fichier (pas encore commité)"
    ]


def test_a_registry_in_a_folder_sees_the_top_of_the_repository(root: Path, git: Git) -> None:
    (root / "inner/registry").mkdir(parents=True)
    place(root, "inner/smartreg.toml", "")
    place(root, "inner/registry/README.md", "")
    git("add", "-A")
    git("commit", "-qm", "inner")
    git("branch", "-f", "main")
    place(root, ".github/workflows/x.yml")
    git("add", "-A")
    assert findings_of(root / "inner") == [("CHG817", "info", "../.github/workflows/x.yml")]


def test_nothing_that_the_repository_names_is_run(root: Path, git: Git, tmp_path: Path) -> None:
    trap = f"touch {tmp_path}/ran; cat"
    for name in ("diff.external", "diff.x.command", "diff.x.textconv", "filter.x.clean", "core.fsmonitor"):
        git("config", name, trap)
    place(root, ".gitattributes", "* diff=x filter=x\n")
    place(root, "a.txt", "changed")
    assert findings_of(root) == []
    assert not (tmp_path / "ran").exists()
