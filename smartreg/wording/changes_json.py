"""Changes as one JSON object, version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding
from smartreg.core.messages import SOURCE, Language
from smartreg.core.styled import visible
from smartreg.diff import ABSENT, Change, FieldChange, ItemKey, Unread, place_text, veil, veil_item
from smartreg.diff.impact import Comparison, Effect, Impact, Side

VERSION = 1


def report(comparison: Comparison, *, lang: Language) -> str:
    """The text of the object, ended by a line feed."""
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "counts": dict(comparison.counts),
        "changes": [change_json(change, comparison.impacts.get(change.rid), lang) for change in comparison.changes],
        "other_files": [{"file": visible(path), "kind": kind} for path, kind in comparison.others],
        "grades": list(comparison.grades),
        "introduced": None
        if comparison.introduced is None
        else [_finding(item, lang) for item in comparison.introduced],
        "mended": None if comparison.fixed is None else [_finding(item, lang) for item in comparison.fixed],
        "hostings": [item._asdict() for item in comparison.hostings],
        "binding": [_finding(item, lang) for item in comparison.binding],
        "checks": [_finding(item, lang) for item in comparison.checks],
        "ignore_comments": [_finding(item, lang) for item in comparison.comments],
    }
    return json_text(content)


def change_json(change: Change, impact: Impact | None = None, lang: Language = "en") -> dict[str, Any]:
    """One change with all its fields. `before` and `after` of a field are absent where the field is not there."""
    before, after = change.before or change.unread[0], change.after or change.unread[1]
    content: dict[str, Any] = {
        "record": str(change.rid),
        "kind": change.kind,
        "file_before": visible(before.file) if before else None,
        "file_after": visible(after.file) if after else None,
        "fields": [field_json(item) for item in change.fields()] if not any(change.unread) else [],
    }
    if any(change.unread):
        content["unreadable"] = [
            _unreadable_json(side, item) for side, item in zip(("before", "after"), change.unread, strict=True) if item
        ]
    if impact is not None:
        content["named_by"] = [str(rid) for rid in impact.named_by]
        content["replaced_by"] = [str(rid) for rid in impact.replaced_by]
        content["grade"] = impact.grades[0]
        content["grades"] = list(impact.grades)
        content["broken"] = list(impact.broken)
        content["effects"] = [_effect(effect, lang) for effect in impact.effects]
    return content


def field_json(change: FieldChange) -> dict[str, Any]:
    """One field: `path` for machines (an item of a list is named by its key), `name` for people. Of a secret only the
    first characters."""
    content: dict[str, Any] = {"path": path_json(change.path), "name": place_text(change.path)}
    if change.before is not ABSENT:
        content["before"] = veil(change.path, change.before)
    if change.after is not ABSENT:
        content["after"] = veil(change.path, change.after)
    if change.position is not None:
        content["position"] = change.position
    if change.note is not None:
        content["note"] = change.note.in_(SOURCE)
    return content


def path_json(path: Sequence[str | int]) -> list[str | int | dict[str, str]]:
    """A path in which an item of a list is named by its key."""
    return [veil_item(part).key if isinstance(part, ItemKey) else part for part in path]


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name.in_(SOURCE), "commit": side.commit}


def _unreadable_json(side: str, item: Unread) -> dict[str, Any]:
    faults = [{"code": fault.code, "message": fault.message.in_(SOURCE)} for fault in item.faults]
    return {"side": side, "file": visible(item.file), "faults": faults}


def _effect(effect: Effect, lang: Language) -> dict[str, Any]:
    return {
        "grade": effect.grade,
        "text": effect.text(lang, visible, len(effect.records) + len(effect.words)),
        "records": [str(rid) for rid in effect.records],
    }


def _finding(finding: Finding, lang: Language) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": visible(finding.where.file),
        "message": finding.message.in_(lang),
        "fingerprint": finding.fingerprint,
    }
