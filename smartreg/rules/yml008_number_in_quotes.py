"""Number that readers of YAML do not agree on.

## What it checks

A value without quotes is no number with a leading zero, an underscore, a long exponent, more than 18 digits (17 with
decimals), nor infinity or not-a-number. A key without quotes is no number, boolean or null.

## Why

Readers disagree on them: `01001` is 513, 1001 or "01001"; the DevEUI `70E4123456781234` is infinity. Mostly they are
identifiers, which are texts.

## Wrong

```yaml
insee_code: 01004
dev_eui: 70E4123456781234
```

## Right

```yaml
insee_code: "01004"
dev_eui: "70E4123456781234"
```

## How to mend

Put an identifier in double quotes, as the message shows. Write a true number without leading zeros, with at most 17
digits. `smartreg validate --fix` quotes keys, and values where the schema wants text, if nothing else keeps the file
from being read.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML008", "error", Words("number to be written in quotes", "nombre à mettre entre guillemets"))
