"""What people call the records and words of a registry, as some view shows them."""

from __future__ import annotations

import re
from typing import NamedTuple

from smartreg.core.messages import SOURCE, Language, Message, Text, computed, verbatim
from smartreg.core.secret import mask
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.fields import code_of, object_list, text
from smartreg.domain.municipalities import municipality
from smartreg.reports.figure import Label
from smartreg.reports.typography import capital, in_each, joined, of_words
from smartreg.schema import Kind
from smartreg.tables import View

MEASURES = 2  # maximum number of properties in a name
_GLOSS = re.compile(r" \([^()]*\)$")  # what explains a word of a schema is no part of a name


class Name(NamedTuple):
    """What people call a record: words that many records share, then what identifies it in any language."""

    shared: Text
    own: str = ""

    @property
    def words(self) -> Text:
        return Message("{shared}{own}", shared=self.shared, own=self.own)


def label(view: View, kind: str, id: str) -> Label:
    """A record by its id, with the name that people call it by; the bare id where it is not visible."""
    record = view.get(RecordId(kind, id))
    if record is None or kind not in view.schemas.kinds:
        return Label(id, verbatim(id))
    return Label(id, name_of(view, record).words, record.rid)


def name_of(view: View, record: Record) -> Name:
    """`Noise level sensor, 12 boulevard Paul Painlevé, Istres` for what has a place, the number of a deliberation, the
    title of a convention; the bare id where the record has nothing of the kind."""
    kind = view.schemas.kinds[record.rid.kind]
    fields = [name for name in kind.label if (field := kind.by_path.get((name,))) and not field.refs]
    title = next((words for name in fields if (words := _value(kind, record, name))), None)
    if title is None:
        return Name(verbatim(""), record.rid.id)
    if not any((name,) in kind.by_path for name in kind.position):
        return Name(title)
    return _name_by_place(view, record, _with_measures(view, record, title))


def _value(kind: Kind, record: Record, name: str) -> Text | None:
    """A text of a record, or what an enumeration calls it."""
    value = text(record, name)
    if not value:
        return None
    field = kind.by_path.get((name,))
    if field is None or value not in field.enum:
        shown = str(mask(value, name))
        return verbatim(shown)
    words = readable(field.labels.get(value, verbatim(value)))
    return in_each(_without_gloss, words)


def _without_gloss(label: str) -> str:
    return _GLOSS.sub("", label)


def _with_measures(view: View, record: Record, title: Text) -> Text:
    """`noise level sensor`, `capteur de niveau sonore`: a device with what it measures, of the vocabulary."""
    keys = [item.get("property") for item in object_list(record.data.get("measures"))]
    properties = [about.label for key in keys[:MEASURES] if (about := view.schemas.properties.get(str(key)))]
    if not properties:
        return title
    return Message(
        "{properties} {title}",
        title=title,
        properties=joined(properties),
        of_properties=joined([of_words(words) for words in properties]),
    )


def _name_by_place(view: View, record: Record, title: Text) -> Name:
    """Address, else its support and its number; and the commune, where the address does not say it."""
    host = host_of(view, record)
    place = record if host is None else host
    address, reference = (str(mask(text(place, name) or "", name)) for name in ("address", "local_ref"))
    code = code_of(place)
    town = municipality(view, code) if code else None
    town_name = "" if town is None or town.name.casefold() in address.casefold() else town.name
    title = in_each(capital, title)
    if address:
        return Name(title, f", {address}, {town_name}" if town_name else f", {address}")
    carrier = _value(view.schemas.kinds[host.rid.kind], host, "type") if host else None
    if carrier:
        title = Message("{title}, {carrier}", title=title, carrier=carrier)
    tail = f", {town_name or record.rid.id}"
    return Name(title, f" {reference}{tail}" if reference else tail)


def host_of(view: View, record: Record) -> Record | None:
    """What a record hangs on, by the fields that give its place; None where it has its own place, or moves."""
    kind = view.schemas.kinds[record.rid.kind]
    for name in kind.position:
        field, id = kind.by_path.get((name,)), record.data.get(name)
        for ref in field.refs if field and isinstance(id, str) else ():
            host = view.get(RecordId(ref, str(id)))
            if host is not None:
                return host
    return None


def property_label(view: View, key: str) -> Label:
    """A measured property by its key, with its name in the vocabulary."""
    about = view.schemas.properties.get(key)
    return Label(key, about.label if about else verbatim(key))


def word(view: View, kind: str, field: str, value: Json) -> Label | None:
    """A word of a schema (`status`, `events[].kind`) with what people call it; None for what is no word."""
    if not isinstance(value, str) or not value:
        return None
    schema = view.schemas.kinds.get(kind)
    about = schema.by_path.get(tuple(field.replace("[]", ".[]").split("."))) if schema else None
    words = about.labels.get(value) if about else None
    return Label(value, readable(words) if words else verbatim(value))


def readable(label: Text) -> Text:
    """What a schema calls a value, as people read it: `street light`, where the English label is the code itself."""
    return computed(_readable, label)


def _readable(label: Text, lang: Language) -> str:
    return label.in_(lang).replace("_", " ") if lang == SOURCE else label.in_(lang)
