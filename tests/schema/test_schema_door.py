"""The door to JSON Schema: what a schema may contain, verdicts that agree with another engine, and words for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from registries import ODD, SCHEMAS, random_data
from test_schemas import VALID

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Text
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.schema import SchemaFault, Schemas, bundled_files, literal, read_schemas
from smartreg.schema.bundle import DIALECT
from smartreg.schema.kinds import Kind

ID = {"type": "string"}
DEEP: dict[str, Any] = {"type": "string"}
for _ in range(40):
    DEEP = {"properties": {"a": DEEP}}
DOUBLING = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)} | {"d30": {"type": "string"}}


def schemas(**files: object) -> Schemas:
    """The schemas of files given as values; `pole={…}` is `pole.schema.json`."""
    return read_schemas({f"{name}.schema.json": json.dumps(value).encode() for name, value in files.items()})


def compile_schemas(**files: object) -> None:
    """Read the schemas, and let the engine read them."""
    for judge in schemas(**files).judges.values():
        judge.accepts({})


def poles(**fields: object) -> dict[str, object]:
    """A schema of records with an id and these fields."""
    return {"type": "object", "required": ["id"], "properties": {"id": ID, **fields}}


def refusal(**files: object) -> str:
    """Why the schemas are refused; in both languages, naming the file."""
    with pytest.raises(UsageFault) as refused:
        compile_schemas(**files)
    words = refused.value.message
    assert words.in_("en").startswith("schemas/pole.schema.json")
    assert words.in_("fr").startswith("schemas/pole.schema.json")
    return words.in_("en")


# -- what a schema may contain ---------------------------------------------------------------------------------


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "must be an object"),
        ({"properties": {"a": {"minimun": 3}}}, 'the keyword "minimun" is not known'),
        ({"$dynamicRef": "#x"}, 'the keyword "$dynamicRef" is not known'),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, "only https://json-schema.org/draft/2020-12"),
        ({"$id": "https://example.org/other.json"}, "$id must end in pole.schema.json"),
        ({"properties": {"a": {"$id": "pole.schema.json"}}}, 'the keyword "$id" is not known here'),
        ({"properties": {"a": {"$ref": "https://example.org/a.json"}}}, "names no file of schemas/"),
        ({"properties": {"a": {"$ref": "file:///etc/hostname"}}}, "names no file of schemas/"),
        ({"properties": {"a": {"$ref": "../smartreg.toml"}}}, "names no file of schemas/"),
        ({"properties": {"a": {"$ref": "#anchor"}}}, "names no file of schemas/"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "does not lead from one schema to another"),
        (
            {"$ref": "#/properties", "properties": {"type": {"type": "string"}}},
            "does not lead from one schema to another",
        ),
        ({"default": {"$ref": "#"}}, "does not lead from one schema to another"),
        ({"$defs": {"a b": {}, "a%20b": {}}, "$ref": "#/$defs/a%20b"}, "does not lead from one schema to another"),
        ({"properties": {"a": {"$ref": "#"}}}, "leads back to itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "back to itself"),
        ({"$defs": DOUBLING, "$ref": "#/$defs/d0"}, "too many checks"),
        (DEEP, "nested deeper than 64"),
        ({"enum": list(range(20_001))}, "too large"),
        ({"properties": {"a": {"format": "siret"}}}, 'the format "siret" is not known'),
        ({"properties": {"a": {"multipleOf": 0.01}}}, "must be a whole number"),
        ({"properties": {"a": {"multipleOf": 10**10}}}, "multipleOf is too large"),
        ({"properties": {"a": {"pattern": r"(a)\1"}}}, "not a linear regular expression"),
        ({"properties": {"a": {"pattern": "(?=a)b"}}}, "not a linear regular expression"),
        ({"properties": {"a": {"pattern": "[a"}}}, "not a linear regular expression"),
        ({"patternProperties": {r"(a)\1": {}}}, "not a linear regular expression"),
        ({"properties": {"a": {"pattern": 3}}}, "must be text"),
        ({"properties": []}, "must be a mapping of fields"),
        ({"allOf": {}}, "must be a list"),
        ({"properties": {"a": 3}}, "3 is not allowed here; it must be"),
        ({"properties": {"a": {"type": "text"}}}, '"text" does not fit here'),
        ({"properties": {"a": {"enum": [{"a": 1}]}}}, "lists and groups cannot be chosen"),
        ({"properties": {"a": {"enum": {}}}}, "must be a list"),
        ({"required": "id"}, "must be a list"),
        ({"required": ["id", "id"]}, "does not fit here"),
        ({"minimum": "3"}, "must be a number"),
        ({"title": 7}, "must be text"),
        ({"properties": {"[]": {}}}, 'no field can be called "" or "[]"'),
        ({"properties": {"a": {"properties": {"": {}}}}}, 'no field can be called "" or "[]"'),
        ({"properties": {"on": {}}}, "YAML reads the names on, off"),
        ({"properties": {"a": {"x-ref": "lamp"}}}, 'there is no kind "lamp"'),
        ({"properties": {"a": {"x-ref": 3}}}, "name a kind, or a list of kinds"),
        ({"properties": {"a": {"x-ref": []}}}, "name a kind, or a list of kinds"),
        ({"properties": {"a": {"x-ref": [""]}}}, "name a kind, or a list of kinds"),
        ({"properties": {"a": {"x-ref": "pole"}}}, "must declare this reference as text"),
        (
            {"properties": {"a": {"type": ["string", "integer"], "x-ref": "pole"}}},
            "must declare this reference as text",
        ),
        ({"allOf": [{"properties": {"a": {"type": "string", "x-ref": "pole"}}}]}, '"x-ref" is not known here'),
        ({"properties": {"a": {"$schema": DIALECT}}}, '"$schema" is not known here'),
        ({"$defs": {"a": {"$schema": "http://json-schema.org/draft-04/schema#"}}}, '"$schema" is not known here'),
        ({"properties": {"a": {"x-kind": {}}}}, '"x-kind" is not known here'),
        ({"$vocabulary": {}}, 'the keyword "$vocabulary" is not known'),
        ({"properties": {"a": {"$anchor": "a"}}}, 'the keyword "$anchor" is not known'),
        ({"x-kind": []}, "must be a mapping of fields"),
        ({"x-kind": {"name": 7}}, "7 is not allowed here; it must be text"),
        ({"x-kind": {"name": "\u00e9t\u00e9"}}, "use small letters"),
        ({"x-kind": {"order": "first"}}, "must be a whole number"),
        ({"x-kind": {"presets": {"Sensor": {}}}}, "does not fit here"),
        ({"x-kind": {"presets": {"sensor": 7}}}, "must be a mapping of fields"),
        ({"x-kind": {"nuon": "pole"}}, 'the keyword "nuon" is not known'),
        ({"x-kind": {"folder": "../poles"}}, "cannot be a folder"),
        ({"x-kind": {"folder": "a/b"}}, "cannot be a folder"),
        ({"x-kind": {"noun": "Pole"}}, "use small letters"),
        ({"x-kind": {"path": "{id}.json"}}, "write it like"),
        ({"x-kind": {"path": "../{id}.yaml"}}, "the path must look like"),
        ({"x-kind": {"path": "{id.__class__}/{id}.yaml"}}, "the path must look like"),
        ({"x-lifecycle": {"field": "status", "transitions": {"a": []}}}, 'there is no field "status"'),
        ({"x-lifecycle": {"field": "status", "transitions": {}}}, "there is no state"),
        ({"x-lifecycle": []}, "must be a mapping of fields"),
        ({}, "must declare a record as a group of fields"),
        ({"properties": {"id": ID}}, "must declare a record as a group of fields"),
        (
            {"type": ["object", "array"], "properties": {"id": ID}, "required": ["id"]},
            "must declare a record as a group of fields",
        ),
        ({"type": "object"}, "must require the id of a record"),
        ({"type": "object", "required": ["id"]}, "must require the id of a record"),
        ({"type": "object", "properties": {"id": ID}}, "must require the id of a record"),
        ({"type": "object", "properties": {"id": {}}, "required": ["id"]}, "must require the id of a record"),
        ({"type": "object", "properties": {"id": True}, "required": ["id"]}, "must require the id of a record"),
        (
            {"type": "object", "properties": {"id": {"type": ["string", "integer"]}}, "required": ["id"]},
            "must require the id",
        ),
    ],
)
def test_a_schema_that_cannot_be_trusted_is_refused_in_our_words(schema: object, said: str) -> None:
    assert said in refusal(pole=schema)


@pytest.mark.parametrize(
    "text", [b"{", b'{"a": NaN}', b'{"type": "object", "type": "string"}', b"\xff\xfe{}", b"[" * 100_000]
)
def test_a_schema_that_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(UsageFault):
        read_schemas({"pole.schema.json": text})


def test_two_kinds_cannot_share_a_folder() -> None:
    assert "is taken by lamp" in refusal(
        lamp={**poles(), "x-kind": {"folder": "poles"}}, pole={**poles(), "x-kind": {"folder": "poles"}}
    )


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"pattern": "^(a+)+$", "type": "string"}, "a" * 500, "a" * 500 + "!"),
        ({"pattern": "^[a-z]+$"}, "ab", "ab\n"),
        ({"pattern": "^[0-9]+$"}, "12", "١٢"),
        ({"format": "date"}, "2026-02-28", "2026-02-30"),
        ({"uniqueItems": True}, [[n] for n in range(2000)], [[n] for n in range(2000)] + [[1.0]]),
        ({"multipleOf": 3}, 10**17 * 3, 10**17 * 3 + 1),
    ],
)
def test_hard_values_are_judged_at_once_and_explained(schema: object, good: object, bad: object) -> None:
    judge = schemas(pole=poles(a=schema)).judges["pole"]
    assert judge.faults({"id": "x", "a": good}) == ()
    (fault,) = judge.faults({"id": "x", "a": bad})
    assert fault.path == ("a",)


# -- verdicts --------------------------------------------------------------------------------------------------

PLAIN = {
    name: Draft202012Validator(kind.schema, format_checker=FormatChecker(["date"]))
    for name, kind in SCHEMAS.kinds.items()
}


def test_references_may_lead_anywhere_in_a_schema() -> None:
    files = schemas(
        pole={
            **poles(name={"type": "string", "maxLength": 3}, short={"$ref": "#/$defs/short"}),
            "$defs": {"short": {"$ref": "#/properties/name"}},
        }
    )
    (fault,) = files.judges["pole"].faults({"id": "p", "name": "abc", "short": "abcd"})
    assert (fault.code, fault.path) == ("SCH106", ("short",))


def mutate(random: Random, value: Any) -> Any:
    """The value with something changed somewhere in it."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(sorted(value))
        if random.random() < 0.2:
            return {name: item for name, item in value.items() if name != key}
        if random.random() < 0.1:
            return {**value, f"{key}x": value[key]}
        return {**value, key: mutate(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.7:
        return [*value, random.choice(value)] if random.random() < 0.3 else [mutate(random, value[0]), *value[1:]]
    return random.choice([*ODD, "", "A" * 300, -1, 3.5, [], {}])


@given(seed=st.integers(0, 2**32))
@example(seed=0)
def test_verdicts_are_those_of_another_engine_and_every_refusal_is_explained(seed: int) -> None:
    random = Random(seed)
    for name, judge in SCHEMAS.judges.items():
        data = {"id": f"{name}-1", **random_data(random, SCHEMAS.kinds[name])}
        for value in (data, mutate(random, data), mutate(random, mutate(random, data))):
            record = value if isinstance(value, dict) else data
            assert judge.accepts(record) == PLAIN[name].is_valid(record), record
            faults = judge.faults(record)
            assert bool(faults) != judge.accepts(record)
            assert all(is_explained(fault) for fault in faults)


def is_explained(fault: SchemaFault) -> bool:
    """The reason is explained in both languages, without the words of the engine."""
    assert fault.keyword != "disagree"
    assert fault.message.in_("en")
    assert fault.message.in_("fr")
    return "^" not in fault.message.in_("en")


# -- words -----------------------------------------------------------------------------------------------------

POLE: dict[str, Any] = {
    "x-lifecycle": {"field": "status", "transitions": {"planned": ["active"]}},
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "examples": ["istres"]},
        "status": {"enum": ["planned", "active"]},
        "code": {"type": "string", "pattern": "^[0-9]{5}$", "description": "Five digits, of INSEE."},
        "eui": {"type": "string", "pattern": "^[0-9A-F]{16}$", "examples": ["70B3D57ED0061234"]},
        "height": {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
        "count": {"type": "integer", "multipleOf": 2, "maximum": 8},
        "name": {"type": "string", "minLength": 1, "maxLength": 3},
        "since": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "uses": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"type": "string"}},
        "place": {"type": "object", "required": ["lon"], "properties": {"lon": {"type": "number"}}},
        "sure": {"const": True},
        "never": {"not": {}},
        "either": {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    },
    "allOf": [
        {"if": {"properties": {"status": {"const": "active"}}, "required": ["status"]}, "then": {"required": ["since"]}}
    ],
    "unevaluatedProperties": False,
}


