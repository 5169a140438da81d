"""What Enter takes: what the words beside the question say, and never whose something is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from terminal import add_sensors, talk
from terminal import base as base  # a fixture
from test_forms import Context

from smartreg.asking.adding import LIKE, NewRecord
from smartreg.asking.replay import Entry, Reached, replay
from smartreg.core.errors import UsageFault
from smartreg.registry import typed_point
from smartreg.workspace.workspace import open_workspace

pytestmark = pytest.mark.day("2026-11-27")

CONVENTION = "add-convention --title C --party lyon --party other --family data --status draft --id c --lang en"


@pytest.fixture
def registry(base: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(base, tmp_path / "registry")
    (folder / "registry/parties/other.yaml").write_text("id: other\nname: Other\ncategory: private\n", "utf-8")
    add_sensors(folder, 1, 2)
    for file in (folder / "registry/equipment").iterdir():
        file.write_text(file.read_text("utf-8") + f"manufacturer: Acme\nserial_number: {file.stem}\n", "utf-8")
    return folder


def ask(registry: Path, **answers: str) -> dict[str, Reached]:
    """The questions of the form for a sensor that these answers reach."""
    kind = (workspace := open_workspace(registry)).current.schemas.kinds["equipment"]
    form = NewRecord(Context(workspace), kind, {"type": "sensor"}, offers_like=True)
    steps = replay(form.questions, {name.replace("like", "--like"): Entry((text,)) for name, text in answers.items()})
    return {step.question.name: step for step in steps.reached}


def test_nobody_s_values_are_taken_unless_a_record_is_named(registry: Path) -> None:
    steps = ask(registry)
    like = steps[LIKE[0]]

    assert like.offered == ("-",)
    assert like.choices is not None
    assert [choice.value for choice in like.choices.items] == ["bruit-2", "bruit-1", "-"]


def test_the_owner_and_the_maker_are_asked_for_all_the_same(registry: Path) -> None:
    steps = ask(registry, like="bruit-1", support="lyon-ep-04", serial_number="N-7")

    assert steps["owner"].offered == ("lyon",)
    assert steps["manufacturer"].offered == ("Acme",)
    assert "use_cases" not in steps


def test_the_maker_is_asked_for_with_a_serial_number(registry: Path) -> None:
    given = {"support": "lyon-ep-04", "owner": "lyon"}

    assert "manufacturer" in ask(registry, **given, serial_number="N-7")
    assert "manufacturer" not in ask(registry, **given)


@pytest.mark.parametrize(
    ("answer", "ends"),
    [("\n", "2029-12-31"), ("-\n", ""), ("2030-01-31\n", "2030-01-31")],
)
def test_enter_does_what_the_words_say(registry: Path, base: Path, answer: str, ends: str) -> None:
    exchange = [
        ("Effective until (YYYY-MM-DD) (optional, Enter to skip): ", "31/12/2029\n"),
        ("(optional, - leaves it out)", ""),
        ("[2029-12-31]: ", answer),
        ("Write this? [Y/n] ", "y\n"),
    ]
    code, shown = talk([sys.executable, "-m", "smartreg", *CONVENTION.split()], registry, base.parent, exchange)

    assert code == 0, shown
    text = (registry / "registry/conventions/c.yaml").read_text("utf-8")
    assert (f'effective_until: "{ends}"' in text) if ends else ("effective_until" not in text)


def test_a_swapped_position_comes_back_with_all_its_digits() -> None:
    with pytest.raises(UsageFault) as caught:
        typed_point("4.9874712, 43.5134567")

    assert caught.value.hint is not None
    assert caught.value.hint.in_("en") == "latitude first: 43.5134567,4.9874712"
