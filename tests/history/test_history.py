"""`log`: the history of records from real repositories; commits by smartreg, by hand, merges, moves, renames."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Git
from desk import serving
from registries import SCHEMAS
from story import Story, trailers

from smartreg.cli.run import run
from smartreg.commands.coverage import coverage
from smartreg.commands.history import blame_record
from smartreg.commands.show import show
from smartreg.core.errors import UsageFault
from smartreg.core.styled import plain
from smartreg.core.values import RecordId
from smartreg.history.entries import BULK, LogEntry
from smartreg.wording import log_report
from smartreg.wording.log_subjects import translate_subject
from smartreg.workspace.workspace import open_workspace

S1, S2 = "equipment/s1", "equipment/s2"


PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def story(git_repo: Path, git: Git) -> Story:
    return Story(git_repo, git)


def summarize(entries: Sequence[LogEntry]) -> list[tuple[str, str, bool]]:
    return [(str(entry.rid), entry.op, entry.manual) for entry in entries]


def test_what_smartreg_noted_and_what_the_difference_shows(story: Story) -> None:
    story.commit({S1: "status: active", S2: "status: active"}, "Import", trailers("import"))
    story.commit({S1: "status: faulty"})
    story.commit({S2: None})
    story.commit(
        {"supports/13047/p1": "type: mast"}, "x", trailers("add", "Smartreg-Convention: c1", "Smartreg-Reason: r")
    )
    story.commit({"supports/13047/p2": "type: mast"})

    entries = story.log()

    assert summarize(entries) == [
        ("support/p2", "add", True),
        ("support/p1", "add", False),
        ("equipment/s2", "remove", True),
        ("equipment/s1", "set", True),
        ("equipment/s1", "import", False),
        ("equipment/s2", "import", False),
    ]
    assert (entries[1].conventions, entries[1].reason) == (("c1",), "r")
    assert [(item.path, item.before, item.after) for item in entries[3].changes] == [(("status",), "active", "faulty")]
    assert summarize(story.log("s1")) == [("equipment/s1", "set", True), ("equipment/s1", "import", False)]


def test_moves_comments_and_modes_are_no_changes(story: Story, git: Git) -> None:
    story.commit({"supports/13047/p1": "type: mast"})
    story.commit({"supports/13047/p1": None, "supports/p1": "type: mast"})
    story.commit({"supports/p1": "# remark\ntype: mast"})
    git("update-index", "--chmod=+x", "registry/supports/p1.yaml")
    story.commit({"supports/p1": None, "supports/13001/p1": "type: pole"})

    assert summarize(story.log("p1")) == [("support/p1", "set", True), ("support/p1", "add", True)]
    assert story.log(limit=1) == story.log()[:1]


def test_a_record_keeps_its_history_through_its_renames(story: Story) -> None:
    story.commit({"equipment/old": "status: planned"})
    story.commit({"equipment/old": None, S1: "status: planned"}, "Rename", trailers("rename"))
    story.commit({S1: "status: installed"})

    found = [(str(entry.rid), entry.op) for entry in story.log("s1")]

    assert found == [
        ("equipment/s1", "set"),
        ("equipment/s1", "rename"),
        ("equipment/old", "add"),
    ]
    assert story.log("s1")[1].former == RecordId("equipment", "old")
    assert "  old → s1  " in plain(
        log_report.render_log(story.log("s1"), record=RecordId("equipment", "s1"), lang="en", zone=PARIS)
    )
    assert story.log("s1", since=date(2026, 9, 3)) == story.log("s1")[:1]
    assert story.log("s1", until=date(2026, 9, 1)) == story.log("s1")[-1:]


def test_a_rename_by_hand_is_seen(story: Story) -> None:
    story.commit({"equipment/old": "status: planned"})
    story.commit({"equipment/old": None, S1: "status: planned", S2: "status: active"})

    found = [(str(entry.rid), entry.op, entry.former) for entry in story.log()[:2]]

    assert found == [
        ("equipment/s1", "rename", RecordId("equipment", "old")),
        ("equipment/s2", "add", None),
    ]


def test_a_merge_counts_only_its_own_changes(story: Story, git: Git) -> None:
    story.commit({S1: "status: active\nheight_m: 1", S2: "status: active"})
    git("checkout", "-qb", "side")
    story.commit({S1: "status: faulty\nheight_m: 1", S2: "status: faulty"})
    git("checkout", "-q", "main")
    story.commit({S1: "status: active\nheight_m: 2"})
    with pytest.raises(Exception, match="merge"):
        git("merge", "-q", "side")
    merge = story.commit({S1: "status: faulty\nheight_m: 2"}, "Merge")

    entries = story.log()

    assert [entry.op for entry in entries if entry.commit == merge] == ["merge"]
    assert len([entry for entry in entries if entry.rid == RecordId("equipment", "s2")]) == 2
    assert len(story.log("s1")) == 4


def test_what_a_side_branch_took_back_is_listed_too(story: Story, git: Git) -> None:
    story.commit({S1: "status: active"})
    git("checkout", "-qb", "side")
    story.commit({S1: "status: faulty"})
    story.commit({S1: "status: active"})
    git("checkout", "-q", "main")
    story.commit({S2: "status: active"})
    git("merge", "-q", "--no-ff", "-m", "merge", "side")

    assert [entry.op for entry in story.log("s1")] == ["set", "set", "add"]
    assert len(story.log()) == 4


def test_many_records_in_one_line_unless_one_is_asked_for(story: Story) -> None:
    many = {f"supports/13047/p{number}": "type: mast" for number in range(BULK)}
    story.commit({**many, S1: "status: active"}, "Import 21 records", trailers("import"))
    story.commit({S1: "status: faulty"})

    entry = story.log()[1]

    assert (entry.rid, entry.change, entry.counts) == (None, None, (("equipment", 1), ("support", BULK)))
    assert summarize(story.log("p7")) == [("support/p7", "import", False)]
    assert "1 equipment, 20 support" in plain(log_report.render_log([entry], record=None, lang="en", zone=PARIS))
    kinds = SCHEMAS.kinds
    assert "1 equipment, 20 supports" in plain(
        log_report.render_log([entry], record=None, lang="en", zone=PARIS, kinds=kinds)
    )
    assert "1 équipement connecté, 20 supports" in plain(
        log_report.render_log([entry], record=None, lang="fr", zone=PARIS, kinds=kinds)
    )


def test_choosing(story: Story) -> None:
    story.commit({"conventions/c1": "title: x", S1: "status: active\nconvention: c1"}, author="Ville d'Istres")
    story.commit({S1: "status: faulty\nconvention: c1"}, "x", trailers("set", "Smartreg-Convention: c1"))
    story.commit({S2: "status: active"})

    assert len(story.log(author="VILLE d'i")) == 2
    assert summarize(story.log(op="manual", convention="c1")) == [
        ("convention/c1", "add", True),
        ("equipment/s1", "add", True),
    ]
    assert summarize(story.log(op="set")) == [("equipment/s1", "set", False)]
    assert len(story.log(convention="c1")) == 3
    assert story.log(convention="convention/c1") == story.log(convention="c1")
    assert story.log(convention="c1", until=date(2026, 8, 1)) == ()
    with pytest.raises(UsageFault, match="c2"):
        story.log(convention="c2")
    assert summarize(story.log(since=date(2026, 9, 2), until=date(2026, 9, 2))) == [("equipment/s1", "set", False)]


def test_unreadable_texts_and_what_is_no_record(story: Story, git: Git) -> None:
    story.commit({S1: "status: ["})
    story.commit({S1: "status: active"})
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},registry/equipment/module.yaml")
    git("commit", "-qm", "a submodule where a record should be")
    (story.root / "registry/equipment/link.yaml").symlink_to("/etc/passwd")
    git("add", "registry/equipment/link.yaml")
    git("commit", "-qm", "a link")

    entries = story.log()

    assert [entry.change and entry.change.kind for entry in entries] == ["unreadable", "unreadable"]
    text = plain(log_report.render_log(entries, record=None, lang="en", zone=PARIS))
    assert "was unreadable before" in text
    assert "became unreadable" in text


def test_records_that_are_gone_and_that_never_were(story: Story) -> None:
    story.commit({S1: "status: planned"})
    story.commit({S1: None})

    for word in ("s1", "equipment/s1", "sensor/s1", "registry/equipment/s1.yaml"):
        if word != "sensor/s1":
            assert [entry.op for entry in story.log(word)] == ["remove", "add"]
    with pytest.raises(UsageFault, match="s9"):
        story.log("equipment/s9")


def test_a_record_that_is_gone_is_where_the_log_says(story: Story) -> None:
    story.commit({S1: "type: sensor", S2: "type: sensor"})
    gone = story.commit({S1: None})
    workspace = open_workspace(story.root)
    asked: tuple[Callable[[str], object], ...] = (
        lambda word: show(workspace, word, date(2026, 10, 1)),
        lambda word: coverage(workspace, word, date(2026, 10, 1), today=date(2026, 10, 1)),
        lambda word: blame_record(workspace, record=word),
    )
    for ask in asked:
        with pytest.raises(UsageFault, match="no record") as fault:
            ask("s1")
        assert fault.value.hint is not None
        assert fault.value.hint.in_("en") == f"it was there until 2026-09-02 ({gone[:7]}): smartreg log equipment/s1"
    story.put({S2: None})  # not committed
    with pytest.raises(UsageFault, match="no record") as fault:
        show(open_workspace(story.root), "s2", date(2026, 10, 1))
    assert "until" not in str(fault.value.hint)


def test_no_commit_yet(story: Story) -> None:
    assert story.log() == ()
    assert plain(log_report.render_log((), record=None, lang="fr", zone=PARIS)) == "Aucun commit.\n"


def test_text_and_json(story: Story) -> None:
    story.commit(
        {S1: "status: active\nconvention: c1"}, "x", trailers("add", "Smartreg-Convention: c1"), author="SI métropole"
    )
    story.commit({S1: "status: active\nlocation: {lon: 4.98747, lat: 43.51345}\nconvention: c1"})
    story.commit({S1: "status: faulty\nlocation: {lon: 4.98741, lat: 43.51356}\nconvention: c1"})
    entries = story.log("s1")
    ids = [entry.commit[:7] for entry in entries]
    rid = RecordId("equipment", "s1")

    assert plain(log_report.render_log(entries, record=rid, lang="en", zone=PARIS)).splitlines() == [
        f"2026-09-03 10:00  manual  SIG Istres    status active → faulty, location moved 13 m  {ids[0]}",
        f"2026-09-02 10:00  manual  SIG Istres    location + 43.51345, 4.98747                 {ids[1]}",
        f"2026-09-01 10:00  add     SI métropole  under c1                                     {ids[2]}",
        "Times: Europe/Paris, the time zone of the registry.",
    ]
    french = plain(log_report.render_log(entries, record=rid, lang="fr", zone=PARIS))
    assert "manuel" in french
    assert "en service → en panne" in french
    content = json.loads(log_report.render_log_json(entries, record=rid, lang="en"))
    assert content["version"] == 1
    assert content["entries"][0]["change"]["fields"][0] == {
        "path": ["status"], "name": "status", "before": "active", "after": "faulty",
    }  # fmt: skip


@pytest.mark.parametrize("local", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("zone", "told"), [("Europe/Paris", "2026-10-02 00:25"), ("Indian/Reunion", "2026-10-02 02:25")]
)
def test_every_screen_tells_one_time_of_a_commit_in_the_zone_of_the_registry(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, zone: str, told: str, local: str
) -> None:
    """Whatever zone the author's clock and this computer have; each screen names the zone."""
    story.commit({S1: "status: active"})
    (story.root / "smartreg.toml").write_text(f'timezone = "{zone}"\n', encoding="utf-8")
    story.put({S1: "status: faulty"})
    story.git("add", "-A")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-10-01T22:25:00+00:00")
    story.git("commit", "-q", "--date=2026-10-01T22:25:00+00:00", "-m", "by hand")
    monkeypatch.setenv("TZ", local)
    time.tzset()
    monkeypatch.chdir(story.root)
    try:
        for command in (["log"], ["log", "s1"], ["blame", "s1"], ["audit", "--all"], ["status"]):
            run([*command, "--lang", "en"])
            shown = capsys.readouterr().out
            assert told in shown, (command, shown)
            assert zone in shown, (command, shown)
            assert "22:25" not in shown, command
    finally:
        monkeypatch.undo()
        time.tzset()
    with serving(story.root) as client:
        for path in ("/", f"/records/{S1}"):
            page = client.get(path).text
            assert (told in page, zone in page) == (True, True), path


