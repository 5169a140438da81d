"""Every rule by its cases: `rules/<CODE>/wrong…/` and `right…/` are little registries, `expected.txt` what is found.
Rules on a change have two of them in each case, `before/` and `after/`.

`pytest --update` rewrites `expected.txt`, what the rules declare, and the pages of all rules in `docs/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import smartreg.rules
from smartreg.commands.reference import all_pages
from smartreg.core.findings import Finding
from smartreg.core.values import LANGUAGES, Language, Location, path_text
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, Rule, all_rules, indexed_fields, own_rules
from smartreg.rules._declared import DECLARED
from smartreg.rules.loading import row_of
from smartreg.schema.settings_file import further_folders
from smartreg.trees import WorkingTree, settings_text
from smartreg.validation.check import Checker, Selection
from smartreg.validation.manuals import catalogue, manual
from smartreg.yamlio import read

CASES = Path(__file__).parents[1] / "rules"
ON = date(2026, 1, 15)
CODE = "[A-Z]{3}[0-9]{3}"
HEADINGS = ["What it checks", "Why", "Wrong", "Right", "How to fix it", "Configure", "Waive"]
TITRES = ["Ce qui est vérifié", "Pourquoi", "Faux", "Juste", "Comment corriger", "Régler", "Déroger"]
RULES = dict(sorted({**own_rules(), **catalogue()}.items()))

# Sheets: test_import_faults.py; frames: test_since.py, test_authors.py; history: test_audit.py; sources:
# test_observatory_report.py.
# What no folder can hold cannot stand here as files: test_names.py, test_bombs.py.
NAMES = ("YML011", "YML012", "YML015", "YML016")
OUTSIDE = ("sheet", "frame", "history", "sources")
JUDGING = {code: rule for code, rule in RULES.items() if rule.scope not in OUTSIDE and code not in NAMES}

every_rule = pytest.mark.parametrize("rule", JUDGING.values(), ids=JUDGING)


DECLARED_IN = Path(smartreg.rules.__file__).parent / "_declared.py"


def test_what_is_declared_is_what_the_modules_make(request: pytest.FixtureRequest) -> None:
    rows = tuple(map(row_of, RULES.values()))
    if request.config.getoption("--update"):
        head, _, _ = DECLARED_IN.read_text("utf-8").partition(" = (")
        DECLARED_IN.write_text(f"{head} = (\n" + "".join(f"    {row!r},\n" for row in rows) + ")\n", "utf-8")
        return

    assert rows == DECLARED, "pytest tests/validation/test_rules.py --update copies what rules declare"
    assert rows == tuple(map(row_of, all_rules().values()))


def test_a_module_is_named_after_the_code_of_its_rule() -> None:
    named = {
        path.stem: path.stem[:6].upper() for path in DECLARED_IN.parent.glob("[a-z][a-z][a-z][0-9][0-9][0-9]_*.py")
    }
    made = {rule.module.rpartition(".")[2]: code for code, rule in own_rules().items()}
    assert named == made, "@rule makes the rule of a module"


@every_rule
def test_wrong_cases_give_the_expected_findings(rule: Rule, request: pytest.FixtureRequest) -> None:
    cases = cases_of(rule, "wrong")
    assert cases, f"no folder tests/rules/{rule.code}/wrong"
    found = {case.name: findings_in(case, rule) for case in cases}
    assert all(found.values()), "a wrong case gives no finding"
    if rule.severity != "error" and not rule.grades_errors:  # an audit does not run it
        assert {finding.severity for findings in found.values() for finding in findings}.isdisjoint({"error"})
    text = "\n".join(line for name, findings in found.items() for line in section(name, findings))
    expected = CASES / rule.code / "expected.txt"
    if request.config.getoption("--update"):
        expected.write_text(text, encoding="utf-8")
    assert expected.is_file(), "pytest tests/validation/test_rules.py --update writes it: read what it says"
    assert expected.read_text(encoding="utf-8") == text, (
        "if it is right, pytest tests/validation/test_rules.py --update"
    )


@every_rule
def test_right_cases_and_nothing_to_judge_give_no_finding(rule: Rule) -> None:
    cases = cases_of(rule, "right")
    assert cases, f"no folder tests/rules/{rule.code}/right"
    assert {case.name: findings_in(case, rule) for case in cases} == {case.name: [] for case in cases}
    for case in cases_of(rule, "wrong") if rule.scope == "registry" else ():
        registry = open_folder(case)
        assert list(rule.check(registry, [], Context(registry.schemas, registry.config, ON))) == []


@every_rule
def test_a_rule_finds_nothing_in_records_without_the_fields_it_asks_for(rule: Rule) -> None:
    """In the registries of all cases, wrong ones included: the engine does not call it for such records."""
    if rule.asks is None:
        return
    seen = 0
    for registry in all_wrong_cases():
        others = [
            record
            for record in registry.records()
            if rule.speaks_of(record.rid.kind)
            and not {*rule.asks(registry.schemas.kinds[record.rid.kind])}.intersection(record.data)
        ]
        context = Context(registry.schemas, registry.config, ON)
        if rule.scope == "registry":
            assert list(rule.check(registry, others, context)) == []
        else:
            assert [fault for record in others for fault in rule.check(record, context)] == []
        seen += len(others)
    assert seen


@cache
def all_wrong_cases() -> list[Registry]:
    return [open_folder(case) for rule in RULES.values() for case in cases_of(rule, "wrong")]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_both_manual_pages_are_whole_and_say_the_same(rule: Rule) -> None:
    """Section by section, with the same examples and the same names in code; a command can be copied from one line, and
    the settings are named as code."""
    pages = {lang: manual(rule, lang) for lang in ("en", "fr")}
    english, french = map(sections, pages.values())
    assert all(rule.title.in_(lang) for lang in pages)
    assert list(english) == HEADINGS
    assert list(french) == TITRES, "its French page is rules/pages/<CODE>.fr.md"
    assert all(text.strip() for text in english.values())
    for (heading, in_english), said in zip(english.items(), french.values(), strict=True):
        assert fences(said) == fences(in_english), heading
        assert in_code(said) == in_code(in_english), heading
        assert len(prose(said).split()) >= 0.6 * len(prose(in_english).split()), heading
    for page in map(prose, pages.values()):
        assert [span for span in re.findall(r"`[^`]+`", page) if "\n" in span] == []
        assert "smartreg.toml" not in re.sub(r"`[^`]+`", "", page)
    if rule.code in JUDGING:
        assert examples(english["Wrong"])
        assert examples(english["Right"])
        # What YML rules refuse is by definition not to be read.
        readable = [*examples(english["Right"]), *([] if rule.code.startswith("YML") else examples(english["Wrong"]))]
        for example in readable:
            document = read(example.encode(), "example.yaml")
            assert document.data, (example, document.faults)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_page_holds_all_rules(lang: Language) -> None:
    """The table names each rule once and leads to its manual."""
    page = all_pages(RULES.values(), lang)
    assert re.findall(r"^\| \[(\w+)\]\(#\w+\)", page, re.M) == list(RULES)
    assert re.findall(r'^<a id="(\w+)"></a>$', page, re.M) == [code.lower() for code in RULES]
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= {code.lower() for code in RULES}


def test_every_case_belongs_to_a_rule() -> None:
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} - set(RULES) == set()


def cases_of(rule: Rule, word: str) -> list[Path]:
    folder = CASES / rule.code
    return sorted(
        path for path in folder.glob(f"{word}*") if path.is_dir() and re.fullmatch(rf"{word}(-\d+)?", path.name)
    )


def findings_in(case: Path, rule: Rule) -> list[Finding]:
    """The findings of this rule's code in a little registry, by full check; of a change rule, between two of them."""
    change = rule.scope == "change"
    registry = open_folder(case / "before" if change else case)
    context = Context(registry.schemas, registry.config, ON)
    checker = Checker(RULES, context, Selection(select=(rule.code,)))
    return (
        checker.compare(registry, open_folder(case / "after")).of_change().findings
        if change
        else checker.check(registry).findings
    )


