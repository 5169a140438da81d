"""`annex`: a document of a convention with its digest; a data charter or interface clause also for its third party."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from smartreg.core.errors import Refused, UsageFault
from smartreg.core.messages import Message, joined
from smartreg.core.values import Record
from smartreg.domain.acts import ACTS
from smartreg.domain.coverage import title_of
from smartreg.domain.kinds import is_party
from smartreg.domain.typed import read_value
from smartreg.edit import Edit, FieldValues, Outcome, WriteOptions, change_text
from smartreg.registry import Registry
from smartreg.schema import ITEM, Kind, value_hint
from smartreg.workspace.conventions import convention_named, refuse_old_schema
from smartreg.workspace.documents import AttachedDocument, document
from smartreg.workspace.workspace import Workspace, record_of, write

CHARTER, CLAUSE, THIRD = "data_charter", "interface_clause", "third_parties"


@dataclass(frozen=True)
class Annex:
    """An annex as asked for: its kind, its title, its file or web address; for the data charter or interface clause of
    a third party, the party and the day on which it accepted."""

    kind: str
    source: str
    title: str | None = None
    sha256: str | None = None
    party: str | None = None
    accepted_on: date | None = None


def annex(workspace: Workspace, word: str, attachment: Annex, options: WriteOptions) -> Outcome:
    """Add the annex in one commit. UsageFault for a kind that does not exist; Refused when the convention has it
    already."""
    registry = workspace.current
    record = convention_named(registry, word)
    kind = registry.schemas.kinds[record.rid.kind]
    attachment = replace(attachment, kind=str(read_value(kind, ("annexes", 0, "kind"), attachment.kind)))
    _refuse_kind(kind, attachment)
    party = _party(registry, attachment)
    file = document(workspace, registry, attachment.source, attachment.sha256)
    changes = _plan_annex(registry, record, attachment, file)
    writes: dict[str, bytes | None] = dict(file.writes)
    if party is not None and attachment.kind == CLAUSE:
        changes = [*changes, *_admission(registry, record, party, attachment, file)]
    elif party is not None:
        writes[party.file] = _charter(registry, party, attachment, file)
    if not changes and not any(registry.text_of(path) != text for path, text in writes.items()):
        raise Refused(
            Message("{record} has this annex already", record=record.rid),
            Message("smartreg show {record} shows it", record=record.rid),
        )
    if changes:
        writes[record.file] = change_text(kind, registry.tree.read(record.file), changes)
    edit = Edit(
        "annex",
        (record.rid,),
        writes,
        f"Annex {attachment.kind} to {record.rid}: {attachment.title or file.path}"[:120],
    )
    records = (record.rid, party.rid) if party is not None and attachment.kind == CHARTER else (record.rid,)
    return write(workspace, registry, replace(edit, records=records, conventions=(record.rid.id,)), options)


def kinds_of_annex(kind: Kind) -> tuple[str, ...]:
    """The kinds that an annex can be of, by the schema of conventions."""
    field = kind.by_path.get(("annexes", ITEM, "kind"))
    return tuple(str(value) for value in field.enum) if field else ()


def _refuse_kind(kind: Kind, attachment: Annex) -> None:
    kinds = kinds_of_annex(kind)
    if attachment.kind not in kinds:
        field = kind.by_path[("annexes", ITEM, "kind")]
        listed = [field.choice(value) for value in kinds]
        raise UsageFault(
            Message('--kind must be one of {listed}, not "{kind}"', kind=attachment.kind, listed=joined(listed)),
            value_hint(field, attachment.kind),
        )
    if attachment.party is not None and attachment.kind not in (CHARTER, CLAUSE):
        raise UsageFault(
            Message("--party goes with {charter} and {clause} only", charter=CHARTER, clause=CLAUSE),
            Message("leave --party out, or choose --kind {charter}", charter=CHARTER),
        )


def _party(registry: Registry, attachment: Annex) -> Record | None:
    if attachment.party is None:
        return None
    party = record_of(registry, attachment.party, "party")
    if not is_party(party.rid):
        raise UsageFault(Message("{party} is not a party", party=party.rid))
    return party


def _plan_annex(registry: Registry, record: Record, attachment: Annex, file: AttachedDocument) -> FieldValues:
    """The new item of `annexes`; nothing when there is one with this kind and file."""
    present = record.data.get("annexes")
    items = present if isinstance(present, list) else []
    fields = file.fields(registry, record)
    for item in items:
        if isinstance(item, Mapping) and (item.get("kind"), item.get("path")) == (attachment.kind, fields["path"]):
            return []
    title = {"title": attachment.title} if attachment.title else {}
    return [(("annexes", len(items)), {"kind": attachment.kind, **title, **fields})]


def _clause(
    registry: Registry, record: Record, party: Record, attachment: Annex, file: AttachedDocument
) -> FieldValues:
    """The entry of the party in `third_parties`: the day on which it accepted, and the document."""
    present = record.data.get(THIRD)
    items = present if isinstance(present, list) else []
    clause = {"interface_clause_on": str(attachment.accepted_on), "document": file.for_record(registry, record)}
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get("party") == party.rid.id:
            return [((THIRD, index, name), value) for name, value in clause.items() if item.get(name) != value]
    return [((THIRD, len(items)), {"party": party.rid.id, **clause})]


def _admission(
    registry: Registry, record: Record, party: Record, attachment: Annex, file: AttachedDocument
) -> FieldValues:
    """The clause of a third party: in the convention itself until it is signed, then as an act of its own."""
    title = title_of(registry, record)
    if not title.signed:
        return _clause(registry, record, party, attachment, file)
    refuse_old_schema(registry.schemas.kinds[record.rid.kind])
    admission = {
        "party": party.rid.id,
        "interface_clause_on": str(attachment.accepted_on),
        "document": file.for_record(registry, record),
    }
    present = title.admitted.get(party.rid.id)
    if present == admission:
        return []
    act = {
        "signed_on": str(attachment.accepted_on),
        "adds": {THIRD: [admission]},
        **({"removes": {THIRD: [party.rid.id]}} if present is not None else {}),
    }
    acts = record.data.get(ACTS)
    return [((ACTS, len(acts) if isinstance(acts, list) else 0), act)]


def _charter(registry: Registry, party: Record, attachment: Annex, file: AttachedDocument) -> bytes:
    """The party's text with the day on which it signed the charter, and the document."""
    signed = {"signed_on": str(attachment.accepted_on), "document": file.for_record(registry, party)}
    changes: FieldValues = [(("data_charter", name), value) for name, value in signed.items()]
    return change_text(registry.schemas.kinds[party.rid.kind], registry.tree.read(party.file), changes)
