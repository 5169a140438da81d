"""Two clocks: `--on` is the day that dates are judged by, `--at` the state that was recorded."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import Git
from days import go_to
from program import start

from smartreg.cli.run import run
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.clock import now
from smartreg.core.errors import UsageFault
from smartreg.features.proofs.audit import AuditOptions, audit
from smartreg.gitio import open_repo
from smartreg.workspace.workspace import open_workspace, today_in

CONVENTION = "registry/conventions/net.yaml"
FILES = {
    "smartreg.toml": 'name = "x"\ntimezone = "Europe/Paris"\n',
    CONVENTION: "id: net\ntitle: net\nparties: [amp, istres]\nfamilies: [connectivity]\nstatus: signed\n"
    'deliberations: [d]\nsigned_on: "2023-12-01"\neffective_until: "2024-12-31"\n',
    "registry/networks/lora.yaml": "id: lora\nname: lora\ntechnology: lorawan\noperator: amp\naccess: shared\n"
    "shared_with: [istres]\nstatus: in_service\n",
    "registry/equipment/noise.yaml": "id: noise\ntype: sensor\nowner: istres\nuse_cases: [n]\nstatus: active\n"
    'network: lora\ninstalled_on: "2023-11-20"\n',
}


@pytest.fixture
def late_record(git_repo: Path) -> Path:
    """The convention as recorded on 20 May 2024; on 10 June somebody records that it ended on 29 February."""
    for path, text in FILES.items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, encoding="utf-8")
    commit(git_repo, "2024-05-20T10:00:00+02:00")
    ended = FILES[CONVENTION].replace("2024-12-31", "2024-02-29")
    (git_repo / CONVENTION).write_text(ended, encoding="utf-8")
    commit(git_repo, "2024-06-10T10:00:00+02:00")
    return git_repo


def commit(root: Path, when: str, *options: str) -> None:
    environ = {**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", "x", *options], cwd=root, check=True, env=environ)


@pytest.mark.parametrize(
    ("on", "at", "covered"),
    [
        # What did the convention cover on 1 March, as we knew it on 1 June? As we know it now?
        (date(2024, 3, 1), "2024-06-01", True),
        (date(2024, 3, 1), None, False),
        (date(2024, 3, 1), "2024-06-10", False),
        (date(2024, 2, 29), None, True),
        (date(2025, 1, 1), "2024-06-01", False),
        (date(2023, 11, 30), "2024-06-01", False),
    ],
)
def test_what_was_covered_on_a_day_as_known_on_another(
    late_record: Path, on: date, at: str | None, covered: bool
) -> None:
    found = validate(open_workspace(late_record), ValidateOptions(on, at=at, select=["NET401"]))
    assert [finding.code for finding in found.findings] == ([] if covered else ["NET401"])
    assert found.on == on


def test_a_date_set_back_or_ahead_moves_nothing_in_time(
    late_record: Path, git: Git, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`audit` tells both, and no difference of less than an hour."""
    resolve = open_repo(late_record).resolve
    ended = git("rev-parse", "HEAD").strip()
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2024-06-01T10:00:00+02:00")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-06-01T10:00:00+02:00")
    assert run(["-C", str(late_record), "set", "lora", "notes=back", "-y"]) == 0
    back = git("rev-parse", "HEAD").strip()
    commit(late_record, "2024-06-10T09:30:00+02:00", "--allow-empty")
    commit(late_record, "2099-01-01T10:00:00+02:00", "--allow-empty")
    ahead = git("rev-parse", "HEAD").strip()
    commit(late_record, "2024-06-12T10:00:00+02:00", "--allow-empty")
    after = git("rev-parse", "HEAD").strip()

    assert resolve("2024-06-09") == git("rev-list", "--max-parents=0", "HEAD").strip()
    assert (resolve("2024-06-10"), resolve("2024-06-11")) == (ahead, ahead)
    assert (resolve("2024-06-12"), resolve("2099-01-02")) == (after, after)
    by_commit = {
        trace.commit.oid: trace.findings for trace in audit(open_workspace(late_record), AuditOptions(ended)).traces
    }
    assert {oid: [finding.code for finding in findings] for oid, findings in by_commit.items()} == {
        back: ["AUD910"],
        ahead: ["AUD910"],
    }
    [found] = by_commit[back]
    earlier = f"its parent {ended[:7]} of 2024-06-10 10:00 +0200"
    assert found.message.in_("en") == f"dated 2024-06-01 10:00 +0200, before {earlier}"
    assert found.hint is not None
    assert found.hint.in_("en") == "correct the clock of the machine; --at counts this commit from 2024-06-10 on"
    with (late_record / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write("[audit]\nclock_tolerance = 10\n")
    commit(late_record, "2024-06-12T11:00:00+02:00")
    commit(late_record, "2024-06-12T10:45:00+02:00", "--allow-empty")
    skewed, _settings = audit(open_workspace(late_record), AuditOptions(after)).traces
    assert [finding.code for finding in skewed.findings] == ["AUD910"]

    git("checkout", "-qb", "side", ended)
    commit(late_record, "2024-06-02T10:00:00+02:00", "--allow-empty")
    assert resolve("2024-06-10") == git("rev-parse", "HEAD").strip()
    capsys.readouterr()
    assert run(["-C", str(late_record), "show", "lora", "--at", "2024-05-19"]) == 2
    assert "the oldest commit here is of 2024-05-20" in capsys.readouterr().err


@pytest.mark.promise("R12")
@pytest.mark.parametrize(
    ("dates", "named"),
    [
        (["2098-01-01", "2001-01-01", "now"], [0, 1]),
        (["2024-06-01", "2098-01-01", "2001-01-01", "now"], [1, 2]),
        (["2024-06-01", "2098-01-01", "2099-01-01", "2001-01-01", "2001-01-02", "now"], [1, 2, 3, 4]),
        (["2024-06-01", "2001-01-01", "2001-01-02", "2024-05-01", "2024-06-02", "now"], [1, 2, 3]),
        (["2024-06-01", "2001-01-01", "2098-01-01", "2001-01-02", "now"], [1, 2, 3]),
        (["2024-06-01", "2098-01-01", "2024-06-01", "2024-06-02", "now"], [1]),
        (["2001-01-01", "2024-06-01", "now"], []),
    ],
)
def test_every_commit_with_a_false_date_is_named(
    git_repo: Path, dates: list[str], named: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No date in the future, and no other one set back, hides one. Of commits that change records, and of others. What
    is stored hides none either, whatever day it is when it is read."""
    made, moment = [], now()
    (git_repo / "smartreg.toml").write_text(FILES["smartreg.toml"], encoding="utf-8")
    for number, day in enumerate(dates):
        if number % 2:
            (git_repo / f"{number}.txt").touch()
        else:
            (git_repo / CONVENTION).parent.mkdir(parents=True, exist_ok=True)
            (git_repo / CONVENTION).write_text(FILES[CONVENTION] + f"notes: n{number}\n", encoding="utf-8")
        commit(git_repo, moment.isoformat() if day == "now" else f"{day}T12:00:00Z")
        made.append(open_repo(git_repo).resolve("HEAD"))
    found = audit(open_workspace(git_repo), AuditOptions(everything=True)).traces
    odd = [trace.commit.oid for trace in found if any(one.code == "AUD910" for one in trace.findings)]
    assert sorted(made.index(oid) for oid in odd) == named
    again = audit(open_workspace(git_repo), AuditOptions(everything=True)).traces
    assert [trace.findings for trace in again] == [trace.findings for trace in found]
    go_to("2098-06-01", monkeypatch)
    later = audit(open_workspace(git_repo), AuditOptions(everything=True)).traces
    assert later == audit(replace(open_workspace(git_repo), indexed=False), AuditOptions(everything=True)).traces


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
def test_the_zone_of_the_machine_does_not_matter(late_record: Path, zone: str) -> None:
    def check_on(on: str, *words: str) -> tuple[int, str]:
        done = start("validate", "--on", on, "--select", "NET401", "-f", "concise", *words, cwd=late_record, TZ=zone)
        return done.returncode, done.stderr

    assert check_on("2024-02-29") == (0, "")
    assert check_on("2024-03-01") == (1, "")
    assert check_on("2024-03-01", "--at", "2024-06-01") == (0, "")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.day("2026-03-28T23:30:00")
def test_today_is_that_of_the_registry(late_record: Path, zone: str) -> None:
    """On the night the clocks change, too."""
    done = start("validate", "-v", "--select", "NET401", cwd=late_record, TZ=zone)
    assert "as of 2026-03-29" in done.stderr


@pytest.mark.parametrize(
    ("moment", "state"), [("2024-12-31T22:30:00", "covered"), ("2024-12-31T23:30:00", "uncovered")]
)
def test_an_export_of_what_no_commit_holds_is_of_the_day_of_the_registry(
    tmp_path: Path, moment: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The convention ends on 31 December: in Paris the year is over an hour before it is in UTC."""
    for path, text in FILES.items():
        (tmp_path / "r" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "r" / path).write_text(text, encoding="utf-8")
    go_to(moment, monkeypatch)
    done = start("export", "--columns", "coverage", "-o", "out", cwd=tmp_path / "r")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "r/out/coverage.csv").open(encoding="utf-8") as file:
        assert [row["state"] for row in csv.DictReader(file)] == [state]


@pytest.mark.day("2028-02-29T10:30:00")
def test_zones_have_days_of_their_own() -> None:
    zones = ("Pacific/Kiritimati", "Europe/Paris", "Pacific/Pago_Pago")
    assert [str(today_in(zone)) for zone in zones] == ["2028-03-01", "2028-02-29", "2028-02-28"]


@pytest.mark.parametrize("zone", ["Europe/Pari", "", "../etc/passwd", "/etc/passwd", "Europe"])
def test_a_zone_that_there_is_not_is_refused(zone: str) -> None:
    with pytest.raises(UsageFault) as caught:
        today_in(zone)
    assert caught.value.hint is not None


def test_a_date_that_the_author_wrote_does_not_hide_when_it_was_recorded(late_record: Path) -> None:
    """`GIT_AUTHOR_DATE` is as free as a name: what goes by the day of the commit says so."""
    noise = "registry/equipment/noise.yaml"
    (late_record / noise).write_text(FILES[noise].replace("2023-11-20", "2023-11-25"), encoding="utf-8")
    environ = {**os.environ, "GIT_AUTHOR_DATE": "2023-12-01T10:00:00+01:00"}
    environ["GIT_COMMITTER_DATE"] = "2024-09-10T10:00:00+02:00"
    subprocess.run(["git", "commit", "-qam", "x"], cwd=late_record, check=True, env=environ)

    def lines(*words: str) -> list[str]:
        return start(*words, cwd=late_record).stdout.splitlines()

    recorded = "recorded on 2024-09-10"
    assert lines("log", "noise", "--since", "2024-09-10")[1].strip() == recorded
    assert lines("log", "noise", "--until", "2024-05-31", "--json") == lines(
        "log", "noise", "--until", "2024-09-09", "--json"
    )
    assert [recorded in text for text in lines("blame", "noise") if text.startswith(("installed_on", "owner"))] == [
        False,
        True,
    ]
    assert any(text.endswith(f"  x  {recorded}") for text in lines("audit", "--all"))
    (entry, _) = json.loads(start("log", "noise", "--json", cwd=late_record).stdout)["entries"]
    assert (entry["date"], entry["day"]) == ("2023-12-01T10:00:00+01:00", "2024-09-10")
    days = json.loads(start("query", "SELECT day FROM history WHERE id = 'noise'", "--json", cwd=late_record).stdout)
    assert [row["day"] for row in days["rows"]] == ["2024-09-10", "2024-05-20"]
