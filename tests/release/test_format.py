"""Texts of a release that a thief of the key, or a broken publisher, could sign: each is refused, in a sentence that
says what is wrong. Signatures do not matter here: these are the readers behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published import EXPIRES, Publisher, poles
from signing import new_key

from smartreg.release.format import RefusedRelease, read_latest, read_manifest
from smartreg.workspace.kept_sources import record_of

pytestmark = pytest.mark.promise("R8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    publisher = Publisher(folder, new_key(folder, "key"))
    publisher.publish(poles(1))
    return folder / publisher.id


def change(**members: object) -> Callable[[bytes], bytes]:
    """Give members of a manifest (`smartreg`), or of `latest.json`, other values."""

    def changed(content: bytes) -> bytes:
        document = json.loads(content)
        document.get("smartreg", document).update(members)
        return json.dumps(document).encode()

    return changed


def files(*paths: str, **entry: object) -> Callable[[bytes], bytes]:
    described = {"sha256": "0" * 64, "bytes": 1, "rows": 1, "columns": [], **entry}
    return change(files=dict.fromkeys(paths, described))


def twice(content: bytes) -> bytes:
    return content.replace(b'"serial":', b'"serial": 9,\n  "serial":')


UNREADABLE = "datapackage.json does not describe a release"
MANIFESTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another format": (change(release="release/2"), "datapackage.json is not of the version release/1"),
    "no format": (change(release=None), "datapackage.json is not of the version release/1"),
    "a key twice": (twice, "datapackage.json:"),
    "nested without end": (lambda _: b"[" * 200_000, "datapackage.json: lists and objects are nested too deep"),
    "another shape": (lambda _: b"[]", UNREADABLE),
    "half a character": (lambda _: b'{"smartreg": "\\ud800"}', "datapackage.json: half a character"),
    "up and away": (files("../../../etc/passwd"), f"{UNREADABLE}: files"),
    "from the root": (files("/etc/passwd"), f"{UNREADABLE}: files"),
    "through a table": (files("kind=a/../../b/data.parquet"), f"{UNREADABLE}: files"),
    "by backslashes": (files("kind=a\\..\\data.parquet"), f"{UNREADABLE}: files"),
    "over its own manifest": (files("datapackage.json"), f"{UNREADABLE}: files"),
    "with a line feed": (files("records.jsonl\n"), f"{UNREADABLE}: files"),
    "fewer than no bytes": (files("records.jsonl", bytes=-1), f"{UNREADABLE}: bytes"),
    "more bytes than there are": (files("records.jsonl", bytes=10**18), f"{UNREADABLE}: bytes"),
    "rows in words": (files("records.jsonl", rows="all"), f"{UNREADABLE}: rows"),
    "true for a number": (change(serial=True), f"{UNREADABLE}: serial"),
    "a fraction": (change(serial=1.0), f"{UNREADABLE}: serial"),
    "first, after another": (change(previous=f"sha256:{'a' * 64}"), f"{UNREADABLE}: previous"),
    "second, after none": (change(serial=2), f"{UNREADABLE}: previous"),
    "another digest": (change(serial=2, previous=f"md5:{'a' * 64}"), f"{UNREADABLE}: previous"),
    "a registry by its name": (change(id="cd13"), f"{UNREADABLE}: id"),
    "no keys": (change(keys=[]), f"{UNREADABLE}: keys"),
    "a key that is none": (change(keys=["ssh-ed25519 AAAA"]), f"{UNREADABLE}: keys"),
    "keys without end": (
        lambda content: change(keys=json.loads(content)["smartreg"]["keys"] * 101)(content),
        "datapackage.json lists more than 100 keys",
    ),
    "a successor by its name": (change(succeeded_by=["sdis"]), f"{UNREADABLE}: succeeded_by"),
    "a moment that is none": (change(issued="2026-13-01T00:00:00Z"), f"{UNREADABLE}: issued"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_is_none_is_refused(name: str, place: Path) -> None:
    attack, sentence = MANIFESTS[name]
    with pytest.raises(RefusedRelease) as caught:
        read_manifest(attack((place / "000001/datapackage.json").read_bytes()))
    assert caught.value.why == "unreadable"
    assert caught.value.message.in_("en").startswith(sentence)


LATEST: dict[str, tuple[dict[str, Any], str]] = {
    "another version": ({"version": "latest/2"}, "latest.json is not of the version latest/1"),
    "for ever": ({"expires": "9999-12-31T23:59:59Z"}, "latest.json counts for more than 400 days"),
    "withdrawn without a number": ({"withdrawn": ["1"]}, "latest.json does not describe a release: withdrawn"),
    "an address for a digest": (
        {"manifest": "https://example.org"},
        "latest.json does not describe a release: manifest",
    ),
}


@pytest.mark.parametrize("name", LATEST)
def test_a_latest_that_is_none_is_refused(name: str, place: Path) -> None:
    members, sentence = LATEST[name]
    with pytest.raises(RefusedRelease) as caught:
        read_latest(change(**members)((place / "latest.json").read_bytes()))
    assert caught.value.message.in_("en").startswith(sentence)
    assert read_latest((place / "latest.json").read_bytes()).expires == EXPIRES


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "support", "id": "ep-1", "data": {"id": "ep-2"}}',  # another record's data
        b'{"kind": "support", "id": "ep-1", "data": []}',
        b'{"kind": "support", "id": 1, "data": {}}',
        b'{"kind": "support", "kind": "party", "id": "ep-1", "data": {}}',
        b"[]",
        b"",
        b"\xff",
    ],
)
def test_a_line_that_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(RefusedRelease, match=r"records\.jsonl"):
        record_of(line)
