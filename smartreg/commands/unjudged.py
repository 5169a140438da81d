"""A run of `validate --since` that could judge nothing, its settings or schemas being of no use, as reports tell it."""

from __future__ import annotations

import re

from smartreg.commands.validate import ValidateOptions, Verdict, state
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import SmartregError
from smartreg.core.findings import Finding, Spot
from smartreg.core.values import Location, Mark
from smartreg.review.baseline import FRAME
from smartreg.rules import all_rules
from smartreg.trees import Tree


def report_unjudged(workspace: Workspace, options: ValidateOptions, fault: SmartregError, where: Location) -> Verdict:
    """The verdict with one finding, an error: what stopped the work, at its place in the state that was asked for."""
    tree = workspace.tree(state(options.staged, options.at))
    found = Finding(FRAME, "error", fault.message, where, fault.hint)
    prefix = workspace.repo.prefix if workspace.repo else ""
    return Verdict([found], 0, tree.name, options.on, lambda place: _spot(tree, place), all_rules(), prefix=prefix)


def _spot(tree: Tree, where: Location) -> Spot | None:
    """Its mark, else the line that sets the last key of its path; where there is none, the first line."""
    try:
        lines = tree.read(where.file).decode("utf-8", "replace").splitlines()
    except (OSError, KeyError):
        return None
    key = re.compile(rf"\s*[\"']?{re.escape(str(where.path[-1]))}[\"']?\s*=") if where.path else None
    named = (number for number, text in enumerate(lines, 1) if key and key.match(text))
    start = where.mark or Mark(next(named, 1), 1)
    text = lines[start.line - 1] if start.line <= len(lines) else ""
    return Spot(start, start, text)
