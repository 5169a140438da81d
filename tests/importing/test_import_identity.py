"""Which record a row of next year's sheet is: by a key, by its name, by where it is; or nobody can say."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from importing import OPTIONS, Bring, bring, git, montpellier, root, support
from program import start

from smartreg.commands.history import undo
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.features.lifecycle.rename import rename
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import open_workspace

LAMPS = ImportRequest(
    constants=("owner=montpellier", "insee_code=34172", "type=street_light", "status=in_service"),
    maps=("name=address",),
)
BY_TYPE = replace(LAMPS, maps=("lon=location.lon", "lat=location.lat"), id_from="ep-{t}")
KEYS = "registry/imports/sheet.keys"

__all__ = ["bring", "montpellier", "root"]  # fixtures


def street(count: int, name: str = "Rue du Port") -> list[str]:
    """Lamps of one name, 33 m apart."""
    return [f"{name},3.871234,{43.600011 + number * 0.0003:.6f},{number % 7 + 5}" for number in range(count)]


def test_a_key_makes_no_id(root: Path, tmp_path: Path) -> None:
    """A new row needs one, or a template: it is never called None."""
    file = tmp_path / "parties.csv"
    file.write_text("id,name,category\n,Port,private\n")
    kind = open_workspace(root).current.schemas.kind("party")
    with pytest.raises(RefusedImport) as refused:
        import_records(open_workspace(root), kind, file, ImportRequest(key=("name",)), OPTIONS)
    assert [(found.code, found.where.row) for found in refused.value.outcome.introduced] == [("IMP003", 2)]


def sheet(rows: list[str]) -> str:
    return "name,lon,lat,height_m\n" + "".join(f"{row}\n" for row in rows)


def move_row(row: str, metres: float) -> str:
    name, lon, lat, height = row.split(",")
    return f"{name},{lon},{float(lat) + metres / 111_195:.6f},{height}"


@pytest.mark.promise("R5")
@pytest.mark.parametrize("maps", [("lon=location.lon", "lat=location.lat"), ("t=local_ref",)])
def test_a_key_that_fills_no_field_finds_its_records(root: Path, bring: Bring, maps: tuple[str, ...]) -> None:
    """Namesakes by a column that no field takes, or whose cells --absent empties."""
    request = replace(BY_TYPE, maps=maps, absent=("t=L",) if "t=local_ref" in maps else ())
    first = "t,lon,lat\nL,3.871234,43.611234\nL,3.881234,43.611234\n"
    assert bring(request, first).added == 2
    again = bring(request, first)
    assert (again.added, again.unchanged, again.outcome.edit.writes) == (0, 2, {})
    assert bring(request, "t,lon,lat\nL,3.881234,43.611234\nL,3.871234,43.611234\n").outcome.edit.writes == {}
    later = bring(request, first.replace("3.881234", "3.881244"))
    assert (later.added, later.changed, later.unchanged, dict(later.fields)) == (0, 1, 1, {"location.lon": 1})
    assert len((root / KEYS).read_text().splitlines()) == 3


def test_a_key_column_finds_its_record_whatever_moved(root: Path, bring: Bring) -> None:
    request = replace(LAMPS, key=("number",))
    bring(request, "number,name,lon,lat\n7,Port,3.871234,43.611234\n8,Port,3.871244,43.611244\n")
    swapped = "number,name,lon,lat\n8,Gare,3.871234,43.611234\n7,Port,3.991244,43.611244\n9,Port,3.871244,43.611244\n"
    done = bring(request, swapped)
    assert (done.added, done.changed) == (1, 2)
    assert (root / KEYS).read_text() == "record,number\n7,7\n8,8\n9,9\n"
    assert (support(root, "8")["address"], support(root, "7")["location"]["lon"]) == ("Gare", 3.991244)
    with pytest.raises(RefusedImport) as refusal:
        bring(request, "number,name,lon,lat\n8,Gare,3.8,43.6\n8,Port,3.9,43.6\n")
    assert [found.code for found in refusal.value.outcome.introduced] == ["IMP003"]


def test_a_renamed_record_is_still_that_of_its_row(root: Path, bring: Bring) -> None:
    rows = "name,lon,lat\nPort,3.871234,43.611234\nGare,3.881234,43.611234\n"
    bring(replace(LAMPS, constants=(*LAMPS.constants[:3], "status=planned")), rows)
    rename(open_workspace(root), "support/port", "quai", OPTIONS)
    assert (root / KEYS).read_text() == "record,{name}\ngare,gare\nquai,port\n"
    done = bring(ImportRequest(), rows.replace("3.871234", "3.871244"))
    assert (done.added, done.changed, support(root, "quai")["location"]["lon"]) == (0, 1, 3.871244)


def test_keys_may_be_longer_than_a_record(root: Path, bring: Bring) -> None:
    request = replace(LAMPS, key=("number",))
    rows = [f"{letter * 100_000},Port,3.8712{place},43.611234\n" for place, letter in enumerate("abcdefghijkl", 10)]
    bring(request, "number,name,lon,lat\n" + "".join(rows))
    assert (root / KEYS).stat().st_size > 1 << 20
    rows[0] = rows[0].replace("43.611234", "43.611244")
    assert bring(request, "number,name,lon,lat\n" + "".join(rows)).changed == 1


def test_keys_that_cannot_be_read_are_named_with_their_line(root: Path, bring: Bring) -> None:
    bring(LAMPS, sheet(street(2)))
    (root / KEYS).write_text("record,{name}\n<<<<<<< ours\n")
    with pytest.raises(Exception, match=rf"{KEYS}:2: not a table"):
        bring(LAMPS, sheet(street(3)))


@pytest.mark.promise("R5")
def test_next_years_namesakes_change_and_nothing_else(root: Path, bring: Bring) -> None:
    """300 lamps of one name: 130 moved by a metre, then a tenth edited, a tenth gone, one new elsewhere, some twins."""
    rows = street(300)
    bring(LAMPS, sheet(rows))
    rows = [move_row(row, 1.5) if number < 130 else row for number, row in enumerate(rows)]
    done = bring(LAMPS, sheet(rows))
    assert (done.added, done.changed, done.unchanged, dict(done.fields)) == (0, 130, 170, {"location.lat": 130})
    assert done.farthest is not None
    assert done.farthest.metres in (1.4, 1.5)
    later = [f"{row}.5" if number % 10 == 1 else row for number, row in enumerate(rows) if number % 10]
    later += ["Rue du Port,3.950001,43.650001,8", later[0], later[0]]
    random.Random(3).shuffle(later)
    done = bring(replace(LAMPS, duplicates="first"), sheet(later))
    assert (done.added, done.changed, done.count("twin"), done.count("gone")) == (1, 30, 2, 30)
    retired = bring(replace(LAMPS, missing_rows="retire", on=date(2026, 1, 10)), sheet(later))
    assert (retired.count("retired"), retired.changed) == (30, 0)
    assert {support(root, id)["status"] for id in retired.missing} == {"removed"}
    assert bring(replace(LAMPS, missing_rows="list"), sheet(later)).missing == ()


def test_what_is_ambiguous_is_refused_with_its_row(root: Path, bring: Bring) -> None:
    rows = street(3)
    bring(LAMPS, sheet(rows))
    far = sheet([*rows[:2], move_row(rows[2], 100)])
    with pytest.raises(RefusedImport) as refusal:
        bring(LAMPS, far)
    (found,) = refusal.value.outcome.introduced
    assert (found.code, found.where.row) == ("IMP007", 4)
    assert (bring(replace(LAMPS, moved_within=25), far, dry_run=True).added) == 1
    assert bring(replace(LAMPS, moved_within=200), far, dry_run=True).changed == 1
    between = sheet([rows[0], rows[2], move_row(rows[1], 12), move_row(rows[1], -12)])
    with pytest.raises(RefusedImport) as refusal:
        bring(LAMPS, between)
    assert [(found.code, found.where.row) for found in refusal.value.outcome.introduced] == [
        ("IMP007", 4),
        ("IMP007", 5),
    ]


def test_a_corrected_name_at_the_same_point_is_the_same_record(root: Path, bring: Bring) -> None:
    bring(LAMPS, "name,lon,lat\nPort,3.871234,43.611234\nGare,3.881234,43.611234\n")
    done = bring(LAMPS, "name,lon,lat\nLe Port,3.871234,43.611234\nGare,3.881234,43.611234\n")
    assert (done.added, done.changed, support(root, "port")["address"]) == (0, 1, "Le Port")


def test_twins_are_refused_left_out_or_records_of_their_own(root: Path, bring: Bring) -> None:
    rows = [*street(2), street(1)[0]]
    with pytest.raises(RefusedImport) as refusal:
        bring(LAMPS, sheet(rows))
    assert [(found.code, found.where.row) for found in refusal.value.outcome.introduced] == [("IMP003", 4)]
    options = replace(LAMPS, duplicates="first")
    done = bring(options, sheet(rows), dry_run=True)
    assert (done.added, done.count("twin")) == (2, 1)
    assert bring(replace(LAMPS, duplicates="all"), sheet(rows)).added == 3
    random.Random(1).shuffle(rows)
    assert bring(ImportRequest(), sheet(rows)).outcome.edit.writes == {}


def test_twins_are_reported_again_when_nothing_changes(root: Path, bring: Bring) -> None:
    request, rows = replace(LAMPS, duplicates="first"), sheet([*street(2), street(1)[0]])
    bring(request, rows)
    again = bring(request, rows)
    assert [(effect.row, effect.action, effect.because) for effect in again.effects] == [
        (2, "unchanged", ""),
        (3, "unchanged", ""),
        (4, "twin", "2"),
    ]


def test_former_names_are_read_and_the_new_ones_written(root: Path, tmp_path: Path) -> None:
    """`--twins` and `--gone` on the command line, `twins` in a mapping file; help names neither."""
    mapping = root / "registry/imports/sheet.toml"
    words = [word for text in LAMPS.constants for word in ("--constant", text)]
    file = tmp_path / "sheet.csv"
    file.write_text(sheet([*street(2), street(1)[0]]))
    imported = start(
        "import", "support", str(file), *words, "--map", "name=address", "--twins", "first", "-y", cwd=root
    )
    assert imported.returncode == 0, imported.stderr
    assert '\nduplicates = "first"\n' in mapping.read_text()
    mapping.write_text(mapping.read_text().replace("duplicates =", "twins ="))
    git(root, "commit", "--quiet", "--all", "--message=A mapping of an earlier version")
    file.write_text(sheet([street(1)[0]] * 2))
    retired = start("import", "support", str(file), "--gone", "retire", "--on", "2026-01-10", "-y", cwd=root)
    assert "1 retired, 1 twins left out" in retired.stdout, retired.stderr
    assert '\nduplicates = "first"\n' in mapping.read_text()
    assert "twins" not in mapping.read_text()
    mapping.write_text(mapping.read_text().replace('duplicates = "first"', 'twins = "frist"'))
    refused = start("import", "support", str(file), "-y", cwd=root)
    assert "sheet.toml: twins: must be one of first, all, refuse" in refused.stderr
    shown = start("import", "-h", cwd=root).stdout
    assert "--duplicates" in shown
    assert "--missing-rows" in shown
    assert "--twins" not in shown
    assert "--gone" not in shown


COMMUNES = ("34172", "Montpellier", "lattes", "34129")
WILD = ("", "é", "' x", 'a "b"', "=1+1", "0012", "ligne 1\nligne 2", "  bord  ", "ж", "n/a")


def any_sheet(chance: random.Random) -> tuple[ImportRequest, list[list[str]]]:
    """Some inventory, and how somebody brings it in: by names, a key, a template or ids; with namesakes, twins, cells
    of any text, and positions that may be missing where the record can do without."""
    way = chance.choice(["name", "key", "template", "id"])
    names = ["Rue du Port", "Gare", "Place Ernest Granier", "Œuvre"]
    rows = [
        [
            f"n{number:03}",
            chance.choice(names),
            f"{3.87 + chance.random() / 50:.6f}",
            f"{43.6 + chance.random() / 50:.6f}",
            chance.choice(["", "8", "9.5"]),
            chance.choice(COMMUNES),
            chance.choice(WILD),
        ]
        for number in range(chance.choice([1, 12, 30]))
    ]
    rows += [list(row) for row in chance.choices(rows, k=5)] if way in ("name", "template") else []
    heading = "id" if way == "id" else "number"
    numbered = way != "id" and chance.random() < 0.5  # a number says that it is one thing
    request = ImportRequest(
        maps=("name=address", "remark=notes", *(["number=local_ref"] if numbered else [])),
        constants=("owner=montpellier", "type=street_light", "status=in_service"),
        key=("number",) if way == "key" else (),
        id_from="ep-{name}" if way == "template" else None,
        absent=("remark=n/a",),
        duplicates="first" if numbered else chance.choice(["all", "first"]),
        keep=("number",) if way == "name" and not numbered else (),
    )
    return request, [[heading, "name", "lon", "lat", "height_m", "insee_code", "remark"], *rows]


def as_text(table: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue()


@pytest.mark.promise("R5")
@pytest.mark.parametrize("seed", range(5))
def test_twice_is_once_and_order_says_nothing_and_undo_takes_all_back(root: Path, bring: Bring, seed: int) -> None:
    chance = random.Random(seed)
    request, table = any_sheet(chance)
    delimiter = chance.choice(",;\t|")
    before = git(root, "rev-parse", "HEAD^{tree}")
    done = bring(request, as_text(table, delimiter))
    assert done.added > 0
    written = git(root, "rev-parse", "HEAD^{tree}")
    assert bring(request, as_text(table, delimiter)).outcome.edit.writes == {}
    rows = table[1:]
    chance.shuffle(rows)
    assert bring(request, as_text([table[0], *rows], delimiter)).outcome.edit.writes == {}
    columns = list(range(len(table[0])))
    chance.shuffle(columns)
    turned = [[row[column] for column in columns] for row in (table[0], *rows)]
    assert bring(request, as_text(turned, delimiter)).outcome.edit.writes == {}
    assert git(root, "rev-parse", "HEAD^{tree}") == written
    undo(open_workspace(root), commit=done.outcome.commit, options=OPTIONS)
    assert git(root, "rev-parse", "HEAD^{tree}") == before