@pytest.mark.parametrize(
    ("data", "code", "en", "fr"),
    [
        ({"id": None}, "SCH102", "id is null; it must be text", "id vaut null ; il faut un texte"),
        (
            {"id": "A"},
            "SCH104",
            'id is "A"; it must be lower-case letters and digits, with hyphens between',
            'id vaut "A" ; il faut des minuscules et des chiffres, séparés par des traits d\'union',
        ),
        (
            {"status": "actve"},
            "SCH103",
            'status is "actve"; it must be one of planned, active',
            'status vaut "actve" ; valeurs admises : planned, active',
        ),
        (
            {"status": "active"},
            "SCH101",
            'required field "since" is missing (status is "active")',
            'le champ « since » est obligatoire (le statut est "active")',
        ),
        ({"place": {}}, "SCH101", 'required field "place.lon" is missing', "le champ « place.lon » est obligatoire"),
        ({"either": {}}, "SCH101", "one of these fields is required: a, b", "un de ces champs est obligatoire : a, b"),
        ({"height": "3"}, "SCH102", 'height is "3"; it must be a number', 'height vaut "3" ; il faut un nombre'),
        (
            {"height": -1},
            "SCH106",
            "height is -1; it must be at least 0",
            "height vaut -1 ; la valeur doit être d'au moins 0",
        ),
        (
            {"height": 100},
            "SCH106",
            "height is 100; it must be less than 100",
            "height vaut 100 ; la valeur doit être inférieure à 100",
        ),
        (
            {"count": 3},
            "SCH106",
            "count is 3; it must be a multiple of 2",
            "count vaut 3 ; la valeur doit être un multiple de 2",
        ),
        (
            {"count": 10},
            "SCH106",
            "count is 10; it must be at most 8",
            "count vaut 10 ; la valeur doit être d'au plus 8",
        ),
        (
            {"name": ""},
            "SCH106",
            'name is ""; it must be at least 1 character long',
            'name vaut "" ; il faut au moins 1 caractère',
        ),
        (
            {"name": "long"},
            "SCH106",
            'name is "long"; it must be at most 3 characters long',
            'name vaut "long" ; il faut au plus 3 caractères',
        ),
        (
            {"uses": []},
            "SCH106",
            "uses is []; it must be a list of at least 1 item",
            "uses vaut [] ; il faut une liste d'au moins 1 élément",
        ),
        ({"uses": ["a", "a"]}, "SCH108", 'uses holds "a" twice', 'uses contient deux fois "a"'),
        (
            {"since": "2026-02-30"},
            "SCH105",
            'since is "2026-02-30"; it must be a date, YYYY-MM-DD',
            'since vaut "2026-02-30" ; il faut une date, AAAA-MM-JJ',
        ),
        (
            {"mail": "x"},
            "SCH105",
            'mail is "x"; it must be an e-mail address',
            'mail vaut "x" ; il faut une adresse électronique',
        ),
        ({"statu": "active"}, "SCH107", 'unknown field "statu"', 'champ inconnu "statu"'),
        (
            {"sure": False},
            "SCH103",
            "sure is false; it must be one of true",
            "sure vaut false ; valeurs admises : true",
        ),
        (
            {"never": 1},
            "SCH109",
            "never is 1, which the schema does not allow",
            "never vaut 1, ce que le schéma n'admet pas",
        ),
    ],
)
def test_what_a_schema_refuses_is_said_in_both_languages(data: dict[str, Any], code: str, en: str, fr: str) -> None:
    (fault,) = schemas(pole=POLE).judges["pole"].faults({"id": "istres", **data})
    assert (fault.code, fault.message.in_("en"), fault.message.in_("fr")) == (code, en, fr)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"id": "A"}, 'write "a"'),
        ({"id": "--"}, 'for example "istres"'),
        ({"eui": "70-b3-d5-7e-d0-06-12-34"}, 'write "70B3D57ED0061234"'),
        ({"eui": "8A1F27D5C3B94E60A7D2F1E8954C3B7D"}, 'for example "70B3D57ED0061234"'),
        ({"height": "4,98747"}, "write 4.98747"),
        ({"height": "4.5"}, "write 4.5, without quotes"),
        ({"since": "12/03/2024"}, "is it 2024-03-12?"),
        ({"since": "2024.03.12"}, "is it 2024-03-12?"),
        ({"since": "12 août 2024"}, "is it 2024-08-12?"),
        ({"since": "1er Févr. 2024"}, "is it 2024-02-01?"),
        ({"code": "1"}, "Five digits, of INSEE."),
        ({"status": "actve"}, 'did you mean "active"?'),
        ({"statu": "active"}, 'did you mean "status"?'),
        ({"name": 3}, "write it in quotes"),
        ({"name": None}, "give a value, or leave the field out"),
        ({"status": "active"}, "add since: …"),
    ],
)
def test_hints_say_what_to_do(data: dict[str, Any], hint: str) -> None:
    (fault,) = schemas(pole=POLE).judges["pole"].faults({"id": "istres", **data})
    assert fault.hint
    assert fault.hint.in_("en") == hint


