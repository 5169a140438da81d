"""Where a device hung, whose it was, and when: moves, transfers and replacements, and what nobody may rewrite."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace as with_values
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.commands.diff import diff
from smartreg.commands.history import undo
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.commands.show import show
from smartreg.commands.since import validate_since
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.values import Record, RecordId
from smartreg.domain.placements import owner_on, placement_on
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.features.lifecycle.move import move, transfer
from smartreg.features.lifecycle.replace import replace
from smartreg.gitio import Commit
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.wording.changes_markdown import report
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
DEVICE = "registry/equipment/noise-1.yaml"
FILES = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole AMP\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    ),
    "registry/deliberations/d1.yaml": "id: d1\nnumber: IVIS 001-1/23/CM\nbody: amp\ndate: 2023-03-16\nsubject: x\n",
    "registry/deliberations/d2.yaml": "id: d2\nnumber: IVIS 002-2/23/CM\nbody: amp\ndate: 2023-03-17\nsubject: y\n",
    "registry/conventions/istres.yaml": (
        "id: istres\ntitle: Istres\nparties: [amp, istres]\nfamilies: [installation, connectivity, data]\n"
        "status: signed\ndeliberations: [d1, d2]\nsigned_on: 2023-12-01\neffective_from: 2023-12-01\n"
    ),
    "registry/use-cases/noise.yaml": (
        "id: noise\ntitle: Noise\nowner: istres\ndomain: environment\nstatus: production\n"
    ),
    **{
        f"registry/supports/13047/pole-{n}.yaml": (
            f'id: pole-{n}\ntype: street_light\nowner: istres\ninsee_code: "13047"\n'
            f"location: {{lon: 4.98{n}, lat: 43.51}}\nstatus: in_service\ncapacity: {{max_devices: 1}}\n"
        )
        for n in (1, 2, 3)
    },
    DEVICE: (
        "# a note that stays\nid: noise-1\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: active\n"
        'support: pole-1\ninstalled_on: 2024-03-11\nserial_number: "SN-1"\n'
        "location: {lon: 4.98101, lat: 43.51001}\ncalibration: {last_on: 2024-03-01, period_months: 24}\n"
        "events:\n  - {date: 2024-03-11, kind: installation}\nnotes: seen\n"
    ),
    "registry/equipment/noise-2.yaml": (
        "id: noise-2\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: planned\nsupport: pole-1\n"
    ),
    **{
        f"registry/flows/{name}.yaml": (
            f"id: {name}\ntitle: Noise\nproducer: istres\nconsumers: [istres]\nequipment: [noise-1]\n"
            f"access: restricted\npersonal_data: {{involved: false}}\nuse_cases: [noise]\nstatus: {status}\n{ended}"
        )
        for name, status, ended in (("levels", "active", ""), ("old", "ended", "ended_on: 2024-12-31\n"))
    },
}


@pytest.fixture
def root(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small registry, committed on 2024-06-01."""
    for path, text in FILES.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, encoding="utf-8")
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2024-06-01T12:00:00+00:00")
    git("add", "-A")
    git("commit", "-qm", "begin")
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2025-09-01T12:00:00+00:00")
    git("branch", "base")
    return git_repo


def move_device(root: Path, record: str, support: str | None, on: str, **more: object) -> Outcome:
    options = with_values(OPTIONS, **more)  # type: ignore[arg-type]
    return move(open_workspace(root), record, support, None, on=date.fromisoformat(on), options=options)


def transfer_record(root: Path, record: str, party: str, on: str) -> Outcome:
    return transfer(open_workspace(root), record, party, on=date.fromisoformat(on), options=OPTIONS)


def device(root: Path, id: str = "noise-1") -> Record:
    found = open_workspace(root).current.get(RecordId("equipment", id))
    assert found is not None
    return found


def head(root: Path) -> Commit:
    work = open_workspace(root)
    return next(iter(work.git.history()))


def codes(outcome: Outcome, severity: str = "error") -> set[str]:
    return {found.code for found in outcome.introduced if found.severity == severity}


