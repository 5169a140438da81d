"""Past event, assessment or deliberation rewritten.

## What it checks

What stands in `events` of equipment and in `assessments` of a use case stays as it is; new items are added. And a
convention that was adopted keeps the `deliberations` that it names. The order of the items does not count.

The record of a deliberation itself may be corrected: the act is elsewhere, and the record only describes it.

## Why

Maintenance, faults and assessments are evidence, for guarantees and for the report on the prefiguration; the
deliberations are what the convention rests on.

## Wrong

```yaml
# before: events had one more item, a fault on 2025-02-03
id: istres-noise-003
events:
  - date: "2024-03-11"
    kind: installation
```

## Right

```yaml
id: istres-noise-003
events:
  - date: "2024-03-11"
    kind: installation
  - date: "2025-02-03"
    kind: fault
  - date: "2025-02-10"
    kind: repair
    note: Il n'y avait pas de panne le 3 février, seulement une coupure du réseau.
```

## How to mend

Put the item back as it was, and add another one that corrects it. A deliberation that a convention names by mistake is
taken out with the reason: `smartreg set ID deliberations=… --correct -m REASON`. Events and assessments are not
corrected that way: a further one says what was wrong.

## Configure

`[severity]` in `smartreg.toml`: `CHG807 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml`, in a change of its own that comes before: a change cannot waive its own findings.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from smartreg.rules._changes import Changes, altered, said, slip, unless_corrected
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Json, Record, Words

_KEPT = {
    "equipment": ("events", Words("the event", "l'événement"), ("date", "kind")),
    "use_case": ("assessments", Words("the assessment", "le bilan"), ("date",)),
    "convention": ("deliberations", Words("the deliberation", "la délibération"), ()),
}


@rule("CHG807", "error", "change", Words("past rewritten", "passé réécrit"), kinds=tuple(_KEPT))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in altered(changes, *_KEPT):
        if old.rid.kind != "convention" or text(old, "status") in ("adopted", "signed", "terminated"):
            # Of events and assessments a further item says what was wrong; a wrong act can only be taken out.
            correctable = old.rid.kind == "convention"
            for fault in _lost(old, new):
                yield unless_corrected(fault, context, new, _KEPT[old.rid.kind][0]) if correctable else fault


def _lost(old: Record, new: Record) -> Iterator[Fault]:
    """A fault for each item of the list that is not there any more as it was."""
    name, noun, key = _KEPT[old.rid.kind]
    was, now = _items(old, name), _items(new, name)
    counts = Counter(map(_same, was)), Counter(map(_same, now))
    missing, added = counts[0] - counts[1], counts[1] - counts[0]
    for item in {same: item for item in was if missing[same := _same(item)]}.values():
        twin = next(
            (index for index, other in enumerate(now) if added[_same(other)] and _alike(item, other, key)), None
        )
        what = _named(item, key)
        if twin is None:
            place = at(new, name) if name in new.data else at(new, "id")
            message = Words(f"{noun.en} {what} is gone", f"{noun.fr} {what} n'existe plus")
        else:
            place = at(new, name, twin)
            message = Words(f"{noun.en} {what} was altered", f"{noun.fr} {what} a changé")
        yield Fault(place, message, _hint(new))


def _hint(record: Record) -> Words:
    hint = Words("put it back, and add another item that corrects it", "rétablissez-le, et ajoutez ce qui le corrige")
    if record.rid.kind != "convention":
        return hint
    correct = slip(record, "deliberations")
    return Words(f"{hint.en}; {correct.en}", f"{hint.fr} ; {correct.fr}")


def _items(record: Record, name: str) -> Sequence[Json]:
    value = record.data.get(name)
    return value if isinstance(value, list) else ()


def _same(item: Json) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)


def _alike(old: Json, new: Json, key: Sequence[str]) -> bool:
    """Whether two items speak of the same day (and kind of event)."""
    return bool(key) and _key(old, key) is not None and _key(old, key) == _key(new, key)


def _key(item: Json, key: Sequence[str]) -> tuple[str, ...] | None:
    values = [item.get(name) for name in key] if isinstance(item, Mapping) else [None]
    return tuple(map(str, values)) if all(isinstance(value, str) for value in values) else None


def _named(item: Json, key: Sequence[str]) -> str:
    found = _key(item, key) if key else None
    return ", ".join(found) if found else said(item)
