"""Annex that is missing, or has changed since it was recorded.

## What it checks

Files that records name by their path: `annexes[].path` and `third_parties[].document` of a convention, `document.path`
of a deliberation, `data_charter.document` of a party. There is such a file; where `sha256` stands beside the path, it
is the digest of the file.

Smartreg reads below `registry/` only. A path is looked up from the root of the repository
(`registry/annexes/charte.pdf`), else from the folder of the record, else from `registry/`: `annexes/charte.pdf` in a
convention is `registry/conventions/annexes/charte.pdf`, or else `registry/annexes/charte.pdf`. Web addresses are not
looked at. A file of more than 256 MiB counts as missing.

## Why

An annex is part of what was signed: who changes it changes the contract, and that takes an amendment (avenant). Git
shows that a file changed; the digest shows that it is not the one that was signed.

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

## How to mend

Put back the file that was signed. If the parties amended it, add the amendment as an annex of its own; if the digest
was wrong, correct `sha256` in a reviewed pull request.

## Configure

`[severity]` in smartreg.toml: `CON313 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON313] reason` on the line, or a `[[waiver]]` in smartreg.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.rules.rule import Context, Fault, Snapshot, at, nothing, rule
from smartreg.schema import shown
from smartreg.values import Json, KeyPath, Record, Words

ROOT = "registry"
WEB = ("http://", "https://")
DIGEST = "sha256"
PLACES = {
    "convention": (("annexes", "path"), ("third_parties", "document")),
    "deliberation": (("document", "path"),),
    "party": (("data_charter", "document"),),
}
"""Kind → the objects, single or in a list, and their field that names a file; the digest stands beside it."""


@rule(
    "CON313",
    "error",
    "registry",
    Words("annex missing or changed", "annexe absente ou modifiée"),
    kinds=("convention", "deliberation", "party"),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        for path, name, expected in _documents(record):
            if name.startswith(WEB):
                continue
            digest = _digest(registry, record, name)
            if digest is None:
                yield _missing(record, path, name)
            elif expected is not None and expected != digest:
                yield _changed(record, path, name)


def _documents(record: Record) -> Iterator[tuple[KeyPath, str, str | None]]:
    """Where a record names a file, the path that it gives, and the digest that it expects."""
    for name, field in PLACES[record.rid.kind]:
        value = record.data.get(name)
        items = tuple(enumerate(value)) if isinstance(value, list) else ()
        places: list[tuple[KeyPath, Json]] = [((name, index), item) for index, item in items] or [((name,), value)]
        for place, item in places:
            path = item.get(field) if isinstance(item, Mapping) else None
            if isinstance(path, str) and path:
                expected = item.get(DIGEST)
                yield (*place, field), path, expected if isinstance(expected, str) else None


def _digest(registry: Snapshot, record: Record, path: str) -> str | None:
    """The digest of the first file that the path can mean."""
    folder = record.file.rpartition("/")[0]
    for candidate in (path, f"{folder}/{path}", f"{ROOT}/{path}"):
        digest = registry.digest_of(candidate) if candidate.startswith(f"{ROOT}/") else None
        if digest is not None:
            return digest
    return None


def _missing(record: Record, place: KeyPath, path: str) -> Fault:
    folder = record.file.rpartition("/")[0]
    return Fault(
        at(record, *place),
        Words(
            f"there is no file {shown(path)} in {folder}/ or {ROOT}/",
            f"il n'y a pas de fichier {shown(path)} dans {folder}/ ni dans {ROOT}/",
        ),
        Words(
            f"put it in {folder}/annexes/ and write the path from {folder}/",
            f"placez-le dans {folder}/annexes/ et écrivez le chemin depuis {folder}/",
        ),
    )


def _changed(record: Record, place: KeyPath, path: str) -> Fault:
    return Fault(
        at(record, *place[:-1], DIGEST),
        Words(f"{shown(path)} changed since it was recorded", f"{shown(path)} a changé depuis son enregistrement"),
        Words(
            "add an amendment, or update sha256 in a reviewed pull request",
            "ajoutez un avenant, ou mettez sha256 à jour dans une demande de fusion relue",
        ),
    )