def open_folder(root: Path) -> Registry:
    tree = WorkingTree(root, None, folders=further_folders(settings_text(root)))
    return open_registry(tree, None, indexed_fields(RULES.values()))


def section(name: str, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"[{name}]"
    for finding in findings:
        yield f"{format_place(finding.where)}  {finding.severity}  {finding.message.in_('en')}"
        yield f"    {finding.message.in_('fr')}"
        if finding.hint is not None:
            yield f"    help: {finding.hint.in_('en')}"
            yield f"    aide : {finding.hint.in_('fr')}"
        for other in finding.related:
            yield f"    see {format_place(other.where)}  {other.note.in_('en')}"
            yield f"    voir {format_place(other.where)}  {other.note.in_('fr')}"
    yield ""


def format_place(where: Location) -> str:
    place = f":{where.mark.line}:{where.mark.column}" if where.mark else ""
    return f"{where.file}{place}  {path_text(where.path) or '-'}"


def sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def fences(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def in_code(text: str) -> set[str]:
    return {" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(text))}


def examples(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_every_code_that_the_program_writes_has_a_manual_page() -> None:
    modules = (Path(__file__).parents[2] / "smartreg").rglob("*.py")
    written = {code for path in modules for code in re.findall(rf"[\"']({CODE})[\"']", path.read_text("utf-8"))}
    assert {code for code in written if code not in RULES} == set()
    assert {"YML001", "SCH101", "IMP001", "GEO701", "REC107"} <= written
