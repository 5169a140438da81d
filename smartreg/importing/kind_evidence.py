"""What kind of record the rows of a sheet are: what speaks for each kind and what against it, weighed. Where nothing
speaks clearly for one of them, none is taken: somebody has to say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from smartreg.core.messages import Message, Text, joined
from smartreg.core.spelling import fold
from smartreg.importing.column_guesses import can_fill, filled_cells, holds_numbers, identifies, open_places
from smartreg.importing.columns import SheetColumn, recognise_columns
from smartreg.importing.place_guesses import PlaceGuess, guess_places
from smartreg.importing.terms import Catalogue, Mention, catalogue, mentions
from smartreg.readers.sheet import Sheet, short_name
from smartreg.registry import Registry
from smartreg.schema import Kind, values_called
from smartreg.schema.countries import country_named

_NAMED, _TERM, _TYPED, _COLUMNS, _CELLS, _HEADING, _HINT = 8, 6, 5, 6, 5, 3, 2  # weights of evidence
_ENOUGH, _CLEARLY = 5, 2  # that the best kind needs, and by which it must be ahead
_RULED_OUT = -20
_MOST, _FEW = 0.8, 0.2
_REQUIRED = 0.6  # of the fields that a record needs
_OF_TYPES = frozenset({"type", "typ", "tipo", "nature", "categorie", "category", "kategorie", "genre", "kind", "art"})


class Evidence(NamedTuple):
    """What speaks for a kind, or against it (`weight` below 0), in words where it is worth them; the `type` of its
    records, if it says one."""

    weight: float
    text: Text | None
    type: str | None = None


class KindGuess(NamedTuple):
    """A kind of record that the rows may be, the `type` that the sheet says they have; why (None: it is known); how
    much speaks for it, all in all."""

    kind: Kind
    type: str | None
    why: Text | None
    weight: float = 0

    @property
    def is_ruled_out(self) -> bool:
        return self.weight <= _RULED_OUT / 2


def decide(guesses: Sequence[KindGuess]) -> KindGuess | None:
    """The kind that the rows are, if enough speaks for it and clearly less for any other; None: ask."""
    if len(guesses) == 1 and guesses[0].why is None:
        return guesses[0]
    first, second = [*guesses[:2], None, None][:2]
    if first is None or first.weight < _ENOUGH:
        return None
    return first if second is None or first.weight - second.weight >= _CLEARLY else None


def guess_kinds(registry: Registry, sheet: Sheet) -> list[KindGuess]:
    """The kinds that the rows may be, the likeliest first; those that something rules out last."""
    facts = SheetFacts(registry, sheet)
    guesses = []
    for kind in facts.kinds:
        evidence = sorted(facts.about(kind), key=lambda each: -abs(each.weight))
        texts = [each.text for each in evidence if each.text is not None]
        why = joined(texts) if texts else Message("nothing in the file says it")
        weight = sum(each.weight for each in evidence)
        guesses.append(KindGuess(kind, next((each.type for each in evidence if each.type), None), why, weight))
    return sorted(guesses, key=lambda guess: -guess.weight)


def guess_type(registry: Registry, kind: Kind, sheet: Sheet) -> tuple[str, Text] | None:
    """The `type` of all rows that the sheet says, and what says it."""
    told = [each for each in SheetFacts(registry, sheet).terms_for(kind) if each.type and each.text is not None]
    best = max(told, key=lambda each: each.weight, default=None)
    return (best.type, best.text) if best is not None and best.type and best.text is not None else None


def is_inventory(registry: Registry, sheet: Sheet) -> bool:
    """Whether anything speaks for an inventory: places, numbers of things, or words of ours."""
    facts = SheetFacts(registry, sheet)
    return bool(facts.places or facts.identifier is not None or facts.in_name or facts.in_cells)


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet shows, whatever its rows are."""

    registry: Registry
    sheet: Sheet

    @cached_property
    def kinds(self) -> list[Kind]:
        return [kind for kind in self.registry.schemas.kinds.values() if not kind.is_foreign]

    @cached_property
    def terms(self) -> Catalogue:
        return catalogue(self.kinds, country_named(self.registry.config.country).words)

    @cached_property
    def places(self) -> PlaceGuess | None:
        if self.sheet.crs is not None or self.sheet.form in ("geojson", "gpkg"):
            pair = [self._headed(name) for name in ("lon", "lat")]
            if None not in pair:
                return PlaceGuess(pair[0] or 0, pair[1] or 0, self.sheet.crs, 1, 1)
        return guess_places(self.registry, self.sheet, open_places(self.sheet, ()))

    def _headed(self, name: str) -> int | None:
        return next((place for place, word in enumerate(self.sheet.headings) if word == name), None)

    @cached_property
    def identifier(self) -> int | None:
        """The column of numbers or names of things, by its heading and its values."""
        return next((place for place in open_places(self.sheet, ()) if identifies(self.sheet, place)), None)

    @cached_property
    def in_name(self) -> list[Mention]:
        """The terms in the names of the file and of its sheet or layer."""
        return [
            mention
            for text in (self.sheet.file.rpartition(".")[0] or self.sheet.file, self.sheet.name)
            for mention in mentions(self.terms, text)
        ]

    @cached_property
    def in_headings(self) -> list[tuple[str, Mention]]:
        """The terms in headings of types (`type_lanterne`) and of identifiers (`lampadaire_id`): a column that only
        mentions a thing (`éclairage`: oui, non) says nothing of its rows."""
        found = []
        for place in open_places(self.sheet, ()):
            heading = short_name(self.sheet.headings[place])
            words = set(fold(heading).split("-"))
            if words.isdisjoint(_OF_TYPES) and not identifies(self.sheet, place):
                continue
            found += [(heading, mention) for mention in mentions(self.terms, heading)]
        return found

    @cached_property
    def in_cells(self) -> list[tuple[str, Mention]]:
        """The terms that most cells of a column say, the first of each column."""
        found = []
        for place in open_places(self.sheet, ()):
            cells = filled_cells(self.sheet, place)
            if len(cells) < _FEW * min(len(self.sheet.rows), 200) or holds_numbers(self.sheet, place):
                continue
            said = Counter(cells)
            named: Counter[tuple[str, str | None]] = Counter()
            example: dict[tuple[str, str | None], Mention] = {}
            for text, count in said.items():
                mention = next((each for each in mentions(self.terms, text[:80]) if not each.term.weak), None)
                if mention is not None:
                    named[mention.term.kind, mention.term.type] += count
                    example.setdefault((mention.term.kind, mention.term.type), mention)
            if named:
                most, count = named.most_common(1)[0]
                if count >= _MOST * len(cells):
                    found.append((short_name(self.sheet.headings[place]), example[most]))
        return found

    @cached_property
    def repeats_places(self) -> bool:
        """Whether the same few points come again and again, as in rows of measurements."""
        if self.places is None or len(self.sheet.rows) < 20:
            return False
        points = {(row.cells[self.places.lon], row.cells[self.places.lat]) for row in self.sheet.rows}
        return len(points) < _FEW * len(self.sheet.rows)

    def terms_for(self, kind: Kind) -> Iterator[Evidence]:
        """The words that say these rows are of a kind."""
        seen: set[tuple[str, str | None]] = set()
        for mention in sorted(self.in_name, key=lambda each: (each.term.weak, -len(each.term.words))):
            term = mention.term
            if term.kind == kind.name and (term.kind, term.type) not in seen:
                seen.add((term.kind, term.type))
                weight = _HINT if term.weak else _TERM + 0.5 * (len(term.words) - 1)
                yield Evidence(weight, Message("its name says “{word}”", word=mention.said), term.type)
        for heading, mention in self.in_cells:
            if mention.term.kind == kind.name:
                text = Message("{column} says “{word}”", column=heading, word=mention.said)
                yield Evidence(_CELLS, text, mention.term.type)
                break
        for heading, mention in self.in_headings:
            if mention.term.kind == kind.name:
                weight = _HINT / 2 if mention.term.weak else _HEADING
                yield Evidence(weight, Message("a column is called {column}", column=heading), mention.term.type)
                break

    def about(self, kind: Kind) -> Iterator[Evidence]:
        """What speaks for a kind, and what against it."""
        told = list(self.terms_for(kind))
        yield from told
        names = {
            fold(text) for text in (kind.name, kind.noun, kind.folder, kind.plural.in_("fr"), kind.title.in_("fr"))
        }
        if not names.isdisjoint([fold(self.sheet.file.rpartition(".")[0]), fold(self.sheet.name)]):
            yield Evidence(_NAMED, Message("it is called so"))
        yield from self._columns(kind)
        if kind.position and ("location", "lon") in kind.by_path:
            if self.repeats_places:
                yield Evidence(_RULED_OUT, Message("the same points again and again, as of measurements"))
            elif self.places is not None:
                yield Evidence(1, Message("points"))
            elif self.identifier is None:
                yield Evidence(_RULED_OUT, Message("neither places nor numbers of things"))
        elif self.places is not None:
            yield Evidence(_RULED_OUT, Message("points speak against it"))

    def _columns(self, kind: Kind) -> Iterator[Evidence]:
        """The columns that are called as fields and can fill them, and types that the kind has."""
        recognised = {
            each.field.path: place
            for place, each in recognise_columns(kind, self.sheet.headings).items()
            if can_fill(kind, self.sheet, _column(self.sheet, place, each.field.path, kind))
        }
        typed = kind.by_path.get(("type",))
        if typed is not None and typed.enum and (place := recognised.get(("type",))) is not None:
            cells = filled_cells(self.sheet, place)
            if cells and sum(len(values_called(typed, text)) == 1 for text in cells) >= _MOST * len(cells):
                yield Evidence(_TYPED, Message("{column} has its types", column=self.sheet.word(place)))
            else:
                del recognised["type",]
        required = {field.path for field in kind.fields if field.required and len(field.path) == 1} - {("id",)}
        there = required & {path[:1] for path in recognised}
        names = ", ".join(self.sheet.word(recognised[path]) for path in sorted(there) if path in recognised)
        if len(there) > 1 and len(there) >= _REQUIRED * len(required):
            yield Evidence(_COLUMNS, Message("its columns: {names}", names=names))
        own = [path for path in recognised if path[-1] in _DECISIVE]
        if own:
            yield Evidence(_COLUMNS, Message("its columns: {names}", names=self.sheet.word(recognised[own[0]])))
        yield Evidence(min(len(recognised) * 0.2, 1.5), None)


_DECISIVE = frozenset({"dev_eui", "join_eui", "gateway_eui", "imei", "serial_number", "lorawan_class"})


def _column(sheet: Sheet, place: int, path: tuple[str, ...], kind: Kind) -> SheetColumn:
    return SheetColumn(place, sheet.headings[place], path, kind.field_at(path))
