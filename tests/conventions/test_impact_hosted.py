"""How many devices each party hosts: what is kept of a commit says what counting says."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from random import Random

import pytest
from conftest import Git
from conventions import place

from smartreg.diff import diff
from smartreg.diff.impact import Hosting, hostings
from smartreg.workspace.workspace import Workspace, open_workspace

TOWNS = range(12)  # enough for all devices to be counted at once
STATES = ("active", "active", "planned", "removed")


def device(random: Random) -> str:
    return (
        "type: sensor\nowner: amp\nuse_cases: [noise]\ninstalled_on: '2024-03-11'\n"
        f"status: {random.choice(STATES)}\nsupport: p{random.choice(TOWNS)}\n"
    )


@pytest.fixture
def commits(git_repo: Path, git: Git) -> list[str]:
    """Three states, in which devices have other supports and statuses; then a convention less."""
    random = Random(7)
    place(git_repo, "smartreg.toml", 'name = "Istres"\nmetropole = "amp"\n')
    place(git_repo, "registry/parties/amp.yaml", "id: amp\nname: AMP\ncategory: metropole\nsiren: '200054807'\n")
    for town in TOWNS:
        for path, text in {
            f"parties/t{town}": "name: Town\ncategory: commune\n",
            f"supports/13047/p{town}": f"type: mast\nowner: t{town}\ninsee_code: '13047'\nstatus: in_service\n",
            f"conventions/c{town}": f"title: C\nparties: [amp, t{town}]\nfamilies: [installation]\nstatus: signed\n",
        }.items():
            place(git_repo, f"registry/{path}.yaml", f"id: {path.rpartition('/')[2]}\n{text}")
    found = []
    for _ in range(3):
        for number in range(30):
            place(git_repo, f"registry/equipment/s{number}.yaml", f"id: s{number}\n{device(random)}")
        git("add", "-A")
        git("commit", "-qm", "state")
        found.append(git("rev-parse", "HEAD").strip())
    (git_repo / "registry/conventions/c3.yaml").unlink()
    git("commit", "-qam", "without a convention")
    return [*found, git("rev-parse", "HEAD").strip()]


def hostings_between(workspace: Workspace, one: str, other: str, only: str = "") -> tuple[Hosting, ...]:
    sides = workspace.registry(one), workspace.registry(other)
    changes = [change for change in diff(*sides) if only in str(change.rid)]
    return hostings(sides, changes, date(2026, 1, 15), whole=not only)


def test_what_is_kept_says_what_counting_says(git_repo: Path, commits: list[str]) -> None:
    workspace = open_workspace(git_repo)
    pairs = [(one, other) for one in commits for other in commits if one != other]
    counted = {}
    for pair in pairs:
        shutil.rmtree(workspace.git.common_dir / "smartreg", ignore_errors=True)
        counted[pair] = hostings_between(workspace, *pair)

    for pair in pairs:  # each counts on what those before it have kept
        hostings_between(workspace, *pair, only="s7")
        assert hostings_between(workspace, *pair) == counted[pair]
    assert len({hosting.after for found in counted.values() for hosting in found}) > 3
    assert len(counted[commits[0], commits[1]]) == len(TOWNS)

    shutil.rmtree(workspace.git.common_dir / "smartreg", ignore_errors=True)  # few are counted by themselves
    few, again = (hostings_between(workspace, *pairs[0], only="s7") for _ in range(2))
    assert few == again
    assert {(bond, host, after) for bond, host, _, after in few} < {
        (bond, host, after) for bond, host, _, after in counted[pairs[0]]
    }
