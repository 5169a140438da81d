"""Findings on the command line: the formats and reports of `validate`, and from which severity on it fails."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import typer

from smartreg import reporters
from smartreg.cli.options import t
from smartreg.cli.session import format_named
from smartreg.commands.validate import Verdict
from smartreg.core.errors import UsageFault
from smartreg.core.findings import SEVERITIES, Finding, Severity
from smartreg.core.messages import Language, Message, verbatim
from smartreg.core.styled import Line, plain
from smartreg.wording import full
from smartreg.workspace.output import Output, append, output

FIRST = "full"
COMMANDING = ("github",)  # its lines are commands to a CI service
Reporter = Callable[..., Any]


def finding_formats() -> tuple[str, ...]:
    """The names of the reporters of findings, the default first."""
    names = sorted(module.name for module in pkgutil.iter_modules(reporters.__path__))
    return (FIRST, *(name for name in names if "_" not in name))


def finding_reporter(name: str) -> Reporter:
    """The `report` function of a reporter; it gives lines for people or one text for machines."""
    if name == FIRST:
        return full.report
    report: Reporter = importlib.import_module(f"{reporters.__name__}.{name}").report
    return report


def render_findings(name: str, verdict: Verdict, lang: Language, findings: Sequence[Finding] | None = None) -> Any:
    """The output of a reporter for a verdict, or some of its findings; it gets what its parameters name."""
    report = finding_reporter(name)
    options = {"locate": verdict.locate, "lang": lang, "rules": verdict.rules}
    parameters = inspect.signature(report).parameters
    shown = verdict.findings if findings is None else findings
    return report(shown, verdict.summary, **{key: value for key, value in options.items() if key in parameters})


def report_text(name: str, verdict: Verdict, lang: Language) -> str:
    """A whole report as text without styles."""
    made: str | Iterable[Line] = render_findings(name, verdict, lang)
    return made if isinstance(made, str) else plain(made)


LeastSeverity: TypeAlias = Literal[Severity, "never"]
FailOn: TypeAlias = Annotated[
    LeastSeverity | None,
    typer.Option(
        "--fail-on",
        metavar="SEVERITY",
        help=t("exit with 1 on a finding of this severity or above"),
    ),
]


def reaches(severities: Iterable[Severity], limit: LeastSeverity | None) -> bool:
    """Whether one of the findings is at least as severe as the limit (None: an error)."""
    grave = () if limit == "never" else SEVERITIES[: SEVERITIES.index(limit or "error") + 1]
    return any(severity in grave for severity in severities)


STDOUT = "-"
VARIABLE = "GITHUB_STEP_SUMMARY"
LIMIT = 1024 * 1024  # bytes in one step; GitHub drops the whole summary when it is larger


class ReportRequest(NamedTuple):
    """A format, and the file that it goes to; None for standard output."""

    form: str
    file: Output | None


def parse_reports(texts: Sequence[str], main: Output | None, start: Path) -> list[ReportRequest]:
    """The reports of `--report`. UsageFault when one is not FMT=FILE, its format does not exist, two go to the same
    file (or to the `main` one, that of `--output`), or a file cannot be there, or must not. `start`: where the command
    works."""
    reports = [_report(text, start) for text in texts]
    taken = {_real(main)} if main else set()
    for report in reports:
        if _real(report.file) in taken:
            shown = verbatim(str(report.file.path)) if report.file is not None else Message("standard output")
            raise UsageFault(
                Message("two reports go to {named}", named=shown),
                Message("give each a file of its own"),
            )
        taken.add(_real(report.file))
        if report.file is not None:
            report.file.refuse_folder()
    return reports


def on_stdout(reports: Sequence[ReportRequest]) -> str | None:
    """The format that `--report FMT=-` asks for in place of the usual report."""
    return next((report.form for report in reports if report.file is None), None)


def step_summary_file(environ: Mapping[str, str], start: Path) -> Output:
    """The file that GitHub Actions shows as the summary of a step. UsageFault outside of a step, and when it must not
    be written."""
    if not environ.get(VARIABLE):
        raise UsageFault(
            Message("--step-summary: {variable} is not set", variable=VARIABLE),
            Message("GitHub Actions sets it; elsewhere, write --report markdown=FILE"),
        )
    file = output(environ[VARIABLE], start)
    file.refuse_folder()
    return file


def append_step_summary(file: Output, verdict: Verdict, lang: Language) -> bool:
    """Append the report as Markdown, cut to what still fits; False when nothing does."""
    from smartreg.reporters.markdown import within  # as all formats, loaded where it is written

    used = file.path.stat().st_size if file.path.exists() else 0
    text = within(report_text("markdown", verdict, lang), LIMIT - used, lang)
    append(file, text.encode())
    return bool(text)


def _report(text: str, start: Path) -> ReportRequest:
    form, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageFault(
            Message('--report "{text}" is not of the form FMT=FILE', text=text),
            Message("write it like json=findings.json"),
        )
    form = format_named(form, finding_formats())
    return ReportRequest(form, None if file == STDOUT else output(file, start))


def _real(file: Output | None) -> str | None:
    return None if file is None else os.path.realpath(file.path)
