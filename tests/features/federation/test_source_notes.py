"""What the kept releases say that somebody must know: told until it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from published import ID, OWNER, Publisher, public
from signing import Key, new_key

from smartreg.core.values import RecordId
from smartreg.features.federation.source_notes import SourceState, notes_on
from smartreg.registry.pins import Pin
from smartreg.release.format import read_manifest
from smartreg.schema.settings import Config, Release, Source

OTHER = "22222222-2222-4333-8444-555555555555"
RECORDS = {RecordId("party", "cd13"): OWNER}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return new_key(tmp_path_factory.mktemp("keys"), "one")


def state(
    folder: Path, key: Key, alias: str, id: str, *, withdrawn: bool = False, closed: date | None = None, **more: object
) -> SourceState:
    """A source that published once, with these members in its manifest."""
    Publisher(folder, key, id=id).publish(RECORDS, **more)  # type: ignore[arg-type]
    manifest = read_manifest((folder / id / "000001/datapackage.json").read_bytes())
    pin = Pin(id, 1, manifest.digest, manifest.commit, "", "", "", 1, withdrawn=withdrawn)
    return SourceState(alias, Source(id, "x", (public(key),), closed=closed), pin, manifest)


def notes(states: Sequence[SourceState], **settings: Release) -> list[str]:
    return [note.in_("en") for note in notes_on(Config(**settings), states)]  # type: ignore[arg-type]


def test_a_source_with_nothing_to_say(tmp_path: Path, key: Key) -> None:
    assert notes([state(tmp_path, key, "cd13", ID, licence="etalab-2.0")]) == []


def test_a_new_key_is_told_until_it_is_in_the_settings(tmp_path: Path, key: Key) -> None:
    new = new_key(tmp_path, "new")
    told = state(tmp_path, key, "cd13", ID, keys=[public(key), public(new)])
    (note,) = notes([told])
    assert note.startswith(f"cd13 announces a new key, {new.fingerprint}: compare it")
    assert f'add "{public(new)}" to keys of [sources.cd13]' in note


def test_withdrawn_data_are_told(tmp_path: Path, key: Key) -> None:
    (note,) = notes([state(tmp_path, key, "cd13", ID, withdrawn=True)])
    assert note.startswith("the data of release 1 of cd13 were withdrawn")


def test_a_successor_is_told_until_the_source_is_closed(tmp_path: Path, key: Key) -> None:
    (note,) = notes([state(tmp_path, key, "cd13", ID, succeeded_by=[OTHER])])
    assert note.startswith(f"cd13 is continued by the registry {OTHER}")
    assert f"smartreg source add ALIAS URL/{OTHER} --key FILE" in note

    new = state(tmp_path, key, "sdis", OTHER, succeeds=[ID])
    (note,) = notes([state(tmp_path, key, "cd13", ID, succeeded_by=[OTHER]), new])
    assert note.startswith("cd13 is continued by sdis, and both say so")
    assert note.endswith("smartreg source close cd13")
    closed = state(tmp_path, key, "cd13", ID, succeeded_by=[OTHER], closed=date(2026, 12, 1))
    assert notes([closed, new]) == []


def test_who_only_claims_to_continue_a_registry_is_not_believed(tmp_path: Path, key: Key) -> None:
    claims = state(tmp_path, key, "copy", OTHER, succeeds=[ID])
    (note,) = notes([state(tmp_path, key, "cd13", ID), claims])
    assert note.startswith("copy says that it continues cd13, which does not say so")
    assert notes([claims]) == []  # nothing here is continued
    (note,) = notes([claims], id=ID, name="AMP")  # type: ignore[arg-type]
    assert note.startswith("copy says that it continues AMP, which does not say so")
    assert notes([claims], id=ID, release=Release(succeeded_by=(OTHER,))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("etalab-2.0", "etalab-2.0", ()),
        ("etalab-2.0", "CC-BY-4.0", ()),
        ("ODbL-1.0", "etalab-2.0", ("cd13 is under ODbL-1.0: whoever mixes its data with others (etalab-2.0)",)),
        ("odc-odbl", "CC-BY-SA-4.0", ("cd13 is under odc-odbl", "sdis is under CC-BY-SA-4.0")),
    ],
)
def test_licences_do_not_mix_in_silence(first: str, second: str, told: Sequence[str], tmp_path: Path, key: Key) -> None:
    found = notes(
        [state(tmp_path, key, "cd13", ID, licence=first), state(tmp_path, key, "sdis", OTHER, licence=second)]
    )
    assert len(found) == len(told)
    assert all(note.startswith(start) for note, start in zip(found, told, strict=True))
