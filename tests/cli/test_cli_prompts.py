"""Questions on a real terminal (a pseudo-terminal): answers, Enter for defaults, search, cancelling."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from terminal import add_sensors, talk
from terminal import base as base  # a fixture

from smartreg.asking.choices import SHOWN, Choice, Choices
from smartreg.asking.question import Back
from smartreg.cli.ask import Prompt, choose_several
from smartreg.cli.console import Console
from smartreg.core.errors import UsageFault
from smartreg.registry import typed_point

Dialogue: TypeAlias = Callable[..., tuple[int, str]]
Init: TypeAlias = Callable[[Sequence[tuple[str, str]]], tuple[int, str]]
STREETS = [
    Choice("lyon-1", "93 rue de Créqui"),
    Choice("lyon-2", "193 cours Lafayette"),
    Choice("lyon-3", "rue de Crequi 5"),
]
GROUPING = "Grouping of communes (EPCI)"


@pytest.fixture
def init(tmp_path: Path) -> Init:
    """`init(exchange)`: `smartreg init work` in an empty folder."""
    (tmp_path / ".gitconfig").write_text("[user]\n name = SIG\n email = sig@example.org\n", "utf-8")
    return partial(talk, (sys.executable, "-m", "smartreg", "init", "work", "--lang", "en"), tmp_path, tmp_path)


def test_init_asks_before_it_adds_to_a_folder_that_holds_something(tmp_path: Path, init: Init) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("ours\n", "utf-8")

    none = (GROUPING, "\n")
    code, shown = init([none, ("Write this? [Y/n]", "n\n")])
    assert (code, sorted(path.name for path in folder.iterdir())) == (130, ["notes.txt"])
    assert "work is not empty. This would be added:" in shown
    assert "smartreg.toml" in shown

    code, shown = init([none, ("Write this? [Y/n]", "\n"), ("git config --local", "n\n")])
    assert (code, (folder / "smartreg.toml").exists()) == (0, True), shown


def test_init_does_not_ask_about_an_empty_folder(init: Init) -> None:
    code, shown = init([(GROUPING, "\n"), ("git config --local", "n\n")])
    assert code == 0, shown
    assert "Write this?" not in shown

    code, shown = init([])
    assert (code, GROUPING in shown, "this is already a registry" in shown) == (3, False, True), shown


@pytest.mark.parametrize(
    "answers",
    [
        [(GROUPING, "244 400 404\n")],
        [(GROUPING, "nantes metropole\n")],
        [(GROUPING, "Nowhere at all\n"), (GROUPING, "metropole nantes\n"), ("Which one", "244400404\n")],
    ],
)
def test_init_asks_for_the_grouping_of_communes(init: Init, answers: list[tuple[str, str]]) -> None:
    code, shown = init([*answers, ("git config --local", "n\n")])
    assert (code, "25 parties (nantes-metropole)" in shown) == (0, True), shown


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
            ("DevEUI (required once installed; Enter only if it is planned): ", "70b3\n"),
            ("DevEUI (required once installed; Enter only if it is planned): ", "70-b3-d5-7e-d0-06-12-34\n"),
            ("Serial number (optional, Enter to skip): ", "\n"),
            ("Measures (optional, Enter to skip):", "noiseLevel\r"),
            ("… [noiseLevel, Enter ends]:", "\r"),
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


PASTE = "\x1b[200~{}\x1b[201~"
USE_CASE = ("add-use-case", "--owner", "lyon", "--domain", "noise", "--status", "pilot")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_comes_in_one_paste_is_one_answer(dialogue: Dialogue, registry: Path, end: str) -> None:
    pasted = PASTE.format(end.join(("Bruit", "quai", "y", "", "")))
    code, shown = dialogue(
        *USE_CASE,
        exchange=[
            ("Title: ", pasted),
            ("Bruit quai y", "\n"),
            ("Identifier [bruit-quai-y]: ", "\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    assert "title: Bruit quai y\n" in (registry / "registry/use-cases/bruit-quai-y.yaml").read_text("utf-8")


def test_a_paste_into_a_list_is_several_answers_of_that_list(dialogue: Dialogue) -> None:
    code, shown = dialogue(
        "add-sensor",
        exchange=[
            ("Support:", PASTE.format("lyon-ep-07\n") + "\r"),
            ("Owner", "\n"),
            ("Use cases", "\n"),
            ("Network (optional, Enter to skip)", "\n"),
            ("Serial number (optional, Enter to skip): ", "\n"),
            ("Measures (optional, Enter to skip):", PASTE.format("noiseLevel\ntemperature\n") + "\r"),
            ("1–5 [installed]: ", "\n"),
            ("Installed on [", "\n"),
            ("Identifier [", "\n"),
            ("noiseLevel", ""),
            ("airTemperature", ""),
            ("Write this? [Y/n] ", "n\n"),
        ],
    )

    assert code == 130, shown


@pytest.mark.parametrize("ahead", ["\n\n\n\n", "\ny\ny\n"])
def test_what_was_typed_before_a_confirmation_appeared_does_not_confirm(
    dialogue: Dialogue, registry: Path, ahead: str
) -> None:
    """Without bracketed paste, the lines of a paste are typed ahead."""
    code, shown = dialogue(*USE_CASE, exchange=[("Title: ", f"Bruit{ahead}"), ("Write this? [Y/n] ", "n\n")])

    assert (code, "nothing was changed" in shown) == (130, True), shown
    assert not [*(registry / "registry/use-cases").glob("bruit*")]


@pytest.mark.parametrize("pasted", ["y\nn", "a\nb\nc", "o\n\no"])
def test_a_paste_at_a_confirmation_is_one_answer_too(dialogue: Dialogue, registry: Path, pasted: str) -> None:
    exchange = [
        ("Title: ", "Bruit\n"),
        ("Identifier [", "\n"),
        ("Write this? [Y/n] ", PASTE.format(pasted) + "\n"),
        ("y or Enter writes", ""),
        ("Write this? [Y/n] ", "n\n"),
    ]
    code, shown = dialogue(*USE_CASE, exchange=exchange)

    assert (code, [*(registry / "registry/use-cases").glob("bruit*")]) == (130, []), shown


def test_typing_ahead_does_not_retire(dialogue: Dialogue, registry: Path) -> None:
    before = (registry / "registry/use-cases/noise.yaml").read_bytes()
    code, shown = dialogue("retire", exchange=[("Record", "use_case/noise\r\n\n\n\n"), ("[Y/n] ", "n\n")])

    assert (code, (registry / "registry/use-cases/noise.yaml").read_bytes()) == (130, before), shown


def test_no_is_cancelled_and_writes_nothing(dialogue: Dialogue, registry: Path) -> None:
    exchange = [("Write this? [Y/n] ", "maybe\n"), ("y or Enter goes on; n cancels", ""), ("[Y/n] ", "n\n")]
    code, shown = dialogue("set", "support/lyon-ep-01", "status=out_of_service", exchange=exchange)

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
            ("Location (latitude, longitude): ", "east\n"),
            ("Location (latitude, longitude): ", "45.75, 4.85\n"),
            ("Local reference (optional, Enter to skip): ", "\n"),
            ("1–3 [planned]: ", "demolished\n"),
            ("1–3 [planned]: ", "2\n"),
        ],
    )

    assert code == 0, shown
    assert '"east" is not a latitude and a longitude' in shown
    assert 'nothing here matches "demolished"' in shown


def test_a_series_asks_only_what_differs(dialogue: Dialogue, registry: Path) -> None:
    where = [("Location (latitude, longitude): ", "45,7510; 4,8510\n")]
    one = [*where, ("Local reference (optional, Enter to skip): ", "EP-101\n"), ("1–3 [planned]: ", "2\n")]
    two = [*where, ("Local reference (optional, Enter to skip): ", "EP-102\n")]
    code, shown = dialogue(
        "add-support",
        "-y",
        "--repeat",
        "--owner=lyon",
        "--type=street_light",
        "--insee-code=69383",
        exchange=[*one, *two, ("Location (", "\x04")],
    )

    assert code == 0, shown
    assert sorted(file.stem for file in (registry / "registry/supports/69383").glob("ep-*")) == ["ep-101", "ep-102"]


def test_ctrl_c_in_a_series_keeps_what_was_added(dialogue: Dialogue, registry: Path) -> None:
    where = ("Location (latitude, longitude): ", "45,7510; 4,8510\n")
    reference = "Local reference (optional, Enter to skip): "
    code, shown = dialogue(
        "add-support",
        "-y",
        "--repeat",
        "--owner=lyon",
        "--type=street_light",
        "--insee-code=69383",
        exchange=[where, (reference, "EP-101\n"), ("1–3 [planned]: ", "2\n"), where, (reference, "\x03")],
    )

    assert (code, "note: cancelled; what was added before stays" in shown) == (130, True), shown
    assert sorted(file.stem for file in (registry / "registry/supports/69383").glob("ep-*")) == ["ep-101"]


def test_a_sensor_next_to_the_last_and_the_review_after_a_late_refusal(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(
        "add-sensor",
        "--repeat",
        "--lang=fr",
        exchange=[
            ("Comme quelle fiche (- pour aucune)", ""),
            ("1 bruit-2", ""),  # the last one first, and none unless one is named
            ("1–3 [-] : ", "?\n"),
            ("La nouvelle fiche reprend de celle-ci ce que les deux partagent", ""),
            ("1–3 [-] : ", "<\n"),
            ("note : c'est la première question", ""),
            ("1–3 [-] : ", "1\n"),
            ("1 lyon-ep-03  0 m", ""),  # the nearest ones are numbered, all others are searched
            ("1–9, des mots ou une position :", "crequi 93\r"),
            ("Propriétaire", ""),  # asked for all the same
            ("[lyon] : ", "\n"),
            ("DevEUI (obligatoire une fois posé ; Entrée seulement si l'appareil est prévu) : ", "70B3D57ED0000001\n"),
            ("DevEUI (obligatoire une fois posé ; Entrée seulement si l'appareil est prévu) : ", "70B3D57ED0000003\n"),
            ("Numéro de série (facultatif, Entrée pour passer) : ", "<\n"),
            ("  [70B3D57ED0000003] : ", "\n"),
            ("Numéro de série (facultatif, Entrée pour passer) : ", "SN-1\n"),
            ("Fabricant (facultatif, Entrée pour passer) : ", "\n"),
            ("1–5 [installed] : ", "\n"),
            ("Installé le [", "2999-05-01\n"),
            ("Identifiant [bruit-3] : ", "\n"),
            ("rien n'a été écrit", ""),
            ("10 Numéro de série     SN-1", ""),
            ("12 Grandeurs mesurées  noiseLevel dB[SPL]", ""),
            ("Réessayer ? [O/n] ", "8\n"),
            ("Installé le [2999-05-01] : ", "2024-05-01\n"),
            ("Écrire ? [O/n] ", "<\n"),
            ("Identifiant [bruit-3] : ", "\n"),
            ("Écrire ? [O/n] ", "10\n"),
            ("Numéro de série (facultatif, - pour ne rien mettre) [SN-1] : ", "-\n"),
            ("9 Numéro de série     –", ""),
            ("Écrire ? [O/n] ", "\n"),
            ("Ajouté equipment/bruit-3", ""),
            ("1 lyon-ep-07  0 m", ""),  # the next one: beside this one, and only what is its own
            ("1–9, des mots ou une position :", "2\r"),
            ("DevEUI (obligatoire une fois posé ; Entrée seulement si l'appareil est prévu) : ", "70B3D57ED0000004\n"),
            ("Numéro de série (facultatif, Entrée pour passer) : ", "\n"),
            ("Identifiant [bruit-4] : ", "\n"),
            ("Écrire ? [O/n] ", "\n"),
            ("1–9, des mots ou une position :", "\x04"),
        ],
    )

    assert code == 0, shown
    first, second = (
        (registry / f"registry/equipment/bruit-{number}.yaml").read_text("utf-8").splitlines() for number in (3, 4)
    )
    for line in ("support: lyon-ep-07", "network: lyon-lora", 'dev_eui: "70B3D57ED0000003"', "status: installed"):
        assert line in first
    assert not [line for line in first if line.startswith("serial_number")]
    for line in ("support: lyon-ep-06", "status: installed", "  - property: noiseLevel"):
        assert line in second


def test_records_and_a_field_to_set_are_picked_and_a_refused_value_asked_again(
    dialogue: Dialogue, registry: Path
) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(
        "set",
        "--lang=en",
        exchange=[
            ("several: commas, or one per line", ""),
            ("Records:", "bruit-1\r"),
            ("… [equipment/bruit-1, Enter ends]:", "bruit-2\r"),
            ("… [equipment/bruit-1, equipment/bruit-2, Enter ends]:", "\r"),
            ("Field:", "dev_eui\r"),
            ("DevEUI: ", "<\n"),
            ("Field:", "status\r"),
            ("1–7: ", "?\n"),
            ("Status: State of the device in its life cycle", ""),
            ("Example: active", ""),
            ("1–7: ", "planned\n"),
            ("not written: this would add 4 errors", ""),
            ("1–7 [planned]: ", "faulty\n"),
            ("active → faulty", ""),
            ("2 records", ""),
            ("Write this? [Y/n] ", "<\n"),
            ("1–7 [faulty]: ", "\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    for number in (1, 2):
        assert "status: faulty\n" in (registry / f"registry/equipment/bruit-{number}.yaml").read_text("utf-8")


def test_many_records_are_shown_on_one_screen_and_listed_on_demand(dialogue: Dialogue, registry: Path) -> None:
    code, shown = dialogue(
        *("set", "supports", "--where", "owner=lyon", "visibility=internal", "--lang=en"),
        exchange=[
            ("~ 12 supports   lyon-ep-00, lyon-ep-01, lyon-ep-02, …", ""),
            ("visibility   + internal   12", ""),
            ("12 records", ""),
            ("Write this? [Y/n/l] ", "l\n"),
            ("~ support/lyon-ep-11", ""),
            ("Write this? [Y/n/l] ", "\n"),
        ],
    )

    assert (code, "Changed 12 records  (commit " in shown) == (0, True), shown
    assert shown.partition("Write this?")[0].count("\n") < 24


def test_a_refusal_of_many_records_shows_the_first_of_each_code(dialogue: Dialogue) -> None:
    words = ["set", "supports", "--where", "owner=lyon", "type=mast", "--lang=en"]
    code, shown = dialogue(*words, exchange=[("… 12 findings in all (-v shows them)", "")])

    assert (code, shown.count("CHG804"), "12 errors" in shown) == (1, 3, True), shown


def test_what_is_moved_and_where_to_is_picked(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(
        "move",
        "--lang=en",
        exchange=[
            ("1–2: ", "1\n"),
            ("1 support/lyon-ep-03  0 m", ""),
            ("1–9, words or a position:", "<\r"),
            ("1–2: ", "2\n"),
            ("1–9, words or a position:", "lyon-ep-11\r"),
            ("lyon-ep-03 → lyon-ep-11", ""),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert (code, "Moved equipment/bruit-2" in shown) == (0, True), shown


def test_what_was_picked_comes_back_as_a_command_line_when_it_is_refused(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1)
    code, shown = dialogue(
        "retire",
        "--on=2024-03-10",
        "--lang=en",
        exchange=[
            ("Record:", "bruit-1\r"),
            ("with your answers: smartreg retire --on=2024-03-10 --lang=en equipment/bruit-1", ""),
        ],
    )

    assert (code, "not written" in shown) == (1, True), shown


@pytest.mark.parametrize(
    ("words", "exchange", "again"),
    [
        (
            ["set"],
            [("Records:", "bruit-1\r"), ("Enter ends]:", "\r"), ("Field:", "status\r"), ("1–7", "faulty\n")],
            "set equipment/bruit-1 status=faulty",
        ),
        (
            ["replace", "manufacturer=Acme"],
            [("1–2: ", "2\n"), ("DevEUI", "70B3D57ED0000009\n"), ("Serial number", "SN-9\n")],
            "replace equipment/bruit-2 manufacturer=Acme dev_eui=70B3D57ED0000009 serial_number=SN-9",
        ),
        (
            ["add-party", "--category=private"],
            [("Name", "Autre\n"), ("SIREN", "\n"), ("Municipality code", "\n"), ("Identifier [autre]", "\n")],
            "add-party --id autre --name Autre --category private",
        ),
    ],
)
def test_no_to_the_last_question_gives_the_answers_back(
    dialogue: Dialogue, registry: Path, words: list[str], exchange: list[tuple[str, str]], again: str
) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(*words, exchange=[*exchange, ("Write this? [Y/n] ", "n\n")])

    assert code == 130, shown
    assert shown.splitlines()[-2:] == [
        f"with your answers: smartreg {again}",
        "note: cancelled; nothing was changed",
    ]


def test_what_is_replaced_is_picked_and_what_is_new_asked_until_it_is_taken(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(
        "replace",
        "--lang=en",
        exchange=[
            ("1–2: ", "2\n"),
            ("DevEUI (required once installed; Enter only if it is planned): ", "70B3D57ED0000001\n"),
            ("is already taken by bruit-1", ""),
            ("DevEUI (required once installed; Enter only if it is planned): ", "70B3D57ED0000009\n"),
            ("Serial number (optional, Enter to skip): ", "<\n"),
            ("  [70B3D57ED0000009]: ", "\n"),
            ("Serial number (optional, Enter to skip): ", "SN-9\n"),
            ("Write this? [Y/n] ", "<\n"),
            ("  [70B3D57ED0000009]: ", "\n"),
            ("Serial number (optional, - leaves it out) [SN-9]: ", "-\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    assert "Replaced equipment/bruit-2 → bruit-3  (commit " in shown
    assert shown.count("is already taken by bruit-1") == 1
    new = (registry / "registry/equipment/bruit-3.yaml").read_text("utf-8")
    assert ("replaces: bruit-2" in new, "70B3D57ED0000009" in new, "serial_number" in new) == (True, True, False)


def test_a_named_device_is_replaced_by_the_same_questions_and_keeps_its_dev_eui_if_it_was_programmed_anew(
    dialogue: Dialogue, registry: Path
) -> None:
    add_sensors(registry, 1, 2)
    code, shown = dialogue(
        "replace",
        "bruit-2",
        "--lang=en",
        exchange=[
            ("DevEUI (required once installed; Enter only if it is planned): ", "<\n"),
            ("this is the first question", "70B3D57ED0000002\n"),
            ("Serial number (optional, Enter to skip): ", "\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert (code, "Replaced equipment/bruit-2 → bruit-3  (commit " in shown) == (0, True), shown


def test_nothing_is_asked_about_the_new_device_with_yes(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1)
    code, shown = dialogue("replace", "bruit-1", "dev_eui=70B3D57ED0000009", "-y", exchange=[])

    assert (code, "Serial number" in shown) == (0, False), shown


LABEL = "LW:D0:70B3D57ED0000000:70B3D57ED0000009:AABB1122:O0011223344556677:SSN-9:CAF2C"


def test_the_label_of_a_lorawan_device_fills_its_identifiers(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1)
    code, shown = dialogue(
        "replace", "bruit-1", "--lang=en", exchange=[("DevEUI", f"{LABEL.lower()}\n"), ("Write this? [Y/n] ", "\n")]
    )

    assert (code, "Serial number (" in shown) == (0, False), shown
    lines = (registry / "registry/equipment/bruit-2.yaml").read_text("utf-8").splitlines()
    wanted = ('dev_eui: "70B3D57ED0000009"', 'join_eui: "70B3D57ED0000000"', "serial_number: sn-9")
    assert [line for line in wanted if line not in lines] == []


def test_a_position_sorts_the_supports_and_another_network_brings_its_identifier(
    dialogue: Dialogue, registry: Path
) -> None:
    (registry / "registry/networks/lyon-wifi.yaml").write_text(
        "id: lyon-wifi\nname: Wi-Fi\ntechnology: wifi\noperator: lyon\naccess: own_use\nstatus: in_service\n"
        "started_on: 2023-01-01\n",
        "utf-8",
    )
    code, shown = dialogue(
        "add-sensor",
        *("--serial=SN-9", "--owner=lyon", "--use-case=noise", "--network=lyon-wifi", "--lang=en"),
        exchange=[
            ("a position such as 43.51345, 4.98747", ""),
            ("Support:", "?\r"),
            ("? explains", "4.85031, 45.7501\r"),
            ("look swapped", "\x1545.7501, 4.85031\r"),
            ("1 lyon-ep-03  0 m", ""),
            ("1–9, words or a position:", "45.7501, 4.85071\r"),
            ("1 lyon-ep-07  0 m", ""),
            ("1–9, words or a position:", "1\r"),
            ("Manufacturer (optional, Enter to skip): ", "\n"),
            ("Measures (optional, Enter to skip):", "?\r"),
            ("Example: noiseLevel", "\r"),
            ("1–5 [installed]: ", "\n"),
            ("Installed on [", "2024-03-11\n"),
            ("Identifier [", "lyon-noise-001\n"),
            ("7 Network        lyon-wifi", ""),
            ("Write this? [Y/n] ", "7\n"),
            ("1–3 [lyon-wifi]: ", "1\n"),
            ("DevEUI (required once installed; Enter only if it is planned): ", "70B3D57ED0061234\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    text = (registry / "registry/equipment/lyon-noise-001.yaml").read_text("utf-8")
    for line in ("support: lyon-ep-07", "network: lyon-lora", "serial_number: SN-9", 'dev_eui: "70B3D57ED0061234"'):
        assert line in text.splitlines()
    about = next(row for row in shown.splitlines() if row.startswith("  Support: Support"))
    assert len(about) <= 80  # wrapped between words


def test_a_warning_is_shown_once(dialogue: Dialogue, registry: Path) -> None:
    add_sensors(registry, 1)
    words = ("set", "support/lyon-ep-03", "status=out_of_service", "--lang=en")
    code, shown = dialogue(*words, exchange=[("Write this? [Y/n] ", "\n")])
    assert (code, shown.count("warning[CON319]")) == (0, 1), shown

    code, shown = dialogue(*words[:2], "status=in_service", "-y", exchange=[])
    assert code == 0, shown
    code, shown = dialogue(*words, "-y", exchange=[])
    assert (code, shown.count("warning[CON319]")) == (0, 1), shown


def test_a_field_in_a_group_is_asked_for_with_its_group(dialogue: Dialogue) -> None:
    """A flow has a status, and the assessment in it has another."""
    said = "title=T producer=lyon consumer=lyon equipment=e access=restricted personal-data-involved=true"
    terms = "controller=lyon purpose=P legal-basis=public_task retention=P30D"
    words = [f"--{word}" for word in said.split()] + [f"--personal-data-{word}" for word in terms.split()]

    code, shown = dialogue("add-flow", *words, exchange=[("DPIA · Status", "\x03")])

    assert code == 130, shown


def test_the_first_day_of_a_flow_in_service_is_asked(dialogue: Dialogue) -> None:
    said = (
        "title=T producer=lyon consumer=lyon equipment=e access=restricted status=active personal-data-involved=false"
    )
    words = [f"--{word}" for word in said.split()]

    code, shown = dialogue(
        "add-flow", *words, exchange=[("Network", "\n"), ("Started on", "\n"), ("Identifier", "\x03")]
    )

    assert code == 130, shown


def test_no_input_never_asks(dialogue: Dialogue) -> None:
    code, shown = dialogue("add-sensor", "--no-input", exchange=[])

    assert code == 2
    assert "prompts are switched off, and these are missing: --support" in shown


def test_search_needs_every_word_whatever_accents_and_order() -> None:
    search = Choices(STREETS).search

    assert [item.value for item in search("crequi 93")] == ["lyon-1"]
    assert [item.value for item in search("Créqui")] == ["lyon-1", "lyon-3"]
    assert [item.value for item in search("")] == ["lyon-1", "lyon-2", "lyon-3"]
    assert list(search("crequi 94")) == []


def test_a_whole_label_is_meant_where_others_hold_its_words() -> None:
    choices = Choices([Choice("data", "données"), Choice("privacy", "protection des données")])
    assert choices.find("Donnees") == "data"
    with pytest.raises(UsageFault, match="nothing here matches"):
        choices.find("données de tous")


@pytest.mark.parametrize("text", ["Ville d'Istres", "mairie d'istres", "Commune d'Istres", "City of Istres", "istres"])
def test_a_commune_is_found_with_and_without_its_title(text: str) -> None:
    assert Choices([Choice("istres", "Istres"), Choice("le-rove", "Le Rove")]).find(text) == "istres"
    assert Choices([Choice("istres", "Istres"), Choice("le-rove", "Le Rove")]).find("Ville du Rove") == "le-rove"


def test_search_shows_at_most_fifty() -> None:
    assert len(list(Choices([Choice(f"s-{number}") for number in range(200)]).search("s"))) == SHOWN


@pytest.mark.parametrize(
    ("answer", "value"),
    [("2", "lyon-2"), ("lyon-3", "lyon-3"), ("lafayette", "lyon-2"), ("crequi", ""), ("4", ""), ("0", ""), ("?", "")],
)
def test_a_short_list_takes_numbers_names_and_words(answer: str, value: str) -> None:
    try:
        found = Choices(STREETS).find(answer)
    except UsageFault:
        found = ""

    assert found == value


@pytest.mark.parametrize("answer", ["?", "<", "-", "…", " ; "])
def test_punctuation_alone_picks_nothing_even_where_there_is_one_choice(answer: str) -> None:
    with pytest.raises(UsageFault, match="nothing here matches"):
        Choices(STREETS[:1]).find(answer)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("43.51345, 4.98747", (4.98747, 43.51345)),  # as maps copy it
        ("43.51345,4.98747", (4.98747, 43.51345)),
        ("43,51345 4,98747", (4.98747, 43.51345)),
        ("43,51345; 4,98747", (4.98747, 43.51345)),
        ("43,51345, 4,98747", (4.98747, 43.51345)),
        ("43,51345,4,98747", (4.98747, 43.51345)),
        ("43,51345", None),  # a latitude alone
        ("43,5,4", None),
        ("43.51345", None),
        ("north", None),
    ],
)
def test_a_pasted_pair_is_a_position(typed: str, place: tuple[float, float] | None) -> None:
    try:
        found = typed_point(typed)
    except UsageFault:
        found = None

    assert found == place


def test_a_list_takes_commas_or_one_per_line() -> None:
    console = Console("en", err=io.StringIO())
    prompt, choices = Prompt("Streets", "Where it is.", back=True), Choices(STREETS)

    def answer(typed: str) -> list[str]:
        with create_pipe_input() as keys, create_app_session(input=keys):
            keys.send_text(typed.replace("\n", "\r"))
            return choose_several(console, prompt, choices, ["lyon-2"])

    assert answer("\n") == ["lyon-2"]
    assert answer("1, lyon-3\n") == answer("1\n3\n\n") == ["lyon-1", "lyon-3"]
    assert answer("2\n1\n3\n") == ["lyon-2", "lyon-1", "lyon-3"]  # there are no more
    assert answer("crequi\n,\n?\n1\n\n") == ["lyon-1"]
    assert answer("1-2\n") == answer("1 – 2\n") == ["lyon-1", "lyon-2"]  # not what has "1" and "2" in its label
    assert answer("3, 1-2\n") == ["lyon-3", "lyon-1", "lyon-2"]
    assert answer("2-4\n2-1\n1\n\n") == ["lyon-1"]
    with pytest.raises(Back):
        answer("1\n<\n")
    shown = console.err.getvalue()  # type: ignore[attr-defined]
    assert '2 match "crequi"' in shown
    assert all(f'nothing here matches "{typed}"' in shown for typed in (",", "2-4", "2-1"))
    assert "  Where it is.\n  ? explains, < goes back, Ctrl-C cancels\n" in shown


DEVICES = [
    Choice("equipment/istres-noise-001", "sensor · istres · ep-00412"),
    Choice("equipment/noise-istres-004", "sensor · istres · ep-1"),
    Choice("equipment/istres-noise-004", "sensor · istres · ep-2"),
    Choice("equipment/istres-air-042", "sensor · istres · ep-3 noise 00"),
    Choice("equipment/istres-air-043", "sensor · istres · noise-004"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("noise-004", ["istres-noise-004", "istres-air-043", "istres-noise-001", "noise-istres-004"]),
        ("noise 004", ["istres-noise-004", "istres-air-043", "istres-noise-001", "noise-istres-004"]),
        ("004", ["noise-istres-004", "istres-noise-004", "istres-noise-001", "istres-air-043"]),
        ("042", ["istres-air-042"]),
        ("", [item.value.rpartition("/")[2] for item in DEVICES]),
    ],
)
def test_an_unbroken_match_comes_first_in_the_id_then_in_the_label(typed: str, found: list[str]) -> None:
    assert [item.value.rpartition("/")[2] for item in Choices(DEVICES).search(typed)] == found


def test_only_what_is_named_by_the_text_is_picked() -> None:
    choices = Choices(DEVICES)

    assert choices.find("istres-noise-004") == "equipment/istres-noise-004"
    assert choices.find("air 042") == "equipment/istres-air-042"
    for several in ("noise-004", "004", "noise", "sensor", "sensor ep"):
        with pytest.raises(UsageFault, match="match"):
            choices.find(several)


def test_no_to_what_must_be_there_first_names_the_command(dialogue: Dialogue, registry: Path) -> None:
    shutil.rmtree(registry / "registry/supports")
    code, shown = dialogue("add-sensor", exchange=[("There is no support yet. Add one now? [Y/n] ", "n\n")])

    assert code == 2
    assert shown.splitlines()[-2:] == [
        "error: there is no support yet",
        "help: create one first: smartreg add-support",
    ]


def test_a_search_that_finds_nothing_says_so(dialogue: Dialogue) -> None:
    code, _shown = dialogue(
        "add-sensor", exchange=[("Support:", "nobody\r"), ('nothing here matches "nobody"', "\x03")]
    )

    assert code == 130


@pytest.mark.parametrize(
    ("lang", "refused", "hint"),
    [
        ("en", 'nothing here matches "nobody" (type a number', True),
        ("fr", "rien ici ne correspond à « nobody »", False),
    ],
)
def test_a_refusal_below_a_search_is_not_cut_off(dialogue: Dialogue, lang: str, refused: str, hint: bool) -> None:
    _code, shown = dialogue("show", f"--lang={lang}", exchange=[("? expl", "nobody\r"), (refused, "\x03")])

    assert ("(t" in shown) == hint


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
            (" code (or the name of the commune): ", "6938\n"),
            (" code (or the name of the commune): ", "69383\n"),
            ("Local reference", "EP 7\n"),
            ("[planned]: ", "\n"),
            ("this would add 1 error", ""),
            ("2 Owner              lyon  Lyon", ""),
            ("Try again? [Y/n] ", "n\n"),
        ],
    )

    assert code == 130, shown
    line = next(row for row in shown.splitlines() if "smartreg add-support" in row)
    for part in (
        "--owner lyon",
        "--insee-code 69383",
        "--location-lon 4.85012",
        "--local-ref 'EP 7'",
        "--manager nowhere",
    ):
        assert part in line


def test_a_list_takes_several_answers_each_judged_at_once(dialogue: Dialogue, registry: Path) -> None:
    for number in range(10):  # more than are numbered: searched as one types
        text = f"id: ville-{number}\nname: Ville {number}\ncategory: commune\n"
        (registry / f"registry/parties/ville-{number}.yaml").write_text(text, "utf-8")
    code, shown = dialogue(
        "add-convention",
        "--lang=fr",
        exchange=[
            ("Intitulé", "Accord\n"),
            ("Parties :", "lyon\r"),
            ("… [lyon, Entrée pour finir] :", "\r"),
            ("au moins 2 éléments", ""),
            ("Parties :", "lyon, Ville 7\r"),
            ("Familles d'interventions", ""),
            ("1–3 : ", "1,4\n"),
            ("rien ici ne correspond à « 4 »", ""),
            ("1–3 : ", "1, données, data\n"),
            ("1–3 [signed] : ", "signed\n"),
            ("aucune fiche « Délibération » n'existe encore", ""),
            ("smartreg add-deliberation, ou choisissez autre chose ici", ""),
            ("1–3 [signed] : ", "projet\n"),
            ("Effet jusqu'au (AAAA-MM-JJ) (facultatif, Entrée pour passer) : ", "\n"),
            ("Identifiant [accord] : ", "\n"),
            ("Écrire ? [O/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    text = (registry / "registry/conventions/accord.yaml").read_text("utf-8")
    assert "parties:\n  - lyon\n  - ville-7\nfamilies:\n  - installation\n  - data\nstatus: draft\n" in text


def test_a_convention_names_two_deliberations(dialogue: Dialogue, registry: Path) -> None:
    (registry / "registry/parties/other.yaml").write_text("id: other\nname: Autre\ncategory: private\n", "utf-8")
    for number, body in ((1, "lyon"), (2, "other")):
        text = f"id: d-{number}\nnumber: 'D-{number}'\ndate: '2024-01-0{number}'\nsubject: Accord\nbody: {body}\n"
        (registry / f"registry/deliberations/d-{number}.yaml").write_text(text, "utf-8")
    code, shown = dialogue(
        *("add-convention", "--title=Accord", "--party=lyon", "--party=other", "--family=data", "-y", "--lang=en"),
        exchange=[
            ("1–3 [signed]: ", "\n"),
            ("Signed on [", "2024-02-01\n"),
            ("Effective until (YYYY-MM-DD) (optional, Enter to skip): ", "2029-12-31\n"),
            ("Deliberations", ""),
            ("1–2: ", "1,d-2\n"),
        ],
    )

    assert code == 0, shown
    text = (registry / "registry/conventions/accord.yaml").read_text("utf-8")
    assert "deliberations:\n  - d-1\n  - d-2\n" in text
    assert 'effective_until: "2029-12-31"\n' in text
    assert "CON320" not in shown  # in force without a known end


def test_what_cannot_be_named_later_stops_with_what_was_answered(dialogue: Dialogue) -> None:
    code, shown = dialogue(
        *("add-convention", "--party=lyon", "--party=other", "--family=data", "--status=adopted", "--lang=en"),
        exchange=[("There is no deliberation yet. Add one now? [Y/n] ", "n\n")],
    )

    assert code == 2
    assert shown.splitlines()[-2:] == [
        "error: there is no deliberation yet",
        "help: create one first: smartreg add-deliberation",
    ]


@pytest.mark.parametrize(
    ("lang", "question", "answer", "value"),
    [
        ("en", "involved [y/n]:", "YES", "true"),
        ("fr", "présentes [o/n] :", "o", "true"),
        ("fr", "[o/n] :", "n", "false"),
    ],
)
def test_true_or_false_is_asked_as_yes_or_no(
    dialogue: Dialogue, lang: str, question: str, answer: str, value: str
) -> None:
    said = "title=T id=t producer=lyon consumer=lyon equipment=e access=restricted status=planned"
    terms = "controller=lyon purpose=P legal-basis=public_task retention=P30D dpia-status=pending"
    words = [f"--{word}" for word in said.split()] + [f"--personal-data-{word}" for word in terms.split()]
    exchange = [
        (question, "peut-être\n"),
        ("(true, false)", ""),
        (question, f"{answer}\n"),
        ("1 : " if lang == "fr" else "1: ", "\n"),
    ]
    exchange += [("[O/n] " if lang == "fr" else "[Y/n] ", "n\n")]

    _code, shown = dialogue("add-flow", f"--lang={lang}", "-y", *words, exchange=exchange)

    assert f"--personal-data-involved {value}" in shown  # there is no equipment e: the answers come back


def test_enter_keeps_the_items_of_a_list_that_hold_commas(dialogue: Dialogue, registry: Path) -> None:
    schema = """{"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "note": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}}}}"""
    (registry / "schemas/drone.schema.json").write_text(schema, "utf-8")
    file = registry / "registry/drone/d.yaml"
    file.parent.mkdir()
    file.write_text('id: d\ntags: ["roof, north", flat]\n', "utf-8")
    for words in (["add", "--all"], ["-c", "user.name=S", "-c", "user.email=s@x.fr", "commit", "-qm", "drone"]):
        subprocess.run(["git", *words], cwd=registry, check=True)

    kept = '["roof, north", "flat"]'
    exchange = [("1–2: ", "tags\n"), (f"[{kept}]: ", "\n"), ("Nothing to change", "")]
    code, shown = dialogue("set", "drone/d", "--lang=en", exchange=exchange)

    assert code == 0, shown


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (["plaques, 1"], "captures:\n  - plates\n  - image\n"),
        (["1,5", "5", ""], "captures: []\n"),
        ([""], ""),
    ],
)
def test_a_camera_is_asked_what_it_captures(
    dialogue: Dialogue, registry: Path, answers: Sequence[str], text: str
) -> None:
    words = "--support=lyon-ep-07 --owner=lyon --use-case=noise --installed-on=2024-05-11 --id=cam"
    exchange = [("Captations (facultatif, Entrée pour passer)", ""), *(("1–5", f"{answer}\n") for answer in answers)]

    code, shown = dialogue(
        *("add-camera", "--lang=fr", "-y", *words.split(" ")),
        exchange=[("Réseau", "\n"), ("Numéro de série", "\n"), *exchange],
    )

    assert code == 0, shown
    written = (registry / "registry/equipment/cam.yaml").read_text("utf-8")
    assert (text in written, "captures" in written) == (True, bool(text))


