"""Field given twice.

## What it checks

No key stands twice in one mapping, however it is quoted.

## Why

YAML 1.2 (section 3.2.1.1) asks for unique keys, but most readers keep the last one in silence: a second `status` far
down would win over the one that everybody sees.

## Wrong

```yaml
owner: ville-d-istres
status: in_service
owner: amp-metropole
```

## Right

```yaml
owner: ville-d-istres
status: in_service
```

## How to mend

Keep one of the two lines and delete the other.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML002", "error", Words("field given twice", "champ donné deux fois"))