# -- what stays on record -----------------------------------------------------------------------------------------


def test_a_device_that_moves_and_changes_hands_keeps_its_past(root: Path, git: Git) -> None:
    move_device(root, "noise-1", "pole-2", "2024-09-01", reason="road works")
    move_device(root, "noise-1", "pole-1", "2025-02-01")
    transfer_record(root, "noise-1", "amp", "2025-01-01")
    transfer_record(root, "support/pole-2", "amp", "2025-03-01")

    current, found = open_workspace(root).current, device(root)
    places = {
        day: place and place.support
        for day in ("2024-03-10", "2024-03-11", "2024-08-31", "2024-09-01", "2025-01-31", "2025-02-01", "2030-01-01")
        for place in [placement_on(found, date.fromisoformat(day))]
    }
    assert list(places.values()) == [None, "pole-1", "pole-1", "pole-2", "pole-2", "pole-1", "pole-1"]
    assert [owner_on(current, found, date(2024, 12, 31)), owner_on(current, found, date(2025, 1, 1))] == [
        "istres",
        "amp",
    ]
    pole = current.get(RecordId("support", "pole-2"))
    assert pole is not None
    assert [owner_on(current, pole, date(2025, 2, 28)), owner_on(current, pole, date(2025, 3, 1))] == ["istres", "amp"]
    assert found.data["installed_on"] == "2024-03-11"
    assert found.data["placements"][0] == {
        "support": "pole-1",
        "location": {"lon": 4.98101, "lat": 43.51001},
        "from": "2024-03-11",
        "until": "2024-08-31",
        "reason": "road works",
    }
    assert "location" not in found.data
    text = (root / DEVICE).read_text("utf-8")
    assert text.startswith("# a note that stays\n")
    assert [entry.op for commit in open_workspace(root).git.history() for entry in commit.operations] == [
        *("transfer", "transfer", "move", "move")
    ]
    verdict = validate_since(open_workspace(root), "base", ValidateOptions(on=ON))
    assert [finding.code for finding in verdict.findings if finding.severity != "info"] == []


def test_show_gives_the_day_and_when_it_was_recorded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move_device(root, "noise-1", "pole-2", "2024-09-01")
    work = open_workspace(root)
    found = show(work, "noise-1", ON, on=date(2025, 1, 1)).places
    assert found is not None
    assert found.placement is not None
    assert (found.placement.support, found.point) == ("pole-2", (4.982, 43.51))
    assert found.placement_recorded is not None
    assert (found.placement_recorded.day, found.placement_recorded.before) == (date(2025, 9, 1), "pole-1")
    assert found.owner is not None
    assert (found.owner.owner, found.owner_recorded) == ("istres", None)  # the registry said so by that day

    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-06-02T12:00:00+00:00")  # set back: it counts as its parent's day
    move_device(root, "noise-1", "pole-3", "2025-02-01")
    late = show(open_workspace(root), "noise-1", ON, on=date(2025, 3, 1)).places
    assert late is not None
    assert late.placement_recorded is not None
    assert (late.placement_recorded.day, late.placement_recorded.before) == (date(2025, 9, 1), "pole-2")

    before = show(work, "noise-1", ON, on=date(2025, 1, 1), at="base").places
    assert before is not None
    assert before.placement is not None
    assert (before.placement.support, before.placement_recorded) == ("pole-1", None)
    assert show(work, "noise-1", ON).places is None
    assert show(work, "party/amp", ON, on=ON).places is None
    asked = (("levels",), ("levels", "--at", "HEAD"), ("noise-1",))
    notes = [start("show", *words, "--on", "2025-01-01", cwd=root).stderr for words in asked]
    assert ["--at 2025-01-01 shows what was recorded then" in note for note in notes] == [True, False, False]
    nowhere = show(work, "noise-1", ON, on=date(2020, 1, 1)).places
    assert nowhere is not None
    assert (nowhere.placement, nowhere.placement_recorded) == (None, None)


