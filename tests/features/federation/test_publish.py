"""`publish`: numbers, folders, what becomes visible, keys, withdrawals; what readers find after a kill at any step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from publishing import ID, NOW, Publisher, copy_publisher, make_publisher
from signing import new_key

from smartreg.core.errors import Cancelled, Refused, StateFault, UsageFault
from smartreg.core.values import RecordId
from smartreg.features.federation.publish import FirstSeen
from smartreg.release.format import RefusedRelease
from smartreg.release.merkle import MerkleTree, is_included
from smartreg.release.reading import check_files, fetch_from, read_file, read_release, read_signed_withdrawal


@pytest.fixture(scope="module")
def published(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry that has published once, to copy."""
    folder = tmp_path_factory.mktemp("published") / "all"
    folder.mkdir()
    make_publisher(folder).publishes()
    return folder


@pytest.fixture
def publisher(published: Path, tmp_path: Path) -> Publisher:
    return copy_publisher(published, tmp_path / "all")


def tags(publisher: Publisher) -> list[str]:
    """The tags of the remote."""
    return [row.split("/", 2)[2] for row in publisher.git("ls-remote", "--tags", "--refs", "origin").splitlines()]


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_reader_who_has_the_key_finds_what_was_published(publisher: Publisher) -> None:
    release = publisher.reads(now=NOW)
    manifest, fetch = release.manifest, fetch_from(publisher.folder)
    assert (manifest.serial, manifest.previous, manifest.registry) == (1, None, ID)
    assert manifest.commit == publisher.git("rev-parse", "HEAD")
    assert list(check_files(fetch, manifest)) == []
    lines = read_file(fetch, manifest, "records.jsonl").splitlines()
    tree = MerkleTree(lines)
    assert (tree.root, tree.size) == manifest.records
    assert is_included(lines[1], 1, manifest.records[1], tree.path(1), manifest.records[0])
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


@pytest.mark.promise("R11")
def test_nothing_that_the_public_may_not_see_is_in_any_file(publisher: Publisher) -> None:
    files = contents(publisher.folder)
    assert any("Mât A".encode() in content for content in files.values())
    for path, content in files.items():
        assert b"SECRET" not in content, path
        assert b"hidden" not in content, path
    columns = publisher.reads().manifest.files["kind=masts/data.parquet"].columns
    assert "serial_number" not in dict(columns)
    assert dict(columns)["height"] == "DOUBLE"


def test_the_manifest_describes_the_release(publisher: Publisher) -> None:
    document = publisher.manifest(1)
    about = document["smartreg"]
    assert isinstance(about, dict)
    assert about["release"] == "release/1"
    assert (about["registry"], about["audience"], about["seal"]) == ("Mâts", "public", None)
    assert about["maps"] == {"mast": {"name": {"ngsi-ld": "name"}}}
    assert about["schemas"]["mast"]["version"] is None
    assert about["made_by"].keys() == {"smartreg", "duckdb"}
    assert about["licence"] == "etalab-2.0"
    resources = {item["path"]: item for item in document["resources"]}  # type: ignore[attr-defined]
    masts = resources["kind=masts/data.parquet"]
    assert [field["name"] for field in masts["schema"]["fields"]][:2] == ["id", "name"]
    assert masts["hash"] == f"sha256:{about['files']['kind=masts/data.parquet']['sha256']}"


def test_the_next_release_follows_the_one_before(publisher: Publisher) -> None:
    first = publisher.reads().manifest
    publisher.adds("c")
    done = publisher.publishes(NOW + timedelta(days=1))
    assert (done.new, done.manifest.serial, done.manifest.previous) == (True, 2, first.digest)
    assert tags(publisher) == ["release/1", "release/2"]
    walked = publisher.reads(pinned=first)
    assert [item.manifest.serial for item in walked.chain] == [1, 2]
    assert walked.latest.issued == NOW + timedelta(days=1)


@pytest.mark.promise("R13")
def test_an_empty_folder_gets_the_same_bytes_and_all_manifests(publisher: Publisher) -> None:
    publisher.adds("c", pushed=True)
    publisher.publishes()
    pipeline = publisher.clone("pipeline")
    done = pipeline.publishes()
    assert (done.new, done.manifest.serial) == (False, 2)
    assert contents(pipeline.place / "000002") == contents(publisher.place / "000002")
    assert contents(pipeline.place / "000001").keys() == {"datapackage.json", "datapackage.json.sig"}
    assert [item.manifest.serial for item in pipeline.reads(whole=True).chain] == [1, 2]
    pipeline.adds("d")
    shutil.rmtree(pipeline.folder)
    assert pipeline.publishes().manifest.serial == 3
    assert [item.manifest.serial for item in pipeline.reads(whole=True).chain] == [1, 2, 3]


