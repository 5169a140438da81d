"""`audit`: what each commit of real histories did, and how it was made; whether the history is whole and its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from conftest import Git
from conventions import ON
from program import start
from registries import INDEXED, registry_and_edit
from trail import BUREAU, GUEST, HOSTED, Trail

from smartreg.commands.history import undo
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.styled import plain
from smartreg.edit import WriteOptions
from smartreg.features.proofs import audit_report
from smartreg.features.proofs.trail import Audited, audit_history
from smartreg.gitio import Repo
from smartreg.history import History
from smartreg.index import Index
from smartreg.registry import open_registry
from smartreg.rules import Context, all_rules
from smartreg.trees import CommitTree
from smartreg.validation.check import Checker, Selection, by_identity
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

PARIS = ZoneInfo("Europe/Paris")

TRAILERS = "Smartreg-Op: set\nSmartreg-Record: equipment/hosted"


@pytest.fixture
def trail(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Trail:
    return Trail(git_repo, git, monkeypatch)


# -- what commits did --------------------------------------------------------------------------------------------


def test_a_sound_history_has_nothing(trail: Trail) -> None:
    trail.set("hosted", "status=faulty")
    trail.set("hosted", "status=active", "height_m=4")
    (trail.root / "README.md").write_text("not of the registry", "utf-8")
    trail.commit("about other things")

    found = trail.audit(trail.first)

    assert (found.findings, found.commits, found.touching, found.manual) == ((), 3, 2, 0)


@pytest.mark.promise("R12")
def test_changes_by_hand_made_worse_and_fixed(trail: Trail) -> None:
    trail.edit(HOSTED, "active", "faulty")
    fine = trail.commit()
    trail.edit(HOSTED, "faulty", "broken")
    worse = trail.commit()
    trail.edit(GUEST, "procurement_ref: M-1", "procurement_ref: M-2")
    other = trail.commit()
    trail.edit(HOSTED, "broken", "faulty")
    repaired = trail.commit()

    assert trail.codes_by_commit() == {
        repaired: ["AUD901"],
        other: ["AUD901"],
        worse: ["AUD901", "SCH103"],
        fine: ["AUD901"],
    }


def test_by_hand_counts_where_nobody_minds(trail: Trail) -> None:
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n[severity]\nAUD901 = "off"\n')
    settings = trail.commit()
    trail.edit(HOSTED, "active", "faulty")
    trail.commit()

    found = trail.audit(settings)

    assert (found.findings, found.manual) == ((), 1)


def test_what_another_record_suffers_is_reported(trail: Trail) -> None:
    trail.delete(BUREAU)
    commit = trail.commit("x", "Smartreg-Op: remove\nSmartreg-Record: party/bureau")

    (trace,) = trail.audit(trail.first).traces

    assert trace.commit.oid == commit
    assert [(found.code, found.where.file) for found in trace.findings] == [("REF201", GUEST)]


def test_deletions_and_edits_of_the_past(trail: Trail) -> None:
    trail.write(HOSTED, (trail.root / HOSTED).read_text("utf-8") + 'events:\n  - {date: "2024-03-11", kind: fault}\n')
    first = trail.commit("x", TRAILERS)
    trail.edit(HOSTED, "kind: fault", "kind: repair")
    past = trail.commit("x", TRAILERS)
    trail.delete(GUEST)
    gone = trail.commit("x", "Smartreg-Op: remove\nSmartreg-Record: equipment/guest")

    found = trail.codes_by_commit()

    assert first not in found
    assert found[past] == ["CHG807"]
    assert found[gone] == ["CHG802"]


def test_what_is_in_the_future_is_judged_by_the_day_of_the_commit(trail: Trail) -> None:
    trail.edit(HOSTED, "2024-03-11", "2026-03-11")
    commit = trail.commit("x", TRAILERS)

    assert "LIF605" in trail.codes_by_commit()[commit]


def test_corrections_and_undone_deletions_are_no_rewriting(trail: Trail) -> None:
    options = WriteOptions(on=ON, message="read wrongly")
    trail.date("2026-01-01T11:00:00+01:00")
    set_fields(trail.workspace, "hosted", ["dev_eui=70B3D57ED0061299"], (), options, correct=True)
    corrected = trail.head
    new = (trail.root / HOSTED).read_text("utf-8").replace("id: hosted", "id: new").replace("61299", "61298")
    trail.write("registry/equipment/new.yaml", new)
    trail.commit("x", "Smartreg-Op: add\nSmartreg-Record: equipment/new")
    undo(trail.workspace, options=WriteOptions(on=ON))

    assert trail.codes_by_commit() == {corrected: ["CHG804"]}
    assert trail.audit(trail.first).counts == (0, 1, 0)


def test_an_undo_that_takes_more_back_than_it_says(trail: Trail) -> None:
    new = (trail.root / HOSTED).read_text("utf-8").replace("id: hosted", "id: new").replace("61234", "61298")
    trail.write("registry/equipment/new.yaml", new)
    added = trail.commit("x", "Smartreg-Op: add\nSmartreg-Record: equipment/new")
    trail.delete("registry/equipment/new.yaml")
    trail.edit(HOSTED, "active", "faulty")
    forged = trail.commit("x", f"Smartreg-Op: undo\nSmartreg-Undoes: {added}")

    assert trail.codes_by_commit() == {forged: ["CHG802"]}


# -- how they were made ------------------------------------------------------------------------------------------


def test_trailers_that_name_other_records(trail: Trail) -> None:
    trail.set("hosted", "status=faulty")
    trail.edit(GUEST, "M-1", "M-2")
    trail.git("add", "-A")
    trail.git("commit", "-q", "--amend", "--no-edit")
    trail.git("commit", "-q", "--allow-empty", "-m", "x", "-m", "Smartreg-Op: add")

    assert list(trail.codes_by_commit().values()) == [["AUD908"]]


def test_signatures_from_the_day_that_the_settings_name(trail: Trail, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    made = subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / "k")], check=False)
    if made.returncode:
        pytest.skip("no ssh-keygen")
    trail.git("config", "gpg.format", "ssh")
    trail.git("config", "user.signingkey", str(keys / "k"))
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n\n[audit]\nsigned_from = 2026-01-05\n')
    trail.commit("policy")
    early = trail.set("hosted", "status=faulty")
    trail.edit(HOSTED, "faulty", "active")
    trail.commit("x", TRAILERS, options=("-S",))
    trail.date("2026-01-05T10:00:00+01:00")
    trail.edit(HOSTED, "active", "faulty")
    trail.git("commit", "-qam", f"x\n\n{TRAILERS}")
    unsigned = trail.head
    trail.date("2025-01-01T10:00:00+01:00")
    trail.edit(HOSTED, "faulty", "active")
    trail.git("commit", "-qam", f"clock set back\n\n{TRAILERS}")
    backdated = trail.head
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n')
    trail.git("commit", "-qam", "policy gone")
    dropped = trail.head
    trail.edit(HOSTED, "active", "faulty")
    trail.git("commit", "-qam", f"x\n\n{TRAILERS}")

    found = trail.codes_by_commit()

    assert early not in found
    assert {oid: codes for oid, codes in found.items() if "AUD902" in codes} == {
        dropped: ["AUD910", "AUD902", "CHG811"],
        backdated: ["AUD910", "AUD902"],
        unsigned: ["AUD902"],
    }
    assert trail.audit(trail.first).signed == 1


def test_a_signature_of_another_commit_is_none(trail: Trail, tmp_path: Path) -> None:
    if subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=False
    ).returncode:
        pytest.skip("no ssh-keygen")
    trail.git("config", "gpg.format", "ssh")
    trail.git("config", "user.signingkey", str(tmp_path / "k"))
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n\n[audit]\nsigned_from = 2026-01-01\n')
    trail.commit("policy", options=("-S",))
    trail.edit(HOSTED, "active", "faulty")
    good = trail.commit("honest", TRAILERS, options=("-S",))
    forged = trail.git("cat-file", "commit", good).replace("\n\nhonest", "\n\nforged")
    (tmp_path / "forged").write_text(forged, "utf-8")
    other = trail.git("hash-object", "-t", "commit", "-w", str(tmp_path / "forged")).strip()

    assert [codes for codes in trail.codes_by_commit().values() if "AUD902" in codes] == []
    trail.git("reset", "-q", "--hard", other)
    assert trail.codes_by_commit()[other] == ["AUD902"]
    assert trail.audit(trail.first).counts[0] == 1


# -- merges ------------------------------------------------------------------------------------------------------


def test_what_a_merge_alone_breaks_and_what_it_only_brings(trail: Trail) -> None:
    trail.edit(GUEST, "maintainer: bureau\n", "")
    start_ = trail.commit("x", "Smartreg-Op: set\nSmartreg-Record: equipment/guest")
    trail.git("checkout", "-qb", "side")
    trail.edit(GUEST, "owner: istres", "owner: istres\nmaintainer: bureau")
    trail.edit(HOSTED, "active", "broken")
    side = trail.commit("x", "Smartreg-Op: import")
    trail.git("checkout", "-q", "main")
    trail.delete(BUREAU)
    trail.commit("x", "Smartreg-Op: remove\nSmartreg-Record: party/bureau")
    trail.date("2026-01-20T10:00:00+01:00")
    trail.git("merge", "-q", "--no-edit", "side")
    merge = trail.head

    found = trail.audit(start_)

    codes = {trace.commit.oid: [(one.code, one.where.file) for one in trace.findings] for trace in found.traces}
    assert codes == {side: [("SCH103", HOSTED)], merge: [("REF201", GUEST)]}


def test_a_merge_with_a_value_of_its_own_is_by_hand(trail: Trail) -> None:
    trail.git("checkout", "-qb", "side")
    trail.set("hosted", "status=faulty")
    trail.git("checkout", "-q", "main")
    trail.set("hosted", "height_m=4")
    trail.git("merge", "-q", "--no-commit", "side")
    between = trail.commit("clean, field by field")
    trail.git("checkout", "-qb", "other")
    trail.set("hosted", "status=active")
    trail.git("checkout", "-q", "main")
    trail.set("guest", "height_m=5")
    trail.git("merge", "-q", "--no-commit", "other")
    trail.edit(HOSTED, "height_m: 4", "height_m: 6")
    trail.edit(HOSTED, "status: active", "status: faulty")
    own = trail.commit("merged and more")

    found = trail.codes_by_commit()

    assert between not in found
    assert found == {own: ["AUD901"]}


# -- schemas and settings ----------------------------------------------------------------------------------------


def test_unusable_settings_that_are_fixed_later(trail: Trail) -> None:
    trail.write("smartreg.toml", "name = \n")
    broken = trail.commit("settings")
    trail.edit(HOSTED, "active", "broken")
    trail.commit("x", TRAILERS)
    trail.write("smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n')
    repaired = trail.commit("repaired")

    found = trail.codes_by_commit()

    assert found[broken] == ["AUD906"]
    assert found[repaired] == ["SCH103", "CHG811"]
    assert set(found) == {broken, repaired}
    trail.git("checkout", "-q", "-B", "still-broken", f"{repaired}~1")
    assert list(trail.codes_by_commit(broken).values()) == [["AUD906"]]


def test_unusable_boundaries_that_are_fixed_later(trail: Trail) -> None:
    outlines = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "13047"}, "geometry":'
    )
    outlines += (
        ' {"type": "Polygon", "coordinates": [[[4.8, 43.4], [5.1, 43.4], [5.1, 43.6], [4.8, 43.6], [4.8, 43.4]]]}}]}'
    )
    settings = 'name = "Istres"\nmetropole = "amp"\n[territory]\ncommunes = ["13047"]\n'
    trail.write("smartreg.toml", f'{settings}boundaries = "registry/annexes/b.geojson"\n')
    absent = trail.commit("settings")
    trail.edit(HOSTED, "active", "broken")
    trail.commit("x", TRAILERS)
    trail.write("registry/annexes/b.geojson", outlines)
    repaired = trail.commit("boundaries")
    trail.edit(HOSTED, "broken", "active")
    trail.commit("x", TRAILERS)

    assert trail.codes_by_commit() == {repaired: ["CHG811", "SCH103"], absent: ["AUD906"]}


def test_a_schema_that_asks_for_more_left_the_registry_worse(trail: Trail) -> None:
    from smartreg.schema import bundled_files

    for name, text in bundled_files().items():
        trail.write(f"schemas/{name}", text.decode())
    trail.commit("schemas")
    trail.edit("schemas/equipment.schema.json", '"required": [', '"required": ["manufacturer", ')
    tighter = trail.commit("schema")

    found = trail.codes_by_commit()

    assert sorted(set(found[tighter])) == ["CHG811", "SCH101"]
    assert list(found.values())[1] == ["CHG811"] * len(bundled_files())


def test_a_waiver_costs_no_full_run_and_counts_from_its_commit_on(trail: Trail) -> None:
    waiver = '\n[[waiver]]\ncode = "LIF605"\nrecord = "hosted"\nuntil = 2026-12-31\nreason = "r"\ndecided_by = "d"\n'
    trail.write("smartreg.toml", f'name = "Istres"\nmetropole = "amp"\n{waiver}')
    commit = trail.commit("waiver")
    trail.edit(HOSTED, "2024-03-11", "2026-03-11")
    trail.commit("x", TRAILERS)

    assert [codes for oid, codes in trail.codes_by_commit().items() if "LIF605" in codes] == []
    assert trail.codes_by_commit()[commit] == ["CHG811"]


# -- the history itself ------------------------------------------------------------------------------------------


@pytest.mark.promise("R12")
def test_rewritten_and_pruned(trail: Trail) -> None:
    anchor = trail.set("hosted", "status=faulty")
    assert trail.codes_by_commit(anchor=anchor) == {}
    trail.git("reset", "-q", "--hard", "HEAD~1")
    trail.set("hosted", "height_m=4")

    assert trail.codes_by_commit(anchor=anchor) == {"": ["AUD903"]}
    assert trail.codes_by_commit(since=anchor)[""] == ["AUD903"]
    trail.git("reflog", "expire", "--expire=now", "--all")
    trail.git("gc", "-q", "--prune=now")
    assert trail.codes_by_commit(anchor=anchor) == {"": ["AUD903"]}
    with pytest.raises(UsageFault, match="no-such"):
        trail.codes_by_commit(anchor="no-such")


@pytest.mark.promise("R12")
def test_replace_refs_and_grafts_are_reported_and_read_past(trail: Trail) -> None:
    true = trail.set("hosted", "status=faulty")
    forged = trail.git("commit-tree", f"{true}^{{tree}}", "-p", f"{true}~1", "-m", "forged").strip()
    trail.git("replace", true, forged)
    assert trail.codes_by_commit() == {"": ["AUD904"]}
    trail.git("replace", "-d", true)
    (trail.root / ".git" / "info" / "grafts").write_text(f"{true}\n", "ascii")
    assert trail.codes_by_commit() == {"": ["AUD904"]}
    assert trail.audit(trail.first).commits == 1


def test_a_shallow_clone_is_not_found_sound(trail: Trail, tmp_path: Path, git: Git) -> None:
    for height in (1, 2, 3):
        trail.set("hosted", f"height_m={height}")
    git("clone", "-q", "--depth", "2", trail.root.as_uri(), str(tmp_path / "cut"))
    there = start("audit", "--all", cwd=tmp_path / "cut")
    later = start("audit", "--since", "HEAD~1", cwd=tmp_path / "cut")
    gone = start("audit", "--since", "HEAD~1", "--anchor", trail.first, cwd=tmp_path / "cut")

    assert (there.returncode, later.returncode, gone.returncode) == (3, 0, 3)
    assert "AUD905" in there.stdout
    assert "REF" not in there.stdout


def test_before_the_first_commit(git_repo: Path) -> None:
    (git_repo / "smartreg.toml").write_text("", "utf-8")

    assert start("audit", cwd=git_repo).returncode == StateFault.exit_code
    assert start("audit", "--all", "--since", "HEAD", cwd=git_repo).returncode == StateFault.exit_code


def test_words_of_commits_act_nowhere(trail: Trail) -> None:
    trail.edit(HOSTED, "active", "broken")
    hostile = "\u202eevil\x1b[31m `x` | <b>"
    trail.commit(f"##[group]{hostile}", options=(f"--author={hostile} <e@example.org>",))
    found = trail.audit(trail.first)

    shown = plain(audit_report.render_audit(found, lang="en", zone=PARIS))
    for text in (
        shown,
        audit_report.render_audit_markdown(found, lang="fr", zone=PARIS),
        audit_report.render_audit_json(found, lang="en"),
    ):
        assert "evil" in text
        assert not set("\x1b\u202e") & set(text)
    assert "##[group]" not in shown


DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda content: None,
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "altered": lambda content: content[:-4] + bytes(byte ^ 0x55 for byte in content[-4:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("what", ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:registry", f"HEAD~1:{HOSTED}"])
def test_damage_of_the_history_ends_the_audit_and_is_named(trail: Trail, git: Git, what: str, damage: str) -> None:
    for before, after in pairwise(("status: active", "status: faulty", "status: active", "status: faulty")):
        trail.edit(HOSTED, before, after)
        trail.commit()
    oid = git("rev-parse", what).strip()
    file = trail.root / ".git/objects" / oid[:2] / oid[2:]
    content = DAMAGE[damage](file.read_bytes())
    file.unlink()
    if content is not None:
        file.write_bytes(content)

    done = start("audit", "--all", cwd=trail.root)

    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert oid in done.stderr.replace("/", "")
    assert "git fsck" in done.stderr


# -- the whole against its parts ---------------------------------------------------------------------------------


def histories(root: Path, git: Git) -> Iterator[str]:
    """Commits of made-up registries, one after the other in one repository."""
    for seed in range(2):
        texts, writes = registry_and_edit(seed)
        for files in ({**dict.fromkeys(_tracked_files(root, git)), **texts}, writes):
            for path, text in files.items():
                place = root / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True) if text is None else place.write_bytes(text)
            git("add", "-A")
            git("commit", "-q", "--allow-empty", "-m", f"{seed}")
            yield git("rev-parse", "HEAD").strip()


def _tracked_files(root: Path, git: Git) -> list[str]:
    return git("ls-files", "-z", "registry").split("\0")[:-1]


Errors: TypeAlias = dict[str, set[tuple[Any, ...]]]
RULES = all_rules()
BETWEEN = {rule.code for rule in RULES.values() if rule.scope == "change"}
DAY = date(2026, 1, 15)


def full_runs(repo: Repo, commits: list[str]) -> Errors:
    """The errors of the registry of each commit, judged by itself."""
    found: Errors = {}
    for oid in commits:
        registry = open_registry(CommitTree(repo, oid), None, INDEXED)
        context = Context(registry.schemas, registry.config, DAY, last_touched=lambda _record: DAY)
        findings = by_identity(Checker(RULES, context, Selection()).check(registry).findings)
        found[oid] = {key for key, finding in findings.items() if finding.severity == "error"}
    return found


def brought(audit: Audited) -> Errors:
    """The errors that an audit says each commit brought, besides those of change rules."""
    return {
        trace.commit.oid: set(
            by_identity(one for one in trace.findings if one.severity == "error" and one.code not in BETWEEN)
        )
        for trace in audit.traces
    }


@pytest.fixture
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-01-15T10:00:00+01:00")


@pytest.mark.usefixtures("one_day")
def test_each_commit_brings_what_full_runs_differ_by(
    git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commits = list(histories(git_repo, git))
    repo, nowhere = open_workspace(git_repo).git, Index.open(None, "")
    monkeypatch.setattr("smartreg.validation.check.WIDE_FROM", 1)
    errors = full_runs(repo, commits)
    expected = {oid: errors[oid] - errors.get(before, set()) for before, oid in pairwise(["", *commits])}

    found = brought(audit_history(History(repo, nowhere), commits[-1], None))

    assert sum(map(len, expected.values())) > 50
    assert {oid: found.get(oid, set()) for oid in commits} == expected
    with monkeypatch.context() as on_two_cores:
        on_two_cores.setattr("smartreg.core.parallel.PAYS_FROM", 1)
        on_two_cores.setattr("smartreg.validation.check.SHARE", 0)
        assert brought(audit_history(History(repo, nowhere), commits[-1], None)) == found

    # The same states as commits on branches that are merged at random: what none of the parents has.
    random, parents = Random(1), dict[str, list[str]]()
    for number, state in enumerate(commits):
        chosen = random.sample(sorted(parents), min(number, random.choice((1, 1, 2, 3))))
        options = [word for parent in chosen for word in ("-p", parent)]
        merge = git("commit-tree", f"{state}^{{tree}}", *options, "-m", f"{number}").strip()
        parents[merge], errors[merge] = chosen, errors[state]
    last = git("commit-tree", f"{commits[-1]}^{{tree}}", *(f"-p{oid}" for oid in parents), "-m", "all").strip()
    parents[last], errors[last] = list(parents), errors[commits[-1]]
    for share in (0, 10):
        monkeypatch.setattr("smartreg.validation.check.SHARE", share)
        cold = audit_history(History(repo, nowhere), last, None)
        found = brought(cold)
        for oid, others in parents.items():
            assert found.get(oid, set()) == errors[oid] - set[Any]().union(*(errors[other] for other in others)), oid

    assert [*repo.commits(repo.commit_ids(start=last))] == [*repo.history(start=last)]
    # What an audit of a part of the history stored is what this one finds.
    index = Index.open(tmp_path, "")
    audit_history(History(repo, index), last, random.choice(sorted(parents)))
    assert audit_history(History(repo, index), last, None) == cold
