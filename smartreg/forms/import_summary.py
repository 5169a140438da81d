"""The effects of an import: as CSV rows, as figures for JSON, and as a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from smartreg.core.escape import csv_text
from smartreg.core.findings import Finding
from smartreg.core.messages import SOURCE, Language, Message, Text, joined, plural
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.importing.effects import Imported, join_first
from smartreg.importing.mapping import Source
from smartreg.readers.formats import VECTORS, WORKBOOKS
from smartreg.wording.summing import count

COLUMNS = ("row", "record", "action", "fields", "metres", "because")


def rows_csv(done: Imported) -> str:
    """One line for each row of the sheet, then one for each record whose row is gone."""
    return csv_text(COLUMNS, ((*effect[:3], " ".join(effect.fields), *effect[4:]) for effect in done.effects))


def findings_csv(findings: Sequence[Finding], lang: Language) -> str:
    """One line for each finding, with its row and column."""
    rows = ((each.where.row, each.where.column, each.code, each.severity, each.message.in_(lang)) for each in findings)
    return csv_text(("row", "column", "code", "severity", "message"), rows)


def figures(done: Imported, *, rows: bool) -> dict[str, object]:
    """The figures of an import; on a dry run also what becomes of each row."""
    farthest = done.farthest
    values: dict[str, object] = {
        "mapping": done.mapping,
        "mapped_by": done.mapped_by.in_(SOURCE) if done.mapped_by else None,
        "source": asdict(done.source),
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "skipped_rows": list(done.skipped),
        "skipped_by": dict(done.filters),
        "twins": done.count("twin"),
        "retired": done.count("retired"),
        "changed_fields": dict(done.fields),
        "farthest_metres": farthest.metres if farthest else None,
        "ignored_columns": list(done.ignored),
        "exported_from": done.base,
        "missing": list(done.missing),
        "longer_ids": list(done.longer),
    }
    if rows:
        values["rows"] = [{**effect._asdict(), "fields": list(effect.fields)} for effect in done.effects]
    return values


def summary(done: Imported) -> Iterator[Text]:
    """What will be done or was done, in figures; zeros are left out."""
    parts = [
        Message("{number} added", number=count(done.added)),
        Message("{number} changed", number=count(done.changed)),
        Message("{number} unchanged", number=count(done.unchanged)),
        plural("{number} row left out", "{number} rows left out", n=len(done.skipped), number=count(len(done.skipped))),
    ]
    if gone := done.count("gone"):
        parts.append(Message("{number} gone", number=count(gone)))
    if retired := done.count("retired"):
        parts.append(Message("{number} retired", number=count(retired)))
    if twins := done.count("twin"):
        parts.append(Message("{number} twins left out", number=count(twins)))
    yield joined(parts)
    if done.fields:
        yield Message("changed: {counts}", counts=_list_counts(done.fields))
    farthest = done.farthest
    if farthest is not None:
        moved = count(sum(effect.metres is not None for effect in done.effects))
        yield Message(
            "moved: {moved}, {farthest} farthest, by {metres} m (row {row})",
            moved=moved,
            farthest=farthest.id,
            metres=farthest.metres,
            row=farthest.row,
        )
    if done.filters:
        yield Message("left out by: {counts}", counts=_list_counts(done.filters))


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count(number)})" for name, number in counts.items())


def result_lines(done: Imported, lang: Language) -> list[Line]:
    """What will be done or was done, how the sheet was read, what of it is not used, and by which mapping."""
    lines = [line(text.in_(lang)) for text in summary(done)]
    lines.append(line(Span(_read_as(done.source).in_(lang), "dim")))
    if done.ignored:
        ignored = ", ".join(done.ignored)
        left = Message("columns not used: {ignored}", ignored=ignored)
        lines.append(line(Span(left.in_(lang), "dim")))
    if done.base is not None:
        commit = short_id(done.base)
        since = Message("edits since its export at commit {commit}", commit=commit)
        lines.append(line(Span(since.in_(lang), "dim")))
    elif done.outcome.written or done.mapped_by is not None:
        by = f" ({done.mapped_by.in_(lang)})" if done.mapped_by is not None else ""
        kept = Message("mapping: {mapping}{by}", mapping=done.mapping, by=by)
        lines.append(line(Span(kept.in_(lang), "dim")))
    return lines


def describe_gone(done: Imported) -> Iterator[Text]:
    """The records whose rows are gone and were not retired: they stay as they are. And whether these may be the rows
    that are new."""
    if done.at_records:
        yield Message(
            "no row has the key of a record, and {found} of {rows} rows stand where records of this file do: --match "
            "place takes them for these records with new numbers",
            found=count(done.at_records),
            rows=count(done.added),
        )
    left = [effect.id for effect in done.effects if effect.action == "gone"]
    if left:
        names = join_first(left)
        yield Message(
            "no longer in the sheet, and kept as they are: {names}; --missing-rows list names all of them, "
            "--missing-rows retire --on DAY ends their life",
            names=names,
        )


def _read_as(source: Source) -> Text:
    """The detected form of the sheet."""
    if source.form in WORKBOOKS:
        if source.decimal == ",":
            return Message("read as: workbook, sheet {sheet}, decimal comma", sheet=source.sheet)
        return Message("read as: workbook, sheet {sheet}", sheet=source.sheet)
    if source.form in VECTORS:
        parts = ", ".join(filter(None, (VECTORS[source.form], source.encoding, source.sheet and f"“{source.sheet}”")))
        return Message("read as: {parts}", parts=parts)
    if source.form != "csv":
        return Message("read as: {form}", form=source.form)
    sign = "TAB" if source.delimiter == "\t" else source.delimiter
    if source.decimal == ",":
        return Message("read as: {encoding}, separator {sign}, decimal comma", encoding=source.encoding, sign=sign)
    return Message("read as: {encoding}, separator {sign}, decimal point", encoding=source.encoding, sign=sign)
