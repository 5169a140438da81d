"""The reports that `validate` writes besides the one on standard output: files, and the summary of a GitHub step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from smartreg.cli.formats import finding_formats, report_text
from smartreg.cli.session import FOR_PEOPLE, choice
from smartreg.commands.output import Output, append, output, save
from smartreg.commands.validate import Verdict
from smartreg.core.errors import UsageFault
from smartreg.core.values import Language, Words
from smartreg.reporters.markdown import within

STDOUT = "-"
VARIABLE = "GITHUB_STEP_SUMMARY"
LIMIT = 1024 * 1024  # bytes in one step; GitHub drops the whole summary when it is larger


class Report(NamedTuple):
    """A format, and the file that it goes to; None for standard output."""

    form: str
    file: Output | None


def asked_for(texts: Sequence[str], main: Output | None, start: Path) -> list[Report]:
    """The reports of `--report`. UsageFault when one is not FMT=FILE, its format does not exist, two go to the same
    file (or to the `main` one, that of `--output`), or a file cannot be there, or must not. `start`: where the command
    works."""
    reports = [_report(text, start) for text in texts]
    taken = {_real(main)} if main else set()
    for report in reports:
        if _real(report.file) in taken:
            named = _named(report.file)
            raise UsageFault(
                Words(f"two reports go to {named.en}", f"deux rapports vont vers {named.fr}"),
                Words("give each a file of its own", "donnez à chacun son fichier"),
            )
        taken.add(_real(report.file))
        if report.file is not None:
            report.file.refuse_folder()
    return reports


def on_stdout(reports: Sequence[Report]) -> str | None:
    """The format that `--report FMT=-` asks for in place of the usual report."""
    return next((report.form for report in reports if report.file is None), None)


def write(reports: Sequence[Report], verdict: Verdict, lang: Language) -> None:
    """Write those that go to files, each whole or not at all."""
    for form, file in reports:
        if file is not None:
            save(file, report_text(form, verdict, lang).encode())


def step_summary_file(environ: Mapping[str, str], start: Path) -> Output:
    """The file that GitHub Actions shows as the summary of a step. UsageFault outside of a step, and when it must not
    be written."""
    if not environ.get(VARIABLE):
        raise UsageFault(
            Words(f"--step-summary: {VARIABLE} is not set", f"--step-summary : {VARIABLE} n'est pas défini"),
            Words(
                "GitHub Actions sets it; elsewhere, write --report markdown=FILE",
                "GitHub Actions le définit ; ailleurs, écrivez --report markdown=FICHIER",
            ),
        )
    file = output(environ[VARIABLE], start)
    file.refuse_folder()
    return file


def append_step_summary(file: Output, verdict: Verdict, lang: Language) -> bool:
    """Append the report as Markdown, cut to what still fits; False when nothing does."""
    used = file.path.stat().st_size if file.path.exists() else 0
    text = within(report_text("markdown", verdict, lang), LIMIT - used, lang)
    append(file, text.encode())
    return bool(text)


def _report(text: str, start: Path) -> Report:
    form, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageFault(
            Words(f'--report "{text}" is not of the form FMT=FILE', f"--report « {text} » n'est pas FMT=FICHIER"),
            Words("write it like json=findings.json", "écrivez-le comme json=constats.json"),
        )
    form = FOR_PEOPLE if form == "text" else form
    form = choice(form, finding_formats(), Words("format", "le format"))
    return Report(form, None if file == STDOUT else output(file, start))


def _real(file: Output | None) -> str | None:
    return None if file is None else os.path.realpath(file.path)


def _named(file: Output | None) -> Words:
    return Words("standard output", "la sortie standard") if file is None else Words(str(file.path), str(file.path))