def test_values_cannot_act_in_the_terminal(story: Story) -> None:
    story.commit({S1: 'status: "x"'}, author="\u202eevil")
    story.commit({S1: 'notes: "\\u202e\\e[31m"'}, "subject")

    text = plain(log_report.render_log(story.log("s1"), record=None, lang="en", zone=PARIS))

    assert not set("\x1b\u202e") & set(text)


@pytest.mark.parametrize(
    ("op", "subject", "french"),
    [
        ("add", "Add equipment/s1", "Ajout : equipment/s1"),
        (
            "set",
            "Set equipment/s1 status=faulty, notes=a, b",
            "Modification : equipment/s1, Statut = en panne, Observations = a, b",
        ),
        ("correct", "Set equipment/s1 no weight_kg", "Rectification : equipment/s1, sans Masse"),
        ("retire", "Retire equipment/s1 on 2026-01-05", "Retrait : equipment/s1, le 2026-01-05"),
        (
            "move",
            "Move equipment/s1 to 43.5, 4.9 on 2026-01-05",
            "Déplacement : equipment/s1 vers 43.5, 4.9, le 2026-01-05",
        ),
        ("import", "Import 2 supports from sheet.csv", "Import : 2 supports de sheet.csv"),
        ("undo", 'Revert "Add party/x"', "Annulation : « Ajout : party/x »"),
        ("undo", 'Reapply "Mind the gap"', "Rétablissement : « Mind the gap »"),
        ("add", "Add the lamp of the market", "Add the lamp of the market"),  # somebody's own words
        ("", "Add equipment/s1", "Add equipment/s1"),  # no trailers
    ],
)
def test_subjects_are_shown_in_the_language_of_the_run(op: str, subject: str, french: str) -> None:
    assert translate_subject(op, subject, SCHEMAS.kinds, "fr") == french
    assert translate_subject(op, subject, SCHEMAS.kinds, "en") == subject