@pytest.mark.parametrize(
    ("kind", "field", "value", "hint"),
    [
        ("equipment", "status", "panne", 'did you mean "faulty"?'),
        ("equipment", "status", "EN PANNE", 'did you mean "faulty"?'),
        ("equipment", "status", "en pane", 'did you mean "faulty"?'),
        ("equipment", "status", "pland", 'did you mean "planned"?'),
        ("equipment", "status", "?", None),
        ("equipment", "installed_on", "12 brumaire 2024", None),
        ("equipment", "installed_on", "31 février 2024", None),
        ("support", "type", "lampadaire", 'did you mean "street_light"?'),
        ("flow", "licence", "Open Licence 2.0", 'did you mean "etalab-2.0"?'),
        ("flow", "frequency", "15 minutes", "write PT15M"),
        ("flow", "frequency", "1 h", "write PT1H"),
        ("flow", "frequency", "30 jours", "write P30D"),
        ("flow", "frequency", "6 mois", "write P6M"),
        ("flow", "frequency", "2 années", "write P2Y"),
        ("flow", "frequency", "souvent", None),
    ],
)
def test_the_label_of_a_value_gets_its_code_suggested(kind: str, field: str, value: str, hint: str | None) -> None:
    faults = read_schemas(bundled_files()).judges[kind].faults({field: value})
    (fault,) = (fault for fault in faults if fault.path == (field,))
    assert (fault.hint and fault.hint.in_("en")) == hint


