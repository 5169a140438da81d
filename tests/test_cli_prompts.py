"""Questions on a real terminal (a pseudo-terminal): answers, Enter for defaults, search, cancelling."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import pytest

from smartreg.cli.ask import Choice, chosen
from smartreg.cli.pick import SHOWN, searcher

Dialogue: TypeAlias = Callable[..., tuple[int, str]]
STREETS = [
    Choice("lyon-1", "93 rue de Créqui"),
    Choice("lyon-2", "193 cours Lafayette"),
    Choice("lyon-3", "rue de Crequi 5"),
]
PATIENCE_S = 20
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|\r")


def plain(data: bytes) -> str:
    return ESCAPES.sub("", data.decode("utf-8", "replace"))


def talk(program: Sequence[str], cwd: Path, home: Path, exchange: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run a program on a pseudo-terminal; wait for each text, then type its answer. Exit code and all it showed."""
    parent, child = pty.openpty()
    environ = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "HOME": str(home),
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "NO_COLOR": "1",
    }
    environ.pop("CI", None)
    process = subprocess.Popen(
        program,
        cwd=cwd,
        env=environ,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  so that Ctrl-C reaches it
    )
    os.close(child)
    shown, seen = b"", 0
    for expected, answer in [*exchange, ("", "")]:
        # What is expected may have come with the answer before: look before waiting for more.
        for data in chain((b"",), _output(parent)):
            shown += data
            found = plain(shown).find(expected, seen) if expected else -1
            if found >= 0:
                seen = found + len(expected)
                os.write(parent, answer.encode())
                break
        else:
            assert not expected, f"never asked {expected!r} after:\n{plain(shown)[seen:]}"
    os.close(parent)
    return process.wait(PATIENCE_S), plain(shown)


def _output(parent: int) -> Iterator[bytes]:
    """What comes from the terminal until the program ends."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if select.select([parent], [], [], 0.2)[0]:
            try:
                data = os.read(parent, 65536)
            except OSError:
                return
            if not data:
                return
            yield data


def test_init_asks_before_it_adds_to_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n name = SIG\n email = sig@example.org\n", "utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("ours\n", "utf-8")
    program = (sys.executable, "-m", "smartreg", "init", "work", "--lang", "en")

    code, shown = talk(program, tmp_path, tmp_path, [("Write this? [Y/n]", "n\n")])
    assert (code, sorted(path.name for path in folder.iterdir())) == (130, ["notes.txt"])
    assert "work is not empty. This would be added:" in shown
    assert "smartreg.toml" in shown

    code, shown = talk(program, tmp_path, tmp_path, [("Write this? [Y/n]", "\n"), ("git config --local", "n\n")])
    assert (code, (folder / "smartreg.toml").exists()) == (0, True), shown


def test_init_does_not_ask_about_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n name = SIG\n email = sig@example.org\n", "utf-8")
    program = (sys.executable, "-m", "smartreg", "init", "work", "--lang", "en")

    code, shown = talk(program, tmp_path, tmp_path, [("git config --local", "n\n")])
    assert code == 0, shown
    assert "Write this?" not in shown


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one party, one use case, one network and twelve supports."""
    place = tmp_path_factory.mktemp("prompts")
    (place / ".gitconfig").write_text(
        "[user]\n name = Service registre\n email = registre@example.org\n[init]\n defaultBranch = main\n", "utf-8"
    )
    folder = place / "registry"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "HOME": str(place)}

    def run(*words: str, cwd: Path) -> None:
        subprocess.run(words, cwd=cwd, env=environ, check=True, capture_output=True)

    run(sys.executable, "-m", "smartreg", "init", "registry", cwd=place)
    records = folder / "registry"
    (records / "parties/lyon.yaml").write_text("id: lyon\nname: Lyon\ncategory: private\n", "utf-8")
    (records / "use-cases/noise.yaml").write_text(
        "id: noise\ntitle: Bruit\nowner: lyon\ndomain: noise\nstatus: idea\n", "utf-8"
    )
    (records / "networks/lyon-lora.yaml").write_text(
        "id: lyon-lora\nname: LoRaWAN\ntechnology: lorawan\noperator: lyon\naccess: own_use\n"
        "status: in_service\nstarted_on: 2023-01-01\nlorawan:\n  region: EU863-870\n",
        "utf-8",
    )
    (records / "supports/69383").mkdir(parents=True)
    for number in range(12):
        street = "93 rue de Créqui" if number == 7 else f"{number} cours Lafayette"
        (records / f"supports/69383/lyon-ep-{number:02}.yaml").write_text(
            f"id: lyon-ep-{number:02}\ntype: street_light\nowner: lyon\ninsee_code: '69383'\n"
            f"location: {{lon: 4.85{number:02}1, lat: 45.7501}}\nstatus: in_service\naddress: {street}\n",
            "utf-8",
        )
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--message", "supports", cwd=folder)
    return folder