def test_a_commune_is_called_by_its_name_and_a_number_has_a_point(dialogue: Dialogue, registry: Path) -> None:
    code, shown = dialogue(
        *("add-support", "--type=mast", "--owner=lyon", "--local-ref=1", "--status=planned", "--id=m-1", "--lang=fr"),
        "-y",
        exchange=[
            ("Position (latitude, longitude) : ", "47,1850\n"),
            ("aide : écrivez-les comme 43.51345,4.98747", ""),
            ("Position (latitude, longitude) : ", "47,18500 -1,55000\n"),
            ("Code INSEE (ou nom de la commune) : ", "Saint-Denis\n"),
            ("93066 (93)", ""),
            ("Code INSEE (ou nom de la commune) : ", "Nulle part\n"),
            ("n'est ni un code INSEE ni le nom d'une commune", ""),
            ("Code INSEE (ou nom de la commune) : ", "reze\n"),
            ("note : reze : 44143", ""),
        ],
    )

    assert code == 0, shown
    assert 'insee_code: "44143"' in (registry / "registry/supports/44143/m-1.yaml").read_text("utf-8")


def test_examples_are_those_of_the_registry(dialogue: Dialogue, registry: Path) -> None:
    settings = registry / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[territory]\nepci_siren = "200030195"\n', "utf-8")
    code, shown = dialogue(
        *("add-support", "--location-lat=45.75012", "--location-lon=4.85012", "--type=mast", "--lang=en"),
        exchange=[
            ("Owner", "?\n"),
            ("Example: lyon", "lyon\n"),
            (" code (or the name of the commune): ", "?\n"),
            ("Example: 06006", ""),
            ("The name of the commune will do: Aspremont.", "\x03"),
        ],
    )

    assert code == 130, shown


