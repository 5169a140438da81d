"""`import`: positions in one cell, swapped axes, the commune of a point, rows outside the territory, postal codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from importing import Bring, bring, git, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

PLAIN = ("owner=montpellier", "type=street_light", "status=in_service")
HERE = (*PLAIN, "insee_code=34172")
COMEDIE = {"lon": 3.87945, "lat": 43.60862}
BARCELONA = "41.4073, 2.1494"


def request(*maps: str, constants: tuple[str, ...] = HERE, **options: Any) -> ImportRequest:
    return ImportRequest(maps=maps, constants=constants, id_from="{REF}", **options)


def notes(done: Imported) -> list[str]:
    return [note.in_("en") for note in done.notes]


def faults(refusal: RefusedImport) -> list[tuple[str, int | None, str]]:
    return [(one.code, one.where.row, one.message.in_("en")) for one in refusal.outcome.introduced]


def hints(refusal: RefusedImport) -> list[str]:
    return [one.hint.in_("en") if one.hint else "" for one in refusal.outcome.introduced]


def add_outlines(root: Path, squares: Mapping[str, tuple[float, float, float, float]]) -> None:
    """Outlines of all communes of the territory: those of `squares` (west, south, east, north), and far-off ones."""
    from smartreg.domain.codes import members

    boxes = {
        each.insee_code: (-1.0 - n / 10, 50.0, -0.95 - n / 10, 50.05) for n, each in enumerate(members("243400017"))
    }
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
        }
        for code, (w, s, e, n) in {**boxes, **squares}.items()
    ]
    file = root / "registry/annexes/communes.geojson"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    settings = (root / "smartreg.toml").read_text("utf-8")
    named = settings.replace("[territory]", '[territory]\nboundaries = "registry/annexes/communes.geojson"')
    (root / "smartreg.toml").write_text(named, "utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Outlines")


@pytest.mark.parametrize(
    "cell",
    [
        "43.60862, 3.87945",
        "43°36'31.032\"N 3°52'46.02\"E",
        "geo:43.60862,3.87945",
        "POINT(3.87945 43.60862)",
        '{"lat": 43.60862, "lon": 3.87945}',
        "[3.87945, 43.60862]",
        "3.87945 43.60862",  # longitude first: only so it lies in the territory
        "https://www.openstreetmap.org/?mlat=43.60862&mlon=3.87945#map=19/43.6/3.8",
    ],
)
def test_a_cell_holds_a_position(bring: Bring, root: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    done = bring(request("geo_point_2d=location"), f"REF;geo_point_2d\na;{quoted}\n")
    assert support(root, "a")["location"] == COMEDIE
    assert any("the other way round" in note for note in notes(done)) == cell.startswith("3.8")
    mapping = (root / "registry/imports/sheet.toml").read_text("utf-8")
    assert 'location = "geo_point_2d"' in mapping
    assert bring(ImportRequest(update=True), f"REF;geo_point_2d\na;{quoted}\n").changed == 0


def test_a_cell_without_a_position_is_refused_where_it_is(bring: Bring) -> None:
    with pytest.raises(RefusedImport) as refused:
        bring(request("P=location"), "REF;P\na;43.60862, 3.87945\nb;place de la Comédie\nc;\n")
    assert faults(refused.value)[:1] == [("SCH102", 3, 'location: "place de la Comédie" is not a position')]
    assert "43.51345, 4.98747" in hints(refused.value)[0]


def test_positions_of_postgis_come_in_another_system(bring: Bring, root: Path) -> None:
    pytest.importorskip("pyproj")
    bring(request("geom=location", crs="EPSG:2154"), "REF;geom\na;POINT(770933.06 6279171.2)\n")
    assert support(root, "a")["location"] == pytest.approx({"lon": 3.8787, "lat": 43.6076}, abs=0.02)


def test_swapped_axes_are_told_once_with_the_options_that_turn_them(bring: Bring, root: Path) -> None:
    sheet = "REF;coord1;coord2\na;43.60862;3.87945\nb;43.61862;3.86945\nc;43.61;3.88\n"
    with pytest.raises(RefusedImport) as refused:
        bring(request("coord1=location.lon", "coord2=location.lat"), sheet)
    (code, _, message), *others = faults(refused.value)
    assert code == "GEO701"
    assert message.startswith("longitude and latitude look swapped: lon 43.60862, lat 3.87945 and the like")
    assert not [fault for fault in others if fault[0] == "GEO701"]
    assert hints(refused.value)[0] == "if so: --map coord1=location.lat --map coord2=location.lon"
    assert bring(request("coord1=location.lat", "coord2=location.lon"), sheet).added == 3
    assert support(root, "a")["location"] == COMEDIE


def test_the_commune_is_that_whose_outline_holds_the_point(bring: Bring, root: Path) -> None:
    add_outlines(root, {"34172": (3.85, 43.58, 3.9, 43.65), "34057": (3.9, 43.58, 3.95, 43.65)})
    sheet = "REF;P\na;43.60862, 3.87945\nb;43.61, 3.92\n"
    done = bring(request("P=location", constants=PLAIN), sheet)
    assert done.added == 2
    assert support(root, "a")["insee_code"] == "34172"
    assert support(root, "b", "34057")["insee_code"] == "34057"
    assert notes(done) == ["insee_code of 2 rows: the commune whose outline holds the point"]
    with pytest.raises(RefusedImport) as refused:
        bring(ImportRequest(), sheet + "c;43.7, 3.92\n")
    assert ("SCH101", 4, "3.92, 43.7 lies in no commune of the boundaries file") in faults(refused.value)
    left = bring(ImportRequest(inside=True), sheet + "c;43.7, 3.92\nd;43.62, 3.88\n")
    assert (left.added, left.skipped) == (1, (4,))
    assert notes(left)[1:] == ["1 row lies outside the territory and was left out (4)"]
    assert "inside = true" in (root / "registry/imports/sheet.toml").read_text("utf-8")
    # somebody knew better where a is: what a point says never overrides it
    file = root / "registry/supports/34172/a.yaml"
    text = file.read_text("utf-8").replace("34172", "34057")
    (root / "registry/supports/34057/a.yaml").write_text(text, "utf-8")
    file.unlink()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a is in Castelnau")
    again = bring(ImportRequest(update=True), sheet)
    assert (again.added, again.changed) == (0, 0)


def test_the_nearest_centre_is_proposed_and_written_only_where_asked_for(bring: Bring, root: Path) -> None:
    sheet = "REF;P\na;43.60862, 3.87945\nb;43.6497, 3.8949\n"
    with pytest.raises(RefusedImport) as refused:
        bring(request("P=location", constants=PLAIN), sheet)
    assert "from the nearest centre of a commune: --commune-from nearest" in " ".join(hints(refused.value))
    done = bring(request("P=location", constants=PLAIN, commune_from="nearest"), sheet)
    assert notes(done) == ["insee_code of 2 rows: the commune whose centre is nearest to the point"]
    assert support(root, "a")["insee_code"] == "34172"
    assert support(root, "b", "34077")["insee_code"] == "34077"
    with pytest.raises(UsageFault, match="no outlines"):
        bring(request("P=location", constants=PLAIN, commune_from="outlines"), sheet)


def test_a_name_and_its_department_are_one_commune(bring: Bring, root: Path) -> None:
    sheet = "REF;VILLE;DEP\na;Saint-Denis;93\n"
    where = (*PLAIN, "location.lon=2.358", "location.lat=48.936")
    with pytest.raises(RefusedImport, match="not imported") as refused:
        bring(request("VILLE=insee_code", constants=where), sheet)
    assert 'several communes are called "Saint-Denis"' in faults(refused.value)[0][2]
    with pytest.raises(RefusedImport) as refused:
        bring(request(constants=where, set_from=("insee_code={VILLE} ({DEP})",)), sheet)
    assert [fault[0] for fault in faults(refused.value)] == [
        "GEO715",
        "REC113",
        "GEO710",
    ]  # outside the territory: it was understood
    assert '"93066" (Saint-Denis)' in faults(refused.value)[1][2]


def test_rows_outside_the_territory_are_left_out_and_named(bring: Bring, root: Path) -> None:
    rows = "a;43.60862, 3.87945\nb;43.2965, 5.3698\nc;" + BARCELONA + "\nd;43.612, 3.87\n"
    done = bring(request("P=location", inside=True), "REF;P\n" + rows)
    assert (done.added, done.skipped, dict(done.filters)) == (2, (3, 4), {"--inside": 2})
    assert notes(done)[0] == "2 rows lie outside the territory and were left out (3, 4)"
    assert notes(done)[1].startswith("what lies inside was told by the nearest centre of a commune")


def test_postal_codes_are_no_insee_codes(bring: Bring, root: Path) -> None:
    by_place = ("P=location", "CP=insee_code")
    with pytest.raises(
        RefusedImport
    ) as refused:  # 34000 is Montpellier's postal code; as INSEE codes they are elsewhere
        bring(request(*by_place, constants=PLAIN), f"REF;P;CP\na;{BARCELONA};08022\nb;41.40, 2.15;08023\n")
    assert "gives no INSEE codes: 08022 is the one of Arreux" in faults(refused.value)[0][2]
    assert "--map 'CP=-'" in hints(refused.value)[0]
    with pytest.raises(RefusedImport) as refused:
        bring(
            request("CP=insee_code", constants=(*PLAIN, "location.lon=3.87", "location.lat=43.6")), "REF;CP\na;34090\n"
        )
    assert any("gives" in message and "codes" in message for _, _, message in faults(refused.value))
    # by their heading alone they would be refused; the names beside them say what they are
    sheet = "REF;P;CP;commune\na;43.60862, 3.87945;34172;Montpellier\n"
    assert bring(request(*by_place, constants=PLAIN), sheet).added == 1


def test_five_digits_that_nothing_confirms_are_told(bring: Bring, root: Path) -> None:
    settings = root / "smartreg.toml"
    kept = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("epci_siren")]
    settings.write_text("\n".join(kept) + "\n", "utf-8")
    git(root, "commit", "-qam", "Everywhere")
    where = (*PLAIN, "location.lon=3.87", "location.lat=43.6")
    done = bring(request("LIEU=insee_code", constants=where), "REF;LIEU\na;34172\n")
    told = [one for one in done.outcome.introduced if one.code == "REC113"]
    assert [one.message.in_("en") for one in told] == [
        "nothing confirms that LIEU gives INSEE codes, not postal codes: 34172 was taken for Montpellier"
    ]
    named = bring(request("codgeo=insee_code", constants=where), "REF;codgeo\nb;34172\n")
    assert not [one for one in named.outcome.introduced if one.code == "REC113"]
