"""`/settle`: what a merge left in conflict is settled field by field, and the merge gets its commit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conventions import FILES, place
from desk import DeskClient, serving, text_of
from desk_forms import git, lay, post, review, sheet

from smartreg.web import state

POLE, GUEST = "registry/supports/13047/pole.yaml", "registry/equipment/guest.yaml"
HEIGHT, ADDRESS = "support/pole.height_m", "support/pole.address"
MAST = (
    'id: mast\ntype: mast\nowner: amp\ninsee_code: "13047"\nlocation: {{lon: {lon}, lat: 43.514}}\nstatus: in_service\n'
)


def change(root: Path, texts: dict[str, str | None], who: str) -> None:
    for path, text in texts.items():
        if text is None:
            (root / path).unlink()
        else:
            place(root, path, text)
    git(root, "add", "-A", "registry")
    git(root, "-c", f"user.name={who}", "commit", "-qm", f"by {who}")


def merging(root: Path, ours: dict[str, str | None], theirs: dict[str, str | None]) -> None:
    """A merge that Git could not end: of what Nina did on a branch into what Sam did."""
    git(root, "switch", "-q", "-c", "aside")
    change(root, theirs, "Nina")
    git(root, "switch", "-q", "main")
    change(root, ours, "Sam")
    done = subprocess.run(["git", "merge", "-q", "aside"], cwd=root, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr


def pole(more: str) -> str:
    return FILES[POLE] + more


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "root")


@pytest.fixture
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


def test_fields_take_a_side_or_another_value_and_the_merge_its_commit(client: DeskClient, root: Path) -> None:
    """A field is not settled by a click too few, and nothing is written before it was shown."""
    merging(root, {POLE: pole("address: Quai\nheight_m: 4\n")}, {POLE: pole("address: Port\nheight_m: 5\n")})
    assert "/settle" in client.get("/").text
    assert "/settle" in client.get("/records/support/pole").text
    page = client.get("/settle")
    assert "4 · main, Sam, 20" in text_of(page)
    assert "5 · aside, Nina, 20" in text_of(page)

    assert "Nothing to change." in post(client, "/settle", page, {}).text
    page = post(client, "/settle", page, {ADDRESS: "t", HEIGHT: "v"})
    page = post(client, "/settle", page, {f"{HEIGHT}.v": "high"})
    assert page.status == 422
    assert f'href="#q-{HEIGHT}.v"' in page.text
    page = post(client, "/settle", page, {f"{HEIGHT}.v": "4.5"})
    assert "a merge is in progress" in text_of(page)
    assert "makes the commit of the merge" in text_of(page)
    assert "<ins>Port</ins>" in page.text
    assert "<<<<<<<" in (root / POLE).read_text("utf-8")
    done = post(client, "/settle", page, {}, "write")

    assert done.status == 303, done.text
    text = (root / POLE).read_text("utf-8")
    assert text.endswith("address: Port\nheight_m: 4.5\n")
    assert git(root, "show", f"HEAD:{POLE}") == text
    assert git(root, "log", "-1", "--format=%an %s") == "SIG Merge branch 'aside'\n"
    assert len(git(root, "rev-parse", "HEAD^@").split()) == 2
    assert git(root, "status", "--porcelain", "--", "registry") == ""
    written = client.get("/written/HEAD")
    assert "<ins>Port</ins>" in written.text
    assert "/undo/" not in written.text  # a merge is not undone so
    assert client.get("/settle").status == 404


def test_times_are_those_of_the_zone_of_the_registry(
    client: DeskClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever that of this computer or of the commit is: on the first page, and between two sides."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-15T20:30:00-03:00")
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    assert "2026-01-16 00:30" in text_of(client.get("/"))
    page = text_of(client.get("/settle"))
    assert "4 · main, Sam, 2026-01-16 00:30" in page
    assert "5 · aside, Nina, 2026-01-16 00:30" in page


def test_what_stays_in_conflict_waits_and_what_one_side_deleted_is_kept_or_deleted(
    client: DeskClient, root: Path
) -> None:
    guest = FILES[GUEST] + "notes: moved\n"
    merging(root, {POLE: pole("height_m: 4\n"), GUEST: None}, {POLE: pole("height_m: 5\n"), GUEST: guest})
    page = review(client, "/settle", {"equipment/guest": "t"})
    first = post(client, "/settle", page, {}, "write")
    assert first.headers["Location"] == client.desk.access.base + "/"
    assert (root / GUEST).read_text("utf-8") == guest
    assert git(root, "ls-files", "--unmerged").count(POLE) == 3
    assert git(root, "ls-files", "--unmerged").count(GUEST) == 0

    page = client.get("/settle")
    assert "guest" not in text_of(page)
    page = review(client, "/settle", {HEIGHT: "o"})
    assert post(client, "/settle", page, {}, "write").status == 303
    assert git(root, "show", f"HEAD:{POLE}").endswith("height_m: 4\n")
    assert git(root, "show", f"HEAD:{GUEST}") == guest


def test_two_records_under_one_id_are_both_kept(client: DeskClient, root: Path) -> None:
    """Others that are in conflict wait for it: they may name it."""
    path = "registry/supports/13047/mast.yaml"
    merging(root, {path: MAST.format(lon=4.98)}, {path: MAST.format(lon=4.97).replace("amp", "istres")})
    page = review(client, "/settle", {"support/mast.id": "r", "support/mast.id.r": "mast-2"})
    assert post(client, "/settle", page, {}, "write").status == 303
    assert "owner: istres" in git(root, "show", f"HEAD:{path}")
    assert "owner: amp" in git(root, "show", "HEAD:registry/supports/13047/mast-2.yaml")
    assert git(root, "status", "--porcelain", "--", "registry") == ""


@pytest.mark.promise("R3")
def test_what_was_shown_counts_and_who_comes_second_is_told(client: DeskClient, root: Path) -> None:
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    first, second = (review(client, "/settle", {HEIGHT: "t"}) for _ in range(2))
    (root / POLE).write_text((root / POLE).read_text("utf-8").replace("height_m: 5", "height_m: 6"), "utf-8")
    told = post(client, "/settle", first, {}, "write")
    assert "The registry was changed meanwhile" in told.text
    assert "<<<<<<<" in (root / POLE).read_text("utf-8")
    assert post(client, "/settle", told, {}, "write").status == 303
    assert git(root, "show", f"HEAD:{POLE}").endswith("height_m: 6\n")
    assert post(client, "/settle", second, {}, "write").status == 404


@pytest.mark.promise("R1")
def test_a_commit_that_is_refused_leaves_a_merge_that_is_settled(client: DeskClient, root: Path) -> None:
    """A hook, or what signs: the answers stay in the files, and the page makes the commit once it may."""
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    hook = root / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    refused = post(client, "/settle", review(client, "/settle", {HEIGHT: "t"}), {}, "write")
    assert refused.status == 409
    assert "not today" in refused.text
    assert (root / POLE).read_text("utf-8") == pole("height_m: 5\n")
    hook.unlink()
    page = client.get("/settle")
    assert "write" in sheet(page).buttons
    assert post(client, "/settle", page, {}, "write").status == 303
    assert len(git(root, "rev-parse", "HEAD^@").split()) == 2


def test_a_rebase_goes_on_in_a_terminal(client: DeskClient, root: Path) -> None:
    git(root, "switch", "-q", "-c", "aside")
    change(root, {POLE: pole("height_m: 5\n")}, "Nina")
    git(root, "switch", "-q", "main")
    change(root, {POLE: pole("height_m: 4\n")}, "Sam")
    assert subprocess.run(["git", "rebase", "-q", "aside"], cwd=root, capture_output=True, check=False).returncode
    page = review(client, "/settle", {HEIGHT: "t"})
    assert "goes on in a terminal" in text_of(page)
    assert post(client, "/settle", page, {}, "write").status == 303
    assert git(root, "ls-files", "--unmerged") == ""
    git(root, "-c", "core.editor=true", "rebase", "--continue")
    assert git(root, "show", f"HEAD:{POLE}").endswith("height_m: 4\n")


def test_markers_that_somebody_committed_are_settled_by_a_commit(client: DeskClient, root: Path) -> None:
    marked = "<<<<<<< main\nheight_m: 4\n=======\nheight_m: 5\n>>>>>>> aside\n"
    change(root, {POLE: pole(marked)}, "Sam")
    page = review(client, "/settle", {HEIGHT: "t"})
    assert post(client, "/settle", page, {}, "write").status == 303
    assert git(root, "log", "-1", "--format=%s") == "Settle conflicts of support/pole\n"


def test_a_merge_that_began_or_ended_is_seen_at_once(
    client: DeskClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However young what was read before it is."""
    monkeypatch.setattr(state, "OLDEST_S", 3600.0)
    client.get("/")
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    assert "4 · main" in text_of(client.get("/settle"))
    git(root, "merge", "--abort")
    assert client.get("/settle").status == 404
    assert "/settle" not in client.get("/").text


