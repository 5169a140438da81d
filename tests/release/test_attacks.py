"""What an attacker, a careless web site or a dishonest publisher may do to a release, and how readers see it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
from publishing import ID, NOW, Publisher, copy_publisher, make_publisher
from signing import Key, new_key

from smartreg.core.errors import UsageFault
from smartreg.core.ssh_keys import fingerprint_of
from smartreg.features.roundtrip.verify_release import VerifiedFolder, verify_folder
from smartreg.release.format import RefusedRelease, Why, digest_of, read_manifest
from smartreg.release.merkle import MerkleTree
from smartreg.workspace.workspace import open_workspace

MASTS = "000002/kind=masts/data.parquet"


@pytest.fixture(scope="module")
def base(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that has published twice."""
    folder = tmp_path_factory.mktemp("attacked") / "all"
    folder.mkdir()
    publisher = make_publisher(folder)
    publisher.publishes()
    publisher.adds("c")
    publisher.publishes()
    return folder


@pytest.fixture
def publisher(base: Path, tmp_path: Path) -> Publisher:
    return copy_publisher(base, tmp_path / "all")


@pytest.fixture
def published(base: Path, tmp_path: Path) -> Publisher:
    """The same with a folder of its own to attack, and a registry that is only read."""
    folder = Path(shutil.copytree(base / "public", tmp_path / "public"))
    fingerprint = fingerprint_of((base / "key.pub").read_text("utf-8")) or ""
    return Publisher(base / "registry", folder, Key(base / "key", fingerprint))


def verify(publisher: Publisher, *, clone: bool = False, key: Key | None = None) -> VerifiedFolder:
    workspace = open_workspace(publisher.root) if clone else None
    return verify_folder(publisher.folder, [(key or publisher.key).fingerprint], NOW, workspace)


