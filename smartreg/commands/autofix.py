"""`validate --fix`: fix what needs no judgement, and put the records in canonical form; one commit.

`format`: the canonical form alone: keys in order, identifiers in quotes; the content of records does not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.commands.validate import Verdict, within
from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.edit import Edit, Outcome, WriteOptions, format_text
from smartreg.edit.autofix import AutofixResult, FixDraft, autofix
from smartreg.registry import Registry
from smartreg.validation.check import Selection
from smartreg.workspace.workspace import Workspace, write

FORMAT = "format"


def format_records(workspace: Workspace, names: Sequence[str], options: WriteOptions) -> Outcome:
    """Format the records in `names` (records, files or folders; all without any). What cannot be read stays."""
    registry = workspace.current
    writes = format_texts(registry, within((registry,), names))
    records = tuple(sorted({registry.by_file[file] for file in writes}))
    subject = f"Format {records[0] if len(records) == 1 else f'{len(records)} records'}"
    return write(workspace, registry, Edit(FORMAT, records, writes, subject), options)


def format_texts(
    registry: Registry, kept: Callable[[str], bool], draft: FixDraft | None = None
) -> dict[str, bytes | None]:
    """The canonical texts, by path, of the records whose text is another: as a draft leaves them, if one is given."""
    files, homes = (draft.files, draft.homes) if draft else ({}, {})
    writes: dict[str, bytes | None] = {}
    unfixed = [file for file in registry.by_file if kept(file) and file not in files]
    texts = [(file, registry.text_of(file)) for file in sorted(unfixed)]
    texts += [(item.file, item.text) for item in files.values()]
    for file, text in texts:
        if text is None:
            continue
        kind = registry.schemas.kinds[registry.by_file[homes.get(file, file)].kind]
        form = format_text(kind, text, file)
        if form != text:
            writes[file] = form
    return writes


FIX = "fix"


@dataclass(frozen=True)
class Fixed:
    """The write as it was made or would be, the findings that it fixes, those whose fix would have caused another one,
    and how many records were only put in their canonical form."""

    outcome: Outcome
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]
    formatted: int


class FixSelection(NamedTuple):
    """Which findings to fix: those in these records, files or folders; of these codes or prefixes."""

    names: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]


def fix(
    workspace: Workspace, verdict: Verdict, meant: FixSelection, options: WriteOptions, *, unsafe: bool = False
) -> Fixed:
    """Fix the findings of the verdict on the working tree, and (unless codes are selected) put these records in
    their canonical form. Nothing is written in a dry run."""
    registry = workspace.current
    checker = workspace.checker(registry, options.on)
    kept, chosen = within((registry,), meant.names), Selection(meant.select, meant.ignore)
    fixes = autofix(
        registry,
        checker,
        verdict.findings,
        unsafe=unsafe,
        meant=lambda file, code: kept(file) and chosen.grade(code, "error") is not None,
    )
    writes = dict(fixes.draft.writes)
    if not meant.select:
        writes |= format_texts(registry, kept, fixes.draft)
    homes = fixes.draft.homes
    files = {homes.get(file, file) for file, text in writes.items() if text is not None}
    forms = len(files - fixes.draft.files.keys())
    edit = _edit(fixes, writes, sorted({registry.by_file[file] for file in files}), forms)
    return Fixed(write(workspace, registry, edit, options), fixes.fixed, fixes.left, forms)


def _edit(fixes: AutofixResult, writes: Mapping[str, bytes | None], records: Sequence[RecordId], forms: int) -> Edit:
    draft, counts = fixes.draft, Counter(finding.code for finding in fixes.fixed)
    lines = [f"{code}: {number}" for code, number in sorted(counts.items())] + ([f"format: {forms}"] if forms else [])
    subject = f"Fix {records[0] if len(records) == 1 else f'{len(records)} records'}"
    body = "\n".join(lines)
    return Edit(FIX, tuple(records), writes, subject, body, moved=draft.moved, uncovered=draft.uncovered)
