"""`validate --since BASE --as-author` judges the road and the result: no merge, of whatever shape, brings an older
state of another party's record, settings or files back. Real keys, real Git."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from program import start
from signing import Key, new_key
from town import LAMP, NET, POLE, SETTINGS, Town, lay_town, support

pytestmark = pytest.mark.promise("R9")
A = support("pole", "istres", "out_of_service")
B = support("pole", "istres", more="notes: lit\n")
README = "README.md"
NEW = "registry/supports/13047/new.yaml"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("amp", "istres", "stranger")}


@pytest.fixture(scope="module")
def base(empty_repository: Path, keys: dict[str, Key], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("town") / "repo"))
    lay_town(root, keys)
    return root


@pytest.fixture
def town(registry: Path, keys: dict[str, Key]) -> Town:
    return Town(registry, keys)


def unsigned(town: Town) -> Town:
    """The same town, where the stranger does not even sign."""
    town.stranger = type(town.stranger)("someone@elsewhere.example.org")
    return town


@pytest.mark.parametrize(
    ("path", "states"),
    [
        (POLE, (A, B, A)),  # its owner took a change back
        (NEW, (None, support("new", "istres"), None)),  # added and removed
        (
            SETTINGS,
            ('metropole = "amp"\n', 'metropole = "amp"\n[ownership]\nkeepers = ["istres"]\n', 'metropole = "amp"\n'),
        ),
        ("registry/documents/plan.txt", ("one\n", "two\n", "one\n")),
        (".github/workflows/registry.yml", ("on: push\n", "on: [push]\n", "on: push\n")),
    ],
)
def test_an_octopus_of_the_bases_own_commits_brings_nothing_back(
    town: Town, path: str, states: tuple[str | None, ...]
) -> None:
    unsigned(town)
    commits = ["main"]
    for state in states:
        there = town.git("ls-tree", commits[-1], path)
        files = {path: state} if state or there else {README: "begin"}
        commits.append(town.commit(town.amp if path != POLE else town.istres, commits[-1:], files))
    _, first, second, last = commits
    town.git("branch", "-qf", "main", last)
    town.put("pr", town.commit(town.stranger, (first, second, last), like=second))
    expected = [] if path.startswith("registry/documents") else ["CHG812"]
    assert [code for code, file in town.codes() if file == path and code != "CHG811"] == expected


def test_two_merges_that_cross_bring_nothing_back(town: Town) -> None:
    """Both merges have two best common ancestors, and the dates say which of them `git merge-base` names."""
    unsigned(town)
    old = town.commit(town.istres, ("main",), {POLE: B}, at=1_700_000_000)
    new = town.commit(town.istres, (old,), {POLE: A}, at=1_700_000_100)
    again = town.commit(town.istres, (new,), {POLE: B}, at=1_700_000_200)
    side = town.commit(town.stranger, (old,), {README: "mine"}, at=1_900_000_000)
    one = town.commit(town.stranger, (new, side), {README: "mine"})
    other = town.commit(town.stranger, (side, new), like=one)
    later = town.commit(town.stranger, (other, again), {POLE: B})
    assert town.git("merge-base", one, later) == side
    town.git("branch", "-qf", "main", again)
    town.put("pr", town.commit(town.stranger, (one, later)))
    assert town.codes() == [("CHG812", POLE)]


def test_a_mode_or_a_link_in_a_merge_is_the_mergers(town: Town) -> None:
    side = town.commit(town.stranger, ("main",), {README: "mine"})
    main = town.commit(town.amp, ("main",), {"registry/documents/x.txt": "x"})
    merge = town.commit(town.stranger, (side, main), {"registry/documents/x.txt": "x"})
    town.put("pr", merge)
    town.git("update-index", "--chmod=+x", POLE)
    tree = town.git("write-tree")
    town.git("branch", "-qf", "main", main)
    evil = town.stranger.git(town.root, "commit-tree", tree, "-p", side, "-p", main, "-m", "merge")
    town.put("pr", evil)
    assert ("CHG812", POLE) in town.codes()


def audited(town: Town) -> list[tuple[str, str]]:
    """The severities and files of AUD926."""
    done = start("audit", "--all", "--json", cwd=town.root)
    every = [found for trace in json.loads(done.stdout)["traces"] for found in trace["findings"]]
    return [(each["severity"], each["file"]) for each in every if each["code"] == "AUD926"]


def test_the_audit_names_such_merges_in_the_history(town: Town) -> None:
    unsigned(town)
    old = town.commit(town.istres, ("main",), {POLE: B})
    new = town.commit(town.istres, (old,), {POLE: A})
    side = town.commit(town.stranger, (old,), {README: "mine"})
    honest = town.commit(town.stranger, (new, side), {README: "mine"})
    town.put("main", honest)
    assert audited(town) == []
    town.put("main", town.commit(town.stranger, (new, side), {POLE: B}))
    assert audited(town) == [("error", POLE)]
    town.put("main", town.commit(town.stranger, (side, new)))  # by the other parent first
    assert audited(town) == [("error", POLE)]
    town.put("main", town.commit(town.istres, (new, side), {POLE: B}))
    assert audited(town) == []  # its owner may


# Honest pull requests


def test_a_branch_that_is_behind(town: Town) -> None:
    mine = town.commit(town.istres, ("main",), {POLE: A})
    main = town.commit(town.amp, ("main",), {LAMP: support("lamp", "martigues", more="notes: main\n")})
    town.git("branch", "-qf", "main", town.commit(town.amp, (main,), {SETTINGS: 'metropole = "amp"\n'}))
    town.put("pr", mine)
    assert town.codes() == []


def test_main_merged_in_again_and_again_by_fields(town: Town) -> None:
    """Both sides change the pole: Git merges the lines, smartreg's driver the fields."""
    both = support("pole", "istres", "out_of_service", more="notes: main\n")
    mine = town.commit(town.istres, ("main",), {POLE: A})
    main = town.commit(town.istres, ("main",), {POLE: support("pole", "istres", more="notes: main\n")})
    merged = town.commit(town.istres, (mine, main), {POLE: both})
    later = town.commit(town.amp, (main,), {LAMP: support("lamp", "martigues", more="notes: main\n")})
    again = town.commit(town.istres, (merged, later), {LAMP: support("lamp", "martigues", more="notes: main\n")})
    town.git("branch", "-qf", "main", later)
    town.put("pr", again)
    assert town.codes() == []
    unsigned(town)
    evil = support("pole", "istres", "out_of_service", more="notes: evil\n")
    town.put("pr", town.commit(town.stranger, (mine, main), {POLE: evil}))
    assert ("CHG812", POLE) in town.codes()
    waived = "# smartreg: ignore[LIF602] because I say so\n" + both
    town.put("pr", town.commit(town.stranger, (mine, main), {POLE: waived}))
    assert ("CHG812", POLE) in town.codes()


