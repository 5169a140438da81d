"""From findings that have a fix to the texts that mend them.

A fix is taken only when it brings no finding of its own: those that would are left out, one by one. What a fix brings
to light (in a text that could not be read, in a value of the wrong form) is mended in the next round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from smartreg import yamlio
from smartreg.check import Checker
from smartreg.edit.apply import judged
from smartreg.edit.edit import Edit
from smartreg.edit.text import changed_text, moved_text, respelled_text
from smartreg.errors import StateFault, UsageFault
from smartreg.findings import Drop, Finding, Fix, Move, Put, Rename, Respell, Step
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.values import KeyPath, path_text

ROUNDS = 5  # quotes, then the form of what is quoted, then …: nothing known needs more than three
RESPELT = ("YML005", "YML008")

Rounds: TypeAlias = Sequence[Sequence[Finding]]


@dataclass(frozen=True)
class Draft:
    """Texts by path as the fixes leave them. `homes`: the path of each in the registry. `uncovered` as in `Edit`."""

    texts: Mapping[str, bytes] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    uncovered: frozenset[tuple[str, KeyPath]] = frozenset()

    @property
    def moved(self) -> dict[str, str]:
        return {home: file for file, home in self.homes.items() if home != file}

    @property
    def writes(self) -> dict[str, bytes | None]:
        return {**dict.fromkeys(self.moved), **self.texts}

    def edit(self) -> Edit:
        return Edit("fix", (), self.writes, "", moved=self.moved, uncovered=self.uncovered)


@dataclass(frozen=True)
class Mending:
    """What came of the fixes: the texts, the findings that they mend, and those whose fix would bring another one."""

    draft: Draft
    mended: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


def with_respelling(registry: Registry, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of texts that another spelling mends with that fix."""
    told = list(findings)
    files = {found.where.file for found in told if found.code in RESPELT and found.where.file in registry.by_file}
    curable = {file for file in files if _respelt(registry, file) is not None}
    return [
        replace(found, fix=Fix(Respell())) if found.code in RESPELT and found.where.file in curable else found
        for found in told
    ]


def mend(registry: Registry, checker: Checker, findings: Iterable[Finding], *, unsafe: bool = False) -> Mending:
    """Take the fixes of the findings and of what they bring to light; without `unsafe` only the safe ones."""
    rounds: list[Sequence[Finding]] = []
    left: list[Finding] = []
    draft = Draft()
    tried: set[tuple[str, str, KeyPath, Step]] = set()
    names = frozenset(file.casefold() for file in registry.tree.files())
    fresh = list(findings)
    while len(rounds) < ROUNDS:
        taken = {name: found for found in fresh if (name := _name(found, draft)) and _usable(found, names, unsafe)}
        wanted = [found for name, found in taken.items() if name not in tried]
        tried.update(taken)
        kept = _accepted(registry, checker, rounds, [], wanted)
        left += [found for found in wanted if found not in kept]
        if not kept:
            break
        rounds.append(kept)
        draft = drafted(registry, rounds)
        fresh = _introduced(registry, checker, draft)
    return Mending(draft, tuple(found for kept in rounds for found in kept), tuple(left))


def drafted(registry: Registry, rounds: Rounds) -> Draft:
    """The texts after rounds of fixes, each finding telling of the texts as the rounds before have left them."""
    texts: dict[str, bytes] = {}
    homes: dict[str, str] = {}
    uncovered: set[tuple[str, KeyPath]] = set()
    for findings in rounds:
        by_file: dict[str, list[Fix]] = {}
        for found in findings:
            if found.fix is not None:
                by_file.setdefault(found.where.file, []).append(found.fix)
        for file, fixes in by_file.items():
            home = homes.pop(file, file)
            kind = registry.schemas.kinds[registry.by_file[home].kind]
            text = texts.pop(file) if file in texts else registry.tree.read(home)
            if any(isinstance(fix.step, Respell) for fix in fixes) and registry.at(home) is None:
                uncovered.add((file, ()))
            target = next((fix.step.file for fix in fixes if isinstance(fix.step, Move)), file)
            target = file if target in texts else target
            text = moved_text(kind, _fixed(kind, text, [fix.step for fix in fixes]), file, target)
            uncovered |= {(file, path) for fix in fixes if fix.safe for path in _paths(fix.step)}
            if target != file:
                uncovered = {(target if there == file else there, path) for there, path in uncovered}
            texts[target], homes[target] = text, home
    return Draft(texts, homes, frozenset(uncovered))