def test_the_example_of_a_list_of_groups_is_a_group_that_is_taken(dialogue: Dialogue) -> None:
    code, shown = dialogue(
        *("set", "use_case/noise", "--lang=en"),
        exchange=[
            ("Field:", "assessments\r"),
            ("Assessments: ", "?\n"),
            ('Example: {"date": "2025-06-30", "rating": 4', ""),
            ("Assessments: ", '{"date": "2025-06-30", "rating": 4}\n'),
            ("Write this? [Y/n] ", "n\n"),
        ],
    )

    assert code == 130, shown


def test_a_duration_in_words_gets_its_code_suggested(dialogue: Dialogue) -> None:
    said = "title=T producer=lyon consumer=lyon equipment=e access=restricted personal-data-involved=true"
    terms = "controller=lyon purpose=P legal-basis=public_task dpia-status=pending"
    words = [f"--{word}" for word in said.split()] + [f"--personal-data-{word}" for word in terms.split()]

    code, shown = dialogue(
        *("add-flow", "--lang=fr", *words),
        exchange=[(" (comme ", "30 jours\n"), ("aide : écrivez P30D", ""), (" (comme ", "\x03")],
    )

    assert code == 130, shown


def test_the_day_of_an_end_is_asked_with_its_form_and_never_silently_again(dialogue: Dialogue, registry: Path) -> None:
    (registry / "registry/conventions/c.yaml").write_text(
        "id: c\ntitle: Accord\nparties: [lyon, lyon-2]\nfamilies: [data]\nstatus: draft\n", "utf-8"
    )
    day = "le premier jour où elle n'est plus en vigueur (AAAA-MM-JJ)"
    code, shown = dialogue(
        *("terminate", "c", "--lang=fr"),
        exchange=[
            (f"{day} : ", "\n"),
            (f"{day} : obligatoire", ""),
            (f"{day} : ", "2026-11-30\n"),
            ("Signé le (AAAA-MM-JJ) [", "\n"),
            ("Pourquoi", "?\n"),
            ("Exemple : d'un commun accord", "\x03"),
        ],
    )

    assert code == 130, shown


