"""Findings of an import, as people can act on them: each at its row and column of the sheet, without those that only
follow from another, and what repeats in many rows shown once, with its rows as ranges."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from smartreg.core.findings import Finding, Related, in_order
from smartreg.core.messages import SOURCE, Message, Text, computed, verbatim
from smartreg.core.values import KeyPath, Location, path_text
from smartreg.domain.placements import PLACE
from smartreg.importing.columns import SheetColumn, within
from smartreg.importing.values import NOT_ALLOWED
from smartreg.readers.sheet import Row

UNKNOWN, ANY = "REF201", "SCH109"
# Rules on conventions and on whose network it is: nothing can be said of a party that is not there.
_BETWEEN_PARTIES = ("CON", "NET401", "NET402", "NET408")
_LACKS_IDENTIFIER = "NET403"  # also where the sheet has one that is refused
MISSING, AS_NUMBER, UNDATED = "SCH101", "REC103", "LIF603"
_SET = re.compile(r"smartreg set \S+ ([^\s=]+)=([^\s,;)]++)(?!(?: --unset \S+)* --correct)")
_PAST = ("CHG804", "CHG806", "CHG807")
_PLACEHOLDER = re.compile("…|YYYY|AAAA")  # another value for each record
_ENDS = re.compile(r"smartreg (?:retire|remove)(?: [a-z_]+/[^\s,;)]+| [a-z0-9-]+(?=[),;]|$))?")


@dataclass(frozen=True)
class Pointer:
    """Points from records to the sheet that they come from: the sheet, the row of each record file, the columns, the
    fields that constants fill, the sheets of a workbook whose rows fill lists, and the files of records that exist
    already."""

    file: str
    rows: Mapping[str, Row]
    columns: tuple[SheetColumn, ...]
    constants: tuple[KeyPath, ...] = ()
    sheets: Mapping[KeyPath, str] = field(default_factory=dict)
    existing: Container[str] = ()

    def point(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with rows and columns for places. Findings on other records stay where they are."""
        return in_order(
            self._move_finding(finding) if finding.where.file in self.rows else finding for finding in findings
        )

    def _move_finding(self, finding: Finding) -> Finding:
        related = tuple(Related(self._place(item.where), item.note) for item in finding.related)
        where = self._place(finding.where)
        return finding._replace(where=where, related=related, hint=self._hint(finding, where))

    def _place(self, where: Location) -> Location:
        row = self.rows.get(where.file)
        if row is None:
            return where
        column = self._column(where.path)
        return Location(self.file, where.path, row=row.number, column=column.heading if column else None)

    def _column(self, path: KeyPath) -> SheetColumn | None:
        """The column that fills the field, or something in it or around it."""
        for column in self.columns:
            if column.path == path:
                return column
        near = (c for c in self.columns if path and (c.path[: len(path)] == path or path[: len(c.path)] == c.path))
        return next(near, None)

    def _hint(self, finding: Finding, where: Location) -> Text | None:
        name = path_text(where.path)
        constant = next((path for path in self.constants if where.path[: len(path)] == path), None)
        if constant is not None:
            name, way_out = path_text(constant), self._of_the_sheet(finding)
            if way_out is None:
                return Message("--constant {name}=… gave it to every row", name=name)
            return Message("{way_out}; --constant {name}=… gave it to every row", way_out=way_out, name=name)
        if finding.code == MISSING and where.path in self.sheets:
            sheet = self.sheets[where.path]
            return Message("add a row with the id of the record to the sheet {sheet}", sheet=sheet)
        if finding.code == MISSING and where.column is None and name:
            return Message("give it: --map COLUMN={name}, or --constant {name}=VALUE", name=name)
        column = self._column(where.path)
        if finding.code in (MISSING, UNDATED) and column is not None:
            return Message("fill in the cell")
        if finding.code == AS_NUMBER:
            return Message("make it text in the sheet")
        return self._of_the_sheet(finding)

    def _of_the_sheet(self, finding: Finding) -> Text | None:
        """The hint, what it says of commands on the record put in terms of the sheet."""
        hint = finding.hint
        if hint is None or "smartreg " not in hint.in_(SOURCE):
            return hint
        leave_out = Message("leave the row out, --skip-rows")

        def say(lang: str) -> str:
            text = _SET.sub(lambda match: self._way(match).in_(lang), hint.in_(lang))
            return text if finding.where.file in self.existing else _ENDS.sub(leave_out.in_(lang), text)

        return computed(say)

    def _way(self, match: re.Match[str]) -> Text:
        """The way in which a sheet gives the value that `smartreg set RECORD PATH=VALUE` would set."""
        name, value = match[1], match[2]
        filled = next(
            (column_of_field for column_of_field in self.columns if path_text(column_of_field.path) == name), None
        )
        if filled:
            return Message("column {heading}", heading=filled.heading)
        if _PLACEHOLDER.search(value):
            return Message("--map COLUMN={name}", name=name)
        return verbatim(f"--constant {name}={value}")


