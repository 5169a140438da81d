"""Coverage as rows and JSON."""

from __future__ import annotations

from datetime import date

from smartreg.commands.coverage import Coverage, Uncovered
from smartreg.core.escape import csv_text, json_text
from smartreg.core.styled import visible
from smartreg.core.values import Json
from smartreg.domain.covers import Cover, ground_of
from smartreg.domain.losses import Loss
from smartreg.domain.titles import Title
from smartreg.reporters.cover_wording import is_in_scope

COLUMNS = (
    *("record", "family", "user", "partners", "through", "state", "why"),
    *("convention", "from", "until", "ground", "remove_by"),
)
LOSSES = (
    *("record", "family", "user", "partners", "through", "lost_on", "remove_by"),
    *("next_convention", "next_from", "must_name"),
)
Row = tuple[str, ...]


def json_of(coverage: Coverage) -> str:
    """The answer for programs; days inclusive."""
    content: dict[str, Json] = {
        "version": 1,
        "record": str(coverage.record.rid),
        "on": coverage.on.isoformat(),
        "recorded_on": _day(coverage.recorded_on) or None,
        "covers": [_cover_json(cover, coverage.on) for cover in coverage.covers],
        "own": [{"family": item.family, "through": str(item.through.rid)} for item in coverage.own],
        "opened_by": [_title_json(title, coverage.on) for title in coverage.opened],
    }
    if coverage.ending is not None:
        content["if_ended"] = {"convention": coverage.ending.id, "losses": losses_json(coverage)}
    return json_text(content)


def losses_json(coverage: Coverage) -> list[Json]:
    """The losses of cover, for programs."""
    return [
        {
            **_what(loss.cover),
            "lost_on": _day(coverage.on),
            "remove_by": _day(loss.remove_by) or None,
            "next": {"id": loss.next.id, "from": _day(loss.next_from), "must_be_named": loss.must_name}
            if loss.next
            else None,
        }
        for loss in coverage.losses
    ]


def csv_of(table: list[Row]) -> str:
    head, *rows = table
    return csv_text(head, rows)


def markdown_of(table: list[Row]) -> str:
    head, *rows = table
    lines = [head, tuple("---" for _ in head), *rows]
    escaped = ([visible(cell).replace("|", "\\|") for cell in row] for row in lines)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in escaped)


def json_of_uncovered(result: Uncovered) -> str:
    """What has no cover, for programs; days inclusive."""
    covers: list[Json] = [_cover_json(cover, result.on) for cover in result.covers]
    recorded = _day(result.recorded_on) or None
    return json_text({"version": 1, "on": result.on.isoformat(), "recorded_on": recorded, "covers": covers})


def table_of_uncovered(result: Uncovered) -> list[Row]:
    """The same columns as for a record, after the heading a row per convention that counts."""
    return [COLUMNS, *(row for cover in result.covers for row in _rows(cover, result.on))]


def table_of(coverage: Coverage) -> list[Row]:
    """After the heading, one row per convention that counts, or per loss with `--if-ended`."""
    if coverage.ending is not None:
        return [LOSSES, *(_loss_row(loss, coverage.on) for loss in coverage.losses)]
    return [COLUMNS, *(row for cover in coverage.covers for row in _rows(cover, coverage.on))]


def _rows(cover: Cover, on: date) -> list[Row]:
    start = (*_cells(cover), cover.state(on), cover.free or "")
    last = _day(cover.remove_by(on))
    if not cover.titles or cover.free is not None:
        return [(*start, "", "", "", "", last)]
    return [
        (*start, title.id, _day(title.start), _day(title.last), ground_of(cover, title), last) for title in cover.titles
    ]


def _loss_row(loss: Loss, on: date) -> Row:
    following = (loss.next.id, _day(loss.next_from), str(loss.must_name).lower()) if loss.next else ("", "", "")
    return (*_cells(loss.cover), _day(on), _day(loss.remove_by), *following)


def _cells(cover: Cover) -> Row:
    exchange = cover.exchange
    through = str(exchange.through.rid) if exchange.through else ""
    return (str(cover.record.rid), exchange.family, exchange.user, " ".join(exchange.partners), through)


def _what(cover: Cover) -> dict[str, Json]:
    exchange = cover.exchange
    return {
        "record": str(cover.record.rid),
        "family": exchange.family,
        "user": exchange.user,
        "partners": list(exchange.partners),
        "through": str(exchange.through.rid) if exchange.through else None,
    }


def _cover_json(cover: Cover, on: date) -> dict[str, Json]:
    conventions: list[Json] | None = None
    if cover.titles is not None:
        conventions = [
            {**_title_json(title, on), "ground": ground_of(cover, title), "in_scope": is_in_scope(cover, title)}
            for title in cover.titles
        ]
    return {
        **_what(cover),
        "state": cover.state(on),
        "why_not_needed": cover.free,
        "remove_by": _day(cover.remove_by(on)) or None,
        "conventions": conventions,
    }


def _title_json(title: Title, on: date) -> dict[str, Json]:
    return {
        "id": title.id,
        "from": _day(title.start) or None,
        "until": _day(title.last) or None,
        "in_force": title.in_force(on),
        "families": list(title.families),
        "amendment": title.act.number if title.act else None,
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