# -- the columns of a sheet ------------------------------------------------------------------------------------------


def test_a_sheet_that_comes_in_for_the_first_time_asks_what_its_columns_fill(
    registry: Path, base: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "Mats.csv"
    sheet.write_text(
        "NOM;X;Y;status;ETAT\nBellecour;4,8320;45,7570;in_service;neuf\nOpéra;4,8360;45,7670;exploité;vieux\n"
    )
    program = (sys.executable, "-m", "smartreg", "import", "support", str(sheet), "--lang", "en", "-y")
    exchange = [
        ("4  status", ""),
        ("5  ETAT", ""),
        ("columns that are something else, by number (Enter: none)", "1, 5\n"),
        ("NOM (Bellecour) [-]", "adress\n"),
        ('did you mean "address"?', "address\n"),
        ("ETAT (neuf) [-]", "\n"),
        ("type, for every row [mast]", "\r"),
        ("1 lyon  Lyon", "\n"),
        ("insee_code, for every row", "69381\n"),
        ('status says "exploité" (rows: 1): which status is that?', "in_service\n"),
    ]
    code, shown = talk(program, registry, base.parent, exchange)
    assert (code, "2 added" in shown, "columns not used: ETAT" in shown) == (0, True, True), shown
    record = next((registry / "registry/supports").rglob("bellecour.yaml")).read_text()
    assert "lon: 4.832" in record
    code, shown = talk(program, registry, base.parent, [])  # the mapping is kept: nothing is asked again
    assert (code, "Nothing to change" in shown) == (0, True), shown


def test_answers_about_a_sheet_that_is_refused_come_back_as_a_command_line(
    registry: Path, base: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "Mats.csv"
    sheet.write_text("NOM;X;Y;nature;ville\nBellecour;4,8320;45,7570;mast;69381\nOpéra;4,8360;45,7670;mast;Nowhere\n")
    program = (sys.executable, "-m", "smartreg", "import", "support", str(sheet), "--lang", "en", "-y")
    exchange = [
        ("columns that are something else", "5\n"),
        ("ville (69381)", "insee_code\n"),
        ("1 lyon  Lyon", "\n"),
        ("[in_service]", "\n"),
        ('"Nowhere" is neither an INSEE code nor the name of a commune', ""),
        (f"with your answers: smartreg import support {sheet} --lang en -y --map ville=insee_code --map X=", ""),
    ]
    code, shown = talk(program, registry, base.parent, exchange)
    assert code == 1, shown


def test_points_in_lambert_and_rows_at_zero_are_asked_about(registry: Path, base: Path, tmp_path: Path) -> None:
    """Enter takes what the sheet most likely says."""
    pytest.importorskip("pyproj")
    sheet = tmp_path / "Mats.csv"
    sheet.write_text(
        "NUM;LIEU;POINT_X;POINT_Y\n7;Bellecour;842327,15;6519146,21\n8;Opéra;842650,87;6520264,62\n9;Gare;0;0\n"
    )
    program = (sys.executable, "-m", "smartreg", "import", "support", str(sheet), "--lang", "en", "-y")
    exchange = [
        ("columns that are something else", "?\n"),
        ("Example: 2, 5", "\n"),
        ("type, for every row [mast]", "\r"),
        ("1 lyon  Lyon", "\n"),
        ("insee_code, for every row", "69381\n"),
        ("[in_service]", "\n"),
        ("points look like Lambert-93: their system (-: degrees)", "?\n"),
        ("Example: EPSG:2154 (Lambert-93)", "\n"),
        ("some rows are at 0, 0: leave out those with (-: none)", "?\n"),
        ("Example: X=0", "\n"),
    ]
    code, shown = talk(program, registry, base.parent, exchange)
    assert (code, "2 added, 0 changed, 0 unchanged, 1 row left out" in shown) == (0, True), shown
