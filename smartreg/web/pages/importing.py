"""`/import`: a file is given, its columns are asked about, what it would do is shown and written; a workbook that was
sent out comes back, or is given back with its faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.datastructures import UploadFile

from smartreg.asking.question import Answers, Questions
from smartreg.commands.import_ import (
    FileRead,
    LikelyKinds,
    RefusedImport,
    import_records,
    likely_kinds,
    open_run,
    plan_run,
    read_bundle,
    read_file,
)
from smartreg.commands.returns import ReturnedWorkbook, import_workbook, write_refused
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, plural, verbatim
from smartreg.core.styled import Block, Grid, Line
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.exporters.origin import origin_in_sheets, origin_of
from smartreg.forms.import_summary import result_lines
from smartreg.forms.importing import SheetImport, SheetSource, named_options, sheet_import
from smartreg.forms.sheet_profile import show_profile
from smartreg.forms.whole import nothing_to_ask
from smartreg.importing.effects import Imported
from smartreg.importing.findings import by_cause
from smartreg.importing.matching import Ambiguous
from smartreg.importing.options import ImportRequest
from smartreg.importing.profile import Proposal
from smartreg.readers.foreign import read_grids
from smartreg.readers.formats import READABLE, WORKBOOKS, ending_of, form_in
from smartreg.readers.sheet import is_text
from smartreg.registry import IMPORTS, MAPPING_SUFFIX
from smartreg.schema import Kind
from smartreg.web.filling import Filling, fill, is_correction
from smartreg.web.uploads import drop, find_file, keep_file
from smartreg.web.visit import Absent, Answer, Download, Page, Redirect, View, Visit
from smartreg.workspace.documents import printable
from smartreg.workspace.output import Output

BEGINNINGS = {
    **dict.fromkeys(("xlsx", "xlsb", "ods", "zip"), b"PK\x03\x04"),
    **dict.fromkeys(("gpkg", "sqlite"), b"SQLite format 3\0"),
    "xls": b"\xd0\xcf\x11\xe0",
    "parquet": b"PAR1",
    "fgb": b"fgb\x03fgb",
    "shp": b"\0\0\x27\x0a",
    "dbf": b"\x03",
}
"""The first bytes of the files that are taken; all others are texts."""
SHOWN = 100  # causes of a refusal on one page
LARGE = 1 << 18  # bytes of a file that takes long to plan
OPTION = "option."  # begins the names of questions about options
LONGEST_NAME = 120  # characters of the name of a file


@dataclass
class Told:
    """What the page says of a sheet besides its questions, once they have run: its profile, what an import does, and
    why rows are refused. `columns`: a row for each column, after their headings; `named`: options that were named to
    whoever may answer otherwise."""

    profile: list[Block] = field(default_factory=list)
    columns: Sequence[Sequence[Line]] = ()
    lines: list[Text] = field(default_factory=list)
    faults: tuple[Finding, ...] = ()
    named: set[str] = field(default_factory=set)


def choose_file(visit: Visit) -> Answer:
    """Ask for a file; posted: keep it, and go on to its page."""
    fault = None
    if visit.posted:
        given = visit.form.get("file")
        try:
            if not isinstance(given, UploadFile) or not given.filename:
                raise UsageFault(Message("choose a file"))
            return Redirect(visit.url(f"/import/{keep_file(visit, given, _name_of_sheet).parent.name}"))
        except UsageFault as refusal:
            fault = refusal
    mappings = sorted(path for path in visit.registry.tree.files().below(IMPORTS) if path.endswith(MAPPING_SUFFIX))
    values = {"fault": fault, "readable": READABLE, "mappings": mappings}
    return View("import.html", values, 422 if fault else 200)


def import_file(visit: Visit) -> Answer:
    """The questions about a file that was given, what importing it would do, and the import."""
    file = _given(visit)
    asked = map(str, visit.form.getlist("asked"))
    told = Told(named={name.removeprefix(OPTION) for name in asked if name.startswith(OPTION)})
    sent_out = visit.shown.once(("origin", str(file)), lambda: _is_sent_out(file))
    filling = _of_workbook(visit, file, told) if sent_out else _of_sheet(visit, file, told)
    answer = fill(visit, filling)
    if not isinstance(answer, View) or answer.template != "form.html":
        return answer
    faults = by_cause([each for each in told.faults if each.severity == "error"], False)
    if new := named_options(filter(None, (each.hint for each in faults))) - told.named:
        told.named |= new
        again = fill(visit, filling)
        if isinstance(again, View):
            anchors = {**answer.values["asked_for"], **again.values["asked_for"]}
            shown = {"controls": again.values["controls"], "asked_for": anchors}
            answer = replace(answer, values={**answer.values, **shown})
    more = {
        "asked_for": {**answer.values["asked_for"], "--map": ("q-column.0", Message("say which column it is"))},
        "upload": file.parent.name,
        "profile": told.profile,
        "columns": told.columns,
        "faults": faults[:SHOWN],
        "more_faults": max(0, len(faults) - SHOWN),
        "sent_out": sent_out,
    }
    return View("import_form.html", {**answer.values, **more}, answer.status)


def give_back(visit: Visit) -> Answer:
    """A workbook that was sent out, with its wrong cells marked. Absent where it has none, and for any other file."""
    file = _given(visit)
    options = WriteOptions(visit.today, dry_run=True)
    if _is_sent_out(file):
        returned = import_workbook(visit.workspace, file, ImportRequest(), options)
        with TemporaryDirectory() as folder:
            written = write_refused(visit.workspace, returned, Output(Path(folder), None))
            if written:
                return Download(written[0].name, written[0].read_bytes())
    raise Absent(Message("{file} has no cells to correct", file=file.name))


def _is_long(visit: Visit, many: int) -> bool:
    """Whether the registry is large, or the file is."""
    file = find_file(visit, visit.parameters["upload"])
    return visit.has_many(many) or (file is not None and file.stat().st_size > LARGE)


def _given(visit: Visit) -> Path:
    file = find_file(visit, visit.parameters["upload"])
    if file is None:
        raise Absent(Message("This file is not kept any more."), Message("choose it again"))
    return file


def _name_of_sheet(name: str, content: bytes) -> str:
    """The name by which a mapping is recorded: that of the file. UsageFault for what no reader takes."""
    form = form_in(name, content)
    start = BEGINNINGS.get(form)
    if not (is_text(content) if start is None else content.startswith(start)):
        raise UsageFault(Message("{file} is no file that import reads", file=name), Message("save it as XLSX or CSV"))
    clean = printable(name).lstrip(".-")
    return clean[-LONGEST_NAME:] or f"file.{form}"


def _is_sent_out(file: Path) -> bool:
    """Whether it is a workbook of ours that says from which commit it was exported."""
    if ending_of(file.name) not in WORKBOOKS:
        return False
    origin = origin_of(origin_in_sheets(tuple(read_grids(read_bundle(file, None)))))
    return origin is not None and origin.commit is not None


# -- a sheet ---------------------------------------------------------------------------------------------------------


def _of_sheet(visit: Visit, file: Path, told: Told) -> Filling[Any]:
    def show(proposal: Proposal) -> None:
        blocks = [*show_profile(proposal, visit.lang)]
        told.profile[:] = [block for block in blocks if not isinstance(block, Grid)]
        told.columns = next((block.rows for block in blocks if isinstance(block, Grid)), [])

    def form(answers: Answers) -> Questions[SheetImport]:
        likely = visit.shown.once(("kinds", str(file)), lambda: likely_kinds(visit.workspace, file, ImportRequest()))
        read = partial(_read, visit, file, likely)
        source = SheetSource(file, likely, read, show, partial(_find_doubts, visit, file), told.named)
        return (yield from sheet_import(visit, source, answers))

    def write(made: SheetImport, options: WriteOptions) -> Outcome:
        ask = partial(_tell, visit, told, options)
        request = replace(made.request, correct=is_correction(visit))
        with_faults = partial(import_records, visit.workspace, made.kind, file, request, options, ask)
        done = _refusing(told, lambda: with_faults(made.file_read))
        return _done(file, done.outcome)

    heading = Message("Import {file}", file=file.name)
    return Filling(heading, form, write, visit.url("/import"), lines=told.lines, corrects=True)


def _read(visit: Visit, file: Path, likely: LikelyKinds, kind: Kind) -> FileRead:
    file_read = likely.files_read.get(kind.name)
    if file_read is not None:
        return file_read
    key = ("read", str(file), kind.name)
    return visit.shown.once(key, lambda: read_file(visit.workspace, kind, file, ImportRequest()))


def _find_doubts(visit: Visit, file: Path, made: SheetImport) -> Sequence[Ambiguous]:
    """The rows that may be one of several records; none where anything else is wrong, which the import then says."""

    def plan() -> Sequence[Ambiguous]:
        try:
            run = open_run(visit.workspace, made.kind, file, made.request, made.file_read)
            plan_run(visit.workspace, run, WriteOptions(visit.today, dry_run=True))
        except RefusedImport as refusal:
            return refusal.doubts
        except UsageFault:
            return ()
        return ()

    return visit.shown.once(("doubts", str(file), made.kind.name, repr(made.request)), plan)


def _tell(visit: Visit, told: Told, options: WriteOptions, plan: Imported) -> bool:
    """Note what the import will do, and ask."""
    spans = result_lines(plan, visit.lang)
    told.lines[:] = [*(verbatim("".join(span.text for span in line)) for line in spans), *plan.notes]
    return options.confirm is None or options.confirm(_by_cause(plan.outcome))


def _by_cause(outcome: Outcome) -> Outcome:
    """The outcome with one finding for each cause: thousands of rows may share one."""
    return replace(outcome, introduced=by_cause(outcome.introduced, False))


# -- a workbook that comes back --------------------------------------------------------------------------------------


def _of_workbook(visit: Visit, file: Path, told: Told) -> Filling[Any]:
    def write(_made: bool, options: WriteOptions) -> Outcome:
        returned = _refusing(told, lambda: _carry_out(visit, file, told, options))
        if returned.before is not None:
            raise UsageFault(Message("This workbook came back before, on {day}.", day=returned.before))
        return _done(file, returned.outcome or Outcome(Edit("import", (), {}, ""), (), ()))

    heading = Message("The workbook {file} comes back", file=file.name)
    return Filling(heading, nothing_to_ask, write, visit.url("/import"), lines=told.lines)


def _carry_out(visit: Visit, file: Path, told: Told, options: WriteOptions) -> ReturnedWorkbook:
    def ask(returned: ReturnedWorkbook) -> bool:
        told.lines[:] = [*_say_returned(visit, returned)]
        return options.confirm is None or returned.outcome is None or options.confirm(_by_cause(returned.outcome))

    returned = import_workbook(visit.workspace, file, ImportRequest(), options, ask)
    if returned.fault is not None:
        raise returned.fault
    return returned


def _say_returned(visit: Visit, returned: ReturnedWorkbook) -> Sequence[Text]:
    whom = [Message("according to {party}", party=returned.on_behalf_of)] if returned.on_behalf_of else []
    counts = [
        Message("{sheet}: {number} added, {changed} changed", sheet=name, number=result.added, changed=result.changed)
        for name, result in returned.results.items()
    ]
    gone = len(returned.missing)
    left = [plural("{n} record is kept, whose row is gone", "{n} records are kept, whose rows are gone", n=gone)]
    return [*whom, *counts, *(left if gone else [])]


# -- both ------------------------------------------------------------------------------------------------------------


def _refusing(told: Told, work: Callable[[], Any]) -> Any:
    """What `work` gives; a refusal whose rows the page shows itself."""
    try:
        return work()
    except RefusedImport as refusal:
        told.faults = refusal.outcome.introduced
        raise


def _done(file: Path, outcome: Outcome) -> Outcome:
    if outcome.written:
        drop(file)
    return outcome


PAGES = (
    Page(
        "/import",
        choose_file,
        posts=True,
        uploads=True,
        menu=Message("Import"),
        command="import KIND FILE",
        does=Message("Import"),
    ),
    Page("/import/{upload}", import_file, posts=True, is_long=_is_long),
    Page("/import/{upload}/refused", give_back, is_long=_is_long),
)
