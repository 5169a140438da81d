"""A record whose file is not named after its id, or is in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.findings import Fix, Move, Put
from smartreg.core.messages import Message
from smartreg.core.values import Location, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule
from smartreg.schema import Kind, Schemas, literal

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


@rule("REC104", "error", "registry", Message("File name, folder and id do not agree"), advises=True)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        kind = registry.schemas.kinds[record.rid.kind]
        faults = (
            _extension(kind, record),
            _check_reserved(record),
            _id(registry, kind, record),
            _other_kind(registry.schemas, kind, record),
            _sub_folder(kind, record),
        )
        yield from (fault for fault in faults if fault is not None)


def _extension(kind: Kind, record: Record) -> Fault | None:
    if record.file.endswith(".yaml") or kind.is_foreign:
        return None
    name = record.file.rpartition("/")[2]
    wanted = f"{record.rid.id}.yaml"
    return Fault(
        Location(record.file),
        Message("the file is called {name}; records end in .yaml", name=name),
        Message("rename the file to {wanted} (git mv)", wanted=wanted),
        fix=Fix(Move(f"{record.file.rpartition('/')[0]}/{wanted}")),
    )


def _check_reserved(record: Record) -> Fault | None:
    if record.rid.id.partition(".")[0].lower() not in _RESERVED:
        return None
    return Fault(
        at(record, "id"),
        Message(
            '"{record}" is the name of a device on Windows: the registry could not be opened there',
            record=record.rid.id,
        ),
        Message("choose another id (smartreg rename)"),
    )


def _id(registry: Snapshot, kind: Kind, record: Record) -> Fault | None:
    id = record.data.get("id")
    if not isinstance(id, str) or id == record.rid.id:
        return None
    name, wanted = record.file.rpartition("/")[2], f"{id}.yaml"
    return Fault(
        at(record, "id"),
        Message("id is {id} but the file is {name}", id=literal(id), name=name),
        Message("name the file {wanted} (git mv), or correct the id", wanted=wanted),
        fix=_one_of_the_two(registry, kind, record, id),
    )


def _one_of_the_two(registry: Snapshot, kind: Kind, record: Record, id: str) -> Fix | None:
    """The fix if only one of the two can be the id: the other does not have the form of an id, or only one is named by
    other records and belongs to no other file."""
    by_file, by_field = record.rid, RecordId(kind.name, id)
    if registry.files_of(by_field):
        return None
    formed = [_is_formed(registry, kind, record, rid.id) for rid in (by_file, by_field)]
    named = [any(link.source != by_file for link in registry.some_links_to(rid)) for rid in (by_file, by_field)]
    field, file = Fix(Put(("id",), by_file.id)), Fix(Move(f"{record.file.rpartition('/')[0]}/{id}.yaml"))
    if all(formed):
        return {(True, False): field, (False, True): file}.get((named[0], named[1]))
    return field if formed[0] and not named[1] else file if formed[1] and not named[0] else None


def _is_formed(registry: Snapshot, kind: Kind, record: Record, id: str) -> bool:
    """Whether the schema accepts this text as an id."""
    faults = registry.schemas.judges[kind.name].faults({**record.data, "id": id})
    return not any(fault.path == ("id",) for fault in faults)


def _other_kind(schemas: Schemas, kind: Kind, record: Record) -> Fault | None:
    if all(name in record.data for name in kind.schema.get("required", ())) or schemas.judges[kind.name].accepts(
        record.data
    ):
        return None
    fitting = [
        other
        for name, other in schemas.kinds.items()
        if name != kind.name and schemas.judges[name].accepts(record.data)
    ]
    if len(fitting) != 1:
        return None
    here, there = f"{kind.place}/", f"{fitting[0].place}/"
    return Fault(
        Location(record.file),
        Message(
            "this is a record of kind {fitting} in the folder of kind {kind}", fitting=fitting[0].name, kind=kind.name
        ),
        Message("move the file from {here} to {there}", here=here, there=there),
    )


def _sub_folder(kind: Kind, record: Record) -> Fault | None:
    if "/" not in kind.template:
        return None
    wanted = _path(kind, {**record.data, "id": record.rid.id})
    # A wrong extension is a separate finding.
    if wanted is None or wanted.rpartition(".")[0] == record.file.rpartition(".")[0]:
        return None
    return Fault(
        Location(record.file),
        Message("by its fields, the file belongs at {wanted}", wanted=wanted),
        Message("move the file (git mv), or correct the fields"),
        severity="warning",
        # A chosen sub-folder may be right, and the fields wrong.
        fix=Fix(Move(wanted), safe=record.file.rpartition("/")[0] == kind.place),
    )


def _path(kind: Kind, data: Mapping[str, object]) -> str | None:
    """The path where the record belongs; None if a field in the template is absent or not a text."""
    try:
        return kind.path_of({name: value for name, value in data.items() if isinstance(value, str)})
    except KeyError:
        return None
