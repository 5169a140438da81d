"""Values are no commands to a CI service that reads what the program prints: `::error::` at the beginning of a line,
`##[error]` and `##vso[…]` anywhere in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exports import contents, make_export
from small import Runs, runs, small_registry

from smartreg.cli.catalogue import COMMANDS
from smartreg.core.styled import Span, inert, line, plain
from smartreg.features.roundtrip.verify import verify
from smartreg.workspace.output import Output, save
from smartreg.workspace.workspace import open_workspace

__all__ = ["runs"]

NOTE = "a\n::error::pwn\n##[error]x ##vso[task.complete]"
ACTS = re.compile(r"(?m)^\s*::|##\w*\[")
STANDARDS = Path(__file__).parents[1] / "golden" / "standards" / "registry"
SCHEMAS = Path(__file__).parents[2] / "schemas"
FIRST = f"id: base\nname: Base\nnote: {json.dumps(NOTE)}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with such a note, in a second commit, and a file that is wrong."""
    root = small_registry(tmp_path_factory.mktemp("log") / "root", {"base": "id: base\nname: Base\n"})
    (root / "registry/org/base.yaml").write_text(FIRST)
    (root / "registry/org/first.yaml").write_text('id: first\nnote: "::error::at once"\n')
    (root / "registry/org/wrong.yaml").write_text(f"id: wrong\nwhy: {json.dumps(NOTE)}\n")
    identity = ("-c", "user.name=##[group]Somebody", "-c", "user.email=a@example.org")
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    subprocess.run(["git", *identity, "commit", "--quiet", "-m", f"Second\n\n{NOTE}"], cwd=root, check=True)
    save(Output(root.parent / "registry.json", None), contents(make_export(root, form="json"))["registry.json"])
    return root


REPORTS = ("full", "concise", "grouped", "json", "jsonl", "gitlab", "sarif", "junit", "rdjson", "markdown")
# A line for each format of each command that prints values and works here; what is left out needs a terminal, another
# state of Git, or prints nothing of records.
LINES = {
    "audit": ("", "-f json", "-f markdown"),
    "blame": ("base", "base -f json"),
    "diff": ("HEAD~1", "HEAD~1 -f json", "HEAD~1 -f markdown", "HEAD~1 -f html"),
    "export": ("-f json", "-f jsonl"),
    "find": ("base", "base --json", "base -f ids"),
    "format": ("-n", "-n --json"),
    "list": ("org --columns note", "org --columns note -f json", "-f ids"),
    "log": ("", "--json", "base --json"),
    "query": ("'SELECT note FROM org'", "'SELECT note FROM org' -f json", "'SELECT note FROM org' -f markdown"),
    "rename": ("base other -n -y", "base other -n -y --json"),
    "set": ("base 'name=##[x]y' -n -y", "base 'name=##[x]y' -n -y --json"),
    "show": ("base", "base -f json", "base --refs --json"),
    "source": ("", "--json", "list"),
    "status": ("", "--json"),
    "undo": ("-n -y", "-n -y --json"),
    "validate": tuple(f"-f {form}" for form in REPORTS),
    "verify": ("../registry.json", "../registry.json --json"),
    "textconv": ("registry/org/base.yaml", "registry/org/wrong.yaml"),
}
ELSEWHERE = {
    *(
        "init",
        "demo",
        "doctor",
        "add",
        "edit",
        "remove",
        "import",
        "amend",
        "renew",
        "terminate",
        "annex",
        "coverage",
        "deadlines",
        "web",
        "boundaries",
    ),
    *("agree", "retire", "move", "transfer", "replace", "explain", "schema", "resolve", "report", "graph", "publish"),
    *("observatory",),
    *("completion", "merge-driver"),
}


@pytest.mark.promise("R11")
def test_every_command_is_tried_or_left_out_on_purpose() -> None:
    named = LINES.keys() | ELSEWHERE
    assert named == {name for name, entry in COMMANDS.items() if entry.panel}, (
        "a command wants a line in LINES, or its name in ELSEWHERE"
    )
    assert not LINES.keys() & ELSEWHERE


