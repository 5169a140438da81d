"""Automatic fixes: from findings with a fix to the corrected texts. A fix is applied only if it introduces no finding.
Findings that only a fix reveals (in a text that could not be read, in a value of the wrong form) are fixed in the next
round.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from typing import TypeAlias

from smartreg import yamlio
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Drop, Finding, Fix, Move, Put, Rename, Respell, Step
from smartreg.core.values import KeyPath
from smartreg.diff import records_in
from smartreg.edit.apply import plan_edit
from smartreg.edit.edit import Edit
from smartreg.edit.record_text import change_text, move_text, respell_text
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.validation.check import Checker

ROUNDS = 5  # quotes, then the form of the quoted text, then …: no known case needs more than three
OF_THE_CHANGE = "CHG"
RESPELT = ("YML005", "YML008")
TURNS: tuple[type[Step], ...] = (Respell, Put, Rename, Drop, Move)  # keys and items stay in place until removed

FixName: TypeAlias = tuple[str, str, KeyPath, Step]


@dataclass(frozen=True)
class FixedFile:
    """One text being fixed: its `home` in the registry, the file it goes to, and the places in it (all: the
    empty path) that could not be checked before."""

    home: str
    file: str
    kind: Kind
    text: bytes
    uncovered: frozenset[KeyPath]


@dataclass(frozen=True)
class FixDraft:
    """The texts after the fixes, by their homes."""

    files: Mapping[str, FixedFile] = field(default_factory=dict)

    @property
    def moved(self) -> dict[str, str]:
        """Old path → new path of the records that moved."""
        return {item.home: item.file for item in self.files.values() if item.home != item.file}

    @property
    def writes(self) -> dict[str, bytes | None]:
        """The new texts by path; None removes the file."""
        return {**dict.fromkeys(self.moved), **{item.file: item.text for item in self.files.values()}}

    @property
    def uncovered(self) -> frozenset[tuple[str, KeyPath]]:
        """Files and values that could not be checked before."""
        return frozenset((item.file, path) for item in self.files.values() for path in item.uncovered)

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """New path → path in the registry."""
        return {item.file: item.home for item in self.files.values()}


@dataclass(frozen=True)
class AutofixResult:
    """The result of the fixes: the texts, the fixed findings, and those whose fix would introduce another one."""

    draft: FixDraft
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


def anything(_file: str, _code: str) -> bool:
    """The selection of all findings."""
    return True


def with_respelling(registry: Registry, findings: Iterable[Finding]) -> list[Finding]:
    """The findings; those in texts that respelling corrects get that fix."""
    reported = list(findings)
    files = {
        finding.where.file for finding in reported if finding.code in RESPELT and finding.where.file in registry.by_file
    }
    curable = {file for file in files if _is_curable(registry, file)}
    return [
        finding._replace(fix=Fix(Respell())) if finding.code in RESPELT and finding.where.file in curable else finding
        for finding in reported
    ]


def autofix(
    registry: Registry,
    checker: Checker,
    findings: Iterable[Finding],
    *,
    unsafe: bool = False,
    meant: Callable[[str, str], bool] = anything,
) -> AutofixResult:
    """Apply the fixes of the findings, and of those that they reveal if file and code are `meant`; without `unsafe`,
    only the safe ones."""
    draft = FixDraft()
    fixed: dict[FixName, Finding] = {}
    left: list[Finding] = []
    names = frozenset(file.casefold() for file in registry.tree.files())
    fresh = list(findings)
    for _ in range(ROUNDS):
        usable = {
            name: finding for finding in fresh if (name := _name(finding, draft)) and _usable(finding, names, unsafe)
        }
        selected = {name: finding for name, finding in usable.items() if meant(name[1], name[0])}
        before = draft
        kept, draft = _accept(registry, checker, before, list(selected.values()))
        taken = {_name(finding, before) for finding in kept}
        left = [finding for name, finding in selected.items() if name not in taken]
        if draft == before:
            break
        changed = {home for home, item in draft.files.items() if before.files.get(home) != item}
        fixed |= {name: finding for name, finding in selected.items() if name in taken and name[1] in changed}
        # A fix that was left out may be fine now; if ids appear or disappear, other records may have another fix.
        fresh = _find_in(registry, checker, draft, everywhere=bool(left or draft.moved))
    return AutofixResult(draft, tuple(fixed.values()), tuple(left))


def extend_draft(registry: Registry, draft: FixDraft, findings: Iterable[Finding]) -> FixDraft:
    """The draft with the fixes of findings about its present texts."""
    steps: dict[str, list[Fix]] = {}
    for finding in findings:
        if finding.fix is not None:
            file = finding.where.file
            steps.setdefault(draft.homes.get(file, file), []).append(finding.fix)
    files = dict(draft.files)
    targets = {item.file for item in files.values()}
    for home, fixes in steps.items():
        before = files.get(home)
        if before is None:
            kind = registry.schemas.kinds[registry.by_file[home].kind]
            hidden = registry.at(home) is None
            before = FixedFile(home, home, kind, registry.tree.read(home), frozenset({()} if hidden else ()))
        fixed = _apply_fixes(before, fixes, targets)
        if (fixed.text, fixed.file) != (before.text, before.file):
            files[home] = fixed
            targets.add(fixed.file)
    return FixDraft(files)


def _accept(
    registry: Registry, checker: Checker, draft: FixDraft, wanted: Sequence[Finding]
) -> tuple[list[Finding], FixDraft]:
    """As many of the wanted fixes as introduce no finding, and the draft with them: all at once, or all except those in
    files with a new finding, and of these the first of each file, then the second, and so on."""
    whole = extend_draft(registry, draft, wanted)
    blamed = _files_of(_find_introduced(registry, checker, draft, whole))
    if not blamed:
        return list(wanted), whole
    suspects = [finding for finding in wanted if _file_in(whole, draft, finding) in blamed] or list(wanted)
    files = {finding.where.file for finding in suspects}
    kept, draft = _harmless(
        registry, checker, draft, [finding for finding in wanted if finding.where.file not in files]
    )
    by_file: dict[str, list[Finding]] = {}
    for finding in sorted(suspects, key=lambda finding: _turn(finding.fix.step) if finding.fix else (0, 0)):
        by_file.setdefault(finding.where.file, []).append(finding)
    for turn in zip_longest(*by_file.values()):
        good, draft = _harmless(registry, checker, draft, [finding for finding in turn if finding is not None])
        kept += good
    return kept, draft


def _harmless(
    registry: Registry, checker: Checker, draft: FixDraft, fixes: list[Finding]
) -> tuple[list[Finding], FixDraft]:
    """The fixes that introduce no finding, and the draft with them. Those in whose files something new is found are
    tried by themselves, by bisection: a finding in a file, or one that names it, may come from a fix in another."""
    if not fixes:
        return [], draft
    attempt = extend_draft(registry, draft, fixes)
    blamed = _files_of(_find_introduced(registry, checker, draft, attempt))
    if not blamed:
        return fixes, attempt
    if len(fixes) == 1:
        return [], draft
    parts = [
        [finding for finding in fixes if (_file_in(attempt, draft, finding) in blamed) == is_blamed]
        for is_blamed in (False, True)
    ]
    if not all(parts):
        half = len(fixes) // 2
        parts = [fixes[:half], fixes[half:]]
    kept: list[Finding] = []
    for part in parts:
        good, draft = _harmless(registry, checker, draft, part)
        kept += good
    return kept, draft


def _files_of(findings: Sequence[Finding]) -> set[str]:
    """The files of findings: their own, and those of their related places."""
    return {
        place.file for finding in findings for place in (finding.where, *(other.where for other in finding.related))
    }


def _find_introduced(registry: Registry, checker: Checker, before: FixDraft, after: FixDraft) -> Sequence[Finding]:
    """The findings of the second draft that the first does not have. A merely changed value does not make a finding
    new."""
    base = registry.with_writes(before.writes) if before.files else registry
    there = {item.home: item.file for item in before.files.values()}
    changed = [item for home, item in after.files.items() if before.files.get(home) != item]
    moved = {there.get(item.home, item.home): item.file for item in changed}
    moved = {old: new for old, new in moved.items() if old != new}
    writes: dict[str, bytes | None] = {**dict.fromkeys(moved), **{item.file: item.text for item in changed}}
    edit = Edit("fix", (), writes, "", moved=moved, uncovered=FixDraft({item.home: item for item in changed}).uncovered)
    introduced = plan_edit(base, edit, checker).introduced
    return [
        finding for finding in introduced if finding.severity == "error" or not finding.code.startswith(OF_THE_CHANGE)
    ]


def _find_in(registry: Registry, checker: Checker, draft: FixDraft, *, everywhere: bool) -> list[Finding]:
    """The findings for the texts of the draft: all, or only new ones."""
    after = registry.with_writes(draft.writes)
    if everywhere:
        return with_respelling(after, checker.check(after).findings)
    rids = records_in(draft.writes, registry, after)
    return with_respelling(after, checker.compare(registry, after, rids).introduced)


def _name(finding: Finding, draft: FixDraft) -> FixName | None:
    """The identity of a fix, also after its record has moved."""
    where = finding.where
    return (
        (finding.code, draft.homes.get(where.file, where.file), where.path, finding.fix.step) if finding.fix else None
    )


def _file_in(whole: FixDraft, draft: FixDraft, finding: Finding) -> str:
    """Where the record of a finding is in another draft."""
    home = draft.homes.get(finding.where.file, finding.where.file)
    return whole.files[home].file if home in whole.files else home


def _usable(finding: Finding, names: Collection[str], unsafe: bool) -> bool:
    """Whether a fix may be applied; on many computers, names that differ only in case are one file."""
    if finding.fix is None or not (finding.fix.safe or unsafe):
        return False
    return not isinstance(finding.fix.step, Move) or finding.fix.step.file.casefold() not in names


def _is_curable(registry: Registry, file: str) -> bool:
    text = registry.tree.read(file)
    return respell_text(registry.schemas.kinds[registry.by_file[file].kind], text) != text


def _apply_fixes(before: FixedFile, fixes: Sequence[Fix], targets: Collection[str]) -> FixedFile:
    """The text after independent fixes. Of two for one place, the first is applied."""
    text = before.text
    steps: dict[tuple[type[Step], KeyPath], Step] = {}
    for fix in fixes:
        steps.setdefault((type(fix.step), () if isinstance(fix.step, (Move, Respell)) else fix.step.path), fix.step)
    file = before.file
    for step in sorted(steps.values(), key=_turn):
        if isinstance(step, Respell):
            text = respell_text(before.kind, text)
        elif isinstance(step, Move):
            file = before.file if step.file in targets else step.file
        elif isinstance(step, Rename):
            text = yamlio.rename_key(text, step.path, step.name)
        else:
            text = _apply_step(before.kind, text, step)
    uncovered = before.uncovered | {path for fix in fixes if fix.safe for path in _unchecked_paths(fix.step)}
    return replace(before, file=file, text=move_text(before.kind, text, before.file, file), uncovered=uncovered)


def _turn(step: Step) -> tuple[int, int]:
    """The order of independent steps; in nested lists the deepest come first."""
    return TURNS.index(type(step)), -len(step.path) if isinstance(step, Drop) else 0


def _unchecked_paths(step: Step) -> tuple[KeyPath, ...]:
    """The places whose value could not be checked before the step."""
    if isinstance(step, Rename):
        return ((*step.path[:-1], step.name),)
    return (step.path,) if isinstance(step, Put) else ()


def _apply_step(kind: Kind, text: bytes, step: Put | Drop) -> bytes:
    """The text after one step; unchanged if that would touch other lines."""
    try:
        if isinstance(step, Put):
            return change_text(kind, text, [(step.path, step.value)])
        return change_text(kind, text, (), [(*step.path, item) for item in reversed(step.items)])
    except (StateFault, UsageFault):
        return text