@pytest.fixture
def registry(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base, tmp_path / "registry")
    return tmp_path / "registry"


@pytest.fixture
def dialogue(base: Path, registry: Path) -> Dialogue:
    """`dialogue("add-sensor", exchange=[("Support", "…"), …])`"""

    def run(*words: str, exchange: Sequence[tuple[str, str]]) -> tuple[int, str]:
        return talk([sys.executable, "-m", "smartreg", *words], registry, base.parent, exchange)

    return run


def test_a_sensor_by_questions(dialogue: Dialogue, registry: Path) -> None:
    code, shown = dialogue(
        "add-sensor",
        exchange=[
            ("Support:", "crequi 93\r"),
            ("Owner", "\n"),
            ("Use cases", "\n"),
            ("Network (optional, Enter to skip)", "1\n"),
            ("Serial number (optional, Enter to skip): ", "\n"),
            ("DevEUI (optional, Enter to skip): ", "70b3\n"),
            ("DevEUI (optional, Enter to skip): ", "70B3D57ED0061234\n"),
            ("Measures (optional, Enter to skip):", "noiseLevel\r"),
            ("Measures (optional, Enter to skip):", "\r"),
            ("1–5 [installed]: ", "\n"),
            ("Installed on [", "11/03/2024\n"),
            ("Installed on [", "2024-03-11\n"),
            ("Identifier [", "Lyon 1\n"),
            ("Identifier [", "lyon-noise-001\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    text = (registry / "registry/equipment/lyon-noise-001.yaml").read_text("utf-8")
    for line in ("support: lyon-ep-07", "owner: lyon", "  - noise", 'dev_eui: "70B3D57ED0061234"', "status: installed"):
        assert line in text.splitlines()
    assert "  - property: noiseLevel\n    unit: dB[SPL]\n" in text
    assert not {"Gateway EUI", "MAC address", "IMEI"} & {row.split(" (")[0] for row in shown.splitlines()}


def test_no_is_cancelled_and_writes_nothing(dialogue: Dialogue, registry: Path) -> None:
    code, shown = dialogue(
        "set", "support/lyon-ep-01", "status=out_of_service", exchange=[("Write this? [Y/n] ", "n\n")]
    )

    assert code == 130
    assert "in_service → out_of_service" in shown
    assert "cancelled; nothing was changed" in shown
    assert "status: in_service" in (registry / "registry/supports/69383/lyon-ep-01.yaml").read_text("utf-8")


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_control_c_and_control_d_cancel(dialogue: Dialogue, registry: Path, key: str) -> None:
    code, _shown = dialogue("add-sensor", exchange=[("Support:", key)])

    assert code == 130
    assert list((registry / "registry/equipment").glob("*.yaml")) == []


def test_a_wrong_answer_is_asked_again(dialogue: Dialogue) -> None:
    code, shown = dialogue(
        "add-support",
        "-y",
        "--owner=lyon",
        "--type=street_light",
        "--insee-code=69383",
        exchange=[
            ("Longitude (°): ", "east\n"),
            ("Longitude (°): ", "4.85\n"),
            ("Latitude (°): ", "45.75\n"),
            ("Local reference (optional, Enter to skip): ", "\n"),
            ("1–3 [planned]: ", "demolished\n"),
            ("1–3 [planned]: ", "2\n"),
        ],
    )

    assert code == 0, shown
    assert 'Longitude: "east" is not a number' in shown
    assert 'nothing here matches "demolished"' in shown


def test_a_series_asks_only_what_differs(dialogue: Dialogue, registry: Path) -> None:
    where = [("Longitude (°): ", "4.851\n"), ("Latitude (°): ", "45.751\n")]
    one = [*where, ("Local reference (optional, Enter to skip): ", "EP-101\n"), ("1–3 [planned]: ", "2\n")]
    two = [*where, ("Local reference (optional, Enter to skip): ", "EP-102\n")]
    code, shown = dialogue(
        "add-support",
        "-y",
        "--repeat",
        "--owner=lyon",
        "--type=street_light",
        "--insee-code=69383",
        exchange=[*one, *two, ("Longitude (°): ", "\x04")],
    )

    assert code == 0, shown
    assert sorted(file.stem for file in (registry / "registry/supports/69383").glob("ep-*")) == ["ep-101", "ep-102"]


def test_a_field_in_a_group_is_asked_for_with_its_group(dialogue: Dialogue) -> None:
    """A flow has a status, and the assessment in it has another."""
    said = "title=T producer=lyon consumer=lyon equipment=e access=restricted personal-data-involved=true"
    terms = "controller=lyon purpose=P legal-basis=public_task retention=P30D"
    words = [f"--{word}" for word in said.split()] + [f"--personal-data-{word}" for word in terms.split()]

    code, shown = dialogue("add-flow", *words, exchange=[("DPIA · Status", "\x03")])

    assert code == 130, shown


def test_no_input_never_asks(dialogue: Dialogue) -> None:
    code, shown = dialogue("add-sensor", "--no-input", exchange=[])

    assert code == 2
    assert "prompts are switched off, and these are missing: --support" in shown


def test_search_needs_every_word_whatever_accents_and_order() -> None:
    search = searcher(STREETS)

    assert [item.value for item in search("crequi 93")] == ["lyon-1"]
    assert [item.value for item in search("Créqui")] == ["lyon-1", "lyon-3"]
    assert [item.value for item in search("")] == ["lyon-1", "lyon-2", "lyon-3"]
    assert list(search("crequi 94")) == []


def test_search_shows_at_most_fifty() -> None:
    assert len(list(searcher([Choice(f"s-{number}") for number in range(200)])("s"))) == SHOWN


@pytest.mark.parametrize(
    ("answer", "value"),
    [("2", "lyon-2"), ("lyon-3", "lyon-3"), ("lafayette", "lyon-2"), ("crequi", None), ("4", None), ("0", None)],
)
def test_a_short_list_takes_numbers_names_and_words(answer: str, value: str | None) -> None:
    assert chosen(answer, STREETS, [item.value for item in STREETS]) == value


def test_nothing_to_name_stops_before_the_first_question(dialogue: Dialogue, registry: Path) -> None:
    shutil.rmtree(registry / "registry/supports")
    code, shown = dialogue("add-sensor", exchange=[])

    assert code == 2
    assert shown == "error: there is no support yet\nhelp: create one first: smartreg add-support\n"


def test_a_search_that_finds_nothing_says_so(dialogue: Dialogue) -> None:
    code, _shown = dialogue(
        "add-sensor", exchange=[("Support:", "nobody\r"), ('nothing here matches "nobody"', "\x03")]
    )

    assert code == 130


def test_control_c_at_a_line_says_what_no_says(dialogue: Dialogue) -> None:
    line = ("set", "support/lyon-ep-01", "status=out_of_service")
    said = [dialogue(*line, exchange=[("Write this? [Y/n] ", key)]) for key in ("\x03", "\x04", "n\n")]

    assert [code for code, _shown in said] == [130, 130, 130]
    assert {shown.splitlines()[-1] for _code, shown in said} == {"note: cancelled; nothing was changed"}


def test_what_is_required_is_asked_again_and_refused_answers_come_back_as_a_command_line(
    dialogue: Dialogue, registry: Path
) -> None:
    (registry / "registry/parties/other.yaml").write_text("id: other\nname: Autre\ncategory: private\n", "utf-8")
    code, shown = dialogue(
        "add-support",
        "-y",
        "--location-lat=45.75012",
        "--location-lon=4.85012",
        "--manager=nowhere",
        exchange=[
            ("Type:", "street_light\r"),
            ("1–2: ", "\n"),
            ("Owner: required", ""),
            ("1–2: ", "lyon\n"),
            (" code: ", "6938\n"),
            (" code: ", "69383\n"),
            ("Local reference", "EP 7\n"),
            ("[planned]: ", "\n"),
        ],
    )

    assert code == 1, shown
    line = next(row for row in shown.splitlines() if "smartreg add-support" in row)
    for part in (
        "--owner lyon",
        "--insee-code 69383",
        "--location-lon 4.85012",
        "--local-ref 'EP 7'",
        "--manager nowhere",
    ):
        assert part in line


# -- the columns of a sheet ------------------------------------------------------------------------------------------


def test_a_sheet_that_comes_in_for_the_first_time_asks_what_its_columns_fill(
    registry: Path, base: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "Mats.csv"
    sheet.write_text(
        "NOM;X;Y;status;ETAT\nBellecour;4,8320;45,7570;in_service;neuf\nOpéra;4,8360;45,7670;in_service;vieux\n"
    )
    program = (sys.executable, "-m", "smartreg", "import", "support", str(sheet), "--lang", "en", "-y")
    exchange = [
        ("NOM (Bellecour)", "adress\n"),
        ('did you mean "address"?', "address\n"),
        ("X (4,8320)", "location.lon\n"),
        ("Y (45,7570)", "location.lat\n"),
        ("status (in_service) [status]", "\n"),
        ("ETAT (neuf) [condition]", "-\n"),
        ("type, for every row", "mast\n"),
        ("owner, for every row", "lyon\n"),
        ("insee_code, for every row", "69381\n"),
    ]
    code, shown = talk(program, registry, base.parent, exchange)
    assert (code, "2 added" in shown, "columns not used: ETAT" in shown) == (0, True, True), shown
    record = next((registry / "registry/supports").rglob("bellecour.yaml")).read_text()
    assert "lon: 4.832" in record
    code, shown = talk(program, registry, base.parent, [])  # the mapping is kept: nothing is asked again
    assert (code, "Nothing to change" in shown) == (0, True), shown
