"""The same answers, posted to a page or typed on a terminal, write the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import desk_forms
import pytest
from desk import serving
from terminal import add_sensors, talk
from terminal import base as base  # a fixture

from smartreg.asking.adding import LIKE, NewRecord
from smartreg.asking.question import Answers, Made, Question, Questions
from smartreg.asking.replay import Entry, Reached, Replay, replay
from smartreg.asking.review import findings_by_question
from smartreg.core.values import Json, Language, value_at
from smartreg.edit import RefusedWrite, WriteOptions
from smartreg.forms import whole
from smartreg.forms.changing import Assignments
from smartreg.schema import FieldPath
from smartreg.workspace.add import add
from smartreg.workspace.set_ import parse_assignments
from smartreg.workspace.workspace import Workspace, open_workspace, today_in

DAY = "2024-05-02"


@dataclass(frozen=True)
class Context:
    """Where a form is filled in, for a test."""

    workspace: Workspace
    lang: Language = "en"

    @property
    def today(self) -> date:
        return today_in(self.workspace.config.timezone)


TYPED: dict[str, dict[FieldPath, str | list[str]]] = {
    "party": {("name",): "Ville de Fos", ("category",): "commune", ("siren",): "211300397", ("insee_code",): "13039"},
    "deliberation": {("number",): "D-1", ("date",): DAY, ("subject",): "Accord, d'avance", ("body",): "lyon"},
    "convention": {
        ("title",): "Accord: pose",
        ("parties",): ["lyon", "other"],
        ("families",): ["1", "data"],
        ("status",): "draft",
    },
    "support": {
        ("type",): "mast",
        ("owner",): "1",
        ("location",): "47,18500; -1,55000",
        ("insee_code",): "reze",
        ("local_ref",): "EP #7",
        ("status",): "2",
    },
    "use_case": {("title",): "Bruit: quais", ("owner",): "lyon", ("domain",): "noise"},
    "network": {("name",): "Réseau", ("technology",): "lorawan", ("operator",): "lyon", ("access",): "own_use"},
    "sensor": {
        LIKE: "-",
        ("support",): "crequi 93",
        ("owner",): "lyon",
        ("network",): "lyon-lora",
        ("dev_eui",): "70-B3-D5-7E-D0-06-12-34",
        ("measures",): ["noiseLevel", "airTemperature"],
        ("installed_on",): DAY,
    },
    "camera": {LIKE: "bruit-1", ("support",): "lyon-ep-05", ("captures",): ["image", "plates"], ("installed_on",): DAY},
    "flow": {
        ("title",): "Niveaux",
        ("producer",): "lyon",
        ("consumers",): ["lyon"],
        ("equipment",): ["bruit-1", "bruit-2"],
        ("access",): "restricted",
        ("personal_data", "involved"): "n",
        ("started_on",): DAY,
    },
}


def texts_for(question: Question, typed: Mapping[FieldPath, str | list[str]]) -> str | list[str]:
    """What is typed: the given text, else nothing where that has a meaning, else the first choice."""
    if question.path in typed:
        return typed[question.path]
    if not question.required or question.default not in (None, []):
        return [] if question.several else ""
    assert question.choices is not None, question
    first = question.choices().items[0].value
    return [first] if question.several else first


def post(form: Callable[[Answers], Questions[Made]], typed: Mapping[FieldPath, str | list[str]]) -> Replay[Made]:
    """A form as somebody fills in its page: what is asked is answered, until nothing is open."""
    entries: dict[str, Entry] = {}
    while (result := replay(form, entries)).made is None:
        assert result.fault is None, result.fault
        for step in result.reached:
            assert step.question.name not in entries or step.fault is None, step
            text = texts_for(step.question, typed)
            texts = tuple(_by_value(step, part) for part in (text if isinstance(text, list) else [text]) if part)
            entries.setdefault(step.question.name, Entry(texts or step.offered, step.offered))
    return result


def _by_value(step: Reached, text: str) -> str:
    """A choice that is typed by its number, as a page posts it."""
    return step.choices.items[int(text) - 1].value if step.choices and text.isdigit() else text


def keys_for(question: Question, text: str | list[str]) -> list[tuple[str, str]]:
    """What the terminal shows at its end, and what is typed there."""
    choices = question.choices() if question.choices else None
    shown = question.title if choices is None or not choices.numbered else "1"
    if not isinstance(text, list):
        return [(shown, f"{text}\r")]
    assert choices is not None
    ends = [("Enter ends]", "\r")] if len(text) == 1 < len(choices.items) else []
    return [(shown, f"{', '.join(text)}\r"), *ends]


@pytest.mark.parametrize("noun", TYPED)
def test_the_same_answers_write_the_same_bytes(noun: str, base: Path, tmp_path: Path) -> None:
    for place in ("posted", "typed"):
        shutil.copytree(base, tmp_path / place)
        other = tmp_path / place / "registry/parties/other.yaml"
        other.write_text("id: other\nname: Autre\ncategory: private\n", "utf-8")
        add_sensors(tmp_path / place, 1, 2)
        for setting in ("user.name=SIG", "user.email=sig@example.org"):
            subprocess.run(["git", "config", *setting.split("=")], cwd=tmp_path / place, check=True)
    context = Context(open_workspace(tmp_path / "posted"))
    kind, preset = context.workspace.current.schemas.kind_or_preset(noun)
    form = NewRecord(context, kind, preset, offers_like=kind.name == "equipment", asks_id=False)
    result = post(form.questions, TYPED[noun])
    keys = [key for step in result.reached for key in keys_for(step.question, texts_for(step.question, TYPED[noun]))]
    answers = {".".join(step.question.path): step.texts for step in result.reached}
    with serving(tmp_path / "posted") as client:
        desk_forms.write(client, f"/add/{noun}", answers)

    program = [sys.executable, "-m", "smartreg", f"add-{noun.replace('_', '-')}", "-y", "--lang", "en"]
    code, shown = talk(program, tmp_path / "typed", base.parent, keys)
    assert code == 0, shown
    assert what_was_committed(tmp_path / "typed") == what_was_committed(tmp_path / "posted")


def what_was_committed(folder: Path) -> str:
    """The message of the last commit, and all files at it."""
    words = ["git", "log", "-1", "--format=%T%n%B"]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_refusal_comes_back_at_the_question_that_its_key_path_belongs_to(base: Path, tmp_path: Path) -> None:
    """A DevEUI that another device has, a measure of nothing known, a device far from its registry."""
    shutil.copytree(base, tmp_path / "registry")
    add_sensors(tmp_path / "registry", 1)
    context = Context(open_workspace(tmp_path / "registry"))
    kind = context.workspace.current.schemas.kinds["equipment"]
    values: dict[str, Json] = {
        "type": "sensor",
        "owner": "lyon",
        "use_cases": ["noise"],
        "status": "active",
        "network": "lyon-lora",
        "location": {"lon": 4.85, "lat": 5.75},
        "installed_on": DAY,
        "dev_eui": "70B3D57ED0000001",
        "id": "new",
        "measures": [{"property": "noiseLevel", "unit": "dB[SPL]"}, {"property": "noise", "unit": "dB[SPL]"}],
    }

    with pytest.raises(RefusedWrite) as refused:
        add(context.workspace, kind, values, options=WriteOptions(context.today))
    outcome = refused.value.outcome
    found = findings_by_question(kind, next(iter(outcome.edit.writes)), outcome.introduced)

    codes = {path: {finding.code for finding in findings} for path, findings in found.items()}
    errors = {("dev_eui",): "REF204", ("location",): "GEO710", ("measures",): "REC119"}
    assert {path: code for path, code in errors.items() if code in codes.get(path, ())} == errors, codes


def test_every_list_of_every_kind_is_edited_row_by_row(golden_registry: Path) -> None:
    """Rows that are only shown stay as they are; each field of each row takes its own value, and refuses another;
    what the form makes of a changed row, a row that goes and a new one are words of `set`."""
    context = Context(open_workspace(golden_registry))
    registry, lists = context.workspace.current, 0
    for kind in registry.schemas.kinds.values():
        for group in whole.lists_of_groups(kind):
            record = next(each for each in registry.of_kind(kind.name) if value_at(each.data, group.path))
            rows = value_at(record.data, group.path)
            form = partial(whole.rows_edition, context, record, group)
            shown = replay(form, {})
            entries = {step.question.name: Entry(step.texts, step.offered) for step in shown.reached}
            unchanged = replay(form, entries)
            assert unchanged.made == Assignments((str(record.rid),), (), ()), group.name
            lists += 1

            for step in shown.reached:
                if step.question.path[-1] != "remove" and step.question.form == "day":
                    wrong = replay(form, {**entries, step.question.name: Entry(("2024-02-30",), step.offered)})
                    (refused,) = [each.question.path for each in wrong.reached if each.fault is not None]
                    assert refused == step.question.path

            again = [step for step in shown.reached if step.question.path[-2] == "0" and step.texts]
            copied = {
                ".".join((*step.question.path[:-2], str(len(rows)), step.question.path[-1])): Entry(step.texts, ())
                for step in again
                if step.question.path[-1] != "remove"
            }
            gone = {f"{group.name}.0.remove": Entry(("true",), ("false",))}
            made = replay(form, {**entries, **gone, **copied}).made
            assert made is not None, group.name
            assert made.unset == (f"{group.name}[0]",)
            changes, paths = parse_assignments(registry, record, made.changes, made.unset)
            assert paths == [(*group.path, 0)]
            assert [path for path, _ in changes] in ([(*group.path, len(rows))], [])  # [] if it is the very same row
    assert lists >= 7
