"""The bytes of no format contain what an audience may not see."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conventions import CONVENTION, FILES
from exports import contents, make_export, smartreg
from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.commands.coverage import coverage_table
from smartreg.core.values import RecordId
from smartreg.exporters import FORMATS, Chosen
from smartreg.registry import Registry, open_registry
from smartreg.schema.settings import LABEL_ADDRESS
from smartreg.tables import tables
from smartreg.tables.view import AUDIENCES, hidden_fields, is_hidden, view
from smartreg.trees import MemoryTree

EXPORTERS = list(FORMATS.values())
SEEN = {None: 0, "public": 0, "partners": 1, "internal": 2}  # by this audience and closer ones
VISIBILITIES = [*SEEN, "pubic", 7]
IDENTIFIERS = ("serial_number", "dev_eui", "join_eui", "gateway_eui", "mac_address", "imei")


def secret(kind: str, number: int, name: str) -> str:
    return f"zq{kind}{number}{name.replace('_', '')}qz"


def support(number: int, visibility: Any) -> dict[str, Any]:
    return {
        "id": f"zq-support-{number}-qz",
        "type": "street_light",
        "owner": "voisine" if number == 2 else "ville",
        "insee_code": "13047",
        "location": {"lon": 4.7 + number / 1000 + 0.000713, "lat": 43.5},
        "status": "in_service",
        "local_ref": secret("s", number, "own"),
        "notes": secret("s", number, "notes"),
        "attributes": {"COULEUR": secret("s", number, "notes")},
        "devEui": secret("s", number, "unknown"),
        **({} if visibility is None else {"visibility": visibility}),
    }


def equipment(number: int, visibility: Any, on: int, replaces: int) -> dict[str, Any]:
    return {
        "id": f"zq-device-{number}-qz",
        "type": "sensor",
        "owner": "ville",
        "use_cases": ["noise"],
        "status": "active",
        "support": f"zq-support-{on}-qz",
        "replaces": f"zq-device-{replaces}-qz",
        "model": secret("e", number, "own"),
        "manufacturer": f"demander à lea.zq{'abc'[number - 1]}qz@example.org",
        "cost_eur": secret("e", number, "cost"),
        "notes": secret("e", number, "notes"),
        "events": [{"date": "2024-01-01", "kind": "fault", "note": secret("e", number, "event"), "x": "zqunknownqz"}],
        **{name: secret("e", number, name) for name in IDENTIFIERS},
        "power": secret("e", number, "shape"),
        **({} if visibility is None else {"visibility": visibility}),
    }


def registry_of(records: Mapping[str, Any]) -> Registry:
    files = {f"registry/{path}.yaml": json.dumps(data).encode() for path, data in records.items()}
    return open_registry(MemoryTree(files), None, frozenset())


def bytes_of(registry: Registry, audience: str) -> Iterator[tuple[str, bytes]]:
    """The files of every format, those in an archive unpacked."""
    seen = view(registry, audience)
    kinds = tuple(seen.schemas.kinds.values())
    every = (*tables(seen, kinds), coverage_table(registry, seen, date(2026, 1, 15), ()))
    chosen = Chosen(kinds, seen, every, {"commit": None, "audience": audience}, label_address=LABEL_ADDRESS)
    packed = []
    for exporter in EXPORTERS:
        for file in exporter.export(chosen):
            yield file.name, file.content
            if file.name.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
                    yield from ((name, archive.read(name)) for name in archive.namelist())
            if file.name.endswith(".parquet"):
                packed.append(file.content)
    yield "all.parquet", unpack(packed)


def unpack(contents: list[bytes]) -> bytes:
    """The rows of Parquet files, and their metadata, as text."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.parquet" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        sql = " UNION ALL ".join(f"SELECT to_json(t)::VARCHAR FROM read_parquet('{file}') t" for file in files)
        words = f"SELECT decode(value) FROM parquet_kv_metadata('{folder}/*.parquet')"
        return json.dumps(duckdb.execute(f"{sql} UNION ALL {words}").fetchall(), ensure_ascii=False).encode()


