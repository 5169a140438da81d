"""The pages that change something: `/add/KIND`, a record's edit, move, replace, transfer and retire, a convention's
amend, renew, terminate, annex and agree, and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as with_values
from datetime import date
from functools import partial

from smartreg.commands.acts import Acts
from smartreg.commands.add import add
from smartreg.commands.agree import AgreeOptions, agree
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.annex import Annex, annex
from smartreg.commands.coverage import losses_by_edit
from smartreg.commands.diff import diff
from smartreg.commands.history import undo
from smartreg.commands.move import move, transfer
from smartreg.commands.replace import replace
from smartreg.commands.retire import retire
from smartreg.commands.set_ import set_fields
from smartreg.commands.terminate import Ending, renew, terminate
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.typed import day
from smartreg.core.values import Json, Record, short_id
from smartreg.domain.binding import Bond
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.forms import whole
from smartreg.forms.acts import AnnexDraft, ConventionAct, read_acts
from smartreg.forms.adding import NewRecord
from smartreg.forms.changing import Assignments
from smartreg.forms.question import Answers, Made, Questions
from smartreg.registry import carriers
from smartreg.reporters.cover_wording import describe_loss, describe_way
from smartreg.reporters.log_subjects import subject_of
from smartreg.review.binding import steps_text
from smartreg.schema import Field, Kind, UnknownKind
from smartreg.web.filling import MOST_CHANGES, Filling, describe, fill, is_correction
from smartreg.web.pages.record import rid_of
from smartreg.web.uploads import drop, kept_file
from smartreg.web.visit import Absent, Answer, Page, View, Visit

NEW = Message("New record: {kind}")
EDIT = Message("Edit {record}")
MOVE = Message("Move {record}")
REPLACE = Message("Replace {record}")
TRANSFER = Message("Transfer {record}")
RETIRE = Message("Retire {record}")
AMEND = Message("Amend {record}")
RENEW = Message("Renew {record}")
TERMINATE = Message("Terminate {record}")
ANNEX = Message("Annex a document to {record}")
AGREE = Message("Agree to {record}")
ROWS = Message("{fields} of {record}")
UNDO = Message("Undo: {subject}")


def choose_kind(visit: Visit) -> Answer:
    """The kinds of records that can be added."""
    kinds = visit.registry.schemas.kinds.values()
    presets = [(name, kind.title_with(values)) for kind in kinds for name, values in kind.presets.items()]
    whole_kinds = [(kind.noun, kind.title) for kind in kinds if not kind.presets]
    return View("add.html", {"kinds": [*presets, *whole_kinds]})


def add_record(visit: Visit) -> Answer:
    try:
        kind, preset = visit.registry.schemas.kind_or_preset(visit.parameters["kind"])
    except UnknownKind as fault:
        raise Absent(fault.message, fault.hint) from None
    record = NewRecord(visit, kind, preset, offers_like=bool(carriers(kind)))

    def write(values: dict[str, Json], options: WriteOptions) -> Outcome:
        return add(visit.workspace, kind, values, options=options, decimals=record.decimals)

    heading = NEW.fill(kind=kind.title_with(preset))
    return fill(visit, Filling(heading, record.questions, write, visit.url("/add"), kind))


def edit_record(visit: Visit) -> Answer:
    record = _record(visit)

    def write(changes: Assignments, options: WriteOptions) -> Outcome:
        correct = is_correction(visit)
        return set_fields(visit.workspace, str(record.rid), changes.changes, changes.unset, options, correct=correct)

    heading = EDIT.fill(record=record.rid)
    lists = whole.lists_of_groups(_kind(visit, record))
    return _change(visit, record, heading, partial(whole.edition, visit), write, corrects=True, lists=lists)


def edit_rows(visit: Visit) -> Answer:
    """The rows of a list, each with fields of its own; one more can be added."""
    record = _record(visit)
    lists = {field.name: field for field in whole.lists_of_groups(_kind(visit, record))}
    field = lists.get(visit.parameters["field"])
    if field is None:
        raise Absent(Message("{record} has no list {name}", record=record.rid, name=visit.parameters["field"]))

    def form(record: Record, answers: Answers) -> Questions[Assignments]:
        return whole.rows_edition(visit, record, field, answers)

    def write(changes: Assignments, options: WriteOptions) -> Outcome:
        correct = is_correction(visit)
        return set_fields(visit.workspace, str(record.rid), changes.changes, changes.unset, options, correct=correct)

    heading = ROWS.fill(fields=field.title, record=record.rid)
    return _change(visit, record, heading, form, write, corrects=True)


def move_record(visit: Visit) -> Answer:
    record = _record(visit)

    def write(to: whole.Moved, options: WriteOptions) -> Outcome:
        return move(visit.workspace, str(record.rid), to.support, to.location, on=to.on, options=options)

    return _change(visit, record, MOVE.fill(record=record.rid), partial(whole.moving, visit), write)


def replace_record(visit: Visit) -> Answer:
    record = _record(visit)

    def write(by: whole.Exchanged, options: WriteOptions) -> Outcome:
        return replace(visit.workspace, str(record.rid), by.id, by.replacement.changes, on=by.on, options=options)

    heading = REPLACE.fill(record=record.rid)
    return _change(visit, record, heading, partial(whole.exchanging, visit), write)


def transfer_record(visit: Visit) -> Answer:
    record = _record(visit)

    def form(_record: Record, answers: Answers) -> Questions[whole.Transferred]:
        return whole.transferring(visit, answers)

    def write(to: whole.Transferred, options: WriteOptions) -> Outcome:
        return transfer(visit.workspace, str(record.rid), to.party, on=to.on, options=options)

    return _change(visit, record, TRANSFER.fill(record=record.rid), form, write)


def retire_record(visit: Visit) -> Answer:
    record = _record(visit)

    def write(end: whole.Retired, options: WriteOptions) -> Outcome:
        return retire(visit.workspace, str(record.rid), on=end.on, replaced_by=end.replaced_by, options=options)

    return _change(visit, record, RETIRE.fill(record=record.rid), partial(whole.retiring, visit), write)


def amend_convention(visit: Visit) -> Answer:
    record = _record(visit)
    lines: list[Text] = []

    def write(made: whole.Amended, options: WriteOptions) -> Outcome:
        request = Amendment(*_decided(visit, made.act), effective_from=made.effective_from)
        changes, unset = made.changes.changes, made.changes.unset
        return amend(visit.workspace, record.rid.id, request, changes, unset, _with_losses(visit, options, lines))

    heading = AMEND.fill(record=record.rid)
    return _change(visit, record, heading, partial(whole.amending, visit), write, lines)


def renew_convention(visit: Visit) -> Answer:
    record = _record(visit)

    def write(made: ConventionAct, options: WriteOptions) -> Outcome:
        until = day("--until", made.day or "")
        return renew(visit.workspace, record.rid.id, until, Amendment(*_decided(visit, made)), options)

    return _change(visit, record, RENEW.fill(record=record.rid), partial(whole.renewing, visit), write)


def end_convention(visit: Visit) -> Answer:
    record = _record(visit)
    lines: list[Text] = []

    def write(made: whole.Ended, options: WriteOptions) -> Outcome:
        acts, signed_on = _decided(visit, made.act)
        on = day("--on", made.act.day) if made.act.day else None
        request = Ending(on, signed_on, made.party, leaves=made.leaves)
        options = _with_losses(visit, with_values(options, reason=made.act.reason), lines)
        return terminate(visit.workspace, record.rid.id, request, acts, options)

    heading = TERMINATE.fill(record=record.rid)
    return _change(visit, record, heading, partial(whole.ending, visit), write, lines, asks_reason=False)


def annex_document(visit: Visit) -> Answer:
    record, file, refused = _record(visit), None, None
    try:
        file = kept_file(visit)
    except UsageFault as fault:
        refused = fault

    def form(_record: Record, answers: Answers) -> Questions[AnnexDraft]:
        return whole.annexing(visit, None if file is None else str(file), answers)

    def write(made: AnnexDraft, options: WriteOptions) -> Outcome:
        accepted = day("--on", made.on) if made.on else None
        attachment = Annex(made.kind or "", made.source, made.title, made.sha256, made.party, accepted)
        outcome = annex(visit.workspace, record.rid.id, attachment, options)
        if outcome.written and file is not None:
            drop(file)
        return outcome

    heading = ANNEX.fill(record=record.rid)
    back, kind = visit.links.record(record.rid), _kind(visit, record)
    kept = {} if file is None else {"upload": file.parent.name, "name": file.name}
    filling = Filling(heading, partial(form, record), write, back, kind, record, takes_file=True, kept=kept)
    return fill(visit, filling, refused)


def agree_to_change(visit: Visit) -> Answer:
    """Sign what the branch changes in a record that binds parties, against `base` (the branch that changes usually go
    into). What is shown stands in the body of the edit, which is compared before the signature."""
    rid = rid_of(visit)
    since = visit.query.get("base")

    def write(made: whole.Agreement, options: WriteOptions) -> Outcome:
        edit = Edit("agree", (rid,), {}, f"Agree to {rid}")

        def confirm(bonds: Sequence[Bond]) -> bool:
            lines[:] = [verbatim(f"{bond.rid}: {steps_text(bond).in_(visit.lang)}") for bond in bonds]
            shown = with_values(edit, body="\n".join(line.in_(visit.lang) for line in lines))
            return options.confirm is None or options.confirm(Outcome(shown, (), ()))

        asked = AgreeOptions(visit.today, since, made.deliberation, confirm=confirm)
        agreed = agree(visit.workspace, [str(rid)], asked)
        return Outcome(edit, (), (), agreed.commit, written=agreed.commit is not None)

    lines: list[Text] = []
    heading = AGREE.fill(record=rid)
    form = partial(whole.agreeing, visit)
    return fill(visit, Filling(heading, form, write, visit.links.record(rid), asks_reason=False, lines=lines))


def undo_commit(visit: Visit) -> Answer:
    commit = visit.parameters["commit"]

    def form(_answers: Answers) -> Questions[str]:
        yield from ()
        return commit

    def write(oid: str, options: WriteOptions) -> Outcome:
        return undo(visit.workspace, commit=oid, options=options)

    subject = visit.workspace.git.commit_info(visit.workspace.git.resolve(commit)).subject
    return fill(visit, Filling(UNDO.fill(subject=subject), form, write, visit.url("/")))


def show_written(visit: Visit) -> Answer:
    """What a commit did, and how to undo it."""
    repo = visit.workspace.git
    commit = repo.commit_info(repo.resolve(visit.parameters["commit"]))
    compares = commit.changes and commit.parents
    changes = diff(visit.workspace, rev=commit.parents[0], other=commit.oid).changes if compares else ()
    values = {
        "subject": subject_of(commit, visit.registry.schemas.kinds, visit.lang),
        "commit": commit.oid,
        "short": short_id(commit.oid),
        "changes": [describe(visit, change) for change in changes[:MOST_CHANGES]],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "records": [change.rid for change in changes if change.after is not None][:MOST_CHANGES],
    }
    return View("written.html", values)


def _record(visit: Visit) -> Record:
    """The record that the address names, which can be read."""
    rid = rid_of(visit)
    record = visit.registry.get(rid)
    if record is None:
        raise Absent(Message("there is no record {rid} that can be read", rid=rid))
    return record


def _kind(visit: Visit, record: Record) -> Kind:
    return visit.registry.schemas.kinds[record.rid.kind]


def _change(
    visit: Visit,
    record: Record,
    heading: Text,
    form: Callable[[Record, Answers], Questions[Made]],
    write: Callable[[Made, WriteOptions], Outcome],
    lines: Sequence[Text] = (),
    *,
    asks_reason: bool = True,
    corrects: bool = False,
    lists: Sequence[Field] = (),
) -> Answer:
    """The page of a change to a record."""
    back = visit.links.record(record.rid)
    filling = Filling(heading, partial(form, record), write, back, _kind(visit, record), record)
    return fill(visit, with_values(filling, lines=lines, asks_reason=asks_reason, corrects=corrects, lists=lists))


def _decided(visit: Visit, act: ConventionAct) -> tuple[Acts, date]:
    """The deliberations of an act, and the day of its last signature."""
    return read_acts(act.acts), day("--signed-on", act.signed_on) if act.signed_on else visit.today


def _with_losses(visit: Visit, options: WriteOptions, lines: list[Text]) -> WriteOptions:
    """The options of an act whose review says what loses its cover."""
    confirm = options.confirm

    def check(outcome: Outcome) -> bool:
        lines.clear()
        for coverage in losses_by_edit(visit.registry, outcome.edit, visit.today):
            for loss in coverage.losses:
                way, rid, what = describe_way(loss.cover), loss.cover.record.rid, describe_loss(loss, coverage.on)
                lines.append(Message("{record} ({way}) loses its cover: {what}", record=rid, way=way, what=what))
        return confirm is None or confirm(outcome)

    return with_values(options, confirm=check)


PAGES = (
    Page("/add", choose_kind, menu=Message("Add")),
    Page("/add/{kind}", add_record, posts=True, command="add-", does=NEW),
    Page("/records/{kind}/{id}/edit", edit_record, posts=True, command="set RECORD", does=EDIT),
    Page("/records/{kind}/{id}/rows/{field}", edit_rows, posts=True, command="set[] RECORD", does=EDIT),
    Page("/records/{kind}/{id}/move", move_record, posts=True, command="move RECORD SUPPORT", does=MOVE),
    Page("/records/{kind}/{id}/replace", replace_record, posts=True, command="replace RECORD", does=REPLACE),
    Page("/records/{kind}/{id}/transfer", transfer_record, posts=True, command="transfer RECORD PARTY", does=TRANSFER),
    Page("/records/{kind}/{id}/retire", retire_record, posts=True, command="retire RECORD", does=RETIRE),
    Page("/conventions/{id}/amend", amend_convention, posts=True, command="amend RECORD", does=AMEND),
    Page("/conventions/{id}/renew", renew_convention, posts=True, command="renew RECORD", does=RENEW),
    Page("/conventions/{id}/terminate", end_convention, posts=True, command="terminate RECORD", does=TERMINATE),
    Page("/conventions/{id}/annex", annex_document, posts=True, uploads=True, command="annex RECORD FILE", does=ANNEX),
    Page("/conventions/{id}/agree", agree_to_change, posts=True),
    Page("/records/{kind}/{id}/agree", agree_to_change, posts=True, command="agree RECORD", does=AGREE),
    Page("/undo/{commit}", undo_commit, posts=True),
    Page("/written/{commit}", show_written),
)
