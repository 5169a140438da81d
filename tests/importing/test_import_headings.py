"""Which headings find their fields by themselves, and what `--map` adds to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import Bring, bring, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.importing.mapping import read_mapping
from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

MAPPING = "registry/imports/sheet.toml"
FRENCH = (
    "Référence locale;Type;Propriétaire;Code INSEE;Longitude;Latitude;Statut;Hauteur (m);Agent\n"
    "EP-101;candélabre;montpellier;34172;3,87654;43,61234;en service;8,5;x\n"
)
ENGLISH = (
    "Local reference,Type,OWNER,Municipality code,Longitude,Latitude,Status,Height,Agent\n"
    "EP-101,mast,montpellier,34172,3.87654,43.61234,in_service,8.5,x\n"
)


def fields(root: Path) -> dict[str, str]:
    return dict(read_mapping((root / MAPPING).read_bytes(), MAPPING).fields)


@pytest.mark.parametrize("sheet", [FRENCH, ENGLISH, FRENCH.replace("Propriétaire", "PROPRIETAIRE")])
def test_titles_of_fields_are_headings(root: Path, bring: Bring, sheet: str) -> None:
    done = bring(ImportRequest(), sheet)
    assert done.ignored == ("Agent",)
    found = support(root, "ep-101")
    assert (found["local_ref"], found["owner"], found["insee_code"], found["height_m"]) == (
        "EP-101",
        "montpellier",
        "34172",
        8.5,
    )


def test_units_as_they_are_shown(root: Path, bring: Bring) -> None:
    sheet = FRENCH.replace("Longitude;Latitude", "Longitude (°);Latitude (deg)")
    sheet = sheet.replace("Agent", "Puissance maximale (W)")
    assert bring(ImportRequest(), sheet.replace(";x\n", ";20\n")).ignored == ()
    assert support(root, "ep-101")["power"] == {"max_w": 20}


def test_another_unit_is_another_thing(bring: Bring) -> None:
    assert bring(ImportRequest(), FRENCH.replace("Hauteur (m)", "Hauteur (cm)")).ignored == ("Hauteur (cm)", "Agent")


def test_a_title_gives_way_to_the_name_of_a_field(root: Path, bring: Bring) -> None:
    """Our French exports have the owner's name in `proprietaire`, next to its id."""
    sheet = FRENCH.replace("Agent", "identifiant_proprietaire").replace(";x\n", ";lattes\n")
    assert bring(ImportRequest(), sheet).ignored == ("Propriétaire",)
    assert support(root, "ep-101")["owner"] == "lattes"


def test_a_map_adds_to_what_is_recognised(root: Path, bring: Bring) -> None:
    sheet = FRENCH.replace("Propriétaire", "Possesseur").replace("Code INSEE", "Commune (code)")
    done = bring(ImportRequest(maps=("Possesseur=owner", "Commune (code)=insee_code", "Agent=notes")), sheet)
    assert done.ignored == ()
    assert (support(root, "ep-101")["type"], support(root, "ep-101")["notes"]) == ("street_light", "x")
    assert fields(root)["height_m"] == "Hauteur (m)"
    assert bring(ImportRequest(), sheet).outcome.edit.writes == {}


@pytest.mark.parametrize(
    ("maps", "height", "notes"),
    [
        (("Agent=height_m",), 7, None),  # of the same field: the heading that names it fills nothing
        (("Hauteur (m)=notes",), None, "8,5"),  # of the same column
        (("Hauteur (m)=-",), None, None),
    ],
)
def test_what_is_typed_wins(
    root: Path, bring: Bring, maps: tuple[str, ...], height: int | None, notes: str | None
) -> None:
    bring(ImportRequest(maps=maps), FRENCH.replace(";x\n", ";7\n"))
    found = support(root, "ep-101")
    assert (found.get("height_m"), found.get("notes")) == (height, notes)


def test_recorded_fields_are_complete(root: Path, bring: Bring) -> None:
    """Next year's sheet has a new column, which is reported and fills nothing until somebody maps it."""
    bring(ImportRequest(maps=("Agent=notes",)), FRENCH)
    later = FRENCH.replace("Agent", "Agent;Adresse").replace(";x\n", ";y;1 quai\n")
    done = bring(ImportRequest(), later)
    assert (done.changed, done.ignored) == (1, ("Adresse",))
    done = bring(ImportRequest(maps=("Adresse=address", "Agent=-")), later.replace(";y;", ";z;"))
    assert (done.ignored, "notes" in fields(root)) == (("Agent",), False)
    assert (support(root, "ep-101")["address"], support(root, "ep-101")["notes"]) == ("1 quai", "y")


def test_following_the_hint_is_enough(root: Path, bring: Bring) -> None:
    sheet = FRENCH.replace("Propriétaire", "Possesseur")
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), sheet)
    assert refusal.value.outcome.introduced[0].code == "SCH101"
    assert bring(ImportRequest(maps=("Possesseur=owner",)), sheet).added == 1


def test_two_columns_for_one_field_are_settled_by_a_map(root: Path, bring: Bring) -> None:
    sheet = FRENCH.replace("Agent", "Height").replace(";x\n", ";9\n")
    with pytest.raises(UsageFault):
        bring(ImportRequest(), sheet)
    bring(ImportRequest(maps=("Height=-",)), sheet)
    assert support(root, "ep-101")["height_m"] == 8.5
