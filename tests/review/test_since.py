"""`validate --since`: only what the change introduces counts, judged by the rules of where it started."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import Git
from program import GIT_CONFIG, start

from smartreg.commands.diff import diff
from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions, Verdict, validate
from smartreg.core.errors import StateFault, UsageFault
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
NOISE_1, NOISE_2 = "registry/equipment/noise-1.yaml", "registry/equipment/noise-2.yaml"
POLE_2, SETTINGS = "registry/supports/13047/pole-2.yaml", "smartreg.toml"
NOISE = """\
id: noise-{}
type: sensor
owner: amp
use_cases: [noise]
status: active
support: pole-{}
installed_on: "2024-03-11"
"""
POLE = 'id: pole-{}\ntype: street_light\nowner: amp\nstatus: in_service\ninsee_code: "13047"\n'
FILES = {
    SETTINGS: 'name = "Istres"\n',
    "registry/parties/amp.yaml": "id: amp\nname: AMP\ncategory: commune\n",
    "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: nobody\n",
    "registry/supports/13047/pole-1.yaml": POLE.format(1),
    POLE_2: POLE.format(2),
    NOISE_1: NOISE.format(1, 1),
}
WAIVER = '[[waiver]]\ncode = "{}"\nrecord = "equipment/noise-2"\nuntil = {}\nreason = "r"\ndecided_by = "d"\n'
CODES = ("REF201", "CHG", "WAI", "YML")

Write: TypeAlias = Callable[[dict[str, str | None]], None]
Since: TypeAlias = Callable[..., Verdict]


@pytest.fixture
def write(git_repo: Path, git: Git) -> Write:
    """Write (None: delete) files of the working tree."""

    def write_files(files: dict[str, str | None]) -> None:
        for path, text in files.items():
            if text is None:
                (git_repo / path).unlink()
            else:
                (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
                (git_repo / path).write_text(text, encoding="utf-8")

    write_files(dict(FILES))
    git("add", "-A")
    git("commit", "-qm", "start")
    git("checkout", "-qb", "pr")
    return write_files


@pytest.fixture
def since(git_repo: Path) -> Since:
    def run(rev: str = "main", *, trust_head: bool = False, **asked: object) -> Verdict:
        asking = ValidateOptions(**{"on": ON, "select": CODES, **asked})  # type: ignore[arg-type]
        return validate_since(open_workspace(git_repo), rev, asking, Trust(trust_head))

    return run


def codes_of(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.code, finding.where.file) for finding in verdict.findings]


def test_nothing_changed(write: Write, since: Since) -> None:
    verdict = since()
    assert (codes_of(verdict), verdict.before, verdict.waived) == ([], 1, 0)
    assert verdict.records == 5


def test_what_comes_counts_and_what_was_there_is_counted_apart(write: Write, since: Since, git: Git) -> None:
    write({NOISE_2: NOISE.format(2, 3)})
    verdict = since()
    assert (codes_of(verdict), verdict.before) == ([("REF201", NOISE_2)], 1)
    git("add", "-A")
    assert codes_of(since(staged=True)) == [("REF201", NOISE_2)]
    assert codes_of(since(at="HEAD")) == []
    assert codes_of(since(names=["registry/supports"])) == []
    assert since(names=["registry/supports"]).before == 0
    git("commit", "-qm", "noise-2")
    assert codes_of(since(at="pr")) == [("REF201", NOISE_2)]


def test_a_changed_fault_is_new_and_a_fixed_one_no_longer_counts(write: Write, since: Since) -> None:
    write({"registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: no-one\n"})
    verdict = since()
    shown = ("CHG821", "registry/use-cases/noise.yaml")
    assert (codes_of(verdict), verdict.before) == ([shown, ("REF201", "registry/use-cases/noise.yaml")], 0)
    write({"registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: amp\n"})
    assert (codes_of(since()), since().before) == ([shown], 0)


def test_records_that_name_what_is_deleted_and_change_rules(write: Write, since: Since) -> None:
    write({"registry/supports/13047/pole-1.yaml": None})
    pole = "registry/supports/13047/pole-1.yaml"
    assert codes_of(since()) == [("REF201", NOISE_1), ("CHG802", pole), ("CHG818", pole)]


def test_what_the_change_records_as_corrected_is_a_warning(write: Write, since: Since, git: Git) -> None:
    write({NOISE_1: NOISE.format(1, 1).replace("sensor", "meter")})
    assert [(finding.code, finding.severity) for finding in since().findings] == [("CHG804", "error")]
    git("commit", "-qam", "It was a meter all along\n\nSmartreg-Op: correct")
    assert [(finding.code, finding.severity) for finding in since().findings] == [("CHG804", "warning")]


def test_what_the_change_says_of_a_record_is_news_of_it(write: Write, since: Since, git: Git) -> None:
    planned = NOISE.format(2, 1).replace("active", "planned").replace("installed_on", "confirmed_on")
    write({NOISE_2: planned})
    asked = {"select": ["LIF606"], "on": date.fromisoformat(git("log", "-1", "--format=%cs").strip())}
    assert codes_of(since(**asked)) == [("LIF606", NOISE_2)]
    git("add", "-A")
    git("commit", "-qm", "noise-2", "--date", "2001-01-01T12:00:00+00:00")
    assert codes_of(since(**asked)) == []


def test_a_moved_file_says_the_same(write: Write, since: Since) -> None:
    moved = "registry/equipment/istres/noise-1.yaml"
    write({NOISE_1: None, moved: NOISE.format(1, 1)})
    assert codes_of(since()) == [("CHG818", moved)]


def test_a_text_that_cannot_be_read(write: Write, since: Since) -> None:
    write({NOISE_1: "id: [\n"})
    assert [code for code, _ in codes_of(since())] == ["YML001"]


def test_the_change_is_counted_from_where_it_left(write: Write, since: Since, git: Git) -> None:
    write({NOISE_2: NOISE.format(2, 3)})
    git("add", "-A")
    git("commit", "-qm", "noise-2")
    git("checkout", "-q", "main")
    write({"registry/equipment/noise-4.yaml": NOISE.format(4, 9)})
    git("add", "-A")
    git("commit", "-qm", "noise-4")
    git("checkout", "-q", "pr")
    assert codes_of(since("main")) == [("REF201", NOISE_2)]


def test_rules_judge_the_merged_state(write: Write, since: Since, git: Git, git_repo: Path) -> None:
    write({NOISE_2: NOISE.format(2, 2)})
    git("add", "-A")
    git("commit", "-qm", "a sensor on pole-2")
    git("checkout", "-q", "main")
    write({POLE_2: None})
    git("commit", "-qam", "pole-2 is gone")
    git("checkout", "-q", "pr")
    assert codes_of(since()) == []
    git("merge", "-q", "--no-edit", "main")
    assert ("REF201", NOISE_2) in codes_of(since("main"))
    everything = validate(open_workspace(git_repo), ValidateOptions(ON, select=["REF201"]))
    assert (("REF201", NOISE_2) in codes_of(everything), everything.base) == (True, None)


@pytest.mark.promise("R9")
def test_a_change_does_not_waive_its_own_faults(write: Write, since: Since) -> None:
    comment = "# smartreg: ignore[REF201] not surveyed yet\n"
    write({NOISE_2: comment + NOISE.format(2, 3), SETTINGS: FILES[SETTINGS] + WAIVER.format("REF201", "2099-01-01")})
    verdict = since()
    assert codes_of(verdict) == [("CHG811", NOISE_2), ("REF201", NOISE_2), ("CHG811", SETTINGS)]
    hints = [finding.hint.in_("en") for finding in verdict.findings if finding.hint and finding.where.file == NOISE_2]
    assert ["base" in hint or "merged" in hint for hint in hints] == [True, True]
    trusted = since(trust_head=True)
    assert (codes_of(trusted), trusted.waived) == ([("CHG811", NOISE_2), ("CHG811", SETTINGS)], 1)
    assert [finding.code for finding in trusted.accepted] == ["REF201"]


@pytest.mark.parametrize(
    ("was", "now", "verbs"),
    [
        ("", "  # smartreg: ignore[REF201] never mind", ["adds the ignore comment [REF201] of owner: never mind"]),
        ("  # smartreg: ignore[REF201] a", "  # smartreg: ignore[REF201, SCH103] a", ["alters"]),
        ("  # smartreg: ignore[REF201] a", "  # smartreg: ignore[REF201] b", ["alters"]),
        ("  # smartreg: ignore[REF201] a", "", ["removes"]),
        ("  # smartreg: ignore[REF201] a", "  # smartreg: ignore[REF201] a\n# more", []),
    ],
)
def test_a_change_of_ignore_comments_is_reported(
    write: Write, since: Since, git: Git, git_repo: Path, was: str, now: str, verbs: list[str]
) -> None:
    """On a line whose fault was there before: nothing else would tell it, and the fault is waived once it is merged."""
    case = "registry/use-cases/noise.yaml"
    write({case: FILES[case].rstrip("\n") + was + "\n"})
    git("commit", "-qam", "base", "--allow-empty")
    git("branch", "-f", "main")
    write({case: FILES[case].rstrip("\n") + now + "\n"})
    found = [finding.message.in_("en") for finding in since().findings if finding.code == "CHG811"]
    assert len(found) == len(verbs)
    assert all(verb in message for verb, message in zip(verbs, found, strict=True))
    compared = diff(open_workspace(git_repo), on=ON)
    assert [finding.message.in_("en") for finding in compared.comments] == found
    assert compared.grades == (("routine",) if verbs else ())
    for form in ("text", "markdown", "json", "html"):
        done = start("diff", "-f", form, cwd=git_repo)
        assert ("the ignore comment [REF201" in done.stdout) == bool(verbs), done


def test_what_is_waived_is_listed_on_demand(write: Write, git_repo: Path) -> None:
    write({NOISE_2: "# smartreg: ignore[REF201] not surveyed yet\n" + NOISE.format(2, 3)})
    usual, more = (start("validate", *words, cwd=git_repo).stdout for words in ((), ("-v",)))
    assert "waived[REF201]" not in usual
    assert f"waived[REF201] {NOISE_2}:7:10: support" in more


def test_a_trusted_change_answers_for_the_waivers_that_it_brings(write: Write, since: Since) -> None:
    write({SETTINGS: FILES[SETTINGS] + WAIVER.format("REF201", "2025-12-31")})
    assert codes_of(since()) == [("CHG811", SETTINGS)]
    assert codes_of(since(trust_head=True)) == [("CHG811", SETTINGS), ("WAI901", SETTINGS)]


def test_what_the_base_waives_is_waived(write: Write, since: Since, git: Git) -> None:
    comment = "# smartreg: ignore[CHG804] wrong label\n"
    write({SETTINGS: FILES[SETTINGS] + WAIVER.format("REF201", "2099-01-01"), NOISE_1: comment + NOISE.format(1, 1)})
    git("commit", "-qam", "waived")
    git("branch", "-f", "main")
    write({NOISE_2: NOISE.format(2, 3), NOISE_1: comment + NOISE.format(1, 1).replace("sensor", "meter")})
    verdict = since()
    assert (codes_of(verdict), verdict.waived, verdict.before) == ([], 2, 1)  # before: the waiver was of no use


def test_a_waiver_that_goes_with_its_fault_is_not_reported(write: Write, since: Since, git: Git) -> None:
    waived = FILES[SETTINGS] + WAIVER.format("REF201", "2099-01-01")
    write({SETTINGS: waived, NOISE_2: NOISE.format(2, 3)})
    git("add", "-A")
    git("commit", "-qm", "waived")
    git("branch", "-f", "main")
    write({NOISE_2: NOISE.format(2, 2)})
    assert codes_of(since()) == [("WAI902", SETTINGS)]
    write({SETTINGS: FILES[SETTINGS]})
    assert codes_of(since()) == [("CHG811", SETTINGS)]


@pytest.mark.promise("R9")
def test_a_change_does_not_weaken_the_rules_that_judge_it(write: Write, since: Since) -> None:
    weaker = FILES[SETTINGS] + '[severity]\nREF201 = "off"\n'
    write({NOISE_2: NOISE.format(2, 3), SETTINGS: weaker})
    assert codes_of(since()) == [("REF201", NOISE_2), ("CHG811", SETTINGS)]
    assert codes_of(since(trust_head=True)) == [("CHG811", SETTINGS)]


def test_a_new_kind_is_judged_once_its_schema_is_trusted(write: Write, since: Since) -> None:
    kind = {"name": "drone", "noun": "drone", "folder": "drones", "label": ["id"], "order": 90}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-kind": kind,
        "title": "Drone",
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "title": "Id"}},
        "unevaluatedProperties": False,
    }
    drone = "registry/drones/d-1.yaml"
    write({"schemas/drone.schema.json": json.dumps(schema), drone: "id: d-1\ncolour: red\n"})
    verdict = since()
    assert codes_of(verdict) == [("CHG810", drone), ("CHG811", "schemas/drone.schema.json")]
    hint = next(iter(verdict.findings)).hint
    assert hint is not None
    assert "merge its schema first" in hint.in_("en")
    assert ("SCH107", drone) in codes_of(since(select=["SCH"], trust_head=True))


def test_boundaries_are_those_of_the_base(write: Write, since: Since, git: Git) -> None:
    outline = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"insee": "13047"}, %s}]}'
    square = '"geometry": {"type": "Polygon", "coordinates": [[[4,43],[6,43],[6,44],[4,44],[4,43]]]}'
    limits = "registry/annexes/limits.geojson"
    write({SETTINGS: f'{FILES[SETTINGS]}[territory]\nboundaries = "{limits}"\n', limits: outline % square})
    git("add", "-A")
    git("commit", "-qm", "limits")
    git("branch", "-f", "main")
    write({limits: outline % square.replace("43", "33").replace("44", "34")})
    verdict = since(select=["GEO", "CHG"])
    assert [(code, file) for code, file in codes_of(verdict) if code != "CHG810"] == [("CHG811", limits)]


def test_dates_speak_only_of_what_the_change_touches(write: Write, since: Since, git: Git) -> None:
    old = NOISE.format(1, 1).replace("active", "planned").replace("installed_on", "confirmed_on")
    write({NOISE_1: old})
    git("commit", "-qam", "planned for long")
    git("branch", "-f", "main")
    write({NOISE_2: old.replace("noise-1", "noise-2")})
    verdict = since(select=["LIF606"])
    assert (codes_of(verdict), verdict.before) == ([("LIF606", NOISE_2)], 1)
    assert codes_of(since(select=["LIF606"], on=date(2024, 4, 1))) == []


@pytest.mark.parametrize("broken", ["name =\n", '[severity]\nREF9 = "off"\n', "[thresholds]\nexpiry_days = nan\n"])
def test_settings_that_cannot_be_used_stop_the_work(write: Write, since: Since, git: Git, broken: str) -> None:
    write({SETTINGS: broken})
    with pytest.raises(UsageFault):
        since()
    git("commit", "-qam", "broken")
    git("branch", "-f", "main")
    write(dict(FILES))
    with pytest.raises(UsageFault) as caught:
        since()
    assert caught.value.message.in_("en").startswith("at ")
    assert caught.value.hint is not None
    assert "--trust-head" in caught.value.hint.in_("en")
    assert ("CHG811", SETTINGS) in codes_of(since(trust_head=True))


def test_totals_are_remembered_and_say_the_same(write: Write, since: Since, git: Git) -> None:
    write({NOISE_2: NOISE.format(2, 3)})
    first, again = since(), since()
    assert (codes_of(first), first.before) == (codes_of(again), again.before)
    assert since(select=["SCH"]).before != first.before


def test_the_base_is_derived_from_the_state_in_the_index(
    write: Write, since: Since, git_repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    since()
    write({NOISE_2: NOISE.format(2, 1)})  # the working tree that this reads is another state
    settings, trace = git_repo.parent / "traced", git_repo.parent / "trace"
    settings.write_text(f"{GIT_CONFIG}[trace2]\n normalTarget = {trace}\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    since()
    asked = trace.read_text("utf-8")
    assert "status" in asked
    assert "ls-tree -r" not in asked  # no commit was listed whole


def test_revisions_that_are_none(write: Write, since: Since, git: Git) -> None:
    with pytest.raises(UsageFault) as caught:
        since("mian")
    assert caught.value.hint is not None
    assert "main" in caught.value.hint.in_("en")
    git("checkout", "-q", "--orphan", "other")
    git("commit", "-qm", "no common history")
    with pytest.raises(StateFault):
        since("main")


def test_the_program(write: Write, git_repo: Path) -> None:
    write({NOISE_2: NOISE.format(2, 3)})
    words = ("validate", "--since", "main", "--select", "REF201", "--on", "2026-01-15")
    done = start(*words, cwd=git_repo)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("1 finding was there before (")
    done = start(*words, "--json", cwd=git_repo)
    found = json.loads(done.stdout)
    assert (found["since"]["before"], found["waived"], len(found["findings"])) == (1, 0, 1)
    assert start(*words, "--lang", "fr", cwd=git_repo).stdout.endswith(") et ne compte pas.\n")
    assert start("validate", "--trust-head", cwd=git_repo).returncode == 2
    assert start("validate", "--since", "mian", cwd=git_repo).returncode == 2


@pytest.mark.parametrize(
    ("file", "edit", "command"),
    [
        (POLE_2, ("owner: amp", "owner: istres"), "transfer pole-2 istres --on 2026-01-10"),
        (NOISE_1, ("support: pole-1", "support: pole-2"), "move noise-1 pole-2 --on 2026-01-10"),
        (NOISE_1, ("2024-03-11", "2024-03-12"), "set noise-1 installed_on=2024-03-12 --correct -m REASON"),
    ],
)
def test_the_commands_of_help_work_on_what_was_edited_by_hand(
    write: Write, git_repo: Path, git: Git, file: str, edit: tuple[str, str], command: str
) -> None:
    """They begin with the old value; the help says so, in the gate and in the comment."""
    write({**FILES, "registry/parties/istres.yaml": "id: istres\nname: Istres\ncategory: commune\n"})
    git("add", "-A")
    git("commit", "-qm", "base")
    base = git("rev-parse", "HEAD").strip()
    write({file: FILES[file].replace(*edit)})
    git("commit", "-qam", "by hand")
    options = ValidateOptions(ON, select=("CHG80",))
    (finding,) = validate_since(open_workspace(git_repo), base, options).findings
    compared = diff(open_workspace(git_repo), rev=base, other="HEAD", on=ON)
    for hint in (finding.hint, next(each.hint for each in compared.broken if each.code == finding.code)):
        assert hint is not None
        said = hint.in_("en")
        assert (command.split(" --")[0] in said, said.endswith("put the old value back and commit that")) == (
            True,
            True,
        )

    write({file: FILES[file]})
    git("commit", "-qam", "as it was")
    assert start(*command.split(), "-y", cwd=git_repo).returncode == 0
    assert "error" not in {each.severity for each in validate_since(open_workspace(git_repo), base, options).findings}