def forbidden(records: Mapping[str, Any], audience: str) -> Iterator[str]:
    """What the audience may not read: identifiers, costs and notes of all records, everything of those that are not
    for it."""
    for data in records.values():
        shown = data["id"] in visible(records, audience)
        names = {"notes", "cost_eur", "devEui", "power", *(IDENTIFIERS if audience == "public" else ())}
        yield from (
            data[name]
            for name in (names if shown else {*names, *IDENTIFIERS, "id", "model", "local_ref"})
            if name in data
        )
        yield from (event["note"] for event in data.get("events", ()))
        if audience == "public":
            yield from (text for text in _texts(data) if "@" in text)
    yield "zqunknownqz"


def _texts(data: Any) -> Iterator[str]:
    for item in data.values():
        yield from (text for text in (item if isinstance(item, list) else [item]) if isinstance(text, str))


def visible(records: Mapping[str, Any], audience: str) -> set[str]:
    place = AUDIENCES.index(audience)
    return {data["id"] for data in records.values() if SEEN.get(data.get("visibility"), len(AUDIENCES)) <= place}


@st.composite
def registries(draw: st.DrawFn) -> dict[str, Any]:
    supports = [support(number, draw(st.sampled_from(VISIBILITIES))) for number in range(1, 4)]
    devices = [
        equipment(number, draw(st.sampled_from(VISIBILITIES)), draw(st.integers(1, 4)), draw(st.integers(1, 3)))
        for number in range(1, 4)
    ]
    called = draw(st.sampled_from(["Bruit", "Bruit (max.zqflowqz@example.org)"]))
    flow = {"id": "bruit", "title": called, "producer": "ville", "equipment": [item["id"] for item in devices]}
    return {
        "parties/ville": {
            "id": "ville",
            "name": "Ville",
            "category": "commune",
            "contact_email": "lea.zqtownqz@example.org",
        },
        "parties/voisine": {"id": "voisine", "name": "Voisine", "category": "commune"},
        **{f"supports/13047/{item['id']}": item for item in supports},
        **{f"equipment/{item['id']}": item for item in devices},
        "flows/bruit": flow,
    }


@settings(max_examples=4)
@given(registries(), st.sampled_from(["public", "partners"]))
def test_no_format_carries_what_is_withheld(records: dict[str, Any], audience: str) -> None:
    registry = registry_of(records)
    written = dict(bytes_of(registry, audience))
    texts = set(forbidden(records, audience))
    points = [
        (f"{item['location']['lon']:.6f}".encode(), struct.pack("<d", round(item["location"]["lon"], 6)))
        for item in records.values()
        if "location" in item and item["id"] not in visible(records, audience)
    ]
    for name, content in written.items():
        assert [text for text in texts if text.encode() in content] == [], name
        assert [text for text, packed in points if text in content or packed in content] == [], name
    for id in visible(records, audience):
        assert id.encode() in written["registry.jsonl"]


@given(registries())
@settings(max_examples=3)
def test_internal_carries_everything(records: dict[str, Any]) -> None:
    written = bytes_of(registry_of(records), "internal")
    lines = next(content for name, content in written if name == "registry.jsonl")
    assert [json.loads(line)["data"] for line in lines.decode().splitlines()] == [
        records[path] for path in sorted(records, key=_in_order)
    ]


def _in_order(path: str) -> tuple[int, str]:
    return ("parties", "supports", "equipment", "flows").index(path.partition("/")[0]), path


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("dev_eui", "public"),
        ("devEUI", "public"),
        ("DevEui", "public"),
        ("JoinEUI", "public"),
        ("app-eui", "public"),
        ("mac", "public"),
        ("imei", "public"),
        ("serialNumber", "public"),
        ("cost_eur", "partners"),
        ("cost", "partners"),
        ("notes", "partners"),
        ("note", "partners"),
    ],
)
def test_names_that_are_withheld(name: str, by: str) -> None:
    assert [audience for audience in AUDIENCES if is_hidden(name, audience)] == list(
        AUDIENCES[: AUDIENCES.index(by) + 1]
    )


@pytest.mark.parametrize("name", ["id", "status", "machine", "notice_url", "height_m", "procurement_ref", "costume"])
def test_names_that_everybody_sees(name: str) -> None:
    assert not is_hidden(name, "public")


