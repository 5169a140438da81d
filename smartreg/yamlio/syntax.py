"""Turn the parser's report of a syntax error into what was typed wrong, and how to correct it."""

from __future__ import annotations

import re

from smartreg.core.messages import Message, Text
from smartreg.core.values import Mark
from smartreg.yamlio.sentences import YamlFault, key_not_text, tab

_QUOTE_TEXT = Message("put the text in quotes")
_SENTENCES: tuple[tuple[str, Text, Text], ...] = (
    (
        "mapping values are not allowed",
        Message("unexpected colon"),
        Message("if the text has a colon, put it in quotes; if this is a field, align it with the others"),
    ),
    (
        "block sequence entries are not allowed",
        Message("unexpected dash: no list can begin here"),
        Message("begin the list on the next line; if the dash is text, put it in quotes"),
    ),
    (
        "could not find expected ':'",
        Message("this line has no colon after its key"),
        Message("write `key: value`"),
    ),
    (
        "escape",
        Message("the backslash begins an escape that does not exist"),
        Message("use single quotes, or write the backslash twice"),
    ),
    (
        "hexdecimal",
        Message("the backslash begins an escape that is not complete"),
        Message("use single quotes, or write the backslash twice"),
    ),
    (
        "did not find expected comment or line break",
        Message("after | or > the text begins on the next line"),
        _QUOTE_TEXT,
    ),
    (
        "mapping keys are not allowed",
        Message("unexpected question mark: no key can begin here"),
        _QUOTE_TEXT,
    ),
    (
        "found unexpected ':'",
        Message("a text between brackets has a colon"),
        _QUOTE_TEXT,
    ),
    (
        "indentation indicator",
        Message("after | or > the text begins on the next line"),
        _QUOTE_TEXT,
    ),
    (
        "did not find expected <document start>",
        Message("there is text after the end of the record"),
        Message("delete it, or the line of dots before it"),
    ),
    (
        "did not find expected node content",
        Message("a value is missing between brackets"),
        Message("look for a comma too many"),
    ),
)

_NO_SPACE = r"\s*(- )?[A-Za-z_][A-Za-z0-9_]*:\S"


def syntax_fault(problem: str, at: Mark, began: Mark | None, lines: list[str]) -> YamlFault:
    """`problem` in libyaml's words, at `at`; the construct being read may have `began` elsewhere."""
    if "nesting" in problem:
        return YamlFault("YML007", at, Message("too many brackets inside each other"))
    if any(word in problem for word in ("alias", "anchor", " tag", "directive")):
        message: Text = Message("a text begins with *, &, ! or %, which have a meaning in YAML")
        return YamlFault("YML003", began or at, message, _QUOTE_TEXT)
    if "quoted scalar" in problem and ("end of stream" in problem or "document indicator" in problem):
        return _quote_fault(began or at)
    if "',' or" in problem and began:
        return _bracket_fault(at, began, lines)
    if "tab character" in problem:
        return tab(at)
    if "cannot start any token" in problem:
        return _bad_beginning(at, lines)
    if "did not find expected key" in problem or "'-' indicator" in problem:
        return _indentation_fault(at, lines)
    if "expected ':'" in problem and re.match(_NO_SPACE, lines[(began or at).line - 1]):
        return YamlFault("YML001", began or at, Message("put a space after the colon"), Message("write `key: value`"))
    for part, message, hint in _SENTENCES:
        if part in problem:
            return YamlFault("YML001", began if "expected ':'" in problem and began else at, message, hint)
    return YamlFault("YML001", at, Message("this cannot be read as YAML"))


def _quote_fault(began: Mark) -> YamlFault:
    message = Message("the quote that opens here is never closed")
    hint = Message("close it on the same line, or write the quotes inside the text twice")
    return YamlFault("YML001", began, message, hint)


def _bracket_fault(at: Mark, began: Mark, lines: list[str]) -> YamlFault:
    opening = _character(began, lines)
    closing = "}" if opening == "{" else "]"
    message = Message(
        "the {opening} that opens on line {line} is not closed, or a comma is missing before this place",
        opening=opening,
        line=began.line,
    )
    hint = Message("add {closing} or the comma", closing=closing)
    is_at_end = at.line > began.line or at.column > len(lines[at.line - 1])
    return YamlFault("YML001", began if is_at_end else at, message, hint)


def _bad_beginning(at: Mark, lines: list[str]) -> YamlFault:
    sign = _character(at, lines)
    if sign == "\t":
        return tab(at)
    message = Message("a text cannot begin with {sign}", sign=sign)
    return YamlFault("YML001", at, message, _QUOTE_TEXT)


def _indentation_fault(at: Mark, lines: list[str]) -> YamlFault:
    if _character(at, lines) == ":" and not lines[at.line - 1][: at.column - 1].strip():
        return key_not_text(at, "", ())
    indent = len(lines[at.line - 1]) - len(lines[at.line - 1].lstrip()) if at.line <= len(lines) else 0
    if at.column - 1 > indent:
        message = Message("there is text after the value")
        hint = Message("put the whole value in quotes, and write the quotes inside it twice")
        return YamlFault("YML001", at, message, hint)
    message = Message("this line is not aligned with the ones above")
    hint = Message("give the fields of one group the same indentation")
    return YamlFault("YML001", at, message, hint)


def _character(at: Mark, lines: list[str]) -> str:
    """The character at a mark; a space when there is none."""
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return line[at.column - 1 : at.column] or " "
