"""The pages that change something: `/add/KIND`, a record's edit, move, replace, transfer, retire, rename and remove, a
convention's amend, renew, terminate, annex and agree, a field of many records, and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as with_values
from datetime import date
from functools import partial
from typing import Any

from smartreg.asking.adding import NewRecord
from smartreg.asking.question import Answers, Made, Questions
from smartreg.commands.agree import AgreeOptions, agree
from smartreg.commands.amend import Amendment, amend
from smartreg.commands.annex import Annex, annex
from smartreg.commands.coverage import losses_by_edit
from smartreg.commands.diff import diff
from smartreg.commands.history import undo
from smartreg.commands.terminate import Ending, renew, terminate
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.messages import Message, Text, plural, verbatim
from smartreg.core.typed import day
from smartreg.core.values import Json, Record, short_id
from smartreg.domain.binding import Bond
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.features.lifecycle.move import move, transfer
from smartreg.features.lifecycle.rename import rename
from smartreg.features.lifecycle.replace import replace
from smartreg.features.lifecycle.retire import remove, retire
from smartreg.forms import whole
from smartreg.forms.acts import AnnexDraft, ConventionAct, read_acts
from smartreg.forms.changing import Assignments, assignments
from smartreg.registry import carriers
from smartreg.reporters.cover_wording import describe_loss, describe_way
from smartreg.review.binding import steps_text
from smartreg.schema import UnknownKind
from smartreg.web.filling import Filling, describe_all, fill, is_correction
from smartreg.web.pages.record import rid_of
from smartreg.web.pages.records import chosen_records
from smartreg.web.uploads import drop, kept_file
from smartreg.web.visit import Absent, Answer, Page, View, Visit
from smartreg.wording.log_subjects import subject_of
from smartreg.workspace.acts import Acts
from smartreg.workspace.add import add
from smartreg.workspace.set_ import set_fields


def choose_kind(visit: Visit) -> Answer:
    """The kinds of records that can be added."""
    kinds = visit.registry.schemas.kinds.values()
    presets = [(name, kind.title_with(values)) for kind in kinds for name, values in kind.presets.items()]
    whole_kinds = [(kind.noun, kind.title) for kind in kinds if not kind.presets]
    return View("add.html", {"kinds": [*presets, *whole_kinds]})


def add_record(visit: Visit) -> Answer:
    """Ask for a new record of a kind, or of a preset of it."""
    try:
        kind, preset = visit.registry.schemas.kind_or_preset(visit.parameters["kind"])
    except UnknownKind as fault:
        raise Absent(fault.message, fault.hint) from None
    record = NewRecord(visit, kind, preset, offers_like=bool(carriers(kind)))

    def write(values: dict[str, Json], options: WriteOptions) -> Outcome:
        return add(visit.workspace, kind, values, options=options, decimals=record.decimals)

    heading = NEW.fill(kind=kind.title_with(preset))
    return fill(visit, Filling(heading, record.questions, write, visit.url("/add"), kind))


# -- what is done with one record: a form, and the command that takes what it amounts to -------------------------------


def change_record(
    heading: Callable[..., Text],
    form: Callable[[Visit, Record, Answers], Questions[Made]],
    command: Callable[[Visit, Record, Made, WriteOptions], Outcome],
    visit: Visit,
    *,
    refused: SmartregError | None = None,
    **more: Any,
) -> Answer:
    """The page of a change to the record that the address names; `more`: what else its `Filling` says. `refused`: what
    stands against going on."""
    rid = rid_of(visit)
    record = visit.registry.get(rid)
    if record is None:
        raise Absent(Message("there is no record {rid} that can be read", rid=rid))
    back, kind = visit.links.record(rid), visit.registry.schemas.kinds[rid.kind]
    form_of, write = partial(form, visit, record), partial(command, visit, record)
    return fill(visit, Filling(heading(record=rid), form_of, write, back, kind, record, **more), refused)


def _set(visit: Visit, record: Record, made: Assignments, options: WriteOptions) -> Outcome:
    word, correct = str(record.rid), is_correction(visit)
    return set_fields(visit.workspace, word, made.changes, made.unset, options, correct=correct)


def _move(visit: Visit, record: Record, to: whole.Moved, options: WriteOptions) -> Outcome:
    return move(visit.workspace, str(record.rid), to.support, to.location, on=to.on, options=options)


def _replace(visit: Visit, record: Record, by: whole.Exchanged, options: WriteOptions) -> Outcome:
    return replace(visit.workspace, str(record.rid), by.id, by.replacement.changes, on=by.on, options=options)


def _transfer(visit: Visit, record: Record, to: whole.Transferred, options: WriteOptions) -> Outcome:
    return transfer(visit.workspace, str(record.rid), to.party, on=to.on, options=options)


def _retire(visit: Visit, record: Record, end: whole.Retired, options: WriteOptions) -> Outcome:
    return retire(visit.workspace, str(record.rid), on=end.on, replaced_by=end.replaced_by, options=options)


def _rename(visit: Visit, record: Record, new_id: str, options: WriteOptions) -> Outcome:
    return rename(visit.workspace, str(record.rid), new_id, options)


def _remove(visit: Visit, record: Record, _made: bool, options: WriteOptions) -> Outcome:
    return remove(visit.workspace, str(record.rid), options)


def _renew(visit: Visit, record: Record, made: ConventionAct, options: WriteOptions) -> Outcome:
    until = day("--until", made.day or "")
    return renew(visit.workspace, record.rid.id, until, Amendment(*_decided(visit, made)), options)


def edit_record(visit: Visit) -> Answer:
    """All fields of a record; its lists of rows have pages of their own."""
    lists = whole.lists_of_groups(visit.registry.schemas.kinds[rid_of(visit).kind])
    return change_record(EDIT.fill, whole.edition, _set, visit, corrects=True, lists=lists)


def edit_rows(visit: Visit) -> Answer:
    """The rows of a list, each with fields of its own; one more can be added."""
    rid = rid_of(visit)
    lists = {field.name: field for field in whole.lists_of_groups(visit.registry.schemas.kinds[rid.kind])}
    field = lists.get(visit.parameters["field"])
    if field is None:
        raise Absent(Message("{record} has no list {name}", record=rid, name=visit.parameters["field"]))

    def form(visit: Visit, record: Record, answers: Answers) -> Questions[Assignments]:
        return whole.rows_edition(visit, record, field, answers)

    return change_record(partial(ROWS.fill, fields=field.title), form, _set, visit, corrects=True)


def amend_convention(visit: Visit) -> Answer:
    """Other terms, and the act that decided them; the review says what loses its cover."""
    lines: list[Text] = []

    def write(visit: Visit, record: Record, made: whole.Amended, options: WriteOptions) -> Outcome:
        request = Amendment(*_decided(visit, made.act), effective_from=made.effective_from)
        changes, unset = made.changes.changes, made.changes.unset
        return amend(visit.workspace, record.rid.id, request, changes, unset, _with_losses(visit, options, lines))

    return change_record(AMEND.fill, whole.amending, write, visit, lines=lines)


def end_convention(visit: Visit) -> Answer:
    """How it ends, and since when; the review says what loses its cover."""
    lines: list[Text] = []

    def write(visit: Visit, record: Record, made: whole.Ended, options: WriteOptions) -> Outcome:
        acts, signed_on = _decided(visit, made.act)
        on = day("--on", made.act.day) if made.act.day else None
        request = Ending(on, signed_on, made.party, leaves=made.leaves)
        options = with_values(options, reason=made.act.reason)
        return terminate(visit.workspace, record.rid.id, request, acts, _with_losses(visit, options, lines))

    return change_record(TERMINATE.fill, whole.ending, write, visit, lines=lines, asks_reason=False)


def annex_document(visit: Visit) -> Answer:
    """A file or an address, and what it is. A file stays beside Git until its commit."""
    file, refused = None, None
    try:
        file = kept_file(visit)
    except UsageFault as fault:
        refused = fault

    def form(visit: Visit, _record: Record, answers: Answers) -> Questions[AnnexDraft]:
        return whole.annexing(visit, None if file is None else str(file), answers)

    def write(visit: Visit, record: Record, made: AnnexDraft, options: WriteOptions) -> Outcome:
        accepted = day("--on", made.on) if made.on else None
        attachment = Annex(made.kind or "", made.source, made.title, made.sha256, made.party, accepted)
        outcome = annex(visit.workspace, record.rid.id, attachment, options)
        if outcome.written and file is not None:
            drop(file)
        return outcome

    kept = {} if file is None else {"upload": file.parent.name, "name": file.name}
    return change_record(ANNEX.fill, form, write, visit, takes_file=True, kept=kept, refused=refused)


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
    form = partial(whole.agreeing, visit)
    back = visit.links.record(rid)
    return fill(visit, Filling(AGREE.fill(record=rid), form, write, back, asks_reason=False, lines=lines))


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


# -- many records ------------------------------------------------------------------------------------------------------


def set_many(visit: Visit) -> Answer:
    """A field of the records that the list of records was sent with, all of one kind."""
    rids = chosen_records(visit)

    def write(made: Assignments, options: WriteOptions) -> Outcome:
        first, *further = map(str, rids)
        correct = is_correction(visit)
        changes = (made.changes, made.unset)
        return set_fields(visit.workspace, first, *changes, options, further=further, correct=correct)

    heading = plural("Set a field of {n} record", "Set a field of {n} records", n=len(rids))
    form = partial(assignments, visit, [*map(str, rids)])
    kind = visit.registry.schemas.kinds[rids[0].kind]
    return fill(visit, Filling(heading, form, write, visit.url("/records", kind=kind.name), kind, corrects=True))


# -- commits -----------------------------------------------------------------------------------------------------------


def undo_commit(visit: Visit) -> Answer:
    """Take a commit back."""
    commit = visit.parameters["commit"]

    def write(_made: bool, options: WriteOptions) -> Outcome:
        return undo(visit.workspace, commit=commit, options=options)

    subject = visit.workspace.git.commit_info(visit.workspace.git.resolve(commit)).subject
    heading = Message("Undo: {subject}", subject=subject)
    return fill(visit, Filling(heading, whole.nothing_to_ask, write, visit.url("/")))


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
        "is_merge": len(commit.parents) > 1,
        "records": [change.rid for change in changes if change.after is not None][:LINKED],
        **describe_all(visit, changes),
    }
    return View("written.html", values)


LINKED = 50  # records that a page of a commit leads to
NEW = Message("New record: {kind}")
EDIT = Message("Edit {record}")
MOVE = Message("Move {record}")
REPLACE = Message("Replace {record}")
TRANSFER = Message("Transfer {record}")
RETIRE = Message("Retire {record}")
RENAME = Message("Rename {record}")
REMOVE = Message("Remove {record}")
AMEND = Message("Amend {record}")
RENEW = Message("Renew {record}")
TERMINATE = Message("Terminate {record}")
ANNEX = Message("Annex a document to {record}")
AGREE = Message("Agree to {record}")
ROWS = Message("{fields} of {record}")


def _page(name: str, does: Message, form: Callable[..., Questions[Any]], write: Callable[..., Outcome]) -> Page:
    """The page of what a command of this name does with a record: `move RECORD SUPPORT`."""
    path = f"/{'conventions' if does in ACTS else 'records/{kind}'}/{{id}}/{name.partition(' ')[0]}"
    return Page(path, partial(change_record, does.fill, form, write), posts=True, command=name, does=does)


ACTS = (AMEND, RENEW, TERMINATE, ANNEX)
PAGES = (
    Page("/add", choose_kind, menu=Message("Add")),
    Page("/add/{kind}", add_record, posts=True, command="add-", does=NEW),
    Page("/records/set", set_many, posts=True),
    Page("/records/{kind}/{id}/edit", edit_record, posts=True, command="set RECORD", does=EDIT),
    Page("/records/{kind}/{id}/rows/{field}", edit_rows, posts=True, command="set[] RECORD", does=EDIT),
    _page("move RECORD SUPPORT", MOVE, whole.moving, _move),
    _page("replace RECORD", REPLACE, whole.exchanging, _replace),
    _page("transfer RECORD PARTY", TRANSFER, whole.transferring, _transfer),
    _page("retire RECORD", RETIRE, whole.retiring, _retire),
    _page("rename RECORD id", RENAME, whole.renaming, _rename),
    _page("remove RECORD", REMOVE, whole.nothing_to_ask, _remove),
    _page("renew RECORD", RENEW, whole.renewing, _renew),
    Page("/conventions/{id}/amend", amend_convention, posts=True, command="amend RECORD", does=AMEND),
    Page("/conventions/{id}/terminate", end_convention, posts=True, command="terminate RECORD", does=TERMINATE),
    Page("/conventions/{id}/annex", annex_document, posts=True, uploads=True, command="annex RECORD FILE", does=ANNEX),
    Page("/conventions/{id}/agree", agree_to_change, posts=True),
    Page("/records/{kind}/{id}/agree", agree_to_change, posts=True, command="agree RECORD", does=AGREE),
    Page("/undo/{commit}", undo_commit, posts=True),
    Page("/written/{commit}", show_written),
)
