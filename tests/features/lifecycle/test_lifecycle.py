"""The life of a record as writes keep to it: what may follow what, what is corrected, what is taken back, and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.commands.history import RefusedUndo, undo
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.values import Json, RecordId
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.features.lifecycle.retire import remove, retire
from smartreg.history.details import corrections_between
from smartreg.importing.options import ImportRequest
from smartreg.workspace.add import add
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
LOOSE = replace(OPTIONS, commit=False)
WHY = replace(OPTIONS, message="the label says otherwise")

SENSOR = "registry/equipment/noise-1.yaml"
CONVENTION = "registry/conventions/istres.yaml"
FILES = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole AMP\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    ),
    "registry/deliberations/d1.yaml": "id: d1\nnumber: IVIS 001-1/23/CM\nbody: amp\ndate: 2023-03-16\nsubject: x\n",
    "registry/deliberations/d2.yaml": "id: d2\nnumber: IVIS 002-2/23/CM\nbody: amp\ndate: 2023-03-17\nsubject: y\n",
    CONVENTION: (
        "id: istres\ntitle: Istres\nparties: [amp, istres]\nfamilies: [installation]\nstatus: signed\n"
        "deliberations: [d1, d2]\nsigned_on: 2023-12-01\neffective_from: 2023-12-01\n"
    ),
    "registry/conventions/next.yaml": (
        "id: next\ntitle: Next\nparties: [amp, istres]\nfamilies: [installation]\nstatus: draft\n"
    ),
    "registry/use-cases/noise.yaml": (
        "id: noise\ntitle: Noise\nowner: istres\ndomain: environment\nstatus: production\n"
    ),
    "registry/supports/13047/pole.yaml": (
        'id: pole\ntype: street_light\nowner: istres\ninsee_code: "13047"\n'
        "location: {lon: 4.98, lat: 43.51}\nstatus: in_service\n"
    ),
    SENSOR: (
        "id: noise-1\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: active\nsupport: pole\n"
        "installed_on: 2024-03-11\nserial_number: SN-1\nevents:\n  - {date: 2024-03-11, kind: installation}\n"
        "measures:\n  - property: noiseLevel\n"
    ),
    "registry/equipment/noise-2.yaml": (
        "id: noise-2\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: planned\nsupport: pole\n"
    ),
}


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A small registry, committed."""
    for path, text in FILES.items():
        place(git_repo, path, text)
    git("add", "-A")
    git("commit", "-qm", "begin")
    return git_repo


@pytest.fixture
def publish(root: Path, git: Git, tmp_path: Path) -> Git:
    """`published()` sends everything to where others have it."""
    git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    git("remote", "add", "origin", str(tmp_path / "origin.git"))

    def push(*_words: str, cwd: Path | None = None) -> str:
        return git("push", "-q", "origin", "HEAD:main", cwd=cwd)

    return push


def change_record(
    root: Path, record: str, *words: str, options: WriteOptions = OPTIONS, correct: bool = False
) -> Outcome:
    unset = [word[1:] for word in words if word.startswith("-")]
    given = [word for word in words if not word.startswith("-")]
    return set_fields(open_workspace(root), record, given, unset, options, correct=correct)


def add_sensor(root: Path, values: dict[str, Json], options: WriteOptions = OPTIONS) -> Outcome:
    work = open_workspace(root)
    sensor = {"type": "sensor", "owner": "istres", "use_cases": ["noise"], "support": "pole", **values}
    return add(work, work.current.schemas.kind("equipment"), sensor, id=None, options=options)


def state(root: Path, git: Git) -> tuple[str, str]:
    return git("rev-parse", "HEAD", cwd=root), git("status", "--porcelain", "-uall", cwd=root)


def errors(outcome: Outcome) -> set[str]:
    return {found.code for found in outcome.introduced if found.severity == "error"}


def warnings(outcome: Outcome) -> set[str]:
    return {found.code for found in outcome.introduced if found.severity == "warning"}


def hint_of(outcome: Outcome, code: str) -> str:
    return next(found.hint.in_("en") for found in outcome.introduced if found.code == code and found.hint)


