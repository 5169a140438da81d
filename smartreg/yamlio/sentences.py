"""The messages for each structural fault."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from smartreg.core.findings import Severity
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, KeyPath, Mark
from smartreg.yamlio.scalars import MAX_DEPTH, MAX_NODES, NumberRefused, shorten
from smartreg.yamlio.writer import spell_for_all


class YamlFault(NamedTuple):
    """A fault without its file. Unless `severity` is error, the text is still usable; `respell`: respelling fixes the
    fault."""

    code: str
    mark: Mark
    message: Text
    hint: Text | None = None
    path: KeyPath = ()
    on_key: bool = False
    severity: Severity = "error"
    respell: bool = False


Sign = Literal["*", "&", "!", "<<"]
_SIGNS: Final[dict[Sign, Text]] = {
    "*": Message("an alias (*) repeats another value"),
    "&": Message("an anchor (&) names a value"),
    "!": Message("a tag (!) changes the type of a value"),
    "<<": Message("a merge key (<<) copies other fields"),
}
_SIMPLER: Final = Message("a record is a page of facts: split it, or link to a file")
_NOT_A_RECORD: Final = {
    "nothing": Message("this file holds no record"),
    "list": Message("a record is made of `key: value` lines, not of a list"),
    "text": Message("a record is made of `key: value` lines, not of one text"),
}


def sign(mark: Mark, kind: Sign, shown: str, path: KeyPath) -> YamlFault:
    """An anchor, alias, tag or merge key."""
    what = _SIGNS[kind]
    shown = shorten(shown)
    message = Message("{shown}: {what}", shown=shown, what=what)
    hint = Message("write the value itself; if the text begins with {kind}, put it in quotes", kind=kind)
    return YamlFault("YML003", mark, message, hint, path, on_key=kind == "<<")


def repeated_key(mark: Mark, first: Mark, path: KeyPath) -> YamlFault:
    shown = shorten(str(path[-1]))
    message = Message("{shown} is already given on line {line}", shown=shown, line=first.line)
    return YamlFault("YML002", mark, message, Message("keep one of the two"), path, on_key=True)


def key_not_text(mark: Mark, source: str | None, path: KeyPath) -> YamlFault:
    """A key that is a number, boolean or null (`source`), nothing (empty `source`), or a collection (None)."""
    if source is None:
        message = Message("a key must be a text, not a list or group")
        return YamlFault("YML001", mark, message, None, path, on_key=True)
    if not source:
        message = Message("the key before the colon is missing")
        return YamlFault("YML001", mark, message, None, path, on_key=True)
    shown = shorten(source)
    message = Message("the key {shown} is read as a number, a boolean or nothing", shown=shown)
    hint = Message('write it in quotes: "{shown}"', shown=shown)
    return YamlFault("YML008", mark, message, hint, path, on_key=True)


def number(mark: Mark, refused: NumberRefused, path: KeyPath) -> YamlFault:
    shown = shorten(refused.source)
    message = Message("{shown}: {reason}", shown=shown, reason=refused.reason)
    return YamlFault("YML008", mark, message, refused.hint, path)


def read_elsewhere(mark: Mark, source: str, value: Json, path: KeyPath, *, on_key: bool = False) -> YamlFault:
    """A plain scalar, read here as `value`, that other readers interpret differently."""
    shown, spelling = shorten(source), shorten(spell_for_all(value, path))
    if isinstance(value, str):
        message = Message("{shown} is a text here, and something else to other readers of YAML", shown=shown)
        hint = Message("write it in quotes: {spelling}", spelling=spelling)
    else:
        message = Message("{shown} is a number here, and a text to other readers of YAML", shown=shown)
        hint = Message("write it as {spelling}", spelling=spelling)
    return YamlFault("YML013", mark, message, hint, path, on_key, "info", respell=True)


def twin_key(mark: Mark, first: Mark, path: KeyPath) -> YamlFault:
    """A key that equals another one once its accents are composed."""
    shown = shorten(str(path[-1]))
    message = Message(
        "{shown} is the key of line {line} with its accents composed in another way", shown=shown, line=first.line
    )
    hint = Message("keep one of the two: nobody sees that they differ")
    return YamlFault("YML014", mark, message, hint, path, on_key=True, severity="warning")


def escaped_character(mark: Mark, character: str, path: KeyPath) -> YamlFault:
    """A forbidden character that an escape (`"\\e"`) represents."""
    name = f"U+{ord(character):04X}"
    message = Message("an escape for the character {name}, which is invisible or acts on what is displayed", name=name)
    hint = Message("delete it; for a backslash, use single quotes or write it twice")
    return YamlFault("YML006", mark, message, hint, path)


def raw(mark: Mark, character: str) -> YamlFault:
    """A forbidden character in the text itself."""
    name = f"U+{ord(character):04X}"
    message = Message("the character {name} is invisible or acts on what is displayed", name=name)
    hint = Message("delete it, or type the text again")
    return YamlFault("YML006", mark, message, hint)


def not_a_record(mark: Mark, what: Literal["nothing", "list", "text"]) -> YamlFault:
    return YamlFault("YML004", mark, _NOT_A_RECORD[what])


def second_document(mark: Mark) -> YamlFault:
    message = Message("a second document begins here")
    hint = Message("one record a file: delete the line ---")
    return YamlFault("YML003", mark, message, hint)


def too_deep(mark: Mark) -> YamlFault:
    message = Message("more than {max_depth} levels inside each other", max_depth=MAX_DEPTH)
    return YamlFault("YML007", mark, message, _SIMPLER)


def too_many(mark: Mark) -> YamlFault:
    shown = f"{MAX_NODES:,}".replace(",", " ")
    message = Message("more than {shown} keys and values", shown=shown)
    return YamlFault("YML007", mark, message, _SIMPLER)


def tab(mark: Mark) -> YamlFault:
    message = Message("this line is indented with a tab")
    return YamlFault("YML001", mark, message, Message("indent with spaces"))
