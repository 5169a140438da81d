"""The convention that a command is about; the versions of conventions as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import SOURCE, Message, message_in, verbatim
from smartreg.core.values import Record
from smartreg.domain.acts import ACTS
from smartreg.domain.convention_versions import COLUMNS, convention_versions
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables import CellType, Column, ForeignKey, Row, Table, View, table_name
from smartreg.tables.table import cell_type, free
from smartreg.workspace.workspace import record_of

KIND = "convention"
VERSIONS = "convention_versions"
_ABOUT = {
    "convention": Message("Convention"),
    "from_day": Message("First day"),
    "until_day": Message("Last day; empty without a known end"),
    "act": Message("Amendment that begins it; empty as first signed, and where it ends by none"),
}
_HEADINGS = {
    text.in_(SOURCE): text
    for text in (
        message_in("heading", "from_day"),
        message_in("heading", "until_day"),
        message_in("heading", "act"),
        message_in("heading", "scope"),
        message_in("heading", "third_parties"),
        message_in("heading", "renewal"),
        message_in("heading", "termination"),
    )
}
_TYPES: dict[str, CellType] = {
    **dict.fromkeys(("from_day", "until_day"), "date"),
    **dict.fromkeys(("removal_days", "notice_days"), "integer"),
    "reciprocal": "boolean",
}
VERSION_COLUMNS = tuple((name, _ABOUT.get(name, verbatim(name)), _TYPES.get(name, "string")) for name in COLUMNS)
"""Name, meaning and type of the columns of `convention_versions`."""


def versions_table(source: Registry | View, taken: Collection[str]) -> Table:
    """The versions of the conventions that were selected, as a table of their own; `taken`: the names
    of the other tables."""
    kind = source.schemas.kinds[KIND]

    def rows() -> Iterator[Row]:
        last, n = None, 0
        for id, *cells in convention_versions(source, source.of_kind(KIND)):
            last, n = id, n + 1 if id == last else 1
            yield (id, n, *cells)

    columns = tuple(_columns(kind))
    return Table(
        free(VERSIONS, {*taken}),
        kind,
        ("versions",),
        Message("Versions of conventions"),
        Message("From when to when, by which act, and the terms then"),
        columns,
        2,
        rows,
        (ForeignKey((columns[0].name,), table_name(kind)),),
    )


def _columns(kind: Kind) -> Iterator[Column]:
    (_, about, type_), *rest = VERSION_COLUMNS
    yield Column(f"{KIND}_id", Message("{kind}_id", kind=KIND), type_, about, required=True)
    yield Column("n", Message("n"), "integer", Message("Which version, from 1"), required=True)
    for name, about, type_ in rest:
        field = kind.by_path.get((name,))
        heading = field.heading if field and field.heading else _HEADINGS.get(name, verbatim(name))
        plain = field is not None and field.kind not in ("array", "object")
        type_of_cell = cell_type(field) if field and plain else type_
        yield Column(name, heading, type_of_cell, field.description if field else about)


def convention_named(registry: Registry, word: str) -> Record:
    """The convention that people call `word`; UsageFault when it is another kind of record."""
    of_others = word not in registry.ids(KIND) and bool(registry.with_id(word))
    record = record_of(registry, word, "" if of_others else KIND)
    if record.rid.kind != KIND:
        raise UsageFault(
            Message("{record} is not a convention", record=record.rid),
            Message("smartreg list convention shows them"),
        )
    return record


def refuse_old_schema(kind: Kind) -> None:
    """StateFault where the registry's own schema, older than this release, does not know the acts that are to be
    written."""
    if (ACTS,) not in kind.by_path:
        raise StateFault(
            Message(
                "the schema of this registry does not know {field} of a {kind}",
                field=ACTS,
                kind=kind.name,
                title=kind.title,
            ),
            Message("update its schemas to this release first, in a separate change: smartreg schema --refresh"),
        )
