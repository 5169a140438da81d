"""Columns that a recorded mapping names and this year's sheet has no more: renamed (`--renamed OLD=NEW`), or gone for
good (`--map OLD=-`). Nothing is guessed: the column that holds last year's values is named, and whoever imports says
so."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, joined, verbatim
from smartreg.core.spelling import did_you_mean, slug
from smartreg.core.values import Json, Record, RecordId, value_at
from smartreg.importing.columns import CONDITION
from smartreg.importing.keys import SourceKeys
from smartreg.importing.mapping import ImportMapping, MappingPlace
from smartreg.importing.readers.sheet import Sheet, short_name
from smartreg.importing.syntax import ARROW, HOLE
from smartreg.importing.values import number_in
from smartreg.registry import Registry
from smartreg.schema import Kind, find_field, key_path
from smartreg.tables.view import ATTRIBUTES

_ENOUGH = 0.5  # of the values that a column held: fewer are in many columns by chance

Change: TypeAlias = Callable[[str], str | None]


def renamed_columns(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The old and the new heading of each `OLD=NEW`. UsageFault for another form."""
    pairs = []
    for text in texts:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not equals or not old or not new:
            raise UsageFault(
                Message('--renamed "{text}" is not of the form OLD=NEW', text=text),
                Message("such as --renamed NUMERO=num_pl"),
            )
        pairs.append((old, new))
    return pairs


def renamed_key(name: str, old: str, new: str) -> str:
    """The name of a part of a key, a column or a template, after a column was renamed."""
    return _template(name, lambda word: new if _same(word, old) else word) or name


def fit_to_sheet(
    registry: Registry, kind: Kind, place: MappingPlace, sheet: Sheet, known: SourceKeys, renamed: Sequence[str]
) -> MappingPlace:
    """The mapping with the columns of this sheet: renamed ones by their new headings, without those that are left out
    and not there. UsageFault for the others that the sheet lacks, with the columns that hold their values."""
    mapping = place.mapping
    for old, new in renamed_columns(renamed):
        words = columns_of_mapping(mapping, kind)
        if _folded(old) not in map(_folded, words):
            raise UsageFault(
                Message('the mapping names no column "{old}"; it names {words}', old=old, words=", ".join(words)),
                did_you_mean(old, words),
            )
        word = sheet.word(sheet.column(new))
        mapping = with_columns(mapping, kind, lambda name, old=old, word=word: word if _same(name, old) else name)  # type: ignore[misc]
    there = set(map(_folded, sheet.headings))
    named = set(map(_folded, columns_of_mapping(mapping, kind)))
    dropped = {name for word in place.left_out if (name := _folded(word)) not in there and name in named}
    if dropped:
        mapping = with_columns(mapping, kind, lambda name: None if _folded(name) in dropped else name)
    left_out = tuple(word for word in place.left_out if _folded(word) not in dropped)
    place = replace(place, mapping=mapping, left_out=left_out)
    missing = [word for word in columns_of_mapping(mapping, kind) if _folded(word) not in there]
    if missing and place.recorded is not None:
        raise _missing_fault(registry, kind, place, sheet, known, missing)
    return place


def columns_of_mapping(mapping: ImportMapping, kind: Kind) -> list[str]:
    """The headings that a mapping names, each once."""
    words: dict[str, str] = {}

    def note(word: str) -> str:
        words.setdefault(_folded(word), word)
        return word

    with_columns(mapping, kind, note)
    return list(words.values())


def with_columns(mapping: ImportMapping, kind: Kind, change: Change) -> ImportMapping:
    """The mapping with another word for each column, wherever it names one; what uses a column for which `change` has
    none goes."""
    options = mapping.options
    values = {}
    for word, pairs in mapping.values.items():
        column, arrow, field = word.partition(ARROW)
        name = column if not arrow and column in mapping.fields else change(column.strip())
        if name is not None:
            values[f"{name}{arrow}{field}"] = pairs
    return replace(
        mapping,
        fields={path: name for path, word in mapping.fields.items() if (name := change(word)) is not None},
        values=values,
        set_from={path: text for path, template in mapping.set_from.items() if (text := _template(template, change))},
        options=replace(
            options,
            key=tuple(
                name for word in options.key if (name := word if _is_field(kind, word) else change(word)) is not None
            ),
            keep=tuple(name for word in options.keep if (name := change(word)) is not None),
            id_from=options.id_from and _template(options.id_from, change),
            skip_rows=tuple(filter(None, (_condition(text, change) for text in options.skip_rows))),
            absent=tuple(filter(None, (_condition(text, change) for text in options.absent))),
        ),
    )


def _template(text: str, change: Change) -> str | None:
    """The template with other columns; None if one of them is gone."""
    if not HOLE.search(text):
        return change(text)
    pieces = [change(piece) if index % 2 else piece for index, piece in enumerate(HOLE.split(text))]
    if None in pieces:
        return None
    return "".join(f"{{{piece}}}" if index % 2 else str(piece) for index, piece in enumerate(pieces))


def _condition(text: str, change: Change) -> str | None:
    parts = CONDITION.fullmatch(text.strip())
    if parts is None:
        return text
    name = change(parts[1].strip())
    return None if name is None else f"{name}{parts[2]}{parts[3]}"


