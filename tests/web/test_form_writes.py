"""Changes by pages: what they write, what they refuse, and what became of the registry meanwhile."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conventions import place
from desk import DeskClient, serving
from desk_forms import Given, git, lay, post, review, sheet, write
from program import start

from smartreg.web.serve import ask_in_windows_alone

pytestmark = pytest.mark.day("2026-01-15")
FURTHER = {
    "registry/supports/13047/mast.yaml": (
        'id: mast\ntype: mast\nowner: amp\ninsee_code: "13047"\nlocation: {lon: 4.98900, lat: 43.51400}\n'
        'status: in_service\nprevious_owners:\n  - owner: istres   # by deed\n    until: "2019-12-31"\n'
        '  - {owner: bureau, until: "2021-06-30"}\n'
    ),
    "registry/deliberations/exit.yaml": (
        'id: exit\nnumber: D-9\nbody: amp\ndate: "2024-02-01"\nsubject: Exit\ncites: [older]\n'
    ),
    "registry/conventions/k.yaml": (
        "id: k\ntitle: Données\nparties: [amp, bureau, istres]\nfamilies: [data]\nstatus: signed\n"
        'deliberations: [d]\nsigned_on: "2023-12-01"\neffective_until: "2029-12-31"\n'
        "renewal: {tacit: true, period: P1Y, notice: P3M}\ntermination: {unilateral: true, notice: P3M}\n"
    ),
}
ON = "2024-09-02"
ACT: Given = {"--signed-on": ON, "--deliberation": ["exit"]}
CHANGES: dict[str, tuple[str, Given, str]] = {
    "edit": (
        "/records/support/pole/edit",
        {"address": "Quai", "location": "43.5136, 4.9876", "height_m": "4.50"},
        "set support/pole location.lon=4.9876 location.lat=43.5136 address=Quai height_m=4.50",
    ),
    "edit a list": (
        "/records/equipment/guest/edit",
        {"maintainer": "", "measures": ["noiseLevel"], "captures": ["-"], "mobile.insee_codes": ""},
        "set guest --unset maintainer 'measures=[{\"property\":\"noiseLevel\",\"unit\":\"dB[SPL]\"}]' 'captures=[]'",
    ),
    "add a row": (
        "/records/equipment/guest/rows/events",
        {"events.0.date": "2024-06-02", "events.0.kind": "fault", "events.0.note": "it fell, say neighbours"},
        'set guest \'events+={"date":"2024-06-02","kind":"fault","note":"it fell, say neighbours"}\'',
    ),
    "edit a row": (
        "/records/support/mast/rows/previous_owners",
        {"previous_owners.0.until": "2019-12-30", "allow": "correct", "reason": "as the deed says"},
        "set support/mast previous_owners[0].until=2019-12-30 --correct --reason 'as the deed says'",
    ),
    "remove a row, edit and add one": (
        "/records/support/mast/rows/previous_owners",
        {"previous_owners.0.remove": "true", "previous_owners.1.owner": "amp", "previous_owners.2.owner": "istres",
         "previous_owners.2.until": "2022-01-31", "allow": "correct", "reason": "deed"},
        'set support/mast previous_owners[1].owner=amp \'previous_owners+={"owner":"istres","until":"2022-01-31"}\' '
        "--unset previous_owners[0] --correct --reason deed",
    ),
    "remove all rows": (
        "/records/support/mast/rows/previous_owners",
        {"previous_owners.0.remove": "true", "previous_owners.1.remove": "true", "allow": "correct", "reason": "deed"},
        "set support/mast --unset previous_owners --correct --reason deed",
    ),
    "set many": (
        "/records/set?record=support/pole&record=support/mast&lang=en",
        {"FIELD": "height_m", "height_m": "6.50"},
        "set support/pole support/mast height_m=6.50",
    ),
    "set all of a kind": (
        "/records/set?kind=equipment&where=status%3Dactive&all=1",
        {"FIELD": "manufacturer", "manufacturer": "Kerlink"},
        "set guest hosted manufacturer=Kerlink",
    ),
    "rename": (
        "/records/deliberation/exit/rename",
        {"id": "exit-of-amp"},
        "rename exit exit-of-amp",
    ),
    "remove": ("/records/deliberation/exit/remove", {}, "remove exit"),
    "move": (
        "/records/equipment/guest/move",
        {"SUPPORT": "support/mast", "--on": ON},
        f"move guest mast --on {ON}",
    ),
    "move to a point": (
        "/records/equipment/guest/move",
        {"location": "43.51400, 4.98800", "--on": ON},
        f"move guest --location-lon 4.988 --location-lat 43.514 --on {ON}",
    ),
    "replace": (
        "/records/equipment/guest/replace",
        {"dev_eui": "70-b3-d5-7e-d0-06-12-99", "serial_number": "SN, 2", "--on": ON},
        f"replace guest dev_eui=70B3D57ED0061299 'serial_number=SN, 2' --on {ON}",
    ),
    "transfer": (
        "/records/support/pole/transfer",
        {"PARTY": "party/amp", "--on": ON},
        f"transfer support/pole amp --on {ON}",
    ),
    "retire": ("/records/equipment/guest/retire", {"--on": ON}, f"retire guest --on {ON}"),
    "amend": (
        "/conventions/c/amend",
        {"removal_days": "60", "--effective-from": "2024-10-01", **ACT},
        f"amend c removal_days=60 --effective-from 2024-10-01 --deliberation exit --signed-on {ON}",
    ),
    "renew": (
        "/conventions/c/renew",
        {"--until": "2029-12-31", **ACT},
        f"renew c --until 2029-12-31 --deliberation exit --signed-on {ON}",
    ),
    "renew by a new deliberation": (
        "/conventions/c/renew",
        {"--until": "2029-12-31", "--signed-on": ON, "--deliberation": ["+"], "--deliberation-number": "D-7",
         "--date": "2024-08-01", "--subject": "Renewal", "--body": "amp"},
        f"renew c --until 2029-12-31 --signed-on {ON} --deliberation-number D-7 --date 2024-08-01 --subject Renewal "
        "--body amp",
    ),
    "end": (
        "/conventions/k/terminate",
        {"--on": "2025-06-30", "--reason": "by common accord", **ACT},
        f"terminate k --on 2025-06-30 --signed-on {ON} --deliberation exit --reason 'by common accord'",
    ),
    "leave": (
        "/conventions/k/terminate",
        {"HOW": "leaving", "--party": "party/bureau", "--on": "2025-06-30", "--signed-on": ON, "--reason": "letter"},
        f"terminate k --party bureau --on 2025-06-30 --signed-on {ON} --reason letter",
    ),
    "refuse the renewal": (
        "/conventions/k/terminate",
        {"HOW": "no-renewal", "--party": "party/bureau", "--signed-on": ON, "--reason": "letter"},
        f"terminate k --notice-by bureau --signed-on {ON} --reason letter",
    ),
    "annex": (
        "/conventions/c/annex",
        {"--annex": "https://example.org/a.pdf", "--kind": "other", "--title": "Plan", "--sha256": "0" * 64},
        f"annex c https://example.org/a.pdf --kind other --title Plan --sha256 {'0' * 64}",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("forms") / "root", FURTHER)


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[DeskClient]:
    with serving(root) as client:
        yield client


@pytest.fixture(autouse=True)
def restored(root: Path) -> Iterator[None]:
    """Each test begins with the same registry."""
    head = git(root, "rev-parse", "HEAD").strip()
    yield
    git(root, "reset", "-q", "--hard", head)
    git(root, "clean", "-qfd", "registry")


def committed(root: Path) -> str:
    """The files of the last commit, and its message."""
    return git(root, "log", "-1", "--format=%T%n%B")


@pytest.mark.parametrize("name", CHANGES)
def test_a_page_writes_what_the_command_writes(name: str, client: DeskClient, root: Path) -> None:
    path, answers, command = CHANGES[name]

    write(client, path, answers)
    by_page = committed(root)
    git(root, "reset", "-q", "--hard", "HEAD~")
    done = start(*shlex.split(command), "-y", cwd=root)

    assert done.returncode == 0, done.stderr
    assert committed(root) == by_page


@pytest.mark.promise("R3")
def test_two_tabs_and_a_terminal_lose_nothing(client: DeskClient, root: Path) -> None:
    """What was only shown follows the registry; what was answered stays; who comes second is told and looks again."""
    path, pole = "/records/support/pole/edit", root / "registry/supports/13047/pole.yaml"
    first = review(client, path, {"address": "Quai"})
    second, third = review(client, path, {"local_ref": "EP 7"}), client.get(path)
    assert post(client, path, first, {}, "write").status == 303
    assert start("set", "support/pole", "height_m=4", "-y", cwd=root).returncode == 0

    told = post(client, path, second, {}, "write")
    assert told.status == 200
    assert "support/pole was changed meanwhile" in told.text
    assert "EP 7" in told.text
    assert "<del>" not in told.text
    assert post(client, path, told, {}, "write").status == 303
    again = post(client, path, third, {"address": "Port"})
    assert "support/pole was changed meanwhile" in again.text
    assert post(client, path, again, {}, "write").status == 303

    text = pole.read_text("utf-8")
    assert [line in text for line in ("address: Port\n", "local_ref: EP 7\n", "height_m: 4\n")] == [True] * 3
    assert git(root, "status", "--porcelain", "--", "registry") == ""


def test_what_is_written_is_what_was_shown(client: DeskClient, root: Path) -> None:
    """Something else of the registry changes what a new record would be: nothing is written that was not looked at."""
    party = {"name": "Ville de Fos", "category": "private"}
    first, second = (review(client, "/add/party", party) for _ in range(2))
    assert post(client, "/add/party", first, {}, "write").status == 303

    told = post(client, "/add/party", second, {}, "write")
    assert "The registry was changed meanwhile" in told.text
    assert sheet(told).values["a.id"] == ["ville-de-fos-2"]

    own = review(client, "/add/party", party | {"id": "fos"})
    assert start("add-party", "--id", "fos", "--name", "Fos", "--category", "private", "-y", cwd=root).returncode == 0
    refused = post(client, "/add/party", own, {}, "write")
    assert refused.status == 422
    assert '<a href="#q-id">Identifier: party/fos exists already</a>' in refused.text


def test_a_refusal_stands_at_its_field_and_at_the_top(client: DeskClient) -> None:
    path = "/records/equipment/guest/edit"
    page = post(client, path, client.get(path), {"dev_eui": "70B3D57ED0061234", "installed_on": "2024/05/02"})
    assert page.status == 422
    assert page.text.index('role="alert" tabindex="-1" autofocus') < page.text.index('<a href="#q-installed_on">')
    assert '<a href="#q-dev_eui">DevEUI' in page.text
    assert page.text.count('aria-invalid="true"') == 2
    assert sheet(page).values["a.dev_eui"] == ["70B3D57ED0061234"]
    assert sheet(page).values["a.installed_on"] == ["2024/05/02"]

    # What rules find about the record as it would be.
    far = post(client, path, client.get(path), {"removed_on": "2024-01-01"})
    assert far.status == 422
    assert '<a href="#q-removed_on">' in far.text


def test_an_answer_waits_for_its_question(client: DeskClient) -> None:
    """Like another, a device is asked for its DevEUI, like nothing only once its network needs one; what was answered
    before counts once it is asked for."""
    page = client.get("/add/sensor?a.weight_kg=2")
    assert sheet(page).values["a.--like"] == ["-"]
    page = post(client, "/add/sensor", page, {"--like": "hosted"})
    assert sheet(page).values["a.dev_eui"] == [""]
    page = post(client, "/add/sensor", page, {"--like": "-", "dev_eui": "70B3D57ED0061277"})
    assert "q-dev_eui" not in page.text
    page = post(client, "/add/sensor", page, {"owner": "istres", "support": "pole", "network": "lora"})
    assert sheet(page).values["a.dev_eui"] == ["70B3D57ED0061277"]
    assert sheet(page).values["a.weight_kg"] == ["2"]


def test_a_finding_that_may_stay_is_allowed_with_its_reason(client: DeskClient, root: Path) -> None:
    path, answers = "/records/party/bureau/edit", {"notes": "appeler Jeanne au 06 12 34 56 78"}
    page = post(client, path, client.get(path), answers)
    assert page.status == 422
    assert "REC121" in page.text
    page = post(client, path, page, {"allow": "REC121"})
    assert page.status == 422
    page = post(client, path, page, {"allow": "REC121", "reason": "published on its site"})
    done = post(client, path, page, {}, "write")
    assert done.status == 303, (page.text, done.text)
    assert "Smartreg-Allows: REC121" in committed(root)


def test_a_text_of_several_lines_stays_as_it_is(client: DeskClient, root: Path) -> None:
    """A browser sends CR LF, and drops the first line end of a text: what nobody touched is not changed."""
    file = root / "registry/parties/bureau.yaml"
    file.write_text(file.read_text("utf-8") + "notes: |2-\n\n    indented\n  two  \n", "utf-8")
    git(root, "commit", "-qam", "notes")
    page = client.post("/records/party/bureau/edit", {"step": "change"})
    values = sheet(page).values
    assert values["a.notes"] == values["offered.notes"] == ["\n  indented\ntwo  "]
    sent = {name: [text.replace("\n", "\r\n") for text in texts] for name, texts in values.items()}
    assert "Nothing to change." in client.post("/records/party/bureau/edit", {**sent, "step": "continue"}).text


def test_many_choices_are_searched(root: Path, client: DeskClient) -> None:
    for number in range(60):
        street = "des Ormes" if number < 3 else "Basse"
        text = (
            f'id: ep-{number:02}\ntype: mast\nowner: amp\ninsee_code: "13047"\naddress: Rue {street} {number}\n'
            f"status: in_service\nlocation: {{lon: 4.98{number:02}, lat: 43.51{number:02}}}\n"
        )
        place(root, f"registry/supports/13047/ep-{number:02}.yaml", text)
    git(root, "add", "registry")
    git(root, "commit", "-qm", "many")
    path = "/records/equipment/guest/move"

    page = post(client, path, client.get(path), {"SUPPORT": "ormes"})
    assert page.status == 422
    assert "3 match &#34;ormes&#34;: choose one, or add words" in page.text
    assert page.text.count('type="radio" name="pick.SUPPORT"') == 3
    page = post(client, path, page, {"pick.SUPPORT": "support/ep-01", "--on": ON})
    assert "write" in sheet(page).buttons
    again = post(client, path, page, {}, "change")
    assert sheet(again).values["more.SUPPORT"] == ["support/ep-01"]
    assert "Rue des Ormes 1" in again.text

    near = post(client, path, again, {"SUPPORT": "43.5131, 4.9831"})
    assert near.text.index('value="support/ep-31"') < near.text.index('value="support/ep-30"')
    assert "write" in sheet(post(client, path, again, {"SUPPORT": "ormes 2"})).buttons


HOSTILE = (
    '"><script>alert(1)</script>', "\u202eevil\u2066{{7*7}}", "a\x00b", "x" * 20_000, "\r\nSmartreg-Op: add", "1e999",
    "../../../etc/passwd", "- [", "\ud7ff\uffff",
)  # fmt: skip


@pytest.mark.promise("R11")
@pytest.mark.parametrize("path", ["/add/sensor", "/conventions/c/amend", "/conventions/c/annex"])
def test_no_value_breaks_a_page_or_gets_out_of_it(path: str, client: DeskClient, root: Path) -> None:
    page = client.get(path)
    names = sheet(page).values["asked"]
    for value in HOSTILE:
        answered = post(client, path, page, dict.fromkeys(names, value), "write", reason=value, allow=value)
        assert answered.status in (200, 422), (value, answered.text)
        assert "<script>alert" not in answered.text
        assert "\u202e" not in answered.text.replace('value="\u202eevil\u2066{{7*7}}"', "")
    odd = {"asked": ["", ".", "a.b.c", *HOSTILE], "step": "write", "seen": "0" * 40, "shown": "x", "allow": "REC000"}
    assert client.post(path, odd).status in (200, 422)


def test_a_file_is_annexed(client: DeskClient, root: Path) -> None:
    path, given = "/conventions/c/annex", {"--kind": "other", "--title": "Plan"}
    for name, content in (("x.html", b"<script>"), ("x.pdf", b"<script>"), ("../../x.sh", b"%PDF-"), ("pdf", b"%PDF-")):
        refused = client.post(path, {"step": "continue"}, {"file": (name, content)})
        assert refused.status == 422
        assert "is no file that can be annexed" in refused.text
    page = client.post(path, {"step": "continue"}, {"file": ("..\\Plan de l'École.PDF", b"%PDF-1.7 x")})
    assert "Chosen: plan-de-l-ecole.pdf" in page.text
    for answers in (given, {}):
        fields = {name: texts[0] for name, texts in sheet(page).with_answers(answers).items() if name != "asked"}
        asked = sheet(page).values.get("asked", [])
        step = "write" if "write" in sheet(page).buttons else "continue"
        page = client.post(path, {**fields, "asked": asked, "step": step})
    assert page.status == 303, page.text
    assert git(root, "show", "HEAD:registry/annexes/plan-de-l-ecole.pdf") == "%PDF-1.7 x"
    assert not list((root / ".git/smartreg/uploads").iterdir())


def test_a_signature_that_fails_is_said_at_once(
    client: DeskClient, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a passphrase, and nobody to type it: the terminal is not asked, nothing is written, nothing waits."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-C", "", "-f", str(key)], check=True)
    for name in ("SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_AUTH_SOCK", "DISPLAY", "GPG_TTY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    ask_in_windows_alone()
    page = review(client, "/records/support/pole/edit", {"address": "Quai"})
    for setting in ("gpg.format=ssh", f"user.signingKey={key}", "commit.gpgSign=true"):
        git(root, "config", *setting.split("="))
    try:
        refused = post(client, "/records/support/pole/edit", page, {}, "write")
    finally:
        git(root, "config", "commit.gpgSign", "false")

    assert refused.status == 409
    assert "Git did not make the commit; nothing was changed. It said:\n" in refused.text
    assert sheet(refused).values["a.address"] == ["Quai"]
    assert git(root, "status", "--porcelain", "--", "registry") == ""
    assert post(client, "/records/support/pole/edit", page, {}, "write").status == 303


def test_what_was_written_is_undone(client: DeskClient, root: Path) -> None:
    before = git(root, "rev-parse", "HEAD^{tree}")
    commit = write(client, "/records/support/pole/edit", {"address": "Quai"}, reason="moved by the city")
    assert "Smartreg-Reason: moved by the city" in committed(root)
    page = client.get(f"/written/{commit}")
    assert "<ins>Quai</ins>" in page.text
    undone = write(client, f"/undo/{commit}")
    assert git(root, "rev-parse", f"{undone}^{{tree}}") == before


def test_an_id_is_the_one_that_was_shown_also_where_it_is_random(client: DeskClient, root: Path) -> None:
    settings = root / "smartreg.toml"
    settings.write_text(f'new_ids = "random"\n{settings.read_text("utf-8")}', "utf-8")
    git(root, "commit", "-qam", "Random ids")
    page = review(client, "/records/equipment/guest/replace", {"dev_eui": "70B3D57ED0061299", "--on": ON})
    id = sheet(page).values["a.id"][0]
    assert id.startswith("sensor-")
    assert post(client, "/records/equipment/guest/replace", page, {}, "write").status == 303
    assert (root / f"registry/equipment/{id}.yaml").exists()


def test_a_record_that_must_be_there_first_is_offered(root: Path, tmp_path: Path) -> None:
    git(root, "clone", "-q", str(root), str(tmp_path / "bare"))
    git(tmp_path / "bare", "rm", "-q", "-r", "registry/use-cases", "registry/equipment", "registry/flows")
    with serving(tmp_path / "bare") as client:
        page = client.get("/add/sensor")
    assert "there is no use case yet" in page.text
    assert "/add/use-case" in page.text


def test_what_loses_its_cover_is_shown_before_it_is_written(client: DeskClient) -> None:
    write(client, "/conventions/c/renew", {"--until": "2099-12-31", **ACT})
    later = {"families": ["connectivity", "data"], "--effective-from": "2098-01-01", **ACT}
    page = review(client, "/conventions/c/amend", later)
    assert "equipment/hosted (amp on support pole (istres)) loses its cover" in page.text


@pytest.mark.parametrize("path", ["/add/party", "/records/support/pole/edit"])
def test_a_desk_that_only_shows_has_no_form(path: str, root: Path) -> None:
    with serving(root, read_only=True) as client:
        assert "nothing can be changed here" in client.get(path).text
        assert client.post(path, {"step": "continue"}).status == 403


def test_pages_of_what_is_not_there(client: DeskClient, root: Path) -> None:
    for path in ("/add/nothing", "/records/equipment/nothing/edit", "/records/x/y/move", "/conventions/x/amend"):
        assert client.get(path).status == 404
    for path in ("/undo/nothing", "/written/nothing", "/undo/HEAD"):
        assert client.get(path).status in (200, 400, 404, 409)
    first = git(root, "rev-list", "--max-parents=0", "HEAD").strip()
    assert client.get(f"/written/{first}").status == 200
    # What a kind has not is said by its command.
    page = review(client, "/records/party/bureau/transfer", {"PARTY": "party/amp"})
    assert "only supports and equipment can be transferred" in page.text
