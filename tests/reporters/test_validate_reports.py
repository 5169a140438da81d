"""`validate --report`, `--step-summary`, `--statistics`: the real program, real files."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.cli.findings import LIMIT, append_step_summary, parse_reports, report_text
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.errors import UsageFault
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import open_workspace

TYPO = "id: s1\ntype: sensor\nstatus: actve\nowner: istres\nsupport: p1\nuse_cases: [u1]\n"
ARGUMENTS = ("validate", "--select", "SCH103,REF201", "--on", "2026-01-15")


@pytest.fixture
def registry(git_repo: Path) -> Path:
    """A registry in a folder of a repository, with four errors in one record."""
    root = git_repo / "sig"
    (root / "registry/equipment").mkdir(parents=True)
    (root / "smartreg.toml").write_text('name = "Istres"\n')
    (root / "registry/equipment/s1.yaml").write_text(TYPO)
    return root


def test_several_reports_in_one_run(registry: Path) -> None:
    wanted = ("json=a.json", "sarif=b.sarif", "gitlab=c.json", "junit=d.xml", "rdjson=e.json", "text=f.txt")
    done = start(*ARGUMENTS, "-f", "github", *(word for name in wanted for word in ("--report", name)), cwd=registry)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error file=sig/registry/equipment/s1.yaml,line=4,endLine=4,col=8,endColumn=14,")
    assert json.loads((registry / "a.json").read_text())["counts"] == {"error": 4, "warning": 0, "info": 0}
    uri = json.loads((registry / "b.sarif").read_text())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert uri["artifactLocation"]["uri"] == "sig/registry/equipment/s1.yaml"
    assert json.loads((registry / "c.json").read_text())[0]["location"]["path"] == "sig/registry/equipment/s1.yaml"
    assert json.loads((registry / "e.json").read_text())["severity"] == "ERROR"
    assert (registry / "f.txt").read_text().startswith("error[REF201] owner")
    assert "<testsuites" in (registry / "d.xml").read_text()


def test_dash_is_standard_output_in_place_of_the_usual_report(registry: Path) -> None:
    done = start(*ARGUMENTS, "--report", "jsonl=-", cwd=registry)

    assert [json.loads(row)["code"] for row in done.stdout.splitlines()] == ["REF201", "SCH103", "REF201", "REF201"]
    assert start(*ARGUMENTS, "-f", "jsonl", cwd=registry).stdout == done.stdout


@pytest.mark.parametrize(
    ("texts", "output", "says"),
    [
        (["json=a", "sarif=./a"], None, "two reports go to a"),
        (["json=-", "sarif=-"], None, "two reports go to standard output"),
        (["json=a"], "a", "two reports go to a"),
        (["sarfi=a"], None, 'did you mean "sarif"?'),
        (["json"], None, '--report "json" is not of the form FMT=FILE'),
        (["json="], None, "write it like json=findings.json"),
        (["json=none/a"], None, "there is no folder none"),
        (["json=.."], None, ".. is a folder"),
        (["json=registry"], None, "registry lies among the records of a registry"),
    ],
)
def test_wrong_words(
    registry: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str], output: str | None, says: str
) -> None:
    monkeypatch.chdir(registry)
    with pytest.raises(UsageFault) as fault:
        parse_reports(texts, Output(Path(output), None) if output else None, registry)

    assert says in f"{fault.value.message.in_('en')}\n{fault.value.hint and fault.value.hint.in_('en')}"


@pytest.mark.parametrize("words", [("--report", "json=a", "--report", "sarfi=b"), ("--step-summary",)])
def test_wrong_words_write_nothing(registry: Path, words: tuple[str, ...]) -> None:
    before = sorted(registry.iterdir())
    done = start(*ARGUMENTS, *words, cwd=registry)

    assert (done.returncode, done.stdout) == (2, "")
    assert sorted(registry.iterdir()) == before


def test_file_that_cannot_be_written_is_named(registry: Path) -> None:
    name = "x" * 300
    done = start(*ARGUMENTS, "--report", f"json={name}", cwd=registry)

    assert done.returncode == 3
    assert done.stderr == f"error: {name}: the name is too long\n"


def test_report_is_replaced_and_keeps_its_permissions(registry: Path) -> None:
    file = registry / "a.json"
    file.write_text("old")
    file.chmod(0o640)
    start(*ARGUMENTS, "--report", "json=a.json", cwd=registry)

    assert json.loads(file.read_text())["version"] == 1
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in registry.iterdir() if path.name.startswith(".")] == []


def test_step_summary_is_appended(registry: Path, tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("# before\n")
    words = ("--step-summary", "--report", "markdown=a.md")
    done = start(*ARGUMENTS, *words, cwd=registry, GITHUB_STEP_SUMMARY=str(file))

    assert done.stdout.startswith("error[REF201]")
    assert file.read_text() == f"# before\n{(registry / 'a.md').read_text()}"


def test_step_summary_stays_within_its_limit(registry: Path, tmp_path: Path) -> None:
    file, verdict = tmp_path / "summary.md", validate(open_workspace(registry), ValidateOptions(date(2026, 1, 15)))
    size = len(report_text("markdown", verdict, "en").encode())

    for free in (size, size - 1, 10, 0):
        file.write_bytes(b"x" * (LIMIT - free))
        assert append_step_summary(Output(file, None), verdict, "en") is (free > 10)
        assert file.stat().st_size <= LIMIT
        assert file.read_text().endswith("more do not fit here.\n") is (free == size - 1)


def test_statistics(registry: Path) -> None:
    assert start(*ARGUMENTS, "--statistics", cwd=registry).stdout == "  3  REF201  error\n  1  SCH103  error\n"
    assert json.loads(start(*ARGUMENTS, "--statistics", "--json", cwd=registry).stdout) == {
        "version": 1,
        "statistics": [
            {"severity": "error", "code": "REF201", "number": 3},
            {"severity": "error", "code": "SCH103", "number": 1},
        ],
    }


@pytest.mark.parametrize("form", ["markdown", "sarif", "jsonl"])
def test_statistics_are_not_available_in_every_format(registry: Path, form: str) -> None:
    done = start(*ARGUMENTS, "--statistics", "-f", form, cwd=registry)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--json" in done.stderr


def test_junit_has_a_suite_for_every_kind(registry: Path) -> None:
    done = start("validate", "-f", "junit", cwd=registry)
    suites = re.findall(r'<testsuite name="(\w+)"', done.stdout)
    listed = json.loads(start("status", "--json", cwd=registry).stdout)["records"]
    assert suites == [*listed, "files"]
    assert 0 in listed.values()
    assert done.stdout.count('name="read"') == len(suites)


@pytest.mark.skipif(os.name == "nt", reason="no such file names")
def test_file_name_that_is_not_utf8(registry: Path) -> None:
    (registry / "registry/equipment" / os.fsdecode(b"\xff\x80.yaml")).write_text("status: actve\n")
    forms = ("json", "gitlab", "junit", "markdown", "rdjson")
    done = start(
        "validate", "-f", "sarif", *(word for form in forms for word in ("--report", f"{form}=a.{form}")), cwd=registry
    )

    assert done.returncode == 1
    assert "%FF%80.yaml" in done.stdout
    assert all(r"\udcff\udc80.yaml" in (registry / f"a.{form}").read_text().replace("\\\\", "\\") for form in forms)


BROKEN = {
    "no TOML": ("smartreg.toml", 'name = "Istres"\nx\n', 2),
    "a wrong severity": ("smartreg.toml", 'name = "Istres"\n[severity]\nREC110 = "fatal"\n', 3),
    "no such rule": ("smartreg.toml", 'name = "Istres"\n\nselect = ["NIX"]\n', 3),
    "an incomplete waiver": ("smartreg.toml", 'name = "Istres"\n[[waiver]]\ncode = "REC110"\n', 2),
    "a conflict": ("smartreg.toml", 'name = "Istres"\n<<<<<<< HEAD\nx = 1\n', 2),
    "no JSON": ("schemas/party.schema.json", "{\n  x\n}\n", 2),
}


@pytest.mark.parametrize("case", BROKEN)
def test_settings_of_a_change_that_cannot_be_used_are_in_its_reports(registry: Path, git: Git, case: str) -> None:
    """The exit code says that nothing was checked; those who only read the reports see why, and where."""
    git("add", "-A")
    git("commit", "-qm", "start")
    git("checkout", "-qb", "change")
    path, text, row = BROKEN[case]
    (registry / path).parent.mkdir(exist_ok=True)
    (registry / path).write_text(text, encoding="utf-8")
    reports = [f"--report={form}={form}" for form in ("gitlab", "junit", "sarif", "json")]
    words = ("validate", "--since", "main", "-f", "github", "--step-summary", *reports)
    done = start(*words, cwd=registry, GITHUB_STEP_SUMMARY=str(registry / "summary.md"))
    assert (done.returncode, path in done.stderr) == (2, True)
    assert done.stdout.startswith(f"::error file=sig/{path},line={row},")
    assert json.loads((registry / "gitlab").read_text("utf-8"))[0]["location"]["path"] == f"sig/{path}"
    assert [one["code"] for one in json.loads((registry / "json").read_text("utf-8"))["findings"]] == ["CHG811"]
    assert "<failure" in (registry / "junit").read_text("utf-8")
    assert path in (registry / "summary.md").read_text("utf-8")
    assert path in (registry / "sarif").read_text("utf-8")
    assert start("validate", "--since", "main", cwd=registry).stdout == ""
