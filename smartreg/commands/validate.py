"""`validate`: every finding of the registry in some state, or of some of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, Locate, Severity, Summary
from smartreg.core.messages import Message
from smartreg.core.timings import Timings, measured, phase
from smartreg.core.values import RecordId
from smartreg.edit.autofix import RESPELT, with_respelling
from smartreg.registry import Registry
from smartreg.rules import Rule, RuleCrash, rule_named
from smartreg.validation.check import Checker, Selection
from smartreg.workspace.locating import locator
from smartreg.workspace.workspace import INDEX, Workspace, record_named


@dataclass(frozen=True)
class Verdict:
    """The findings on a state, and what was read of it. `locate` gives the place in the text of the state that was
    judged; `waived`, `base`, `before`, `rids`, `prefix` and `kinds` as in `Summary`; `crash` is a rule that crashed: it
    reported nothing, the others everything. `accepted`: of what is waived, that which the run came upon (with a base:
    what the change brings). `notes`: how many more notes there are by code, which are only counted. `timings`: where
    the time went, if somebody measures."""

    findings: Sequence[Finding]
    records: int
    state: str
    on: date
    locate: Locate
    rules: Mapping[str, Rule]
    rids: Mapping[str, RecordId] = field(default_factory=dict)
    prefix: str = ""
    crash: RuleCrash | None = None
    waived: int = 0
    base: str | None = None
    before: int = 0
    kinds: tuple[str, ...] = ()
    accepted: tuple[Finding, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
    timings: Timings | None = None

    @cached_property
    def summary(self) -> Summary:
        """What reports say of the run as a whole."""
        counts: Counter[tuple[Severity, str]] = Counter((finding.severity, finding.code) for finding in self.findings)
        counts.update({("info", code): number for code, number in self.notes.items()})
        return Summary(
            self.records,
            self.state,
            self.on,
            counts,
            rids=self.rids,
            prefix=self.prefix,
            fixable=sum(finding.fix is not None and finding.fix.safe for finding in self.findings),
            waived=self.waived,
            base=self.base,
            before=self.before,
            kinds=self.kinds,
            timings=self.timings,
        )


@dataclass(frozen=True)
class ValidateOptions:
    """The state to check: the working tree, the index (`staged`) or a revision, on which day. `names` (records, files
    or folders) keep only the findings in them; `select` and `ignore` are codes or prefixes. `count_notes`: notes may be
    counted by code instead (`Verdict.notes`)."""

    on: date
    names: Sequence[str] = ()
    staged: bool = False
    at: str | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    count_notes: bool = False


def validate(workspace: Workspace, options: ValidateOptions) -> Verdict:
    """Check everything in one state."""
    which = state(options.staged, options.at)
    with phase("open"):
        registry = workspace.current if which is None else workspace.registry(which, use_current_schemas=True)
    checker = checker_of(workspace, registry, options.on, options.select, options.ignore)
    kept = within((registry,), options.names)
    crash = None
    try:
        count_notes = options.count_notes and not options.names
        findings, waived, notes = checker.check(registry, incremental=True, count_notes=count_notes)
    except RuleCrash as fault:
        crash, findings, waived, notes = fault, [*fault.findings], [], {}
    if options.names:
        findings = [finding for finding in findings if kept(finding.where.file)]
        waived = [finding for finding in waived if kept(finding.where.file)]
    if any(finding.code in RESPELT for finding in findings):
        findings = with_respelling(registry, findings)
    return replace(
        blank_verdict(workspace, registry, checker),
        findings=findings,
        crash=crash,
        waived=len(waived),
        accepted=tuple(waived),
        notes=notes,
        timings=measured(),
    )


def blank_verdict(workspace: Workspace, registry: Registry, checker: Checker) -> Verdict:
    """A verdict without findings: what is checked, and how."""
    return Verdict(
        (),
        len(registry.by_file),
        registry.tree.name,
        checker.context.on,
        locator(registry),
        checker.rules,
        registry.by_file,
        workspace.repo.prefix if workspace.repo else "",
        kinds=tuple(registry.schemas.kinds),
    )


def state(staged: bool, at: str | None) -> str | None:
    """The name of the state for `Workspace.tree`: the working tree, the index or a revision."""
    if staged and at is not None:
        raise UsageFault(Message("--staged and --at cannot be used together"))
    return INDEX if staged else at


def checker_of(
    workspace: Workspace, registry: Registry, on: date, select: Sequence[str], ignore: Sequence[str]
) -> Checker:
    """The rules as the settings of the registry and the command line have them. UsageFault for an unknown code."""
    config = registry.config
    selection = Selection(tuple(select) or config.select, (*config.ignore, *ignore), config.severity)
    checker = workspace.checker(registry, on, selection)
    for code in (*select, *ignore):
        if not any(rule_code.startswith(code.upper()) for rule_code in checker.rules):
            rule_named(code, checker.rules)
    return checker


def within(sides: Sequence[Registry], names: Sequence[str]) -> Callable[[str], bool]:
    """Whether a file is among these records, files and folders of one of the sides; UsageFault for what is in none."""
    if not names:
        return lambda _file: True
    files: set[str] = set()
    folders: list[str] = []
    for name in names:
        clean = name.removeprefix("./").rstrip("/")
        if clean in ("", "."):
            return lambda _file: True
        if any(file.startswith(f"{clean}/") for side in sides for file in side.tree.files()):
            folders.append(f"{clean}/")
        elif any(clean in side.tree.files() for side in sides):
            files.add(clean)
        else:
            files.update(_files_of(sides, name))
    return lambda file: file in files or file.startswith(tuple(folders))


def _files_of(sides: Sequence[Registry], name: str) -> set[str]:
    files: set[str] = set()
    faults: list[UsageFault] = []
    for side in sides:
        try:
            files.update(side.files_of(record_named(side, name)))
        except UsageFault as fault:
            faults.append(fault)
    if len(faults) == len(sides):
        raise faults[0]
    return files
