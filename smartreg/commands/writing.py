"""What the writing commands share: from changed texts to an edit that names its records and conventions."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.commands.workspace import Workspace
from smartreg.core.values import Record, RecordId
from smartreg.edit import Edit, Outcome, WriteOptions, carry_out
from smartreg.registry import Registry


def write(workspace: Workspace, registry: Registry, edit: Edit, options: WriteOptions) -> Outcome:
    """Carry out an edit of the working tree under the rules of its registry."""
    return carry_out(workspace.git, registry, edit, workspace.checker(registry, options.on), options)


def edit_of(op: str, record: Record, writes: Mapping[str, bytes | None], subject: str) -> Edit:
    """An edit that is about one record."""
    return Edit(op, (record.rid,), writes, subject)


def make_record(rid: RecordId, file: str, data: Mapping[str, object]) -> Record:
    """A record that is about to be written."""
    return Record(rid, file, data, "")
