"""Status that cannot follow the one before.

## What it checks

The status of a record follows the life cycle of its kind, which its schema gives (`x-lifecycle`): for equipment planned
→ installed, active or cancelled; installed → active, faulty or decommissioned; active ⇄ faulty; both → decommissioned;
decommissioned → removed. A change may take several steps at once if the record gives the dates of the states that it
passes (planned → removed needs `installed_on` and `decommissioned_on`). The date of the last one is for the schema
(LIF603).

## Why

Smartreg: what was decommissioned and works again has been replaced or put up anew. If one record told both lives, its
dates, its guarantee and the figures of the report would be wrong.

## Wrong

```yaml
# before: status: decommissioned
id: istres-noise-003
status: active
```

## Right

```yaml
id: istres-noise-017
status: active
replaces: istres-noise-003
```

## How to mend

Set the status back and add a new record (for equipment with `replaces`), or give the dates of the steps between.

## Configure

`[severity]` in smartreg.toml: `CHG803 = "warning"`. The steps stand in `x-lifecycle` of the schema of the kind.

## Waive

A `[[waiver]]` in smartreg.toml, in a change of its own that comes before: a change cannot waive its own findings.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.rules._changes import Changes, altered, given
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.schema import Kind, Lifecycle
from smartreg.values import Record, Words


@rule("CHG803", "error", "change", Words("status cannot follow", "transition de statut impossible"))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in altered(changes):
        kind = context.schemas.kinds.get(new.rid.kind)
        life = kind.lifecycle if kind else None
        if kind is None or life is None:
            continue
        start, end = text(old, life.field), text(new, life.field)
        known = {*life.transitions, *life.ends, *life.in_service}
        if start is None or end is None or start == end or not {start, end} <= known:
            continue  # SCH103 speaks of a status that there is not
        if not _leads(life, start, end, new):
            yield _fault(kind, life, new, (start, end))


def _leads(life: Lifecycle, start: str, end: str, record: Record) -> bool:
    """Whether a legal way leads there, through states whose dates the record gives."""
    seen, waiting = {start}, [start]
    while waiting:
        for state in life.transitions.get(waiting.pop(), ()):
            if state == end:
                return True
            name = life.dates.get(state)
            if state not in seen and (name is None or given(record.data.get(name))):
                seen.add(state)
                waiting.append(state)
    return False


def _fault(kind: Kind, life: Lifecycle, record: Record, step: tuple[str, str]) -> Fault:
    start, end = (_words(kind, life, state) for state in step)
    way = life.route(step[0], frozenset({step[1]}))
    names = [life.dates[state] for state in way[:-1] if state in life.dates] if way else []
    missing = " ".join(name for name in names if not given(record.data.get(name)))
    if missing:
        hint = Words(f"give the dates on the way: {missing}", f"donnez les dates intermédiaires : {missing}")
    else:
        hint = _hint(kind, life, record, step[0])
    return Fault(
        at(record, life.field),
        Words(f"{start.en} → {end.en} is not allowed", f"« {start.fr} » → « {end.fr} » n'est pas admis"),
        hint,
    )


def _hint(kind: Kind, life: Lifecycle, record: Record, start: str) -> Words:
    following = [_words(kind, life, state) for state in life.transitions.get(start, ())]
    en, fr = ", ".join(word.en for word in following), ", ".join(word.fr for word in following)
    then = Words(f"it can become {en}; else", f"suite possible : {fr} ; sinon") if following else None
    replaces = f" (replaces: {record.rid.id})" if ("replaces",) in kind.by_path else ""
    new = Words(f"set it back and add a new record{replaces}", f"rétablissez-le et ajoutez un enregistrement{replaces}")
    return Words(f"{then.en} {new.en}", f"{then.fr} {new.fr}") if then else new


def _words(kind: Kind, life: Lifecycle, state: str) -> Words:
    field = kind.by_path.get((life.field,))
    return field.labels.get(state, Words(state, state)) if field else Words(state, state)
