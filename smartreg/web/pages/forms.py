"""The pages that change something: `/add/KIND`, a record's edit, move, replace, transfer and retire, a convention's
amend, renew, terminate, annex and agree, and undo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smartreg.commands.add import add
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.annex import Annex, annex
from smartreg.commands.diff import diff
from smartreg.commands.history import undo
from smartreg.commands.move import move, transfer
from smartreg.commands.replace import replace
from smartreg.commands.retire import retire
from smartreg.commands.set_ import set_fields
from smartreg.commands.terminate import Ending, renew, terminate
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.typed import day
from smartreg.core.values import Json, Record, RecordId, short_id
from smartreg.edit import Outcome, WriteOptions
from smartreg.forms import whole
from smartreg.forms.acts import AnnexDraft, ConventionAct, read_acts
from smartreg.forms.adding import NewRecord
from smartreg.forms.changing import Assignments
from smartreg.forms.question import Answers, Questions
from smartreg.registry import carriers
from smartreg.schema import UnknownKind
from smartreg.web.filling import Filling, describe, fill
from smartreg.web.uploads import kept_file
from smartreg.web.visit import Absent, Answer, Page, View, Visit


def choose_kind(visit: Visit) -> Answer:
    """The kinds of records that can be added."""
    kinds: list[tuple[str, Text, Text]] = []
    for kind in visit.registry.schemas.kinds.values():
        for name, values in kind.presets.items():
            labels = (kind.by_path[(field,)].labels.get(value) for field, value in values.items())
            kinds.append((name, next(filter(None, labels), kind.title), kind.description))
        if not kind.presets:
            kinds.append((kind.noun, kind.title, kind.description))
    return View("add.html", {"kinds": kinds})


def add_record(visit: Visit) -> Answer:
    try:
        kind, preset = visit.registry.schemas.kind_or_preset(visit.parameters["kind"])
    except UnknownKind as fault:
        raise Absent(fault.message, fault.hint) from None
    record = NewRecord(visit, kind, preset, offers_like=bool(carriers(kind)))

    def write(values: dict[str, Json], options: WriteOptions) -> Outcome:
        return add(visit.workspace, kind, values, options=options, decimals=record.decimals)

    heading = Message("New record: {kind}", kind=kind.title_in_a_sentence)
    return fill(visit, Filling(heading, record.questions, write, visit.url("/add"), kind))


def edit_record(visit: Visit) -> Answer:
    record = _record(visit)

    def write(changes: Assignments, options: WriteOptions) -> Outcome:
        return set_fields(visit.workspace, *changes, options=options)

    return _change(visit, record, Message("Edit {record}", record=record.rid), partial(whole.edition, visit), write)
