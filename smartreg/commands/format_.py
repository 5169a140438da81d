"""`format`: records in canonical form: keys in order, identifiers in quotes; their content does not change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smartreg.commands.validate import within
from smartreg.commands.workspace import Workspace, write
from smartreg.edit import Edit, Outcome, WriteOptions, format_text
from smartreg.edit.autofix import FixDraft
from smartreg.registry import Registry

OP = "format"


def format_records(workspace: Workspace, names: Sequence[str], options: WriteOptions) -> Outcome:
    """Format the records in `names` (records, files or folders; all without any). What cannot be read stays."""
    registry = workspace.current
    writes = format_texts(registry, within((registry,), names))
    records = tuple(sorted({registry.by_file[file] for file in writes}))
    subject = f"Format {records[0] if len(records) == 1 else f'{len(records)} records'}"
    return write(workspace, registry, Edit(OP, records, writes, subject), options)


def format_texts(
    registry: Registry, kept: Callable[[str], bool], draft: FixDraft | None = None
) -> dict[str, bytes | None]:
    """The canonical texts, by path, of the records whose text is another: as a draft leaves them, if one is given."""
    leaves, homes = (draft.leaves, draft.homes) if draft else ({}, {})
    writes: dict[str, bytes | None] = {}
    wanted = [file for file in registry.by_file if kept(file) and file not in leaves]
    texts = [(file, registry.text_of(file)) for file in sorted(wanted)]
    texts += [(leaf.file, leaf.text) for leaf in leaves.values()]
    for file, text in texts:
        if text is None:
            continue
        kind = registry.schemas.kinds[registry.by_file[homes.get(file, file)].kind]
        form = format_text(kind, text, file)
        if form != text:
            writes[file] = form
    return writes
