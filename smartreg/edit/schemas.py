"""Schemas that are not committed: a commit of records alone must hold by the schemas that it has itself."""

from __future__ import annotations

import shlex
from dataclasses import replace

from smartreg.core.errors import StateFault
from smartreg.core.values import Words
from smartreg.edit.edit import Edit
from smartreg.gitio import Repo
from smartreg.registry import SCHEMA_FOLDER, Registry, open_registry
from smartreg.trees import CommitTree, WorkingTree
from smartreg.validation.check import Checker

UNEXPECTED = "CHG810"  # where no kind claims the folder


def refuse_uncommitted_schemas(repo: Repo, before: Registry, edit: Edit, checker: Checker) -> None:
    """StateFault where what the edit writes is no record, or none without faults, by the schemas of the last commit,
    which the commit to come has too."""
    tree, inside = before.tree, f"{SCHEMA_FOLDER}/"
    changed = tree.uncommitted_files(inside) if isinstance(tree, WorkingTree) else []
    head = repo.head() if changed else None
    if head is None or any(path.startswith(inside) for path in edit.writes):
        return
    committed = open_registry(CommitTree(repo, head, before.frame.index), before.frame.index, before.frame.indexed)
    after = committed.with_writes(edit.writes)
    rids = {side.by_file[path] for side in (committed, after) for path in edit.writes if path in side.by_file}
    judging = replace(checker, context=replace(checker.context, schemas=committed.schemas))
    for finding in judging.compare(committed, after, rids).introduced:
        named = finding.code.startswith("SCH") or finding.code == UNEXPECTED
        if named and finding.severity == "error" and finding.where.file in edit.writes:
            raise _not_committed(finding.where.file, changed)


def _not_committed(file: str, schemas: list[str]) -> StateFault:
    listed, words = ", ".join(schemas), shlex.join(schemas)
    command = f'git add {words} && git commit -m "…" -- {words}'
    return StateFault(
        Words(
            f"{file} would not hold by the schemas of the last commit: not committed yet: {listed}",
            f"{file} ne tiendrait pas d'après les schémas du dernier commit ; pas encore commité : {listed}",
        ),
        Words(f"commit the schemas first: {command}; or --no-commit", f"commitez d'abord : {command} ; ou --no-commit"),
    )
