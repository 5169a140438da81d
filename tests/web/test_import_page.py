"""`/import`: a file is given, asked about, shown and written; a workbook that was sent out comes back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from browser import launch
from communes import ISTRES, edit, metropolis, send
from desk import DeskClient, Reply, serving, text_of
from desk_forms import post, review, sheet, write
from importing import git
from tab import open_desk

HEADINGS, ROW = "N°;Type;Adresse;X;Y;{note}\n", "EP-{n};candélabre;{n} rue {street};4.98{n};43.51;n\n"
ACTING = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry from which a workbook went out, into `out` beside it."""
    root = metropolis(tmp_path_factory.mktemp("import") / "registry", (ISTRES,))
    send(root, root.parent / "out")
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


def lamps(street: str = ACTING, note: str = "<b>Note</b>") -> bytes:
    return (HEADINGS.format(note=note) + "".join(ROW.format(n=n, street=street) for n in range(3))).encode()


def give(client: DeskClient, name: str, content: bytes) -> str:
    """Give a file; the path of its page."""
    reply = client.post("/import", files={"file": (name, content)})
    assert reply.status == 303, reply.text
    return "/import/" + reply.headers["Location"].rpartition("/")[2].partition("?")[0]


def test_a_file_is_shown_asked_about_and_imported_in_one_commit(client: DeskClient, root: Path) -> None:
    path = give(client, "lampes d'Istres.csv", lamps())
    page = client.get(path)
    assert "3 rows, 6 columns" in text_of(page)
    assert ACTING not in page.text
    assert "<b>Note" not in page.text
    assert sheet(page).values["a.column.1"] == ["type"]
    assert "3 added" in text_of(review(client, path, {"sheet.=owner": "istres"}))
    before = git(root, "rev-parse", "HEAD")
    commit = write(client, path, {"sheet.=owner": "istres"})
    assert git(root, "rev-parse", f"{commit}~1") == before
    assert git(root, "log", "-1", "--format=%s").strip() == "Import 3 supports from lampes d'Istres.csv"
    assert client.get(path).status == 404, "the file is kept no longer than it is needed"
    mapping = git(root, "show", "--format=", "--name-only", "HEAD", "--", "*.toml").strip()
    assert mapping in text_of(client.get("/import"))


def test_next_years_file_is_read_likewise_and_ends_what_is_gone(client: DeskClient, root: Path) -> None:
    write(client, give(client, "postes.csv", lamps("des Lices", "Note")), {"sheet.=owner": "istres"})
    shorter = lamps("du Port", "Note").rpartition(b"EP-2")[0]
    write(client, give(client, "postes.csv", shorter), {"gone": "retire"})
    changed = git(root, "show", "--format=", "--name-only", "HEAD").split()
    assert sum(name.startswith("registry/supports/") for name in changed) == 3
    assert "removed" in git(root, "show", "--format=", "HEAD")


def test_a_sheet_that_lost_what_named_its_rows_is_asked_about(client: DeskClient, root: Path) -> None:
    """Its numbers are in another column; then in none, and one row stands between two records."""
    rows = [f"{100 + n};candélabre;13047;istres;4.98{n};43.51{n};en service\n" for n in range(1, 7)]
    head = "NUMERO;TYPE;INSEE;PROPRIO;lon;lat;STATUT\n"
    write(client, give(client, "mats.csv", (head + "".join(rows)).encode()))
    renamed = (head.replace("NUMERO", "num_pl") + "".join(rows)).replace("en service", "hors service")
    path = give(client, "mats.csv", renamed.encode())
    assert "num_pl · holds 6 of the 6 values" in text_of(client.get(path))
    write(client, path)
    assert "Import 6 supports from mats.csv" in git(root, "log", "-1", "--format=%s")
    moved = [row.partition(";")[2].replace("4.981;43.511", "4.9811;43.511") for row in rows]
    path = give(client, "mats.csv", (head.partition(";")[2] + "".join(moved)).encode())
    page = client.get(path)
    for _ in range(3):
        page = post(client, path, page, {})
        if "which record is it?" in text_of(page):
            break
    assert "which record is it?" in text_of(page)
    write(client, path)
    assert "from mats.csv" in git(root, "log", "-1", "--format=%s")


