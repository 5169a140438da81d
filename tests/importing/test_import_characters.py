"""`import`: invisible characters and wrongly decoded letters, repaired in all rows at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import Bring, bring, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.importing.characters import is_suspect, repair_text
from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

HERE = ("owner=montpellier", "insee_code=34172", "location.lon=3.87123", "location.lat=43.61234", "type=mast")
REQUEST = ImportRequest(constants=(*HERE, "status=in_service"), id_from="{REF}")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("rue de CrÃ©qui", "rue de Créqui"),
        ("Ã\x89cole", "École"),
        ("lâ€™Ã©tang", "l’étang"),
        ("cÅ“ur", "cœur"),
        ("ÃƒÂ©tÃƒÂ©", "été"),  # twice
        ("12\u00a0Â°C", "12 °C"),
        ("l\x92eau \x96 Ã\u00a0 sec", "l’eau – à sec"),
        ("Aix\u00a0en\u202fProvence", "Aix en Provence"),
        ("\ufeffIs\u200btres\u00ad", "Istres"),
        ("a\x0bb\u2028c", "ab c"),
    ],
)
def test_what_nobody_typed_is_repaired(text: str, typed: str) -> None:
    assert is_suspect(text)
    assert repair_text(text) == typed


@pytest.mark.parametrize(
    "text",
    ["été", "Âge", "SÃO", "CAFÉ\u00a0»", "n°\u00a05", "«\u00a0oui\u00a0»", "50\u00a0€", "Paulâ", "a\tb\nc", "Œuvre"],
)
def test_what_somebody_typed_stays(text: str) -> None:
    assert not is_suspect(text)
    assert repair_text(text) == text


def test_all_rows_are_repaired_with_one_option(bring: Bring, root: Path) -> None:
    sheet = "REF;address\n" + "".join(f"a{n};rue de CrÃ©qui {n}\n" for n in range(5)) + "b\u200b;quai de l\u00adEau\n"
    with pytest.raises(RefusedImport) as refused:
        bring(REQUEST, sheet)
    (fault,) = refused.value.outcome.introduced
    assert (fault.code, fault.where.row, fault.where.column) == ("IMP002", 2, "address")
    assert fault.message.in_("en") == (
        "7 cells have characters that nobody typed, invisible ones or wrongly decoded letters: "
        "“rue de CrÃ©qui 0” for “rue de Créqui 0” (row 2), “rue de CrÃ©qui 1” for “rue de Créqui 1” (row 3)"
    )
    assert fault.hint is not None
    assert fault.hint.in_("en").startswith("--characters repair mends all of them")
    done = bring(ImportRequest(constants=REQUEST.constants, id_from="{REF}", characters="repair"), sheet)
    assert (done.added, support(root, "a3")["address"]) == (6, "rue de Créqui 3")
    assert support(root, "b")["address"] == "quai de lEau"
    assert done.notes[0].in_("en").startswith("7 cells were repaired: “rue de CrÃ©qui 0”")
    assert 'characters = "repair"' in (root / "registry/imports/sheet.toml").read_text("utf-8")
    assert bring(ImportRequest(update=True), sheet).changed == 0


def test_characters_are_kept_where_somebody_means_them(bring: Bring, root: Path) -> None:
    kept = ImportRequest(constants=REQUEST.constants, id_from="{REF}", characters="keep")
    assert bring(kept, "REF;address\na;CrÃ©qui\n").added == 1
    assert support(root, "a")["address"] == "CrÃ©qui"


def test_headings_are_repaired_before_anything_names_them(bring: Bring, root: Path) -> None:
    request = ImportRequest(
        maps=("Numéro=local_ref",),
        constants=(*HERE, "status=in_service"),
        set_from=("address={Numéro} {VOIE}",),
        characters="repair",
        id_from="{VOIE}",
    )
    bring(request, "NumÃ©ro;VOIE\n12;rue de CrÃ©qui\n")
    assert support(root, "rue-de-crequi")["address"] == "12 rue de Créqui"
    assert bring(ImportRequest(update=True), "Numéro;VOIE\n12;rue de Créqui\n").changed == 0
