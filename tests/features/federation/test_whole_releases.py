"""An observatory keeps whole releases: their tables are fetched once, compared with the manifest before anything reads
them, and go when they are withdrawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from published import ID, Publisher, Table, poles, table
from reading import OPTIONS, Reader, new_reader
from signing import new_key
from small import Runs, runs

from smartreg.commands.show import show
from smartreg.core.errors import StateFault, UsageFault
from smartreg.features.federation.sources import check, kept_releases, refuse_other_table
from smartreg.readers.foreign import table_shapes
from smartreg.release.format import RefusedRelease, ReleaseFile
from smartreg.workspace.workspace import open_workspace

__all__ = ["runs"]
pytestmark = pytest.mark.promise("R8")
WHOLE = "[observatory]\nwhole_releases = true\n"
TEXT = ("id", "VARCHAR"), ("status", "VARCHAR")
POLES, MORE = "kind=supports/data.parquet", "kind=more/data.parquet"


def supports(count: int, *columns: tuple[str, str]) -> Table:
    return table(f"SELECT 'ep-' || range AS id, 'active' AS status FROM range({count})", *(columns or TEXT))


def steady() -> Table:
    return table("SELECT 'a' AS name, 1::DOUBLE AS value", ("name", "VARCHAR"), ("value", "DOUBLE"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Publisher]:
    folder = tmp_path_factory.mktemp("whole")
    publisher = Publisher(folder / "published", new_key(folder, "key"))
    publisher.publish(poles(3), tables={"supports": supports(3), "more": steady()})
    reader = new_reader(folder / "reader", publisher)
    reader.commits("smartreg.toml", reader.source(publisher) + WHOLE)
    _, (state,) = reader.updates()
    assert state.refused is None
    return folder, publisher


@pytest.fixture
def publisher(tmp_path: Path, prepared: tuple[Path, Publisher]) -> Publisher:
    shutil.copytree(prepared[0] / "published", tmp_path / "published")
    return replace(prepared[1], folder=tmp_path / "published", keys=[], withdrawn=[])


@pytest.fixture
def reader(tmp_path: Path, prepared: tuple[Path, Publisher], publisher: Publisher) -> Iterator[Reader]:
    assert publisher.folder.is_dir()  # beside which it reads
    shutil.copytree(prepared[0] / "reader", tmp_path / "reader")
    yield Reader(tmp_path / "reader")
    assert not list((tmp_path / "reader/.git/smartreg/releases").glob("*/*.[0-9]*"))  # no draft stays


def stored(reader: Reader) -> dict[str, bytes]:
    """The files of the release that the lock names, as the store has them."""
    (release,) = kept_releases(open_workspace(reader.root))
    assert (release.alias, release.pin.serial) == ("cd13", release.manifest.serial)
    assert release.folder is not None
    files = [path for path in release.folder.rglob("*") if path.is_file()]
    assert {path.relative_to(release.folder).as_posix() for path in files} == release.manifest.files.keys()
    return {path.relative_to(release.folder).as_posix(): path.read_bytes() for path in files}


def test_the_store_has_every_file_and_git_only_what_is_named(reader: Reader, publisher: Publisher) -> None:
    place = publisher.folder / ID / "000001"
    assert stored(reader) == {name: (place / name).read_bytes() for name in (POLES, MORE, "records.jsonl")}
    assert reader.kept() == {"cd13": None, "ep-1": "active"}
    assert not check(open_workspace(reader.root), OPTIONS.on)


def test_a_record_that_none_here_names_is_shown_from_the_store(reader: Reader, publisher: Publisher) -> None:
    workspace = open_workspace(reader.root)
    shown = show(workspace, "cd13:ep-3", OPTIONS.on)
    assert (str(shown.record.rid), shown.record.data["owner"]) == ("support/cd13:ep-3", "cd13:cd13")
    assert show(workspace, "support/cd13:ep-3", OPTIONS.on).record == shown.record
    with pytest.raises(UsageFault, match="is not kept here") as caught:
        show(workspace, "cd13:ep-9", OPTIONS.on)
    assert "smartreg source update cd13:ep-9" in str(caught.value.hint and caught.value.hint.in_("en"))
    reader.commits("smartreg.toml", reader.source(publisher, 'accept = {serial = 2, reason = "felled"}\n'))
    publisher.publish(poles(3, ep_1=None))
    reader.updates()
    for word, why in (("cd13:ep-3", "is not kept here"), ("cd13:ep-1", "is gone since release 2 of cd13")):
        with pytest.raises(UsageFault, match=why):
            show(open_workspace(reader.root), word, OPTIONS.on)


def test_only_what_changed_is_fetched(reader: Reader, publisher: Publisher) -> None:
    publisher.publish(poles(4), tables={"supports": supports(4), "more": steady()})
    (publisher.folder / ID / "000002" / MORE).unlink()
    _, (state,) = reader.updates()
    assert state.refused is None
    assert stored(reader)[MORE] == steady().content
    assert len({path.stat().st_ino for path in reader.root.glob(f".git/smartreg/releases/*/*/{MORE}")}) == 1


def test_a_deleted_store_is_fetched_again(reader: Reader, runs: Runs) -> None:
    head, before = reader.git("rev-parse", "HEAD"), stored(reader)
    shutil.rmtree(reader.root / ".git/smartreg/releases")
    with pytest.raises(StateFault, match="is not in the store"):
        kept_releases(open_workspace(reader.root))
    (finding,) = check(open_workspace(reader.root), OPTIONS.on)
    assert (finding.code, finding.severity, str(finding.message.in_("en"))) == (
        *("REF224", "warning", "the store lacks 3 files of cd13"),
    )
    assert "the store lacks files" in runs("source", "check", "-C", str(reader.root))[1].splitlines()[0]
    outcome, (state,) = reader.updates()
    assert (outcome, state.is_news, state.is_fetched) == (None, False, True)  # nothing to commit
    assert (stored(reader), reader.git("rev-parse", "HEAD")) == (before, head)


def test_a_file_that_changed_in_the_store_is_used_by_nothing(reader: Reader) -> None:
    before = stored(reader)
    (release,) = kept_releases(open_workspace(reader.root))
    assert release.folder is not None
    (release.folder / POLES).write_bytes(before[POLES][:-1] + b"!")
    with pytest.raises(StateFault, match=r"kind=supports/data\.parquet of cd13 is not in the store"):
        kept_releases(open_workspace(reader.root))
    reader.updates()
    assert stored(reader) == before


def test_without_the_setting_there_are_no_tables(reader: Reader, publisher: Publisher) -> None:
    reader.commits("smartreg.toml", reader.source(publisher))
    shutil.rmtree(reader.root / ".git/smartreg/releases")
    reader.updates("cd13:ep-2")
    assert [path.name for path in reader.root.glob(".git/smartreg/releases/*/*/**/*")] == ["records.jsonl"]
    with pytest.raises(StateFault, match="is not in the store") as caught:
        kept_releases(open_workspace(reader.root))
    assert "whole_releases = true" in str(caught.value.hint)


def test_withdrawn_tables_go(reader: Reader, publisher: Publisher) -> None:
    assert publisher.digest is not None
    publisher.withdraw(1, publisher.digest)
    reader.updates()
    (release,) = kept_releases(open_workspace(reader.root))
    assert (release.folder, release.pin.withdrawn) == (None, True)
    assert not [path for path in reader.root.glob(".git/smartreg/releases/**/*") if path.is_file()]
    assert not check(open_workspace(reader.root), OPTIONS.on)
    assert reader.updates()[0] is None


def test_a_table_that_is_not_what_its_signed_manifest_says_is_refused(reader: Reader, publisher: Publisher) -> None:
    reader.commits("smartreg.toml", f"{reader.source(publisher)}accept = {{serial = 2, reason = 'tables'}}\n{WHOLE}")
    before = stored(reader)
    publisher.publish(poles(3), tables={"supports": replace(supports(3), rows=4)})
    assert reader.refuses() == "file"
    assert stored(reader) == before


def test_each_lie_of_a_table_is_named() -> None:
    whole = supports(3)
    lies = {
        "has other rows or columns": [
            *(replace(whole, rows=4), supports(3, TEXT[0]), supports(3, TEXT[0], ("status", "BIGINT"))),
        ],
        "has an id twice": [
            *(
                table(f"SELECT {id}::VARCHAR AS id, 'active' AS status FROM range(3)", *TEXT)
                for id in ("'ep-1'", "NULL")
            ),
        ],
        "cannot be read": [
            replace(whole, content=b"PAR1" + b"\0" * 100 + b"PAR1"),
            replace(whole, content=b"SQLite format 3\0" + b"\0" * 4096),
            replace(whole, content=whole.content.replace(b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xff")),  # zstd
        ],
        "unpacks to far more": [
            table("SELECT range::VARCHAR AS id, repeat('x', 1000000) AS status FROM range(3)", *TEXT),
            table("SELECT NULL::VARCHAR AS name FROM range(5000000)", ("name", "VARCHAR")),
        ],
    }
    assert len(lies["unpacks to far more"][0].content) < 3000
    tables = [(why, each) for why, several in lies.items() for each in several]
    for (why, each), shape in zip(tables, table_shapes([each.content for _, each in tables]), strict=True):
        stated = ReleaseFile("0" * 64, len(each.content), each.rows, each.columns)
        with pytest.raises(RefusedRelease, match=why):
            refuse_other_table(POLES, stated, shape, 1_000_000)