# -- change rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "words", "code", "hint"),
    [
        ("noise-1", ["status=planned", "-installed_on", "-events"], "CHG803", "it can become faulty, decommissioned"),
        (
            "noise-1",
            ["status=removed", "removed_on=2026-01-10"],
            "CHG803",
            "decommissioned_on; smartreg retire noise-1",
        ),
        (
            "noise-1",
            ["status=cancelled", "-installed_on", "-events"],
            "CHG803",
            "smartreg retire noise-1 ends its life",
        ),
        ("noise-1", ["serial_number=SN-2"], "CHG804", "smartreg set noise-1 serial_number=SN-2 --correct -m"),
        ("noise-1", ["-serial_number"], "CHG804", "smartreg set noise-1 --unset serial_number --correct -m"),
        ("noise-1", ["events[0].date=2024-03-12"], "CHG807", "add another item that corrects it"),
        ("convention/istres", ["effective_until=2040-01-01"], "CHG805", "smartreg amend"),
        ("convention/istres", ["deliberations=d1"], "CHG807", "--correct -m"),
        ("party/istres", ["siren=213401722"], "CHG804", "another legal person"),
    ],
)
def test_a_change_that_rewrites_the_past_is_refused(
    root: Path, git: Git, record: str, words: list[str], code: str, hint: str
) -> None:
    before = state(root, git)
    with pytest.raises(RefusedWrite) as refused:
        change_record(root, record, *words)
    assert code in errors(refused.value.outcome)
    assert hint in hint_of(refused.value.outcome, code)
    assert state(root, git) == before


def test_steps_whose_dates_are_given_may_be_taken_at_once(root: Path) -> None:
    dates = ("decommissioned_on=2026-01-09", "removed_on=2026-01-10")
    assert change_record(root, "noise-1", "status=removed", *dates).written
    with pytest.raises(RefusedWrite) as refused:
        change_record(root, "noise-1", "status=decommissioned", "-removed_on")
    assert "smartreg add-sensor --like noise-1 --replaces noise-1" in hint_of(refused.value.outcome, "CHG803")


def test_warnings_of_change_rules_are_reported_and_do_not_block(root: Path) -> None:
    assert warnings(change_record(root, "pole", "location.lon=4.9884")) == {"CHG808"}


def test_the_settings_grade_change_rules_in_writes_too(root: Path, git: Git) -> None:
    place(root, "smartreg.toml", FILES["smartreg.toml"] + '[severity]\nCHG804 = "off"\n')
    git("commit", "-qam", "settings")
    assert change_record(root, "noise-1", "serial_number=SN-2").introduced == ()


def test_an_import_keeps_to_the_rules_and_points_at_the_row(root: Path, git: Git, tmp_path: Path) -> None:
    sheet = tmp_path / "devices.csv"
    sheet.write_text("id,type,owner,use_cases,status,serial_number\nnoise-1,sensor,istres,noise,active,SN-9\n", "utf-8")
    before = state(root, git)
    work = open_workspace(root)
    with pytest.raises(RefusedImport) as refused:
        import_records(work, work.current.schemas.kind("equipment"), sheet, ImportRequest(update=True), OPTIONS)
    (found,) = [found for found in refused.value.outcome.introduced if found.severity == "error"]
    assert (found.code, found.where.row, found.where.column) == ("CHG804", 2, "serial_number")
    assert state(root, git) == before


# -- what is not committed is not the past ------------------------------------------------------------------------


def test_what_was_never_committed_is_taken_back(root: Path) -> None:
    change_record(root, "noise-1", "status=decommissioned", "decommissioned_on=2026-01-10", options=LOOSE)
    assert change_record(root, "noise-1", "status=active", "-decommissioned_on", options=LOOSE).written
    place(root, SENSOR, FILES[SENSOR].replace("SN-1", "SN-7"))  # by hand
    assert change_record(root, "noise-1", "serial_number=SN-1", options=LOOSE).written
    with pytest.raises(RefusedWrite) as refused:
        change_record(root, "noise-1", "serial_number=SN-8", options=LOOSE)
    assert errors(refused.value.outcome) == {"CHG804"}


def test_a_new_record_may_change_until_it_is_committed(root: Path, git: Git) -> None:
    outcome = add_sensor(root, {"status": "active", "installed_on": "2026-01-01", "serial_number": "SN-3"}, LOOSE)
    (rid,) = outcome.edit.records
    assert change_record(root, str(rid), "serial_number=SN-4", options=LOOSE).written
    git("add", "-A")
    git("commit", "-qm", "by hand")
    with pytest.raises(RefusedWrite):
        change_record(root, str(rid), "serial_number=SN-5")