def test_an_octopus_of_three_own_branches(town: Town) -> None:
    files = {POLE: A, NET: None, NEW: support("new", "istres")}
    branches = [town.commit(town.istres, ("main",), {path: text}) for path, text in files.items()]
    main = town.commit(town.amp, ("main",), {LAMP: support("lamp", "martigues", more="notes: main\n")})
    town.git("branch", "-qf", "main", main)
    town.put("pr", town.commit(town.istres, branches, files))
    assert town.codes() == []
    unsigned(town)
    whole = town.commit(town.istres, ("main", *branches), files)
    town.put("pr", town.commit(town.stranger, ("main", *branches), like=whole))
    assert town.codes() == []  # who merges what others wrote changes nothing
    town.put("pr", town.commit(town.stranger, ("main", *branches), {**files, POLE: support("pole", "istres")}))
    assert town.codes() == [("CHG812", POLE)]  # a merge that drops a change is the merger's


def test_own_branches_that_cross(town: Town) -> None:
    one = town.commit(town.istres, ("main",), {POLE: A})
    other = town.commit(town.istres, ("main",), {NEW: support("new", "istres")})
    left = town.commit(town.istres, (one, other), {NEW: support("new", "istres")})
    right = town.commit(town.istres, (other, one), like=left)
    left = town.commit(town.istres, (left,), {POLE: B})
    right = town.commit(town.istres, (right,), {NEW: support("new", "istres", "out_of_service")})
    town.put("pr", town.commit(town.istres, (left, right), {NEW: support("new", "istres", "out_of_service")}))
    assert town.codes() == []


def test_squash_rebase_and_cherry_pick(town: Town) -> None:
    """Who squashes, rebases or picks signs anew: the signer counts, not who is named as the author."""
    for text in (A, B):
        town.istres.commits(town.root, {POLE: text})
    picked = town.git("rev-parse", "pr")
    main = town.commit(town.amp, ("main",), {LAMP: support("lamp", "martigues", more="notes: main\n")})
    town.git("branch", "-qf", "main", main)
    town.istres.git(town.root, "rebase", "-q", "main")
    assert town.codes() == []
    town.git("checkout", "-qB", "pr", "main")
    town.istres.git(town.root, "merge", "--squash", "-q", picked)
    town.istres.git(town.root, "commit", "-qm", "squashed")
    assert town.codes() == []
    town.git("checkout", "-qB", "pr", "main")
    town.istres.git(town.root, "cherry-pick", "-x", f"{picked}~", picked)
    assert town.codes() == []
    town.git("checkout", "-qB", "pr", "main")
    town.stranger.git(town.root, "cherry-pick", "-x", f"{picked}~", picked)
    assert [code for code, _ in town.codes()] == ["CHG813"]  # only the address of the author says who wrote it


# Who may remove, and who may write once main has moved on

DEVICE = "registry/equipment/sensor-1.yaml"
PLANNED = "id: {id}\ntype: noise_sensor\nowner: {owner}\noperator: amp\nstatus: planned\n"


