"""Signed convention changed without an amendment.

## What it checks

Once a convention is signed (or terminated), its `parties`, `families`, `consideration` and dates (`signed_on`,
`effective_from`, `effective_until`, `terminated_on`) change only together with one more annex of kind `amendment`. A
date or consideration that was missing may be filled in: the paper said it already, or the termination is new. It
becomes `terminated` only together with one more deliberation: the act that ended it; an amendment does not stand for
it.

## Why

What two parties signed only both can change, by an amendment (avenant) that each deliberative body approves. A registry
that says otherwise claims a cover that nobody granted.

## Wrong

```yaml
# before: effective_until: "2026-12-31"
id: smart-metropole-istres
status: signed
effective_until: "2028-12-31"
```

## Right

```yaml
id: smart-metropole-istres
status: signed
effective_until: "2028-12-31"
annexes:
  - kind: amendment
    title: Avenant n° 1
```

## How to mend

Record the amendment with the change: `smartreg amend` (`renew`, to prolong) adds it to `annexes`, and the deliberations
that approve it to `deliberations`. To end a convention, `smartreg terminate` names the act. Or set the value back. If
the record did not say what the signed paper says:
`smartreg set ID signed_on=2024-03-18 --correct -m "the paper says 18 March"`. The correction stays visible, as a
warning.

## Configure

`[severity]` in `smartreg.toml`: `CHG805 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml`, in a change of its own that comes before: a change cannot waive its own findings.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.rules._annexes import amendments
from smartreg.rules._changes import OPEN, Changes, altered, given, said, slip, unless_corrected, was_in_service
from smartreg.rules._fields import texts
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Record, Words

_ENDED = "terminated"
_LISTS = ("parties", "families")
_VALUES = ("signed_on", "effective_from", "effective_until", "terminated_on", "consideration")


@rule(
    "CHG805",
    "error",
    "change",
    Words("convention changed without amendment", "convention modifiée sans avenant"),
    kinds=("convention",),
)
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in altered(changes, "convention"):
        if not was_in_service(context, old):
            continue
        if _ended_by_nobody(old, new):
            yield unless_corrected(_no_act(new), context, new, "status")
        if amendments(new) > amendments(old):
            continue
        for name in _LISTS:
            if set(texts(old, name)) != set(texts(new, name)):
                fault = _fault(new, name, (", ".join(texts(old, name)), ", ".join(texts(new, name))))
                yield unless_corrected(fault, context, new, name)
        for name in _VALUES:
            was, now = old.data.get(name), new.data.get(name)
            if given(was) and was != now:
                fault = _fault(new, name, (said(was), said(now) if given(now) else ""))
                yield unless_corrected(fault, context, new, name)


def _ended_by_nobody(old: Record, new: Record) -> bool:
    acts = [set(texts(side, "deliberations")) for side in (old, new)]
    return new.data.get("status") == _ENDED != old.data.get("status") and acts[1] <= acts[0]


def _no_act(record: Record) -> Fault:
    ended = record.data.get("terminated_on")
    correct = slip(record, "status", _ENDED, [f"terminated_on={ended if given(ended) else OPEN}"])
    return Fault(
        at(record, "status"),
        Words(
            "a signed convention is terminated, and no deliberation says so",
            "une convention signée est résiliée, et aucune délibération ne le dit",
        ),
        Words(
            f"name the act that ended it: smartreg terminate {record.rid.id}; {correct.en}",
            f"nommez l'acte qui y met fin : smartreg terminate {record.rid.id} ; {correct.fr}",
        ),
    )


def _fault(record: Record, name: str, step: tuple[str, str]) -> Fault:
    was, now = step
    correct = slip(record, name, OPEN if now else None)
    return Fault(
        at(record, name) if name in record.data else at(record, "id"),
        Words(
            f"{name} of a signed convention changed without an amendment: {was or '–'} → {now or '–'}",
            f"convention signée : {name} a changé sans avenant : {was or '–'} → {now or '–'}",
        ),
        Words(
            f"record the amendment with the change (smartreg amend, smartreg renew); {correct.en}",
            f"saisissez l'avenant avec la modification (smartreg amend, smartreg renew) ; {correct.fr}",
        ),
    )