def test_rows_that_cannot_come_in_are_named_and_nothing_is_written(client: DeskClient, root: Path) -> None:
    before = git(root, "rev-parse", "HEAD")
    content = lamps().replace(b"4.981", b"novembre").replace("candélabre;2".encode(), "<i>cassé;2".encode())
    path = give(client, "faux.csv", content)
    page = post(client, path, client.get(path), {"kind.kind": "support"})
    page = post(client, path, page, {"sheet.=owner": "istres"})
    assert page.status == 422
    assert "<i>cassé" in text_of(page)
    assert "<i>cassé" not in page.text
    assert git(root, "rev-parse", "HEAD") == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("program.exe", b"MZ\x90\0\3\0\0\0"),
        ("page.html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("paper.pdf", b"%PDF-1.7"),
        ("sheet.csv", b"\0\1\2\3" * 100),
        ("sheet.xlsx", b"\x89PNG\r\n\x1a\n\0\0"),
        ("", b"a;b\n1;2\n"),
    ],
)
def test_by_its_first_bytes_no_file_to_import(client: DeskClient, name: str, content: bytes) -> None:
    reply = client.post("/import", files={"file": (name, content)})
    assert (reply.status, "alert(1)" in reply.text) == (422, False)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.xlsx", b"PK\x03\x04"),
        ("x.zip", b"PK\x03\x04"),
        ("x.xls", b"\xd0\xcf\x11\xe0"),
        ("x.gpkg", b"SQLite format 3\0"),
        ("x.parquet", b"PAR1"),
        ("x.shp", b"\0\0\x27\x0a"),
        ("x.json", b"[" * 1000),
    ],
)
def test_a_damaged_file_is_said_to_be_one(client: DeskClient, name: str, start: bytes) -> None:
    reply = client.post("/import", files={"file": (name, start + b"garbage" * 10)})
    if reply.status == 303:
        reply = client.get("/import/" + reply.headers["Location"].rpartition("/")[2])
    assert reply.status in (200, 400, 422)
    assert "x." in text_of(reply)


