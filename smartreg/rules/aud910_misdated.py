"""Commit dated before its parent, or after now.

## What it checks

The committer date of a commit is not more than an hour before that of a parent, and not more than an hour after the
moment of the audit. A parent that is itself dated after now does not count against its children.

## Why

Smartreg: the date of a commit is whatever the clock of the machine, or the environment, says
(`GIT_COMMITTER_DATE=2024-06-01 smartreg set …`). What was recorded today must not look as if it had been known then.
Whatever its date, `--at DATE` counts a commit from the latest date of it and of all that it rests on, dates after now
left out.

## Wrong

```sh
GIT_COMMITTER_DATE=2024-06-01T10:00:00 smartreg set istres-noise-003 status=faulty -y
```

## Right

```sh
smartreg set istres-noise-003 status=faulty -y
```

## How to mend

Correct the clock of the machine. History is not rewritten; a seal after the commit lets later audits begin there. The
day on which something happened is told by the record (`installed_on`, `removed_on` …), never by the date of a commit.

## Configure

`clock_tolerance = 60` under `[audit]` in `smartreg.toml`, in minutes. `AUD910 = "error"` or `"off"` under `[severity]`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD910",
    "warning",
    Words("Commit dated before its parent, or after now", "Commit daté d'avant son parent, ou dans le futur"),
    "history",
)
