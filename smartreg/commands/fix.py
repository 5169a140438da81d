"""`validate --fix`: mend what needs no judgement, and put the records in their canonical form; one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smartreg.commands.format_ import formatted
from smartreg.commands.validate import Verdict, within
from smartreg.commands.writing import write
from smartreg.edit import Edit, Mending, Outcome, WriteOptions, mend
from smartreg.findings import Finding
from smartreg.registry import Registry
from smartreg.values import RecordId
from smartreg.workspace import Workspace

OP, FORM = "fix", "format"


@dataclass(frozen=True)
class Fixed:
    """What was written or would be, the findings that it mends, and those whose fix would have brought another one."""

    outcome: Outcome
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


def fix(
    workspace: Workspace,
    verdict: Verdict,
    *,
    names: Sequence[str] = (),
    unsafe: bool = False,
    only_findings: bool = False,
    options: WriteOptions,
) -> Fixed:
    """Mend the findings of the verdict on the working tree, and (unless `only_findings`) format the records that
    `names` keep. Nothing is written in a dry run."""
    registry = workspace.current
    checker = workspace.checker(registry, options.on)
    mending = mend(registry, checker, verdict.findings, unsafe=unsafe)
    writes = dict(mending.draft.writes)
    if not only_findings:
        writes |= formatted(registry, within(registry, names), mending.draft)
    edit = _edit(registry, mending, writes)
    return Fixed(write(workspace, registry, edit, options), mending.mended, mending.left)


def _edit(registry: Registry, mending: Mending, writes: Mapping[str, bytes | None]) -> Edit:
    draft, homes = mending.draft, mending.draft.homes
    files = {homes.get(file, file) for file, text in writes.items() if text is not None}
    records = tuple(sorted({registry.by_file[file] for file in files}))
    counts = Counter(found.code for found in mending.mended)
    forms = sum(1 for file in files if file not in homes.values())
    told = [f"{code}: {number}" for code, number in sorted(counts.items())] + ([f"{FORM}: {forms}"] if forms else [])
    subject = f"Fix {_named(records)}"
    return Edit(OP, records, writes, subject, "\n".join(told), moved=draft.moved, uncovered=draft.uncovered)


def _named(records: Sequence[RecordId]) -> str:
    return str(records[0]) if len(records) == 1 else f"{len(records)} records"
