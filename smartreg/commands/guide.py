"""What a workbook says to those who fill it in: ten lines on its first sheet, and the questions that are open about its
records: cells that are empty though the workbook was made for them, and what rules find doubtful or unconfirmed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import SOURCE, Message, Text, joined
from smartreg.core.values import RecordId
from smartreg.domain.kinds import PARTY
from smartreg.domain.municipalities import municipality
from smartreg.exporters import Chosen
from smartreg.exporters.chosen import Guide, OpenQuestion
from smartreg.registry import Registry
from smartreg.rules import RuleCrash
from smartreg.schema import CODE_FIELDS
from smartreg.tables import Column, Table
from smartreg.tables.view import is_hidden
from smartreg.workspace.workspace import Workspace, today_in

FEW = 10  # empty cells of one column that are asked about one by one
_ASKED = ("SCH", "REC", "REF", "GEO", "LIF")  # what who stands before the thing can tell; not conventions and flows
_WORD = re.compile(r"[\w.-]+")


def value_name(registry: Registry, field: str, value: str) -> str:
    """What people call a value of `--each`: `Istres (13047)`, `Ville d'Istres (ville-d-istres)`."""
    if field in CODE_FIELDS:
        place = municipality(registry, value)
        return f"{place.name} ({value})" if place else value
    rids = (RecordId(kind, value) for kind in references(registry, field))
    record = next((record for rid in rids if (record := registry.get(rid))), None)
    label = registry.schemas.kinds[record.rid.kind].label_of(record.data, SOURCE) if record else value
    return f"{label} ({value})" if label != value else value


def references(registry: Registry, field: str) -> Sequence[str]:
    """The kinds of the records that fields of this name refer to, or their items."""
    names = (field, f"{field}[]")
    fields = (item for kind in registry.schemas.kinds.values() for item in kind.fields if item.name in names)
    return list(dict.fromkeys(ref for item in fields for ref in item.refs if ref in registry.schemas.kinds))


def findings_to_ask(workspace: Workspace, registry: Registry, day: str | None) -> Mapping[str, Sequence[Finding]]:
    """What rules find on the day of an export, by file; not what only the parties to a convention can answer."""
    checker = workspace.checker(registry, date.fromisoformat(day) if day else today_in(registry.config.timezone))
    try:
        findings: Sequence[Finding] = checker.check(registry, incremental=registry.tree.commit is None).findings
    except RuleCrash as crash:
        findings = crash.findings
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in in_order(findings):
        if finding.code.startswith(_ASKED) and finding.severity != "info":
            by_file[finding.where.file].append(finding)
    return by_file


def guide_of(
    registry: Registry, chosen: Chosen, name: str, asked_for: Sequence[str], findings: Mapping[str, Sequence[Finding]]
) -> Guide:
    """The guide to a workbook about the value called `name`, made for the columns `asked_for` (none: all), where rules
    found these things."""
    questions: list[OpenQuestion] = []
    for table in (table for table in chosen.tables if table.main):
        questions += _missing(table, asked_for)
        questions += _doubtful(registry, chosen, table, findings)
    heading = Message("{name}: to check and to complete", name=name)
    return Guide(heading, tuple(_lines(registry, chosen, name)), tuple(questions))


def _lines(registry: Registry, chosen: Chosen, name: str) -> Iterator[Text]:
    counts = joined(
        Message("{kind}: {number}", kind=kind.plural, number=sum(1 for _ in chosen.view.of_kind(kind.name)))
        for kind in chosen.kinds
    )
    yield Message(
        "This workbook holds what the registry “{registry}” says of {name} as of {day}: {counts}.",
        registry=registry.config.name,
        name=name,
        day=chosen.source.get("reference_date") or "?",
        counts=counts,
    )
    yield Message("Correct what is wrong and fill in what is missing. An empty cell means that nobody knows.")
    yield Message("Where a cell offers a list, choose from it.")
    yield Message("A date is a day, such as 2026-01-31; a number has no unit, the heading names it.")
    yield Message("Leave the first column as it is: it says which record a row is about.")
    yield Message(
        "For something new, add a row at the end, with an identifier of your own in the first column: small letters, "
        "digits and hyphens, such as {example}.",
        example="mairie-01",
    )
    yield Message("If something is gone, do not delete its row: change its status and give the day.")
    yield Message("Grey columns come from elsewhere: what you change there is refused.")
    yield Message("Keep the names of sheets and columns, and the sheets that you do not need.")
    contact = keeper_mailbox(registry)
    if contact:
        yield Message("Save it as a workbook (.xlsx or .ods) and send it back to {contact}.", contact=contact)
    else:
        yield Message("Save it as a workbook (.xlsx or .ods) and send it back to those who sent it to you.")


def keeper_mailbox(registry: Registry) -> str | None:
    """The mailbox of the party that keeps the registry."""
    keeper = registry.get(RecordId(PARTY, registry.config.metropole)) if registry.config.metropole else None
    address = keeper.data.get("contact_email") if keeper else None
    return address if isinstance(address, str) else None


def _missing(table: Table, asked_for: Sequence[str]) -> Iterator[OpenQuestion]:
    """The empty cells of the columns that were asked for: each, or of many in one column the first."""
    columns = [(place, column) for place, column in enumerate(table.columns) if _is_asked(column, asked_for)]
    rows = list(table.rows())
    for place, column in columns:
        ids = [str(row[0]) for row in rows if row[place] is None]
        for id in ids if len(ids) <= FEW else ids[:1]:
            text = Message("missing") if len(ids) <= FEW else Message("missing in {count} rows", count=len(ids))
            yield OpenQuestion(RecordId(table.kind.name, id), column.name, text)


def _is_asked(column: Column, asked_for: Sequence[str]) -> bool:
    names = {column.name, *([column.field.name] if column.field else ())}
    is_own = column.field is not None or column.name in ("lon", "lat")
    return is_own and not names.isdisjoint(asked_for)


def _doubtful(
    registry: Registry, chosen: Chosen, table: Table, findings: Mapping[str, Sequence[Finding]]
) -> Iterator[OpenQuestion]:
    """What rules find about the records, as far as the audience may see what it is about."""
    for record in chosen.view.of_kind(table.kind.name):
        for finding in findings.get(record.file, ()):
            if _may_be_told(registry, chosen, finding):
                yield OpenQuestion(record.rid, _column_of(table, finding), finding.message)


def _may_be_told(registry: Registry, chosen: Chosen, finding: Finding) -> bool:
    """Whether a finding names no field, and no record, that the audience does not see."""
    view = chosen.view
    if view.whole is not None:
        return True
    audience = str(chosen.source["audience"])
    names = [str(part) for part in finding.where.path]
    if any(is_hidden(name, audience) for name in names):
        return False
    words = set(_WORD.findall(finding.message.in_("en")))
    return not any(registry.with_id(word) and not view.with_id(word) for word in words)


def _column_of(table: Table, finding: Finding) -> str | None:
    """The column of the field that a finding is about."""
    path = finding.where.path
    for column in table.columns:
        if column.field is not None and path and column.field.path == path:
            return column.name
    place = table.kind.position[:1]
    return "lon" if path[:1] == place and any(column.name == "lon" for column in table.columns) else None