def _accepted(
    registry: Registry, checker: Checker, rounds: Rounds, kept: list[Finding], wanted: list[Finding]
) -> list[Finding]:
    """`kept` and as many of the wanted fixes as bring no finding: all of them, or the same of each half."""
    if not wanted:
        return kept
    edit = drafted(registry, [*rounds, [*kept, *wanted]]).edit()
    if not judged(registry, edit, checker).introduced:
        return [*kept, *wanted]
    if len(wanted) == 1:
        return kept
    half = len(wanted) // 2
    kept = _accepted(registry, checker, rounds, kept, wanted[:half])
    return _accepted(registry, checker, rounds, kept, wanted[half:])


def _introduced(registry: Registry, checker: Checker, draft: Draft) -> list[Finding]:
    """What is found in the texts of the draft and was not found, there and in these words, before."""
    after = registry.edited(draft.writes)
    rids = {side.by_file[file] for side in (registry, after) for file in draft.writes if file in side.by_file}
    return with_respelling(after, checker.check_edit(registry, after, rids))


def _name(found: Finding, draft: Draft) -> tuple[str, str, KeyPath, Step] | None:
    """A fix is tried once, wherever the record has gone since."""
    where = found.where
    return (found.code, draft.homes.get(where.file, where.file), where.path, found.fix.step) if found.fix else None


def _usable(found: Finding, names: Collection[str], unsafe: bool) -> bool:
    """Whether a fix may be taken; on many computers names that differ in case only are one file."""
    if found.fix is None or not (found.fix.safe or unsafe):
        return False
    return not isinstance(found.fix.step, Move) or found.fix.step.file.casefold() not in names


def _respelt(registry: Registry, file: str) -> bytes | None:
    text = registry.tree.read(file)
    done = respelled_text(registry.schemas.kinds[registry.by_file[file].kind], text)
    return None if done == text else done


def _paths(step: Step) -> tuple[KeyPath, ...]:
    """The places whose value was not judged for what it is before the step."""
    if isinstance(step, Rename):
        return ((*step.path[:-1], step.name),)
    return (step.path,) if isinstance(step, Put) else ()


def _fixed(kind: Kind, text: bytes, steps: Sequence[Step]) -> bytes:
    """The text after steps that do not know of each other: keys and items keep their places until they go."""
    if any(isinstance(step, Respell) for step in steps):
        text = respelled_text(kind, text)
    puts = {step.path: step for step in steps if isinstance(step, Put)}
    renames = {step.path: step for step in steps if isinstance(step, Rename)}
    drops = {step.path: step for step in steps if isinstance(step, Drop)}
    for put in puts.values():
        text = _changed(kind, text, put)
    for rename in renames.values():
        text = yamlio.renamed_key(text, rename.path, rename.name)
    for drop in sorted(drops.values(), key=lambda step: (path_text(step.path[:-1]), step.path[-1]), reverse=True):
        text = _changed(kind, text, drop)
    return text


def _changed(kind: Kind, text: bytes, step: Put | Drop) -> bytes:
    """The text after one step; as it is where that would touch other lines."""
    try:
        if isinstance(step, Put):
            return changed_text(kind, text, [(step.path, step.value)])
        return changed_text(kind, text, (), [step.path])
    except (StateFault, UsageFault):
        return text
