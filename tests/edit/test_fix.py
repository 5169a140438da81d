"""What --fix and format make of texts, one fault at a time: the text as somebody wrote it, and as it is afterwards."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from registries import INDEXED, SCHEMAS, checker

from smartreg.commands.autofix import format_texts
from smartreg.core.findings import Finding
from smartreg.core.messages import verbatim
from smartreg.core.values import Location
from smartreg.edit import format_text
from smartreg.edit.autofix import AutofixResult, autofix, with_respelling
from smartreg.registry import Registry, open_registry
from smartreg.trees import MemoryTree
from smartreg.yamlio import read

CHECKER = checker()
OWNER = {"registry/parties/istres.yaml": b"id: istres\nname: Istres\ncategory: private\n"}
PARTY = "registry/parties/a.yaml"
FLOW = "registry/flows/a.yaml"
EQUIPMENT = "registry/equipment/a.yaml"
CONVENTION = "registry/conventions/a.yaml"


def open_texts(texts: Mapping[str, bytes]) -> Registry:
    return open_registry(MemoryTree({"smartreg.toml": b'name = "Istres"\n', **OWNER, **texts}), None, INDEXED)


def fix_registry(texts: Mapping[str, bytes], *, unsafe: bool = False) -> tuple[Registry, AutofixResult]:
    registry = open_texts(texts)
    return registry, autofix(
        registry, CHECKER, with_respelling(registry, CHECKER.check(registry).findings), unsafe=unsafe
    )


def fix_file(file: str, text: str, *, unsafe: bool = False) -> str:
    registry, done = fix_registry({file: text.encode()}, unsafe=unsafe)
    after = registry.with_writes(done.draft.writes)
    return after.tree.read(done.draft.moved.get(file, file)).decode()


def test_a_fault_in_a_file_that_is_no_record_gets_no_fix() -> None:
    registry = open_texts({"registry/annexes/a.yaml": b"\xef\xbb\xbfa: 01\n"})
    found = Finding("YML005", "error", verbatim(""), Location("registry/annexes/a.yaml"))
    assert with_respelling(registry, [found]) == [found]


SAFE = [
    pytest.param(PARTY, "siren: 211300470 # as in Sirene\n", 'siren: "211300470" # as in Sirene\n', id="REC103"),
    pytest.param(PARTY, "insee_code: 01004\n", 'insee_code: "01004"\n', id="YML008"),
    pytest.param(PARTY, "siren: 211 300 470\n", 'siren: "211300470"\n', id="SCH104-separators"),
    pytest.param(
        PARTY, "insee_code: 013\n# x\nsiren: 1_0\n", 'insee_code: "013"\n# x\nsiren: "1_0"\n', id="YML008-two"
    ),
    pytest.param(EQUIPMENT, "dev_eui: 70b3d57ed0061234\n", 'dev_eui: "70B3D57ED0061234"\n', id="SCH104-lower-case"),
    pytest.param(EQUIPMENT, "dev_eui: 70E4123456781234\n", 'dev_eui: "70E4123456781234"\n', id="YML008-infinity"),
    pytest.param(
        EQUIPMENT, "dev_eui: '70-b3-d5-7e-d0-06-12-34'\n", "dev_eui: '70B3D57ED0061234'\n", id="SCH104-dashes"
    ),
    pytest.param(EQUIPMENT, "mac_address: 70b3d57ed006\n", 'mac_address: "70:B3:D5:7E:D0:06"\n', id="SCH104-mac"),
    pytest.param(EQUIPMENT, 'height_m: "4.5"\n', "height_m: 4.5\n", id="SCH102-number"),
    pytest.param(EQUIPMENT, "lorawan_class: a\n", "lorawan_class: A\n", id="SCH103-case"),
    pytest.param(EQUIPMENT, "installed_on: 20240311\n", 'installed_on: "2024-03-11"\n', id="REC103-then-SCH105"),
    pytest.param(EQUIPMENT, "installed_on: 2024/03/11\n", 'installed_on: "2024-03-11"\n', id="SCH105-year-first"),
    pytest.param(EQUIPMENT, "installed_on: 25/03/2024\n", 'installed_on: "2024-03-25"\n', id="SCH105-day-above-12"),
    pytest.param(EQUIPMENT, "serialNumber: x\n", "serial_number: x\n", id="SCH107-spelling"),
    pytest.param(PARTY, "Name : A\n", "name : A\n", id="SCH107-case"),
    pytest.param(PARTY, "Category: city\n", "category: city\n", id="SCH107-then-what-is-wrong-there"),
    pytest.param(CONVENTION, "families: [data, data]\n", "families: [data]\n", id="SCH108-brackets"),
    pytest.param(
        CONVENTION,
        "families:\n  - data # one\n  - installation\n  - data\n  - data\n",
        "families:\n  - data # one\n  - installation\n",
        id="SCH108-lines",
    ),
    pytest.param(PARTY, "\ufeffname: A\r\nsiren: '1'\r\n", "name: A\nsiren: '1'\n", id="YML005"),
    pytest.param(PARTY, "name: A\rsiren: '1'\r", "name: A\nsiren: '1'\n", id="YML005-old-mac"),
    pytest.param(PARTY, "\ufeffsiren: 01\r\n", 'siren: "01"\n', id="YML005-and-YML008"),
    pytest.param(
        EQUIPMENT,
        "measures:\n  - property: airTemperature\n    unit: °C\n",
        "measures:\n  - property: airTemperature\n    unit: Cel\n",
        id="REC118-of-the-vocabulary",
    ),
    pytest.param(
        EQUIPMENT,
        "measures:\n  - property: Noise_Level\n",
        "measures:\n  - property: noiseLevel\n",
        id="REC119-spelling",
    ),
    pytest.param(EQUIPMENT, "owner: Istres\n", "owner: istres\n", id="REF201-case"),
]
UNSAFE = [
    pytest.param(EQUIPMENT, "owner: istre\n", "owner: istres\n", id="REF201"),
    pytest.param(PARTY, "category: privat\n", "category: private\n", id="SCH103"),
    pytest.param(PARTY, "category: privé\n", "category: private\n", id="SCH103-in-French"),
    pytest.param(EQUIPMENT, "ownr: istres\n", "owner: istres\n", id="SCH107"),
    pytest.param(EQUIPMENT, 'height_m: "4,5"\n', "height_m: 4.5\n", id="SCH102-comma"),
    pytest.param(EQUIPMENT, "installed_on: 11/03/2024\n", 'installed_on: "2024-03-11"\n', id="SCH105-day-or-month"),
    pytest.param(EQUIPMENT, "measures:\n  - property: bruit\n", "measures:\n  - property: noiseLevel\n", id="REC119"),
]
NEVER = [
    pytest.param(EQUIPMENT, "height_m: 04\n", id="a number with a zero may be octal"),
    pytest.param(EQUIPMENT, "unknown: 007\n", id="nobody knows whether this is text"),
    pytest.param(PARTY, "siren: !!str 01\n", id="a tag is wrong besides"),
    pytest.param(PARTY, "siren: 01\nname: [\n", id="the syntax is wrong besides"),
    pytest.param(PARTY, "name: A\nNAME: B\n", id="the right key is there"),
    pytest.param(EQUIPMENT, "status: xyz\n", id="nothing is near"),
    pytest.param(PARTY, "name: Z\xe9ro", id="not UTF-8"),
]


@pytest.mark.parametrize(("file", "wrong", "right"), SAFE)
def test_what_needs_no_judgement_is_fixed(file: str, wrong: str, right: str) -> None:
    assert fix_file(file, wrong) == right


@pytest.mark.parametrize(("file", "wrong", "right"), UNSAFE)
def test_what_was_most_likely_meant_is_taken_only_when_asked(file: str, wrong: str, right: str | None) -> None:
    assert fix_file(file, wrong) == wrong
    assert fix_file(file, wrong, unsafe=True) == (right or wrong)


@pytest.mark.parametrize(("file", "text"), NEVER)
def test_what_needs_judgement_stays(file: str, text: str) -> None:
    registry = open_texts({file: text.encode("latin-1")})
    found = with_respelling(registry, CHECKER.check(registry).findings)
    done = autofix(registry, CHECKER, found, unsafe=True)
    assert file not in done.draft.files


def test_utf_16_of_windows_becomes_utf_8() -> None:
    registry, done = fix_registry({PARTY: "name: Zéro\r\n".encode("utf-16")})
    assert registry.with_writes(done.draft.writes).tree.read(PARTY) == "name: Zéro\n".encode()


def test_two_ids_that_are_near_are_no_unique_suggestion() -> None:
    files = {f"registry/parties/ville-{n}.yaml": b"name: x\n" for n in (1, 2)}
    _, done = fix_registry({**files, EQUIPMENT: b"owner: ville-\n"}, unsafe=True)
    assert "REF201" not in {found.code for found in done.fixed}


def test_a_record_goes_where_it_belongs() -> None:
    text = b'id: a\ninsee_code: "13047"\n'
    _, done = fix_registry(
        {"registry/supports/a.yml": text, "registry/supports/13055/b.yaml": text.replace(b"a\n", b"b\n", 1)}
    )
    assert done.draft.moved == {"registry/supports/a.yml": "registry/supports/13047/a.yaml"}


def test_no_record_goes_where_another_is() -> None:
    _, done = fix_registry({"registry/parties/a.yml": b"id: a\n", "registry/parties/A.yaml": b"id: A\n"})
    assert done.draft.moved == {}


def test_the_header_leads_to_the_schema_from_the_new_place() -> None:
    header = b"# yaml-language-server: $schema=../../schemas/support.schema.json\n"
    registry, done = fix_registry({"registry/supports/a.yaml": header + b'id: a\ninsee_code: "13047"\n'})
    text = registry.with_writes(done.draft.writes).tree.read("registry/supports/13047/a.yaml")
    assert text.startswith(b"# yaml-language-server: $schema=../../../schemas/support.schema.json\n")


@pytest.mark.parametrize(
    ("named", "file", "id"),
    [
        ("a", PARTY, "a"),  # the id in the field is named by nobody, the one of the file is
        ("b", "registry/parties/b.yaml", "b"),
        ("istres", PARTY, "b"),  # nobody names either: who knows
    ],
)
def test_file_name_and_id_agree_where_others_name_one_of_them(named: str, file: str, id: str) -> None:
    registry, done = fix_registry({PARTY: b"id: b\n", EQUIPMENT: f"owner: {named}\n".encode()})
    after = registry.with_writes(done.draft.writes)
    assert file in after.by_file
    assert after.tree.read(file) == f"id: {id}\n".encode()


def test_an_id_of_the_wrong_form_gives_way_to_the_file_name() -> None:
    assert fix_file(PARTY, "id: A b\n") == "id: a\n"


def test_a_fix_that_would_bring_another_finding_is_left_out_and_the_others_are_taken() -> None:
    twin = b'status: active\ndev_eui: "70B3D57ED0061234"\n'
    texts = {
        EQUIPMENT: b"Status: active\ndev_eui: 70b3d57ed0061234\nweight_kg: '1'\n",
        "registry/equipment/b.yaml": twin,
    }
    registry, done = fix_registry(texts)
    new = {found.code for found in CHECKER.check(registry.with_writes(done.draft.writes)).findings}
    assert "weight_kg: 1" in done.draft.files[EQUIPMENT].text.decode()
    assert {found.code for found in done.left} == {"SCH104", "SCH107"}  # the same device twice; dates that it needs
    assert new <= {found.code for found in CHECKER.check(registry).findings}


def test_where_a_fix_brings_a_finding_elsewhere_the_others_are_taken() -> None:
    names = [f"registry/equipment/{letter}.yaml" for letter in "cdef"]
    texts = {
        EQUIPMENT: b'dev_eui: "70B3D57ED0061234"\n',
        "registry/equipment/b.yaml": b"dev_eui: 70b3d57ed0061234\n",
        **dict.fromkeys(names, b"weight_kg: '1'\n"),
    }
    registry, done = fix_registry(texts)
    found = CHECKER.check(registry).findings
    assert [one.where.file for one in done.left] == ["registry/equipment/b.yaml"]
    assert sorted(one.where.file for one in done.fixed) == names
    assert {one.code for one in CHECKER.check(registry.with_writes(done.draft.writes)).findings} <= {
        one.code for one in found
    }


def test_only_a_text_that_another_spelling_makes_readable_has_that_fix() -> None:
    registry = open_texts({PARTY: b"insee_code: 01004\nname: &x A\n"})
    found = with_respelling(registry, CHECKER.check(registry).findings)
    assert {one.code: one.fix for one in found if one.where.file == PARTY} == {"YML003": None, "YML008": None}


def test_faults_that_were_hidden_in_an_unreadable_file_are_no_reason_to_leave_it_so() -> None:
    registry, done = fix_registry({EQUIPMENT: b"owner: nobody\nserial_number: 007\n"})
    after = registry.with_writes(done.draft.writes)
    assert [found.code for found in done.fixed] == ["YML008"]
    assert {"REF201", "SCH101"} <= {found.code for found in CHECKER.check(after).findings}


@pytest.mark.promise("R7")
def test_what_others_read_otherwise_is_written_for_all_of_them() -> None:
    """By `--fix` and by `format`, and the record says what it said. What the schema wants as text keeps its digits."""
    text = b"extra:\n  no: [1e3, 0o17, -.5, On, 18:30]  # as typed\nserial_number: 1e3\nname: Yes\nheight_m: 4E1\n"
    same = (
        b'extra:\n  "no": [1000.0, 15, -0.5, "On", "18:30"]  # as typed\n'
        b'serial_number: 1e3\nname: "Yes"\nheight_m: 40.0\n'
    )
    registry = open_texts({EQUIPMENT: text})
    found = [
        one for one in with_respelling(registry, CHECKER.check(registry).findings) if one.code in ("YML013", "REC103")
    ]
    assert [(one.code, one.severity) for one in found].count(("YML013", "info")) == 9
    own = autofix(registry, CHECKER, found, meant=lambda _, code: code == "YML013")
    assert own.draft.files[EQUIPMENT].text == same
    form = format_text(SCHEMAS.kinds["equipment"], text, EQUIPMENT)
    assert read(form, "").data == read(text, "").data
    assert {fault.where.path for fault in read(form, "").faults} == {("serial_number",)}
    both = autofix(registry, CHECKER, found)
    assert both.draft.files[EQUIPMENT].text == same.replace(b"serial_number: 1e3", b'serial_number: "1e3"')
    assert {one.code for one in both.fixed} == {"YML013", "REC103"}


def test_canonical_form_keeps_every_comment_with_its_key() -> None:
    text = b"""# About this sensor
