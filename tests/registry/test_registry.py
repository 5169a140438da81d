"""The registry: the same answers however it is read (lazily, from the index, from memory), and faults for odd files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import INDEXED, RIDS, Texts, registry_and_edit

from smartreg.core.errors import UsageFault
from smartreg.core.values import Link, Record, RecordId
from smartreg.domain.conventions import titles
from smartreg.domain.successions import successions
from smartreg.gitio import blob_id, open_repo
from smartreg.index import Index
from smartreg.registry import Registry, locate, open_registry, position, record_at
from smartreg.schema import bundled_files, read_schemas
from smartreg.trees import File, Listing, MemoryTree, Plain, Tree, WorkingTree

PARTY = b"id: a\nname: A\ncategory: private\n"
SENSOR = b'id: s\ntype: sensor\nowner: a\nuse_cases: [u]\nstatus: active\ndev_eui: "70B3D5499A1B2C3D"\n'
NAMES = [*(rid.id for rid in RIDS), "nobody"]
CODES = ("EP-1", "S1", "70B3D5499A1B2C3D", "A84041000181C2D3", "211300470", "200054807", "13047", "none")


class Unhashed(MemoryTree):
    """A tree that knows no blob id before a text is read, like files that Git does not know."""

    def files(self) -> Listing:
        return Plain({path: File(path, None, file.special) for path, file in super().files().items()})


def open_tree(tree: Tree, folder: Path | None = None) -> Registry:
    return open_registry(tree, Index.open(folder, ""), INDEXED)


def links_to(registry: Registry) -> dict[RecordId, list[Link]]:
    return {rid: list(registry.links_to(rid)) for rid in RIDS}


def naming(registry: Registry) -> dict[str, list[Link]]:
    return {name: list(registry.links_to_id(name)) for name in NAMES}


def links_from(registry: Registry) -> dict[RecordId, list[Link]]:
    return {rid: list(registry.links_from(rid)) for rid in RIDS}


def by_value(registry: Registry) -> dict[tuple[str, ...], list[Record]]:
    asked = [(kind, field, code) for kind, field in sorted(INDEXED) for code in CODES]
    return {words: list(registry.by_value(*words)) for words in asked}


def records(registry: Registry) -> list[Record]:
    return list(registry.records())


def one_by_one(registry: Registry) -> dict[RecordId, Record | None]:
    return {rid: registry.get(rid) for rid in RIDS}


def lineage(registry: Registry) -> tuple[Any, ...]:
    found = successions(registry)
    return found.ends, found.heirs, found.codes


QUESTIONS: list[Callable[[Registry], Any]] = [links_to, naming, links_from, by_value, records, one_by_one, lineage]


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32), first=st.permutations(QUESTIONS))
def test_lazy_answers_are_those_of_a_full_reading(
    seed: int, first: list[Callable[[Registry], Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    texts, writes = registry_and_edit(seed)
    folder = tmp_path_factory.getbasetemp() / "registries"
    folder.mkdir(exist_ok=True)
    full = open_tree(MemoryTree(texts)).load_all()
    edited = open_tree(MemoryTree({path: text for path, text in {**texts, **writes}.items() if text is not None}))
    lazy = {
        "memory": open_tree(MemoryTree(texts)),
        "cache": open_tree(MemoryTree(texts), folder),
        "no ids": open_tree(Unhashed(texts), folder),
    }
    wanted = [ask(full) for ask in first]
    wanted_after = [ask(edited.load_all()) for ask in first]
    for how, registry in lazy.items():
        assert [ask(registry) for ask in first] == wanted, how
        assert [ask(registry.with_writes(writes)) for ask in first] == wanted_after, how
    again = open_tree(MemoryTree(texts), folder)
    assert [ask(again) for ask in first] == wanted
    assert [ask(open_tree(MemoryTree(texts), folder).with_writes(writes)) for ask in first] == wanted_after


@pytest.mark.promise("R15")
def test_a_damaged_index_changes_no_answer(tmp_path: Path) -> None:
    texts, _ = registry_and_edit(7)
    wanted = [ask(open_tree(MemoryTree(texts)).load_all()) for ask in QUESTIONS]
    warm = open_tree(MemoryTree(texts), tmp_path)
    list(warm.links_to_id("a"))
    warm.frame.index.close()
    (file,) = tmp_path.glob("*.sqlite")
    whole = file.read_bytes()
    step = max(1, len(whole) // 12)
    for damaged in (b"", b"not a database", *(_flip(whole, place) for place in range(100, len(whole), step))):
        for side in tmp_path.iterdir():
            side.unlink()
        file.write_bytes(damaged)
        registry = open_tree(MemoryTree(texts), tmp_path)
        assert [ask(registry) for ask in QUESTIONS] == wanted
        registry.frame.index.close()


def _flip(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes(byte ^ 0xFF for byte in whole[place : place + 64]) + whole[place + 64 :]


def test_an_index_that_goes_away_changes_no_answer(tmp_path: Path) -> None:
    texts, writes = registry_and_edit(11)
    wanted = [ask(open_tree(MemoryTree(texts)).load_all()) for ask in QUESTIONS]
    registry = open_tree(MemoryTree(texts), tmp_path)
    assert links_to(registry) == wanted[0]
    after = registry.with_writes(writes)
    registry.frame.index.close()
    assert [ask(registry) for ask in QUESTIONS] == wanted
    assert [ask(after) for ask in QUESTIONS] == [
        ask(open_tree(MemoryTree(texts)).with_writes(writes)) for ask in QUESTIONS
    ]


def test_a_record_is_one_object_however_often_it_is_asked_for() -> None:
    registry = open_tree(MemoryTree({"registry/parties/a.yaml": PARTY}))
    assert registry.get(RecordId("party", "a")) is registry.get(RecordId("party", "a"))


def test_successions_are_derived_again_where_a_party_differs_alone() -> None:
    ended = b'%sended_on: "2025-01-01"\nsuccessors:\n  - party: b\n' % PARTY
    there, moved = "registry/parties/a.yaml", "registry/parties/istres/a.yaml"
    before = open_tree(MemoryTree({there: PARTY, "registry/equipment/s.yaml": SENSOR}))
    first = successions(before)

    another = before.with_writes({"registry/equipment/s2.yaml": SENSOR.replace(b"id: s", b"id: s2")})
    assert successions(another) is first
    tree = MemoryTree({there: PARTY})
    assert successions(before.with_changes(tree, ["registry/equipment/s.yaml"])) is first
    endings: list[dict[str, bytes | None]] = [{there: ended}, {there: None, moved: ended}]
    for writes in endings:
        assert list(lineage(another.with_writes(writes))[1]) == ["a"]
    others: list[dict[str, bytes | None]] = [{there: None}, {there: b"["}, {"smartreg.toml": b'name = "Istres"\n'}]
    for writes in others:
        assert successions(another.with_writes(writes)) is not first


def test_conventions_are_derived_again_where_one_or_a_party_differs() -> None:
    file, text = (
        "registry/conventions/net.yaml",
        b'id: net\nparties: [a, b]\nstatus: signed\neffective_from: "2025-01-01"\n',
    )
    party, sensor = "registry/parties/a.yaml", "registry/equipment/s.yaml"
    before = open_tree(MemoryTree({party: PARTY, file: text, sensor: SENSOR}))
    first = titles(before)
    assert [version.id for version in first.of_party("a")] == ["net"]

    another = before.with_writes({sensor: None})
    assert titles(another) is titles(another.with_changes(another.tree, [sensor])) is first
    without = another.with_writes({file: text.replace(b"[a, b]", b"[b]")})
    assert not titles(without).of_party("a")
    assert not titles(without.with_writes({file: None})).of_party("b")
    ended = b'%sended_on: "2026-01-01"\nsuccessors:\n  - party: c\n' % PARTY
    assert [version.id for version in titles(another.with_writes({party: ended})).of_party("c")] == ["net"]


# -- files on disk ---------------------------------------------------------------------------------------------


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry of a party and a sensor, committed."""
    place(git_repo, "smartreg.toml", b'name = "Istres"\n')
    place(git_repo, "registry/parties/a.yaml", PARTY)
    place(git_repo, "registry/equipment/s.yaml", SENSOR)
    git("add", "-A")
    git("commit", "-qm", "start")
    return git_repo