def sign(key: Key, file: Path, namespace: str = "smartreg-release") -> None:
    file.with_name(f"{file.name}.sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key.file), str(file)]
    subprocess.run(command, check=True, capture_output=True)


def edit(file: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def announce(publisher: Publisher, serial: int, key: Key | None = None, **members: object) -> None:
    """Sign a manifest as it is now, and a `latest.json` that names it."""
    manifest = publisher.place / f"{serial:06}/datapackage.json"
    sign(key or publisher.key, manifest)
    latest = publisher.place / "latest.json"
    edit(latest, lambda it: it.update(serial=serial, manifest=digest_of(manifest.read_bytes()), **members))
    sign(key or publisher.key, latest)


def rewrite(file: Path, select: str, options: str = "") -> None:
    """Replace a Parquet file by what a query gives from it (`{}`)."""
    rows = f"read_parquet('{file}', hive_partitioning = false)"
    with duckdb.connect() as base:
        base.execute(f"COPY ({select.format(rows)}) TO '{file}.new' (FORMAT parquet{options})")
    Path(f"{file}.new").replace(file)


def halve(file: Path) -> None:
    rewrite(file, "SELECT * FROM {} LIMIT 1")


def retype(file: Path) -> None:
    rewrite(file, "SELECT * REPLACE (height::VARCHAR AS height) FROM {}")


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def link(file: Path) -> None:
    twin = file.with_name("twin")
    file.rename(twin)
    file.symlink_to(twin)


@pytest.mark.parametrize(
    ("attack", "faults"),
    [
        (halve, ["release 2: kind=masts/data.parquet is not what was published"]),
        (retype, ["release 2: kind=masts/data.parquet is not what was published"]),
        (flip, ["release 2: kind=masts/data.parquet is not what was published"]),
        (Path.unlink, ["release 2: kind=masts/data.parquet is missing"]),
        (
            link,
            [
                "release 2: kind=masts/data.parquet is missing",
                "release 2: kind=masts/twin is not in its manifest",
            ],
        ),
        (
            lambda file: shutil.copy(file, file.with_name("more.parquet")),
            ["release 2: kind=masts/more.parquet is not in its manifest"],
        ),
    ],
    ids=["half of the rows", "changed type", "flipped bit", "missing table", "symbolic link", "another file"],
)
def test_other_bytes_are_found(published: Publisher, attack: Callable[[Path], object], faults: list[str]) -> None:
    attack(published.place / MASTS)
    verified = verify(published)
    assert [str(fault.in_("en")) for fault in verified.faults] == faults
    assert not verified.holds


def test_what_nobody_touched_holds(published: Publisher) -> None:
    assert verify(published).holds
    compared = verify(published, clone=True).compared
    assert compared is not None
    assert (compared.holds, compared.same_values, compared.other_values) == (True, (), ())


Attack: TypeAlias = Callable[[Publisher, Path], object]


def edit_manifest(publisher: Publisher, _folder: Path) -> None:
    halve(publisher.place / MASTS)
    content = (publisher.place / MASTS).read_bytes()
    entry = {"sha256": digest_of(content).removeprefix("sha256:"), "bytes": len(content), "rows": 1}
    edit(
        publisher.place / "000002/datapackage.json",
        lambda it: it["smartreg"]["files"]["kind=masts/data.parquet"].update(entry),
    )


def edit_manifest_and_latest(publisher: Publisher, folder: Path) -> None:
    edit_manifest(publisher, folder)
    digest = digest_of((publisher.place / "000002/datapackage.json").read_bytes())
    edit(publisher.place / "latest.json", lambda it: it.update(manifest=digest))


def sign_with_another_key(publisher: Publisher, folder: Path) -> None:
    edit_manifest(publisher, folder)
    announce(publisher, 2, new_key(folder, "other"))


def sign_latest_with_another_key(publisher: Publisher, folder: Path) -> None:
    edit(publisher.place / "latest.json", lambda it: it.update(expires="2027-06-01T00:00:00Z"))
    sign(new_key(folder, "other"), publisher.place / "latest.json")


def sign_next_with_another_key(publisher: Publisher, folder: Path) -> None:
    """A thief of the folder, not of the key, goes on from it."""
    other = new_key(folder, "other")
    follow(publisher, 3, keys=[other.file.with_suffix(".pub").read_text().strip()])
    announce(publisher, 3, other)


def follow(publisher: Publisher, serial: int, **members: object) -> None:
    """Write a manifest that follows release 2."""
    manifest = publisher.place / "000002/datapackage.json"
    (publisher.place / f"{serial:06}").mkdir()
    new = publisher.place / f"{serial:06}/datapackage.json"
    shutil.copy(manifest, new)
    previous = digest_of(manifest.read_bytes())
    edit(new, lambda it: it["smartreg"].update(serial=serial, previous=previous, files={}, **members))


def jump(publisher: Publisher, _folder: Path) -> None:
    follow(publisher, 9)
    announce(publisher, 9)


def other_registry(publisher: Publisher, _folder: Path) -> None:
    """The holder of the key publishes for two registries, and a web site mixes them up."""
    other = "11111111-1111-4111-8111-111111111111"
    edit(publisher.place / "000002/datapackage.json", lambda it: it["smartreg"].update(id=other))
    announce(publisher, 2)


def other_registry_in_latest(publisher: Publisher, _folder: Path) -> None:
    announce(publisher, 2, registry="11111111-1111-4111-8111-111111111111")


def remove(name: str) -> Attack:
    return lambda publisher, _folder: (publisher.place / name).unlink()


def write(name: str, content: bytes) -> Attack:
    return lambda publisher, _folder: (publisher.place / name).write_bytes(content)


def other_signature(publisher: Publisher, _folder: Path) -> None:
    shutil.copy(publisher.place / "000001/datapackage.json.sig", publisher.place / "000002/datapackage.json.sig")


def other_namespace(publisher: Publisher, _folder: Path) -> None:
    sign(publisher.key, publisher.place / "000002/datapackage.json", "smartreg-seal")


def escape(publisher: Publisher, _folder: Path) -> None:
    manifest = publisher.place / "000002/datapackage.json"
    entry = {"sha256": "0" * 64, "bytes": 1, "rows": 1, "columns": []}
    edit(manifest, lambda it: it["smartreg"]["files"].update({"kind=x/../../../../etc/passwd": entry}))
    announce(publisher, 2)


ATTACKS: Mapping[str, tuple[Attack, Why]] = {
    "edited manifest": (edit_manifest, "chain"),
    "edited manifest and latest": (edit_manifest_and_latest, "signature"),
    "another's key": (sign_with_another_key, "signature"),
    "another's key on latest": (sign_latest_with_another_key, "signature"),
    "a key that the release before does not list": (sign_next_with_another_key, "signature"),
    "another's release": (other_registry, "registry"),
    "another's latest": (other_registry_in_latest, "registry"),
    "unsigned manifest": (remove("000002/datapackage.json.sig"), "signature"),
    "unsigned latest": (remove("latest.json.sig"), "signature"),
    "empty signature": (write("latest.json.sig", b""), "signature"),
    "signature of the release before": (other_signature, "signature"),
    "signature on something else": (other_namespace, "signature"),
    "earlier manifest missing": (remove("000001/datapackage.json"), "unreadable"),
    "earlier manifest edited": (write("000001/datapackage.json", b"{}"), "chain"),
    "number left out": (jump, "unreadable"),
    "file outside of the folder": (escape, "unreadable"),
    "endless text": (write("latest.json", b" " * (1 << 20) + b"{}"), "unreadable"),
    "no JSON": (write("latest.json", b"{"), "signature"),
}


@pytest.mark.promise("R8")
@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused(published: Publisher, tmp_path: Path, name: str) -> None:
    attack, why = ATTACKS[name]
    attack(published, tmp_path)
    with pytest.raises(RefusedRelease) as caught:
        verify(published)
    assert caught.value.why == why, str(caught.value)


def test_what_a_reader_had_before_is_not_forgotten(publisher: Publisher, tmp_path: Path) -> None:
    first = read_manifest((publisher.place / "000001/datapackage.json").read_bytes())
    second = publisher.reads().manifest
    forked = copy_publisher(publisher.root.parent, tmp_path / "fork")
    old = {name: (publisher.place / name).read_bytes() for name in ("latest.json", "latest.json.sig")}
    publisher.adds("d")
    publisher.publishes()
    third = publisher.reads().manifest

    def refused(by: Publisher, **how: Any) -> str:
        with pytest.raises(RefusedRelease) as caught:
            by.reads(**how)
        return caught.value.why

    assert refused(publisher, pinned=first, most=1) == "too far"
    assert [item.manifest.serial for item in publisher.reads(pinned=first, most=2).chain] == [1, 2, 3]
    for name, content in old.items():  # the web site serves what it had a week ago
        (publisher.place / name).write_bytes(content)
    assert refused(publisher, pinned=third) == "rollback"
    assert publisher.reads(pinned=second).manifest.serial == 2
    assert refused(publisher, pinned=second, now=NOW + timedelta(days=91)) == "expired"
    forked.adds("other")
    forked.publishes()
    assert refused(forked, pinned=third) == "fork"  # the same number, other content
    forked.adds("another")
    forked.publishes()
    assert refused(forked, pinned=third) == "fork"  # the next number after another one
    assert [item.manifest.serial for item in forked.reads(pinned=second).chain] == [2, 3, 4]


def test_an_expired_release_is_said(published: Publisher) -> None:
    late = verify_folder(published.folder, [published.key.fingerprint], NOW + timedelta(days=91), None)
    assert [str(fault.in_("en")) for fault in late.faults] == [
        "it expired on 2027-03-01T04:00:00Z: a later release may be withheld from you"
    ]


def test_a_publisher_who_shows_something_else_than_its_commit_is_found_with_a_clone(published: Publisher) -> None:
    manifest, lines = published.place / "000002/datapackage.json", published.place / "000002/records.jsonl"
    halve(published.place / MASTS)
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:1]))
    tree = MerkleTree([lines.read_bytes().rstrip()]).root.hex()

    def describe(document: Any) -> None:
        about = document["smartreg"]
        about["records"] = {"root": f"sha256:{tree}", "count": 1}
        for name in ("kind=masts/data.parquet", "records.jsonl"):
            content = (published.place / "000002" / name).read_bytes()
            entry = {"sha256": digest_of(content).removeprefix("sha256:"), "bytes": len(content)}
            about["files"][name].update(entry, rows=1)

    edit(manifest, describe)
    announce(published, 2)
    assert verify(published).holds  # the holder of the key did publish this
    compared = verify(published, clone=True).compared
    assert compared is not None
    assert not compared.same_records
    assert compared.records == ("mast/b", "mast/c")
    assert compared.other_values == ("kind=masts/data.parquet",)


