r"""Control character or bidirectional character.

## What it checks

No character that is invisible or acts on what is displayed stands in the file, as itself or as an escape (`"\e"`):
control characters other than tab and line feed, bidirectional marks and overrides, line separators outside of quotes,
a byte order mark inside the text, noncharacters.

## Why

They make a text look like another one in a review, act on terminals, and break exports (Unicode TR 36, Unicode
Security Considerations).

## Wrong

```yaml
address: "12 boulevard \u202ePaul"
```

## Right

```yaml
address: 12 boulevard Paul
```

## How to mend

Delete the character at the line and column shown, or type the text again. For a backslash in double quotes write `\\`.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__, "YML006", "error", Words("control or bidirectional character", "caractère de contrôle ou bidirectionnel")
)