def test_a_reference_to_a_hidden_record_is_gone_with_what_is_behind_it() -> None:
    registry = registry_of(
        {
            "supports/a": support(1, "internal") | {"id": "a"},
            "equipment/b": equipment(1, "public", 1, 1) | {"id": "b", "support": "a", "replaces": "nobody"},
            "flows/c": {"id": "c", "equipment": ["b", "nobody"]},
        }
    )
    seen = view(registry, "public")
    device, flow = seen.get(RecordId("equipment", "b")), seen.get(RecordId("flow", "c"))
    assert device is not None
    assert flow is not None
    assert device.data.keys().isdisjoint({"support", "replaces", *IDENTIFIERS})
    assert flow.data["equipment"] == ["b"]
    assert seen.withheld == {"support": 1}


GUEST = ("guest", "connectivity", "covered", "c", None, None)
HOSTED = ("hosted", "installation", "covered", "c", None, None)
LEVELS = ("levels", "data", "covered", "c", None, None)


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        ((), [GUEST, HOSTED, LEVELS]),
        (("equipment/hosted",), [GUEST, LEVELS]),
        (("supports/13047/pole",), [GUEST, LEVELS]),
        (("networks/lora",), [HOSTED, LEVELS]),
        (("parties/istres",), []),
        (("flows/levels",), [GUEST, HOSTED]),
        (("conventions/c",), [(*row[:2], None, None, None, None) for row in (GUEST, HOSTED, LEVELS)]),
    ],
)
def test_cover_is_withheld_with_what_it_is_about(hidden: tuple[str, ...], expected: list[Any]) -> None:
    """What passes is not shown without the two parties and what it passes through; nothing that a hidden convention
    says is shown, not even that it covers."""
    files = {path: text.encode() for path, text in FILES.items()}
    files |= {path: files[path] + b"visibility: internal\n" for path in (f"registry/{name}.yaml" for name in hidden)}
    registry = open_registry(MemoryTree(files), None, frozenset())
    assert rows_of_cover(registry, "public") == expected
    assert rows_of_cover(registry, "internal") == [GUEST, HOSTED, LEVELS]


def rows_of_cover(registry: Registry, audience: str, on: date = date(2026, 1, 15)) -> list[Any]:
    table = coverage_table(registry, view(registry, audience), on, ())
    rows = [dict(zip((column.name for column in table.columns), row, strict=True)) for row in table.rows()]
    names = ("id", "family", "state", "convention", "why_not", "not_in_force")
    return [tuple(row[name] for name in names) for row in rows]


def test_cover_is_told_by_the_convention_that_the_audience_sees() -> None:
    """A hidden one beside it changes nothing; after the end of the one that is seen, its cover is not told."""
    files = {path: text.encode() for path, text in FILES.items()}
    other = FILES[CONVENTION].replace("id: c\n", "id: later\n").replace("2026-12-31", "2030-12-31")
    files |= {"registry/conventions/later.yaml": f"{other}visibility: internal\n".encode()}
    registry = open_registry(MemoryTree(files), None, frozenset())
    assert rows_of_cover(registry, "partners") == [GUEST, HOSTED, LEVELS]
    assert [row[3] for row in rows_of_cover(registry, "internal")] == ["later", "later", "later"]
    after = date(2027, 6, 1)
    assert [row[2:] for row in rows_of_cover(registry, "partners", after)] == [(None, None, None, None)] * 3
    assert [row[2:4] for row in rows_of_cover(registry, "internal", after)] == [("covered", "later")] * 3


def test_data_that_come_from_a_hidden_device_are_not_shown() -> None:
    """The flow of one party is fed by a device of another: without the device, nobody sees that it is."""
    files = {path: text.encode() for path, text in FILES.items()}
    flow = "registry/flows/levels.yaml"
    files[flow] = FILES[flow].replace("[hosted]", "[guest]").encode()
    for extra, expected in ((b"", ["istres", "amp"]), (b"visibility: internal\n", ["amp"])):
        made = files | {"registry/equipment/guest.yaml": files["registry/equipment/guest.yaml"] + extra}
        registry = open_registry(MemoryTree(made), None, frozenset())
        table = coverage_table(registry, view(registry, "public"), date(2026, 1, 15), ())
        place = [column.name for column in table.columns].index("user")
        assert sorted(row[place] for row in table.rows() if row[1] == "levels") == sorted(expected)


