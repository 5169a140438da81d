"""What people type for a record or a choice means it only if it names it; fragments here and there never do."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from program import start
from terminal import SENSOR, talk
from terminal import base as base  # a fixture
from test_forms import Context

from smartreg.asking.choices import Choice, Choices, NoSingleMatch
from smartreg.asking.fields import field_question
from smartreg.asking.replay import Entry, replay
from smartreg.core.errors import UsageFault
from smartreg.core.spelling import fold, names
from smartreg.domain.search import find_records, search_records
from smartreg.forms import changing
from smartreg.schema import parse_value
from smartreg.workspace.workspace import open_workspace

EUI = "70B3D57ED00000"


@pytest.fixture
def registry(base: Path, tmp_path: Path) -> Path:
    """`bruit-8` had SN-8 and is removed; `sensor-8dv4vx` has SN-9, `bruit-80` SN-80."""
    folder = tmp_path / "registry"
    subprocess.run(["cp", "-r", base, folder], check=True)
    devices = {"bruit-8": "SN-8", "sensor-8dv4vx": "SN-9", "bruit-80": "SN-80"}
    for number, (id, serial) in enumerate(devices.items()):
        text = f"id: {id}\n{SENSOR}dev_eui: '{EUI}0{number}'\nserial_number: {serial}\nmanufacturer: M\n"
        if serial == "SN-8":
            text = text.replace(
                "status: active", "status: removed\ndecommissioned_on: '2024-06-29'\nremoved_on: '2024-06-30'"
            )
        (folder / f"registry/equipment/{id}.yaml").parent.mkdir(exist_ok=True)
        (folder / f"registry/equipment/{id}.yaml").write_text(text, "utf-8")
    identity = ("-c", "user.name=SIG", "-c", "user.email=sig@example.org")
    for words in (("add", "--all"), (*identity, "commit", "--quiet", "--message", "sensors")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("typed", "text", "is_named"),
    [
        ("SN-8", "SN-8", True),
        ("SN-8", "SN-9 8dv4vx", False),
        ("SN-8", "SN-80", False),
        ("sn 8", "SN-8", True),
        ("crequi 93", "93 rue de Créqui", True),
        ("cre 93", "93 rue de Créqui", True),
        ("cre 9", "93 rue de Créqui", False),
        ("fau", "faulty", True),
        ("f", "faulty", False),
        ("y", "faulty", False),
        ("a", "a", True),
        (" - ", "faulty", False),
    ],
)
def test_words_name_what_they_begin(typed: str, text: str, is_named: bool) -> None:
    assert names(typed, fold(text)) is is_named


STATES = Choices([Choice("planned", "prévu"), Choice("active", "en service"), Choice("faulty", "en panne")])


@pytest.mark.parametrize("typed", ["y", "f", "n", "e", "en", "ul"])
def test_letters_choose_nothing(typed: str) -> None:
    with pytest.raises(NoSingleMatch):
        STATES.named(typed)


@pytest.mark.parametrize("typed", ["faulty", "fau", "En panne", "pann"])
def test_the_beginning_of_a_word_chooses(typed: str) -> None:
    assert STATES.named(typed).value == "faulty"


def test_a_new_record_is_not_chosen_by_a_letter() -> None:
    choices = Choices([Choice("+", "new party"), Choice("istres", "Istres"), Choice("nantes", "Nantes")])
    with pytest.raises(NoSingleMatch):
        choices.named("n")


def test_an_identifier_finds_its_record_first(registry: Path) -> None:
    current = open_workspace(registry).current

    assert [rid.id for rid in find_records(current, ["equipment"], "SN-8")] == ["bruit-8", "bruit-80", "sensor-8dv4vx"]
    assert [found.is_named for found in search_records(current, ["equipment"], "SN-8")] == [True, False, False]


@pytest.mark.parametrize("typed", ["SN-8", "sn-8", f"{EUI}00", "bruit-8"])
def test_the_desk_says_of_an_identifier_that_its_record_is_not_to_be_chosen(registry: Path, typed: str) -> None:
    context = Context(open_workspace(registry))
    step = replay(partial(changing.retirement, context), {"RECORD": Entry((typed,))}).reached[0]

    assert step.fault is not None
    assert not step.is_answered
    said = step.fault.message.in_("en")
    assert said == f"{typed} is equipment/bruit-8: removed on 2024-06-30, not to be chosen here"


def test_the_desk_offers_the_nearest_and_chooses_none(registry: Path) -> None:
    context = Context(open_workspace(registry))
    step = replay(partial(changing.retirement, context), {"RECORD": Entry(("SN-8dv",))}).reached[0]

    assert not step.is_answered
    assert [choice.value for choice in step.matches] == ["equipment/sensor-8dv4vx"]
    assert step.matches[0].label.endswith(" · SN-9")


def test_the_terminal_retires_no_other_device(registry: Path, base: Path) -> None:
    """`SN-8` is removed: `retire` does not take the device in whose id and serial number "SN" and "8" stand."""
    program = [sys.executable, "-m", "smartreg", "retire", "--lang", "en"]
    exchange = [("Record:", "SN-8\r"), ("removed on 2024-06-30", "\x15SN-9\r"), ("Write this? [Y/n] ", "n\n")]
    code, shown = talk(program, registry, base.parent, exchange)

    assert code == 130
    assert "note: equipment/sensor-8dv4vx · sensor · lyon · lyon-ep-03 · SN-9" in shown
    assert "- equipment/sensor-8dv4vx   sensor · lyon · lyon-ep-03 · SN-9 · removed on" in shown


def test_find_says_that_nothing_is_called_so(registry: Path, base: Path) -> None:
    exact = start("find", "SN-9", "--lang", "en", cwd=registry, HOME=str(base.parent))
    parts = start("find", "SN-90", "--lang", "en", cwd=registry, HOME=str(base.parent))
    other = start("find", "SN-8d", "--lang", "en", cwd=registry, HOME=str(base.parent))

    assert exact.stdout.splitlines()[1].endswith("sensor · lyon · lyon-ep-03 · SN-9")
    assert "nothing is called" not in exact.stderr
    assert parts.stderr == "note: no record has all of these words\n"
    assert other.stderr == 'note: nothing is called "SN-8d"; these have parts of it\n'
    assert "sensor-8dv4vx" in other.stdout


def test_a_script_names_records_as_prompts_do(registry: Path, base: Path) -> None:
    """Identifiers, labels and whole words, for what a field names; a part of a word is an id that does not exist."""
    flow = ["add-flow", "--title", "Bruit", "--producer", "LYON", "--consumer", "lyon", "--equipment", "SN-9"]
    flow += ["--access", "restricted", "--personal-data-involved", "non", "--started-on", "2024-05-02", "-y"]
    added = start(*flow, "--id", "bruit", cwd=registry, HOME=str(base.parent))
    assert added.returncode == 0, added.stderr
    assert "- sensor-8dv4vx" in (registry / "registry/flows/bruit.yaml").read_text("utf-8")

    moved = start("set", "SN-9", "support=créqui 93", "-n", "--lang", "en", cwd=registry, HOME=str(base.parent))
    assert "lyon-ep-07" in moved.stdout
    part = start("set", "SN-9", "owner=lyo", "-n", "--lang", "en", cwd=registry, HOME=str(base.parent))
    assert (part.returncode, "REF201" in part.stdout) == (1, True)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("lampadaire", "street_light"), ("candélabre", "street_light"), ("street light", "street_light")],
)
def test_a_label_in_either_language_chooses(registry: Path, typed: str, value: str) -> None:
    current = open_workspace(registry).current
    question = field_question(
        Context(open_workspace(registry)), kind := current.schemas.kinds["support"], {}, kind.by_path[("type",)]
    )

    assert question.choices is not None
    assert question.choices().named(typed).value == value


@pytest.mark.parametrize(("typed", "value"), [("4,5", 4.5), ("0,125", 0.125), ("-3,25", -3.25), ("4.5", 4.5)])
def test_a_decimal_comma_is_read_where_it_can_mean_one_thing(registry: Path, typed: str, value: float) -> None:
    kind = open_workspace(registry).current.schemas.kinds["equipment"]

    assert parse_value(kind.by_path[("height_m",)], typed) == value
    with pytest.raises(UsageFault, match="decimal point"):
        parse_value(kind.by_path[("height_m",)], "1,500")
