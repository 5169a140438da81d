"""References that a sheet gives by name, and ids that namesakes get."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import Bring, bring, git, montpellier, places, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.importing.findings import by_cause
from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

HEADINGS = "id,type,owner,insee_code,lon,lat,status\n"


def rows(*owners: str) -> str:
    return HEADINGS + "".join(
        f"m-{n},mast,{owner},34172,3.87654,43.6123{n},planned\n" for n, owner in enumerate(owners, 1)
    )


def twin_of_lattes(root: Path) -> None:
    text = (root / "registry/parties/lattes.yaml").read_text("utf-8")
    own = [line for line in text.splitlines() if not line.startswith(("siren", "insee_code"))]
    twin = "\n".join(own).replace("id: lattes", "id: lattes-port").replace("category: commune", "category: private")
    (root / "registry/parties/lattes-port.yaml").write_text(twin + "\n", "utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "A party of the same name")


def test_a_name_means_the_record(root: Path, bring: Bring) -> None:
    done = bring(ImportRequest(), rows("montpellier", "Saint-Jean-de-Védas", "SAINT JEAN DE VEDAS"))
    assert [support(root, f"m-{n}")["owner"] for n in (1, 2, 3)] == [
        "montpellier",
        "saint-jean-de-vedas",
        "saint-jean-de-vedas",
    ]
    assert "Saint-Jean-de-Védas → saint-jean-de-vedas" in done.notes[0].in_("en")
    assert bring(ImportRequest(), rows("montpellier", "saint-jean-de-vedas", "Saint-Jean-de-Védas")).changed == 0


def test_a_commune_is_known_with_and_without_its_title(root: Path, bring: Bring) -> None:
    done = bring(ImportRequest(), rows("Ville de Montpellier", "Commune de Saint-Jean-de-Védas"))
    assert [support(root, f"m-{n}")["owner"] for n in (1, 2)] == ["montpellier", "saint-jean-de-vedas"]
    assert "Ville de Montpellier → montpellier" in done.notes[0].in_("en")


def test_a_name_in_a_constant(root: Path, bring: Bring) -> None:
    bring(ImportRequest(constants=("manager=Saint-Jean-de-Védas",)), rows("montpellier"))
    assert support(root, "m-1")["manager"] == "saint-jean-de-vedas"
    assert 'manager = "saint-jean-de-vedas"' in (root / "registry/imports/sheet.toml").read_text("utf-8")


def test_a_name_that_several_have_is_reported(root: Path, bring: Bring) -> None:
    twin_of_lattes(root)
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), rows("montpellier", "Lattes"))
    (found,) = refusal.value.outcome.introduced
    assert (found.code, found.where.row, found.where.column) == ("REF201", 3, "owner")
    assert "lattes, lattes-port" in found.message.in_("en")
    with pytest.raises(UsageFault):
        bring(ImportRequest(constants=("manager=Lattes",)), rows("montpellier"))
    assert bring(ImportRequest(), rows("lattes")).added == 1


def test_an_unknown_name_is_reported_once_with_its_rows(bring: Bring) -> None:
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), rows("nobody", "montpellier", "nobody", "nobody"))
    assert places(refusal.value) == [("REF201", row, "owner") for row in (2, 4, 5)]
    (found,) = by_cause(refusal.value.outcome.introduced)
    assert "(3 rows: 2, 4–5)" in found.message.in_("en")


def test_an_unknown_owner_lacks_no_convention(root: Path, bring: Bring) -> None:
    bring(ImportRequest(), rows("montpellier"))
    sheet = "id,type,owner,support,use_cases,status\ns-1,sensor,{},m-1,noise,planned\n"
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), sheet.format("lattes"), "equipment")
    assert "CON301" in {code for code, _, _ in places(refusal.value)}
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), sheet.format("nobody"), "equipment")
    assert {code for code, _, _ in places(refusal.value)} == {"REF201"}


def test_what_an_unknown_owner_carries_lacks_none_either(root: Path, bring: Bring) -> None:
    bring(ImportRequest(), rows("montpellier"))
    bring(ImportRequest(), "id,title,owner,domain,status\nnoise,Noise,montpellier,noise,idea\n", "use_case")
    sensor = "id,type,owner,support,use_cases,status\ns-1,sensor,montpellier,m-1,noise,planned\n"
    bring(ImportRequest(), sensor, "equipment")
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), rows("nobody"))
    assert places(refusal.value) == [("REF201", 2, "owner")]


def test_longer_ids_are_reported(bring: Bring) -> None:
    sheet = rows("montpellier", "lattes", "lattes").replace("id,", "local_ref,").replace("m-2", "m-1")
    sheet = sheet.replace("3.87654,43.61232,planned", "3.87654,43.61232,removed")
    done = bring(ImportRequest(), sheet)
    assert len(done.longer) == 2
    assert all(id.startswith("m-1-") for id in done.longer)
    (note,) = done.notes
    assert all(f"{id} (row " in note.in_("en") and f"{id} (ligne " in note.in_("fr") for id in done.longer)
    assert bring(ImportRequest(), sheet).longer == ()


def test_everything_is_reported_in_one_run(bring: Bring) -> None:
    """A bad cell, a column that is missing, a row without a name, one that is there twice, and what rules say."""
    sheet = (
        "local_ref;type;owner;lon;lat;status;height_m\n"
        "a;mast;montpellier;3,87654;43,61234;planned;six\n"
        "b;masst;nobody;3,87655;43,61235;planned;6\n"
        ";mast;montpellier;3,87656;43,61236;planned;6\n"
        "c;mast;montpellier;3,87657;43,61237;planned;6\n"
        "c;mast;montpellier;3,87657;43,61237;planned;6\n"
        "d;mast;montpellier;3,87657;;planned;6,5\n"
    )
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), sheet)
    found = refusal.value.outcome.introduced
    assert sorted(places(refusal.value), key=lambda place: (place[1] or 0, place[0])) == [
        ("SCH101", None, None),
        ("SCH102", 2, "height_m"),
        ("REF201", 3, "owner"),
        ("SCH103", 3, "type"),
        ("IMP003", 4, None),
        ("IMP003", 6, None),
        ("SCH101", 7, "lat"),
    ]
    (number,) = [one for one in found if one.code == "SCH102"]
    assert number.message.in_("en").endswith("is not a number with a decimal comma")
    assert number.message.in_("fr").endswith("n'est pas un nombre à virgule décimale")


def test_a_row_without_the_field_of_its_folder(bring: Bring) -> None:
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), rows("montpellier", "nobody").replace("nobody,34172", "nobody,"))
    assert sorted(places(refusal.value)) == [("REF201", 3, "owner"), ("SCH101", 3, "insee_code")]