# (a heading)

# who owns it
owner: istres   # since 2024
type: sensor
# what it is called
id: 'a'
dev_eui: 70B3D57ED0061234
location: {lat: 43.5, lon: 4.9}
measures:
  - unit: lx # lux
    # what is measured
    property: illuminance
notes: |
  kept
    as it is\x20\x20
installed_on: 2024-03-11
# the end"""
    assert (
        format_text(SCHEMAS.kinds["equipment"], text, EQUIPMENT).decode()
        == """\
# yaml-language-server: $schema=../../schemas/equipment.schema.json
# About this sensor
# (a heading)

# what it is called
id: 'a'
type: sensor
# who owns it
owner: istres   # since 2024
installed_on: "2024-03-11"
dev_eui: "70B3D57ED0061234"
measures:
  - # what is measured
    property: illuminance
    unit: lx # lux
location: {lon: 4.9, lat: 43.5}
notes: |
  kept
    as it is\x20\x20
# the end
"""
    )


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("# yaml-language-server: $schema=../schemas/support.schema.json", None),
        ("# yaml-language-server: $schema=https://example.org/party.json", "same"),
        ("#yaml-language-server: $schema=schemas/party.schema.json", None),
    ],
)
def test_the_first_line_leads_to_the_schema_unless_somebody_names_another(header: str, after: str | None) -> None:
    text = f"# mine\n{header}\nid: a\n"
    right = "# yaml-language-server: $schema=../../schemas/party.schema.json"
    done = format_text(SCHEMAS.kinds["party"], text.encode(), PARTY).decode()
    assert done == (text if after else text.replace(header, right))


def test_only_what_is_not_canonical_is_written() -> None:
    header = b"# yaml-language-server: $schema=../../schemas/party.schema.json\n"
    texts = {PARTY: header + b'id: a\nname: "A"\n', "registry/parties/b.yaml": b"- no record\n"}
    assert set(format_texts(open_texts(texts), lambda file: file in texts)) == set()
