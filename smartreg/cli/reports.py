"""The reports that `validate` writes besides the one on standard output: files, and the summary of a GitHub step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from smartreg.cli.formats import finding_formats, report_text
from smartreg.cli.save import refuse_folder, save
from smartreg.cli.session import FOR_PEOPLE, choice
from smartreg.commands.validate import Verdict
from smartreg.errors import UsageFault
from smartreg.named import NamedTuple
from smartreg.reporters.markdown import within
from smartreg.values import Language, Words

STDOUT = "-"
VARIABLE = "GITHUB_STEP_SUMMARY"
LIMIT = 1024 * 1024  # bytes in one step; GitHub drops the whole summary when it is larger


class Report(NamedTuple):
    """A format, and the file that it goes to; `-` for standard output."""

    form: str
    file: str


def asked_for(texts: Sequence[str], output: str | None) -> list[Report]:
    """The reports of `--report`. UsageFault when one is not FMT=FILE, its format does not exist, two go to the same
    file (or to that of `--output`), or a file cannot be there."""
    reports = [_report(text) for text in texts]
    taken = {_real(output)} if output else set()
    for report in reports:
        if _real(report.file) in taken:
            raise UsageFault(
                Words(
                    f"two reports go to {_named(report.file).en}", f"deux rapports vont vers {_named(report.file).fr}"
                ),
                Words("give each a file of its own", "donnez à chacun son fichier"),
            )
        taken.add(_real(report.file))
        if report.file != STDOUT:
            refuse_folder(Path(report.file))
    return reports


def on_stdout(reports: Sequence[Report]) -> str | None:
    """The format that `--report FMT=-` asks for in place of the usual report."""
    return next((report.form for report in reports if report.file == STDOUT), None)


def write(reports: Sequence[Report], verdict: Verdict, lang: Language) -> None:
    """Write those that go to files, each whole or not at all."""
    for form, file in reports:
        if file != STDOUT:
            save(Path(file), report_text(form, verdict, lang).encode())


def step_summary_file(environ: Mapping[str, str]) -> Path:
    """The file that GitHub Actions shows as the summary of a step. UsageFault outside of a step."""
    if not environ.get(VARIABLE):
        raise UsageFault(
            Words(f"--step-summary: {VARIABLE} is not set", f"--step-summary : {VARIABLE} n'est pas défini"),
            Words(
                "GitHub Actions sets it; elsewhere, write --report markdown=FILE",
                "GitHub Actions le définit ; ailleurs, écrivez --report markdown=FICHIER",
            ),
        )
    file = Path(environ[VARIABLE])
    refuse_folder(file)
    return file


def append_step_summary(file: Path, verdict: Verdict, lang: Language) -> bool:
    """Append the report as Markdown, cut to what still fits; False when nothing does."""
    used = file.stat().st_size if file.exists() else 0
    text = within(report_text("markdown", verdict, lang), LIMIT - used, lang)
    with file.open("a", encoding="utf-8", newline="\n") as summary:
        summary.write(text)
    return bool(text)


def _report(text: str) -> Report:
    form, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageFault(
            Words(f'--report "{text}" is not of the form FMT=FILE', f"--report « {text} » n'est pas FMT=FICHIER"),
            Words("write it like json=findings.json", "écrivez-le comme json=constats.json"),
        )
    form = FOR_PEOPLE if form == "text" else form
    return Report(choice(form, finding_formats(), Words("format", "le format")), file)


def _real(file: str) -> str:
    return file if file == STDOUT else os.path.realpath(file)


def _named(file: str) -> Words:
    return Words("standard output", "la sortie standard") if file == STDOUT else Words(file, file)
