"""Text that somebody typed → the JSON value that the schema expects there: labels become codes, names ids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, Words, joined
from smartreg.core.spelling import closest, slug, suggestion
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json, KeyPath
from smartreg.domain.codes import Commune, communes_called, members
from smartreg.registry import WRITE_THE_ID, Registry, Several
from smartreg.schema import (
    ITEM,
    PROPERTY,
    Field,
    Kind,
    bundled_files,
    fields_under,
    read_schemas,
    suggest_name,
    values_called,
)
from smartreg.schema.settings import Territory

INSEE_CODE = "insee_code"
_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
MOST_SHOWN = 5  # communes of one name
_PATH = re.compile(r"[^.\[\]]+(?:\[[0-9]{1,9}\])*(?:\.[^.\[\]]+(?:\[[0-9]{1,9}\])*)*")
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DECIMALS = re.compile(r"[-+]?[0-9]+[.,]([0-9]+)")
_PARTS = re.compile(r"[,\n]")
_TRUTH = {
    "true": True,
    "yes": True,
    "y": True,
    "oui": True,
    "o": True,
    "vrai": True,
    "false": False,
    "no": False,
    "n": False,
    "non": False,
    "faux": False,
}


def read_value(kind: Kind, path: KeyPath, text: str, registry: Registry | None = None) -> Json:
    """The value at a key path that people mean by `text`: a code or its label in either language, an id or the name of
    a record, a list as JSON or with commas. Raises UsageFault for a field that the kind does not have, a text of the
    wrong type, and a label or name that is ambiguous or unknown. Without a registry names stay as they are."""
    field, item = find_field(kind, path), kind.field_at((*path, 0))
    if field.kind != "array" or item is None or item.kind in ("array", "object") or text.startswith("["):
        return _read_one(kind, field, text, registry)
    whole = "," in text and registry is not None and bool(registry.by_name.find(item.refs, text))
    parts = [text] if whole else [part.strip() for part in text.split(",")]
    return [_read_one(kind, item, part, registry) for part in parts if part]


def _read_one(kind: Kind, field: Field, text: str, registry: Registry | None) -> Json:
    value = parse_value(field, text)
    if registry is None or not isinstance(value, str):
        return value
    if field.path == PROPERTY:
        return registry.schemas.property_called(value)
    if holds_commune(field):
        return value if any(map(str.isdigit, value)) else commune_code(registry, value)
    if field.refs:
        return _id_named(field, value, registry)
    return registry.schemas.judges[kind.name].respell(field.path, value)


def _id_named(field: Field, text: str, registry: Registry) -> str:
    """The id of the record with this name, or this kind and id. A text in the form of an id stays as it is; rules
    report that it does not exist."""
    text = registry.schemas.without_kind(text, field.refs)
    found = registry.by_name.resolve_name(field.refs, text)
    if isinstance(found, Several):
        raise UsageFault(found.message(field.name), WRITE_THE_ID)
    if found != text or found == slug(found) or registry.with_id(found):
        return found
    near = registry.by_name.nearest(field.refs, text)
    raise UsageFault(
        Message('{field}: no record is called "{text}"', field=field.name, text=text),
        suggestion(near) or Message("smartreg list shows what there is"),
    )


def holds_commune(field: Field) -> bool:
    """Whether its values are INSEE codes of communes."""
    return field.path[-1] == INSEE_CODE or field.path[-2:] == (f"{INSEE_CODE}s", ITEM)


def commune_code(registry: Registry, answer: str) -> str:
    """The answer if it has the form of a code, else the code of the commune with that name: in the territory, or else
    the only one in France. Raises UsageFault if there is none, or several."""
    if _CODE.fullmatch(answer):
        return answer
    found = communes_called(answer)
    found = tuple(each for each in found if _inside(registry.config.territory, each)) or found
    if len(found) == 1:
        return found[0].insee_code
    if found:
        listed = ", ".join(f"{each.insee_code} ({each.department})" for each in found[:MOST_SHOWN])
        more = ", …" if len(found) > MOST_SHOWN else ""
        raise UsageFault(
            Message('several communes are called "{answer}"', answer=answer),
            Message("give the code: {listed}{more}", listed=listed, more=more),
        )
    known = members(registry.config.territory.epci_siren or "")
    near = closest(answer, [each.name for each in known])
    code = next((each.insee_code for each in known if each.name == near), None)
    en, fr = (f"{colon} {known[0].insee_code} ({known[0].name})" if known else "" for colon in (":", " :"))
    raise UsageFault(
        Message('"{answer}" is neither an INSEE code nor the name of a commune', answer=answer),
        Message('did you mean "{near}" ({code})?', near=near, code=code)
        if code
        else Message("a code has five characters{detail}", detail=Words(en, fr)),
    )


def _inside(territory: Territory, commune: Commune) -> bool:
    epci = territory.epci_siren
    return commune.insee_code in territory.communes or (epci is not None and commune.epci_siren == epci)


def parse_value(field: Field | None, text: str) -> Json:
    """The value of `field` that `text` means by the schema alone. Raises UsageFault, which says what was expected.
    Unknown fields and unknown codes stay text, which the schema refuses. Lists are given as JSON, or as values
    separated by commas."""
    kind = field.kind if field else "string"
    name = field.name if field else ""
    if kind in ("number", "integer"):
        return _number(name, text, whole=kind == "integer")
    if kind == "boolean":
        if text.lower() not in _TRUTH:
            raise _fault(name, text, Message("yes or no (true, false)"))
        return _TRUTH[text.lower()]
    if kind in ("array", "object"):
        return _structure(name, kind, text)
    return _code(field, text) if field and field.enum else text


def _code(field: Field, text: str) -> Json:
    """The code for a label. Raises UsageFault if several have it."""
    found = values_called(field, text)
    if len(found) > 1:
        listed = [field.choice(value) for value in found]
        raise UsageFault(
            Message('{field}: "{text}" means several: {listed}', field=field.name, text=text, listed=joined(listed)),
            Message("write one of these codes"),
        )
    return found[0] if found else text


def _number(name: str, text: str, *, whole: bool) -> Json:
    if not _NUMBER.fullmatch(text):
        if whole:
            raise _fault(name, text, Message("a whole number"))
        way = text.replace(",", ".")
        hint = Message("write {way}", way=way) if _NUMBER.fullmatch(way) else None
        raise _fault(name, text, Message("a number with a decimal point"), hint)
    try:
        value = read_json(text)
    except Unreadable:
        raise _fault(name, text, Message("a number that can be stored")) from None
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value


def as_typed(value: Json, between: str = ",") -> str:
    """A value as `read_value` reads it: a list with commas, or as JSON if an item would be read as something else."""
    if isinstance(value, (list, tuple)) and all(map(_stands_between_commas, value)):
        return between.join(text if isinstance(text, str) else json.dumps(text) for text in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=dict)


def _stands_between_commas(item: Json) -> bool:
    if isinstance(item, str):
        return item == item.strip() != "" and not item.startswith(("[", "{")) and not _PARTS.search(item)
    return not isinstance(item, (list, tuple, Mapping))


def _structure(name: str, kind: str, text: str) -> Json:
    if text.startswith(("[", "{")):
        try:
            value = read_json(text)
        except Unreadable as fault:
            raise _fault(name, text, Message("JSON"), fault.placed) from None
        if isinstance(value, list if kind == "array" else dict):
            return value
    elif kind == "array":
        return [item.strip() for item in text.split(",") if item.strip()]
    wanted = Message("a list") if kind == "array" else Message("fields, as JSON")
    raise _fault(name, text, wanted)


def _fault(name: str, text: str, wanted: Text, hint: Text | None = None) -> UsageFault:
    return UsageFault(Message('{name}: "{text}" is not {wanted}', name=name, text=text, wanted=wanted), hint)


def decimals_typed(texts: Iterable[str]) -> int:
    """The most decimals that any of these numbers was typed with: `5.00100` has five."""
    return max((len(found[1]) for text in texts if (found := _DECIMALS.fullmatch(text.strip()))), default=0)


def key_path(text: str) -> KeyPath:
    """`measures[0].unit` → ("measures", 0, "unit"); UsageFault if it is not a path."""
    if not _PATH.fullmatch(text):
        raise UsageFault(
            Message('"{text}" is not a field path', text=text),
            Message("write it like status, location.lon or measures[0].unit"),
        )
    return tuple(int(found[2]) if found[2] else found[1] for found in _STEP.finditer(text))


def field_path(kind: Kind, text: str) -> KeyPath:
    """The key path of the field with this name, option, heading or title in either language: `statut`,
    `mesures[0].unité`, `longitude`. Raises UsageFault if there is none, or several."""
    path = key_path(text)
    if kind.field_at(path) is not None:
        return path
    done: KeyPath = ()
    for part in path:
        done = (*done, part if isinstance(part, int) else _find_named(kind, done, part) or part)
    if kind.field_at(done) is None and len(path) == 1:
        inner = _one_of(text, fields_under(text, (field for field in kind.fields if not field.in_list)))
        done = key_path(inner) if inner else path
    find_field(kind, done)
    return done


def _find_named(kind: Kind, group: KeyPath, word: str) -> str | None:
    """The name of the field in a group that is called so."""
    above = tuple(ITEM if isinstance(part, int) else part for part in group)
    inside = {field.name: field.path[-1] for field in kind.fields if field.path[:-1] == above}
    if word in inside.values():
        return word
    found = _one_of(word, fields_under(word, (field for field in kind.fields if field.name in inside)))
    return inside[found] if found else None


def _one_of(word: str, names: Sequence[str]) -> str | None:
    if len(names) > 1:
        listed = ", ".join(names)
        raise UsageFault(
            Message('"{word}" means several fields: {listed}', word=word, listed=listed),
            Message("write the name of one"),
        )
    return names[0] if names else None


def find_field(kind: Kind, path: KeyPath) -> Field:
    """The field at `path`. Raises UsageFault, with a suggestion, if the schema has none."""
    field = kind.field_at(path)
    if field is not None:
        return field
    name = ".".join("[]" if isinstance(part, int) else part for part in path).replace(".[]", "[]")
    hint = suggestion(suggest_name(name, kind.fields)) or Message(
        "smartreg add-{noun} -h lists its fields", noun=kind.noun
    )
    shipped = read_schemas(bundled_files()).kinds.get(kind.name)
    if shipped is not None and shipped.field_at(path) is not None:
        hint = Message(
            "the schemas of the registry are older: smartreg schema --refresh brings it, in a change of its own"
        )
    raise UsageFault(Message('{kind} has no field "{name}"', kind=kind.name, name=name, title=kind.title), hint)


def assignment(kind: Kind, text: str, registry: Registry | None = None) -> tuple[KeyPath, Json]:
    """`status=faulty`, `statut=en panne` → (("status",), "faulty"); see `field_path` and `read_value`."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageFault(Message('"{text}" is not of the form FIELD=VALUE', text=text))
    path = field_path(kind, name)
    return path, read_value(kind, path, value, registry)