def test_equipment_is_nowhere_until_it_is_installed_and_from_the_day_of_its_removal(root: Path) -> None:
    """noise-2, which is planned, has a support and hangs nowhere."""
    text = (root / DEVICE).read_text("utf-8").replace("status: active\n", 'status: removed\nremoved_on: "2025-02-01"\n')
    (root / DEVICE).write_text(text, encoding="utf-8")

    def place(record: str, day: str) -> str:
        done = start("show", record, "--on", day, cwd=root)
        return next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("  place  "))

    assert [place("noise-1", day) for day in ("2024-03-10", "2024-03-11")] == ["nowhere", "pole-1"]
    assert [place("noise-1", day) for day in ("2025-01-31", "2025-02-01")] == ["pole-1", "nowhere"]
    assert place("noise-2", "2025-01-31") == "nowhere"


def test_at_a_point_of_its_own(root: Path) -> None:
    work = open_workspace(root)
    move(work, "noise-1", None, (4.99, 43.52), on=date(2025, 1, 1), options=OPTIONS)
    found = device(root)
    assert ("support" in found.data, found.data["location"]) == (False, {"lon": 4.99, "lat": 43.52})
    with pytest.raises(Refused, match="already there"):
        move(open_workspace(root), "noise-1", None, (4.99001, 43.52), on=date(2025, 2, 1), options=OPTIONS)
    with pytest.raises(RefusedWrite) as refused:
        set_fields(open_workspace(root), "noise-1", ["location.lon=4.9999"], [], OPTIONS)
    assert codes(refused.value.outcome) == {"CHG807"}


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda root: move_device(root, "noise-1", "pole-1", "2025-01-01"), "already there"),
        (lambda root: move_device(root, "noise-1", "pole-2", "2024-03-11"), "not after 2024-03-11"),
        (lambda root: move_device(root, "noise-2", "pole-2", "2025-01-01"), "never in service"),
        (lambda root: move_device(root, "noise-1", "pole-9", "2025-01-01"), 'no record "support/pole-9"'),
        (lambda root: move_device(root, "support/pole-1", "pole-2", "2025-01-01"), "has no field placements"),
        (lambda root: transfer_record(root, "noise-1", "istres", "2025-01-01"), "belongs to istres already"),
        (lambda root: transfer_record(root, "noise-2", "amp", "2025-01-01"), "never in service"),
        (lambda root: transfer_record(root, "use_case/noise", "amp", "2025-01-01"), "has no field previous_owners"),
    ],
)
def test_what_cannot_move_or_change_hands(root: Path, act: Callable[[Path], Outcome], message: str) -> None:
    before = head(root).oid
    with pytest.raises((Refused, UsageFault), match=message):
        act(root)
    assert head(root).oid == before


def test_a_device_of_unknown_installation_moves_from_the_day_it_was_there(root: Path, git: Git) -> None:
    (root / DEVICE).write_text(FILES[DEVICE].replace("installed_on", "installed_before"), "utf-8")
    git("commit", "-qam", "Installed on a day that nobody knows")
    assert move_device(root, "noise-1", "pole-2", "2025-03-01").introduced == ()
    (earlier,) = device(root).data["placements"]
    assert (earlier["support"], earlier["from"], earlier["until"]) == ("pole-1", "2024-03-11", "2025-02-28")


def test_a_move_to_come_is_none(root: Path) -> None:
    with pytest.raises(RefusedWrite) as refused:
        move_device(root, "noise-1", "pole-2", "2026-02-01")
    assert codes(refused.value.outcome) == {"LIF605"}


def test_a_move_is_taken_back_by_undo(root: Path) -> None:
    move_device(root, "noise-1", "pole-2", "2024-09-01")
    undo(open_workspace(root), options=OPTIONS)
    assert (root / DEVICE).read_text("utf-8") == FILES[DEVICE]


# -- a new device in the place of an old one ----------------------------------------------------------------------