@pytest.mark.parametrize("lost", ["support.schema.json", "common.schema.json"])
def test_a_lost_schema_can_be_brought_back(lost: str) -> None:
    with pytest.raises(UsageFault) as refused:
        read_schemas({name: text for name, text in bundled_files().items() if name != lost})
    assert refused.value.hint
    assert f"git checkout HEAD -- schemas/{lost}" in refused.value.hint.in_("en")


def test_our_own_schemas_would_be_let_in_if_a_stranger_brought_them() -> None:
    """`read_schemas` takes exactly ours on trust: with one more file they are nobody's."""
    files = bundled_files()
    assert read_schemas({**files, "stranger.json": b"{}"}).kinds.keys() == read_schemas(files).kinds.keys()


def test_a_text_of_the_wrong_form_that_is_too_long_has_one_fault() -> None:
    pole = {**POLE, "properties": {**POLE["properties"], "eui": {**POLE["properties"]["eui"], "maxLength": 16}}}
    (fault,) = schemas(pole=pole).judges["pole"].faults({"id": "istres", "eui": "70B3D57ED0061234-"})
    assert (fault.code, fault.hint and fault.hint.in_("en")) == ("SCH104", 'write "70B3D57ED0061234"')


@given(data=st.data())
def test_a_value_alone_is_described_as_in_a_record(data: st.DataObject) -> None:
    """What a field refuses in a value has one wording, whether a record is around the value or not."""
    judge = SCHEMAS.judges[data.draw(st.sampled_from(sorted(SCHEMAS.judges)))]
    fields = [field for field in judge.kind.fields if len(field.path) == 1 and field.kind in ("string", "number")]
    field = data.draw(st.sampled_from(fields))
    texts: st.SearchStrategy[str | float] = st.sampled_from(
        ("", "A b", "70b3d57ed0061234", "2020-13-45", "2020-12-01", "13O55", "x" * 5000)
    )
    value: str | float = data.draw(texts if field.kind == "string" else st.floats(-1e9, 1e9, allow_nan=False))
    alone = judge.describe_value(field.path, value)
    around = [
        (fault.code, fault.message, fault.hint)
        for fault in judge.faults({field.path[0]: value})
        if fault.path == field.path and fault.code in ("SCH104", "SCH105", "SCH106")
    ]
    assert (alone is None and not around) or alone in around


