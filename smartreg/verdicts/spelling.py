"""Findings in JSON types, and back."""

from __future__ import annotations

from typing import Any

from smartreg.findings import Drop, Finding, Fix, Move, Put, Related, Rename, Respell, Step
from smartreg.values import KeyPath, Location, Mark, Words

Row = list[Any]


def spelled(finding: Finding) -> Row:
    """A finding as JSON has it; `read` gives it back."""
    hint, fix = finding.hint, finding.fix
    return [
        finding.code,
        finding.severity,
        [finding.message.en, finding.message.fr],
        _place(finding.where),
        [hint.en, hint.fr] if hint else None,
        [[_place(other.where), other.note.en, other.note.fr] for other in finding.related],
        [type(fix.step).__name__, list(fix.step), fix.safe] if fix else None,
    ]


def read(row: Row) -> Finding:
    code, severity, message, where, hint, related, fix = row
    return Finding(
        code,
        severity,
        Words(*message),
        _location(where),
        Words(*hint) if hint else None,
        tuple(Related(_location(place), Words(en, fr)) for place, en, fr in related),
        Fix(_step(fix[0], fix[1]), fix[2]) if fix else None,
    )


def _place(where: Location) -> Row:
    if not (where.on_key or where.mark or where.row is not None or where.column is not None):
        return [where.file, list(where.path)]
    return [where.file, list(where.path), where.on_key, where.mark, where.row, where.column]


def _location(row: Row) -> Location:
    if len(row) == 2:
        return Location(row[0], tuple(row[1]))
    file, path, on_key, mark, number, column = row
    return Location(file, tuple(path), on_key, Mark(*mark) if mark else None, number, column)


def _step(name: str, parts: Row) -> Step:
    if name == "Respell":
        return Respell()
    if name == "Move":
        return Move(parts[0])
    path: KeyPath = tuple(parts[0])
    if name == "Drop":
        return Drop(path, tuple(parts[1]))
    return Put(path, parts[1]) if name == "Put" else Rename(path, parts[1])