def test_contacts_of_people_are_withheld_from_the_public_and_counted() -> None:
    mailbox = {"contact_email": "numerique@ville.example.org", "dpo_email": "lea.martin@ville.example.org"}
    registry = registry_of(
        {
            "parties/ville": {"id": "ville", "name": "Ville", "category": "commune", **mailbox},
            "supports/a": support(1, "internal") | {"id": "a", "address": "appeler Max au 06 12 34 56 78"},
        }
    )
    party = RecordId("party", "ville")
    seen, partners = view(registry, "public"), view(registry, "partners")
    assert seen.contacts == {party: 1}
    assert seen.get(party).data == {"id": "ville", "name": "Ville", "category": "commune"} | {  # type: ignore[union-attr]
        "contact_email": "numerique@ville.example.org"
    }
    assert partners.get(party) == registry.get(party)
    assert not partners.contacts


def test_a_mailbox_is_published_once_a_waiver_says_that_it_is_no_persons() -> None:
    """An e-mail field alone: free text of the same record stays withheld."""
    mailbox = {"contact_email": "mairie-x@orange.fr", "website": "https://ville.example.org/lea.martin@example.org"}
    ville = {"id": "ville", "name": "Appeler le 06 12 34 56 78", "category": "commune", **mailbox}
    waiver = """[[waiver]]
code = "REC121"
record = "party/ville"
until = 2099-12-31
reason = "the town hall's own mailbox"
decided_by = "dpo"
"""
    before = registry_of({"parties/ville": ville})
    files = {file: before.tree.read(file) for file in before.tree.files()} | {"smartreg.toml": waiver.encode()}
    after = open_registry(MemoryTree(files), None, frozenset())
    rid = RecordId("party", "ville")
    for registry, published in ((before, False), (after, True)):
        shown = view(registry, "public").get(rid)
        assert shown is not None
        assert ("contact_email" in shown.data, "name" in shown.data) == (published, False)


def test_a_kind_of_another_city_is_guarded_by_names_too() -> None:
    fields = {"id": {"type": "string"}, "lampEUI": {"type": "string"}, "extra": {"type": "object"}}
    schema = {"type": "object", "required": ["id"], "properties": fields}
    files = {
        "schemas/lamp.schema.json": json.dumps(schema).encode(),
        "registry/lamp/a.yaml": json.dumps(
            {"id": "a", "lampEUI": "zq1qz", "extra": {"serial": "zq2qz", "deep": [{"mac": "zq3qz", "hue": 7}]}}
        ).encode(),
    }
    registry = open_registry(MemoryTree(files), None, frozenset())
    record = view(registry, "public").get(RecordId("lamp", "a"))
    assert record is not None
    assert record.data == {"id": "a", "extra": {"deep": [{"hue": 7}]}}
    assert hidden_fields(list(registry.schemas.kinds.values()), "public") == ["lampEUI"]


# -- the command -------------------------------------------------------------------------------------------------


def test_missing_columns_are_reported(golden_registry: Path) -> None:
    with (golden_registry / "registry/parties/istres.yaml").open("a", encoding="utf-8") as party:
        party.write("dpo_email: lea.martin@example.org\n")
    done = smartreg("export", "equipment", "--audience", "public", "-f", "csv", cwd=golden_registry)
    head = done.stdout.decode().splitlines()[0].split(",")
    assert {"dev_eui", "serial_number", "cost_eur", "notes", "imei"}.isdisjoint(head)
    assert b"70B3D57ED0061234" not in done.stdout
    assert b"1 record of the registry" in done.stderr
    assert b"dev_eui" in done.stderr
    assert b"contacts of people withheld (1): party/istres;" in done.stderr
    french = smartreg("export", "equipment", "--audience", "partners", "--lang", "fr", cwd=golden_registry)
    assert b"pour partners" in french.stderr
    assert b"70B3D57ED0061234" in french.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_a_record_that_cannot_be_read_is_not_named_to_others(golden_registry: Path, form: str) -> None:
    (golden_registry / "registry/equipment/istres-noise-1.yaml").write_text("id: [")
    files = contents(make_export(golden_registry, form=form, audience="public"))
    assert not any(b"istres-noise-1" in content for content in files.values())


@pytest.mark.parametrize("words", [["--where", "dev_eui=70B3D57ED0061234"], ["--columns", "id,events.note,notes"]])
def test_what_is_withheld_cannot_be_asked_for(golden_registry: Path, words: list[str]) -> None:
    done = smartreg("export", "equipment", "--audience", "public", *words, cwd=golden_registry)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"audience public" in done.stderr or b"no column" in done.stderr
