"""The second year of an inventory whose identity changed or is missing: a renamed key, no key, new types at the same
points. Not one duplicate, and exact counts of what changed, moved, is gone and is new."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from importing import OPTIONS, Bring, bring, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

__all__ = ["bring", "montpellier", "root"]  # fixtures

NOTHING = ImportRequest()
CONSTANTS = ("owner=montpellier", "insee_code=34172", "status=in_service")
KEYED = ImportRequest(constants=CONSTANTS, maps=("NUMERO=local_ref", "HAUT=height_m", "TYPE=type"), key=("NUMERO",))
NAMED_BY_TYPE = ImportRequest(constants=CONSTANTS, maps=("HAUT=height_m", "TYPE=type"), id_from="ep-{TYPE}")
HEADING = "NUMERO,TYPE,HAUT,lon,lat"
KEYS = "registry/imports/sheet.keys"


def lights(count: int = 12) -> list[list[str]]:
    """Street lights of a street, 30 m apart; numbers as a contractor gives them."""
    return [
        [f"{1000 + 7 * number}", "street_light", "8", "3.871234", f"{43.6 + number * 0.00027:.6f}"]
        for number in range(count)
    ]


def sheet(rows: list[list[str]], heading: str = HEADING, without: int | None = None) -> str:
    table = [heading.split(","), *rows]
    return "".join(",".join(cell for index, cell in enumerate(row) if index != without) + "\n" for row in table)


def moved(row: list[str], metres: float) -> list[str]:
    return [*row[:4], f"{float(row[4]) + metres / 111_195:.6f}"]


def counts(done: Imported) -> dict[str, int]:
    actions = ("added", "changed", "unchanged", "gone")
    return {action: done.count(action) for action in actions if done.count(action)}


def hint_of(bring: Bring, rows: str) -> str:
    with pytest.raises(UsageFault) as refusal:
        bring(NOTHING, rows)
    assert refusal.value.hint is not None
    return f"{refusal.value.message.in_('en')}\n{refusal.value.hint.in_('en')}"


def next_year() -> list[list[str]]:
    """One is gone, one is new and far away, one is higher, two stand a metre aside, in another order."""
    rows = lights()
    later = [*rows[1:4], [*rows[4][:2], "9", *rows[4][3:]], *(moved(row, 1) for row in rows[5:7]), *rows[7:]]
    return [*later, ["2000", "street_light", "8", "3.891234", "43.65"]][::-1]


EXACT = {"added": 1, "changed": 3, "unchanged": 8, "gone": 1}


# -- a renamed column --------------------------------------------------------------------------------------------------


@pytest.mark.promise("R5")
@pytest.mark.parametrize("way", ["key", "template", "field"])
def test_a_renamed_column_is_found_by_last_years_values(root: Path, bring: Bring, way: str) -> None:
    """The option that the refusal prints mends the mapping, for this year and the next."""
    request = {
        "key": KEYED,
        "template": replace(KEYED, key=(), id_from="ep-{NUMERO}"),
        "field": replace(KEYED, maps=("HAUT=height_m", "TYPE=type")),
    }[way]
    assert bring(request, sheet(lights())).added == 12
    later = sheet(next_year(), "num_pl,TYPE,HAUT,lon,lat")
    said = hint_of(bring, later)
    assert 'no column "NUMERO"; the column "num_pl" holds 11 of the 12 values that it held' in said
    (option,) = re.findall(r"--renamed (\S+=\S+?)[ ;]", said.replace("OLD=NEW", ""))
    assert counts(bring(replace(NOTHING, renamed=(option,)), later)) == EXACT
    assert counts(bring(NOTHING, later)) == {"unchanged": 12}
    assert "NUMERO" not in (root / "registry/imports/sheet.toml").read_text() + (root / KEYS).read_text()


def test_all_renamed_columns_are_named_at_once(bring: Bring) -> None:
    rows = [[*row[:2], f"{number}.5", *row[3:]] for number, row in enumerate(lights())]
    bring(replace(KEYED, values=("TYPE:street_light=street_light",)), sheet(rows))
    later = sheet(rows, "num_pl,genre,hauteur,lon,lat")
    said = hint_of(bring, later)
    options = ("NUMERO=num_pl", "TYPE=genre", "HAUT=hauteur")
    assert all(f"--renamed {option}" in said for option in options)
    assert counts(bring(replace(NOTHING, renamed=options), later)) == {"unchanged": 12}


def test_a_column_that_holds_other_values_is_not_taken_for_it(bring: Bring) -> None:
    bring(KEYED, sheet(lights()))
    others = [[f"Z{row[0]}", *row[1:]] for row in lights()]
    said = hint_of(bring, sheet(others, "num_pl,TYPE,HAUT,lon,lat"))
    assert 'no column "NUMERO", and none that holds its values' in said
    assert "--map NUMERO=- --match place" in said


def test_a_renaming_of_what_is_not_there_is_refused(bring: Bring) -> None:
    bring(KEYED, sheet(lights()))
    for text, said in (
        ("NUMERO", "not of the form OLD=NEW"),
        ("NUMERA=HAUT", 'the mapping names no column "NUMERA"'),
        ("NUMERO=num_pl", 'has no column "num_pl"'),
    ):
        with pytest.raises(UsageFault, match=said):
            bring(replace(NOTHING, renamed=(text,)), sheet(lights()))


# -- no key ------------------------------------------------------------------------------------------------------------


@pytest.mark.promise("R5")
def test_a_sheet_that_lost_its_key_finds_its_records_by_their_places(root: Path, bring: Bring) -> None:
    bring(KEYED, sheet(lights()))
    later = sheet(next_year(), without=0)
    said = hint_of(bring, later)
    assert "--map NUMERO=- --match place --id-from 'support-{TYPE}';" in said
    request = replace(NOTHING, maps=("NUMERO=-",), match="place", id_from="support-{TYPE}")
    assert counts(bring(request, later)) == EXACT
    assert support(root, "1007")["local_ref"] == "1007"
    again = sheet(next_year()[::-1], without=0)
    assert counts(bring(NOTHING, again)) == {"unchanged": 12, "gone": 1}


@pytest.mark.promise("R5")
def test_new_numbers_are_the_keys_of_the_next_year(root: Path, bring: Bring) -> None:
    """Renumbered as a whole: by place this year, by number from then on."""
    bring(KEYED, sheet(lights()))
    numbered = [[f"N{index}", *row[1:]] for index, row in enumerate(lights())]
    assert bring(NOTHING, sheet(numbered), dry_run=True).at_records == 12
    assert bring(replace(NOTHING, match="key"), sheet(numbered), dry_run=True).at_records == 0
    assert counts(bring(replace(NOTHING, match="place"), sheet(numbered))) == {"changed": 12}
    far = [moved(row, 400) if row[0] == "N3" else row for row in numbered]
    assert counts(bring(replace(NOTHING, match="key"), sheet(far))) == {"changed": 1, "unchanged": 11}
    assert support(root, "1021")["local_ref"] == "N3"


@pytest.mark.promise("R5")
def test_an_inventory_without_any_key_is_exact_every_year(root: Path, bring: Bring) -> None:
    """Also where somebody has put a record right meanwhile: the file still has the place of last year."""
    request = replace(NAMED_BY_TYPE, match="place")
    assert bring(request, sheet(lights(), without=0)).added == 12
    assert counts(bring(NOTHING, sheet(next_year(), without=0))) == EXACT
    again = sheet(next_year()[::-1], without=0)
    (id,) = (line.split(",")[0] for line in (root / KEYS).read_text().splitlines() if "43.650000" in line)
    set_fields(open_workspace(root), f"support/{id}", ("location.lat=43.6502",), (), OPTIONS)
    done = bring(NOTHING, again, dry_run=True)
    assert counts(done) == {"changed": 1, "unchanged": 11, "gone": 1}


@pytest.mark.parametrize("request_", [NAMED_BY_TYPE, replace(NAMED_BY_TYPE, match="place")])
def test_a_light_of_another_type_at_the_same_point_is_changed(
    root: Path, bring: Bring, request_: ImportRequest
) -> None:
    """And a new one of its former type, twenty metres away, is not taken for it. A changed type asks for a reason."""
    rows = lights(4)
    bring(request_, sheet(rows, without=0))
    new = ["9", "street_light", "8", "3.871484", "43.600000"]
    later = [[rows[0][0], "mast", *rows[0][2:]], *rows[1:], new]
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, sheet(later, without=0))
    assert [finding.code for finding in refusal.value.outcome.introduced] == ["CHG804"]
    done = bring(replace(NOTHING, correct=True), sheet(later, without=0), reason="wrong in the survey")
    assert counts(done) == {"added": 1, "changed": 1, "unchanged": 3}
    assert [effect.fields for effect in done.effects if effect.action == "changed"] == [("type",)]


def test_several_columns_together_are_a_key(bring: Bring) -> None:
    """The number of a light counts within its street."""
    rows = "VOIE,NO,lon,lat\n" + "".join(
        f"{street},{number},3.87{place}{number},43.61\n"
        for place, street in enumerate(("Port", "Gare"))
        for number in "123"
    )
    request = ImportRequest(constants=(*CONSTANTS, "type=street_light"), key=("VOIE", "NO"))
    assert bring(request, rows).added == 6
    later = rows.replace("Port,2,3.8702,43.61", "Port,2,3.8702,43.62").replace("Gare,3,3.8713,43.61\n", "")
    assert counts(bring(NOTHING, later + "Gare,4,3.8714,43.61\n")) == {
        "added": 1, "changed": 1, "unchanged": 4, "gone": 1,
    }  # fmt: skip


# -- doubts ------------------------------------------------------------------------------------------------------------


@pytest.mark.promise("R5")
def test_doubts_are_listed_and_settled_by_pairs_that_are_kept(root: Path, bring: Bring) -> None:
    request = replace(NAMED_BY_TYPE, match="place")
    bring(request, sheet(lights(3), without=0))
    later = sheet([moved(lights(3)[0], -12), *lights(3)[1:]], without=0)
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, later)
    (finding,) = refusal.value.outcome.introduced
    assert (finding.code, finding.where.row) == ("IMP007", 2)
    assert finding.hint is not None
    (pair,) = re.findall(r"--pair (2=ep-\S+),", finding.hint.in_("en"))
    assert counts(bring(replace(NOTHING, pairs=("2=-",)), later, dry_run=True)) == {
        "added": 1, "unchanged": 2, "gone": 1,
    }  # fmt: skip
    assert counts(bring(replace(NOTHING, pairs=(pair,)), later)) == {"changed": 1, "unchanged": 2}
    assert counts(bring(NOTHING, later)) == {"unchanged": 3}
    assert f"{pair[2:]},ep-street-light," in (root / KEYS).read_text()


def test_a_distance_that_somebody_names_settles_them_too(bring: Bring) -> None:
    bring(replace(NAMED_BY_TYPE, match="place"), sheet(lights(3), without=0))
    later = sheet([moved(lights(3)[0], -12), *lights(3)[1:]], without=0)
    near = bring(replace(NOTHING, moved_within=15.0), later, dry_run=True)
    assert counts(near) == {"changed": 1, "unchanged": 2}
    far = bring(replace(NOTHING, moved_within=10.0), later, dry_run=True)
    assert counts(far) == {"added": 1, "unchanged": 2, "gone": 1}


def test_one_of_two_that_are_equally_near_is_not_guessed(bring: Bring) -> None:
    rows = [lights(1)[0], moved(lights(1)[0], 4)]
    bring(replace(NAMED_BY_TYPE, match="place"), sheet(rows, without=0))
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, sheet([moved(rows[0], 2)], without=0))
    assert [finding.code for finding in refusal.value.outcome.introduced] == ["IMP007"]


def test_pairs_that_name_nothing_are_refused(bring: Bring) -> None:
    bring(KEYED, sheet(lights(2)))
    for text, said in (("x", "of the form ROW=ID"), ("99=1000", "has no row 99"), ("2=100", "there is no support 100")):
        with pytest.raises(UsageFault, match=said):
            bring(replace(NOTHING, pairs=(text,)), sheet(lights(2)))


def test_what_has_no_place_of_its_own_is_not_found_by_one(bring: Bring) -> None:
    rows = "name,category\nPort,private\n"
    with pytest.raises(UsageFault, match="not for party"):
        bring(ImportRequest(match="place"), rows, kind="party")