NAMES = ["../../../smartreg.toml.csv", "..\\..\\x.csv", "-o.csv", ".csv", "<b>\u202e'.csv", "x" * 150 + ".csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_nowhere(client: DeskClient, root: Path, name: str) -> None:
    path = give(client, name, lamps())
    kept = [*(root / ".git/smartreg/uploads" / path.rpartition("/")[2]).iterdir()]
    assert len(kept) == 1
    assert kept[0].parent.stat().st_mode & 0o077 == 0
    page = client.get(path)
    assert (page.status, "<b>\u202e" in page.text) == (200, False)


def test_an_address_of_no_file_is_404(client: DeskClient) -> None:
    for token in ("0" * 64, "..", "%2e%2e", "x"):
        assert client.get(f"/import/{token}").status == 404
        assert client.get(f"/import/{token}/refused").status == 404


def test_a_workbook_comes_back_or_is_given_back_with_its_faults(client: DeskClient, root: Path, tmp_path: Path) -> None:
    (sent,) = (root.parent / "out").iterdir()
    wrong, right = tmp_path / sent.name, tmp_path / "right" / sent.name
    right.parent.mkdir()
    for file, height in ((wrong, "dix mètres"), (right, 11)):
        file.write_bytes(sent.read_bytes())
        edit(file, "Supports", ("istres-ep-1", "hauteur_m", height))
    path = give(client, wrong.name, wrong.read_bytes())
    page = client.get(path)
    assert "dix mètres" in text_of(page)
    given_back = client.get(f"{path}/refused")
    assert given_back.headers["Content-Disposition"].startswith("attachment;")
    book = openpyxl.load_workbook(io.BytesIO(given_back.body))
    marked = [cell.value for row in book["Supports"] for cell in row if cell.comment is not None]
    assert "dix mètres" in marked
    path = give(client, right.name, right.read_bytes())
    assert "according to Istres" in text_of(client.get(path))
    write(client, path)
    assert "Smartreg-On-Behalf-Of: Istres (13047)" in git(root, "log", "-1", "--format=%B")
    again = give(client, right.name, right.read_bytes())
    assert "came back before" in text_of(client.get(again))


def test_by_keyboard_in_a_browser_with_axe(client: DeskClient, tmp_path: Path) -> None:
    """What only a real browser shows: that our forms are let in, that the policy lets the map be drawn, WCAG."""
    file = tmp_path / "clavier.csv"
    file.write_bytes(lamps("du Clavier", "Note"))
    with launch() as browser, open_desk(browser, client, viewport={"width": 320, "height": 800}) as seen:
        page = seen.page
        for path in ("/import", "/changes", "/bilan", "/map"):
            page.goto(client.address(path))
            assert seen.violations() == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator("#canvas path").count() > 0
        page.goto(client.address("/import"))
        page.set_input_files("#file", file)
        page.locator("#file").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/import/[0-9a-f]{64}"))
        assert seen.violations() == []
        owner = page.locator("[name='more.sheet.=owner'], [name='a.sheet.=owner']").first
        owner.press("Control+a")
        owner.press_sequentially("istres")
        owner.press("Enter")
        page.wait_for_load_state()
        page.locator("button[value=write]").press("Enter")
        page.wait_for_url(re.compile("/written/"))
        assert seen.violations() == []
        assert seen.trouble == []


HEAD = "id;TYPE;INSEE;PROPRIO;lon;lat;STATUT;ADRESSE\n"
POST = "{id};mât;13047;istres;4.98{n};43.51;en service;Quai\n"


def asked_for(page: Reply) -> set[str]:
    """The questions about options that refused rows were answered with."""
    return {name.removeprefix("option.") for name in sheet(page).values["asked"] if name.startswith("option.")}


def test_what_the_hints_of_refused_rows_name_is_asked_on_the_page(client: DeskClient, root: Path) -> None:
    """No hint names an option of the command line: each is a question, or a box to tick, to which it leads."""
    write(client, give(client, "un.csv", (HEAD + POST.format(id="opt-1", n=1)).encode()))

    # Another file changes a record, and has a row without a position.
    other = HEAD + POST.format(id="opt-1", n=1).replace("Quai", "Port") + "opt-2;mât;13047;istres;0;0;en service;\n"
    path = give(client, "deux.csv", other.encode())
    page = post(client, path, client.get(path), {"sheet.skip": "-"})
    assert page.status == 422
    assert asked_for(page) >= {"update"}
    assert 'href="#q-option.update"' in page.text
    named = re.findall(r"<small>[^<]*(?:<a[^>]*>[^<]*</a>[^<]*)*</small>", page.text)
    assert not [hint for hint in named if re.search(r">[^<]*--[a-z]", hint)], named
    page = post(client, path, page, {"option.update": "true", "sheet.skip": "lon=0"})
    assert "write" in sheet(page).buttons, text_of(page)
    assert post(client, path, page, {}, "write").status == 303
    assert "address: Port" in git(root, "show", "HEAD:registry/supports/13047/opt-1.yaml")


def test_a_past_fact_that_a_file_changes_is_corrected_or_moved_on_a_day(client: DeskClient, root: Path) -> None:
    """A device that stands elsewhere in the next file: since when, or wrong before, with the reason."""
    devices = "id;type;owner;use_cases;lon;lat;status;installed_on\n"
    row = "opt-dev;sensor;istres;{use};{lon};43.51;installed;2024-03-01\n"
    use = next(path.stem for path in (root / "registry/use-cases").iterdir())
    write(client, give(client, "capteurs.csv", (devices + row.format(use=use, lon=4.981)).encode()))
    path = give(client, "capteurs.csv", (devices + row.format(use=use, lon=4.985)).encode())
    page = review(client, path)
    assert asked_for(page) == {"moved_on"}
    assert 'value="correct"' in page.text
    assert 'href="#allow"' in page.text
    write(client, path, {"allow": "correct", "reason": "a slip of the pen"})
    assert "Smartreg-Op: correct" in git(root, "log", "-1", "--format=%B")

    path = give(client, "capteurs.csv", (devices + row.format(use=use, lon=4.982)).encode())
    page = post(client, path, review(client, path), {"option.moved_on": "2024-05-02"})
    assert post(client, path, page, {}, "write").status == 303
    assert 'until: "2024-05-01"' in git(root, "show", "HEAD:registry/equipment/opt-dev.yaml")
