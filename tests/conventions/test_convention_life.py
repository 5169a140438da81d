"""The life of a convention in a real repository: amended, renewed, terminated, annexed; what is refused, and why."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Git
from conventions import CONVENTION, FILES, ON, OPTIONS, place, under_convention
from program import start
from terminal import talk

from smartreg.commands.amend import Amendment, amend
from smartreg.commands.annex import Annex, annex
from smartreg.commands.coverage import coverage
from smartreg.commands.show import show
from smartreg.commands.terminate import Ending, renew, terminate
from smartreg.core.errors import Refused, SmartregError, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Json, RecordId
from smartreg.domain.renewal import later
from smartreg.edit import Outcome, RefusedWrite, format_text
from smartreg.features.lifecycle.rename import rename
from smartreg.rules import Context, all_rules
from smartreg.workspace.acts import Acts
from smartreg.workspace.workspace import Workspace, open_workspace, today_in

KNOWN = Acts(("older",))
NEW = Acts((), {"number": "IVIS-010-20000/25/BM", "date": "2025-06-05", "subject": "Avenant", "body": "amp"})
SIGNED = date(2025, 6, 12)
AMENDMENT = Amendment(NEW, SIGNED)


@pytest.fixture
def work(git_repo: Path, git: Git) -> Workspace:
    return under_convention(git_repo, git)


def again(work: Workspace) -> Workspace:
    return open_workspace(work.root)


def data(work: Workspace, rid: str = "convention/c") -> dict[str, Json]:
    record = again(work).current.get(RecordId(*rid.split("/")))
    assert record is not None
    return dict(record.data)


def codes(work: Workspace) -> set[str]:
    """The errors of the whole registry."""
    found = again(work)
    return {
        finding.code
        for finding in found.checker(found.current, ON).check(found.current).findings
        if finding.severity == "error"
    }


PARTY = 'id: martigues\nname: Martigues\ncategory: commune\nsiren: "211300561"\ninsee_code: "13056"\n'


def against_the_past(work: Workspace) -> list[str]:
    """What the rules between two states say of the last commit, of conventions."""
    before, after = (work.registry(rev) for rev in ("HEAD~1", "HEAD"))
    context = Context(after.schemas, after.config, ON)
    changes = [(before.get(rid), after.get(rid)) for rid in sorted({*before.places, *after.places})]
    changes = [(old, new) for old, new in changes if old is None or new is None or old.data != new.data]
    rules = [rule for rule in all_rules().values() if rule.scope == "change"]
    return [
        rule.code
        for rule in rules
        if rule.check is not None
        for _ in rule.check(before, after, [pair for pair in changes if speaks(rule.kinds, pair)], context)
    ]


def speaks(kinds: tuple[str, ...], pair: tuple[object, object]) -> bool:
    return not kinds or any(getattr(side, "rid", ("",))[0] in kinds for side in pair if side is not None)


def last_commit(work: Workspace, git: Git) -> tuple[set[str], str]:
    """Its paths and its message."""
    paths = git("show", "--format=", "--name-only", cwd=work.root).split("\n")
    return {path for path in paths if path}, git("log", "-1", "--format=%B", cwd=work.root)


def test_amend_writes_convention_act_and_file_in_one_commit(work: Workspace, git: Git, tmp_path: Path) -> None:
    paper = tmp_path / "Avenant n° 1.PDF"
    paper.write_bytes(b"%PDF\r\n\x00signed")
    asked = replace(AMENDMENT, source=str(paper))

    amend(work, "c", asked, ["scope.supports=pole", "removal_days=60"], [], OPTIONS)

    paths, message = last_commit(work, git)
    assert paths == {CONVENTION, "registry/deliberations/ivis-010-20000-25-bm.yaml", "registry/annexes/avenant-n-1.pdf"}
    assert "Smartreg-Op: amend\n" in message
    assert "Smartreg-Convention: c\n" in message
    after = data(work)
    assert ("scope" in after, after["removal_days"], after["deliberations"]) == (False, 30, ["d"])
    assert after["amendments"] == [
        {
            "number": "1",
            "signed_on": "2025-06-12",
            "deliberations": ["ivis-010-20000-25-bm"],
            "annex": "avenant-2025-06-12",
            "sets": {"removal_days": 60, "scope.supports": ["pole"]},
        }
    ]
    assert after["annexes"] == [
        {
            "id": "avenant-2025-06-12",
            "kind": "amendment",
            "title": "Avenant n° 1 du 2025-06-12",
            "path": "annexes/avenant-n-1.pdf",
            "sha256": hashlib.sha256(paper.read_bytes()).hexdigest(),
        }
    ]
    assert "parties: [amp, istres]   # both\n" in (work.root / CONVENTION).read_text(encoding="utf-8")


def test_amend_is_judged_by_the_rules(work: Workspace) -> None:
    told = amend(work, "c", AMENDMENT, ["families=installation,data"], [], replace(OPTIONS, on=SIGNED)).introduced

    assert {(finding.code, finding.severity) for finding in told} >= {("NET401", "warning")}


def test_amend_obeys_the_rules_between_two_states(work: Workspace) -> None:
    changes = ["parties=amp,istres,bureau", "consideration=fee", "renewal.tacit=true", "renewal.period=P1Y"]
    told = amend(work, "c", AMENDMENT, changes, ["effective_until"], replace(OPTIONS, dry_run=True)).introduced
    assert "CON306" in {finding.code for finding in told}
    changes[1] = "consideration=free"
    amend(work, "c", replace(AMENDMENT, effective_from=date(2025, 7, 1)), changes, ["effective_until"], OPTIONS)

    assert against_the_past(work) == []
    assert codes(work) == set()
    (act,) = data(work)["amendments"]
    assert act["effective_from"] == "2025-07-01"
    assert act["adds"] == {"parties": ["bureau"]}
    assert act["sets"] == {"consideration": "free", "renewal": {"tacit": True, "period": "P1Y"}}
    assert act["unsets"] == ["effective_until"]


def test_amend_again_counts_on(work: Workspace) -> None:
    amend(work, "c", AMENDMENT, ["notice_days=60"], [], OPTIONS)
    later = replace(AMENDMENT, acts=KNOWN, signed_on=date(2025, 9, 1), title="Avenant n° 2")
    amend(again(work), "c", later, ["notice_days=90"], [], OPTIONS)

    assert [(act["number"], act["deliberations"]) for act in data(work)["amendments"]] == [
        ("1", ["ivis-010-20000-25-bm"]),
        ("2", ["older"]),
    ]
    assert data(work)["annexes"] == [{"id": "avenant-2025-09-01", "kind": "amendment", "title": "Avenant n° 2"}]
    assert data(work)["deliberations"] == ["d"]


def test_the_number_belongs_to_the_act(work: Workspace, tmp_path: Path) -> None:
    amend(work, "c", replace(AMENDMENT, number="3", title="Avenant"), ["notice_days=60"], [], OPTIONS)
    later = replace(AMENDMENT, acts=KNOWN, signed_on=date(2025, 9, 1))
    amend(again(work), "c", replace(later, title="Avenant"), ["notice_days=90"], [], OPTIONS)
    amend(again(work), "c", replace(later, number="4 bis", title="Avenant"), ["removal_days=90"], [], OPTIONS)

    assert [(act["number"], act["annex"]) for act in data(work)["amendments"]] == [
        ("3", "avenant-2025-06-12"),
        ("4", "avenant-2025-09-01"),
        ("4 bis", "avenant-2025-09-01-2"),
    ]
    assert codes(work) == set()
    later = replace(later, signed_on=date(2025, 10, 1))
    for amendment in (replace(later, number="4"), replace(later, number="3", title="Avenant")):
        with pytest.raises(RefusedWrite) as refused:
            amend(again(work), "c", amendment, ["notice_days=30"], [], OPTIONS)
        assert [one.code for one in refused.value.outcome.introduced if one.severity == "error"] == ["CON328"]
    with pytest.raises(RefusedWrite) as refused:
        terminate(again(work), "c", Ending(date(2026, 6, 30), ON, number="4"), KNOWN, OPTIONS)
    assert "CON328" in {one.code for one in refused.value.outcome.introduced}


@pytest.mark.day("2026-01-15")
def test_two_branches_that_record_an_act_with_one_number_keep_both(work: Workspace, git: Git) -> None:
    act = ["--deliberation", "older", "--signed-on"]
    for branch, words in (
        ("one", ["removal_days=60", *act, "2025-06-12", "--title", "Dépose"]),
        ("two", ["notice_days=60", *act, "2025-09-01", "--title", "Préavis"]),
    ):
        git("switch", "-q", "-c", branch, "main", cwd=work.root)
        done = start("amend", "c", *words, "-y", cwd=work.root)
        assert done.returncode == 0, done.stderr
    subprocess.run(["git", "merge", "-q", "one"], cwd=work.root, check=False, capture_output=True)

    assert start("resolve", "c", "--ours", cwd=work.root).returncode == 0

    first, second = data(work)["amendments"]
    assert [(act["number"], act["signed_on"]) for act in (first, second)] == [("1", "2025-06-12"), ("1", "2025-09-01")]
    assert [item["title"] for item in data(work)["annexes"]] == ["Dépose", "Préavis"]
    found = start("validate", "--select", "CON328", cwd=work.root)
    assert found.returncode == 1
    line = next(row for row in found.stdout.splitlines() if "smartreg set" in row).split("smartreg ", 1)[1]
    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "merge", cwd=work.root)
    done = start(*shlex.split(line), "-y", cwd=work.root)
    assert done.returncode == 0, done.stderr
    assert [act["number"] for act in data(work)["amendments"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "amendment", "assignments", "fault"),
    [
        ("status: draft", AMENDMENT, ["notice_days=60"], Refused),
        ('status: terminated\nterminated_on: "2025-01-01"', AMENDMENT, ["notice_days=60"], Refused),
        ("status: signed", replace(AMENDMENT, signed_on=date(2027, 1, 1)), ["notice_days=60"], Refused),
        ("status: signed", replace(AMENDMENT, signed_on=date(2025, 6, 4)), ["notice_days=60"], Refused),
        ("status: signed", AMENDMENT, ["removal_days=30"], Refused),
        ("status: signed", AMENDMENT, ["status=draft"], UsageFault),
        ("status: signed", AMENDMENT, ["annexes=[]"], UsageFault),
        ("status: signed", AMENDMENT, ["famillies=data"], UsageFault),
        ("status: signed", replace(AMENDMENT, acts=Acts(("nothing",))), ["notice_days=60"], UsageFault),
        ("status: signed", replace(AMENDMENT, acts=Acts(("party/amp",))), ["notice_days=60"], UsageFault),
        ("status: signed", replace(AMENDMENT, source="nowhere.pdf"), ["notice_days=60"], UsageFault),
        ("status: signed", replace(AMENDMENT, acts=Acts(("d",))), ["notice_days=60"], Refused),
    ],
    ids=[
        *(
            "draft",
            "terminated",
            "ended before",
            "signed before the act",
            "nothing new",
            "status",
            "annexes",
            "unknown",
        ),
        *("unknown act", "no act", "no file", "the act of the signature"),
    ],
)
def test_amend_refuses(
    work: Workspace, text: str, amendment: Amendment, assignments: list[str], fault: type[SmartregError]
) -> None:
    file = work.root / CONVENTION
    file.write_text(file.read_text(encoding="utf-8").replace("status: signed", text), encoding="utf-8")
    before = file.read_bytes()

    with pytest.raises(fault) as raised:
        amend(work, "c", amendment, assignments, [], OPTIONS)

    assert raised.value.hint is not None
    assert not isinstance(raised.value, RefusedWrite)
    assert file.read_bytes() == before


def test_a_deliberation_is_not_recorded_twice(work: Workspace) -> None:
    acts = Acts((), {**NEW.new, "number": "IVIS-009-13539/23/BM"})

    with pytest.raises(UsageFault) as raised:
        amend(work, "c", replace(AMENDMENT, acts=acts), ["notice_days=60"], [], OPTIONS)

    assert raised.value.hint is not None
    assert "--deliberation d" in raised.value.hint.in_("en")


def test_an_amendment_signed_in_time_may_be_recorded_late(work: Workspace) -> None:
    late = replace(OPTIONS, on=date(2027, 6, 1))
    asked = replace(AMENDMENT, signed_on=date(2026, 12, 31))

    found = renew(work, "c", date(2028, 12, 31), asked, replace(late, dry_run=True)).introduced
    assert [finding.code for finding in found] == ["CON325"]  # a warning: Istres has to deliberate as well


def test_renew_prolongs(work: Workspace, git: Git) -> None:
    renew(work, "c", date(2029, 12, 31), AMENDMENT, OPTIONS)

    assert data(work)["effective_until"] == "2026-12-31"
    assert data(work)["amendments"][0]["sets"] == {"effective_until": "2029-12-31"}
    assert "Smartreg-Op: renew\n" in last_commit(work, git)[1]
    assert against_the_past(work) == []
    assert codes(work) == set()


@pytest.mark.parametrize("until", [date(2026, 12, 31), date(2025, 1, 1)])
def test_renew_refuses_what_does_not_prolong(work: Workspace, until: date) -> None:
    with pytest.raises(Refused):
        renew(work, "c", until, AMENDMENT, OPTIONS)


def test_terminate(work: Workspace, git: Git) -> None:
    options = replace(OPTIONS, reason="by common accord")
    terminate(work, "c", Ending(date(2026, 6, 30), ON), NEW, options)

    after = data(work)
    assert (after["status"], "terminated_on" in after) == ("terminated", False)
    assert after["amendments"] == [
        {
            "number": "1",
            "signed_on": "2026-01-15",
            "effective_from": "2026-06-30",
            "deliberations": ["ivis-010-20000-25-bm"],
            "sets": {"terminated_on": "2026-06-30"},
        }
    ]
    assert "Smartreg-Reason: by common accord\n" in last_commit(work, git)[1]
    assert against_the_past(work) == []
    assert codes(work) == set()


def test_a_day_reads_the_termination_once_it_is_signed_and_by_that_act_once_it_applies(work: Workspace) -> None:
    terminate(work, "c", Ending(date(2026, 6, 30), ON), NEW, OPTIONS)

    def shown(day: str) -> str:
        return start("show", "convention/c", "--on", day, cwd=work.root).stdout

    before, between, after = (shown(day) for day in ("2026-01-14", "2026-01-15", "2026-06-30"))
    assert "as it reads on 2026-01-14 (as first signed)" in before
    assert "as it reads on 2026-06-30 (terminated by amendment 1, signed on 2026-01-15)" in after
    ends = [any(line.startswith("terminated_on") for line in text.splitlines()) for text in (before, between, after)]
    assert ends == [False, True, True]


@pytest.mark.parametrize(("party", "code"), [("istres", "CHG805"), ("martigues", "CHG820")])
def test_the_id_of_a_party_to_what_was_signed_stays(work: Workspace, git: Git, party: str, code: str) -> None:
    place(work.root, "registry/parties/martigues.yaml", PARTY)
    amend(open_workspace(work.root), "c", AMENDMENT, ["parties+=martigues"], [], OPTIONS)
    head = git("rev-parse", "HEAD", cwd=work.root)

    with pytest.raises(Refused, match=f"party/{party} is named in what was signed, convention/c: .*{code}") as refused:
        rename(open_workspace(work.root), f"party/{party}", "other", OPTIONS)

    assert refused.value.hint is not None
    assert refused.value.hint.in_("en") == f"its name may change: smartreg set party/{party} name=…"
    assert git("rev-parse", "HEAD", cwd=work.root) == head


def test_a_list_on_a_day_tells_what_was_signed_only_later(work: Workspace) -> None:
    for day, told in (("2023-11-30", True), ("2023-12-01", False)):
        done = start("list", "convention", "--on", day, cwd=work.root)
        assert ("note: signed after that day: c\n" in done.stderr) == told


def test_terminate_today_tells_what_rests_on_it_without_a_title(work: Workspace) -> None:
    told = terminate(work, "c", Ending(ON, ON), NEW, OPTIONS).introduced

    assert {finding.code for finding in told if finding.severity == "warning"} >= {"NET401", "DAT501"}
    assert data(work)["status"] == "terminated"


def renewed(work: Workspace, *parties: str) -> None:
    """The convention with tacit renewal from the end of 2026, and a way out for each party."""
    file = work.root / CONVENTION
    text = file.read_text("utf-8").replace("[amp, istres]", f"[{', '.join(('amp', 'istres', *parties))}]")
    clauses = (
        "renewal: {tacit: true, period: P1Y, notice: P3M, at_most: 2}\ntermination: {unilateral: true, notice: P2M}\n"
    )
    file.write_text(text + clauses, "utf-8")


@pytest.mark.parametrize(
    ("given", "until", "late"),
    [
        ("2026-09-30", "2026-12-31", False),
        ("2026-10-01", "2027-12-31", True),
        ("2026-12-31", "2027-12-31", True),
        ("2027-01-01", "2027-12-31", False),
    ],
)
def test_a_notice_that_is_too_late_is_a_finding_until_the_convention_ends(
    work: Workspace, given: str, until: str, late: bool
) -> None:
    renewed(work)
    day = date.fromisoformat(given)
    terminate(again(work), "c", Ending(None, day, "istres"), Acts(), replace(OPTIONS, on=day, commit=False))

    found = [one for one in warnings(work, date.fromisoformat(until)) if one.code == "CON329"]
    assert [f"the convention runs until {until}" in one.message.in_("en") for one in found] == [True] * late
    assert "CON329" not in {one.code for one in warnings(work, date.fromisoformat(until) + timedelta(1))}


@pytest.mark.parametrize(("days", "late"), [(200, False), (30, True)])
def test_the_command_says_that_a_notice_is_too_late_and_what_runs_on(
    work: Workspace, git: Git, days: int, late: bool
) -> None:
    renewed(work)
    today = today_in("Europe/Paris")
    first = today + timedelta(days)
    file = work.root / CONVENTION
    file.write_text(file.read_text("utf-8").replace("2026-12-31", str(first)), "utf-8")
    git("commit", "-qam", "renewal", cwd=work.root)
    done = start("terminate", "c", "--notice-by", "istres", "--reason", "letter", "-y", cwd=work.root)

    assert done.returncode == 0, done.stderr
    last = later(first, "P1Y") if late else first
    assert f"Notice recorded: convention/c runs until {last}" in done.stdout
    assert (f"the notice of {today} is too late for the term that ends on {first}" in done.stderr) == late


def warnings(work: Workspace, on: date) -> list[Finding]:
    found = again(work)
    return list(found.checker(found.current, on).check(found.current).findings)


def test_a_notice_is_refused_where_no_renewal_is_left(work: Workspace) -> None:
    renewed(work)
    with pytest.raises(Refused, match="has no renewal left to refuse: it ends by itself on 2028-12-31"):
        terminate(again(work), "c", Ending(None, date(2027, 10, 1), "istres"), Acts(), OPTIONS)


@pytest.mark.parametrize("signed", ["2026-01-15", "2025-12-01"])
def test_an_act_that_takes_effect_before_its_signature_is_told_by_every_command(work: Workspace, signed: str) -> None:
    on, day = date(2025, 12, 1), date.fromisoformat(signed)
    renewed(work, "bureau")
    dry, asked = replace(OPTIONS, dry_run=True), replace(AMENDMENT, acts=KNOWN, signed_on=day, effective_from=on)
    for file in ("equipment/guest", "equipment/hosted", "flows/levels"):
        (work.root / f"registry/{file}.yaml").unlink()

    outcomes = [
        amend(again(work), "c", asked, ["notice_days=60"], [], dry),
        renew(again(work), "c", date(2031, 12, 31), asked, dry),
        terminate(again(work), "c", Ending(on, day), KNOWN, dry),
    ]
    assert [[one.severity for one in found.introduced if one.code == "CON324"] for found in outcomes] == [
        ["warning"] if signed > "2025-12-01" else []
    ] * 3


def test_one_party_leaves_and_only_its_exchanges_lose_cover(work: Workspace, git: Git) -> None:
    renewed(work, "bureau")
    (work.root / "registry/equipment/guest.yaml").unlink()
    pole = FILES["registry/supports/13047/pole.yaml"].replace("id: pole", "id: mast").replace("istres", "bureau")
    place(work.root, "registry/supports/13047/mast.yaml", pole.replace("3.51345", "3.52345"))
    device = FILES["registry/equipment/hosted.yaml"].replace("id: hosted", "id: other").replace("1234", "1237")
    place(work.root, "registry/equipment/other.yaml", device.replace("support: pole", "support: mast"))
    text = FILES["registry/flows/levels.yaml"].replace("[istres]", "[bureau]").replace("[hosted]", "[other]")
    place(work.root, "registry/flows/levels.yaml", text)
    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "three", cwd=work.root)
    before = codes(work)
    early = Ending(date(2026, 3, 15), ON, "istres", leaves=True)
    told = terminate(again(work), "c", early, Acts(), replace(OPTIONS, dry_run=True)).introduced
    assert any("the notice of P2M leads to 2026-03-16 at the earliest" in one.message.in_("en") for one in told)

    outcome = terminate(again(work), "c", replace(early, on=date(2026, 3, 16)), Acts(), OPTIONS)

    assert outcome.edit.op == "amend"
    assert (data(work)["status"], data(work)["amendments"]) == (
        "signed",
        [
            {
                "number": "1",
                "signed_on": "2026-01-15",
                "effective_from": "2026-03-16",
                "notice": {"by": "istres", "of": "termination"},
                "removes": {"parties": ["istres"]},
            }
        ],
    )
    assert codes(work) == before
    for day, lost in ((date(2026, 3, 15), set()), (date(2026, 3, 16), {"hosted"})):
        covers = coverage(again(work), "c", day, today=day).covers
        assert {one.record.rid.id for one in covers if one.state(day) == "uncovered"} == lost
        assert {one.record.rid.id for one in covers if one.state(day) == "covered"} == {
            "hosted",
            "other",
            "levels",
        } - lost


def test_the_last_but_one_party_ends_the_convention_instead(work: Workspace) -> None:
    renewed(work)
    with pytest.raises(Refused, match="would have a single party") as refused:
        terminate(again(work), "c", Ending(date(2026, 6, 30), ON, "istres", leaves=True), Acts(), OPTIONS)
    assert refused.value.hint is not None
    assert refused.value.hint.in_("en") == "end it: smartreg terminate c --on 2026-06-30 --notice-by istres"


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2023, 11, 30)], ids=["after its term", "before its effect"])
def test_terminate_refuses_a_day_outside_of_the_term(work: Workspace, on: date) -> None:
    with pytest.raises(Refused):
        terminate(work, "c", Ending(on, ON), NEW, OPTIONS)


# -- annexes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "Charte de la donnée.pdf"
    file.write_bytes(b"%PDF charter")
    return file


def annex_file(work: Workspace, source: Path | str, kind: str = "data_charter", **more: object) -> Outcome:
    asked = Annex(kind, str(source), "Charte", **more)  # type: ignore[arg-type]
    return annex(again(work), "c", asked, OPTIONS)


def test_annex_keeps_the_file_and_its_digest(work: Workspace, git: Git, paper: Path) -> None:
    annex_file(work, paper)

    stored = "registry/annexes/charte-de-la-donnee.pdf"
    assert last_commit(work, git)[0] == {CONVENTION, stored}
    assert (work.root / stored).read_bytes() == paper.read_bytes()
    (item,) = data(work)["annexes"]
    assert item["sha256"] == hashlib.sha256(paper.read_bytes()).hexdigest()
    assert states(work) == ["intact"]

    (work.root / stored).write_bytes(b"%PDF another")
    assert codes(work) == {"CON313"}
    assert states(work) == ["changed"]

    (work.root / stored).unlink()
    assert codes(work) == {"CON313"}
    assert states(work) == ["missing"]


def states(work: Workspace) -> list[str]:
    found = show(again(work), "convention/c", ON).convention
    assert found is not None
    return [item.state for item in found.annexes]


def test_a_file_that_only_this_disk_has_is_refused(work: Workspace, git: Git) -> None:
    inside = work.root / "registry/annexes/x.pdf"
    place(work.root, "registry/annexes/x.pdf", "x")
    with pytest.raises(StateFault):
        annex_file(work, inside)

    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "annex", cwd=work.root)
    annex_file(work, inside)

    assert last_commit(work, git)[0] == {CONVENTION}
    assert data(work)["annexes"][0]["path"] == "annexes/x.pdf"
    assert states(work) == ["intact"]


def test_the_path_means_this_file_and_no_other(work: Workspace, git: Git, tmp_path: Path) -> None:
    place(work.root, "registry/conventions/annexes/x.pdf", "beside")
    git("add", "-A", cwd=work.root)
    git("commit", "-qm", "annex", cwd=work.root)
    (tmp_path / "x.pdf").write_bytes(b"meant")

    annex_file(work, tmp_path / "x.pdf")

    assert data(work)["annexes"][0]["path"] == "registry/annexes/x.pdf"
    assert states(work) == ["intact"]


def test_another_file_of_the_same_name_is_not_overwritten(work: Workspace, paper: Path) -> None:
    annex_file(work, paper)
    paper.write_bytes(b"%PDF later")

    with pytest.raises(UsageFault):
        annex_file(work, paper)


def test_what_annex_writes_is_in_its_form(work: Workspace, paper: Path) -> None:
    annex_file(work, paper)
    annex_file(work, "https://www.example.org/charte.pdf", sha256="a" * 64)

    (convention,) = again(work).current.of_kind("convention")
    text = (work.root / convention.file).read_bytes()
    kind = again(work).current.schemas.kinds["convention"]
    assert b'path: "https://www.example.org/charte.pdf"' in text
    assert text[text.index(b"annexes:") :] in format_text(kind, text, convention.file)


def test_annex_twice_is_refused(work: Workspace, paper: Path) -> None:
    annex_file(work, paper)

    with pytest.raises(Refused):
        annex_file(work, paper)


def test_a_wrong_digest_is_refused(work: Workspace, paper: Path) -> None:
    for digest in ("0" * 64, "abc"):
        with pytest.raises(UsageFault):
            annex_file(work, paper, sha256=digest)


def test_a_web_address_with_its_digest(work: Workspace) -> None:
    annex_file(work, "https://www.example.org/charte.pdf", sha256="a" * 64)

    (item,) = data(work)["annexes"]
    assert (item["path"], item["sha256"]) == ("https://www.example.org/charte.pdf", "a" * 64)
    assert states(work) == ["web"]
    assert codes(work) == set()


def test_the_data_charter_of_a_third_party(work: Workspace, git: Git, paper: Path) -> None:
    annex_file(work, paper, party="bureau", accepted_on=date(2024, 1, 15))

    assert data(work, "party/bureau")["data_charter"] == {
        "signed_on": "2024-01-15",
        "document": "annexes/charte-de-la-donnee.pdf",
    }
    assert "Smartreg-Record: party/bureau\n" in last_commit(work, git)[1]


def test_the_interface_clause_of_a_third_party(work: Workspace, paper: Path) -> None:
    annex_file(work, paper, "interface_clause", party="bureau", accepted_on=date(2024, 2, 1))
    annex_file(work, paper, "interface_clause", party="bureau", accepted_on=date(2024, 2, 2))

    said = {"interface_clause_on": "2024-02-02", "document": "annexes/charte-de-la-donnee.pdf"}
    first, second = data(work)["amendments"]
    assert first == {
        "signed_on": "2024-02-01",
        "adds": {"third_parties": [{"party": "bureau", **said, "interface_clause_on": "2024-02-01"}]},
    }
    assert second["adds"] == {"third_parties": [{"party": "bureau", **said}]}
    assert second["removes"] == {"third_parties": ["bureau"]}
    assert len(data(work)["annexes"]) == 1
    assert codes(work) == set()


@pytest.mark.parametrize("more", [{"kind": "chart"}, {"kind": "privacy", "party": "bureau"}, {"party": "nobody"}])
def test_annex_refuses_what_means_nothing(work: Workspace, paper: Path, more: dict[str, str]) -> None:
    with pytest.raises(UsageFault):
        annex_file(work, paper, **{"kind": "data_charter", **more})


# -- as a user types it ------------------------------------------------------------------------------------------


@pytest.fixture
def lasting(work: Workspace, git: Git) -> Workspace:
    """With a term that is far from the day on which the program runs."""
    file = work.root / CONVENTION
    file.write_text(file.read_text(encoding="utf-8").replace("2026-12-31", "2035-11-30"), encoding="utf-8")
    git("commit", "-qam", "term", cwd=work.root)
    return work


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["amend", "c", "notice_days=60"], ["--deliberation"]),
        (["amend", "c", "notice_days=60", "--deliberation-number", "N"], ["--date", "--subject", "--body"]),
        (["renew", "c"], ["--until", "--deliberation"]),
        (["renew"], ["CONVENTION", "--until", "--deliberation"]),
        (["amend", "notice_days=60"], ["CONVENTION", "--deliberation"]),
        (["terminate", "--reason=end"], ["CONVENTION", "--on", "--deliberation"]),
        (["terminate", "c"], ["--on", "--reason", "--deliberation"]),
        (["annex", "c", "https://www.example.org/x.pdf"], ["--kind", "--title", "--sha256"]),
        (["annex", "c", "x.pdf", "--party", "bureau"], ["--kind", "--title", "--on"]),
    ],
)
def test_all_that_is_missing_is_named_at_once(work: Workspace, words: list[str], missing: list[str]) -> None:
    done = start(*words, cwd=work.root)

    assert done.returncode == 2
    ready = done.stderr.splitlines()[1]
    asked = [word for word in ready.split()[2:] if word.startswith("--") or word == "CONVENTION"]
    assert [word for word in asked if word not in words] == missing
    assert ready.endswith(" -y")


def test_terminate_says_what_loses_cover(lasting: Workspace) -> None:
    words = ["terminate", "c", "--on", "2035-11-01", "--reason", "accord", "--deliberation", "older", "-n", "--json"]
    done = start(*words, cwd=lasting.root)

    lost = {(loss["record"], loss["remove_by"]) for loss in json.loads(done.stdout)["loses_cover"]}
    assert lost == {("equipment/hosted", "2035-11-30"), ("equipment/guest", None), ("flow/levels", None)}


GUEST, LEVELS = ("equipment/guest", None), ("flow/levels", None)


def hosted(remove_by: str, lost_on: str) -> tuple[str, str, str]:
    return "equipment/hosted", remove_by, lost_on


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        (["families-=installation"], {hosted("2034-01-30", "2034-01-01")}),
        (["families=installation"], {(*GUEST, "2034-01-01"), (*LEVELS, "2034-01-01")}),
        (["scope.networks=lora", "removal_days=0"], set()),
        (["scope.insee_codes=13055", "removal_days=0"], {hosted("2033-12-31", "2034-01-01")}),
        (
            ["effective_until=2034-06-30"],
            {hosted("2034-07-30", "2034-07-01"), (*GUEST, "2034-07-01"), (*LEVELS, "2034-07-01")},
        ),
        (
            ["families-=data", "effective_until=2034-06-30"],
            {hosted("2034-07-30", "2034-07-01"), (*GUEST, "2034-07-01"), (*LEVELS, "2034-01-01")},
        ),
        (["notice_days=60"], set()),
    ],
)
def test_amend_says_what_loses_cover_and_from_when(
    lasting: Workspace, changes: list[str], lost: set[tuple[str, str | None, str]]
) -> None:
    words = ["amend", "c", *changes, "--effective-from", "2034-01-01", "--deliberation", "older", "-n"]
    done = start(*words, "--json", cwd=lasting.root)

    found = {(loss["record"], loss["remove_by"], loss["lost_on"]) for loss in json.loads(done.stdout)["loses_cover"]}
    assert found == lost
    text = start(*words, cwd=lasting.root).stdout
    days = sorted({day for *_, day in lost})
    assert [line.split()[4].rstrip(":") for line in text.splitlines() if line.startswith("No longer")] == days


def test_a_notice_says_what_loses_cover_at_the_end_of_the_term(work: Workspace, git: Git) -> None:
    file = work.root / CONVENTION
    file.write_text(file.read_text("utf-8").replace("2026-12-31", "2035-12-31"), "utf-8")
    renewed(work)
    git("commit", "-qam", "renewal", cwd=work.root)
    done = start("terminate", "c", "--notice-by", "istres", "--reason", "letter", "-n", cwd=work.root)

    assert "No longer covered from 2036-01-01: 2 equipment, 1 flow, 1 network." in done.stdout


def test_wrong_words(lasting: Workspace) -> None:
    act = ["--deliberation", "older", "-y"]
    assert start("renew", "c", "--until", "31/12/2036", *act, cwd=lasting.root).returncode == 2
    assert start("renew", "istres", "--until", "2036-12-31", *act, cwd=lasting.root).returncode == 2
    assert start("renew", "cc", "--until", "2036-12-31", *act, cwd=lasting.root).returncode == 2
    assert start("amend", "c", cwd=lasting.root).returncode == 2
    assert start("renew", "c", "--until", "2036-12-31", *act, cwd=lasting.root).returncode == 0


def test_on_a_terminal_what_is_missing_is_asked_for(lasting: Workspace, git: Git, home: Path) -> None:
    exchange = [
        ("no longer in force", "2035-11-01\n"),
        ("Signed on", "2025-10-02\n"),
        ("Why", "by common accord\n"),
        ("+  a new deliberation", ""),
        ("1–3: ", "1\n"),
        ("1–3 [+, Enter ends]: ", "\n"),
        ("Number", "?\n"),
        ("Example: ", ""),
        ("Number", "<\n"),
        ("1–3 [+]: ", "\n"),
        ("Number", "IVIS-010-20000/25/BM\n"),
        ("Date", "5 juin\n"),
        ("is not a date", ""),
        ("Date", "5/6/2025\n"),
        ('error: Date: "5/6/2025" is not a date\nhelp: is it 2025-06-05?', ""),
        ("[2025-06-05]: ", "\n"),
        ("Subject", "Fin\n"),
        ("Body", "amp\n"),
        ("No longer covered", ""),
        ("Write this? [Y/n]", "\n"),
    ]
    code, shown = talk([sys.executable, "-m", "smartreg", "terminate", "c"], lasting.root, home, exchange)

    assert code == 0, shown
    assert data(lasting)["amendments"][0]["sets"] == {"terminated_on": "2035-11-01"}
    assert data(lasting)["amendments"][0]["signed_on"] == "2025-10-02"
    assert "Smartreg-Reason: by common accord\n" in last_commit(lasting, git)[1]


def test_on_a_terminal_what_loses_cover_is_shown_before_the_question(lasting: Workspace, home: Path) -> None:
    words = ["amend", "c", "families-=data", "--deliberation", "older", "--effective-from", "2034-01-01"]
    exchange = [("No longer covered from 2034-01-01: 1 flow.", ""), ("Write this? [Y/n]", "n\n")]
    code, shown = talk([sys.executable, "-m", "smartreg", *words], lasting.root, home, exchange)

    assert code in (1, 130), shown


def test_answers_to_what_is_refused_come_back_as_a_command_line(lasting: Workspace, home: Path) -> None:
    exchange = [
        ("new last day of effect", "2001-12-31\n"),
        ("Signed on", "2001-11-02\n"),
        ("1–3: ", "older\n"),
        ("1–3 [older, Enter ends]: ", "\n"),
        ("with your answers: smartreg renew c --deliberation older --until 2001-12-31 --signed-on 2001-11-02", ""),
    ]
    code, shown = talk([sys.executable, "-m", "smartreg", "renew", "c"], lasting.root, home, exchange)

    assert code in (1, 2), shown


def test_a_renewal_by_questions_up_to_the_commit(lasting: Workspace, git: Git, home: Path) -> None:
    exchange = [
        ("Convention\n  1 convention/c  ", "1\n"),
        ("new last day of effect", "31/12/2036\n"),
        ("is it 2036-12-31?", ""),
        ("[2036-12-31]: ", "\n"),
        ("Signed on", "2025-11-02\n"),
        ("1–3: ", "older\n"),
        ("1–3 [older, Enter ends]: ", "\n"),
        ("Write this? [Y/n]", "\n"),
        ("Renewed convention/c", ""),
    ]
    code, shown = talk([sys.executable, "-m", "smartreg", "renew"], lasting.root, home, exchange)

    assert code == 0, shown
    (amended,) = data(lasting)["amendments"]
    assert (amended["signed_on"], amended["sets"]) == ("2025-11-02", {"effective_until": "2036-12-31"})
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("words", "exchange", "again"),
    [
        (["amend", "notice_days=60"], [("Signed on", "2025-11-02\n")], ["--signed-on", "2025-11-02"]),
        (
            ["terminate", "--reason=Fin"],
            [("no longer in force", "2035-11-01\n"), ("Signed on", "2025-10-02\n")],
            ["--on", "2035-11-01", "--signed-on", "2025-10-02"],
        ),
    ],
)
def test_a_convention_is_picked_and_no_to_the_last_question_gives_the_answers_back(
    lasting: Workspace, home: Path, words: list[str], exchange: list[tuple[str, str]], again: list[str]
) -> None:
    asked = [
        ("Convention\n  1 convention/c  ", "1\n"),
        *exchange,
        ("1–3: ", "older\n"),
        ("1–3 [older, Enter ends]: ", "\n"),
        ("Write this? [Y/n]", "n\n"),
    ]
    code, shown = talk([sys.executable, "-m", "smartreg", *words], lasting.root, home, asked)

    assert code == 130, shown
    line = next(row for row in shown.splitlines() if row.startswith("with your answers: "))
    assert sorted(line.split()[3:]) == sorted(["smartreg", *words, "convention/c", "--deliberation", "older", *again])
    done = start(*line.split()[4:], "-y", cwd=lasting.root)
    assert done.returncode == 0, done.stderr
