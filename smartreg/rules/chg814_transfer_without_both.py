"""Transfer that one side has not agreed to.

## What it checks

With `--as-author`: the field that says whose a record is (the first of the ownership fields that it has) names others
than at the base. Both sides must have made a commit of the branch, once the record says its final owner: the one that
changes it, another that changes the record, or one that names it in a trailer `Smartreg-Record` at the end of its
message. A merge names nothing: its message may quote what others wrote.

## Why

CG3P L3112-1: between public bodies property changes hands by agreement. Nobody takes over what is not theirs, and
nobody is made the owner of what they do not know of.

## Wrong

```yaml
# base: owner: ville-d-istres; one commit, signed by a writer of amp-metropole
id: istres-ep-00412
owner: amp-metropole
```

## Right

```yaml
# a second commit of the branch, signed by a writer of ville-d-istres:
#   git commit --allow-empty -S -m "We hand it over" --trailer "Smartreg-Record: support/istres-ep-00412"
id: istres-ep-00412
owner: amp-metropole
```

## How to mend

Add a commit of the side that is missing to the branch, as on the right.

## Configure

`[ownership] fields` in `smartreg.toml`, as for CHG812.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(
    __name__,
    "CHG814",
    "error",
    Words("transfer that one side has not agreed to", "transfert sans l'accord des deux parties"),
    "frame",
)