def test_the_same_values_in_other_bytes_are_told_apart(published: Publisher) -> None:
    """As another version of DuckDB would have written them."""
    file, manifest = published.place / MASTS, published.place / "000002/datapackage.json"
    with duckdb.connect() as base:
        keys = base.execute("SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(file)]).fetchall()
    noted = ", ".join(f"""{key}: '{value.replace("'", "''")}'""" for key, value in keys)
    same = "SELECT * REPLACE (ST_AsWKB(geometry)::BLOB AS geometry) FROM {}"
    rewrite(file, same, f", COMPRESSION snappy, KV_METADATA {{{noted}}}")
    content = file.read_bytes()
    entry = {"sha256": digest_of(content).removeprefix("sha256:"), "bytes": len(content)}
    edit(manifest, lambda it: it["smartreg"]["files"]["kind=masts/data.parquet"].update(entry))
    announce(published, 2)
    compared = verify(published, clone=True).compared
    assert compared is not None
    assert (compared.holds, compared.same_values) == (True, ("kind=masts/data.parquet",))


def test_who_names_no_key_has_verified_nothing(published: Publisher) -> None:
    with pytest.raises(UsageFault, match="whose release is it"):
        verify_folder(published.folder, [], NOW, None)


def test_a_withdrawn_release_is_said_and_its_data_must_be_gone(publisher: Publisher, tmp_path: Path) -> None:
    kept = shutil.copytree(publisher.place / "000001", tmp_path / "kept")
    publisher.withdraws(1, "a name of a person")
    verified = verify(publisher)
    assert verified.holds
    assert [(each.serial, each.withdrawal and each.withdrawal.reason) for each in verified.folders] == [
        (1, "a name of a person"),
        (2, None),
    ]
    shutil.copy(kept / "records.jsonl", publisher.place / "000001")
    assert [str(fault.in_("en")) for fault in verify(publisher).faults] == [
        "release 1 was withdrawn, and records.jsonl is still here"
    ]
    statement = publisher.place / "000001/withdrawn.json"
    edit(statement, lambda it: it.update(reason="no reason"))
    for why in ("signature", "unreadable"):  # edited, then hidden
        with pytest.raises(RefusedRelease) as caught:
            verify(publisher)
        assert caught.value.why == why
        statement.unlink(missing_ok=True)


def test_a_text_is_never_without_its_signature(publisher: Publisher) -> None:
    """However the two files reach a web site, a reader between them finds a pair that holds."""
    before = {name: (publisher.place / name).read_bytes() for name in ("latest.json", "latest.json.sig")}
    publisher.renews(NOW + timedelta(days=1))
    after = (publisher.place / "latest.json").read_bytes()
    (publisher.place / "latest.json").write_bytes(before["latest.json"])
    assert publisher.reads().latest.issued == NOW
    (publisher.place / "latest.json").write_bytes(after)
    assert publisher.reads().latest.issued == NOW + timedelta(days=1)


def test_one_folder_may_hold_several_registries(publisher: Publisher, tmp_path: Path) -> None:
    other = "11111111-1111-4111-8111-111111111111"
    (tmp_path / "theirs").mkdir()
    theirs = make_publisher(tmp_path / "theirs", settings=f'id = "{other}"\nname = "Others"\n')
    replace(theirs, folder=publisher.folder).publishes()
    with pytest.raises(RefusedRelease, match="releases of 2 registries"):
        verify(publisher)
    assert verify_folder(publisher.folder / ID, [publisher.key.fingerprint], NOW, None).holds
