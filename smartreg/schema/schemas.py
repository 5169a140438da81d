"""All schemas of one tree, read, linted and bundled."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Localized, Message, Text, joined, verbatim
from smartreg.core.spelling import did_you_mean, fold
from smartreg.core.values import Json
from smartreg.schema.bundle import Schema, Shared, bundle, modernise, original
from smartreg.schema.countries import country_named, schemas_for
from smartreg.schema.judge import Judge
from smartreg.schema.keywords import kind_of
from smartreg.schema.kinds import ITEM, Field, Kind
from smartreg.schema.lint import lint, lint_bundle, lint_references, lint_words
from smartreg.schema.source import MEND, SUFFIX, SchemaRefused, escape, fault, missing_file, parse
from smartreg.schema.wording import literal

NOT_KINDS = frozenset({"common", "meta"})
_NAME = r"[a-z0-9][a-z0-9_-]*"
_TEMPLATE = r"(?:(?:[a-z0-9_-]+|\{[a-z0-9_]+\})/)*\{id\}\.yaml"
VOCABULARY, META, FRENCH = "observed-properties.json", f"meta{SUFFIX}", ".fr.json"


EMPTY = verbatim("")
PROPERTY = ("measures", ITEM, "property")
"""The field whose values are keys of the observed properties."""


class UnknownKind(UsageFault):
    """No kind or preset has this name."""


class ObservedProperty(NamedTuple):
    """An entry of the vocabulary of observed properties: key, UCUM units (the usual one first), definition URI."""

    key: str
    ucum: tuple[str, ...]
    label: Text
    definition: str = ""
    sdm: str = ""


@dataclass(frozen=True)
class Schemas:
    """Kinds by name, in their order, with the `Judge` of each; `digest` changes with any byte of any schema file.
    `sources`: the registries to which references may lead, by alias, with their UUID."""

    kinds: Mapping[str, Kind]
    properties: Mapping[str, ObservedProperty]
    digest: str
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def judges(self) -> Mapping[str, Judge]:
        return {name: Judge(kind) for name, kind in self.kinds.items()}

    @cached_property
    def text(self) -> str:
        """What the schemas of all kinds say, as JSON: the same for files with other line ends."""
        return json.dumps({kind.name: kind.schema for kind in self.kinds.values()}, sort_keys=True)

    @cached_property
    def by_place(self) -> Mapping[str, Kind]:
        return {kind.place: kind for kind in self.kinds.values()}

    @cached_property
    def foreign(self) -> Mapping[str, Kind]:
        """The kinds with records outside `registry/`, by their folder."""
        return {kind.place: kind for kind in self.kinds.values() if kind.is_foreign}

    def with_folders(self, folders: Mapping[str, str]) -> Schemas:
        """The same kinds, with the records of some in these folders (by name of the kind). Raises UsageFault for a name
        that no kind has."""
        if not folders:
            return self
        for name in folders:
            if name not in self.kinds:
                raise UsageFault(
                    Message('smartreg.toml: folders: no kind "{name}"', name=name),
                    did_you_mean(name, self.kinds, missing_file(f"{name}{SUFFIX}")),
                )
        kinds = {
            name: replace(kind, place=folders[name]) if name in folders else kind for name, kind in self.kinds.items()
        }
        digest = hashlib.sha256(json.dumps([self.digest, sorted(folders.items())]).encode()).hexdigest()
        return replace(self, kinds=kinds, digest=digest)

    def with_sources(self, sources: Mapping[str, str]) -> Schemas:
        """The same kinds, in a registry with these sources (the UUID of each, by alias)."""
        if not sources:
            return self
        digest = hashlib.sha256(json.dumps([self.digest, sorted(sources.items())]).encode()).hexdigest()
        return replace(self, digest=digest, sources=sources)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every name of a kind for people (name, noun, folder, dashes for underscores) → its name."""
        names: dict[str, str] = {}
        for kind in self.kinds.values():
            for word in (kind.folder, kind.noun, kind.name):
                names[word] = names[word.replace("_", "-")] = kind.name
        return names

    def kind(self, word: str) -> Kind:
        """The kind that people call `word`. Raises UsageFault, with a suggestion, if there is none."""
        if word in self.names:
            return self.kinds[self.names[word]]
        for kind, values in self._find_titled(word):
            if not values:
                return kind
        raise self._no_kind(word, self.names)

    def kind_or_preset(self, word: str) -> tuple[Kind, Mapping[str, Json]]:
        """Like `kind`; or by one of a kind's presets (`sensor`, also in the plural), which sets values."""
        if word in self.names:
            return self.kinds[self.names[word]], {}
        presets = {name: (kind, values) for kind in self.kinds.values() for name, values in kind.presets.items()}
        for name in (word, word.removesuffix("s")):
            if name in presets:
                return presets[name]
        for titled in self._find_titled(word):
            return titled
        raise self._no_kind(word, (*self.names, *presets))

    def _find_titled(self, word: str) -> Iterator[tuple[Kind, Mapping[str, Json]]]:
        """The kinds with this title or French noun, one or several, then the presets whose value has this label."""
        name = fold(word)
        for kind in self.kinds.values():
            noun = fold(kind.french_noun)
            titles = [fold(text) for words in (kind.title, kind.plural) for text in (words.in_("en"), words.in_("fr"))]
            if name in (noun, f"{noun}s", *titles):
                yield kind, {}
        for kind in self.kinds.values():
            for values in kind.presets.values():
                labels = [
                    fold(kind.by_path[(key,)].labels.get(value, EMPTY).in_("fr")) for key, value in values.items()
                ]
                if any(label and name in (label, f"{label}s") for label in labels):
                    yield kind, values

    def property_called(self, text: str) -> str:
        """The key of the observed property with this label in either language, or this key in another case; any other
        text unchanged."""
        word = fold(text)
        keys = [
            each.key
            for each in self.properties.values()
            if word in map(fold, (each.key, each.label.in_("en"), each.label.in_("fr")))
        ]
        return keys[0] if text not in self.properties and len(keys) == 1 else text

    def usual_unit(self, key: str) -> str | None:
        """The first UCUM unit of an observed property in the vocabulary."""
        measured = self.properties.get(key)
        return measured.ucum[0] if measured is not None and measured.ucum else None

    def without_kind(self, text: str, kinds: Collection[str]) -> str:
        """The id in `equipment/noise-001`, as messages write it, if its kind is one of these; any other text as it
        is."""
        kind, slash, id = text.partition("/")
        return id if slash and self.names.get(kind) in kinds else text

    def _no_kind(self, word: str, known: Iterable[str]) -> UnknownKind:
        listed = joined(
            Localized.of(en=kind.name, fr=f"{kind.name} ({kind.title.in_('fr').lower()})")
            for kind in self.kinds.values()
        )
        what = Message('no kind "{word}"; there are {listed}', word=word, listed=listed)
        return UnknownKind(what, did_you_mean(word, known))


