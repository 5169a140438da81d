"""The effects of an import: as CSV rows, as figures for JSON, and as a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from smartreg.core.escape import csv_text
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text, Words
from smartreg.importing.effects import Imported
from smartreg.reporters.summing import count

COLUMNS = ("row", "record", "action", "fields", "metres", "because")


def rows_csv(done: Imported) -> str:
    """One line for each row of the sheet, then one for each record whose row is gone."""
    return csv_text(COLUMNS, ((*effect[:3], " ".join(effect.fields), *effect[4:]) for effect in done.effects))


def findings_csv(found: Sequence[Finding], lang: Language) -> str:
    """One line for each finding, with its row and column."""
    rows = ((one.where.row, one.where.column, one.code, one.severity, one.message.in_(lang)) for one in found)
    return csv_text(("row", "column", "code", "severity", "message"), rows)


def figures(done: Imported, *, rows: bool) -> dict[str, object]:
    """The figures of an import; on a dry run also what becomes of each row."""
    farthest = done.farthest
    found: dict[str, object] = {
        "mapping": done.mapping,
        "mapped_by": done.mapped_by.en if done.mapped_by else None,
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
        found["rows"] = [{**effect._asdict(), "fields": list(effect.fields)} for effect in done.effects]
    return found


def summary(done: Imported) -> Iterator[Text]:
    """What will be done or was done, in figures; zeros are left out."""
    numbers = [count(number) for number in (done.added, done.changed, done.unchanged, len(done.skipped))]
    en = "{} added, {} changed, {} unchanged, {} rows left out".format(*numbers)
    fr = "ajouts : {}, modifications : {}, sans changement : {}, lignes écartées : {}".format(*numbers)
    gone, retired, twins = (done.count(action) for action in ("gone", "retired", "twin"))
    en += "".join(f", {count(number)} {word}" for number, word in ((gone, "gone"), (retired, "retired")) if number)
    fr += "".join(
        f", {word} : {count(number)}" for number, word in ((gone, "disparus"), (retired, "retirés")) if number
    )
    if twins:
        en, fr = f"{en}, {count(twins)} twins left out", f"{fr}, lignes jumelles écartées : {count(twins)}"
    yield Words(en, fr)
    if done.fields:
        yield _count_words("changed", "modifiés", done.fields)
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
        yield _count_words("left out by", "écartées par", done.filters)


def _count_words(en: str, fr: str, counts: Mapping[str, int]) -> Text:
    text = ", ".join(f"{name} ({count(number)})" for name, number in counts.items())
    return Message("{detail}: {text}", detail=Words(en, fr), text=text)
