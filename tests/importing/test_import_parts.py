"""The parts of an import by themselves: encodings and delimiters, cells, conditions, ids, mappings."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.crs import projection
from smartreg.exporters.cells import cell
from smartreg.exporters.csv import DIALECTS as EXPORTED
from smartreg.importing.changes import canonical, changes, data_of, place_value
from smartreg.importing.columns import conditions
from smartreg.importing.mapping import ImportMapping, Source, mapping_text, read_mapping
from smartreg.importing.naming import with_tails
from smartreg.importing.options import ImportRequest
from smartreg.importing.values import Bad, decimal_mark, number_in, value_of
from smartreg.readers.csv import DELIMITERS, Dialect, decode, read_sheet
from smartreg.readers.sheet import Row, Sheet, is_text
from smartreg.schema import bundled_files, read_schemas

SUPPORT, EQUIPMENT = (read_schemas(bundled_files()).kinds[name] for name in ("support", "equipment"))
HEIGHT, ADDRESS = SUPPORT.by_path["height_m",], SUPPORT.by_path["address",]
INSEE = SUPPORT.by_path["insee_code",]

printable = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


# -- cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cell_text", "decimal", "value"),
    [
        ("type", "Candélabre", ",", "street_light"),
        ("type", "candelabre", ".", "street_light"),
        ("type", "STREET_LIGHT", ".", "street_light"),
        ("type", "Lampadaire", ".", "street_light"),
        ("type", "réverbère", ".", "réverbère"),
        ("installed_on", "12/03/2024", ",", "2024-03-12"),
        ("installed_on", "12/03/2024", ".", "12/03/2024"),
        ("installed_on", "31/02/2024", ",", "31/02/2024"),
        ("installed_on", "2024-03-12", ",", "2024-03-12"),
    ],
)
def test_what_a_french_sheet_calls_it(name: str, cell_text: str, decimal: str, value: str) -> None:
    assert (
        value_of(EQUIPMENT.by_path[name,] if name == "installed_on" else SUPPORT.by_path[name,], cell_text, decimal)
        == value
    )


# -- encodings and delimiters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said", "found"),
    [
        (b"a", None, "utf-8"),
        ("é".encode(), None, "utf-8"),
        (b"\xef\xbb\xbf\xc3\xa9", None, "utf-8"),
        (b"\xe9", None, "iso-8859-1"),
        (b"\x80 \xe9", None, "cp1252"),
        (b"\x81\xe9", None, "iso-8859-1"),
        ("é".encode("utf-16"), None, "utf-16-le"),
        (b"\xe9", "latin-1", "iso-8859-1"),
        ("é".encode(), "latin-1", "utf-8"),  # last year's mapping says so, this year's file is UTF-8
        (b"\x8e", "mac_roman", "mac-roman"),
    ],
)
def test_encodings(content: bytes, said: str | None, found: str) -> None:
    decoded = decode("sheet.csv", content, said)
    assert (decoded.fault, decoded.encoding) == (None, found)
    assert "\ufeff" not in decoded.text


def test_where_an_encoding_fails() -> None:
    fault = decode("sheet.csv", b"a\nb\n\xff\n", "utf-8").fault
    assert fault is not None
    assert fault.where.row == 3


@given(
    st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(printable, min_size=width, max_size=width), min_size=2, max_size=6)
    ),
    st.sampled_from(DELIMITERS),
)
def test_what_is_written_is_read(rows: list[list[str]], delimiter: str) -> None:
    rows[0] = [f"{index}{heading}" for index, heading in enumerate(rows[0])]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    sheet = read_sheet("sheet.csv", out.getvalue().encode(), None, Dialect(delimiter))
    assert (sheet.faults, list(sheet.headings)) == ((), rows[0])
    assert [list(row.cells) for row in sheet.rows] == rows[1:]
    assert [row.number for row in sheet.rows] == list(range(2, len(rows) + 1))


@given(st.binary(max_size=400))
def test_any_bytes_give_a_sheet_or_faults(content: bytes) -> None:
    if content.startswith((b"PK", b"\xd0\xcf", b"%PDF")):
        return
    if is_text(content):
        sheet = read_sheet("sheet.csv", content, None, Dialect())
        assert sheet.rows or sheet.faults
    else:
        with pytest.raises(UsageFault, match="is not a text file"):
            read_sheet("sheet.csv", content, None, Dialect())


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("A,C,254;B,N,4\nx;1,5\ny;2,5\n", ";"),
        ("a,b\n1;5,2\n3;4,7\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('name,note\n"x;y",z\n', ","),
        ("alone\n1\n", ","),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert read_sheet("sheet.csv", text.encode(), None, Dialect()).delimiter == delimiter


def test_headings_with_their_dbase_types() -> None:
    sheet = Sheet("sheet.csv", "utf-8", ";", ("CAR_LIEU,C,254", "car_annee,N,4,0"))
    assert [sheet.column(word) for word in ("CAR_LIEU,C,254", "CAR_LIEU", "car_lieu", "CAR_ANNEE")] == [0, 0, 0, 1]


# -- cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("8,5", ",", 8.5),
        ("8.5", ".", 8.5),
        ("007,50", ",", 7.50),
        ("+8", ".", 8),
        ("1 234,5", ",", 1234.5),
        ("1\u202f234", ".", 1234),
        ("  ", ".", None),
        ("", ".", None),
    ],
)
def test_numbers(text: str, decimal: str, value: Json) -> None:
    assert value_of(HEIGHT, text, decimal) == value


@pytest.mark.parametrize(("text", "decimal"), [("8,5", "."), ("8.5", ","), ("8m", "."), ("1,234.5", "."), ("inf", ".")])
def test_what_is_no_number(text: str, decimal: str) -> None:
    assert isinstance(value_of(HEIGHT, text, decimal), Bad)


def test_texts() -> None:
    assert value_of(ADDRESS, " Port\u00a0", ".") == "Port"
    assert value_of(ADDRESS, "a\r\nb", ".") == "a\nb"
    assert value_of(ADDRESS, "'=1+2", ".") == "=1+2"
    assert value_of(ADDRESS, "'s-Gravenstraat", ".") == "'s-Gravenstraat"
    assert value_of(ADDRESS, "0412", ".") == "0412"
    assert isinstance(value_of(ADDRESS, "1,23457E+13", ","), Bad)


def test_an_arrondissement_is_its_commune() -> None:
    assert value_of(INSEE, "13203", ".") == "13055"
    assert value_of(INSEE, "13047", ".") == "13047"


@given(printable, st.sampled_from(sorted(EXPORTED)))
def test_a_text_comes_back_from_the_export(text: str, dialect: str) -> None:
    found = value_of(ADDRESS, cell(text, EXPORTED[dialect]), EXPORTED[dialect].decimal)
    assert found == text or isinstance(found, Bad)


@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(EXPORTED)))
def test_a_number_comes_back_from_the_export(number: float, dialect: str) -> None:
    found = value_of(HEIGHT, cell(number, EXPORTED[dialect]), EXPORTED[dialect].decimal)
    assert canonical(found) == canonical(number)


def test_decimal_marks() -> None:
    assert decimal_mark(["1,5", "2", "3,25", "4.5"]) == ","
    assert decimal_mark(["1", "text, with comma"]) == "."
    assert [number_in(text) for text in ("0,00", "-1.5", "x", "")] == [0, -1.5, None, None]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("X=0", [0, 1]),
        ("X!=0", [2, 3, 4]),
        ("X<2", [0, 1, 2]),
        ("X>=1,5", [2]),
        ("X=", [4]),
        ("X!=", [0, 1, 2, 3]),
        ("X=abc", [3]),
        ("X > 100", []),
    ],
)
def test_conditions(condition: str, rows: list[int]) -> None:
    cells = ["0", "0,000", "1,5", "abc", " "]
    sheet = Sheet("sheet.csv", "utf-8", ";", ("X,N,19,8",))
    (found,) = conditions(sheet, [condition], "--skip-rows")
    assert [index for index, text in enumerate(cells) if found.holds(Row(index, [text]))] == rows


# -- ids, changes, mappings --------------------------------------------------------------------------------------


@given(st.lists(printable, min_size=2, max_size=8, unique=True), st.randoms())
def test_tails_do_not_hang_on_the_order(texts: list[str], random: object) -> None:
    ids = dict(zip(texts, with_tails("place", texts, lambda _: False), strict=True))
    turned = list(reversed(texts))
    assert dict(zip(turned, with_tails("place", turned, lambda _: False), strict=True)) == ids
    assert len(set(ids.values())) == len(texts)


def test_a_taken_tail_grows() -> None:
    (short,) = with_tails("place", ["x"], lambda _: False)
    (longer,) = with_tails("place", ["x"], lambda id: id == short)
    assert longer.startswith(short)
    assert longer != short
    assert len(*with_tails("a" * 64, ["x"], lambda _: False)) == 64


def test_changes_of_a_record() -> None:
    data = {"id": "a", "height_m": 8.50000012, "address": "Port ", "notes": "x", "power": {"max_w": 5}}
    record = Record(RecordId("support", "a"), "a.yaml", data, "")
    row: dict[tuple[str | int, ...], Json] = {
        ("height_m",): 8.5,
        ("address",): "Port",
        ("notes",): None,
        ("material",): None,
        ("location", "lon"): 3.9,
        ("location", "lat"): 43.6,
        ("power", "max_w"): 6,
    }
    found = changes(record, row)
    assert found.changed == ((("location",), {"lon": 3.9, "lat": 43.6}), (("power", "max_w"), 6))
    assert found.unset == (("notes",),)


def test_items_of_lists() -> None:
    assert data_of({("m", 0, "unit"): "dB", ("m", 0, "property"): "noise", ("m", 1, "unit"): None}) == {
        "m": [{"unit": "dB", "property": "noise"}]
    }
    assert place_value([{"unit": "dB", "name": "x"}], (0, "unit"), "A") == [{"unit": "A", "name": "x"}]
    whole: dict[tuple[str | int, ...], Json] = {("a", "x"): 1, ("b",): [1], ("a",): {"y": 2}, ("a", "z", 0, "n"): 3}
    assert data_of({**whole, ("c",): None}) == {"a": {"y": 2, "z": [{"n": 3}]}, "b": [1]}


names = st.text(max_size=20)
values = st.one_of(
    names, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    st.dictionaries(names, names, max_size=4),
    st.dictionaries(names, st.one_of(values, st.lists(values, max_size=3)), max_size=4),
    st.lists(names, max_size=3).map(tuple),
    st.one_of(st.none(), names.filter(bool)),
)
def test_a_mapping_is_read_as_it_was_written(
    fields: dict[str, str], constants: dict[str, Json], texts: tuple[str, ...], word: str | None
) -> None:
    mapping = ImportMapping(
        "support",
        fields,
        constants,
        options=ImportRequest(crs=word, id_from=word, key=texts, skip_rows=texts, absent=texts),
        source=Source("a", "b"),
    )
    found = read_mapping(mapping_text(mapping), "mapping.toml")
    assert found == mapping
    assert found.source == Source("a", "b")


def test_lambert_93_to_wgs_84() -> None:
    system = projection("2154")
    ((lon, lat),) = system.to_wgs84([700000], [6600000])  # the origin of the projection, by definition
    assert (round(lon, 9), round(lat, 9)) == (3, 46.5)
    assert system.holds(lon, lat)
    assert not system.holds(*system.to_wgs84([0], [0])[0])
    assert not replace(system, area=(170.0, -30.0, -170.0, -10.0)).holds(0, -20)
    assert replace(system, area=(170.0, -30.0, -170.0, -10.0)).holds(-179, -20)
