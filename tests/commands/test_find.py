"""`find WORD…`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import start
from registries import Texts
from stored import lay

PARTY = "id: %s\nname: %s\ncategory: commune\ninsee_code: '%s'\n"
SUPPORT = "id: %s\nowner: istres\ntype: %s\nlocal_ref: %s\naddress: %s\ninsee_code: '%s'\nlocation: {lon: 5, lat: 43}\n"
TEXTS: Texts = {
    "smartreg.toml": b'name = "x"\n',
    "registry/parties/istres.yaml": (PARTY % ("istres", "Ville d'Istres", "13047")).encode(),
    "registry/supports/s-1.yaml": (SUPPORT % ("s-1", "mast", "EP-00412", "12 rue Créqui", "13047")).encode(),
    "registry/supports/s-2.yaml": (SUPPORT % ("s-2", "street_light", "EP-93", "93 rue Créqui", "13088")).encode(),
    "registry/equipment/e-1.yaml": b"id: e-1\nowner: istres\ntype: sensor\ndev_eui: 70B3D5499A1B2C3D\n",
    "registry/equipment/e-2.yaml": b"id: e-2\nowner: istres\ntype: gateway\nserial_number: CREQUI\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    lay(TEXTS, folder).frame.index.close()
    return folder


@pytest.mark.parametrize("more", [(), ("--no-index",)])
def test_a_table_in_both_languages(more: tuple[str, ...], root: Path) -> None:
    english = start("find", "CREQUI", "rue", *more, cwd=root)
    french = start("find", "crequi", "rue", "--lang", "fr", *more, cwd=root)

    assert (english.returncode, english.stderr) == (0, "")
    assert english.stdout == (
        "kind     id   label\n"
        "support  s-1  mast · EP-00412 · 12 rue Créqui\n"
        "support  s-2  street_light · EP-93 · 93 rue Créqui\n"
    )
    assert (french.returncode, french.stderr) == (0, "")
    assert french.stdout == (
        "Type de fiche  Identifiant  Libellé\n"
        "Support        s-1          mât · EP-00412 · 12 rue Créqui\n"
        "Support        s-2          candélabre (lampadaire) · EP-93 · 93 rue Créqui\n"
    )


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["crequi"], ["equipment/e-2", "support/s-1", "support/s-2"]),
        (["crequi", "93"], ["support/s-2"]),
        (["candelabre"], ["support/s-2"]),
        (["le rove"], ["support/s-2"]),
        (["70b3"], ["equipment/e-1"]),
        (["istres", "--kind", "party"], ["party/istres"]),
        (["crequi", "--kind", "mâts"], None),
        (["istres", "--kind", "sensors"], ["equipment/e-1"]),
        (["crequi", "--limit", "1"], ["equipment/e-2"]),
        (["--", "-412"], ["support/s-1"]),
    ],
)
def test_ids(words: list[str], ids: list[str] | None, root: Path) -> None:
    done = start("find", "-f", "ids", *words, cwd=root)

    assert (done.returncode, done.stdout.split()) == ((2, []) if ids is None else (0, ids)), done.stderr


def test_json_and_csv(root: Path) -> None:
    told = json.loads(start("find", "ep", "--limit", "1", "--json", cwd=root).stdout)
    cells = start("find", "ep", "-f", "csv", cwd=root).stdout

    label = "mast · EP-00412 · 12 rue Créqui"
    row = {"record": "support/s-1", "kind": "support", "id": "s-1", "label": label}
    assert told == {"version": 1, "total": 2, "records": [row]}
    assert cells.splitlines()[:2] == ["kind,id,label", f"support,s-1,{label}"]


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (["crequi", "nowhere"], "note: no record has all of these words\n"),
        (["…", "--lang", "fr"], "note : aucune fiche ne contient tous ces mots\n"),
        (["crequi", "--limit", "1"], "note: 1 of 3\n"),
    ],
)
def test_what_is_not_shown_is_said(words: list[str], note: str, root: Path) -> None:
    done = start("find", *words, cwd=root)

    assert (done.returncode, done.stderr) == (0, note)


def test_without_a_word_it_says_how(root: Path) -> None:
    done = start("find", cwd=root)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'error: find needs at least one word\nhelp: smartreg find "rue Mistral"\n'


def test_a_file_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    lay({**TEXTS, "registry/parties/broken.yaml": b"id: [broken\n"}, tmp_path).frame.index.close()

    done = start("find", "istres", "--kind", "party", "-f", "ids", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "party/istres\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    lay({**TEXTS, "registry/supports/s-9.yaml": b"id: [s-9\n"}, tmp_path).frame.index.close()
    done = start("find", "-f", "ids", "candelabre", cwd=tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["support/s-2"])
    assert done.stderr == ("note: 1 file cannot be read (registry/supports/s-9.yaml): smartreg validate says why\n")
    other_kind = start("find", "candelabre", "--kind", "party", cwd=tmp_path)
    assert other_kind.stderr == "note: no record has all of these words\n"
