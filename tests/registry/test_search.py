"""Records found by words: the index gives the answer that reading every record gives."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, ON, Texts, registry_and_edit
from stored import change_texts, laid, lay, open_there

from smartreg.asking.choices import Choice, NoSingleMatch
from smartreg.asking.records import placed_choices
from smartreg.cli.shell import complete
from smartreg.commands.show import find
from smartreg.core.messages import Language
from smartreg.core.values import RecordId
from smartreg.domain.search import find_records
from smartreg.gitio import open_repo
from smartreg.index import words
from smartreg.registry import Registry, open_registry
from smartreg.trees import MemoryTree, index_of
from smartreg.workspace.workspace import Workspace, open_workspace


class Context(NamedTuple):
    """Where a form is filled in."""

    workspace: Workspace
    lang: Language
    today: date


PARTY = "id: %s\nname: %s\ncategory: commune\ninsee_code: '%s'\n"
SUPPORT = (
    "id: %s\nowner: istres\ntype: mast\nlocal_ref: %s\naddress: %s\ninsee_code: '%s'\nlocation: {lon: 5, lat: 43}\n"
)
TEXTS: Texts = {
    "smartreg.toml": b'name = "x"\n',
    "registry/parties/istres.yaml": (PARTY % ("istres", "Ville d'Istres", "13047")).encode(),
    "registry/parties/rove.yaml": (PARTY % ("rove", "Le Rove", "13088")).encode(),
    "registry/supports/a-1.yaml": (SUPPORT % ("a-1", "EP-00412", "12 rue Créqui", "13047")).encode(),
    "registry/supports/a-2.yaml": (SUPPORT % ("a-2", "EP-93", "93 rue Créqui", "13088")).encode(),
    "registry/supports/crequi.yaml": (SUPPORT % ("crequi", "EP-7", "place du Marché", "13201")).encode(),
    "registry/equipment/s-1.yaml": b"id: s-1\nowner: istres\ntype: sensor\ndev_eui: 70B3D5499A1B2C3D\n",
    "registry/equipment/s-2.yaml": b"id: [s-2, broken\n",
}


def found(registry: Registry, text: str) -> list[str]:
    return [str(rid) for rid in find_records(registry, list(registry.schemas.kinds), text)]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("CREQUI", ["support/crequi", "support/a-1", "support/a-2"]),
        ("crequi 93", ["support/a-2"]),
        ("93", ["support/a-2"]),
        ("mât", ["support/a-1", "support/a-2", "support/crequi"]),
        ("mast rove", ["support/a-2"]),
        ("marseille", ["support/crequi"]),
        ("13047", ["party/istres", "support/a-1"]),
        ("70b3d5499", ["equipment/s-1"]),
        ("9a1b", ["equipment/s-1"]),
        ("istres", ["party/istres", "equipment/s-1", "support/a-1"]),
        ("Ville du Rove", ["party/rove", "support/a-2"]),
        ("a-1", ["support/a-1", "support/a-2"]),
        ("00412 crequi rue", ["support/a-1"]),
        ("nowhere", []),
        ("crequi nowhere", []),
        ("…", []),
        ("", []),
        ("s-2", ["equipment/s-2"]),
        ("s-2 broken", []),
        ("x" * 60_000, []),
        (" ".join(f"w{n}" for n in range(3_000)), []),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_words_find(text: str, records: list[str], searched: Path) -> None:
    assert found(open_registry(MemoryTree(TEXTS), None, INDEXED), text) == records
    assert found(open_there(searched), text) == records
    assert not open_there(searched).frame.index.dropped


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repo")
    found(lay(TEXTS, root), "istres")
    return root


def words_in(texts: Texts, random: Random) -> str:
    """Words of these texts, or parts of some, of any length."""
    every = b" ".join(texts.values()).decode("utf-8", "replace").split()
    some = random.sample(every, min(len(every), random.choice((1, 1, 2, 3))))
    return " ".join(word[(start := random.randint(0, 3)) : start + random.randint(1, 9)] for word in some)


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_the_index_finds_what_reading_everything_finds(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    root, random = tmp_path_factory.mktemp("repo"), Random(seed)
    texts, writes = registry_and_edit(seed)
    for _ in range(4):
        stored, read = lay(texts, root, commit=random.random() < 0.5), open_registry(MemoryTree(texts), None, INDEXED)
        for text in (words_in(texts, random) for _ in range(8)):
            assert found(stored, text) == found(read, text), text
        stored.frame.index.close()
        texts, writes = change_texts(random, texts, writes), {}


def test_words_are_stored_at_the_first_search_and_follow_each_file(tmp_path: Path) -> None:
    registry = lay(TEXTS, tmp_path).load_all()
    path = registry.frame.index.path
    assert path is not None
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'words'").fetchone() == (0,)
        assert found(registry, "crequi 93") == ["support/a-2"]
        assert base.execute("SELECT count(*) FROM words").fetchone() == (7,)

    laid(
        tmp_path,
        TEXTS,
        {
            **{path: text for path, text in TEXTS.items() if "a-2" not in path},
            "registry/supports/a-1.yaml": (SUPPORT % ("a-1", "EP-00412", "rue Mistral", "13047")).encode(),
            "registry/equipment/s-2.yaml": b"id: s-2\nowner: istres\ntype: sensor\nserial_number: CREQUI93\n",
        },
    )
    assert found(open_there(tmp_path), "crequi") == ["support/crequi", "equipment/s-2"]
    assert found(open_there(tmp_path), "mistral") == ["support/a-1"]
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("SELECT count(*) FROM words").fetchone() == (6,)
        assert base.execute("SELECT name FROM file WHERE worded IS NOT state").fetchall() == []


@pytest.mark.promise("R15")
@pytest.mark.parametrize("damage", ["DROP TABLE words", "DELETE FROM words_data"])
def test_a_damaged_table_of_words_changes_no_answer(damage: str, tmp_path: Path) -> None:
    registry = lay(TEXTS, tmp_path)
    assert found(registry, "crequi 93") == ["support/a-2"]
    path = registry.frame.index.path
    registry.frame.index.close()
    assert path is not None
    with closing(sqlite3.connect(path)) as base:
        base.execute(damage)
        base.commit()

    assert found(open_there(tmp_path), "crequi 93") == ["support/a-2"]


def test_without_trigrams_every_record_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "WORDS", "CREATE VIRTUAL TABLE words USING fts0(text)")
    words.has_trigrams.cache_clear()
    registry = lay(TEXTS, tmp_path)
    try:
        assert found(registry, "crequi 93") == ["support/a-2"]
        assert not registry.frame.index.dropped
    finally:
        words.has_trigrams.cache_clear()


def test_another_name_in_the_schemas_is_searched(tmp_path: Path) -> None:
    assert found(lay(TEXTS, tmp_path), "perche") == []
    schema = Path("schemas/support.schema.json").read_bytes()
    own = {f"schemas/{path.name}": path.read_bytes() for path in Path("schemas").glob("*.json")}
    own["schemas/support.schema.json"] = schema.replace(
        b'"label": ["type", "local_ref", "address"]', b'"label": ["type"]'
    )
    overlay = own["schemas/support.fr.json"].decode().replace("mât", "perche")
    own["schemas/support.fr.json"] = overlay.encode()

    assert len(found(lay({**TEXTS, **own}, tmp_path), "perche")) == 3
    assert index_of(open_repo(tmp_path)).is_sound()


def test_tab_finds_what_the_last_command_saw(tmp_path: Path) -> None:
    def offered(text: str) -> list[str]:
        lines = complete(["show", text], {"SMARTREG_DIRECTORY": str(tmp_path)}).splitlines()
        return [line.partition("\t")[0] for line in lines]

    found(lay(TEXTS, tmp_path), "crequi")
    moved, gone = (tmp_path / f"registry/supports/{name}.yaml" for name in ("a-1", "a-2"))
    moved.write_text(SUPPORT % ("a-1", "EP-00412", "rue Mistral", "13047"))
    gone.unlink()
    assert offered("rue CRÉ") == ["a-1"]
    assert offered("mistral") == []

    find(open_workspace(tmp_path), ["mistral"], ON)
    assert offered("mistral") == ["a-1"]
    assert offered("rue CRÉ") == []


def test_records_to_choose_are_found_as_everywhere(tmp_path: Path) -> None:
    registry = lay(TEXTS, tmp_path)
    context = Context(open_workspace(tmp_path), "fr", ON)
    rids = [rid for kind in ("support", "equipment") for rid in map(partial(RecordId, kind), registry.ids(kind))]
    choices = placed_choices(context, rids, (), by_kind=False, more=[Choice("-", "sans objet")])

    assert [item.value for item in choices.search("crequi")] == ["crequi", "a-1", "a-2"]
    assert choices.find("marseille") == "crequi"  # the commune, which no label has
    with pytest.raises(NoSingleMatch) as unclear:  # a part of an identifier finds a record, and never takes it
        choices.find("9a1b")
    assert [choice.value for choice in unclear.value.matches] == ["s-1"]
    assert choices.find("70b3d5499a1b2c3d") == "s-1"
    assert choices.find("s-2") == "s-2"
    assert choices.find("sans objet") == "-"
    assert [item.label for item in choices.search("93 crequi")] == ["mât · EP-93 · 93 rue Créqui"]
    assert list(placed_choices(context, rids[:1], ()).search("rove")) == []
