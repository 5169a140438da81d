"""Record what rules read while they run: a registry, a context and settings that log each access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from smartreg.core.values import Record, RecordId
from smartreg.domain.successions import successions
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, Rule, forget
from smartreg.trees import Tree
from smartreg.validation.check import indexed_fields


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
        self.registry: Any = open_registry(tree, None, indexed_fields(rules)).load_all()
        self.records = list(self.registry.records())
        self._fill_lookups(self.registry)
        self._watch(self.registry)
        self.context: Any = _Logging(
            Context(self.registry.schemas, self.registry.config, on),
            self,
            "context",
            config=self.registry.config,
            last_touched=lambda record: self.reads.history.add(record.rid),
        )

    def run(self, rule: Rule, record: Record) -> Reads:
        """What a rule reads to check one record, with nothing derived from the registry but the successions of parties:
        when these change, everything is checked."""
        forget(self.registry)
        successions(self.registry)
        self.reads = Reads()
        # The record as the registry has it now: its data is logged.
        subject = self.registry.at(record.file)
        if rule.scope == "registry":
            self.reads.found = bool(list(rule.check(self.registry, [subject], self.context)))
        elif rule.scope == "record":
            self.reads.found = bool(list(rule.check(subject, self.context)))
        claims = rule.check if rule.scope == "schema" else rule.claims
        if claims is not None:
            for fault in self.registry.schemas.judges[record.rid.kind].faults(dict(record.data)):
                claims(subject, fault, None, self.context)
        return self.reads

    def reached_by(self, rule: Rule, rid: RecordId) -> set[RecordId]:
        """The records on which a rule runs again when this one changes, appears or disappears."""
        return {
            other
            for file in self.registry.files_of(rid)
            for reach in (rule.touches, rule.touches_existence)
            for other in reach(self.registry, self.registry.at(file) or Record(rid, file, {}, ""))
        }

    @staticmethod
    def _fill_lookups(registry: Registry) -> None:
        """Compute what names what, and what has which value: a look-up logs only the records that it gives."""
        list(registry.links_to_id("-"))
        list(registry.by_value(*next(iter(registry.frame.indexed)), "-"))

    def _watch(self, registry: Any) -> None:
        entries = registry._texts.entries
        for file, entry in entries.items():
            if entry.data is not None and file in registry.by_file:
                entries[file] = entry._replace(data=_RecordedData(entry.data, registry.by_file[file], self))
        registry._records.clear()
        registry.config = _Logging(registry.config, self, "settings")

        def logged(find: Callable[..., Any], log: Callable[..., object], each: bool) -> Callable[..., Any]:
            def find_and_log(*given: Any) -> Any:
                if not each:
                    log(*given)
                    return find(*given)
                return logging(find(*given))

            def logging(items: Iterable[Any]) -> Iterator[Any]:
                for item in items:
                    log(item)
                    yield item

            return find_and_log

        def see(item: Any) -> None:
            self.reads.records.add(
                item if isinstance(item, RecordId) else item.rid if isinstance(item, Record) else item.source
            )

        def see_file(path: str) -> None:
            self.reads.files.add(path)

        for name in ("get", "files_of"):
            setattr(registry, name, logged(getattr(registry, name), see, each=False))
        for name in ("of_kind", "links_to", "some_links_to", "links_to_id", "by_value"):
            setattr(registry, name, logged(getattr(registry, name), see, each=True))
        for name in ("text_of", "digest_of"):
            setattr(registry, name, logged(getattr(registry, name), see_file, each=False))