_SHOWN = 2  # messages of one cause that are shown one by one
_VALUES = 20  # values of one column that are shown one by one where their field does not allow them
_RANGES = 12  # most ranges of rows that are named

Cause: TypeAlias = tuple[str, str, KeyPath, str | None]


def by_cause(findings: Sequence[Finding], every: bool = False) -> tuple[Finding, ...]:
    """The findings with one for each cause: a code in a column, whose values may differ; or a value that its field does
    not allow, since each is corrected separately. `every`: as they are."""
    causes: dict[Cause, list[Finding]] = defaultdict(list)
    alone = []
    for finding in findings:
        where = finding.where
        if every or where.row is None:
            alone.append(finding)
        else:
            causes[where.file, finding.code, where.path, where.column].append(finding)
    for same in causes.values():
        alone += _together(same)
    return tuple(in_order(alone))


def _together(same: Sequence[Finding]) -> list[Finding]:
    """One finding for each message that several rows have, and one for all others."""
    messages: dict[str, list[Finding]] = defaultdict(list)
    for finding in same:
        messages[finding.message.in_(SOURCE)].append(finding)
    groups = sorted(messages.values(), key=len, reverse=True)
    if same[0].code == NOT_ALLOWED:
        shown, rest = groups[:_VALUES], list(chain(*groups[_VALUES:]))
    else:
        shown = [group for group in groups if len(group) > 1]
        rest = list(chain(*groups[len(shown) :]))
        if len(shown) > _SHOWN:
            shown, rest = [], list(same)
    return [*map(_once, shown), *([_once(rest)] if len(rest) > _SHOWN else rest)]


def _once(same: Sequence[Finding]) -> Finding:
    """The first finding, with the number and the rows of all where there are several."""
    first, rows = same[0], [finding.where.row or 0 for finding in same]
    if len(same) == 1:
        return first
    listed = ranges(rows)
    alike = len({finding.message.in_(SOURCE) for finding in same}) == 1
    if alike:
        message = Message("{message} ({same} rows: {listed})", message=first.message, same=len(same), listed=listed)
    else:
        message = Message(
            "{message}, and so on ({same} rows: {listed})", message=first.message, same=len(same), listed=listed
        )
    return first._replace(message=message, related=())


def ranges(rows: Sequence[int]) -> str:
    """Row numbers as ranges: `2–746, 750`."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in spans]
    return ", ".join(texts[:_RANGES]) + (", …" if len(texts) > _RANGES else "")


def own_faults(
    findings: Sequence[Finding],
    reported: Sequence[Finding] = (),
    lacking: Sequence[KeyPath] = (),
    position: Sequence[str] = (),
) -> list[Finding]:
    """The findings without what only follows from another: those on a value that was `reported` before, in the same
    row or in all of them, or on another field of a `position` reported so; on a field that the whole sheet is
    `lacking`; what a schema refuses of a value that another error explains; that a row with a refused value lacks an
    identifier; and what rules on conventions say of a row, or of what it has, whose owner, support or the like is
    unknown (not one of a list, such as a use case)."""
    paths: dict[tuple[str, int | None], list[KeyPath]] = defaultdict(list)  # by row, None for all of a sheet
    for fault in reported:
        if fault.where.path:
            paths[_row(fault.where)] += [(name,) for name in position if fault.where.path[0] in position]
            paths[_row(fault.where)].append(fault.where.path)
    unknown = [fault for fault in (*reported, *findings) if fault.code == UNKNOWN and len(fault.where.path) == 1]
    rows_of_unknown = {_row(fault.where) for fault in unknown}
    explained = {(_row(fault.where), fault.where.path) for fault in findings if fault.code != ANY and fault.where.path}

    def follows(finding: Finding) -> bool:
        path, row = finding.where.path, _row(finding.where)
        if any(within(other, path) for other in (*paths.get(row, ()), *paths.get((finding.where.file, None), ()))):
            return True
        if finding.code.startswith(_BETWEEN_PARTIES):
            places = (finding.where, *(related.where for related in finding.related))
            if not rows_of_unknown.isdisjoint(map(_row, places)):
                return True
        return (
            path[:1] in lacking
            or (finding.code == ANY and (row, path) in explained)
            or (finding.code == _LACKS_IDENTIFIER and row in paths)
        )

    return [finding for finding in findings if not follows(finding)]


def _row(where: Location) -> tuple[str, int | None]:
    return where.file, where.row


def with_way_out(finding: Finding) -> Finding:
    """A finding on a past fact, with what an import can do about it."""
    if finding.code not in _PAST:
        return finding
    if finding.code == "CHG807" and finding.where.path[:1] and finding.where.path[0] in PLACE:
        hint = Message(
            "it moved: --moved-on YYYY-MM-DD, or a column for placed_on; entered wrongly before: --correct --reason "
            '"REASON"'
        )
    elif finding.code == "CHG806":
        hint = Message(
            "it changed hands: smartreg transfer, before the import; entered wrongly before: --correct --reason "
            '"REASON"'
        )
    else:
        hint = Message('entered wrongly before: --correct --reason "REASON"')
    return finding._replace(hint=hint)
