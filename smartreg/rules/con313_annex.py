"""Annex that is missing, or has changed since it was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import KeyPath, Record, Words
from smartreg.domain.annexes import DIGEST, ROOT, candidates, digest_of, documents
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import nothing, rule
from smartreg.schema import literal

MANUAL = """
## What it checks

Records name files by path: `annexes[].path` and `third_parties[].document` of a convention, `document.path`
of a deliberation, `data_charter.document` of a party. The file exists, and `sha256`, if given with the path, is its
digest. Smartreg only reads below `registry/`. A path is resolved from the root of the repository
(`registry/annexes/charte.pdf`), else from the folder of the record, else from `registry/`: `annexes/charte.pdf` in a
convention is `registry/conventions/annexes/charte.pdf`, or else `registry/annexes/charte.pdf`. Web addresses are not
checked. A file of more than 256 MiB counts as missing.

## Why

An annex is part of what was signed: changing it changes the contract, which takes an amendment (avenant). Git shows
that a file changed; the digest shows that it is not the signed one.

## Wrong

```yaml
# registry/conventions/annexes/charte.pdf was replaced since
id: smart-metropole-istres
annexes:
  - kind: data_charter
    path: annexes/charte.pdf
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
```

## Right

```yaml
id: smart-metropole-istres
annexes:
  - kind: data_charter
    path: annexes/charte.pdf
    sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
```

## How to fix it

Restore the signed file. If the parties amended it, add the amendment as a separate annex; if the digest
was wrong, correct `sha256` in a reviewed pull request.

## Configure

`[severity]` in `smartreg.toml`: `CON313 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON313] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""


def _read(record: Record) -> Iterator[str]:
    """Every file that the record's verdict depends on."""
    for document in documents(record):
        yield from candidates(record, document.path)


@rule(
    "CON313",
    "error",
    "registry",
    Words("annex missing or changed", "annexe absente ou modifiée"),
    kinds=("convention", "deliberation", "party"),
    touches=nothing,
    reads=_read,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        for document in documents(record):
            if document.on_the_web:
                continue
            digest = digest_of(registry, record, document.path)
            if digest is None:
                yield _missing_fault(record, document.place, document.path)
            elif document.expected is not None and document.expected != digest:
                yield _changed_fault(record, document.place, document.path)


def _missing_fault(record: Record, place: KeyPath, path: str) -> Fault:
    folder = record.file.rpartition("/")[0]
    return Fault(
        at(record, *place),
        Words(
            f"there is no file {literal(path)} in {folder}/ or {ROOT}/",
            f"il n'y a pas de fichier {literal(path)} dans {folder}/ ni dans {ROOT}/",
        ),
        Words(
            f"put it in {folder}/annexes/ and write the path from {folder}/",
            f"placez-le dans {folder}/annexes/ et écrivez le chemin depuis {folder}/",
        ),
    )


def _changed_fault(record: Record, place: KeyPath, path: str) -> Fault:
    return Fault(
        at(record, *place[:-1], DIGEST),
        Words(
            f"{literal(path)} changed since it was recorded",
            f"{literal(path)} a changé depuis son enregistrement",
        ),
        Words(
            "add an amendment, or update sha256 in a reviewed pull request",
            "ajoutez un avenant, ou mettez sha256 à jour dans une demande de fusion relue",
        ),
    )