def test_what_becomes_visible_for_the_first_time_is_asked(publisher: Publisher) -> None:
    seen: list[FirstSeen] = []

    def refuse(first: FirstSeen) -> bool:
        seen.append(first)
        return False

    publisher.adds("c")
    publisher.commits({"registry/masts/hidden.yaml": "id: hidden\nname: Mast H\n"})
    schema = json.loads((publisher.root / "schemas/mast.schema.json").read_text())
    schema["properties"]["colour"] = {"type": "string", "title": "Colour"}
    publisher.commits({"schemas/mast.schema.json": json.dumps(schema)})
    before = contents(publisher.folder)
    with pytest.raises(Cancelled):
        publisher.publishes(confirm=refuse)
    columns = {"kind=masts/data.parquet": ["colour"]}
    assert seen == [FirstSeen(columns, (RecordId("mast", "hidden"),), (RecordId("mast", "c"),), is_first=False)]
    assert contents(publisher.folder) == before
    assert tags(publisher) == ["release/1"]
    publisher.publishes()
    publisher.commits({"registry/masts/a.yaml": "id: a\nname: Other\n"})
    assert publisher.publishes(confirm=refuse).manifest.serial == 3  # nothing new to see: nobody is asked


@pytest.mark.promise("R3")
def test_two_publishers_at_once_make_no_number_twice(publisher: Publisher) -> None:
    other = publisher.clone("other")
    other.adds("d")

    def meanwhile(_seen: FirstSeen) -> bool:
        publisher.adds("c")
        publisher.publishes()
        return True

    with pytest.raises(StateFault, match=r"release/2 was claimed by somebody else"):
        other.publishes(confirm=meanwhile)
    assert not other.folder.exists()
    assert other.git("tag", "--list", "release/2") == ""
    other.git("pull", "--quiet", "--rebase", "origin", "release/2")
    assert other.publishes().manifest.serial == 3
    assert [item.manifest.serial for item in other.reads(whole=True).chain] == [1, 2, 3]


def test_an_interrupted_push_is_taken_up_again(publisher: Publisher) -> None:
    publisher.adds("c")
    remote = publisher.git("remote", "get-url", "origin")

    def cut(_seen: FirstSeen) -> bool:
        publisher.git("remote", "set-url", "origin", "/nowhere")
        return True

    with pytest.raises(StateFault, match="could not be pushed"):
        publisher.publishes(confirm=cut)
    assert publisher.reads().manifest.serial == 1
    publisher.git("remote", "set-url", "origin", remote)
    done = publisher.publishes()
    assert (done.manifest.serial, done.new) == (2, False)
    assert tags(publisher) == ["release/1", "release/2"]
    assert publisher.reads().manifest.serial == 2


def test_without_a_remote_numbers_are_claimed_here(publisher: Publisher) -> None:
    publisher.git("remote", "remove", "origin")
    publisher.adds("c")
    assert publisher.publishes().remote is None
    assert publisher.git("tag", "--list") == "release/1\nrelease/2"


def test_keys_change_when_an_old_one_signs_the_new_one(publisher: Publisher, tmp_path: Path) -> None:
    old, new = publisher.key, new_key(tmp_path, "new")
    first = publisher.reads().manifest
    publisher.adds("c")
    with pytest.raises(Refused, match="may not sign this release"):
        publisher.with_key(new).publishes()
    settings = (publisher.root / "smartreg.toml").read_text("utf-8")
    keys = f'[release]\nkeys = ["{new.file.with_suffix(".pub").read_text().strip()}"]\n'
    publisher.commits({"smartreg.toml": settings + keys})
    publisher.with_key(old).publishes()
    publisher.adds("d")
    with pytest.raises(Refused, match="may not sign this release"):
        publisher.publishes()
    publisher.with_key(new).publishes()
    walked = publisher.reads(pinned=first)
    assert [(each.serial, each.added, each.removed) for each in walked.rotations] == [
        (2, (new.fingerprint,), (old.fingerprint,))
    ]
    assert publisher.reads().manifest.serial == 3  # trust in the first key leads to the second


def test_a_key_that_was_stolen_or_lost_is_left_behind(publisher: Publisher, tmp_path: Path) -> None:
    old, new = publisher.key, new_key(tmp_path, "new")
    first = publisher.reads().manifest
    settings = (publisher.root / "smartreg.toml").read_text("utf-8")
    revoked = f'revoked_after = {{"{old.fingerprint}" = 1}}\n'
    other = "22222222-2222-4333-8444-555555555555"
    keys = f'[release]\nkeys = ["{new.file.with_suffix(".pub").read_text().strip()}"]\nsucceeded_by = ["{other}"]\n'
    publisher.commits({"smartreg.toml": settings + keys + revoked})
    with pytest.raises(Refused, match="was revoked"):
        publisher.with_key(old).publishes()
    with pytest.raises(Refused, match="may not sign this release"):
        publisher.with_key(new_key(tmp_path, "thief")).publishes()
    publisher.with_key(new).publishes()
    publisher.adds("c")
    publisher.publishes()

    with pytest.raises(RefusedRelease, match="not trusted here"):
        publisher.reads(pinned=first)
    trusted = [new.fingerprint]
    release = read_release(fetch_from(publisher.folder), ID, trusted, pinned=first, revoked={old.fingerprint: 1})
    assert (release.manifest.serial, release.chain[-1].signer) == (3, new.fingerprint)
    assert (release.manifest.succeeds, release.manifest.succeeded_by) == ((), (other,))


