"""All schemas of one tree, read, linted and bundled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from smartreg.errors import UsageFault
from smartreg.frozen import dataclass
from smartreg.schema.bundle import SUFFIX, Schema, Shared, bundle, fault, missing, parse
from smartreg.schema.judge import Judge
from smartreg.schema.kinds import Kind, kind_of
from smartreg.schema.lint import lint, lint_bundle
from smartreg.schema.wording import shown
from smartreg.suggest import did_you_mean
from smartreg.values import Json, Words

NOT_KINDS = frozenset({"common", "meta"})
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TEMPLATE = re.compile(r"(?:(?:[a-z0-9_-]+|\{[a-z0-9_]+\})/)*\{id\}\.yaml")
VOCABULARY = "observed-properties.json"


@dataclass(frozen=True)
class ObservedProperty:
    """An entry of the vocabulary of observed properties: key, UCUM units (the usual one first), definition URI."""

    key: str
    ucum: tuple[str, ...]
    label: Words
    definition: str = ""
    sdm: str = ""


@dataclass(frozen=True)
class Schemas:
    """Kinds by name, in their order, with the judge of each; `digest` changes with any byte of any schema file."""

    kinds: Mapping[str, Kind]
    properties: Mapping[str, ObservedProperty]
    digest: str

    @cached_property
    def judges(self) -> Mapping[str, Judge]:
        return {name: Judge(kind) for name, kind in self.kinds.items()}

    @cached_property
    def by_folder(self) -> Mapping[str, Kind]:
        return {kind.folder: kind for kind in self.kinds.values()}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Everything that people may call a kind (name, noun, folder, dashes for underscores) → its name."""
        names: dict[str, str] = {}
        for kind in self.kinds.values():
            for word in (kind.folder, kind.noun, kind.name):
                names[word] = names[word.replace("_", "-")] = kind.name
        return names

    def kind(self, word: str) -> Kind:
        """The kind that people call `word`; UsageFault with a suggestion when there is none."""
        if word in self.names:
            return self.kinds[self.names[word]]
        raise self._no_kind(word, self.names)

    def kind_or_preset(self, word: str) -> tuple[Kind, Mapping[str, Json]]:
        """As `kind`; or by one of the presets of a kind (`sensor`, also in the plural), which brings values along."""
        if word in self.names:
            return self.kinds[self.names[word]], {}
        presets = {name: (kind, values) for kind in self.kinds.values() for name, values in kind.presets.items()}
        for name in (word, word.removesuffix("s")):
            if name in presets:
                return presets[name]
        raise self._no_kind(word, (*self.names, *presets))

    def _no_kind(self, word: str, known: Iterable[str]) -> UsageFault:
        listed = ", ".join(self.kinds)
        what = Words(f'no kind "{word}"; there are {listed}', f"il n'y a pas de type « {word} » ; il y a {listed}")
        return UsageFault(what, did_you_mean(word, known))


