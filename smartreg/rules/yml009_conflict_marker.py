"""Merge conflict that is not resolved.

## What it checks

No line begins with the markers that Git leaves in a conflict: seven `<`, `>` or `|`, also inside a longer text.

## Why

Git writes both versions into the file and lets it be committed with the markers in it. Which version holds, only a
person can tell.

## Wrong

```yaml
<<<<<<< HEAD
status: in_service
=======
status: removed
>>>>>>> main
```

## Right

```yaml
status: removed
```

## How to mend

Keep the lines that hold, delete the others and the marker lines, then `git add` the file and go on with the merge.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(__name__, "YML009", "error", Words("unresolved merge conflict", "conflit de fusion non résolu"))