def test_what_was_settled_in_a_terminal_waits_for_the_same_button(client: DeskClient, root: Path) -> None:
    """`resolve` and editors leave `git add` to their user; a file that is no record stays theirs."""
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    (root / POLE).write_text(pole("height_m: 6\n"), "utf-8")
    page = client.get("/settle")
    assert "6" in page.text
    (root / POLE).write_text(pole("height_m: 7\n"), "utf-8")
    told = post(client, "/settle", page, {}, "write")
    assert "The registry was changed meanwhile" in told.text
    assert post(client, "/settle", told, {}, "write").status == 303
    assert git(root, "show", f"HEAD:{POLE}") == pole("height_m: 7\n")
    assert len(git(root, "rev-parse", "HEAD^@").split()) == 2


def test_what_a_failed_merge_driver_left_is_not_taken_for_settled(client: DeskClient, root: Path) -> None:
    """It leaves our side without any mark of a conflict."""
    (root / ".git/info/attributes").write_text("registry/** merge=gone\n", "utf-8")
    git(root, "config", "merge.gone.driver", "false")
    merging(root, {POLE: pole("height_m: 4\n")}, {POLE: pole("height_m: 5\n")})
    page = client.get("/settle")
    assert f"No form can settle {POLE}" in text_of(page)
    assert "write" not in sheet(page).buttons


def test_what_is_no_record_is_settled_in_a_terminal(client: DeskClient, root: Path) -> None:
    def texts(name: str) -> dict[str, str | None]:
        return {"registry/README.md": f"{name}\n", POLE: pole(f"notes: {name}\n")}

    merging(root, texts("ours"), texts("theirs"))
    page = review(client, "/settle", {"support/pole.notes": "t"})
    assert "No form can settle registry/README.md" in text_of(page)
    assert post(client, "/settle", page, {}, "write").status == 303
    page = client.get("/settle")
    assert "No form can settle registry/README.md" in text_of(page)
    assert sheet(page).buttons == ["continue"]
    assert "Nothing to change." in text_of(page)
    git(root, "checkout", "-q", "--ours", "registry/README.md")
    git(root, "add", "registry/README.md")
    assert post(client, "/settle", review(client, "/settle"), {}, "write").status == 303
    assert len(git(root, "rev-parse", "HEAD^@").split()) == 2


def test_without_a_conflict_there_is_no_such_page(client: DeskClient) -> None:
    assert client.get("/settle").status == 404