def test_a_replacement_is_one_commit_and_flows_follow(root: Path) -> None:
    replace(open_workspace(root), "noise-1", None, ["serial_number=SN-2"], on=date(2025, 4, 1), options=OPTIONS)
    work = open_workspace(root)
    old, new = device(root), device(root, "noise-3")
    assert (old.data["status"], old.data["removed_on"]) == ("removed", "2025-04-01")
    assert {
        name: new.data.get(name) for name in ("status", "installed_on", "replaces", "support", "serial_number")
    } == {
        "status": "active",
        "installed_on": "2025-04-01",
        "replaces": "noise-1",
        "support": "pole-1",
        "serial_number": "SN-2",
    }
    assert new.data["calibration"] == {"period_months": 24}
    assert not {"events", "notes", "placements"} & new.data.keys()
    flows = {flow.rid.id: flow.data["equipment"] for flow in work.current.of_kind("flow")}
    assert flows == {"levels": ["noise-3"], "old": ["noise-1"]}
    assert head(root).operations[0].records == ("equipment/noise-1", "equipment/noise-3", "flow/levels")
    full = [found.code for found in validate(work, ValidateOptions(on=ON)).findings]
    assert "GEO709" not in full  # the pole bears one device, also on the day of the exchange
    with pytest.raises(Refused, match="replaced by equipment/noise-3 already"):
        replace(work, "noise-1", None, [], on=date(2025, 4, 1), options=OPTIONS)
    with pytest.raises(Refused, match="no place that another could take"):
        replace(work, "noise-2", None, [], on=date(2025, 4, 1), options=OPTIONS)
    with pytest.raises(UsageFault, match="exists already") as taken:
        replace(work, "noise-3", "noise-2", [], on=date(2025, 5, 1), options=OPTIONS)
    assert taken.value.hint is not None
    assert "smartreg retire equipment/noise-3 --replaced-by noise-2" in taken.value.hint.in_("en")


# -- what nobody may rewrite --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "words", "code"),
    [
        ("noise-1", ["support=pole-2"], "CHG807"),
        ("noise-1", ["installed_on=2022-03-11"], "CHG807"),
        ("noise-1", ["owner=amp", "notes=transferred"], "CHG806"),
        ("support/pole-1", ["owner=amp"], "CHG806"),
    ],
)
def test_set_overwrites_no_past(root: Path, git: Git, record: str, words: list[str], code: str) -> None:
    """It is refused and names what records it; a correction with its reason passes, and is shown to the reviewer."""
    with pytest.raises(RefusedWrite) as refused:
        set_fields(open_workspace(root), record, words, [], OPTIONS)
    assert codes(refused.value.outcome) == {code}
    (hint,) = [found.hint.in_("en") for found in refused.value.outcome.introduced if found.hint and found.code == code]
    if words[0].startswith(("support", "owner")):
        line = hint.partition(" records a ")[0].replace("YYYY-MM-DD", "2025-01-01")
        assert start(*shlex.split(line)[1:], "-n", cwd=root).returncode == 0
    correction = with_values(OPTIONS, message="see the label")
    done = set_fields(open_workspace(root), record, words, [], correction, correct=True)
    assert (codes(done), codes(done, "warning") & {code}) == (set(), {code})
    (found,) = [
        one for one in validate_since(open_workspace(root), "base", ValidateOptions(on=ON)).findings if one.code == code
    ]
    assert (found.severity, found.message.in_("en").partition("; ")[2]) == ("warning", 'corrected: "see the label"')
    review = report(diff(open_workspace(root), rev="base", on=ON), lang="en")
    assert code in review
    assert "see the label" in review


def test_by_hand_it_is_a_finding_of_the_gate(root: Path, git: Git) -> None:
    move_device(root, "noise-1", "pole-2", "2024-09-01")
    git("branch", "-f", "base")
    for old, new in (
        ('"2024-08-31"', '"2024-08-30"'),
        ("2024-03-11\n", "2022-03-11\n"),
        ("support: pole-2", "support: pole-3"),
    ):
        text = (root / DEVICE).read_text("utf-8")
        assert old in text
        (root / DEVICE).write_text(text.replace(old, new, 1), "utf-8")
        verdict = validate_since(open_workspace(root), "base", ValidateOptions(on=ON, select=("CHG807",)))
        assert [(one.code, one.severity) for one in verdict.findings] == [("CHG807", "error")]
        (root / DEVICE).write_text(text, "utf-8")


