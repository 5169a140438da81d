"""`validate [PATH|RECORD…]`"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.autofix import Diff, apply_fixes, refuse_without_fix, report_fixed
from smartreg.cli.console import report_failure
from smartreg.cli.findings import (
    COMMANDING,
    FailOn,
    ReportRequest,
    append_step_summary,
    finding_formats,
    on_stdout,
    parse_reports,
    reaches,
    render_findings,
    report_text,
    step_summary_file,
)
from smartreg.cli.options import At, split_list, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import Writing
from smartreg.commands.autofix import FixSelection
from smartreg.commands.validate import ValidateOptions, Verdict, validate
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.findings import CALLED, SEVERITIES
from smartreg.core.messages import Message, Text, plural, verbatim
from smartreg.core.styled import Grid, GridRow, Line, Span, cells, line
from smartreg.core.timings import Timings, measure
from smartreg.core.typed import day
from smartreg.schema.settings import Config
from smartreg.trees import WorkingTree
from smartreg.wording.summing import before, place
from smartreg.workspace.output import Output, save
from smartreg.workspace.workspace import open_workspace, today_in

FOR_PEOPLE = ("full", "concise", "grouped")
FORMATS_WITHOUT_SUMMARY = ("jsonl", "gitlab", "sarif", "junit", "rdjson")
"""Formats that have no place for what was there before: it goes to stderr."""
DEAREST, SHOWN_FROM = 10, 0.0005  # rules, and seconds of a phase, that are shown
PHASES = {
    "open": Message("finding the files, reading settings and schemas"),
    "read": Message("reading"),
    "encode": Message("encoding what is stored"),
    "store": Message("storing what was read"),
    "terms": Message("storing by what records are found"),
    "schemas": Message("schemas, and calling the rules"),
    "findings": Message("storing findings"),
    "waivers": Message("waivers, order of the findings"),
}
STATES = {"working tree": Message("working tree"), "index": Message("index")}


Names: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="PATH|RECORD", help=t("report only findings in these")),
]
Staged: TypeAlias = Annotated[
    bool,
    typer.Option("--staged", help=t("check what the next commit would hold")),
]
Select: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--select",
        metavar="CODES",
        help=t("only these codes or prefixes"),
    ),
]
Ignore: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--ignore",
        metavar="CODES",
        help=t("ignore these codes or prefixes"),
    ),
]
Reports: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--report",
        metavar="FMT=FILE",
        help=t("also write this report (-: stdout)"),
    ),
]
StepSummary: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--step-summary",
        help=t("also append Markdown to the GitHub step summary"),
    ),
]
Statistics: TypeAlias = Annotated[bool, typer.Option("--statistics", help=t("show only counts by code"))]
ShowTimings: TypeAlias = Annotated[
    bool, typer.Option("--timings", help=t("show where the time goes: phases and the dearest rules"))
]
On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("day against which dates are checked (default: today)"),
    ),
]
FixIt: TypeAlias = Annotated[
    bool,
    typer.Option("--fix", help=t("fix what needs no judgement, in one commit")),
]
Unsafe: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--unsafe",
        help=t("with --fix: also correct where there is a single suggestion"),
    ),
]

Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV",
        help=t("only findings introduced since the merge base with REV"),
    ),
]
TrustHead: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--trust-head",
        help=t("with --since: use the schemas and settings of the change"),
    ),
]
AsAuthor: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--as-author",
        help=t("with --since: check that each author has the right to the change"),
    ),
]
AsAuthorIfListed: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--as-author-if-listed",
        help=t("like --as-author, once a party of the base lists writers"),
    ),
]


app = typer.Typer()


@app.command("validate")
@with_session(formats=finding_formats(), prefetch=True, recovers="fix")
def validate_command(
    session: Session,
    writing: Writing,
    names: Names,
    since: Since,
    trust_head: TrustHead,
    as_author: AsAuthor,
    as_author_if_listed: AsAuthorIfListed,
    staged: Staged,
    at: At,
    select: Select,
    ignore: Ignore,
    fail_on: FailOn,
    report: Reports,
    step_summary: StepSummary,
    statistics: Statistics,
    timings: ShowTimings,
    on: On,
    fix: FixIt,
    unsafe: Unsafe,
    diff: Diff,
) -> int:
    reports = parse_reports(report, session.output, session.directory)
    form = on_stdout(reports) or session.format
    if statistics and form not in (*FOR_PEOPLE, "json"):
        raise UsageFault(
            Message("--statistics is not available with -f {form}", form=form),
            Message("leave -f out, or ask for --json"),
        )
    if timings:
        _refuse_timings(form, since, statistics=statistics, fix=fix)
        session = replace(session, indexed=False)  # stored findings and texts would hide what a cold run costs
    summary = step_summary_file(os.environ, session.directory) if step_summary else None
    apart = {"--staged": staged, "--at": bool(at), "--since": since is not None}
    refuse_without_fix(fix, writing, {"--unsafe": unsafe, "--diff": diff}, apart)

    authors = as_author or as_author_if_listed
    _refuse_trust(since, trust_head=trust_head, as_author=authors, staged=staged)
    check: Callable[..., Verdict] = validate
    if since is not None:  # with it comes the rights of authors, a fifth of all modules
        from smartreg.commands.since import Trust, report_unjudged, validate_since

        check = partial(validate_since, rev=since, trust=Trust(trust_head, authors, if_listed=not as_author))
    work = Message("reading and checking")
    try:
        when = day("--on", on) if on else session.today
        selected, ignored = (
            [code.upper() for listed in words for code in split_list(listed)] for words in (select, ignore)
        )
        meant = FixSelection(tuple(map(session.from_root, names)), tuple(selected), tuple(ignored))
        shown = not statistics and (form not in FOR_PEOPLE or session.verbose or bool(select) or fail_on == "info")
        count_notes = not (shown or reports or summary or fix)
        asked = ValidateOptions(when, meant.names, staged, at, meant.select, meant.ignore, count_notes)
        with show_progress(session, work), measure() if timings else nullcontext():
            verdict = check(session.workspace, options=asked)
    except UsageFault as fault:
        if since is not None and fault.where is not None:
            usual = ValidateOptions(day("--on", on) if on else today_in(Config().timezone), staged=staged, at=at)
            unjudged = report_unjudged(open_workspace(session.directory), usual, fault, fault.where)
            # In every report that a pipeline reads; people read it as every failure.
            _write(session, unjudged, reports, summary)
            if form not in FOR_PEOPLE:
                session.console.write(render_findings(form, unjudged, session.lang), may_act=form in COMMANDING)
        raise
    if fix:
        options = writing.options(session, when)
        options = replace(options, dry_run=options.dry_run or diff)
        done = apply_fixes(session, verdict, meant, options, unsafe=unsafe)
        report_fixed(session, verdict, done, form)
        if not done.outcome.written and done.outcome.edit.writes:
            return 1
        with show_progress(session, work):
            verdict = check(open_workspace(session.workspace.root), options=asked)
    if reports or summary:
        _write(session, verdict, reports, summary)
    if statistics:
        _print_statistics(session, verdict, form)
    elif form not in FOR_PEOPLE:
        session.console.write(render_findings(form, verdict, session.lang), may_act=form in COMMANDING)
    else:
        notes = session.verbose or bool(select) or fail_on == "info" or since is not None
        _show(session, verdict, form, notes=notes)
    if verdict.timings is not None and form in FOR_PEOPLE:
        session.console.show([line(""), _timings_table(session, verdict.timings)])
    there = before(verdict.summary, session.lang)
    if there and form in FORMATS_WITHOUT_SUMMARY:
        session.console.note(verbatim(there))
    if not staged and not at:
        _report_hidden(session)
    if session.verbose:
        state = STATES.get(verdict.state, verbatim(verdict.state))
        session.console.note(Message("checked: {state}, as of {when}", state=state, when=when))
    if verdict.crash is not None:
        return report_failure(verdict.crash, session.console, debug=session.common.debug)
    return int(reaches({severity for severity, _ in verdict.summary.counts}, fail_on))


def _refuse_timings(form: str, since: str | None, *, statistics: bool, fix: bool) -> None:
    """UsageFault for what `--timings` does not go with."""
    if form not in (*FOR_PEOPLE, "json"):
        raise UsageFault(
            Message("--timings is not available with -f {form}", form=form),
            Message("leave -f out, or ask for --json"),
        )
    for option, is_given in (("--since", since is not None), ("--statistics", statistics), ("--fix", fix)):
        if is_given:
            raise UsageFault(
                Message("{option} and --timings cannot be used together", option=option),
                Message("--timings measures a check of everything"),
            )


def _timings_table(session: Session, timings: Timings) -> Grid:
    """The phases in their order, with all rules as one, and the dearest rules: milliseconds of processor, their share,
    and calls."""
    rules = sorted(timings.rules.items(), key=lambda item: -item[1].seconds)
    of_rules = sum(time.seconds for time in timings.rules.values())
    whole = (sum(timings.phases.values()) + of_rules) or 1.0

    def row(name: Text, seconds: float, calls: str = "") -> GridRow:
        ms, share = f"{seconds * 1000:.0f} ms", f"{seconds / whole:.0%}"
        return cells(f"  {ms}", share, calls, Span(name.in_(session.lang), "dim"))

    number = plural("{n} rule", "{n} rules", n=len(rules))
    table = [row(PHASES[name], seconds) for name, seconds in timings.phases.items() if seconds >= SHOWN_FROM]
    table.append(row(number, of_rules))
    table += [row(verbatim(code), time.seconds, f"{time.calls} ×") for code, time in rules[:DEAREST]]
    return Grid(table, right=(0, 1, 2))


def _refuse_trust(since: str | None, *, trust_head: bool, as_author: bool, staged: bool) -> None:
    """UsageFault for options that mean nothing without `--since`, or with `--staged`."""
    if as_author and staged:
        raise UsageFault(
            Message("--staged and --as-author cannot be used together"),
            Message("uncommitted changes have no author yet"),
        )
    if since is None and (trust_head or as_author):
        option = "--trust-head" if trust_head else "--as-author"
        raise UsageFault(
            Message("{option} requires --since", option=option),
            Message("add --since main, or whatever the change started from"),
        )


def _write(session: Session, verdict: Verdict, reports: Sequence[ReportRequest], summary: Output | None) -> None:
    """Write the reports that go to files, each whole or not at all."""
    for form, file in reports:
        if file is not None:
            save(file, report_text(form, verdict, session.lang).encode())
    if summary and not append_step_summary(summary, verdict, session.lang):
        session.console.note(Message("the step summary is full"))


def _report_hidden(session: Session) -> None:
    """Name files that were checked as they are on disk although Git ignores their changes: no commit will contain
    these."""
    tree = session.workspace.current.tree
    for path in tree.hidden_files() if isinstance(tree, WorkingTree) else ():
        session.console.note(
            Message(
                "{path} differs from what Git has, and is hidden from it: git update-index --no-skip-worktree "
                "--no-assume-unchanged {path}",
                path=path,
            )
        )


def _show(session: Session, verdict: Verdict, form: str, *, notes: bool) -> None:
    """Show the report to people. Notes are counted by code unless they are asked for: a new registry of 92 communes has
    92 parties that nothing names yet."""
    findings = verdict.findings if notes else [finding for finding in verdict.findings if finding.severity != "info"]
    if session.verbose:
        session.console.show(_waiver_lines(session, verdict))
    session.console.show(render_findings(form, verdict, session.lang, findings))
    if not notes:
        session.console.show(_count_lines(session, verdict))


def _waiver_lines(session: Session, verdict: Verdict) -> Iterator[Line]:
    """The waived findings, a line each."""
    title = Message("waived").in_(session.lang)
    for finding in verdict.accepted:
        where = place(finding.where, verdict.locate(finding.where))
        yield line(Span(f"{title}[{finding.code}]", "dim"), f" {where}: {finding.message.in_(session.lang)}")


def _count_lines(session: Session, verdict: Verdict) -> list[Line]:
    counts = {code: number for (severity, code), number in verdict.summary.counts.items() if severity == "info"}
    more = Message("-v shows them").in_(session.lang)
    titles = {code: verdict.rules[code].title.in_(session.lang) for code in counts}
    return [
        line(
            Span(f"{CALLED['info'].in_(session.lang)}[{code}]", "info"),
            f" {number} × {titles[code]}  ",
            Span(more, "dim"),
        )
        for code, number in sorted(counts.items())
    ]


def _print_statistics(session: Session, verdict: Verdict, form: str) -> None:
    """The number of findings of each severity and code, the most severe and frequent first."""
    rows = sorted(verdict.summary.counts.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -item[1], item[0][1]))
    if form in FOR_PEOPLE:
        table = [
            cells(f"  {number}", code, Span(CALLED[severity].in_(session.lang), severity))
            for (severity, code), number in rows
        ]
        session.console.show([Grid(table, right=(0,))])
        return
    objects = [{"severity": severity, "code": code, "number": number} for (severity, code), number in rows]
    session.console.write(json_text({"version": 1, "statistics": objects}))
