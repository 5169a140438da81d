"""Amending act that adds to no scope, or empties one.

## What it checks

An act adds to a part of `scope` only where the convention has that part, and never takes the last item out of a list.
To limit a convention from now on, an act says `sets`; to lift a limit, `unsets`.

## Why

Where `scope.supports` is absent, all supports are covered: adding one to it would mean "this one alone". Where the last
one goes, nothing would be covered, or everything: the act has to say which.

## Wrong

```yaml
# smart-metropole-istres has no scope
amendments:
  - number: "1"
    signed_on: "2026-06-01"
    adds: {scope.supports: [istres-ep-00412]}
```

## Right

```yaml
amendments:
  - number: "1"
    signed_on: "2026-06-01"
    sets: {scope.supports: [istres-ep-00412]}
```

## How to mend

Read the act: does it limit the convention (`smartreg amend ID scope.supports=istres-ep-00412`), or lift the limit
(`smartreg amend ID --unset scope.supports`)?

## Configure

`[severity]` in `smartreg.toml`: `CON322 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON322] reason` on the line of the act, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.rules._acts import OBJECTS, applied, listed_at, steps
from smartreg.rules._conventions import KIND
from smartreg.rules.rule import Context, Fault, at, rule
from smartreg.values import Record, Words


@rule("CON322", "error", "record", Words("scope left unclear", "périmètre équivoque"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    id = record.rid.id
    for act, before in steps(record):
        for path in act.part("adds"):
            if path not in OBJECTS and listed_at(before, path) is None:
                yield Fault(
                    at(record, *act.path, "adds", path),
                    Words(
                        f"amendment {act.number} adds to {path}, which is not limited: it would narrow the convention",
                        f"l'avenant {act.number} ajoute à {path}, non limité : il restreindrait la convention",
                    ),
                    Words(
                        f"if the act limits it, say sets (smartreg amend {id} {path}=…); else take this out of the act",
                        f"si l'acte le limite, écrivez sets (smartreg amend {id} {path}=…) ; sinon, ôtez-le de l'acte",
                    ),
                )
        after = applied(before, act)
        for path in act.part("removes"):
            if path not in OBJECTS and listed_at(before, path) and listed_at(after, path) == []:
                yield Fault(
                    at(record, *act.path, "removes", path),
                    Words(f"amendment {act.number} empties {path}", f"l'avenant {act.number} vide {path}"),
                    Words(
                        f"if the act lifts the limit, say unsets (smartreg amend {id} --unset {path})",
                        f"si l'acte lève la limite, écrivez unsets (smartreg amend {id} --unset {path})",
                    )
                    if path.startswith("scope.")
                    else Words(
                        f"to end the convention: smartreg terminate {id}",
                        f"pour mettre fin à la convention : smartreg terminate {id}",
                    ),
                )