@given(name=st.sampled_from(sorted(VALID)), data=st.data())
def test_missing_fields_are_explained_alike_whatever_else_is_wrong(name: str, data: st.DataObject) -> None:
    """The gate finds them where nothing else is wrong, the explainer where a field is unknown as well."""
    left_out = data.draw(st.sets(st.sampled_from(sorted(VALID[name])), min_size=1))
    record = {field: value for field, value in VALID[name].items() if field not in left_out}

    def missing(record: Mapping[str, Any]) -> dict[KeyPath, tuple[Text, Text | None]]:
        found = SCHEMAS.judges[name].faults(record)
        return {fault.path: (fault.message, fault.hint) for fault in found if fault.keyword == "required"}

    assert missing(record) == missing({**record, "surprise": 1})
    assert {path[0] for path in missing(record)} >= left_out & set(SCHEMAS.kinds[name].schema["required"])


def test_a_field_that_is_required_anyway_is_not_blamed_on_the_status() -> None:
    (fault,) = schemas(pole=POLE).judges["pole"].faults({"status": "planned"})
    assert fault.message.in_("en") == 'required field "id" is missing'


@pytest.mark.parametrize(
    "secret",
    [
        "8A1F27D5C3B94E60A7D2F1E8954C3B7D",
        "8a:1f:27:d5:c3:b9:4e:60:a7:d2:f1:e8:95:4c:3b:7d",
        "0x8A, 0x1F, 0x27, 0xD5, 0xC3, 0xB9, 0x4E, 0x60, 0xA7, 0xD2, 0xF1, 0xE8, 0x95, 0x4C, 0x3B, 0x7D",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-Zm9vYmFyYmF6MTIz-cXV4Q29yZ2U0NTY3",
    ],
)
def test_a_key_in_the_wrong_field_is_not_repeated_in_the_message(secret: str) -> None:
    for data in ({"eui": secret}, {"status": secret}, {"height": secret}, {"uses": [secret, secret]}):
        (fault,) = schemas(pole=POLE).judges["pole"].faults({"id": "istres", **data})
        words = " ".join((fault.message.in_("en"), fault.message.in_("fr"), fault.hint.in_("en") if fault.hint else ""))
        assert secret[:4] in words
        assert secret[:10] not in words
        assert secret[-6:] not in words


