"""Not a regular file.

## What it checks

Below `registry/`, records are plain files. Symbolic links, folders named like records, pipes, sockets and devices are
never opened or followed; a file that disappears or may not be read is told too.

## Why

A link in a pull request could show a file from outside the registry; a pipe or device would never end.

## Wrong

```yaml
# registry/supports/istres-ep-00413.yaml is a symbolic link to this file
id: istres-ep-00412
```

## Right

```yaml
# registry/supports/istres-ep-00413.yaml is a file of its own
id: istres-ep-00413
```

## How to mend

Replace it by a plain file, or delete it. If the file may not be read, mend its permissions.

## Configure

Nothing: leave it at error. What is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing is read that could be accepted.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML010", "error", Words("not a regular file", "pas un fichier ordinaire"))
