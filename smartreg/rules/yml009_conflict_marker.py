"""Merge conflict that is not resolved.

## What it checks

No line begins with the markers that Git leaves in a conflict: seven `<`, `>` or `|`, also inside a longer text. Each
conflict is told by the fields that differ, where both sides can be read. In a merge under way: no file that one branch
deleted and the other changed waits for Git to be told which holds.

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

`smartreg resolve RECORD` shows what conflicts; `smartreg resolve RECORD FIELD --ours`, `--theirs` or `--value VALUE`
settles one field, without FIELD all that are left. Or keep the lines that hold, and delete the others and the marker
lines, in an editor. Then `git add` the file and go on with the merge. Of a file that one branch deleted and the other
changed, `--ours` or `--theirs` keeps or deletes the whole.

Few conflicts come up where `smartreg doctor --fix` registered the merge driver: records then merge field by field and
lists item by key, and only a field that both branches changed in different ways is marked.

When both branches made a record of this id and mean two different ones: `git merge --abort`,
`smartreg rename RECORD NEW-ID` on one of the branches, which rewrites every reference, and merge again.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML009", "error", Words("unresolved merge conflict", "conflit de fusion non résolu"))