def test_before_the_first_commit_nothing_is_past(git_repo: Path) -> None:
    for path, text in FILES.items():
        place(git_repo, path, text)
    assert change_record(git_repo, "noise-1", "serial_number=SN-2", options=LOOSE).written


# -- corrections --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "words", "code", "fields"),
    [
        ("equipment/noise-1", ["serial_number=SN-2"], "CHG804", {"serial_number"}),
        ("convention/istres", ["effective_from=2024-01-01"], "CHG805", {"effective_from"}),
        ("convention/istres", ["deliberations=d1"], "CHG807", {"deliberations"}),
        ("support/pole", ["status=planned"], "CHG803", {"status"}),
    ],
)
def test_a_correction_is_recorded_and_warned_of(
    root: Path, git: Git, record: str, words: list[str], code: str, fields: set[str]
) -> None:
    base = git("rev-parse", "HEAD").strip()
    outcome = change_record(root, record, *words, options=WHY, correct=True)
    assert code in warnings(outcome)
    message = git("log", "-1", "--format=%B")
    assert message.startswith("the label says otherwise\n\nSmartreg-Op: correct\n")
    assert "Smartreg-Reason: the label says otherwise\n" in message
    kind, _, id = record.partition("/")
    work = open_workspace(root)
    found = corrections_between(work.git, work.current.schemas, base, "HEAD")
    assert found == {(RecordId(kind, id), field): "the label says otherwise" for field in fields}


def test_what_happened_is_not_corrected_away(root: Path) -> None:
    with pytest.raises(RefusedWrite) as refused:
        change_record(root, "noise-1", "events[0].date=2024-03-12", options=WHY, correct=True)
    assert errors(refused.value.outcome) == {"CHG807"}


def test_what_a_later_commit_changes_otherwise_is_no_correction(root: Path, git: Git) -> None:
    base = git("rev-parse", "HEAD").strip()
    change_record(root, "noise-1", "serial_number=SN-2", options=WHY, correct=True)
    middle = git("rev-parse", "HEAD").strip()
    change_record(root, "noise-1", "notes=seen")
    place(root, "registry/parties/istres.yaml", FILES["registry/parties/istres.yaml"].replace("211300470", "213401722"))
    git("commit", "-qam", "by hand")
    work = open_workspace(root)
    corrected = corrections_between(work.git, work.current.schemas, base, "HEAD")
    assert corrected == {(RecordId("equipment", "noise-1"), "serial_number"): "the label says otherwise"}
    assert corrections_between(work.git, work.current.schemas, middle, "HEAD") == {}
    checker = work.checker(work.registry(base), ON)
    checker = replace(checker, context=replace(checker.context, corrected=corrected))
    found = checker.compare(work.registry(base), work.current).of_change().findings
    assert [(one.code, one.severity, one.where.path) for one in found] == [
        ("CHG804", "warning", ("serial_number",)),
        ("CHG804", "error", ("siren",)),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (OPTIONS, "needs a reason"),
        (replace(OPTIONS, message="  "), "needs a reason"),
        (replace(WHY, commit=False), "cannot be used together"),
    ],
)
def test_a_correction_without_reason_or_commit_is_refused(
    root: Path, git: Git, options: WriteOptions, message: str
) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault) as refused:
        change_record(root, "noise-1", "serial_number=SN-2", options=options, correct=True)
    assert message in refused.value.message.in_("en")
    assert state(root, git) == before


# -- retire, remove, undo -----------------------------------------------------------------------------------------


