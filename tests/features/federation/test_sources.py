"""Sources: what `source update` takes, what it refuses, and that nothing of a refused release is kept. The attacks are
those of the design of TUF, and what a thief of the key can do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from crashes import Fault, run
from published import COLUMNS, EXPIRES, ID, NOW, Publisher, lines_of, poles, public
from reading import OPTIONS, SENSOR, Reader, new_reader
from signing import Key, new_key
from small import Runs, runs

from smartreg.commands.diff import diff
from smartreg.commands.since import validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.clock import now
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.edit import WriteOptions
from smartreg.features.federation.source_notes import SourceState
from smartreg.features.federation.source_settings import add, close
from smartreg.features.federation.sources import check, repin, states
from smartreg.release.format import RefusedRelease, digest_of, moment_text
from smartreg.schema.settings_file import read_config
from smartreg.workspace.workspace import open_workspace

__all__ = ["runs"]
pytestmark = pytest.mark.promise("R8")
UPDATE = "source update -y"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Key, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return new_key(folder, "one"), new_key(folder, "two")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, keys: tuple[Key, Key]) -> tuple[Path, Publisher]:
    """A registry that has taken the first release of a source, beside what that published."""
    folder = tmp_path_factory.mktemp("prepared")
    publisher = Publisher(folder / "published", keys[0])
    publisher.publish(poles(3))
    reader = new_reader(folder / "reader", publisher)
    reader.updates()
    return folder, publisher


@pytest.fixture
def publisher(tmp_path: Path, prepared: tuple[Path, Publisher]) -> Publisher:
    folder, publisher = prepared
    shutil.copytree(folder / "published", tmp_path / "published")
    return replace(publisher, folder=tmp_path / "published", keys=[], withdrawn=[])


@pytest.fixture
def reader(tmp_path: Path, prepared: tuple[Path, Publisher], publisher: Publisher) -> Reader:
    assert publisher.folder.is_dir()  # beside which it reads
    shutil.copytree(prepared[0] / "reader", tmp_path / "reader")
    return Reader(tmp_path / "reader")


# -- what is taken --------------------------------------------------------------------------------------------


def test_an_update_is_one_commit_of_lock_manifest_and_records(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(3, ep_1={"status": "removed"}))
    before = reader.git("rev-parse", "HEAD")
    _, (state,) = reader.updates()

    assert (state.is_news, state.pin and state.pin.serial, state.refused) == (True, 2, None)
    assert reader.git("rev-list", "--count", f"{before}..HEAD") == "1"
    changed = reader.git("diff", "--name-only", before).split()
    assert changed == ["foreign/cd13.json", "foreign/cd13.json.sig", "foreign/cd13.jsonl", "foreign/lock.json"]
    assert reader.kept() == {"cd13": None, "ep-1": "removed"}  # its owner too, no other pole
    assert not check(open_workspace(reader.root), OPTIONS.on)


def test_an_update_without_news_commits_nothing(reader: Reader) -> None:
    outcome, (state,) = reader.updates()
    assert (outcome, state.is_news) == (None, False)


def test_a_dry_run_writes_nothing(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(3, ep_1={"status": "removed"}))
    head = reader.git("rev-parse", "HEAD")
    outcome, _ = reader.updates(options=WriteOptions(OPTIONS.on, dry_run=True))
    assert outcome is not None
    assert not outcome.written
    assert (reader.git("rev-parse", "HEAD"), reader.kept()["ep-1"]) == (head, "active")


def test_a_record_can_be_fetched_before_a_record_here_names_it(reader: Reader) -> None:
    reader.updates("cd13:ep-2")
    assert reader.kept() == {"cd13": None, "ep-1": "active", "ep-2": "active"}
    reader.commits("registry/equipment/noise-1.yaml", SENSOR.format(id="noise-1", support="cd13:ep-2"))
    reader.updates()
    assert reader.kept() == {"cd13": None, "ep-2": "active"}


def test_what_vanished_leaves_its_number_and_returns(reader: Reader, publisher: Publisher) -> None:
    reader.commits("smartreg.toml", reader.source(publisher, "max_loss = 0.5\n"))
    publisher.publish(poles(3, ep_1=None))
    reader.updates()
    assert reader.kept() == {"ep-1": 2}
    publisher.publish(poles(4, ep_1=None))
    reader.updates()
    assert reader.kept() == {"ep-1": 2}
    publisher.publish(poles(4))
    reader.updates()
    assert reader.kept() == {"cd13": None, "ep-1": "active"}


def test_the_same_releases_give_the_same_files_whatever_was_kept_before(
    reader: Reader, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(poles(3, ep_2={"status": "planned"}))
    publisher.publish(poles(5))
    reader.updates()
    other = tmp_path / "other"
    new_reader(other, publisher).updates()
    for name in ("cd13.json", "cd13.json.sig", "cd13.jsonl"):
        assert (other / "foreign" / name).read_bytes() == (reader.root / "foreign" / name).read_bytes()


def _losses(state: SourceState) -> tuple[int, int]:
    assert state.refused is None
    assert state.pin is not None
    return state.pin.lost, state.pin.base


def test_losses_add_up_over_updates(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(100))
    reader.updates()
    publisher.publish(poles(99))
    _, (state,) = reader.updates()
    assert _losses(state) == (1, 101)
    publisher.publish(poles(98))
    assert reader.refuses() == "loss"
    reader.commits("smartreg.toml", reader.source(publisher, 'accept = {serial = 4, reason = "two poles felled"}\n'))
    _, (state,) = reader.updates()
    assert _losses(state) == (0, 99)
    publisher.publish(poles(98, ep_1={"status": "removed"}))
    assert reader.updates()[1][0].refused is None


def test_a_loss_is_counted_without_the_store_too(reader: Reader, publisher: Publisher) -> None:
    for file in (reader.root / ".git/smartreg/releases").rglob("*.jsonl"):
        file.unlink()
    publisher.publish(poles(1))
    assert reader.refuses() == "loss"


def test_withdrawn_records_are_purged(reader: Reader, publisher: Publisher) -> None:
    assert publisher.digest is not None
    publisher.withdraw(1, publisher.digest)
    reader.updates()
    assert reader.kept() == {"ep-1": 1}
    assert not list((reader.root / ".git/smartreg/releases").rglob("*.jsonl"))
    publisher.publish(poles(3))
    reader.updates()
    assert reader.kept() == {"cd13": None, "ep-1": "active"}


def test_an_announced_key_counts_once_it_is_accepted(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    one, two = keys
    publisher.keys = [public(one), public(two)]
    publisher.publish(poles(3))
    reader.updates()
    publisher.publish(poles(3, ep_1={"status": "removed"}), key=two)
    assert reader.refuses() == "signature"
    reader.commits("smartreg.toml", reader.source(publisher))
    _, (state,) = reader.updates()
    assert state.refused is None
    assert reader.kept()["ep-1"] == "removed"


def test_a_closed_source_is_left_alone_and_does_not_expire(reader: Reader) -> None:
    close(open_workspace(reader.root), "cd13", OPTIONS)
    with pytest.raises(UsageFault, match="closed"):
        reader.updates("cd13")
    assert reader.updates() == (None, [])
    assert not check(open_workspace(reader.root), EXPIRES.date() + timedelta(days=9))


def test_one_refused_source_does_not_hold_the_others_back(
    reader: Reader, publisher: Publisher, tmp_path: Path, keys: tuple[Key, Key]
) -> None:
    other = Publisher(tmp_path / "other", keys[0], id="22222222-2222-4333-8444-555555555555")
    other.publish(poles(2))
    block = f"[sources.a]\nid = '{other.id}'\nurl = '../other'\nkeys = ['{public(keys[0])}']\n"
    reader.commits("smartreg.toml", f"{reader.source(publisher)}{block}")
    reader.commits("registry/equipment/noise-2.yaml", SENSOR.format(id="noise-2", support="a:ep-2"))
    publisher.publish(poles(1))
    _, after = reader.updates()
    assert [(state.alias, state.refused and state.refused.why) for state in after] == [("a", None), ("cd13", "loss")]
    assert [line["id"] for line in lines_of(reader.root / "foreign/a.jsonl")] == ["cd13", "ep-2"]
    assert reader.git("log", "-1", "--format=%s") == "Update the sources a (1), note 1 refusal"


def test_withdrawn_records_go_also_where_the_next_release_is_refused(reader: Reader, publisher: Publisher) -> None:
    first = publisher.digest
    assert first is not None
    publisher.publish(poles(3, ep_1=None), columns=COLUMNS[:1])
    publisher.withdraw(1, first)
    _, (state,) = reader.updates()
    assert state.refused is not None
    assert (state.refused.why, state.pin and (state.pin.serial, state.pin.withdrawn)) == ("shape", (1, True))
    assert reader.kept() == {"ep-1": 1}
    assert not list((reader.root / ".git/smartreg/releases").rglob("*.jsonl"))
    assert not check(open_workspace(reader.root), OPTIONS.on)


# -- stolen and lost keys -------------------------------------------------------------------------------------


def _revoking(publisher: Publisher, stolen: Key, after: int) -> str:
    return Reader.source(publisher, f'revoked_after = {{"{stolen.fingerprint}" = {after}}}\n')


def test_a_stolen_key_signs_no_later_release(reader: Reader, publisher: Publisher, keys: tuple[Key, Key]) -> None:
    """The thief goes on from release 1, with the stolen key and then with one of its own; the publisher with a new one,
    which no release announced."""
    stolen, new = keys
    theirs = replace(publisher, folder=publisher.folder.with_name("theirs"))
    shutil.copytree(publisher.folder, theirs.folder)
    publisher.keys = [public(new)]
    publisher.publish(poles(3, ep_1={"status": "removed"}), key=new)
    assert reader.refuses() == "signature"  # nobody here knows the new key yet
    reader.commits("smartreg.toml", _revoking(publisher, stolen, 1))
    assert not check(open_workspace(reader.root), OPTIONS.on)  # release 1 counts as before
    _, (state,) = reader.updates()
    assert (state.refused, reader.kept()["ep-1"]) == (None, "removed")

    reader.git("reset", "--quiet", "--hard", "HEAD~1")
    shutil.rmtree(publisher.folder)
    theirs.folder.rename(publisher.folder)
    theirs.folder = publisher.folder
    theirs.keys = [public(stolen)]
    theirs.publish(poles(3, ep_1={"status": "removed"}))
    assert reader.refuses() == "signature"
    theirs.announce(serial=1, manifest=publisher_digest(theirs, 1), expires=EXPIRES)
    assert reader.refuses() == "signature"  # nor does it say what is the latest today


def publisher_digest(publisher: Publisher, serial: int) -> str:
    return digest_of((publisher.folder / ID / f"{serial:06}/datapackage.json").read_bytes())


def test_what_a_stolen_key_signed_before_that_was_known_is_found_and_left(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    stolen, new = keys
    genuine = shutil.copytree(publisher.folder, publisher.folder.with_name("genuine"))
    publisher.publish(poles(3, ep_1={"status": "removed"}))
    reader.updates()
    owner = replace(publisher, folder=genuine, serial=1, digest=publisher_digest(publisher, 1), keys=[public(new)])
    digest = owner.publish(poles(3), key=new)
    reader.commits("smartreg.toml", _revoking(owner, stolen, 1).replace("../genuine", str(genuine)))
    assert _codes(reader) == ["REF224"]
    assert reader.refuses() == "fork"
    repin(open_workspace(reader.root), "cd13", digest, OPTIONS, NOW)
    assert (_codes(reader), reader.kept()["ep-1"]) == ([], "active")


def test_a_revoked_key_that_is_one_of_several_needs_no_new_trust(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    stolen, spare = keys
    publisher.keys = [public(stolen), public(spare)]
    publisher.publish(poles(3))
    reader.updates()
    publisher.keys = [public(spare)]
    reader.commits("smartreg.toml", _revoking(publisher, stolen, 2))
    publisher.publish(poles(3, ep_1={"status": "removed"}), key=spare)
    _, (state,) = reader.updates()
    assert (state.refused, reader.kept()["ep-1"]) == (None, "removed")


# -- what is refused ------------------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"active", b"ACTIVE", 1) if b"active" in content else content[:-1] + b" ")


def half_of_the_rows(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(1))


def changed_type(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), columns=[COLUMNS[0], {"name": "status", "type": "INTEGER"}])


def missing_column(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), columns=COLUMNS[:1])


def flipped_byte(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    _flip(publisher.folder / ID / "000002/records.jsonl")


def longer_file(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    with open(publisher.folder / ID / "000002/records.jsonl", "ab") as file:
        file.write(b"{}\n" * 1000)


def edited_manifest(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    place = publisher.folder / ID / "000002/datapackage.json"
    place.write_bytes(place.read_bytes().replace(b"CD 13", b"CD 14"))


def edited_manifest_announced(publisher: Publisher, _other: Key) -> None:
    edited_manifest(publisher, _other)
    place = publisher.folder / ID / "000002/datapackage.json"
    publisher.announce(manifest=digest_of(place.read_bytes()))


def by_another_key(publisher: Publisher, other: Key) -> None:
    publisher.keys = [public(other)]
    publisher.publish(poles(3), key=other)


def latest_by_another_key(publisher: Publisher, other: Key) -> None:
    publisher.publish(poles(3))
    publisher.announce(key=other)


def of_another_registry(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), registry="22222222-2222-4333-8444-555555555555")


def latest_of_another_registry(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    publisher.announce(registry="22222222-2222-4333-8444-555555555555")


def rolled_back(publisher: Publisher, _other: Key) -> None:
    publisher.serial, publisher.digest = 0, None
    publisher.publish(poles(2), serial=1)


def same_number_other_content(publisher: Publisher, _other: Key) -> None:
    publisher.serial, publisher.digest = 0, None
    publisher.publish(poles(3, ep_1={"status": "removed"}), serial=1)


def forked(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), previous=f"sha256:{'b' * 64}")


def forked_with_its_own_past(publisher: Publisher, other: Key) -> None:
    same_number_other_content(publisher, other)
    publisher.publish(poles(3))


def skipped_a_number(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), serial=3)


def expired(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3), expires=NOW - timedelta(seconds=1))


def unsigned(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    (publisher.folder / ID / "000002/datapackage.json.sig").unlink()


def signed_for_another_purpose(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    place = publisher.folder / ID / "000002/datapackage.json"
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(publisher.key.file)]
    done = subprocess.run(command, input=place.read_bytes(), check=True, capture_output=True)
    Path(f"{place}.sig").write_bytes(done.stdout)


def a_link_for_the_records(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3))
    place = publisher.folder / ID / "000002/records.jsonl"
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")


def issued_tomorrow(publisher: Publisher, _other: Key) -> None:
    later = NOW + timedelta(days=2)
    publisher.publish(poles(3))
    publisher.announce(issued=moment_text(later), expires=later + timedelta(days=90))


def another_id_in_the_data(publisher: Publisher, _other: Key) -> None:
    publisher.publish(poles(3, ep_1={"id": "ep-2"}))


def the_same_id_twice(publisher: Publisher, _other: Key) -> None:
    class Twice(dict):  # type: ignore[type-arg]
        def items(self):  # type: ignore[no-untyped-def]
            return [*super().items(), *super().items()]

    publisher.publish(Twice(poles(3)))


ATTACKS: dict[Callable[[Publisher, Key], None], str] = {
    half_of_the_rows: "loss",
    changed_type: "shape",
    missing_column: "shape",
    flipped_byte: "file",
    longer_file: "file",
    edited_manifest: "chain",
    edited_manifest_announced: "signature",
    by_another_key: "signature",
    latest_by_another_key: "signature",
    of_another_registry: "registry",
    latest_of_another_registry: "registry",
    rolled_back: "fork",
    same_number_other_content: "fork",
    forked: "fork",
    forked_with_its_own_past: "fork",
    skipped_a_number: "unreadable",
    expired: "expired",
    unsigned: "signature",
    signed_for_another_purpose: "signature",
    a_link_for_the_records: "file",
    the_same_id_twice: "file",
    another_id_in_the_data: "file",
    issued_tomorrow: "unreadable",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_refused_and_the_last_release_stays(
    attack: Callable[[Publisher, Key], None], reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    attack(publisher, keys[1])
    assert reader.refuses() == ATTACKS[attack]
    assert reader.kept() == {"cd13": None, "ep-1": "active"}


def test_an_older_release_announced_again_is_refused(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(3))
    reader.updates()
    publisher.announce(serial=1)
    assert reader.refuses() == "rollback"


def test_a_source_that_vanished_keeps_its_last_release(reader: Reader, publisher: Publisher) -> None:
    publisher.folder.rename(publisher.folder.with_name("gone"))
    assert reader.refuses() == "unreadable"
    head = reader.git("rev-parse", "HEAD")
    assert reader.refuses() == "unreadable"
    assert reader.git("rev-parse", "HEAD") == head  # an outage is noted once, with its first day
    workspace = open_workspace(reader.root)
    (state,) = states(workspace.current)
    assert (state.pin and state.pin.unreachable, check(workspace, OPTIONS.on)) == ("2026-12-01", [])
    publisher.folder.with_name("gone").rename(publisher.folder)
    _, (state,) = reader.updates()
    assert (state.pin and state.pin.unreachable, reader.git("status", "--porcelain")) == ("", "")


def test_why_nothing_is_kept_of_a_source_is_noted_once(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key], runs: Runs
) -> None:
    settings = reader.source(publisher)
    reader.git("rm", "--quiet", "-r", "foreign")
    reader.commits("smartreg.toml", settings.replace(public(keys[0]), public(keys[1])))
    assert reader.refuses() == "signature"
    head = reader.git("rev-parse", "HEAD")
    assert reader.refuses() == "signature"
    assert reader.git("rev-parse", "HEAD") == head
    (state,) = states(open_workspace(reader.root).current)
    assert (state.pin, state.refusal and state.refusal.refused) == (None, "signature")
    listed = runs("source", "list", "-C", str(reader.root))[1]
    assert "nothing kept yet" in listed
    assert "its latest release is refused (signature)" in listed
    reader.commits("smartreg.toml", settings)
    reader.updates()
    (state,) = states(open_workspace(reader.root).current)
    assert (state.pin and state.pin.serial, state.refusal) == (1, None)


def test_a_refusal_is_recorded_once(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(1))
    assert reader.refuses() == "loss"
    head = reader.git("rev-parse", "HEAD")
    assert reader.git("log", "-1", "--format=%s") == "Note why nothing new is kept of cd13 (loss)"
    assert reader.refuses() == "loss"
    assert reader.git("rev-parse", "HEAD") == head


def test_a_lock_of_another_release_is_no_base_for_an_update(reader: Reader) -> None:
    lock = reader.root / "foreign/lock.json"
    reader.commits("foreign/lock.json", lock.read_text().replace("sha256:", "sha256:0"))
    with pytest.raises(StateFault, match="not the manifest that the lock names"):
        reader.updates()


def test_repin_takes_the_digest_that_the_publisher_says(reader: Reader, publisher: Publisher) -> None:
    digest = publisher.publish(poles(1))
    with pytest.raises(RefusedRelease):
        repin(open_workspace(reader.root), "cd13", f"sha256:{'0' * 64}", OPTIONS, NOW)
    repin(open_workspace(reader.root), "cd13", digest, OPTIONS, NOW)
    assert not check(open_workspace(reader.root), OPTIONS.on)


# -- what is kept ---------------------------------------------------------------------------------------------


def test_a_forged_record_does_not_prove_that_it_is_in_the_release(reader: Reader) -> None:
    place = reader.root / "foreign/cd13.jsonl"
    place.write_text(place.read_text().replace('"status":"active"', '"status":"removed"'))
    assert _codes(reader) == ["REF224"]


def test_whoever_forges_lock_and_manifest_cannot_sign(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    mine = Publisher(publisher.folder.with_name("mine"), keys[1])
    mine.publish(poles(3, ep_1={"status": "removed"}))
    forged = Reader.source(mine)
    reader.commits("smartreg.toml", forged)
    reader.git("rm", "--quiet", "foreign/lock.json")
    reader.git("commit", "--quiet", "-m", "forget")
    reader.updates()
    reader.commits("smartreg.toml", Reader.source(publisher))  # the keys that the base of a review lists
    found = _found(reader)
    assert [finding.code for finding in found] == ["REF224"]
    assert "signed by" in found[0].message.in_("en")


def test_an_expired_release_is_a_warning(reader: Reader) -> None:
    found = check(open_workspace(reader.root), EXPIRES.date() + timedelta(days=1))
    assert [(finding.code, finding.severity) for finding in found] == [("REF225", "warning")]


def _found(reader: Reader) -> list[Finding]:
    return check(open_workspace(reader.root), OPTIONS.on)


def _codes(reader: Reader) -> list[str]:
    return [finding.code for finding in _found(reader)]


@pytest.mark.promise("R9")
def test_the_gate_checks_signatures_by_the_keys_of_the_base(
    reader: Reader, publisher: Publisher, keys: tuple[Key, Key]
) -> None:
    base = reader.git("rev-parse", "HEAD")
    mine = Publisher(publisher.folder.with_name("mine"), keys[1])
    mine.publish(poles(3, ep_1={"status": "removed"}))
    reader.git("rm", "--quiet", "foreign/lock.json")
    reader.commits("smartreg.toml", Reader.source(mine))  # whoever changes the keys changes nothing for this review
    reader.updates()
    findings = validate_since(open_workspace(reader.root), base, ValidateOptions(OPTIONS.on)).findings
    forged = [finding.message.in_("en") for finding in findings if finding.code == "REF224"]
    assert len(forged) == 1
    assert forged[0].startswith("foreign/cd13.json is signed by SHA256:")


def test_a_diff_shows_what_changed_abroad_and_whom_it_touches(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(3, ep_1={"status": "removed"}))
    before = reader.git("rev-parse", "HEAD")
    reader.updates()
    compared = diff(open_workspace(reader.root), rev=before, other="HEAD", on=OPTIONS.on)
    pole = RecordId("support", "cd13:ep-1")
    assert [(change.rid, change.kind) for change in compared.changes] == [(pole, "retired")]
    assert compared.impacts[pole].named_by == (RecordId("equipment", "noise-1"),)


# -- settings -------------------------------------------------------------------------------------------------


def test_add_writes_the_settings_and_gives_the_fingerprint(
    reader: Reader, tmp_path: Path, keys: tuple[Key, Key]
) -> None:
    other = Publisher(tmp_path / "other", keys[1], id="22222222-2222-4333-8444-555555555555")
    other.publish(poles(1))
    _, added = add(open_workspace(reader.root), "sdis", str(other.folder), [public(keys[1])], OPTIONS)
    assert added.fingerprints == (keys[1].fingerprint,)
    sources = open_workspace(reader.root).current.config.sources
    assert list(sources) == ["cd13", "sdis"]
    assert (sources["sdis"].id, sources["sdis"].url) == (other.id, str(other.folder))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('[sources.b]\nid = "{ID}"\nurl = "../b"\nkeys = ["{key}"]\n', "the source cd13 is the same registry"),
        ('revoked_after = {"ssh-ed25519 AAAA" = 3}\n', "is not the fingerprint of a key"),
        ('[sources.b]\nid = "{ID}"\nurl = "http://a.example.org"\nkeys = ["{key}"]\n', "begins with https"),
        ('[sources."\u0441d13"]\nid = "{ID}"\nurl = "../b"\nkeys = ["{key}"]\n', "cannot be an alias"),
        ('[release]\nsucceeds = ["cd13"]\n', "must list the UUIDs of other registries"),
    ],
)
def test_settings_of_sources_that_cannot_be(more: str, why: str, publisher: Publisher) -> None:
    text = Reader.source(publisher, more.replace("{ID}", ID).replace("{key}", public(publisher.key)))
    with pytest.raises(UsageFault, match=why):
        read_config(text.encode())
    with pytest.raises(UsageFault, match="no source of its own"):
        read_config(f'id = "{ID}"\n{Reader.source(publisher)}'.encode())


@pytest.mark.parametrize(
    ("alias", "address", "why"),
    [
        ("cd13", "x", "there is a source cd13 already"),
        ("12", "x", "cannot be an alias"),
        ("Cd", "x", "cannot be an alias"),
        ("\u0441d13", "x", "cannot be an alias"),  # with a Cyrillic letter that looks like c
        ("a", "https://a.example.org/x", "does not say which registry"),
        ("a", f"http://a.example.org/{ID}", "from a folder or over https"),
        ("a", f"file:///etc/{ID}", "from a folder or over https"),
        ("a", "no-such-folder", "is not a folder"),
        ("a", f"https://a.example.org/{ID}", "the source cd13 is the same registry"),
    ],
)
def test_what_cannot_be_a_source_is_refused(
    alias: str, address: str, why: str, reader: Reader, keys: tuple[Key, Key]
) -> None:
    with pytest.raises(UsageFault, match=why):
        add(open_workspace(reader.root), alias, address, [public(keys[0])], OPTIONS)


def test_the_ids_of_records_and_registries_are_told_apart(reader: Reader) -> None:
    registry = open_workspace(reader.root).current
    assert registry.get(RecordId("support", "cd13:ep-1")) is not None
    assert registry.get(RecordId("support", "ep-1")) is None
    assert list(registry.ids("support")) == []
    assert [*registry.of_kind("support")] == []


# -- killed ---------------------------------------------------------------------------------------------------


@pytest.mark.promise("R1")
@pytest.mark.parametrize("share", [0.45, 0.7, 0.9])
def test_a_killed_update_is_finished_or_undone_by_the_next_one(
    share: float, reader: Reader, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(poles(3, ep_1={"status": "removed"}))
    today = now()
    publisher.announce(issued=moment_text(today), expires=today + timedelta(days=9))
    shutil.copytree(reader.root, tmp_path / "rehearsal")
    rehearsal = Fault(log=tmp_path / "steps")
    assert run(tmp_path / "rehearsal", UPDATE, rehearsal).code == 0
    steps = len((tmp_path / "steps").read_text().splitlines())
    head = reader.git("rev-parse", "HEAD")

    assert run(reader.root, UPDATE, Fault(at=round(steps * share), action="kill")).code < 0
    for _ in range(2):
        assert run(reader.root, UPDATE).code == 0

    assert reader.git("rev-list", "--count", f"{head}..HEAD") == "1"
    assert reader.git("status", "--porcelain") == ""
    assert reader.kept() == {"cd13": None, "ep-1": "removed"}
    assert not check(open_workspace(reader.root), OPTIONS.on)


def test_a_record_that_its_registry_does_not_publish_cannot_be_fetched(reader: Reader) -> None:
    head = reader.git("rev-parse", "HEAD")
    with pytest.raises(UsageFault, match="release 1 has no record ep-9"):
        reader.updates("cd13:ep-9")
    assert reader.git("rev-parse", "HEAD") == head
