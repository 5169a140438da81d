"""What a change alters of what binds parties, for whoever reviews it (CHG821, CHG823)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from smartreg.findings import Finding
from smartreg.registry import Registry
from smartreg.rules._annexes import DIGEST
from smartreg.rules._binding import Bond, Step, bonds
from smartreg.rules._changes import said
from smartreg.trees import differing
from smartreg.values import Json, Location, Words, value_at

BINDING, RIGHTS = "CHG821", "CHG823"
DELIBERATION = "deliberation"
_NAMED = 8  # fields that a message names
_KEYS = "writers.keys"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}|[0-9A-F]{40}|[0-9A-F]{64}")


def changed_bonds(before: Registry, after: Registry, on: date) -> list[Bond]:
    """The changes of what binds parties from one state to another, by record. `before` gives schemas and settings."""
    files = sorted(differing(before.tree.files(), after.tree.files()))
    rids = {rid for side in (before, after) for file in files if (rid := side.by_file.get(file)) is not None}
    return list(bonds(before, after, sorted(rids), on))


def binding_changes(before: Registry, after: Registry, on: date) -> Iterator[Finding]:
    """CHG821 for each change of what binds parties, CHG823 for each of the keys and domains of a party."""
    for bond in changed_bonds(before, after, on):
        who, steps = ", ".join(party.id for party in sorted(bond.parties)), steps_text(bond)
        if bond.rights:
            keys = any(step.name == _KEYS for step in bond.steps)
            told = Words(f"who may write for {who} changes: {steps.en}", f"qui écrit pour {who} change : {steps.fr}")
            hint = Words(
                "make sure by another way that this is the party's own key: from the merge on it signs for the party",
                "vérifiez par une autre voie que c'est bien la clé de la partie : dès la fusion, elle signe pour elle",
            )
            yield Finding(RIGHTS, "warning" if keys else "info", told, bond.where, hint if keys else None)
        else:
            told = Words(f"this binds {who}: {steps.en}", f"ceci engage {who} : {steps.fr}")
            yield Finding(BINDING, "info", told, bond.where)
    yield from _other_texts(before, after)


def _other_texts(before: Registry, after: Registry) -> Iterator[Finding]:
    """CHG821 for each deliberation whose text, by its digest, is another: agreements may rest on it."""
    for file in sorted(differing(before.tree.files(), after.tree.files())):
        rid = before.by_file.get(file)
        if rid is None or rid.kind != DELIBERATION:
            continue
        was, now = before.at(file), after.get(rid)
        if was is None or now is None:
            continue
        digests = [value_at(record.data, ("document", DIGEST)) for record in (was, now)]
        if digests[0] and digests[0] != digests[1]:
            told = Words(
                f"the text of {rid} is another: document.{DIGEST} {digests[0]} → {digests[1] or '–'}",
                f"le texte de {rid} n'est plus le même : document.{DIGEST} {digests[0]} → {digests[1] or '–'}",
            )
            hint = Words(
                "compare both files with the act: an agreement may rest on it",
                "comparez les deux fichiers à l'acte : un accord peut reposer sur lui",
            )
            yield Finding(BINDING, "info", told, Location(now.file), hint)


def steps_text(bond: Bond) -> Words:
    """What changes, field by field, in one line; of a convention that is new or newly signed, only that."""
    if bond.signs:
        return Words("a convention is signed", "une convention est signée")
    if bond.gone:
        return Words("what bound them is gone", "ce qui les engageait disparaît")
    told = [_step(step) for step in bond.steps[:_NAMED]]
    listed = "; ".join(told) + (" …" if len(bond.steps) > _NAMED else "")
    return Words(listed, listed)


def _step(step: Step) -> str:
    name, was, now = step
    if not isinstance(was, list) and not isinstance(now, list):
        return f"{name} {_value(was)} → {_value(now)}"
    old, new = (side if isinstance(side, list) else [] if side is None else [side] for side in (was, now))
    plus = [f"+ {_value(item)}" for item in new if item not in old]
    minus = [f"− {_value(item)}" for item in old if item not in new]
    return f"{name} {'; '.join([*plus, *minus])}"


def _value(value: Json) -> str:
    """A value in one line, for people. The fingerprint of a key is no secret."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(item)}" for name, item in value.items())
    if isinstance(value, list):
        return f"[{'; '.join(map(_value, value))}]"
    if value is None:
        return "–"
    return value if isinstance(value, str) and _FINGERPRINT.fullmatch(value) else said(value)
