"""Kinds and records as the page wants them: what the schemas say once, then one row of values per record.

A row is `[id, values, place, commune, name]`: the values of the top-level fields in their order (null: absent; nulls at
the end are left out), [longitude, latitude] or null, an INSEE code or null, and what people call it: `[words, own]`, an
index in `names` and what follows it, or null where its label says it. Values that repeat stand once (`pack_rows`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from smartreg.core.messages import Text, languages_of_pages
from smartreg.core.values import Json, Record
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import code_of
from smartreg.domain.municipalities import municipality
from smartreg.registry import map_point
from smartreg.reports.names import host_of, name_of, property_label, readable
from smartreg.schema import ITEM, Field, Kind, unit_words
from smartreg.tables import View
from smartreg.tables.records import may_be_placed

SEVERAL = 2  # fields of a label: then the name is not the value of the one
PROPERTY = ("measures", ITEM, "property")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def pair(words: Text) -> Json:
    """A sentence in both languages: one text where they are the same."""
    english, french = map(words.in_, languages_of_pages())
    return english if english == french else [english, french]


def kinds_json(view: View) -> list[Json]:
    """What the schemas say of each kind that has records, kinds in their order."""
    return [_kind(view, kind) for kind in view.schemas.kinds.values() if view.seen.get(kind.name)]


def _kind(view: View, kind: Kind) -> dict[str, Json]:
    life = kind.lifecycle
    return {
        "name": kind.name,
        "title": pair(kind.title),
        "plural": pair(kind.plural),
        "label": kind.label,
        "keys": kind.key_order,
        "fields": [_field(view, kind, field) for field in kind.fields if field.path[-1] != ITEM],
        "placed": may_be_placed(kind),
        "hangs": any(field.refs for name in kind.position if (field := kind.by_path.get((name,)))),
        "status": life.field if life else None,
        "serving": sorted(life.in_service) if life else [],
        "ends": sorted(life.ends) if life else [],
    }


def _field(view: View, kind: Kind, field: Field) -> dict[str, Json]:
    """A field; of a list, with what its items may name or be."""
    items = kind.by_path.get((*field.path, ITEM))
    about = items or field
    described: dict[str, Json] = {"name": field.name, "title": pair(field.title), "type": field.kind}
    if about.refs:
        described["refs"] = about.refs
    labels = about.labels or field.labels or _property_words(view, field)
    if labels:
        described["labels"] = {str(value): pair(readable(words)) for value, words in labels.items()}
    if field.unit:
        described["unit"] = [pair(words) for words in unit_words(field.unit)]
    if len(field.path) == 1 and (about.refs or about.enum):
        described["facet"] = True
    return described


def _property_words(view: View, field: Field) -> dict[str, Text]:
    """What the vocabulary calls the measured properties."""
    if field.path != PROPERTY:
        return {}
    return {key: property_label(view, key).words for key in view.schemas.properties}


def records_json(view: View) -> tuple[dict[str, list[Json]], list[Json]]:
    """The rows of each kind, and the words that names of records share."""
    shared: dict[Text, int] = {}
    rows = {
        kind.name: list(_rows(view, kind, shared)) for kind in view.schemas.kinds.values() if view.seen.get(kind.name)
    }
    return rows, [pair(words) for words in shared]


def pack_rows(rows: Sequence[list[Json]]) -> list[list[Json] | None]:
    """Replace the values of each column in which many repeat by their places in a list; the lists by column, None where
    values stay. A null stays what it is."""
    width = max(map(len, rows), default=0)
    return [_pack_column(rows, at) for at in range(width)]


def _pack_column(rows: Sequence[list[Json]], at: int) -> list[Json] | None:
    present = [row for row in rows if at < len(row) and row[at] is not None]
    texts = [row[at] if isinstance(row[at], str) else _ENCODE(row[at]) for row in present]
    keys = [(isinstance(row[at], str), text) for row, text in zip(present, texts, strict=True)]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    repeated = sum(map(len, texts)) - sum(len(text) for _, text in places)
    if repeated <= len(str(len(places))) * len(present):
        return None
    values: list[Json] = [None] * len(places)
    for row, key in zip(present, keys, strict=True):
        values[places[key]] = row[at]
        row[at] = places[key]
    return values


def _rows(view: View, kind: Kind, shared: dict[Text, int]) -> Iterator[list[Json]]:
    names, mapped = kind.key_order, may_be_placed(kind)
    for record in view.of_kind(kind.name):
        values = [record.data.get(name) for name in names]
        while values and values[-1] is None:
            values.pop()
        place = map_point(view, record) if mapped else None
        yield [record.rid.id, values, place, _commune(view, record), _name(view, kind, record, shared)]


def _name(view: View, kind: Kind, record: Record, shared: dict[Text, int]) -> Json:
    if len(kind.label) < SEVERAL:
        return None
    name = name_of(view, record)
    return [shared.setdefault(name.shared, len(shared)), name.own]


def _commune(view: View, record: Record) -> str | None:
    """Its own, or that of what it hangs on."""
    code = code_of(record)
    host = host_of(view, record) if code is None else None
    code = code_of(host) if host else code
    return commune_of(code) if code is not None else None


def communes_json(view: View, records: Mapping[str, list[Any]], others: Iterable[str] = ()) -> dict[str, Json]:
    """The names of the communes that the rows speak of, and of others."""
    codes = sorted({*others, *(row[3] for rows in records.values() for row in rows if row[3])})
    return {code: official.name for code in codes if (official := municipality(view, code))}
