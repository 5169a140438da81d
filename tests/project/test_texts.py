"""Every sentence for people, wherever the code says it, in each language that has a catalogue."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest
from catalogues import LOCALE, Entry, compiled, read_catalogue
from french import FRENCH
from jinja2 import Environment, nodes

PACKAGE = Path(__file__).parents[2] / "smartreg"
COMMANDS = {file.stem.rstrip("_").replace("_", "-") for file in (PACKAGE / "cli").glob("*.py")}
SENTENCE = {"Message": 0, "t": 0, "plural": 0, "message_in": 1, "plural_in": 1}  # how many contexts come first
PLURALS = {"plural", "plural_in"}
HANDED_ON = {"Message(template, **values)", "Message(title)"}  # by `t`, and from what the modules of rules declare
OWN = {"core/messages.py"}
SOURCES = sorted(LOCALE.glob("*/LC_MESSAGES/smartreg.po"))
# What is the same in French and English.
ALIKE = frozenset(
    [
        *(
            "alias",
            "annexes",
            "question",
            "arguments",
            "bilan",
            "budget",
            "commit",
            "commits",
            "1 commit",
            "{all} commits",
            "commune",
            "communes",
            "conclusion",
            "convention",
            "import",
            "format",
        ),
        *("conventions", "date", "incidents", "index", "installation", "licence", "message", "mutualisation", "note"),
        *("options", "parties", "point", "points", "smartreg", "source", "sources", "support", "supports"),
        *("type",),
        *("creative commons attribution 4.0", "open database license 1.0 (odbl)"),  # as they are called everywhere
    ]
)
UNTRANSLATED = re.compile(r"(smartreg|git|pip|update-index|sqlite|table schema|commit|scdl)[ ,]", re.IGNORECASE)


class Sentence(NamedTuple):
    """A sentence as the code says it: its key in a catalogue, and the values that the call gives."""

    where: str
    context: str | None
    english: tuple[str, ...]
    values: frozenset[str]

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.english[0]


MANUALS = "../scripts/manuals.py"  # it says what stands between the helps of commands


@cache
def modules() -> dict[str, list[ast.AST]]:
    """The nodes of each module of the program, by its path; several tests look through this million."""
    names = [*(file.relative_to(PACKAGE).as_posix() for file in sorted(PACKAGE.rglob("*.py"))), MANUALS]
    return {name: [*ast.walk(ast.parse((PACKAGE / name).read_text("utf-8")))] for name in names}


def name_of(call: ast.expr) -> str:
    """The name of a function that makes a message, however it was imported."""
    if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "messages":
        return call.attr
    return call.id if isinstance(call, ast.Name) else ""


@cache
def calls() -> list[tuple[str, ast.Call, bool]]:
    """The calls that make a message, and whether they stand inside an f-string."""
    return list(find_calls())


def find_calls() -> Iterator[tuple[str, ast.Call, bool]]:
    for name, parts in modules().items():
        if name not in OWN:
            inside = {inner for part in parts if isinstance(part, ast.JoinedStr) for inner in ast.walk(part)}
            for node in parts:
                if isinstance(node, ast.Call) and name_of(node.func) in SENTENCE:
                    if not isinstance(node.args[0], ast.Constant) and ast.unparse(node) in HANDED_ON:
                        continue
                    yield f"smartreg/{name}:{node.lineno}", node, node in inside


@cache
def sentences() -> list[Sentence]:
    """The sentences of the program that are written where they are said, in code and in templates of pages."""
    return [*find_sentences(), *find_sentences_of_templates()]


def find_sentences() -> Iterator[Sentence]:
    for where, call, _inside in calls():
        function = name_of(call.func)
        first = SENTENCE[function]
        texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(texts) == first + 1 + (function in PLURALS):
            values = {word.arg for word in call.keywords if word.arg} - ({"choices"} if function == "t" else set())
            yield Sentence(where, texts[0] if first else None, tuple(texts[first:]), frozenset(values))


TEMPLATES = sorted((PACKAGE / "web" / "templates").rglob("*.html"))


def find_sentences_of_templates() -> Iterator[Sentence]:
    for file in TEMPLATES:
        for call in Environment().parse(file.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SENTENCE:
                first = SENTENCE[call.node.name]
                texts = [one.value for one in call.args if isinstance(one, nodes.Const)]
                assert len(texts) == first + 1 + (call.node.name in PLURALS), f"{file.name}:{call.lineno}"
                values = frozenset(word.key for word in call.kwargs)
                where = f"{file.relative_to(PACKAGE.parent)}:{call.lineno}"
                yield Sentence(where, texts[0] if first else None, tuple(texts[first:]), values)


class BareWords(HTMLParser):
    """Words that stand in a page itself: in its text, and in attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += re.findall(r"\w*[^\W\d_]\w*", data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("alt", "aria-label", "placeholder", "title"):
                self.handle_data(value or "")


@pytest.mark.parametrize("file", TEMPLATES, ids=[file.stem for file in TEMPLATES])
def test_a_template_says_nothing_that_is_not_in_the_catalogue(file: Path) -> None:
    page = BareWords()
    page.feed("".join(text for _line, sort, text in Environment().lex(file.read_text("utf-8")) if sort == "data"))
    assert set(page.words) <= {"smartreg"}


def fields(template: str) -> set[str]:
    """The placeholders of a template. ValueError for braces that do not match."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name is not None}


@pytest.fixture(scope="module", params=SOURCES, ids=[source.parents[1].name for source in SOURCES])
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def entries(source: Path) -> list[Entry]:
    header, *rest = read_catalogue(source.read_text("utf-8"))
    assert header.one == ""
    return rest


@pytest.fixture(scope="module")
def french() -> list[Entry]:
    path = LOCALE / "fr" / "LC_MESSAGES" / "smartreg.po"
    return [entry for entry in read_catalogue(path.read_text("utf-8")) if entry.one]


def test_all_sentences_are_found() -> None:
    assert len(sentences()) > 2000
    assert len({sentence.where.split(":")[0] for sentence in sentences()}) > 200


def test_each_sentence_is_written_where_it_is_said() -> None:
    """As one string: what a variable or an f-string holds is never extracted."""
    found = {sentence.where for sentence in sentences()}
    told = [
        where
        for where, call, _ in calls()
        if where not in found and not (name_of(call.func) == "t" and not isinstance(call.args[0], ast.JoinedStr))
    ]
    assert told == []


def test_no_message_is_made_inside_an_f_string() -> None:
    assert [where for where, _call, inside in calls() if inside] == []


def test_no_value_is_written_as_an_f_string() -> None:
    """Extraction takes it for a template, warns, and hides the warning that matters."""
    values = [(where, (*call.args, *(word.value for word in call.keywords))) for where, call, _ in calls()]
    assert [
        where
        for where, given in values
        if any(
            isinstance(value, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in value.values)
            for value in given
        )
    ] == []


def test_each_value_of_a_sentence_is_given() -> None:
    faults = []
    for sentence in sentences():
        used = set().union(*map(fields, sentence.english)) if sentence.values else set()
        if not used <= sentence.values:
            faults.append((sentence.where, used - sentence.values))
    assert faults == []


def test_the_compiled_catalogue_is_of_its_source(source: Path) -> None:
    """`python scripts/catalogues.py` compiles it; make test does so first."""
    assert source.with_suffix(".mo").read_bytes() == compiled(source.read_text("utf-8"))


def test_every_sentence_is_translated_and_nothing_is_left_over(source: Path, entries: list[Entry]) -> None:
    """`make texts` brings new sentences into the catalogues, and takes out old ones."""
    translated = {(entry.context, entry.one): entry for entry in entries}
    assert len(translated) == len(entries)
    said = {sentence.key: sentence.english for sentence in sentences()}
    own = {entry for key, entry in translated.items() if key[0] in CONTEXTS}
    assert [entry for entry in entries if entry.fuzzy or not all(entry.texts)] == []
    assert [key for key in said if key not in translated] == []
    assert [key for key, entry in translated.items() if key not in said and entry not in own] == []
    numbers = {key: (entry.one, entry.many) if entry.many else (entry.one,) for key, entry in translated.items()}
    assert [key for key, english in said.items() if english != numbers[key]] == []


CONTEXTS = ("between thousands", "before decimals", "first of the month", "day", "month")  # of core/messages.py


def test_translations_use_no_value_that_is_not_given(entries: list[Entry]) -> None:
    """They may leave one out."""
    given: dict[tuple[str | None, str], frozenset[str]] = {}
    for sentence in sentences():
        given[sentence.key] = given.get(sentence.key, sentence.values) & sentence.values
    faults = []
    for entry in entries:
        values = given.get((entry.context, entry.one), frozenset())
        if values:
            faults += [(entry.one, text) for text in entry.texts if not fields(text) <= values]
    assert faults == []


def test_each_language_says_it_in_its_own_words(french: list[Entry]) -> None:
    texts = {re.sub(r"\{\w+\}", "", one.one).strip() for one in french if one.one in one.texts}
    alike = {text for text in texts if re.search("[a-z]{3}", text) and not UNTRANSLATED.match(f"{text} ")}
    assert {text for text in alike if text.lower() not in ALIKE} == set()


def test_both_languages_name_the_same_commands(french: list[Entry]) -> None:
    def commands(text: str) -> set[str]:
        return COMMANDS & set(re.findall(r"\bsmartreg ([a-z]+(?:-[a-z]+)*)", text))

    assert [one for one in french if any(commands(one.one) != commands(text) for text in one.texts)] == []


def test_both_languages_name_the_same_options_and_codes(french: list[Entry]) -> None:
    def options(text: str) -> set[str]:
        return set(re.findall(r"(?<!\w)--[a-z][a-z-]+|\b[A-Z]{3}\d{3}\b", text))

    assert [one for one in french if any(options(one.one) != options(text) for text in one.texts)] == []


def test_french_sentences_are_set_as_french_is(french: list[Entry]) -> None:
    """A space before ; ? ! where it is no code, and inside of « »."""
    faults = []
    for text in (text for entry in french for text in entry.texts):
        prose = re.sub(r"`[^`]*`|\[[^\]]*\]|« [^»]* »|'[A-Z_]+!?=\S*", "", text)
        if re.search(r"[\w…)][;?!](?=\s|$)|(?<=[a-zéè])[.](?=[A-ZÉ][a-z])|« \S+»|«\S", prose):
            faults.append(text)
    assert faults == []


def test_french_sentences_have_one_apostrophe_and_one_space(french: list[Entry]) -> None:
    """Straight, and plain: what is set for reading (pages, the bilan) gets its spaces from `typeset`, and shells take
    the signs as they are. Values with a unit, and quotations, have spaces that do not break."""
    texts = [(entry.one, text) for entry in french for text in entry.texts]
    assert [text for _one, text in texts if "’" in text] == []
    fixed = {one for one, text in texts if re.search("[\u00a0\u202f]", text)}
    assert {one for one in fixed if "\u00a0" not in one} == {",", "%", "€{amount}", "“{text}”"}
    code = re.compile(r"`[^`]*`|\([a-z-]+: [^)]*\)|ajoutez \{name\}:|# smartreg:|as-author:")
    assert [text for _one, text in texts if re.search(r"[\w}»]:(?= |$)", code.sub("", text))] == []


def test_commands_in_french_keep_their_quotation_marks(french: list[Entry]) -> None:
    """So that they work as printed."""
    commands = re.compile(r"(?:git config \S+ \S+|-m|--reason) «")
    assert [text for entry in french for text in entry.texts if commands.search(text)] == []


def test_no_translation_loses_a_value(french: list[Entry]) -> None:
    """Another may stand for it (the title of a kind for its name); fewer are enough where French says it otherwise."""
    texts = [(entry.one, text) for entry in french for text in entry.texts if re.search(r"\{\w+\}", entry.one)]
    fewer = {one for one, text in texts if len(fields(text)) < len(fields(one))}
    assert fewer == {
        "{bond}: {who} {have} yet to agree",
        ", once the {kind} names it",
        'row {first} means the same {kind}, "{name}"',
        "Annex {annex} to {record}: {title}",
        "this is the centre of {code}, not the {noun}",
        '{word} cannot be a {what}: use small letters, digits, "-" and "_"',
        'the {what} "{word}" is taken by {word2}',
    }


FRENCH_LETTER = re.compile(r"[àâçéèêëîïôùûœ«»]|\b(?:oui|non|vrai|faux)\b|\b(?:nom|identifiant)(?:_|\b)", re.IGNORECASE)
NAMES = re.compile("Métropole|Paul Painlevé")
FRENCH_BY_NATURE = {
    "cli/ask.py": "words that people type for yes and no",
    "cli/catalogue.py": "words that people type for commands",
    "features/setup/command/demo.py": "records of a French metropolis",
    "workspace/conditions.py": "a name that people type for a column",
    "core/escape.py": "signs around a word",
    "core/secret.py": "names of fields and sentences that speak of keys",
    "core/spelling.py": "letters that fold",
    "exporters/scdl.py": "the name of a French standard",
    "asking/explanations.py": "signs around a word",
    "forms/importing.py": "an example",
    "importing/characters.py": "letters that were decoded in another encoding",
    "importing/comparing.py": "words in sheets for true and false",
    "importing/column_guesses.py": "headings of sheets",
    "importing/syntax.py": "an example",
    "reports/typography.py": "the spaces and articles of French",
    "rules/_declared.py": "titles of rules, written by a program",
    "schema/typed.py": "words that people type for true and false",
}
"""Files in which French is data, and why."""


def strings(parts: list[ast.AST]) -> list[str]:
    """The texts of a module but docstrings."""
    bare = {part.value for part in parts if isinstance(part, ast.Expr)}
    texts = [part for part in parts if isinstance(part, ast.Constant) and part not in bare]
    return [text.value for text in texts if isinstance(text.value, str)]


def test_no_sentence_stands_in_french_in_the_code() -> None:
    """A hint only, since French may have no such letter: `test_languages.py` is the proof."""
    found = {
        name: [text for text in strings(parts) if FRENCH_LETTER.search(NAMES.sub("", text))]
        for name, parts in modules().items()
    }
    french = {name: texts for name, texts in found.items() if texts}
    assert {name: texts for name, texts in french.items() if name not in FRENCH_BY_NATURE} == {}
    assert set(FRENCH_BY_NATURE) - set(french) == set()


def test_no_sentence_is_a_pair_of_languages() -> None:
    """But that of older plug-ins, a class that warns."""
    every = ((name, part) for name, parts in modules().items() for part in parts if isinstance(part, ast.Call))
    assert [f"{name}:{call.lineno}" for name, call in every if name_of(call.func) == "Words"] == []


# -- English for other countries -------------------------------------------------------------------------------------

ONLY_FRENCH = re.compile(  # modules that speak in France alone
    r"rules/(?:rec11[0-4]|con30[67]|con316|con317|con320|con325|dat506)|setup/command/demo|exporters/scdl|schema/(?:lint|schemas)"
)
SAID_ALL_THE_SAME = (  # about France itself, or the names of its options and formats
    *("--municipalities is for", "name their grouping", "{option} is for France", "CSV list of", "no EPCI"),
    *("give the nine digits", "Grouping of communes", "The registry begins with the communes", "create the parties of"),
    *("also write coordinates", "coordinate system of the file", "SCDL is a"),
    *("a code is a prefix of your own", "country whose codes"),
    *("{shown} and the like are", "{shown} looks like Lambert"),
)


FRENCH_CODES = re.compile(r"INSEE|SIREN|SIRET|EPCI|CNIL|CG3P|CGCT|Métropole|etalab|SCDL|insee_code|\bmetropole\b")


def test_french_for_other_countries_speaks_of_no_french_code_or_law() -> None:
    """A French run in a registry of Germany: communes are called so, INSEE has nothing to do with them."""

    def entries(name: str) -> dict[tuple[str | None, str], Entry]:
        found = read_catalogue((LOCALE / name).read_text("utf-8"))
        return {(entry.context, entry.one): entry for entry in found if entry.one}

    usual, english = entries("fr/LC_MESSAGES/smartreg.po"), entries("en/LC_MESSAGES/elsewhere.po")
    french = entries("fr/LC_MESSAGES/elsewhere.po")
    assert french.keys() <= english.keys()
    assert [key for key in english if any(map(FRENCH_CODES.search, usual[key].texts)) and key not in french] == []
    for key, entry in french.items():
        assert [text for text in entry.texts if FRENCH_CODES.search(text)] == []
        names = [set(re.findall(r"\{\w+\}", text)) for text in (entry.one, *entry.texts)]
        assert all(found <= names[0] for found in names[1:])
        assert len(entry.texts) == len(usual[key].texts)


def test_english_for_other_countries_has_every_sentence_that_speaks_of_france() -> None:
    entries = {
        (entry.context, entry.one): entry
        for entry in read_catalogue((LOCALE / "en" / "LC_MESSAGES" / "elsewhere.po").read_text("utf-8"))
        if entry.one
    }
    spoken = {sentence.key: sentence for sentence in sentences()}
    assert [key for key in entries if key not in spoken] == []
    for entry in entries.values():
        assert [text for text in entry.texts if FRENCH.search(text)] == []
        names = [set(re.findall(r"\{\w+\}", text)) for text in (entry.one, *entry.texts)]
        assert all(found <= names[0] for found in names[1:])
    missing = [
        sentence.english[0]
        for key, sentence in spoken.items()
        if any(map(FRENCH.search, sentence.english))
        and key not in entries
        and not ONLY_FRENCH.search(sentence.where)
        and not sentence.english[0].startswith(SAID_ALL_THE_SAME)
    ]
    assert missing == []
