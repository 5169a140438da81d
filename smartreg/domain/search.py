"""Records by words that people type, of their ids, identifiers, labels, addresses and communes; case and accents do not
matter.

The index narrows down which records have all words; each is then judged by its text, as where all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from smartreg.core.messages import LANGUAGES
from smartreg.core.secret import mask
from smartreg.core.spelling import bare, fold
from smartreg.core.values import Record, RecordId
from smartreg.domain.codes import commune, commune_of
from smartreg.index import find_texts, has_trigrams, question, store_texts
from smartreg.registry import Locator, Registry, identifiers
from smartreg.trees import IndexedFiles, WorkingTree

_FIELDS = 4  # parts of a text, the most telling first: id, identifiers, label, place


def find_records(registry: Registry, kinds: Collection[str], words: str, limit: int | None = None) -> list[RecordId]:
    """The readable records of these kinds that have all of these words, at most `limit`: those in which each word
    begins one; if there are none, those that contain them; then the same without what a commune is and its article
    ("Ville d'Istres" is Istres). First those with the whole phrase in the id, in an identifier, in the label; then by
    kind and id. None for punctuation alone."""
    folded = fold(words)
    for phrase in dict.fromkeys((folded, bare(folded))):
        texts = _texts_with(registry, kinds, phrase.split("-")) if phrase else []
        for before in ("-", ""):
            parts = [f"{before}{word}" for word in phrase.split("-")]
            found = {rid: _rank(text, phrase) for rid, text in texts if all(part in text for part in parts)}
            if found:
                order = {kind: at for at, kind in enumerate(registry.schemas.kinds)}
                return sorted(found, key=lambda rid: (found[rid], order[rid.kind], rid.id))[:limit]
    return []


def _rank(text: str, phrase: str) -> int:
    return next((at for at, part in enumerate(text.split("\n")) if phrase in part), _FIELDS)


def _texts_with(registry: Registry, kinds: Collection[str], words: Sequence[str]) -> Iterable[tuple[RecordId, str]]:
    """The records of these kinds, with their texts; where the index has these, without many that lack a word."""
    text_of = _text_of(registry)
    stored = _look_up(registry, words, text_of)
    if stored is None:
        return [(record.rid, text_of(record)) for kind in kinds for record in registry.of_kind(kind)]
    rid_of = Locator(registry.schemas).rid_of
    return [(rid, text) for file, text in stored if (rid := rid_of(file)) is not None and rid.kind in kinds]


def _look_up(
    registry: Registry, words: Sequence[str], text_of: Callable[[Record], str]
) -> list[tuple[str, str]] | None:
    """The files that have these words, with their texts, from the index, which is brought up to date; None without
    one."""
    files = registry.tree.files()
    if not (isinstance(registry.tree, WorkingTree) and isinstance(files, IndexedFiles) and files.compare_sizes()):
        return None
    if not has_trigrams():
        return None
    state, note = files.state, question("words", registry.frame.digest)

    def text(file: str) -> str | None:
        record = registry.at(file) if file in registry.by_file else None
        return None if record is None else text_of(record)

    stale = state.stale("worded") if state.about("worded") == note else state.all_stale()
    if stale:
        rid_of = Locator(registry.schemas).rid_of
        registry.load(file for file, now, _ in stale if now is not None and rid_of(file) is not None)
        unsettled = [file for file, _, _ in stale if not registry.is_as_listed(file)]
        store_texts(state, note, {file: now for file, now, _ in stale}, unsettled, text)
    found = find_texts(state, note, words)
    if found is None:
        return None
    differing = {file for file, _, _ in state.stale("worded")} if stale else set()
    read = [(file, now) for file in differing if (now := text(file)) is not None]
    return [*(row for row in found if row[0] not in differing), *read]


def _text_of(registry: Registry) -> Callable[[Record], str]:
    """The text by which a record is found: folded texts, each on a line behind a "-", by which a word begins."""
    names = {kind.name: identifiers(kind, registry.frame.indexed) for kind in registry.schemas.kinds.values()}
    places: dict[str, str] = {}

    def place_of(code: str) -> str:
        if code not in places:
            town = commune(commune_of(code))
            places[code] = f"{code} {town.name}" if town else code
        return places[code]

    def text_of(record: Record) -> str:
        kind, data = registry.schemas.kinds[record.rid.kind], record.data
        own = (mask(value, name) for name in names[kind.name] if isinstance(value := data.get(name), str))
        labels = dict.fromkeys(kind.label_of(data, lang) for lang in LANGUAGES)
        address, code = data.get("address"), data.get("insee_code")
        where = (address if isinstance(address, str) else "", place_of(code) if isinstance(code, str) else "")
        parts = (record.rid.id, " ".join(own), " ".join(labels), " ".join(where))
        return "\n".join(f"-{fold(part.replace('·', '-'))}" for part in parts)  # what is ASCII is folded much faster

    return text_of