@pytest.mark.promise("R11")
@pytest.mark.parametrize("name", LINES)
def test_no_value_is_a_command(root: Path, runs: Runs, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    for text in LINES[name]:
        for color in ("never", "always"):
            code, out, err = runs(name, *shlex.split(text), "--color", color)
            assert code in (0, 1), err
            assert out, text
            assert not ACTS.search(out), (text, out)
            assert not ACTS.search(err), (text, err)


@pytest.mark.promise("R11")
def test_what_acts_only_where_two_spans_meet_is_seen() -> None:
    shown = inert((Span(" "), Span(":", "name"), Span(":error::x #"), Span("#[error]", "dim")))

    assert "".join(span.text for span in shown) == r" \u003a:error::x \u0023\u0023[error]"
    assert [span.style for span in shown] == ["", "name", "", "dim"]


@pytest.mark.promise("R11")
@pytest.mark.parametrize(
    "text", ["::error::x", " \t::add-mask::", "\x1b ::x", ":: ##[group]##", "a\u202e\n::b", "plain", ""]
)
def test_text_for_no_terminal_is_what_the_spans_show(text: str) -> None:
    """Each line is made inert whole, whatever its spans."""
    for at in range(len(text) + 1):
        item = line(text[:at], Span(text[at:], "dim"))
        assert plain([item]) == "".join(span.text for span in inert(item)) + "\n"


def test_json_says_the_same_value(root: Path, runs: Runs) -> None:
    _, shown, _ = runs("show", "base", "--json", "-C", str(root))
    _, listed, _ = runs("list", "org", "--columns", "note", "-f", "json", "-C", str(root))
    _, asked, _ = runs("query", "SELECT note FROM org WHERE id = 'base'", "-f", "json", "-C", str(root))

    assert r"\n\u0023\u0023[error]x \u0023\u0023vso[" in shown
    assert json.loads(shown)["data"]["note"] == NOTE
    assert json.loads(listed)["records"][0]["note"] == NOTE
    assert json.loads(asked)["rows"] == [{"note": NOTE}]


@pytest.fixture(scope="module")
def mapped_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of the golden files of standards, where every name and title is such a value."""
    root = tmp_path_factory.mktemp("mapped") / "root"
    shutil.copytree(STANDARDS, root)
    shutil.copytree(SCHEMAS, root / "schemas")
    for file in (root / "registry").rglob("*.yaml"):
        text = re.sub(r'(?m)^((?:name|title|address|model): )"?([^"\n]*)"?$', r'\1"\2 ##[error]x"', file.read_text())
        file.write_text(text)
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    for words in (("init", "--quiet", "-b", "main"), ("add", "--all"), (*identity, "commit", "--quiet", "-m", "Start")):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


@pytest.mark.promise("R13")
@pytest.mark.parametrize("form", ["json", "jsonl", "geojson", "ngsi-ld", "sensorthings", "dcat", "csv", "scdl"])
def test_json_of_an_export_holds_no_command_and_one_made_before_still_holds(
    mapped_registry: Path, tmp_path: Path, form: str
) -> None:
    files = {name: content.decode() for name, content in contents(make_export(mapped_registry, form=form)).items()}
    documents = {name: text for name, text in files.items() if not name.endswith((".csv", ".csvt", ".sql", ".prj"))}
    assert documents
    for name, text in documents.items():
        assert not ACTS.search(text), name
        before = text.replace(r"\u0023\u0023[", "##[")
        for new, old in (
            zip(text.splitlines(), before.splitlines(), strict=True) if form == "jsonl" else [(text, before)]
        ):
            assert json.loads(new) == json.loads(old)
        has_records = form != "geojson" or json.loads(text)["features"]
        if name != "datapackage.json" and has_records:
            assert before != text
            (tmp_path / name).write_text(before)
            at = "HEAD" if form == "jsonl" else None
            assert verify(open_workspace(mapped_registry), tmp_path / name, at=at).same == "values"
            (tmp_path / name).write_text(text)
            assert verify(open_workspace(mapped_registry), tmp_path / name, at=at).same == "bytes"


CSV = {
    ("list", "org", "--columns", "note", "-f", "csv"): "row 2 (org/base), note",
    ("query", "SELECT id, note FROM org", "-f", "csv"): "row 2, note",
    ("export", "org"): "row 2 (base), note",
    ("export", "org", "--dialect", "excel-fr"): "row 2 (base), note",
    ("blame", "base", "-f", "csv"): "row 4 (org/base, note), value",
    ("show", "base", "-f", "yaml"): "line 3",
    ("list", "org", "--columns", "note", "--where", "id=first", "-f", "csv"): "row 2 (org/first), note",
    ("query", "SELECT '::error::x' AS a", "-f", "csv"): "row 2, a",
    ("query", "SELECT 1 AS '##[error]x', 2 AS b", "-f", "csv"): "heading 1",
}


@pytest.mark.promise("R11")
@pytest.mark.parametrize("words", CSV, ids=" ".join)
def test_what_cannot_be_escaped_is_refused_where_a_service_reads_it(
    root: Path, runs: Runs, tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("CI", "GITHUB_ACTIONS", "TF_BUILD"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "True")
            code, out, err = runs(*words, "-C", str(root))
            assert (code, out) == (2, "")
            assert f"error: {CSV[words]}: a CI service would take this text for a command\n" in err
            assert "-o FILE" in err
            file = str(tmp_path / f"{variable}.csv")
            assert runs(*words, "-C", str(root), "-o", file)[0] == 0
    code, out, _ = runs(*words, "-C", str(root))
    assert code == 0
    assert ACTS.search(out)
    assert Path(file).read_bytes().decode() == out


def test_a_regular_file_is_no_log(root: Path, tmp_path: Path) -> None:
    words = ("list", "org", "--columns", "note", "-f", "csv")
    with (tmp_path / "out.csv").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "smartreg", *words],
            cwd=root,
            env={**os.environ, "CI": "true"},
            stdout=out,
            check=False,
        )
    assert done.returncode == 0
    assert "\n##[error]x" in (tmp_path / "out.csv").read_text()


@pytest.mark.promise("R11")
def test_annotations_are_commands_on_purpose(root: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    code, out, _ = runs("validate", "-f", "github", "-C", str(root))

    assert code == 1
    assert out.startswith("::error file=registry/org/wrong.yaml,")
    assert "##[" not in out
