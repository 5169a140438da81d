"""What `doctor --ci` tells: the commands that the pipelines of this registry run, for a pull request from here."""

from __future__ import annotations

from dataclasses import dataclass

from smartreg.commands.pipelines import CiCommand, ci_commands
from smartreg.commands.workspace import Workspace


@dataclass(frozen=True)
class Ci:
    """The commands; the `base` that a pull request would go into, and whether the current commit lacks some of it:
    services judge the merge of both."""

    commands: tuple[CiCommand, ...]
    base: str
    behind: bool


def ci(workspace: Workspace) -> Ci:
    """StateFault when the registry is not under Git."""
    repo = workspace.git
    base = repo.upstream()
    # Pipelines stand at the top of the repository, wherever the registry is.
    commands = tuple(ci_commands(repo.top, base))
    tip, head = repo.git.line("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}"), repo.head()
    behind = tip is not None and head is not None and repo.merge_base(tip, head) != tip
    return Ci(commands, base, behind)
