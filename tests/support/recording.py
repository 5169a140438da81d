"""Record what rules read while they run: a registry, a context and settings that log each access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from smartreg.core.values import Link, Record, RecordId
from smartreg.domain.successions import Successions, successions
from smartreg.registry import open_registry
from smartreg.rules import Context, Rule, forget, indexed_fields, linked
from smartreg.trees import Tree
from smartreg.validation.affected import find_affected


@dataclass
class Reads:
    """What a check read: top-level fields by record, records whose existence it saw, settings, attributes of the
    context, records whose day in the history it asked for, files."""

    fields: dict[RecordId, set[str]] = field(default_factory=lambda: defaultdict(set))
    records: set[RecordId] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    context: set[str] = field(default_factory=set)
    history: set[RecordId] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    found: bool = False


class _RecordedData(dict[str, Any]):
    """The data of a record, logging which top-level fields are read."""

    def __init__(self, data: dict[str, Any], rid: RecordId, recorder: Recorder) -> None:
        super().__init__(data)
        self._rid, self._recorder = rid, recorder

    def _log(self, name: object) -> None:
        self._recorder.reads.fields[self._rid].add(str(name))

    def get(self, name: str, default: Any = None) -> Any:
        self._log(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self._log(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._log(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        for name in super().__iter__():
            self._log(name)
            yield name

    def keys(self) -> Any:
        return list(self)

    def values(self) -> Any:
        return [super(_RecordedData, self).__getitem__(name) for name in self]

    def items(self) -> Any:
        return [(name, super(_RecordedData, self).__getitem__(name)) for name in self]


class _Logging:
    """Any value, logging in a set of the reads which of its attributes are read; `instead`: attributes that have
    another value."""

    def __init__(self, value: Any, recorder: Recorder, log: str, **instead: Any) -> None:
        self._value, self._recorder, self._log, self._instead = value, recorder, log, instead

    def __getattr__(self, name: str) -> Any:
        getattr(self._recorder.reads, self._log).add(name)
        return self._instead[name] if name in self._instead else getattr(self._value, name)


class Recorder:
    """A small registry on which rules run on one record at a time."""

    def __init__(self, tree: Tree, rules: Iterable[Rule], on: date) -> None:
        self.reads = Reads()
        self.rules = [rule for rule in rules if rule.scope == "registry"]
        registry: Any = open_registry(tree, None, indexed_fields(self.rules)).load_all()
        self.records = list(registry.records())
        judges = registry.schemas.judges
        self.faults = {one.rid: list(judges[one.rid.kind].faults(dict(one.data))) for one in self.records}
        # What names what, and which has which value, is computed before: a look-up logs only what it gives.
        list(registry.links_to_id("-"))
        list(registry.by_value(*next(iter(registry.frame.indexed)), "-"))
        for file, rid in registry.by_file.items():
            entry = registry._texts.entries[file]
            if entry.data is not None:
                registry._texts.entries[file] = entry._replace(data=_RecordedData(entry.data, rid, self))
        registry._records.clear()
        self.registry: Any = _RecordedRegistry(registry, self)
        self.context: Any = _Logging(
            Context(registry.schemas, registry.config, on),
            self,
            "context",
            config=self.registry.config,
            last_touched=lambda record: self.reads.history.add(record.rid),
        )
        self._successions = successions(self.registry)

    def run(self, rule: Rule, record: Record) -> Reads:
        """What a rule reads to check one record, with nothing derived from the registry but the successions of parties:
        when these change, everything is checked."""
        self.reads = Reads()
        forget(self.registry)
        self.registry.derived[Successions] = self._successions
        # The record as the registry has it now: its data is logged.
        subject = self.registry.at(record.file)
        if rule.scope == "registry":
            self.reads.found = bool(list(rule.check(self.registry, [subject], self.context)))
        elif rule.scope == "record":
            self.reads.found = bool(list(rule.check(subject, self.context)))
        claims = rule.check if rule.scope == "schema" else rule.claims
        if claims is not None:
            for fault in self.faults[record.rid]:
                claims(subject, fault, None, self.context)
        return self.reads

    @cached_property
    def reached(self) -> Mapping[RecordId, Mapping[str, Set[RecordId]]]:
        """By record and code, the records on which a rule runs again when this one appears or disappears; but for rules
        with a reach of their own."""
        self.reads = Reads()
        sides, rules = (self.registry, self.registry), [rule for rule in self.rules if rule.touches is linked]
        everywhere = {rid: find_affected(rules, sides, {rid: None}) for rid in self.registry.places}
        return {rid: {code: set(rids) for code, rids in found.items()} for rid, found in everywhere.items()}


class _RecordedRegistry:
    """A registry that logs which records and files its look-ups give."""

    def __init__(self, registry: Any, recorder: Recorder) -> None:
        self._registry, self._recorder = registry, recorder
        self.config = _Logging(registry.config, recorder, "settings")
        self.derived: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)

    def _see(self, rid: RecordId) -> None:
        self._recorder.reads.records.add(rid)

    def get(self, rid: RecordId) -> Any:
        self._see(rid)
        return self._registry.get(rid)

    def files_of(self, rid: RecordId) -> Any:
        self._see(rid)
        return self._registry.files_of(rid)

    def of_kind(self, kind: str) -> Iterator[Record]:
        return self._records(self._registry.of_kind(kind))

    def by_value(self, kind: str, field: str, value: str) -> Iterator[Record]:
        for record in self._records(self._registry.by_value(kind, field, value)):
            self._recorder.reads.fields[record.rid].add(field)
            yield self._registry.at(record.file)

    def links_to(self, rid: RecordId) -> Iterator[Link]:
        return self._links(self._registry.links_to(rid))

    def some_links_to(self, rid: RecordId) -> Iterator[Link]:
        return self._links(self._registry.some_links_to(rid))

    def prefetch_some_links(self, rids: Iterable[RecordId]) -> None:
        self._registry.prefetch_some_links(rids)

    def links_to_id(self, target: str) -> Iterator[Link]:
        return self._links(self._registry.links_to_id(target))

    def text_of(self, path: str) -> Any:
        self._recorder.reads.files.add(path)
        return self._registry.text_of(path)

    def digest_of(self, path: str) -> Any:
        self._recorder.reads.files.add(path)
        return self._registry.digest_of(path)

    def _records(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self._see(record.rid)
            yield record

    def _links(self, links: Iterable[Link]) -> Iterator[Link]:
        for link in links:
            self._see(link.source)
            yield link
