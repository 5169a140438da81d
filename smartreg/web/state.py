"""The registry as of a stated time: kept as long as nothing has changed, and never older than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from smartreg.core.messages import Text
from smartreg.gitio import Git, PendingReads, is_write_pending, work_under_way
from smartreg.index.state import load_state
from smartreg.trees import IndexedFiles, WorkingTree
from smartreg.workspace.workspace import Workspace, now_in, open_workspace

Value = TypeVar("Value")
OLDEST_S = 2.0


@dataclass(frozen=True)
class Shown:
    """A state of the registry, and when it was seen to be that of the working tree. `kept`: what pages computed from
    it, which is as true as long as the state is shown (see `once`)."""

    workspace: Workspace
    seen: datetime
    today: date
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` gives, computed once for this state and day."""
        if (self.today, key) not in self.kept:
            self.kept[self.today, key] = make()
        return cast(Value, self.kept[self.today, key])


class LiveRegistry:
    """The registry in a folder, kept by its commit and by the serial number of the index. `note`: the function that is
    told what to know about an answer."""

    def __init__(self, folder: Path, note: Callable[[Text], None], *, indexed: bool = True) -> None:
        self._folder, self._note, self._indexed = folder, note, indexed
        self._shown: Shown | None = None
        self._key: Hashable = None
        self._under_way: Text | None = None
        self._checked = 0.0
        self._expired = float("-inf")

    @property
    def age(self) -> float:
        """Seconds since it was compared with the working tree."""
        return time.monotonic() - self._checked

    def recent(self) -> Shown:
        """The state of at most two seconds ago."""
        is_old = self.age > OLDEST_S or self._checked <= self._expired
        if self._shown is None or is_old or self._is_left_behind(self._shown.workspace):
            return self.refresh()
        return self._shown

    def kept(self) -> Shown:
        """The last state that was read, however old."""
        return self._shown or self.refresh()

    @property
    def is_interrupted(self) -> bool:
        """Whether a write is under way, or was interrupted."""
        repo = self._shown.workspace.repo if self._shown is not None else None
        return repo is not None and is_write_pending(repo)

    def expire(self) -> None:
        """Have the next visit compare with the working tree, however soon it comes: something may have been written.
        Called by another thread."""
        self._expired = time.monotonic()

    def refresh(self, *, recovers: bool = False) -> Shown:
        """The state of now. An interrupted write is finished or undone first if this one `recovers`."""
        began, kept = time.monotonic(), self._shown
        if (
            kept is not None
            and not recovers
            and self._key is not None
            and _key_of(kept.workspace, anew=True) == self._key
        ):
            shown = replace(kept, **_now(kept.workspace))
        else:
            opened = open_workspace(self._folder, recovers=recovers)
            workspace = replace(opened, note=self._note, indexed=self._indexed)
            self._under_way = _work_in(workspace)
            key = _key_of(workspace, anew=False)
            if kept is not None and key is not None and key == self._key and opened.notice == kept.workspace.notice:
                workspace, values = kept.workspace, kept.kept
            else:
                values = {}
            self._key = key
            shown = Shown(workspace, kept=values, **_now(workspace))
        self._shown, self._checked = shown, began
        return shown

    def _is_left_behind(self, workspace: Workspace) -> bool:
        """Whether a merge or the like began or ended, or another process has described a later state in the index."""
        if _work_in(workspace) != self._under_way:
            return True
        files = workspace.current.tree.files()
        if not isinstance(files, IndexedFiles) or self._key is None:
            return False
        state = load_state(workspace.index)
        return state is None or state.serial != files.state.serial


def _work_in(workspace: Workspace) -> Text | None:
    return work_under_way(workspace.repo) if workspace.repo is not None else None


def _now(workspace: Workspace) -> dict[str, Any]:
    seen = now_in(workspace.config.timezone)
    return {"seen": seen, "today": seen.date()}


def _key_of(workspace: Workspace, *, anew: bool) -> Hashable:
    """The branch, its commit, the serial number of the files as the index describes them, what Git is in the middle of,
    and whether a write is under way or was interrupted; None without an index. `anew`: Git is asked about the working
    tree again."""
    if workspace.repo is None:
        return None
    under_way = _work_in(workspace)
    tree = workspace.current.tree
    if anew:
        asked = PendingReads(Git(workspace.root), workspace.repo.paths)
        tree = WorkingTree(workspace.root, workspace.repo, asked, workspace.index, workspace.folders)
    files = tree.files()
    if not isinstance(files, IndexedFiles):
        return None
    return (
        workspace.repo.branch(),
        workspace.repo.head(),
        files.state.serial,
        under_way,
        is_write_pending(workspace.repo),
    )
