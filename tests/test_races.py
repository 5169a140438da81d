"""Commands at once: every success is permanent, every refusal is clear, nothing is lost, doubled or left behind
(R3)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from crashes import git, make_base, run
from races import in_one_clone, in_two_clones

from smartreg.commands.add import add
from smartreg.commands.set_ import set_fields
from smartreg.commands.workspace import open_workspace
from smartreg.core.errors import StateFault
from smartreg.core.values import RecordId
from smartreg.edit import Outcome, WriteOptions

ON = WriteOptions(on=date(2026, 1, 15))


@pytest.fixture(scope="module")
def race_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("races"))


@pytest.fixture
def root(race_base: Path, tmp_path: Path) -> Path:
    shutil.copy(race_base.parent / ".gitconfig", tmp_path)
    root = Path(shutil.copytree(race_base, tmp_path / "clone", symlinks=True))
    git(root, "config", "user.name", "Service registre")
    git(root, "config", "user.email", "registre@example.org")
    return root


@pytest.mark.promise("R3")
def test_eight_at_once_in_one_clone(root: Path) -> None:
    count, wrong = in_one_clone(root, workers=8, turns=4)
    assert wrong == []
    assert count == 32


@pytest.mark.promise("R3")
def test_two_clones_that_push_and_pull(root: Path, tmp_path: Path) -> None:
    count, wrong = in_two_clones(tmp_path, root, turns=4)
    assert wrong == []
    assert count == 8


def meanwhile(root: Path, line: str) -> Callable[[Outcome], bool]:
    """Somebody else's command while a user is asked to confirm."""

    def confirm(_outcome: Outcome) -> bool:
        assert run(root, line).code == 0
        return True

    return confirm


@pytest.mark.promise("R3")
def test_a_record_that_changed_while_somebody_was_asked_is_not_written_over(root: Path) -> None:
    options = replace(ON, confirm=meanwhile(root, "set use-case/bruit title=Theirs -y"))
    with pytest.raises(StateFault, match="changed meanwhile"):
        set_fields(open_workspace(root), "use-case/bruit", ["department=Voirie"], [], options)
    assert "Theirs" in (root / "registry/use-cases/bruit.yaml").read_text("utf-8")


def test_a_record_that_changed_since_the_registry_was_read_is_not_written_over(root: Path) -> None:
    workspace = open_workspace(root)
    assert workspace.current.get(RecordId("use_case", "bruit"))
    assert run(root, "set use-case/bruit title=Theirs -y").code == 0
    with pytest.raises(StateFault, match="changed meanwhile"):
        set_fields(workspace, "use-case/bruit", ["department=Voirie"], [], ON)
    assert "Voirie" not in (root / "registry/use-cases/bruit.yaml").read_text("utf-8")


@pytest.mark.promise("R3")
def test_a_record_that_somebody_else_adds_meanwhile_is_not_written_over(root: Path) -> None:
    options = replace(
        ON,
        confirm=meanwhile(
            root, "add-use-case --id sol --title Theirs --owner istres --domain air_quality --status idea -y"
        ),
    )
    data = {"title": "Mine", "owner": "istres", "domain": "heat", "status": "idea"}
    workspace = open_workspace(root)
    kind = workspace.current.schemas.kinds["use_case"]
    with pytest.raises(StateFault, match="sol"):
        add(workspace, kind, data, id="sol", options=options)
    assert "Theirs" in (root / "registry/use-cases/sol.yaml").read_text("utf-8")
