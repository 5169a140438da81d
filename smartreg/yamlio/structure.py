"""Check the events of a text: anchors, tags, repeated keys, numbers, depth, tabs, and the first syntax error."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from smartreg.core.escape import FORBIDDEN
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Mark
from smartreg.yamlio import sentences
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.scalars import MAX_DEPTH, MAX_NODES, SEPARATORS, Lines, NumberRefused, differs, parse_scalar
from smartreg.yamlio.sentences import YamlFault
from smartreg.yamlio.syntax import syntax_fault

_INDENTED_BY_TAB = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)


def structure_faults(text: str) -> list[YamlFault]:
    """The faults of a text without suspect characters, in order. Only the first syntax error is known."""
    reading = _Reading(text)
    faults: list[YamlFault] = []
    try:
        for event in iter(libyaml().parser(text).get_event, None):
            faults.extend(reading.check(event))
            if reading.is_over:
                break
        else:
            faults.extend(reading.tabs())
    except libyaml().error as error:
        faults.append(_syntax_fault(text, error))
    faults.extend(reading.separators())
    if not faults and not reading.documents:
        faults.append(sentences.not_a_record(Mark(1, 1), "nothing"))
    return sorted(faults, key=lambda fault: fault.mark)


@dataclass(slots=True)
class _Nesting:
    """An open mapping or list: its keys so far, also with composed accents, the key waiting for its value, the next
    index."""

    is_mapping: bool
    keys: dict[str, Mark] = field(default_factory=dict)
    composed: dict[str, Mark] = field(default_factory=dict)
    key: str | None = None
    index: int = 0

    @property
    def step(self) -> str | int:
        return (self.key or "") if self.is_mapping else self.index

    @property
    def wants_key(self) -> bool:
        return self.is_mapping and self.key is None


class _Reading:
    """The pass through the events of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.levels: list[_Nesting] = []
        self.documents = 0
        self.nodes = 0
        self.is_over = False
        self.texts: list[tuple[int, int, str]] = []
        """Start, end and style of quoted and block texts, whose insides are the author's."""

    def check(self, event: Any) -> Iterator[YamlFault]:
        lib = libyaml()
        kind = event.__class__
        if kind is lib.document_start:
            self.documents += 1
            if self.documents > 1:
                self.is_over = True
                yield sentences.second_document(self._at(event))
        elif kind is lib.alias:
            yield sentences.sign(self._at(event), "*", f"*{event.anchor}", self._path())
            yield from self._count(event)
            self._complete()
        elif kind is lib.scalar:
            yield from self._scalar(event)
        elif kind is lib.mapping_start or kind is lib.sequence_start:
            yield from self._collection(event, kind is lib.mapping_start)
        elif (kind is lib.mapping_end or kind is lib.sequence_end) and self.levels:
            self.levels.pop()
            self._complete()

    def tabs(self) -> Iterator[YamlFault]:
        """Lines indented with tabs that libyaml treats as white space, and other readers do not."""
        for match in _INDENTED_BY_TAB.finditer(self.text):
            if not self._style_around(match.start()):
                yield sentences.tab(self.lines.mark(self.text.index("\t", match.start())))

    def separators(self) -> Iterator[YamlFault]:
        """Line and paragraph separators that end a line for libyaml, but not for other readers."""
        for match in SEPARATORS.finditer(self.text):
            here = match.start()
            around = self.text[here - 1 : here] + self.text[here + 1 : here + 2]
            if self._style_around(here) not in ("'", '"') or len(around.strip()) < 2:
                yield sentences.raw(self.lines.mark(here), match[0])

    def _style_around(self, offset: int) -> str:
        """The style of the quoted or block text that an offset is in; empty outside."""
        index = bisect_left(self.texts, offset, key=lambda text: text[0]) - 1
        return self.texts[index][2] if index >= 0 and offset < self.texts[index][1] else ""

    def _scalar(self, event: Any) -> Iterator[YamlFault]:
        yield from self._count(event)
        if event.style:
            self.texts.append((event.start_mark.index, event.end_mark.index, event.style))
        if not self.levels:
            yield sentences.not_a_record(self._at(event), "text")
        elif self.levels[-1].wants_key:
            yield from self._key(event)
        else:
            yield from self._value(event)
            self._complete()

    def _collection(self, event: Any, is_mapping: bool) -> Iterator[YamlFault]:
        yield from self._count(event)
        if not self.levels and not is_mapping:
            yield sentences.not_a_record(self._at(event), "list")
        if self.levels and self.levels[-1].wants_key:
            self.is_over = True
            yield sentences.key_not_text(self._at(event), None, self._path())
        self.levels.append(_Nesting(is_mapping))
        if len(self.levels) > MAX_DEPTH:
            self.is_over = True
            yield sentences.too_deep(self._at(event))

    def _count(self, event: Any) -> Iterator[YamlFault]:
        """One more node, with its anchor and tag."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.is_over = True
            yield sentences.too_many(self._at(event))
        if event.__class__ is libyaml().alias:
            return
        if event.anchor is not None:
            yield sentences.sign(self._at(event), "&", f"&{event.anchor}", self._path())
        if event.tag is not None:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            yield sentences.sign(self._at(event), "!", shown, self._path())

    def _key(self, event: Any) -> Iterator[YamlFault]:
        level = self.levels[-1]
        key: str = event.value
        mark = self._at(event)
        path = (*self._path()[:-1], key)
        if not event.style and key == "<<":
            yield sentences.sign(mark, "<<", "<<", path)
        elif not event.style and _is_typed(key):
            yield sentences.key_not_text(mark, key, path)
        elif not event.style and differs(key, key):
            yield sentences.read_elsewhere(mark, key, key, path, on_key=True)
        yield from self._check_escapes(event, path)
        composed = normalize("NFC", key)
        if key in level.keys:
            yield sentences.repeated_key(mark, level.keys[key], path)
        elif composed in level.composed:
            yield sentences.twin_key(mark, level.composed[composed], path)
        level.keys.setdefault(key, mark)
        level.composed.setdefault(composed, mark)
        level.key = key

    def _value(self, event: Any) -> Iterator[YamlFault]:
        path = self._path()
        yield from self._check_escapes(event, path)
        if not event.style:
            try:
                value = parse_scalar(event.value)
            except NumberRefused as refused:
                yield sentences.number(self._at(event), refused, path)
                return
            if differs(event.value, value):
                yield sentences.read_elsewhere(self._at(event), event.value, value, path)

    def _check_escapes(self, event: Any, path: KeyPath) -> Iterator[YamlFault]:
        match = FORBIDDEN.search(event.value) if event.style == '"' else None
        if match is not None:
            yield sentences.escaped_character(self._at(event), match[0], path)

    def _complete(self) -> None:
        """A value has been read: the level above waits for its next key or item."""
        if self.levels:
            self.levels[-1].key = None
            self.levels[-1].index += 1

    def _path(self) -> KeyPath:
        return tuple(level.step for level in self.levels)

    def _at(self, event: Any) -> Mark:
        return self.lines.mark(event.start_mark.index)


def _syntax_fault(text: str, error: Any) -> YamlFault:
    problem = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if problem is None:
        message = Message("this text cannot be read as YAML")
        return YamlFault("YML001", Mark(1, 1), message)
    lines = Lines(text)
    began = lines.mark(context.index) if context is not None else None
    return syntax_fault(
        f"{error.context or ''}: {error.problem or ''}", lines.mark(problem.index), began, text.split("\n")
    )


def _is_typed(source: str) -> bool:
    try:
        return not isinstance(parse_scalar(source), str)
    except NumberRefused:
        return True
