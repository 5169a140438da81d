"""Contacts of people, which no public file may hold: the values in which REC121 finds an e-mail address or a telephone
number of a person.

Severities and waivers do not count here: they say what the registry may keep, not what it may publish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from smartreg.core.values import Json, KeyPath, Record, RecordId
from smartreg.registry import Registry
from smartreg.rules import Context
from smartreg.rules.rec121_personal_contact import check


def without_contacts(
    records: Mapping[str, Sequence[Record]], registry: Registry
) -> tuple[dict[str, tuple[Record, ...]], Mapping[RecordId, int]]:
    """Records by kind without contacts of people, and how many values each record lost."""
    context = Context(registry.schemas, registry.config, date.min)
    lost: Counter[RecordId] = Counter()

    def cut(record: Record) -> Record:
        paths = {fault.where.path for fault in check.check(record, context)}
        if not paths:
            return record
        lost[record.rid] += len(paths)
        return replace(record, data=_without(record.data, (), paths))

    return {kind: tuple(map(cut, some)) for kind, some in records.items()}, lost


def _without(value: Json, path: KeyPath, paths: Collection[KeyPath]) -> Json:
    if isinstance(value, Mapping):
        return {
            name: _without(item, (*path, name), paths) for name, item in value.items() if (*path, name) not in paths
        }
    if isinstance(value, list):
        return [_without(item, (*path, at), paths) for at, item in enumerate(value) if (*path, at) not in paths]
    return value