def _is_field(kind: Kind, word: str) -> bool:
    try:
        find_field(kind, key_path(word))
    except UsageFault:
        return False
    return True


def _folded(word: str) -> str:
    """By what two words for one column are alike."""
    return short_name(word).casefold()


def _same(word: str, other: str) -> bool:
    return _folded(word) == _folded(other)


# -- last year's values ----------------------------------------------------------------------------------------------


class _Held(NamedTuple):
    """The values that a column held, and the form in which a cell of this year is compared with them."""

    values: frozenset[str]
    form: Callable[[str], str]


def _missing_fault(
    registry: Registry, kind: Kind, place: MappingPlace, sheet: Sheet, known: SourceKeys, missing: Sequence[str]
) -> UsageFault:
    """Every column that the sheet lacks, with the one that holds its values and the options that mend the mapping."""
    records = [record for id in known.by_id if (record := registry.get(RecordId(kind.name, id))) is not None]
    named = set(map(_folded, columns_of_mapping(place.mapping, kind)))
    free = [index for index, word in enumerate(sheet.headings) if word and _folded(word) not in named]
    messages, options = [], []
    for word in missing:
        held = _values_held(place.mapping, known, records, word)
        counts = sorted(((_count(sheet, index, held), index) for index in free), reverse=True)
        best, index = counts[0] if counts else (0, 0)
        is_clear = len(counts) < 2 or counts[1][0] < best
        if held.values and is_clear and best >= _ENOUGH * len(held.values):
            new = sheet.word(index)
            messages.append(
                Message(
                    'no column "{word}"; the column "{new}" holds {same} of the {count} values that it held',
                    word=word,
                    new=new,
                    same=best,
                    count=len(held.values),
                )
            )
            options.append(f"--renamed {shlex.quote(f'{short_name(word)}={new}')}")
        else:
            messages.append(Message('no column "{word}", and none that holds its values', word=word))
            options.append(f"--map {shlex.quote(f'{short_name(word)}=-')}")
            if _makes_keys(place.mapping, kind, word):
                options.append("--match place")
            template = place.mapping.options.id_from or ""
            if any(_same(word, name) for name in HOLE.findall(template)) and (other := _for_ids(place.mapping, sheet)):
                options.append(f"--id-from {shlex.quote(f'{slug(kind.name)}-{{{other}}}')}")
    hint = Message(
        "mend the mapping: {options}; --renamed OLD=NEW is for a column with a new heading, --map COLUMN=- for one "
        "that is gone, --match place finds the records by where they are",
        options=" ".join(dict.fromkeys(options)),
    )
    return UsageFault(Message("{file}: {faults}", file=sheet.file, faults=joined(messages, verbatim("; "))), hint)


def _makes_keys(mapping: ImportMapping, kind: Kind, word: str) -> bool:
    """Whether records are found by this column."""
    options = mapping.options
    holes = HOLE.findall(options.id_from or "")
    return any(_same(word, name) for name in (*options.key, *holes) if not _is_field(kind, name))


def _for_ids(mapping: ImportMapping, sheet: Sheet) -> str | None:
    """A column that new ids can be made from: of the type, or of the first field that is left; not of a number."""
    order = sorted(mapping.fields.items(), key=lambda item: item[0] != "type")
    there = set(map(_folded, sheet.headings))
    return next((word for path, word in order if _folded(word) in there and not path.endswith((".lon", ".lat"))), None)


def _values_held(mapping: ImportMapping, known: SourceKeys, records: Sequence[Record], word: str) -> _Held:
    """The values of a column last year: of the keys, of what `--values` translates, or of the field that it fills."""
    for place, name in enumerate(known.names):
        if _same(name, word):
            return _Held(frozenset(key[place] for key in known.by_id.values()), str.strip)
        holes = HOLE.split(name)
        if len(holes) == 3 and _same(holes[1], word):
            stems = frozenset(key[place] for key in known.by_id.values())
            return _Held(stems, partial(_stem, holes))
    paths = [path for path, heading in mapping.fields.items() if _same(heading, word)]
    translated = next((mapping.values[name] for name in (*paths, word) if name in mapping.values), None)
    if translated is not None:
        return _Held(frozenset(map(_form, translated)), _form)
    key_paths = [key_path(path) for path in paths] or [(ATTRIBUTES, short_name(word))]
    values = (value_at(record.data, path) for path in key_paths for record in records)
    return _Held(frozenset(_texts(values)), _form)


def _stem(holes: Sequence[str], cell: str) -> str:
    return slug(f"{holes[0]}{cell.strip()}{holes[2]}")


def _texts(values: Iterator[Json]) -> Iterator[str]:
    for value in values:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield _form(str(value))


def _form(text: str) -> str:
    number = number_in(text)
    return slug(text) or text.casefold() if number is None else f"{round(number, 6):g}"


def _count(sheet: Sheet, index: int, held: _Held) -> int:
    """How many of the values the column holds."""
    return len(held.values.intersection(held.form(row.cells[index]) for row in sheet.rows))