def read_schemas(files: Mapping[str, bytes]) -> Schemas:
    """Read the files of `schemas/` (name → text). UsageFault for a schema that cannot be trusted to judge."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return _read(tuple(sorted(files.items())), digest.hexdigest())


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[str, bytes], ...], digest: str) -> Schemas:
    parsed = {name: parse(name, text) for name, text in files if name.endswith(".json")}
    documents: dict[str, Schema] = {name: value for name, value in parsed.items() if name.endswith(SUFFIX)}
    ours = dict(files) == bundled_files()  # judged by our tests
    for name, document in documents.items():
        if name != f"meta{SUFFIX}" and not ours:
            lint(name, document)
    names = [name for name in documents if name.removesuffix(SUFFIX) not in NOT_KINDS]
    shared: Shared = {}
    kinds = [_kind(name, documents, parsed, ours, shared) for name in names]
    for kind in kinds:
        _well_named(kind)
    kinds.sort(key=lambda kind: (kind.order, kind.name))
    _distinct(kinds)
    for kind in kinds:
        try:
            _sound(kind, {item.name for item in kinds})
        except TypeError:  # a list or an object where a name should stand
            raise _shapeless(f"{kind.name}{SUFFIX}") from None
    return Schemas({kind.name: kind for kind in kinds}, _properties(parsed.get(VOCABULARY, ())), digest)


def _kind(name: str, documents: Mapping[str, Schema], parsed: Mapping[str, Any], trusted: bool, shared: Shared) -> Kind:
    stem = name.removesuffix(SUFFIX)
    root = bundle(name, documents, shared)
    if not trusted:
        lint_bundle(name, root)
    overlay = parsed.get(f"{stem}.fr.json", {})
    try:
        return kind_of(stem, root, overlay if isinstance(overlay, dict) else {})
    except (LookupError, TypeError, ValueError, AttributeError):
        raise _shapeless(name) from None


def _shapeless(file: str) -> UsageFault:
    return fault(
        file,
        "",
        "an x- keyword does not have the shape that schemas/meta.schema.json describes",
        "un mot-clé x- n'a pas la forme que décrit schemas/meta.schema.json",
    )


def _well_named(kind: Kind) -> None:
    """Names become folders, file names and commands."""
    file = f"{kind.name}{SUFFIX}"
    for what, word in (("name", kind.name), ("noun", kind.noun), ("folder", kind.folder)):
        if not (isinstance(word, str) and _NAME.fullmatch(word)):
            raise fault(
                file,
                f"/x-kind/{what}",
                f'{shown(word)} cannot be a {what}: use small letters, digits, "-" and "_"',
                f"{shown(word)} ne convient pas : utilisez minuscules, chiffres, « - » et « _ »",
            )
    if not (isinstance(kind.template, str) and _TEMPLATE.fullmatch(kind.template)):
        raise fault(
            file,
            "/x-kind/path",
            'the path must look like "{id}.yaml" or "{insee_code}/{id}.yaml"',
            "le chemin doit ressembler à « {id}.yaml » ou « {insee_code}/{id}.yaml »",
        )
    if not (isinstance(kind.order, int | float) and kind.order == kind.order):
        raise _shapeless(file)


def _sound(kind: Kind, kinds: Collection[str]) -> None:
    """References and life cycles must speak of what is there."""
    file = f"{kind.name}{SUFFIX}"
    for field in kind.references:
        for ref in field.refs:
            if ref not in kinds:
                raise fault(
                    file,
                    f"/{field.name}/x-ref",
                    f"there is no kind {shown(ref)}",
                    f"il n'y a pas de type {shown(ref)}",
                    missing(f"{ref}{SUFFIX}"),
                )
    life = kind.lifecycle
    for name in (life.field, *life.dates.values()) if life else ():
        if (name,) not in kind.by_path:
            raise fault(
                file, "/x-lifecycle", f"there is no field {shown(name)}", f"il n'y a pas de champ {shown(name)}"
            )


def _distinct(kinds: list[Kind]) -> None:
    for what in ("name", "folder", "noun"):
        seen: dict[str, str] = {}
        for kind in kinds:
            word = getattr(kind, what)
            if word in seen:
                raise fault(
                    f"{kind.name}{SUFFIX}",
                    "/x-kind",
                    f'the {what} "{word}" is taken by {seen[word]}',
                    f"« {word} » est déjà pris par {seen[word]}",
                )
            seen[word] = kind.name


def _properties(entries: Any) -> Mapping[str, ObservedProperty]:
    found = {}
    for entry in entries:
        label = entry.get("label", {})
        found[entry["key"]] = ObservedProperty(
            entry["key"],
            tuple(entry.get("ucum", ())),
            Words(label.get("en", entry["key"]), label.get("fr", entry["key"])),
            entry.get("definition", ""),
            entry.get("sdm", ""),
        )
    return found


def bundled_files() -> dict[str, bytes]:
    """The schema files that come with smartreg (name → text): inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).parent.parent
    folder = package / "_schemas"
    if not folder.is_dir():
        folder = package.parent / "schemas"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}
