"""A value that looks like a secret."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.secret import may_hold_secret, secret_in
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import every_text, names_and_texts
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No text of a record, including notes and unknown fields, looks like one of these:

- 32 hexadecimal digits (a LoRaWAN AppKey, NwkKey or session key) in a field called key, app_key, nwk_key …, in an EUI
  field, or in a text that mentions a key;
- a password or token field with a value, or `password: …` in a text;
- anything recognisable by its form: private keys (PEM), API keys of The Things Stack (`NNSXS.`), tokens of GitHub,
  GitLab and AWS, signed web tokens, addresses with a password in them (`mqtt://user:password@host`).

`validate --since` also checks what was added and removed within the change: a branch that removes a secret again still
brings it into the history. The value itself is never shown. Digests of annexes (64 digits), EUIs (16 digits) and UUIDs
are not secrets.

## Why

Git keeps every version for ever, in every clone. LoRaWAN root keys let anyone read and forge what the device sends
(LoRaWAN 1.0.3 §6.2); they belong in the network server.

## Wrong

```yaml
notes: "Join server. AppKey 00112233445566778899AABBCCDDEEFF"
```

## Right

```yaml
notes: "Join server. The AppKey is in the network server."
```

## How to fix it

Remove the value, then **replace the secret itself**: rotate the key or change the password. If it was ever committed
or pushed, consider it known. Squash or rewrite a branch that contained it at some point, before merging it.

## Configure

`REC107 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

For a text that only looks like a secret (an example in a note): a `[[waiver]]` in `smartreg.toml`, or
`# smartreg: ignore[REC107] reason` on the line.
"""


@rule("REC107", "error", "record", Words("Looks like a secret", "Ressemble à un secret"))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    names, texts = names_and_texts(record.data)
    if not may_hold_secret(names, texts):
        return
    for path, text in every_text(record.data):
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        what = secret_in(field, text)
        if what is not None:
            yield Fault(
                at(record, *path),
                Words(f"{path_text(path)} looks like {what.en}", f"{path_text(path)} ressemble à {what.fr}"),
                Words(
                    "remove it and replace the secret itself: Git keeps the old value; keep it in the network server",
                    "retirez-le et remplacez le secret : Git garde l'ancienne valeur ; gardez-le au serveur de réseau",
                ),
            )
