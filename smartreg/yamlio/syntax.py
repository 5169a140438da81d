"""Turn the parser's report of a syntax error into what was typed wrong, and how to correct it."""

from __future__ import annotations

from smartreg.core.values import Mark, Words
from smartreg.yamlio.sentences import YamlFault, key_not_text, tab

_QUOTE_TEXT = Words(en="put the text in quotes", fr="mettez le texte entre guillemets")
_SENTENCES: tuple[tuple[str, Words, Words], ...] = (
    (
        "mapping values are not allowed",
        Words(en="unexpected colon", fr="des deux-points sont mal placés"),
        Words(
            en="if the text has a colon, put it in quotes; if this is a field, align it with the others",
            fr="si le texte a des deux-points, mettez-le entre guillemets ; si c'est un champ, alignez-le",
        ),
    ),
    (
        "block sequence entries are not allowed",
        Words(en="unexpected dash: no list can begin here", fr="un tiret est placé où aucune liste ne peut commencer"),
        Words(
            en="begin the list on the next line; if the dash is text, put it in quotes",
            fr="commencez la liste à la ligne suivante ; si le tiret fait partie du texte, mettez-le entre guillemets",
        ),
    ),
    (
        "could not find expected ':'",
        Words(en="this line has no colon after its key", fr="cette ligne n'a pas de deux-points après sa clé"),
        Words(en="write `key: value`", fr="écrivez `clé: valeur`"),
    ),
    (
        "escape",
        Words(
            en="the backslash begins an escape that does not exist",
            fr="la barre oblique inverse commence un échappement inconnu",
        ),
        Words(
            en="use single quotes, or write the backslash twice",
            fr="prenez des guillemets simples, ou doublez la barre oblique inverse",
        ),
    ),
    (
        "hexdecimal",
        Words(
            en="the backslash begins an escape that is not complete",
            fr="la barre oblique inverse commence un échappement incomplet",
        ),
        Words(
            en="use single quotes, or write the backslash twice",
            fr="prenez des guillemets simples, ou doublez la barre oblique inverse",
        ),
    ),
    (
        "did not find expected comment or line break",
        Words(
            en="after | or > the text begins on the next line", fr="après | ou > le texte commence à la ligne suivante"
        ),
        _QUOTE_TEXT,
    ),
    (
        "mapping keys are not allowed",
        Words(en="unexpected question mark: no key can begin here", fr="un point d'interrogation est mal placé"),
        _QUOTE_TEXT,
    ),
    (
        "found unexpected ':'",
        Words(en="a text between brackets has a colon", fr="un texte entre crochets contient des deux-points"),
        _QUOTE_TEXT,
    ),
    (
        "indentation indicator",
        Words(
            en="after | or > the text begins on the next line", fr="après | ou > le texte commence à la ligne suivante"
        ),
        _QUOTE_TEXT,
    ),
    (
        "did not find expected <document start>",
        Words(en="there is text after the end of the record", fr="il y a du texte après la fin de la fiche"),
        Words(en="delete it, or the line of dots before it", fr="supprimez-le, ou la ligne de points qui précède"),
    ),
    (
        "did not find expected node content",
        Words(en="a value is missing between brackets", fr="une valeur manque entre crochets ou accolades"),
        Words(en="look for a comma too many", fr="cherchez une virgule de trop"),
    ),
)


def syntax_fault(problem: str, at: Mark, began: Mark | None, lines: list[str]) -> YamlFault:
    """`problem` in libyaml's words, at `at`; the construct being read may have `began` elsewhere."""
    if "nesting" in problem:
        return YamlFault("YML007", at, Words(en="too many brackets inside each other", fr="trop de crochets imbriqués"))
    if any(word in problem for word in ("alias", "anchor", " tag", "directive")):
        message: Words = Words(
            en="a text begins with *, &, ! or %, which have a meaning in YAML",
            fr="un texte commence par *, &, ! ou %, qui ont un sens en YAML",
        )
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
    for part, message, hint in _SENTENCES:
        if part in problem:
            return YamlFault("YML001", began if "expected ':'" in problem and began else at, message, hint)
    return YamlFault("YML001", at, Words(en="this cannot be read as YAML", fr="ceci n'est pas lisible comme YAML"))


def _quote_fault(began: Mark) -> YamlFault:
    message = Words(en="the quote that opens here is never closed", fr="le guillemet ouvert ici n'est jamais fermé")
    hint = Words(
        en="close it on the same line, or write the quotes inside the text twice",
        fr="fermez-le sur la même ligne, ou doublez les guillemets à l'intérieur du texte",
    )
    return YamlFault("YML001", began, message, hint)


def _bracket_fault(at: Mark, began: Mark, lines: list[str]) -> YamlFault:
    opening = _character(began, lines)
    closing = "}" if opening == "{" else "]"
    message = Words(
        en=f"the {opening} that opens on line {began.line} is not closed, or a comma is missing before this place",
        fr=f"le {opening} ouvert à la ligne {began.line} n'est pas fermé, ou une virgule manque avant cet endroit",
    )
    hint = Words(en=f"add {closing} or the comma", fr=f"ajoutez {closing} ou la virgule")
    is_at_end = at.line > began.line or at.column > len(lines[at.line - 1])
    return YamlFault("YML001", began if is_at_end else at, message, hint)


def _bad_beginning(at: Mark, lines: list[str]) -> YamlFault:
    sign = _character(at, lines)
    if sign == "\t":
        return tab(at)
    message = Words(en=f"a text cannot begin with {sign}", fr=f"un texte ne peut pas commencer par {sign}")
    return YamlFault("YML001", at, message, _QUOTE_TEXT)


def _indentation_fault(at: Mark, lines: list[str]) -> YamlFault:
    if _character(at, lines) == ":" and not lines[at.line - 1][: at.column - 1].strip():
        return key_not_text(at, "", ())
    indent = len(lines[at.line - 1]) - len(lines[at.line - 1].lstrip()) if at.line <= len(lines) else 0
    if at.column - 1 > indent:
        message = Words(en="there is text after the value", fr="il y a du texte après la valeur")
        hint = Words(
            en="put the whole value in quotes, and write the quotes inside it twice",
            fr="mettez toute la valeur entre guillemets, et doublez ceux qu'elle contient",
        )
        return YamlFault("YML001", at, message, hint)
    message = Words(
        en="this line is not aligned with the ones above", fr="cette ligne n'est pas alignée sur celles du dessus"
    )
    hint = Words(
        en="give the fields of one group the same indentation",
        fr="donnez la même indentation aux champs d'un même groupe",
    )
    return YamlFault("YML001", at, message, hint)


def _character(at: Mark, lines: list[str]) -> str:
    """The character at a mark; a space when there is none."""
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return line[at.column - 1 : at.column] or " "