def read_schemas(files: Mapping[str, bytes]) -> Schemas:
    """Read the files of `schemas/` (name → text). Raises SchemaRefused for a schema that must not be used."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return _read(tuple(sorted(files.items())), digest.hexdigest())


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[str, bytes], ...], digest: str) -> Schemas:
    texts = dict(files)
    try:
        return _sound(texts, digest)
    except SchemaRefused as refused:
        raise _as_written(refused, texts).with_mark(texts) from None


def _as_written(refused: SchemaRefused, texts: Mapping[str, bytes]) -> SchemaRefused:
    """The same, in terms of the draft in which the schema is written."""
    if refused.mark is not None or not refused.pointer or refused.file not in texts:
        return refused
    pointer = original(json.loads(texts[refused.file]), refused.pointer)
    return SchemaRefused(refused.file, pointer, refused.what, refused.hint or MEND)


def _sound(texts: Mapping[str, bytes], digest: str) -> Schemas:
    shipped = bundled_files()
    ours = texts == shipped  # checked by our tests
    parsed = {
        name: parse(name, text, known=shipped.get(name) == text)
        for name, text in texts.items()
        if name.endswith(".json")
    }
    documents: dict[str, Schema] = {name: value for name, value in parsed.items() if name.endswith(SUFFIX)}
    if not ours:
        documents = modernise(documents)
        _lint(parsed | documents, shipped[META])
    shared: Shared = {}
    kinds: dict[str, Kind] = {}  # by the file of the schema
    for name in documents:
        stem = name.removesuffix(SUFFIX)
        if stem not in NOT_KINDS:
            root = bundle(name, documents, shared)
            if not ours:
                lint_bundle(name, root)
            kinds[name] = kind_of(stem, root, parsed.get(f"{stem}{FRENCH}", {}))
    names = {kind.name for kind in kinds.values()}
    for name, kind in () if ours else kinds.items():
        _refuse_names(name, kind)
        _refuse_lost_names(name, kind, names)
        _refuse_free_records(name, kind)
    _refuse_shared_names(kinds)
    ordered = sorted(kinds.values(), key=lambda kind: (kind.order, kind.name))
    return Schemas({kind.name: kind for kind in ordered}, _properties(parsed.get(VOCABULARY, ())), digest)


def _lint(parsed: Mapping[str, Any], meta: bytes) -> None:
    schemas = {name: lint(name, content, meta) for name, content in parsed.items() if name.endswith(SUFFIX)}
    for name, content in parsed.items():
        if name in schemas:
            lint_references(name, content, schemas)
        elif name.endswith(FRENCH) or name == VOCABULARY:
            lint_words(name, content, meta, vocabulary=name == VOCABULARY)


def _refuse_names(file: str, kind: Kind) -> None:
    """Names become folders, file names and commands."""
    for what, word in (("name", kind.name), ("noun", kind.noun), ("folder", kind.folder)):
        if not re.fullmatch(_NAME, word):
            raise fault(
                file,
                f"/x-kind/{what}",
                Message(
                    '{word} cannot be a {what}: use small letters, digits, "-" and "_"', word=literal(word), what=what
                ),
            )
    if not re.fullmatch(_TEMPLATE, kind.template):
        raise fault(
            file,
            "/x-kind/path",
            Message('the path must look like "{id}.yaml" or "{insee_code}/{id}.yaml"'),
        )


def _refuse_free_records(file: str, kind: Kind) -> None:
    """Refuse a schema that accepts anything as a record, or any value as an id: it would check nothing."""
    if kind.schema.get("type") != "object":
        raise fault(
            file,
            "/type",
            Message("the schema must declare a record as a group of fields"),
            Message('write at its top: "type": "object"'),
        )
    id = kind.by_path.get(("id",))
    if id is None or not id.required or id.schema.get("type") != "string":
        raise fault(
            file,
            "/properties/id",
            Message("the schema must require the id of a record, a text"),
            Message('write at its top: "required": ["id"], and in "properties": "id": {"type": "string"}'),
        )


def _refuse_lost_names(file: str, kind: Kind, kinds: Collection[str]) -> None:
    """References and life cycles must refer to what exists."""
    for field in kind.references:
        pointer = _pointer(field)
        for ref in field.refs:
            if ref not in kinds:
                raise fault(
                    file,
                    f"{pointer}/x-ref",
                    Message("there is no kind {ref}", ref=literal(ref)),
                    missing_file(f"{ref}{SUFFIX}"),
                )
        if field.schema.get("type") != "string":
            raise fault(
                file,
                f"{pointer}/x-ref",
                Message("the schema must declare this reference as text"),
                Message('add "type": "string" next to x-ref'),
            )
    life = kind.lifecycle
    if life and not life.transitions:
        raise fault(file, "/x-lifecycle/transitions", Message("there is no state"))
    for name in (life.field, *life.dates.values()) if life else ():
        if (name,) not in kind.by_path:
            raise fault(
                file,
                "/x-lifecycle",
                Message("there is no field {name}", name=literal(name)),
            )


def _pointer(field: Field) -> str:
    """The pointer of a field in its schema, unless a `$ref` points elsewhere."""
    return "".join("/items" if step == ITEM else f"/properties/{escape(step)}" for step in field.path)


def _refuse_shared_names(kinds: Mapping[str, Kind]) -> None:
    for what in ("name", "folder", "noun"):
        seen: dict[str, str] = {}
        for file, kind in kinds.items():
            word = getattr(kind, what)
            if word in seen:
                raise fault(
                    file,
                    "/x-kind",
                    Message('the {what} "{word}" is taken by {word2}', what=what, word=word, word2=seen[word]),
                )
            seen[word] = kind.name


def _properties(entries: Any) -> Mapping[str, ObservedProperty]:
    properties = {}
    for entry in entries:
        label = entry.get("label", {})
        properties[entry["key"]] = ObservedProperty(
            entry["key"],
            tuple(entry.get("ucum", ())),
            Localized.of(en=label.get("en", entry["key"]), fr=label.get("fr", entry["key"])),
            entry.get("definition", ""),
            entry.get("sdm", ""),
        )
    return properties


def schemas_in(country: str) -> dict[str, bytes]:
    """The schema files of this release for the registries of a country (ISO 3166-1)."""
    return schemas_for(country_named(country), bundled_files())


@cache
def bundled_files() -> Mapping[str, bytes]:
    """The schema files that come with smartreg (name → text): inside the wheel, or next to the package in a
    checkout."""
    package = Path(__file__).parent.parent
    folder = package / "_schemas"
    if not folder.is_dir():
        folder = package.parent / "schemas"
    return MappingProxyType({path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))})
