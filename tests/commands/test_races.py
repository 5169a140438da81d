"""Commands at once: every success is permanent, every refusal is clear, nothing is lost, doubled or left behind
(R3)."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from crashes import State, git, make_base, run
from races import in_one_clone, in_two_clones, lock_never, lock_nothing, without_locks

from smartreg.core.errors import StateFault
from smartreg.core.values import RecordId
from smartreg.edit import Outcome, WriteOptions
from smartreg.workspace.add import add
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

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
    count, wrong = in_one_clone(root, workers=8, turns=1)
    assert wrong == []
    assert count == 8


@pytest.mark.promise("R3")
def test_two_clones_that_push_and_pull(root: Path, tmp_path: Path) -> None:
    count, wrong = in_two_clones(tmp_path, root, turns=3)
    assert wrong == []
    assert count == 6


@pytest.mark.promise("R3")
@pytest.mark.parametrize("locks", [lock_nothing, lock_never])
def test_where_nothing_can_be_locked_nothing_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch, locks: Callable[[int, int], None]
) -> None:
    monkeypatch.setattr(fcntl, "flock", locks)
    before = State.of(root)
    _count, wrong = in_one_clone(root, workers=3, turns=1)
    assert wrong == ["nothing went through"]
    refused = run(root, "set use-case/bruit title=Mine -y")
    assert refused.code == 3
    assert "cannot be locked" in refused.err
    assert State.of(root) == before
    assert run(root, "list support").code == 0


@pytest.mark.promise("R3")
def test_six_writers_whose_locks_exclude_nobody_lose_nothing(root: Path) -> None:
    """As from several computers on a share: who comes second is refused, or waits."""
    count, wrong = without_locks(root, workers=6, turns=1)
    assert wrong == []
    assert count == 6


@pytest.mark.promise("R3")
@pytest.mark.parametrize(("path", "code"), [("other.txt", 0), ("registry/use-cases/bruit.yaml", 3)])
def test_what_others_commit_at_the_last_moment_is_not_written_over(root: Path, path: str, code: int) -> None:
    """Between our look at HEAD and our commit: ours is made on top, unless both are of one record."""
    real, shims = shutil.which("git"), root.parent / "bin"
    shims.mkdir()
    (shims / "git").write_text(
        f"""#!/bin/sh
        case "$*" in *fast-import*) if mkdir "{shims}/once" 2>&1; then
            export GIT_INDEX_FILE="{shims}/index"
            "{real}" read-tree HEAD
            theirs=$(echo "id: theirs" | "{real}" hash-object -w --stdin)
            "{real}" update-index --add --cacheinfo "100644,$theirs,{path}"
            made=$("{real}" commit-tree -p HEAD -m "By hand" "$("{real}" write-tree)")
            "{real}" update-ref refs/heads/main "$made"
            unset GIT_INDEX_FILE
        fi;; esac
        exec "{real}" "$@"
        """
    )
    (shims / "git").chmod(0o755)

    ended = run(root, "set use-case/bruit title=Mine -m Mine -y", PATH=f"{shims}:{os.environ['PATH']}")

    assert ended.code == code, ended.err
    assert git(root, "show", f"HEAD:{path}") == "id: theirs\n"
    assert git(root, "log", "-2", "--format=%s").splitlines()[1 - code // 3] == "By hand"
    assert ("Mine" in git(root, "show", "HEAD:registry/use-cases/bruit.yaml")) == (code == 0)


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
