"""Which column fills which field, which rows are left out, and which cells mean nothing."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping

from smartreg.edit import key_path
from smartreg.errors import UsageFault
from smartreg.frozen import dataclass
from smartreg.importers.mapping import ImportMapping
from smartreg.importers.sheet import Row, Sheet, short_name
from smartreg.importers.values import number_in
from smartreg.named import NamedTuple
from smartreg.schema import ITEM, Field, Kind
from smartreg.values import KeyPath, Words, path_text

_CONDITION = re.compile(r"(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*)", re.DOTALL)
_TESTS: Mapping[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


class Column(NamedTuple):
    """A column that fills a field: its place (from 0) and heading in the sheet, the key path, what the schema says."""

    place: int
    heading: str
    path: KeyPath
    field: Field | None


@dataclass(frozen=True)
class Condition:
    """`POINT_X=0`: true of a row whose cell is that. Numbers are compared as numbers, anything else as text; an empty
    value means an empty cell, and an empty cell is neither smaller nor larger than anything."""

    index: int
    sign: str
    value: str

    def holds(self, row: Row) -> bool:
        cell = row.cells[self.index].strip()
        left, right = number_in(cell), number_in(self.value)
        if left is not None and right is not None:
            return _TESTS[self.sign](left, right)
        if self.sign in ("=", "!="):
            return _TESTS[self.sign](cell, self.value)
        return bool(cell) and left is right is None and _TESTS[self.sign](cell, self.value)


def conditions(sheet: Sheet, texts: Iterable[str], option: str) -> tuple[Condition, ...]:
    """The conditions that somebody typed; UsageFault when one is none or names no column."""
    return tuple(_condition(sheet, text, option) for text in texts)


def _condition(sheet: Sheet, text: str, option: str) -> Condition:
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise UsageFault(
            Words(f'{option} "{text}" is no condition', f"{option} « {text} » n'est pas une condition"),
            Words("such as 'POINT_X=0', 'STATE!=OK', 'NAME='", "par exemple 'POINT_X=0', 'ETAT!=OK', 'NOM='"),
        )
    return Condition(sheet.column(found[1].strip()), found[2], found[3])


def columns_of(kind: Kind, sheet: Sheet, mapping: ImportMapping) -> tuple[Column, ...]:
    """The columns that fill fields: those that the mapping names, or where it names none those whose headings are the
    names of fields. UsageFault when there are none, or two for one field."""
    if mapping.fields:
        paths = {key_path(name): sheet.column(word) for name, word in mapping.fields.items()}
        return tuple(Column(index, sheet.headings[index], path, kind.field_at(path)) for path, index in paths.items())
    known = names_of_fields(kind)
    found: dict[KeyPath, Column] = {}
    for index, heading in enumerate(sheet.headings):
        field = known.get(heading.casefold()) or known.get(short_name(heading).casefold())
        if field is None or path_text(field.path) in mapping.constants:
            continue
        if field.path in found:
            both = f"{found[field.path].heading}, {heading}"
            raise UsageFault(
                Words(f"two columns would fill {field.name}: {both}", f"deux colonnes pour {field.name} : {both}"),
                Words("say which: --map COLUMN=FIELD", "dites laquelle : --map COLONNE=CHAMP"),
            )
        found[field.path] = Column(index, heading, field.path, field)
    if not found:
        listed = ", ".join(short_name(heading) for heading in sheet.headings)
        raise UsageFault(
            Words(
                f"no column of {sheet.file} bears the name of a {kind.name} field; there are {listed}",
                f"aucune colonne de {sheet.file} ne porte le nom d'un champ de {kind.name} ; il y a {listed}",
            ),
            Words(
                f"say what they fill: --map COLUMN=FIELD; smartreg schema {kind.name} shows the fields",
                f"dites ce qu'elles remplissent : --map COLONNE=CHAMP ; smartreg schema {kind.name} montre les champs",
            ),
        )
    return tuple(found.values())


def names_of_fields(kind: Kind) -> Mapping[str, Field]:
    """Every name that a heading may have: field, column and French heading, in lower case; of two fields that share
    one, the first keeps it. Items of lists stand in sheets of their own."""
    known: dict[str, Field] = {}
    for field in kind.fields:
        if ITEM in field.path or field.kind == "object":
            continue
        heading = field.heading
        for name in (field.name, field.column, heading and heading.en, heading and heading.fr):
            if name:
                known.setdefault(name.casefold(), field)
    return known
