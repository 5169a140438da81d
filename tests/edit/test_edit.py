"""Edits: what people type becomes values, values become texts, and an edit is judged before a byte is written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from registries import INDEXED, SCHEMAS, checker

from smartreg.core.errors import UsageFault
from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.messages import Localized, verbatim
from smartreg.core.values import Json, KeyPath, Location, RecordId
from smartreg.domain.typed import assignment, commune_code
from smartreg.edit import (
    Edit,
    Outcome,
    RefusedWrite,
    WriteOptions,
    change_text,
    move_text,
    new_text,
    plan_edit,
    schema_header,
    text_saying,
)
from smartreg.registry import open_registry
from smartreg.schema import Kind, as_typed, field_path, key_path, parse_value, read_schemas
from smartreg.trees import MemoryTree
from smartreg.yamlio import read

EQUIPMENT, SUPPORT = SCHEMAS.kinds["equipment"], SCHEMAS.kinds["support"]
FLOW, CONVENTION = SCHEMAS.kinds["flow"], SCHEMAS.kinds["convention"]
PARTIES = {"mer": "Mer", "vent": "Vent", "pluie": "Pluie", "both": "Mer, Vent"}
PARTY = b"id: a\nname: A\ncategory: private\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("status", ("status",)),
        ("location.lon", ("location", "lon")),
        ("measures[0].unit", ("measures", 0, "unit")),
        ("use_cases[12]", ("use_cases", 12)),
    ],
)
def test_a_field_path_as_people_type_it(text: str, path: KeyPath) -> None:
    assert key_path(text) == path


def test_the_name_of_a_field_wins_over_the_title_of_another() -> None:
    inside = {"lon": {"type": "number"}, "east": {"type": "number", "title": "Lon"}}
    place = {"title": "Spot", "type": "object", "properties": inside}
    pole = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "place": place}}
    kind = read_schemas({"pole.schema.json": json.dumps(pole).encode()}).kinds["pole"]
    assert field_path(kind, "spot.lon") == ("place", "lon")


def test_a_field_wins_over_one_within_a_group() -> None:
    place = {"type": "object", "properties": {"lon": {"type": "number"}}}
    fields = {"id": {"type": "string"}, "length": {"type": "number", "title": "Lon"}, "place": place}
    pole = {"type": "object", "required": ["id"], "properties": fields}
    kind = read_schemas({"pole.schema.json": json.dumps(pole).encode()}).kinds["pole"]
    assert field_path(kind, "lon") == ("length",)


@pytest.mark.parametrize(("word", "said"), [("y", True), ("o", True), ("n", False), ("non", False), ("FAUX", False)])
def test_truth_in_the_words_of_people(word: str, said: bool) -> None:
    assert parse_value(FLOW.field_at(("personal_data", "involved")), word) is said


def test_a_name_with_a_comma_is_one_item_of_a_list() -> None:
    texts = {f"registry/parties/{id}.yaml": f"id: {id}\nname: {name}\n" for id, name in PARTIES.items()}
    registry = open_registry(MemoryTree({path: text.encode() for path, text in texts.items()}), None, INDEXED)
    named = {"Mer, Vent": ["both"], "Mer, Pluie": ["mer", "pluie"], "party/mer, parties/x": ["mer", "x"]}
    for words, ids in named.items():
        assert assignment(CONVENTION, f"parties={words}", registry) == (("parties",), ids)


@pytest.mark.parametrize("territory", ['communes = ["13117"]', 'epci_siren = "200054807"'])
def test_of_several_communes_of_a_name_that_of_the_territory_is_meant(territory: str) -> None:
    def code(settings: str) -> str:
        return commune_code(open_registry(MemoryTree({"smartreg.toml": settings.encode()}), None, INDEXED), "Vitrolles")

    assert code(f'name = "I"\n[territory]\n{territory}\n') == "13117"
    with pytest.raises(UsageFault, match="several communes"):
        code('name = "I"\n')


def test_a_commune_by_its_code_and_what_is_said_of_its_names() -> None:
    settings = b'name = "I"\n[territory]\nepci_siren = "200054807"\n'
    registry = open_registry(MemoryTree({"smartreg.toml": settings}), None, INDEXED)
    assert commune_code(registry, "13047") == "13047"
    for name, hint in (("Saint-Martin", False), ("Saint-Julien", True)):  # five, and six of them
        with pytest.raises(UsageFault, match="several communes") as refused:
            commune_code(registry, name)
        assert refused.value.hint
        assert refused.value.hint.in_("en").endswith(", …") is hint
    with pytest.raises(UsageFault) as refused:
        commune_code(registry, "Martigue")
    assert refused.value.hint
    assert "13056" in refused.value.hint.in_("en")


def test_a_property_by_its_label() -> None:
    registry = open_registry(MemoryTree({"smartreg.toml": b'name = "I"\n'}), None, INDEXED)
    for name in ("Noise level", "Niveau sonore"):
        assert assignment(EQUIPMENT, f"measures[0].property={name}", registry)[1] == "noiseLevel"


def test_a_refused_write_counts_errors_alone() -> None:
    findings = [Finding("A", severity, verbatim(""), Location("a.yaml")) for severity in SEVERITIES for _ in severity]
    fault = RefusedWrite(Outcome(Edit("set", (), {}, ""), (), tuple(findings)))
    assert "add 5 errors" in fault.message.in_("en")


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "[0]", "a[x]", "a[-1]", "a[0]b", "a[]", "a[0", "a]"])
def test_what_is_no_field_path(text: str) -> None:
    with pytest.raises(UsageFault, match="is not a field path"):
        key_path(text)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("height_m=4.50", 4.5),
        ("height_m=4", 4),
        ("serial_number=007", "007"),
        ("installed_on=2024-03-11", "2024-03-11"),
        ("notes=a=b", "a=b"),
        ("use_cases=a, b,", ["a", "b"]),
        ('use_cases=["a,b"]', ["a,b"]),
        ('location={"lon": 5.1, "lat": 43}', {"lon": 5.1, "lat": 43}),
        ('measures=[{"property": "no2"}]', [{"property": "no2"}]),
    ],
)
def test_values_are_of_the_type_that_the_schema_expects(words: str, value: Json) -> None:
    path, found = assignment(EQUIPMENT, words)
    assert path == (words.partition("=")[0],)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("notes", 'a, b "c"', 'a, b "c"'),
        ("height_m", 4.5, "4.5"),
        ("use_cases", ["a", "b"], "a,b"),
        ("use_cases", ["a, b", 'say "c"'], '["a, b", "say \\"c\\""]'),
        ("use_cases", ['say "c"', "d"], 'say "c",d'),
        ("use_cases", ["[a", "b"], '["[a", "b"]'),
        ("use_cases", [" a", ""], '[" a", ""]'),
        ("use_cases", ["a\nb"], '["a\\nb"]'),
        ("measures", [{"property": "no2"}], '[{"property": "no2"}]'),
        ("measures", [{"property": "é"}], '[{"property": "é"}]'),
    ],
)
def test_a_value_is_written_as_it_is_read(name: str, value: Json, typed: str) -> None:
    assert as_typed(value) == typed
    assert assignment(EQUIPMENT, f"{name}={typed}") == ((name,), value)


def test_numbers_and_truths_of_a_list_stand_between_commas() -> None:
    assert as_typed([1, 2.5, True]) == "1,2.5,true"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("height_m=4,500", '"4,500" is not a number with a decimal point'),
        ("height_m=", "is not a number"),
        ("height_m=1e999", "is not a number that can be stored"),
        ("height_m=٣", "is not a number"),
        ("location=here", '"here" is not fields, as JSON'),
        ("location=[1]", "is not fields, as JSON"),
        ("measures={}", "is not a list"),
        ("use_cases=[", "is not JSON"),
        ("use_cases=[NaN]", "is not JSON"),
        ("use_cases=" + "[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_of_another_type_is_refused_in_the_users_words(words: str, said: str) -> None:
    with pytest.raises(UsageFault) as refused:
        assignment(EQUIPMENT, words)
    assert said in refused.value.message.in_("en")
    assert refused.value.message.in_("fr") != refused.value.message.in_("en")


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        ("statut=en panne", ("status",), "faulty"),
        ("STATUS=EN PANNE", ("status",), "faulty"),
        ("Captations=son, identifiants radio", ("captures",), ["audio", "radio_identifiers"]),
        ("serial=A1", ("serial_number",), "A1"),  # the option of add-sensor
        ("numero_serie=A1", ("serial_number",), "A1"),  # the French heading of an export
        ("longitude=4.98", ("location", "lon"), 4.98),
        ("Grandeurs mesurées[0].unité=dB", ("measures", 0, "unit"), "dB"),
        ("lorawan_class=classe A", ("lorawan_class",), "A"),
        ("status=broken", ("status",), "broken"),  # the schema refuses it
    ],
)
def test_fields_and_values_in_the_words_of_people(words: str, path: KeyPath, value: Json) -> None:
    assert assignment(EQUIPMENT, words) == (path, value)


def test_words_that_mean_several_are_refused_with_all_of_them() -> None:
    with pytest.raises(UsageFault) as refused:
        assignment(SCHEMAS.kinds["convention"], "notice=P3M")
    assert refused.value.message.in_("en") == '"notice" means several fields: renewal.notice, termination.notice'
    status = EQUIPMENT.by_path[("status",)]
    same = replace(status, labels={value: Localized.of(en=str(value), fr="arrêt") for value in ("faulty", "removed")})
    with pytest.raises(UsageFault) as refused:
        parse_value(same, "ARRET")
    assert "faulty = arrêt, removed = arrêt" in refused.value.message.in_("fr")


def test_yes_and_no_are_understood_in_both_languages() -> None:
    convention = SCHEMAS.kinds["convention"]
    words = ("oui", "YES", "vrai", "true", "non", "No", "faux", "FALSE")
    assert [assignment(convention, f"reciprocal={word}")[1] for word in words] == [True] * 4 + [False] * 4
    with pytest.raises(UsageFault, match='"maybe" is not yes or no'):
        assignment(convention, "reciprocal=maybe")


def test_a_field_that_the_schema_does_not_know_stays_text() -> None:
    assert parse_value(None, "12") == "12"


def test_a_new_text_has_the_order_of_the_schema_and_quotes_what_readers_would_type() -> None:
    data: dict[str, Json] = {
        "zzz": 1,
        "status": "planned",
        "measures": [{"unit": "dB", "property": "no2"}],
        "id": "s-1",
        "serial_number": "007",
        "dev_eui": "70E4123456781234",
        "installed_on": "2024-03-11",
        "type": "sensor",
    }
    text = new_text(EQUIPMENT, data, "registry/equipment/s-1.yaml")
    lines = text.decode().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../../schemas/equipment.schema.json"
    keys = ["id", "type", "status", "installed_on", "serial_number", "dev_eui", "measures", "zzz"]
    assert [line.partition(":")[0] for line in lines[1:] if line[:1].isalpha()] == keys
    assert 'dev_eui: "70E4123456781234"' in lines
    assert 'serial_number: "007"' in lines
    assert read(text, "").data == data


def test_a_changed_text_keeps_every_other_byte() -> None:
    text = b"# head\r\nid:  s\r\nstatus: active  # why\r\n"
    assert change_text(EQUIPMENT, text, [(("status",), "faulty")]) == text.replace(b"active", b"faulty")
    new = change_text(EQUIPMENT, b"id: s\nstatus: active\nnotes: x\n", [(("owner",), "a")])
    assert new == b"id: s\nowner: a\nstatus: active\nnotes: x\n"  # where the schema has it


@pytest.mark.parametrize("kind", [EQUIPMENT, None])
def test_a_text_that_says_other_data_keeps_the_lines_of_what_stays(kind: Kind | None) -> None:
    text = b"# head\nid:  s # why\nstatus:  'active'\nnotes: x\n"
    data: dict[str, Json] = {"id": "s", "status": "active", "serial_number": "7"}
    said = text_saying(kind, text, data)
    assert read(said, "").data == data
    assert said.startswith(b"# head\nid:  s # why\n")
    assert b"status:  'active'\n" in said
    assert text_saying(kind, text, read(text, "").data or {}) == text


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_moved_text_leads_to_its_schema_from_there(end: bytes) -> None:
    old, new = "registry/supports/a.yaml", "registry/supports/13047/a.yaml"
    header = schema_header(SUPPORT, old).encode()
    assert (
        move_text(SUPPORT, header + end + b"id: a", old, new) == schema_header(SUPPORT, new).encode() + end + b"id: a"
    )
    assert move_text(SUPPORT, b"# mine" + end, old, new) == b"# mine" + end


def edit_of(writes: dict[str, bytes | None], moved: dict[str, str] | None = None) -> Edit:
    return Edit("test", (RecordId("party", "a"),), writes, "Test", moved=moved or {})


def test_writes_that_change_nothing_are_left_out() -> None:
    before = open_registry(MemoryTree({"registry/parties/a.yaml": PARTY}), None, INDEXED)
    outcome = plan_edit(before, edit_of({"registry/parties/a.yaml": PARTY, "registry/parties/b.yaml": None}), checker())
    assert (dict(outcome.edit.writes), outcome.changes, outcome.introduced) == ({}, (), ())


def test_a_fault_that_moves_with_its_record_is_not_new_and_one_more_is() -> None:
    wrong = PARTY.replace(b"private", b"none")
    before = open_registry(MemoryTree({"registry/parties/a.yaml": wrong}), None, INDEXED)
    moved = {"registry/parties/a.yaml": "registry/parties/x/a.yaml"}
    same = edit_of({"registry/parties/a.yaml": None, "registry/parties/x/a.yaml": wrong}, moved)
    assert [finding.code for finding in plan_edit(before, same, checker()).introduced] == []
    more = edit_of({"registry/parties/a.yaml": None, "registry/parties/x/a.yaml": wrong + b"siren: x\n"}, moved)
    assert {finding.where.path for finding in plan_edit(before, more, checker()).introduced} == {("siren",)}


def box(size: dict[str, object]) -> bytes:
    """The schema of boxes that have a size."""
    fields = {"id": {"type": "string"}, "size": size}
    return json.dumps({"type": "object", "required": ["id"], "properties": fields}).encode()


def test_an_edit_of_the_schemas_is_judged_by_each_sides_own() -> None:
    texts = {
        "schemas/box.schema.json": box({"type": "integer"}),
        "registry/box/a.yaml": b"id: a\nsize: 3\n",
        "registry/box/b.yaml": b"id: b\nsize: x\n",
    }
    before = open_registry(MemoryTree(texts), None, INDEXED)
    stricter = edit_of({"schemas/box.schema.json": box({"type": "integer", "maximum": 2})})
    outcome = plan_edit(before, stricter, checker())
    assert [(finding.code, finding.where.file) for finding in outcome.introduced] == [("SCH106", "registry/box/a.yaml")]


def test_the_message_names_what_the_history_is_read_by() -> None:
    options = WriteOptions(
        on=date(2026, 1, 15), message="Mine", reason="moved\nSmartreg-Op: undo", trailers=(("Ref", "1"),)
    )
    many = tuple(RecordId("party", str(number)) for number in range(50))
    message = Edit("import", many, {}, "Import", conventions=("c",)).message(options)
    assert message.subject == "Mine"
    assert [key for key, _ in message.trailers].count("Smartreg-Record") == 20
    text = message.text()
    assert "Smartreg-Reason: moved Smartreg-Op: undo\n" in text
    assert text.count("\nSmartreg-Op: ") == 1
    assert "\nSmartreg-Convention: c\n" in text
    assert "\nRef: 1\n" in text
