"""Columns that a recorded mapping names and this year's sheet has no more: renamed (`--renamed OLD=NEW`), or gone for
good (`--map OLD=-`). Nothing is guessed: the column that holds last year's values is named, and whoever imports says
so."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, joined, verbatim
from smartreg.core.spelling import did_you_mean, slug
from smartreg.core.values import Record, RecordId, value_at
from smartreg.importing.columns import CONDITION
from smartreg.importing.keys import SourceKeys
from smartreg.importing.mapping import ImportMapping, MappingPlace
from smartreg.importing.options import ImportRequest, typed_options
from smartreg.importing.syntax import ARROW, HOLE, NOTHING
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Sheet, short_name
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
    words_of_mapping = set(map(_folded, columns_of_mapping(mapping, kind)))
    dropped = {name for word in place.left_out if (name := _folded(word)) not in there and name in words_of_mapping}
    if dropped:
        mapping = with_columns(mapping, kind, lambda name: None if _folded(name) in dropped else name)
    left_out = tuple(word for word in place.left_out if _folded(word) not in dropped)
    place = replace(place, mapping=mapping, left_out=left_out)
    missing = [word for word in columns_of_mapping(mapping, kind) if _folded(word) not in there]
    if missing and place.recorded is not None:
        raise _missing_columns(registry, kind, place, sheet, known, missing)
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


class MissingColumn(NamedTuple):
    """A column that the mapping names and the sheet lacks: its heading; how many of the `held` values that it had each
    open column of the sheet holds, by heading, most first; whether ids or keys are made from it."""

    word: str
    held: int
    holders: tuple[tuple[str, int], ...]
    makes_ids: bool
    makes_keys: bool

    @property
    def likely(self) -> str | None:
        """The column that holds at least half of its values, and more than any other."""
        best, *others = self.holders or [("", 0)]
        return best[0] if self.has_values_in(best[0]) and not (others and others[0][1] == best[1]) else None

    def has_values_in(self, heading: str | None) -> bool:
        """Whether a column holds at least half of its values."""
        same = dict(self.holders).get(heading or "", 0)
        return same > 0 and same >= _ENOUGH * self.held


class MissingColumns(UsageFault):
    """The `mapping` (its path) names columns that the sheet lacks. `open_headings`: those of the columns that it does
    not name; `id_from`: what new ids can be made from, if they were made from a missing one."""

    def __init__(
        self,
        file: str,
        mapping: str,
        columns: Sequence[MissingColumn],
        open_headings: Sequence[str],
        id_from: str | None,
    ) -> None:
        self.mapping, self.columns, self.open_headings, self.id_from = (
            mapping,
            tuple(columns),
            tuple(open_headings),
            id_from,
        )
        messages = []
        for each in columns:
            if each.likely is None:
                messages.append(Message('no column "{word}", and none that holds its values', word=each.word))
            else:
                messages.append(
                    Message(
                        'no column "{word}"; the column "{new}" holds {same} of the {count} values that it held',
                        word=each.word,
                        new=each.likely,
                        same=each.holders[0][1],
                        count=each.held,
                    )
                )
        hint = Message(
            "mend the mapping: {options}; --renamed OLD=NEW is for a column with a new heading, --map COLUMN=- for one "
            "that is gone, --match place finds the records by where they are",
            options=" ".join(
                f"{flag} {shlex.quote(value)}" for flag, value in typed_options(self.mend(ImportRequest(), self.likely))
            ),
        )
        faults = joined(messages, verbatim("; "))
        message = Message("{file} does not fit {mapping}: {faults}", file=file, mapping=mapping, faults=faults)
        super().__init__(message, hint)

    @property
    def likely(self) -> dict[str, str | None]:
        """The heading that each missing column most likely has now; None: it is gone."""
        return {each.word: each.likely for each in self.columns}

    def mend(self, request: ImportRequest, headings: Mapping[str, str | None]) -> ImportRequest:
        """The request with the options that mend the mapping. `headings`: what missing columns are called now (None:
        gone for good)."""
        renamed = [each for each in self.columns if headings.get(each.word)]
        gone = [each for each in self.columns if each.word in headings and each not in renamed]
        lacks_keys = any(
            each.makes_keys and not each.has_values_in(headings[each.word])
            for each in self.columns
            if each.word in headings
        )
        lacks_ids = any(each.makes_ids for each in gone) and request.id_from is None
        return replace(
            request,
            renamed=(*request.renamed, *(f"{short_name(each.word)}={headings[each.word]}" for each in renamed)),
            maps=(*request.maps, *(f"{short_name(each.word)}={NOTHING}" for each in gone)),
            match=request.match or ("place" if lacks_keys else None),
            id_from=self.id_from if lacks_ids else request.id_from,
        )


def _missing_columns(
    registry: Registry, kind: Kind, place: MappingPlace, sheet: Sheet, known: SourceKeys, missing: Sequence[str]
) -> MissingColumns:
    """Every column that the sheet lacks, with those that hold its values."""
    mapping = place.mapping
    records = [record for id in known.by_id if (record := registry.get(RecordId(kind.name, id))) is not None]
    words_of_mapping = set(map(_folded, columns_of_mapping(mapping, kind)))
    open_places = [index for index, word in enumerate(sheet.headings) if word and _folded(word) not in words_of_mapping]
    held = {word: _values_held(mapping, known, records, word) for word in missing}
    counts = _count_shared(sheet, open_places, held)
    in_template = set(map(_folded, HOLE.findall(mapping.options.id_from or "")))
    other = _for_ids(mapping, sheet)
    return MissingColumns(
        sheet.file,
        place.path,
        [
            MissingColumn(
                word,
                len(held[word].values),
                tuple((sheet.word(index), same) for index, same in counts[word].most_common()),
                _folded(word) in in_template,
                bool(kind.position) and _makes_keys(mapping, kind, word),
            )
            for word in missing
        ],
        [sheet.word(index) for index in open_places],
        f"{slug(kind.name)}-{{{other}}}" if other else None,
    )


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
    texts = (str(value) for value in values if isinstance(value, (str, int, float)) and not isinstance(value, bool))
    return _Held(frozenset(map(_form, texts)), _form)


def _stem(holes: Sequence[str], cell: str) -> str:
    return slug(f"{holes[0]}{cell.strip()}{holes[2]}")


def _form(text: str) -> str:
    number = number_in(text)
    return slug(text) or text.casefold() if number is None else f"{round(number, 6):g}"


def _count_shared(sheet: Sheet, places: Sequence[int], held: Mapping[str, _Held]) -> Mapping[str, Counter[int]]:
    """How many of the values that each missing column held are in each column at `places`; one pass over the cells for
    each form of values."""
    counts: dict[str, Counter[int]] = {word: Counter() for word in held}
    for form in {each.form for each in held.values()}:
        words: dict[str, list[str]] = defaultdict(list)
        for word, each in held.items():
            for value in each.values if each.form is form else ():
                words[value].append(word)
        for place in places:
            for value in set(map(form, {row.cells[place] for row in sheet.rows})):
                for word in words.get(value, ()):
                    counts[word][place] += 1
    return counts
