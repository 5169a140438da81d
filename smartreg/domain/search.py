"""Records by words that people type, of their ids, identifiers, labels, addresses and communes; case and accents do not
matter.

The index narrows down which records have all words; each is then judged by its text, as where all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.core.messages import LANGUAGES, SOURCE
from smartreg.core.secret import mask, may_hold_secret
from smartreg.core.spelling import bare, fold, names
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.codes import commune, commune_of
from smartreg.domain.labels import read_label
from smartreg.index import begin_texts, find_texts, has_trigrams, question, store_texts
from smartreg.registry import Locator, Registry, identifiers
from smartreg.schema import CODE_FIELDS, Kind
from smartreg.trees import IndexedFiles, WorkingTree

_FIELDS = 4  # parts of a text, the most telling first: id, identifiers, label, place
_EXACT = 2  # of them the first, in which a whole word may be what was meant
TextOf: TypeAlias = Callable[[RecordId, Record | None], str]
_UNREADABLE = "???"  # in no text that is folded; long enough for trigrams
_PLACE = ("address", *CODE_FIELDS)


class FoundRecord(NamedTuple):
    """A record that words find. `is_named`: they name it (see `names`), rather than stand in it here and there;
    `is_worded`: and each word is whole."""

    rid: RecordId
    is_named: bool
    is_worded: bool


def find_identified(registry: Registry, kinds: Collection[str], word: str) -> list[RecordId]:
    """The records of these kinds with this id, or with this text in a field by whose values the registry looks records
    up (DevEUI, serial number, SIREN, local reference …), in upper or lower case."""
    rids = {rid: None for rid in registry.with_id(word) if rid.kind in kinds}
    for kind in kinds:
        schema = registry.schemas.kinds.get(kind)
        for name in identifiers(schema, registry.frame.indexed) if schema is not None else ():
            value = str(registry.schemas.judges[kind].respell((name,), read_label(word).get(name, word)))
            for spelled in dict.fromkeys((value, value.upper(), value.lower())):
                rids |= {record.rid: None for record in registry.by_value(kind, name, spelled)}
    return [*rids]


def find_worded(registry: Registry, kinds: Collection[str], words: str) -> list[RecordId]:
    """The one record of these kinds with these whole words in its id, its label or its place; none where several have
    them."""
    found = [each.rid for each in search_records(registry, kinds, words) if each.is_worded]
    return found if len(found) == 1 else []


def find_records(registry: Registry, kinds: Collection[str], words: str, limit: int | None = None) -> list[RecordId]:
    """The records that `search_records` finds, at most `limit`."""
    return [found.rid for found in search_records(registry, kinds, words)[:limit]]


def search_records(registry: Registry, kinds: Collection[str], words: str) -> list[FoundRecord]:
    """The records of these kinds that have all of these words: those in which each word begins one; if
    there are none, those that contain them; then the same without what a commune is and its article ("Ville d'Istres"
    is Istres). First those with the whole phrase in the id, in an identifier, in the label; then by kind and id. None
    for punctuation alone. Of a record that cannot be read, only the id is known."""
    folded = fold(words)
    for phrase in dict.fromkeys((folded, bare(folded))):
        texts = _texts_with(registry, kinds, phrase.split("-")) if phrase else []
        for before in ("-", ""):
            parts = [f"{before}{word}" for word in phrase.split("-")]
            found = {rid: text for rid, text in texts if all(part in text for part in parts)}
            if found:
                order = {kind: at for at, kind in enumerate(registry.schemas.kinds)}
                ranks = {rid: _rank(text, phrase) for rid, text in found.items()}
                typed = words if phrase == folded else phrase
                return [
                    FoundRecord(rid, *_naming(typed, found[rid]))
                    for rid in sorted(ranks, key=lambda rid: (ranks[rid], order[rid.kind], rid.id))
                ]
    return []


def find_unreadable(registry: Registry, kinds: Collection[str]) -> list[str]:
    """The files of records of these kinds that cannot be read, and may have any words."""
    rids = {rid for rid, text in _texts_with(registry, kinds, [_UNREADABLE]) if _UNREADABLE in text}
    return sorted(file for rid in rids for file in registry.files_of(rid) if registry.at(file) is None)


def _naming(words: str, text: str) -> tuple[bool, bool]:
    """Whether words name the record with this text, and whether by whole words."""
    lines = [line[1:] for line in text.split("\n")]
    return any(names(words, line) for line in lines), any(names(words, line, whole=True) for line in lines)


def _rank(text: str, phrase: str) -> int:
    lines = text.split("\n")
    if any(f"-{phrase}-" in f"{line}-" for line in lines[:_EXACT]):
        return -1
    return next((at for at, part in enumerate(lines) if phrase in part), _FIELDS)


def _texts_with(registry: Registry, kinds: Collection[str], words: Sequence[str]) -> Iterable[tuple[RecordId, str]]:
    """The records of these kinds, with their texts; where the index has these, without many that lack a word."""
    text_of = _text_of(registry)
    stored = _look_up(registry, words, text_of)
    if stored is None:
        rids = [RecordId(kind, id) for kind in kinds for id in registry.ids(kind)]
        registry.load_records(rids)
        return [(rid, text_of(rid, registry.at(file))) for rid in rids for file in registry.files_of(rid)]
    rid_of = Locator(registry.schemas).rid_of
    return [(rid, text) for file, text in stored if (rid := rid_of(file)) is not None and rid.kind in kinds]


def _look_up(registry: Registry, words: Sequence[str], text_of: TextOf) -> list[tuple[str, str]] | None:
    """The files that have these words, with their texts, from the index, which is brought up to date; None without
    one."""
    files = registry.tree.files()
    if not (isinstance(registry.tree, WorkingTree) and isinstance(files, IndexedFiles) and files.compare_sizes()):
        return None
    state, note = files.state, question("words", registry.frame.digest)
    if not has_trigrams() or not begin_texts(state, note):
        return None
    stale, texts = [], {}
    for no, file, rid, record in registry.stale_records(state, "worded"):
        stale.append(file)
        if rid is not None:
            texts[no] = text_of(rid, record)
    if stale:
        store_texts(state, texts, [file for file in stale if not registry.is_as_listed(file)])
    rows = find_texts(state, note, words)
    if rows is None:
        return None
    differing = {file for file, _, _ in state.stale("worded")}  # those that changed meanwhile; all that are not written
    read = [(file, text_of(registry.by_file[file], registry.at(file))) for file in differing & registry.by_file.keys()]
    return [*(row for row in rows if row[0] not in differing), *read]


def _text_of(registry: Registry) -> TextOf:
    """The text by which a record is found: folded texts, each on a line behind a "-", by which a word begins."""
    kinds = registry.schemas.kinds.values()
    own = {kind.name: identifiers(kind, registry.frame.indexed) for kind in kinds}
    labels = {kind.name: list(_labels(kind)) for kind in kinds}
    fields = {kind.name: dict.fromkeys((*own[kind.name], *kind.label, *_PLACE)) for kind in kinds}
    places: dict[str, str] = {}

    def place_of(code: str) -> str:
        if code not in places:
            town = commune(commune_of(code))
            places[code] = f"{code} {town.name}" if town else code
        return places[code]

    def text_of(rid: RecordId, record: Record | None) -> str:
        if record is None:
            return f"-{fold(rid.id)}\n{_UNREADABLE}"
        kind, data = rid.kind, record.data
        values = {name: value for name in fields[kind] if isinstance(value := data.get(name), str)}
        if may_hold_secret(values, [*values.values()]):
            values = {name: mask(value, name) for name, value in values.items()}
        code = next((values[name] for name in CODE_FIELDS if name in values), "")
        lines = (
            rid.id,
            " ".join([values[name] for name in own[kind] if name in values]),
            " ".join([words.get(text := values[name], text) for name, words in labels[kind] if name in values]),
            f"{values.get('address', '')} {place_of(code)}",
        )
        return "\n".join([f"-{fold(line)}" for line in lines])

    return text_of


def _labels(kind: Kind) -> Iterator[tuple[str, Mapping[Json, str]]]:
    """The fields of a kind's label, with the words for their values: in each language, where there are any."""
    fields = [(name, field.labels if (field := kind.by_path.get((name,))) else {}) for name in kind.label]
    for lang in LANGUAGES if any(words for _, words in fields) else (SOURCE,):
        yield from ((name, {value: text.in_(lang) for value, text in words.items()}) for name, words in fields)