def test_the_first_publication_gives_an_id(tmp_path: Path) -> None:
    publisher = make_publisher(tmp_path, settings='# ours\nname = "Mâts"\n')
    done = publisher.publishes()
    assert done.gave_id == done.manifest.commit == publisher.git("rev-parse", "HEAD")
    settings = (publisher.root / "smartreg.toml").read_text("utf-8")
    assert settings == f'id = "{done.manifest.registry}"\n# ours\nname = "Mâts"\n'
    elsewhere = publisher.clone("elsewhere")
    with pytest.raises(StateFault, match="gave this registry an id"):
        elsewhere.publishes()
    elsewhere.git("merge", "--quiet", "release/1")
    assert elsewhere.publishes().manifest.registry == done.manifest.registry


def test_a_withdrawn_release_keeps_its_manifest_alone(publisher: Publisher) -> None:
    publisher.withdraws(1)
    assert contents(publisher.place / "000001").keys() == {
        *("datapackage.json", "datapackage.json.sig", "withdrawn.json", "withdrawn.json.sig"),
    }
    release = publisher.reads()
    assert release.latest.withdrawn == (1,)
    withdrawal = read_signed_withdrawal(fetch_from(publisher.folder), release.manifest, [publisher.key.fingerprint])
    assert withdrawal.reason == "a name of a person"
    with pytest.raises(Refused, match="the records of release 1, which was withdrawn"):
        publisher.publishes()
    publisher.commits({"registry/masts/a.yaml": "id: a\n"})
    publisher.publishes()
    pipeline = publisher.clone("pipeline")
    pipeline.git("merge", "--quiet", "release/2")
    pipeline.publishes()
    assert contents(pipeline.place / "000001").keys() == contents(publisher.place / "000001").keys()
    assert pipeline.reads(whole=True).latest.withdrawn == (1,)
    with pytest.raises(UsageFault, match="no release 7"):
        publisher.withdraws(7)


def test_renewing_changes_nothing_but_the_expiry(publisher: Publisher) -> None:
    before = contents(publisher.place)
    late = NOW + timedelta(days=91)
    with pytest.raises(RefusedRelease) as caught:
        publisher.reads(now=late)
    assert caught.value.why == "expired"
    publisher.renews(late)
    assert publisher.reads(now=late).latest.expires == late + timedelta(days=90)
    after = contents(publisher.place)
    assert {path for path in after if after[path] != before.get(path)} == {"latest.json", "latest.json.sig"}
    shutil.rmtree(publisher.folder)
    with pytest.raises(StateFault, match="does not hold release 1"):
        publisher.renews(late)


def test_an_earlier_state_is_not_published_again(publisher: Publisher) -> None:
    publisher.adds("c")
    publisher.publishes()
    publisher.git("checkout", "--quiet", "release/1")
    with pytest.raises(StateFault, match=r"release 2 shows commit .*, which is not in the history of HEAD"):
        publisher.publishes()


def test_nothing_is_published_from_what_is_not_a_commit(publisher: Publisher) -> None:
    (publisher.root / "registry/masts/c.yaml").write_text("id: c\n")
    with pytest.raises(StateFault, match="uncommitted changes"):
        publisher.publishes()
    publisher.commits({"registry/masts/c.yaml": "id: [\n"})
    with pytest.raises(Refused, match="1 record cannot be read"):
        publisher.publishes()
    publisher.commits({"registry/masts/c.yaml": None, "registry/masts/x/a.yaml": "id: a\n"})
    with pytest.raises(Refused, match="same id"):
        publisher.publishes()


def test_a_folder_of_another_history_is_left_alone(publisher: Publisher, tmp_path: Path) -> None:
    publisher.adds("c")
    twin = copy_publisher(tmp_path / "all", tmp_path / "twin")
    twin.adds("d")
    twin.publishes()
    publisher.publishes()
    before = contents(publisher.folder)
    publisher.adds("e")
    shutil.rmtree(publisher.folder)
    shutil.copytree(twin.folder, publisher.folder)
    with pytest.raises(StateFault, match="holds a release 2 that no tag knows"):
        publisher.publishes()
    assert before.keys() >= contents(publisher.folder).keys()


def test_a_tag_of_somebody_else_is_no_release(publisher: Publisher) -> None:
    publisher.git("tag", "-a", "release/2", "-m", "Version 2")
    publisher.adds("c")
    with pytest.raises(StateFault, match="the tag release/2 is no release of this registry"):
        publisher.publishes()