def test_a_draft_is_not_retired_by_inventing_its_signature(root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(Refused) as refused:
        retire(open_workspace(root), "convention/next", on=ON, options=OPTIONS)
    assert "never in service" in refused.value.message.in_("en")
    assert refused.value.hint is not None
    assert "smartreg remove convention/next" in refused.value.hint.in_("en")
    assert state(root, git) == before
    assert remove(open_workspace(root), "convention/next", OPTIONS).written


def test_what_nobody_else_has_is_taken_back_whatever_it_said(root: Path) -> None:
    add_sensor(root, {"status": "active", "installed_on": "2026-01-01"})
    assert undo(open_workspace(root), options=OPTIONS).written
    retire(open_workspace(root), "noise-1", on=ON, options=OPTIONS)
    assert undo(open_workspace(root), options=OPTIONS).written
    change_record(root, "noise-1", "serial_number=SN-2", options=WHY, correct=True)
    assert undo(open_workspace(root), options=OPTIONS).written
    assert (root / SENSOR).read_text("utf-8") == FILES[SENSOR]


def test_what_others_have_is_corrected_by_a_further_change(root: Path, git: Git, publish: Git) -> None:
    outcome = add_sensor(root, {"status": "active", "installed_on": "2026-01-01"})
    publish()
    assert_undo_refused(root, git, f"smartreg retire {outcome.edit.records[0]}")
    retire(open_workspace(root), "noise-1", on=ON, options=OPTIONS)
    publish()
    again = "status=active --unset decommissioned_on --unset removed_on"
    assert_undo_refused(root, git, f"smartreg set equipment/noise-1 {again} --correct -m …")


def test_an_undo_that_rewrites_nothing_is_made_upstream_too(root: Path, publish: Git) -> None:
    change_record(root, "noise-1", "status=faulty")
    publish()
    assert undo(open_workspace(root), options=OPTIONS).written


def assert_undo_refused(root: Path, git: Git, forward: str) -> None:
    """The undo of HEAD is refused, and names the correction."""
    before = state(root, git)
    with pytest.raises(RefusedUndo) as refusal:
        undo(open_workspace(root), options=OPTIONS)
    assert refusal.value.exit_code == 1
    assert "is already upstream" in refusal.value.message.in_("en")
    assert refusal.value.hint is not None
    assert forward in refusal.value.hint.in_("en")
    assert state(root, git) == before


# -- entering -----------------------------------------------------------------------------------------------------


NOISE = [{"property": "noiseLevel"}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"measures": NOISE, "serial_number": "SN-2"}, True),
        ({"measures": NOISE, "serial_number": "SN-2", "location": {"lon": 4.98, "lat": 43.51003}}, True),  # 3 m
        ({"measures": NOISE, "serial_number": "SN-2", "location": {"lon": 4.98, "lat": 43.51007}}, False),  # 8 m
        ({"measures": NOISE, "serial_number": "SN-2", "owner": "amp"}, True),
        ({"measures": NOISE, "replaces": "noise-1"}, False),
        ({"measures": [{"property": "airTemperature"}]}, False),
        ({"type": "camera"}, False),
    ],
)
def test_who_enters_a_device_hears_of_others_close_by(root: Path, values: dict[str, Json], expected: bool) -> None:
    shown: list[Outcome] = []

    def confirm(outcome: Outcome) -> bool:
        shown.append(outcome)
        return True

    options = replace(OPTIONS, confirm=confirm)
    outcome = add_sensor(root, values, options)
    found = [found for found in outcome.introduced if found.code == "GEO705"]
    assert [one.message.in_("en").startswith("another sensor is close by: noise-1 (") for one in found] == [
        True
    ] * expected
    assert [one for one in shown[0].introduced if one.code == "GEO705"] == found  # before it is written, too
    assert "GEO705" not in {one.code for one in validate(open_workspace(root), ValidateOptions(ON)).findings}


def test_warnings_are_on_stderr_and_a_correction_needs_its_reason(root: Path) -> None:
    entered = start(
        *("add-sensor", "--like", "noise-1", "--support", "pole", "--serial", "SN-2", "--measure", "noiseLevel"),
        *("-y", "--no-input"),
        cwd=root,
    )
    assert (entered.returncode, entered.stdout[:24]) == (0, "Added equipment/noise-3 ")
    assert "warning[GEO705] another sensor is close by: noise-1 (0 m)" in entered.stderr
    without = start("set", "noise-1", "serial_number=SN-2", "--correct", "-y", cwd=root)
    assert (without.returncode, without.stdout) == (2, "")
    assert "error: a correction needs a reason" in without.stderr
    words = ("set", "noise-1", "serial_number=SN-7", "--correct", "-m", "le numéro est sur l'étiquette", "-y")
    done = start(*words, cwd=root, LC_ALL="fr_FR.UTF-8", LANG="fr_FR.UTF-8")
    assert (done.returncode, done.stdout[:28]) == (0, "Corrigé equipment/noise-1  (")
    assert "[CHG804] serial_number était SN-1 et devient SN-7" in done.stderr
    log = start("log", "noise-1", "--op", "correct", cwd=root)
    assert "serial_number SN-1 → SN-7" in log.stdout
    assert "reason: le numéro est sur l'étiquette" in log.stdout