@pytest.mark.parametrize(
    "value",
    [
        "70B3D57ED0061234",
        "aix-marseille-provence-noise-sensor-003",
        "DEL-2024-0412-BM",
        "https://www.example.org/conventions/2024",
        "3f1c9a52-6a0e-4c0b-9a64-0d6f6e1f2b7a",
    ],
)
def test_what_is_no_secret_is_shown_whole(value: str) -> None:
    assert literal(value) == f'"{value}"'


def test_long_values_are_cut() -> None:
    assert len(literal("x " * 1000)) == 80


def test_the_schemas_that_come_with_smartreg_pass() -> None:
    kinds = read_schemas(bundled_files()).kinds
    assert list(kinds) == ["party", "deliberation", "convention", "support", "equipment", "network", "flow", "use_case"]


# -- kinds -----------------------------------------------------------------------------------------------------


def kind(name: str) -> Kind:
    return SCHEMAS.kinds[name]


def test_the_route_to_the_end_of_life_is_the_shortest() -> None:
    life = kind("equipment").lifecycle
    assert life is not None
    assert life.route("active", life.ends) == ("decommissioned", "removed")
    assert life.route("planned", life.ends) == ("cancelled",)
    assert life.route("removed", life.ends) is None
    assert life.route("nonsense", life.ends) is None


def test_links_are_found_at_any_depth_and_only_where_the_values_are_texts() -> None:
    data = {
        "scope": {"supports": ["a", 3, None], "networks": "b"},
        "parties": ["c", ["d"]],
        "deliberations": {"e": "f"},
    }
    record = Record(RecordId("convention", "x"), "x.yaml", data, "")
    links = [(link.path, link.target, link.kinds) for link in kind("convention").links(record)]
    assert links == [(("parties", 0), "c", ("party",)), (("scope", "supports", 0), "a", ("support",))]
