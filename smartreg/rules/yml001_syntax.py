"""Text that YAML cannot read.

## What it checks

The file is well-formed YAML: quotes and brackets closed, fields of one group aligned, spaces and no tabs before them,
each key a text followed by a colon. The first fault of a file is shown; others may follow once it is mended.

## Why

YAML 1.2. Where readers of YAML disagree (tabs, lists as keys), smartreg refuses, so that every tool that reads the
registry reads the same.

## Wrong

```yaml
name: Ville d'Istres: services
website: "https://example.org
```

## Right

```yaml
name: "Ville d'Istres: services"
website: "https://example.org"
```

## How to mend

Go to the line and column shown. Put a text with a colon, or one that begins with a sign, in quotes; close what is
open; indent with spaces.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML001", "error", Words("not readable as YAML", "illisible comme YAML"))