def test_capacity_counts_what_hung_there_on_the_day(root: Path) -> None:
    text = FILES[DEVICE].replace("noise-1", "noise-4").replace("pole-1", "pole-2").replace("SN-1", "SN-4")
    (root / DEVICE.replace("-1", "-4")).write_text(text, "utf-8")
    move_device(root, "noise-1", "pole-3", "2025-01-01", commit=False)
    move_device(root, "noise-4", "pole-1", "2024-06-01", commit=False)

    def full(on: date) -> list[str]:
        found = validate(open_workspace(root), ValidateOptions(on=on, select=("GEO709",))).findings
        return [one.where.file.rpartition("/")[2] for one in found]

    assert full(date(2024, 5, 31)) == []
    assert full(date(2024, 6, 1)) == ["pole-1.yaml"]
    assert full(date(2025, 1, 1)) == []


# -- sheets -------------------------------------------------------------------------------------------------------


def brought(root: Path, rows: str, heads: str = "id,support,installed_on", **request: object) -> Imported:
    sheet = root.parent / "devices.csv"
    sheet.write_text(f"{heads}\n{rows}\n", "utf-8")
    work = open_workspace(root)
    options = with_values(OPTIONS, reason=request.pop("reason", None))  # type: ignore[arg-type]
    asked = ImportRequest(update=True, **request)  # type: ignore[arg-type]
    return import_records(work, work.current.schemas.kind("equipment"), sheet, asked, options)


def test_a_sheet_with_another_support_needs_the_day(root: Path) -> None:
    rows = "noise-1,pole-2,2024-03-11\nnoise-2,pole-9,"
    with pytest.raises(RefusedImport) as refused:
        brought(root, rows)
    found = {one.code: one for one in refused.value.outcome.introduced if one.severity == "error"}
    assert found.keys() == {"CHG807", "REF201"}  # the rest of the sheet is judged as usual
    assert (found["CHG807"].where.row, found["CHG807"].where.column) == (2, "support")
    assert found["CHG807"].hint is not None
    assert "--moved-on" in found["CHG807"].hint.in_("en")

    rows = "noise-1,pole-2,2024-03-11\nnoise-2,pole-3,"
    brought(root, rows, moved_on=date(2024, 9, 1))
    places = [placement_on(device(root), day) for day in (date(2024, 8, 31), date(2024, 9, 1))]
    assert [place and place.support for place in places] == ["pole-1", "pole-2"]
    assert "location" not in device(root).data
    assert device(root, "noise-2").data["support"] == "pole-3"  # planned: nothing to keep
    assert brought(root, rows, moved_on=date(2025, 9, 1)).changed == 0

    brought(root, "noise-1,pole-3,2025-03-01", "id,support,Placed on")
    assert [item["support"] for item in device(root).data["placements"]] == ["pole-1", "pole-2"]
    assert device(root).data["placed_on"] == "2025-03-01"


def test_a_sheet_with_another_past_needs_a_reason(root: Path) -> None:
    rows = "noise-1,pole-1,2022-03-11"
    with pytest.raises(RefusedImport) as refused:
        brought(root, rows)
    assert codes(refused.value.outcome) == {"CHG807"}
    with pytest.raises(UsageFault, match="needs a reason"):
        brought(root, rows, correct=True)
    done = brought(root, rows, correct=True, reason="delivery note found")
    assert codes(done.outcome, "warning") == {"CHG807"}
    assert head(root).ops == {"import", "correct"}
    verdict = validate_since(open_workspace(root), "base", ValidateOptions(on=ON, select=("CHG807",)))
    assert [one.severity for one in verdict.findings] == ["warning"]
    assert '"delivery note found"' in verdict.findings[0].message.in_("en")
