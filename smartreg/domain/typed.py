"""Values as people type them, with a registry: names of records become ids, names of communes codes."""

from __future__ import annotations

import re

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import closest, slug, suggestion
from smartreg.core.values import Json, KeyPath
from smartreg.domain.codes import Commune, communes_called, members
from smartreg.domain.labels import DEV_EUI, read_label
from smartreg.domain.municipalities import listed, municipalities_called
from smartreg.domain.search import find_identified, find_worded
from smartreg.registry import WRITE_THE_ID, Registry, Several, alias_of
from smartreg.schema import PROPERTY, Field, Kind, field_path, find_field, holds_commune, parse_value
from smartreg.schema.countries import FRANCE, country_named
from smartreg.schema.settings import Territory

_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_WITH_DEPARTMENT = re.compile(r"(.+?)[\s,]*\(?\b([0-9]{1,3}|2[AB])(?: ?[-–] ?[^()0-9]*)?\)?", re.IGNORECASE)
MOST_SHOWN = 5  # communes of one name


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
        value = full_code(registry, value)
        return value if value[:1].isdigit() else commune_code(registry, value)
    if field.refs:
        return _id_named(field, value, registry)
    if field.path == (DEV_EUI,):
        value = read_label(value).get(DEV_EUI, value)
    return registry.schemas.judges[kind.name].respell(field.path, value)


def _id_named(field: Field, text: str, registry: Registry) -> str:
    """The id of the record with this name, identifier, or kind and id, else of the only one with these whole words in
    its id or label. Another text in the form of an id stays as it is; rules report that it does not exist."""
    text = registry.schemas.without_kind(text, field.refs)
    if field.may_refer_abroad and alias_of(text) is not None:
        return text
    id = registry.by_name.resolve_name(field.refs, text)
    if isinstance(id, Several):
        raise UsageFault(id.message(field.name), WRITE_THE_ID)
    if id != text or registry.with_id(id):
        return id
    found = find_identified(registry, field.refs, text) or find_worded(registry, field.refs, text)
    if len(found) > 1:
        raise UsageFault(Several(text, tuple(rid.id for rid in found)).message(field.name), WRITE_THE_ID)
    if found or id == slug(id):
        return found[0].id if found else id
    near = registry.by_name.nearest(field.refs, text)
    raise UsageFault(
        Message('{field}: no record is called "{text}"', field=field.name, text=text),
        suggestion(near) or Message("smartreg list shows what there is"),
    )


def commune_code(registry: Registry, answer: str) -> str:
    """The answer if it has the form of a code, else the code of the commune with that name: in the territory, or else
    the only one in France, or the only one of the department that stands behind the name: `Saint-Denis (93)`. Raises
    UsageFault if there is none, or several."""
    if registry.config.country != FRANCE:
        return _code_elsewhere(registry, answer)
    if _CODE.fullmatch(answer):
        return answer
    communes = communes_called(answer)
    with_department = _WITH_DEPARTMENT.fullmatch(answer) if not communes else None
    if with_department is not None:
        department = with_department[2].upper().zfill(2)
        communes = tuple(each for each in communes_called(with_department[1]) if each.department == department)
    communes = tuple(each for each in communes if _inside(registry.config.territory, each)) or communes
    if len(communes) == 1:
        return communes[0].insee_code
    if communes:
        listed = ", ".join(f"{each.insee_code} ({each.department})" for each in communes[:MOST_SHOWN])
        more = ", …" if len(communes) > MOST_SHOWN else ""
        raise UsageFault(
            Message('several communes are called "{answer}"', answer=answer),
            Message("give the code: {listed}{more}", listed=listed, more=more),
        )
    own_communes = members(registry.config.territory.epci_siren or "")
    near = closest(answer, [each.name for each in own_communes])
    code = next((each.insee_code for each in own_communes if each.name == near), None)
    hint = Message("a code has five characters")
    if code:
        hint = Message('did you mean "{near}" ({code})?', near=near, code=code)
    elif own_communes:
        code, name = own_communes[0].insee_code, own_communes[0].name
        hint = Message("a code has five characters: {code} ({name})", code=code, name=name)
    raise UsageFault(Message('"{answer}" is neither an INSEE code nor the name of a commune', answer=answer), hint)


def full_code(registry: Registry, text: str) -> str:
    """The text, or the code with the prefix that lists of one country leave out: "44021" is BE_44021 in Belgium."""
    scheme = country_named(registry.config.country).official_code
    whole = f"{scheme.prefix}{text}" if scheme is not None and scheme.prefix and text[:1].isdigit() else text
    return whole if scheme is not None and scheme.has_form(whole) else text


def _code_elsewhere(registry: Registry, answer: str) -> str:
    """The same in another country, where names are those of the parties."""
    scheme = country_named(registry.config.country).official_code
    assert scheme is not None
    if scheme.has_form(answer):
        return answer
    called = municipalities_called(registry, answer)
    if len(called) == 1:
        return called[0].insee_code
    what = {"answer": answer, "scheme": scheme.scheme}
    if called:
        codes = ", ".join(item.insee_code for item in called[:MOST_SHOWN])
        raise UsageFault(
            Message('several municipalities are called "{answer}"', answer=answer),
            Message("give the code: {listed}", listed=codes),
        )
    near = closest(answer, [item.name for item in listed(registry).values()])
    code = next((item.insee_code for item in listed(registry).values() if item.name == near), None)
    hint = Message('did you mean "{near}" ({code})?', near=near, code=code) if code else None
    raise UsageFault(
        Message('"{answer}" is neither a code ({scheme}) nor the name of a municipality of the registry', **what),
        hint or Message("a code is like {example}", example=scheme.example),
    )


def _inside(territory: Territory, commune: Commune) -> bool:
    epci = territory.epci_siren
    return commune.insee_code in territory.communes or (epci is not None and commune.epci_siren == epci)


def assignment(kind: Kind, text: str, registry: Registry | None = None) -> tuple[KeyPath, Json]:
    """`status=faulty`, `statut=en panne` → (("status",), "faulty"); see `field_path` and `read_value`."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageFault(Message('"{text}" is not of the form FIELD=VALUE', text=text))
    path = field_path(kind, name)
    return path, read_value(kind, path, value, registry)