def place(root: Path, path: str, text: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text)


def working(root: Path, cache: Path | None = None) -> Registry:
    return open_tree(WorkingTree(root, open_repo(root)), cache)


def codes(registry: Registry) -> dict[str, list[str]]:
    registry.load_all()
    found: dict[str, list[str]] = {}
    for finding in [*registry.faults, *registry.read_faults()]:
        found.setdefault(finding.where.file, []).append(finding.code)
    return found


def test_a_file_with_crlf_is_not_answered_from_the_blob_with_lf(root: Path, git: Git, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    place(root, ".gitattributes", b"registry/**/*.yaml text eol=lf\n")
    git("add", "-A")
    git("commit", "-qm", "attributes")
    assert codes(working(root, cache)) == {}  # the cache now knows the text with LF
    place(root, "registry/equipment/s.yaml", SENSOR.replace(b"\n", b"\r\n"))
    git("add", "-A")
    assert git("status", "--porcelain") == ""  # to Git, nothing has changed
    registry = working(root, cache)
    sensor = registry.get(RecordId("equipment", "s"))
    assert sensor is not None
    assert sensor.blob == blob_id(SENSOR.replace(b"\n", b"\r\n"), "sha1")
    assert codes(working(root, cache)) == {"registry/equipment/s.yaml": ["YML005"]}
    assert [link.source for link in working(root, cache).links_to_id("a")] == [sensor.rid]
    assert [item.file for item in working(root, cache).by_value("equipment", "dev_eui", "70B3D5499A1B2C3D")] == [
        sensor.file
    ]


def test_some_links_are_the_first_of_all_however_many_there_are(root: Path, git: Git, tmp_path: Path) -> None:
    for number in range(20):
        place(root, f"registry/equipment/s{number}.yaml", SENSOR.replace(b"id: s", b"id: s%d" % number))
    git("add", "-A", cwd=root)
    git("commit", "-qm", "Sensors", cwd=root)
    working(root, tmp_path).load_all()
    party = RecordId("party", "a")

    for change in (b"owner: a", b"owner: b"):  # as committed; then one names another party
        place(root, "registry/equipment/s3.yaml", SENSOR.replace(b"id: s", b"id: s3").replace(b"owner: a", change))
        registry = working(root, tmp_path)
        first = next(registry.some_links_to(party))
        some = sorted(registry.some_links_to(party), key=lambda link: link.source)

        assert some == sorted(registry.links_to(party), key=lambda link: link.source)
        assert first in some
        assert sorted(registry.some_links_to(party), key=lambda link: link.source) == some
        assert len(some) == (21 if change == b"owner: a" else 20)
    assert list(registry.some_links_to(RecordId("party", "c"))) == []


def test_an_id_in_two_sub_folders_is_two_files_of_one_record(root: Path) -> None:
    place(root, "registry/equipment/istres/s.yaml", SENSOR.replace(b"owner: a", b"owner: b"))
    rid = RecordId("equipment", "s")
    for registry in (working(root), working(root).load_all()):
        assert registry.files_of(rid) == ["registry/equipment/istres/s.yaml", "registry/equipment/s.yaml"]
        assert {link.target for link in registry.links_from(rid)} == {"a", "b", "u"}
        assert [link.target for link in registry.links_to_id("a")] == ["a"]
        assert [record.file for record in registry.of_kind("equipment")] == registry.files_of(rid)


def test_odd_files_are_findings_and_are_never_read(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.yaml"
    secret.write_bytes(PARTY.replace(b"id: a", b"id: elsewhere"))
    (root / "registry/parties/elsewhere.yaml").symlink_to(secret)
    (root / "registry/networks").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(root / "registry/parties/pipe.yaml")
    place(root, "registry/equipment/notes.txt", b"?")
    place(root, "registry/elsewhere/x.yaml", PARTY)
    place(root, "registry/equipment/big.yaml", b"id: big\nnotes: " + b"x" * 2**20)
    for welcome in ("README.md", "equipment/.gitkeep", "conventions/annexes/c.pdf", "imports/poles.toml"):
        place(root, f"registry/{welcome}", b"")
    registry = working(root)
    assert codes(registry) == {
        "registry/parties/elsewhere.yaml": ["YML010"],
        "registry/networks": ["YML010"],
        "registry/parties/pipe.yaml": ["YML010"],
        "registry/equipment/notes.txt": ["CHG810"],
        "registry/elsewhere/x.yaml": ["CHG810"],
        "registry/equipment/big.yaml": ["YML007"],
    }
    assert {str(rid) for rid in registry.places} == {"party/a", "equipment/s", "equipment/big"}
    assert registry.get(RecordId("party", "elsewhere")) is None


def test_a_file_that_goes_away_while_we_read_is_a_finding(root: Path) -> None:
    place(root, "registry/parties/b.yaml", PARTY)
    registry = working(root)
    assert RecordId("party", "b") in registry
    (root / "registry/parties/b.yaml").unlink()
    assert codes(registry) == {"registry/parties/b.yaml": ["YML010"]}


@pytest.mark.parametrize("path", ["smartreg.toml", "schemas", "schemas/party.schema.json"])
def test_settings_and_schemas_behind_a_symlink_are_refused(root: Path, tmp_path: Path, path: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (root / path).unlink(missing_ok=True)
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).symlink_to(target)
    with pytest.raises(UsageFault) as refused:
        working(root)
    assert path in refused.value.message.in_("en")
    assert path in refused.value.message.in_("fr")


# -- places on the map -----------------------------------------------------------------------------------------


def test_a_record_without_its_own_place_has_that_of_what_it_hangs_on() -> None:
    support = b"id: p\ntype: mast\nlocation: {lon: 4.99, lat: 43.51}\n"
    texts: Texts = {
        "registry/supports/p.yaml": support,
        "registry/equipment/on.yaml": b"id: on\nsupport: p\n",
        "registry/equipment/own.yaml": b"id: own\nsupport: p\nlocation: {lon: 5, lat: 43}\n",
        "registry/equipment/odd.yaml": b"id: odd\nsupport: nobody\nlocation: {lon: true, lat: x}\n",
    }
    registry = open_tree(MemoryTree(texts))
    found = {record.rid.id: position(registry, record) for record in registry.of_kind("equipment")}
    assert found == {"on": (4.99, 43.51), "own": (5.0, 43.0), "odd": None}


def test_places_that_lead_to_each_other_end_nowhere() -> None:
    fields = {"id": {"type": "string"}, "hung": {"type": "string", "x-ref": "box"}}
    about = {"x-kind": {"name": "box", "position": ["hung"]}, "type": "object", "required": ["id"]}
    schema = json.dumps({**about, "properties": fields}).encode()
    texts: Texts = {
        "schemas/box.schema.json": schema,
        "registry/box/a.yaml": b"id: a\nhung: b\n",
        "registry/box/b.yaml": b"id: b\nhung: a\n",
    }
    registry = open_tree(MemoryTree(texts))
    assert [position(registry, record) for record in registry.records()] == [None, None]


@pytest.mark.parametrize(
    ("path", "rid"),
    [
        ("registry/equipment/a.yaml", "equipment/a"),
        ("registry/equipment/istres/12/a.yml", "equipment/a"),
        ("registry/use-cases/a.b.yaml", "use_case/a.b"),
        ("registry/equipment/x.yaml/a.yaml", None),
        ("registry/x.yml/equipment/a.yaml", None),
        ("registry/equipment.yaml", None),
        ("registry/unknown/a.yaml", None),
        ("registry/equipment/a.json", None),
        ("schemas/equipment/a.yaml", None),
        ("equipment/a.yaml", None),
    ],
)
def test_which_files_are_records(path: str, rid: str | None) -> None:
    schemas = read_schemas(bundled_files())
    found = locate(File(path, None), schemas)

    assert (str(found[0]) if found else None) == rid
    assert record_at(path, schemas) == (found[0] if found else None)