def test_an_operator_does_not_become_the_owner_by_a_rename(town: Town) -> None:
    main = town.commit(town.istres, ("main",), {DEVICE: PLANNED.format(id="sensor-1", owner="istres")})
    town.git("branch", "-qf", "main", main)
    own = {DEVICE: None, DEVICE.replace("-1", "-2"): PLANNED.format(id="sensor-2", owner="amp")}
    town.put("pr", town.commit(town.amp, ("main",), own))
    assert town.codes() == [("CHG812", DEVICE)]
    removed = town.commit(town.istres, ("main",), {DEVICE: None})
    town.put("pr", town.commit(town.amp, (removed,), {DEVICE.replace("-1", "-2"): own[DEVICE.replace("-1", "-2")]}))
    assert town.codes() == []  # both did their part


def test_who_lost_a_record_on_main_does_not_change_it_on_an_older_branch(town: Town) -> None:
    town.put("pr", town.commit(town.istres, ("main",), {POLE: A}))
    assert town.codes() == []
    given = town.commit(town.istres, ("main",), {POLE: support("pole", "amp")})
    town.git("branch", "-qf", "main", given)
    assert town.codes() == [("CHG812", POLE)]


def test_a_branch_that_is_behind_is_judged_as_it_would_be_merged(town: Town) -> None:
    """Main makes Martigues a party of the convention; a branch from before changes it without Martigues."""
    path = "registry/conventions/c.yaml"
    text = (
        "id: c\ntitle: C\nstatus: signed\nsigned_on: '2024-01-01'\nparties: [{}]\nfamilies: [installation]\nnotes: x\n"
    )
    two, three, more = text.format("istres"), text.format("istres, amp"), "budget_eur: 5\n"
    town.git("branch", "-qf", "main", town.commit(town.istres, ("main",), {path: two}))
    town.put("pr", town.commit(town.istres, ("main",), {path: two + more}))
    assert town.codes() == []
    town.git("branch", "-qf", "main", town.commit(town.istres, ("main",), {path: three}))
    (found,) = [each for each in town.findings() if each.code == "CHG814"]
    assert "amp" in found.message.in_("en")


# Annexes

CONVENTION = "registry/conventions/c.yaml"
SIGNED = (
    "id: c\ntitle: C\nstatus: signed\nsigned_on: '2024-01-01'\nparties: [istres, amp]\nfamilies: [installation]\n"
    "annexes:\n- {{kind: data_charter, path: annexes/charte.txt{}}}\n"
)
CHARTER, BESIDE = "registry/annexes/charte.txt", "registry/conventions/annexes/charte.txt"


def sign_with_annex(town: Town, digest: str = "") -> str:
    """Main, where a convention with an annex is signed."""
    main = town.commit(town.istres, ("main",), {CONVENTION: SIGNED.format(digest), CHARTER: "as signed\n"})
    town.git("branch", "-qf", "main", main)
    return main


@pytest.mark.parametrize("files", [{CHARTER: "other\n"}, {CHARTER: None}, {BESIDE: "other\n"}])
def test_the_bytes_of_an_annex_belong_to_the_record_that_names_it(town: Town, files: dict[str, str | None]) -> None:
    """Also without a digest, and also those of a file that only would answer to its name."""
    main = sign_with_annex(town)
    town.put("pr", town.commit(town.stranger, (main,), files))
    assert ("CHG812", next(iter(files))) in town.codes()
    unsigned(town)
    side = town.commit(town.istres, (main,), {README: "mine"})
    town.put("pr", town.commit(town.stranger, (side, main), files))
    assert ("CHG812", next(iter(files))) in town.codes()


def test_an_annex_binds_as_its_convention_does(town: Town) -> None:
    """One party alone replaces the bytes: the other has to agree, to these bytes."""
    main = sign_with_annex(town)
    early = town.commit(town.amp, (main,), {README: "mine"})
    other = town.commit(town.istres, (early,), {CHARTER: "other\n"})
    town.put("pr", other)
    assert town.codes() == [("CHG814", CONVENTION)]
    assert "amp" in town.findings()[0].message.in_("en")
    town.amp.commits(town.root, {}, "We agree", "--trailer", "Smartreg-Record: convention/c")
    assert town.codes() == []
    town.istres.commits(town.root, {CHARTER: "yet another\n"})
    assert town.codes() == [("CHG814", CONVENTION)]


def test_recording_the_digest_of_an_unchanged_annex_needs_nobody_else(town: Town) -> None:
    main = sign_with_annex(town)
    as_signed, other = (
        SIGNED.format(", sha256: " + hashlib.sha256(text).hexdigest()) for text in (b"as signed\n", b"other\n")
    )
    town.put("pr", town.commit(town.istres, (main,), {CONVENTION: as_signed}))
    assert town.codes() == []
    town.put("pr", town.commit(town.istres, (main,), {CONVENTION: other, CHARTER: "other\n"}))
    assert town.codes() == [("CHG814", CONVENTION)]
