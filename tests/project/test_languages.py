"""Languages that smartreg speaks: one that shows each sentence that escapes, and one that is translated in part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogues import compile_all
from openpyxl import load_workbook
from program import ROOT, copy_example, start
from pseudo_language import NAME, make_catalogue
from small import Runs, runs

from smartreg.core.values import Json

__all__ = ["runs"]  # a fixture

# Each prints sentences of other rooms.
SCREENS = (
    "status",
    "validate",
    "validate --statistics",
    "list use-case",
    "show demo-istres-noise-001",
    "deadlines",
    "coverage",
    "log --limit 3",
    "doctor --settings",
    "diff HEAD --since HEAD",
    "verify nothing.csv",
    "set demo-istres-noise-001 status=flying -y",
    "show nobody",
    "explain NONE000",
    "list --where x",
    "import equipment none.csv",
    "audit --since HEAD",
    "terminate nobody",
)
ITALIAN = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
    'msgid "no record \\"{word}\\""\nmsgstr "nessuna scheda «{word}» è qui"\n\n'
    'msgid "error"\nmsgstr "errore"\n'
)
PRESETS = ("noise level sensor", "pedestrian count sensor", "niveau sonore capteur")  # two texts of a schema in one
CELLS = re.compile(r"\s{2,}|[│|,;:()#«»\"]")
PROSE = re.compile(r"(?<![\w/.`-])(?!smartreg )[a-z]{3,} [a-z]{2,} [a-z]{2,}(?![\w/.`-])")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example registry."""
    return copy_example(tmp_path_factory.mktemp("languages") / "root")


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogue of the language that nobody speaks."""
    folder = tmp_path_factory.mktemp("locale")
    make_catalogue(folder)
    return folder


@pytest.fixture(scope="module")
def data() -> str:
    """What records, schemas, manuals of rules and settings say: no catalogue translates it."""
    places = ("registry", "schemas", "smartreg/rules/pages")
    files = [file for name in places for file in (ROOT / name).rglob("*") if file.is_file()]
    text = " ".join(file.read_text("utf-8", "replace") for file in (*files, ROOT / "smartreg.toml"))
    return re.sub(r"\s+", " ", text).lower()


@pytest.fixture(scope="module")
def in_french(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that catalogue in the place of the French one, for what says everything in both languages, and with
    one in Italian: for other processes, since this one keeps the catalogues that it has read."""
    folder = tmp_path_factory.mktemp("in_french")
    make_catalogue(folder, "fr")
    source = folder / "it" / "LC_MESSAGES" / "smartreg.po"
    source.parent.mkdir(parents=True)
    source.write_text(ITALIAN, "utf-8")
    compile_all(folder)
    return folder


@pytest.fixture
def there(root: Path, locale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the registry, in that language."""
    monkeypatch.setenv("SMARTREG_LOCALE", str(locale))
    monkeypatch.setenv("SMARTREG_LANG", NAME)
    monkeypatch.chdir(root)


def escaped(text: str, data: str) -> list[str]:
    """Prose in a text that is English, and not of the data."""
    cells = [cell for line in text.splitlines() for cell in CELLS.split(line)]
    found = [prose for cell in cells for prose in PROSE.findall(cell) if prose.lower() not in data]
    return [prose for prose in found if prose not in PRESETS]


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("words", SCREENS)
def test_no_sentence_escapes_translation(runs: Runs, data: str, words: str) -> None:
    code, out, err = runs(*words.split())
    assert code < 70
    assert escaped(out + err, data) == []


@pytest.mark.usefixtures("there")
def test_help_is_whole_in_any_language(runs: Runs, data: str) -> None:
    """The words that Typer would say in English, and the placeholders of values."""
    for words in (("-h",), ("set", "-h"), ("audit", "-h")):
        _, shown, _ = runs(*words)
        assert "[!! " in shown
        assert escaped(shown, data) == []
        found = set(re.findall(r"\b(?:Usage|Arguments|Options|Commands|[A-Z]{3,})\b", shown))
        assert found <= {"FMT", "REV", "REC", "GEO"}  # the last two begin codes of rules


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("form", ["markdown", "csv"])
def test_the_bilan_is_whole_in_any_language(runs: Runs, data: str, form: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert runs("report", "-f", form, "-o", str(target))[0] == 0
    files = [target] if target.is_file() else sorted(target.rglob("*.*"))
    assert [found for file in files for found in escaped(file.read_text("utf-8"), data)] == []


def second_language(value: Json) -> Iterator[str]:
    """The texts in a value: of two, as the page has them of each sentence, the second."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value):
        yield str(value[1])
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from second_language(each)


def test_the_page_is_whole_in_any_language(root: Path, in_french: Path, data: str, tmp_path: Path) -> None:
    """What it holds, what stands around that, and what its scripts would say by themselves."""
    page = tmp_path / "page.html"
    environ = {"SMARTREG_LOCALE": str(in_french)}
    done = start("--lang", "fr", "report", "-f", "html", "-o", str(page), cwd=root, **environ)
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    island = re.search('<script type="application/json" id="data">(.*?)</script>', text)
    assert island is not None
    texts = list(second_language(json.loads(island[1])))
    assert any("Ḋ" in text or "Đ" in text for text in texts)
    assert [found for text in texts for found in escaped(text, data)] == []
    assert escaped(re.sub("(?s)<(script|style).*?</\\1>|<[^>]*>", "\n", text), data) == []
    scripts = (ROOT / "smartreg" / "reports" / "page" / "scripts").glob("*.js")
    said = [said for file in scripts for said in re.findall(r'"([^"\n]*)"', file.read_text("utf-8"))]
    assert [text for text in said if PROSE.search(text)] == []


def test_workbooks_are_whole_in_any_language(root: Path, in_french: Path, data: str, tmp_path: Path) -> None:
    """Sheets, headings, notes, labels and drop-downs; their names hold nothing that a workbook refuses."""
    target = tmp_path / "registry.xlsx"
    environ = {"SMARTREG_LOCALE": str(in_french)}
    done = start("--lang", "fr", "export", "-f", "xlsx", "--labels", "-o", str(target), cwd=root, **environ)
    assert done.returncode == 0, done.stderr
    book = load_workbook(target)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    texts += [cell.comment.text for cell in cells if cell.comment]
    rules = [rule for sheet in book for rule in sheet.data_validations.dataValidation]
    texts += [text for rule in rules for text in (rule.prompt, rule.promptTitle, rule.error, rule.errorTitle) if text]
    assert [found for text in (*book.sheetnames, *texts) for found in escaped(text, data)] == []
    checked = start("--lang", "fr", "verify", str(target), cwd=root, **environ)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.usefixtures("there")
def test_a_page_speaks_english_to_a_language_that_it_does_not_have(runs: Runs, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert runs("report", "-f", "html", "-o", str(page))[0] == 0
    assert '<html lang="en">' in page.read_text("utf-8")


def test_a_language_that_is_translated_in_part(root: Path, in_french: Path) -> None:
    environ = {"SMARTREG_LOCALE": str(in_french)}
    for words, extra in ((("--lang", "it"), {}), ((), {"SMARTREG_LANG": "it"})):
        said = start(*words, "show", "nobody", cwd=root, **environ, **extra).stderr
        assert said == "errore: nessuna scheda «nobody» è qui\nhelp: smartreg list shows what there is\n"
    assert '--lang must be one of en, fr, not "it"' in start("--lang", "it", "status", cwd=root).stderr
