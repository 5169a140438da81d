"""The messages for each structural fault."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from smartreg.core.findings import Severity
from smartreg.core.values import Json, KeyPath, Mark, Words
from smartreg.yamlio.scalars import MAX_DEPTH, MAX_NODES, NumberRefused, shorten
from smartreg.yamlio.writer import spell_for_all


class YamlFault(NamedTuple):
    """A fault without its file. Unless `severity` is error, the text is still usable; `respell`: respelling fixes the
    fault."""

    code: str
    mark: Mark
    message: Words
    hint: Words | None = None
    path: KeyPath = ()
    on_key: bool = False
    severity: Severity = "error"
    respell: bool = False


Sign = Literal["*", "&", "!", "<<"]
_SIGNS: Final[dict[Sign, Words]] = {
    "*": Words(en="an alias (*) repeats another value", fr="un alias (*) répète une autre valeur"),
    "&": Words(en="an anchor (&) names a value", fr="une ancre (&) nomme une valeur"),
    "!": Words(en="a tag (!) changes the type of a value", fr="une étiquette (!) change le type d'une valeur"),
    "<<": Words(en="a merge key (<<) copies other fields", fr="une clé de fusion (<<) copie d'autres champs"),
}
_SIMPLER: Final = Words(
    en="a record is a page of facts: split it, or link to a file",
    fr="une fiche est une page de faits : découpez-la, ou citez un fichier",
)
_NOT_A_RECORD: Final = {
    "nothing": Words(en="this file holds no record", fr="ce fichier ne contient pas de fiche"),
    "list": Words(
        en="a record is made of `key: value` lines, not of a list",
        fr="une fiche est faite de lignes `clé: valeur`, pas d'une liste",
    ),
    "text": Words(
        en="a record is made of `key: value` lines, not of one text",
        fr="une fiche est faite de lignes `clé: valeur`, pas d'un seul texte",
    ),
}


def sign(mark: Mark, kind: Sign, shown: str, path: KeyPath) -> YamlFault:
    """An anchor, alias, tag or merge key."""
    what = _SIGNS[kind]
    shown = shorten(shown)
    message = Words(en=f"{shown}: {what.en}", fr=f"{shown} : {what.fr}")
    hint = Words(
        en=f"write the value itself; if the text begins with {kind}, put it in quotes",
        fr=f"écrivez la valeur elle-même ; si le texte commence par {kind}, mettez-le entre guillemets",
    )
    return YamlFault("YML003", mark, message, hint, path, on_key=kind == "<<")


def repeated_key(mark: Mark, first: Mark, path: KeyPath) -> YamlFault:
    shown = shorten(str(path[-1]))
    message = Words(
        en=f"{shown} is already given on line {first.line}",
        fr=f"{shown} est déjà donné à la ligne {first.line}",
    )
    return YamlFault(
        "YML002", mark, message, Words(en="keep one of the two", fr="gardez l'un des deux"), path, on_key=True
    )


def key_not_text(mark: Mark, source: str | None, path: KeyPath) -> YamlFault:
    """A key that is a number, boolean or null (`source`), nothing (empty `source`), or a collection (None)."""
    if source is None:
        message = Words(
            en="a key must be a text, not a list or group", fr="une clé est un texte, pas une liste ni un groupe"
        )
        return YamlFault("YML001", mark, message, None, path, on_key=True)
    if not source:
        message = Words(en="the key before the colon is missing", fr="la clé manque avant les deux-points")
        return YamlFault("YML001", mark, message, None, path, on_key=True)
    shown = shorten(source)
    message = Words(
        en=f"the key {shown} is read as a number, a boolean or nothing",
        fr=f"la clé {shown} est lue comme un nombre, un booléen ou rien",
    )
    hint = Words(en=f'write it in quotes: "{shown}"', fr=f'écrivez-la entre guillemets : "{shown}"')
    return YamlFault("YML008", mark, message, hint, path, on_key=True)


def number(mark: Mark, refused: NumberRefused, path: KeyPath) -> YamlFault:
    shown = shorten(refused.source)
    message = Words(en=f"{shown}: {refused.reason.en}", fr=f"{shown} : {refused.reason.fr}")
    return YamlFault("YML008", mark, message, refused.hint, path)


def read_elsewhere(mark: Mark, source: str, value: Json, path: KeyPath, *, on_key: bool = False) -> YamlFault:
    """A plain scalar, read here as `value`, that other readers interpret differently."""
    shown, spelling = shorten(source), shorten(spell_for_all(value, path))
    if isinstance(value, str):
        message = Words(
            en=f"{shown} is a text here, and something else to other readers of YAML",
            fr=f"{shown} est ici un texte, et autre chose pour d'autres lecteurs YAML",
        )
        hint = Words(en=f"write it in quotes: {spelling}", fr=f"écrivez-le entre guillemets : {spelling}")
    else:
        message = Words(
            en=f"{shown} is a number here, and a text to other readers of YAML",
            fr=f"{shown} est ici un nombre, et un texte pour d'autres lecteurs YAML",
        )
        hint = Words(en=f"write it as {spelling}", fr=f"écrivez {spelling}")
    return YamlFault("YML013", mark, message, hint, path, on_key, "info", respell=True)


def twin_key(mark: Mark, first: Mark, path: KeyPath) -> YamlFault:
    """A key that equals another one once its accents are composed."""
    shown = shorten(str(path[-1]))
    message = Words(
        en=f"{shown} is the key of line {first.line} with its accents composed in another way",
        fr=f"{shown} est la clé de la ligne {first.line}, dont les accents sont composés autrement",
    )
    hint = Words(
        en="keep one of the two: nobody sees that they differ",
        fr="gardez l'une des deux : personne ne voit qu'elles diffèrent",
    )
    return YamlFault("YML014", mark, message, hint, path, on_key=True, severity="warning")


def escaped_character(mark: Mark, character: str, path: KeyPath) -> YamlFault:
    """A forbidden character that an escape (`"\\e"`) represents."""
    name = f"U+{ord(character):04X}"
    message = Words(
        en=f"an escape for the character {name}, which is invisible or acts on what is displayed",
        fr=f"un échappement vaut le caractère {name}, invisible ou agissant sur l'affichage",
    )
    hint = Words(
        en="delete it; for a backslash, use single quotes or write it twice",
        fr="supprimez-le ; pour une barre oblique inverse, prenez des guillemets simples ou doublez-la",
    )
    return YamlFault("YML006", mark, message, hint, path)


def raw(mark: Mark, character: str) -> YamlFault:
    """A forbidden character in the text itself."""
    name = f"U+{ord(character):04X}"
    message = Words(
        en=f"the character {name} is invisible or acts on what is displayed",
        fr=f"le caractère {name} est invisible ou agit sur l'affichage",
    )
    hint = Words(en="delete it, or type the text again", fr="supprimez-le, ou ressaisissez le texte")
    return YamlFault("YML006", mark, message, hint)


def not_a_record(mark: Mark, what: Literal["nothing", "list", "text"]) -> YamlFault:
    return YamlFault("YML004", mark, _NOT_A_RECORD[what])


def second_document(mark: Mark) -> YamlFault:
    message = Words(en="a second document begins here", fr="un second document commence ici")
    hint = Words(en="one record a file: delete the line ---", fr="une fiche par fichier : supprimez la ligne ---")
    return YamlFault("YML003", mark, message, hint)


def too_deep(mark: Mark) -> YamlFault:
    message = Words(en=f"more than {MAX_DEPTH} levels inside each other", fr=f"plus de {MAX_DEPTH} niveaux imbriqués")
    return YamlFault("YML007", mark, message, _SIMPLER)


def too_many(mark: Mark) -> YamlFault:
    shown = f"{MAX_NODES:,}".replace(",", " ")
    message = Words(en=f"more than {shown} keys and values", fr=f"plus de {shown} clés et valeurs")
    return YamlFault("YML007", mark, message, _SIMPLER)


def tab(mark: Mark) -> YamlFault:
    message = Words(en="this line is indented with a tab", fr="cette ligne est indentée par une tabulation")
    return YamlFault("YML001", mark, message, Words(en="indent with spaces", fr="indentez avec des espaces"))
