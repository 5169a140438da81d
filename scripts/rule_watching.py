"""Record what rules read while they run, with a registry, a context and settings that log each access."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from smartreg.core.values import Json, Record
from smartreg.registry import open_registry
from smartreg.rules import Context, Rule, forget
from smartreg.rules.inputs import RuleInputs
from smartreg.schema import ITEM
from smartreg.trees import WorkingTree
from smartreg.validation.check import indexed_fields

Path_ = tuple[str, ...]

STABLE = frozenset({"schemas", "config", "corrected", "decimals", "entered"})
"""Attributes of a context that are the same whenever findings are stored, or are watched separately (`config`)."""


@dataclass(frozen=True)
class Reads:
    """What was read: paths of fields, settings, attributes of the context, files."""

    fields: set[Path_] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    context: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def clear(self) -> None:
        for some in (self.fields, self.settings, self.context, self.files):
            some.clear()


class WatchedData(dict[str, Any]):
    """The data of a record, or an object in it, that logs which names are read."""

    def __init__(self, data: Mapping[str, Json], path: Path_, reads: set[Path_]) -> None:
        super().__init__({name: _watch_value(value, (*path, name), reads) for name, value in data.items()})
        self._path, self._reads = path, reads

    def _log(self, name: object) -> None:
        self._reads.add((*self._path, str(name)))

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
        return [super(WatchedData, self).__getitem__(name) for name in self]

    def items(self) -> Any:
        return [(name, super(WatchedData, self).__getitem__(name)) for name in self]


def _watch_value(value: Json, path: Path_, reads: set[Path_]) -> Any:
    if isinstance(value, dict):
        return WatchedData(value, path, reads)
    return [_watch_value(item, path, reads) for item in value] if isinstance(value, list) else value


class Watched:
    """Any value, logging which of its attributes are read."""

    def __init__(self, value: Any, reads: set[str], **instead: Any) -> None:
        self._value, self._reads, self._instead = value, reads, instead

    def __getattr__(self, name: str) -> Any:
        self._reads.add(name)
        return self._instead[name] if name in self._instead else getattr(self._value, name)


class WatchedCase:
    """A small registry on which rules run one after the other."""

    def __init__(self, folder: Path, rules: Mapping[str, Rule], on: date) -> None:
        self.registry: Any = open_registry(WorkingTree(folder, None), None, indexed_fields(rules.values())).load_all()
        self._reads = Reads()
        self._watch(self.registry, self._reads)
        self._records: Sequence[Record] = list(self.registry.records())
        self._context: Any = Watched(
            Context(self.registry.schemas, self.registry.config, on), self._reads.context, config=self.registry.config
        )
        list(
            self.registry.by_value(*next(iter(self.registry.frame.indexed)), "-")
        )  # fills the look-up tables of the rules beforehand

    @staticmethod
    def _watch(registry: Any, reads: Reads) -> None:
        entries = registry._texts.entries
        for file, entry in entries.items():
            if entry.data is not None:
                entries[file] = entry._replace(data=WatchedData(entry.data, (), reads.fields))
        registry.config = Watched(registry.config, reads.settings)

        def watch_files(read: Callable[[str], Any]) -> Callable[[str], Any]:
            def read_and_log(path: str) -> Any:
                reads.files.add(path)
                return read(path)

            return read_and_log

        registry.text_of, registry.digest_of = watch_files(registry.text_of), watch_files(registry.digest_of)

    def find_undeclared(self, rule: Rule, inputs: RuleInputs) -> Set[str]:
        """What a rule, its check or the functions that find affected records, reads here beyond its inputs."""
        forget(self.registry)
        self._reads.clear()
        self._run(rule)
        reads, names = self._reads, set[str]()
        if inputs.fields is not None:
            names |= {".".join(path) for path in reads.fields if not self._is_named(path, inputs.fields)}
            names |= {field for _, field in rule.indexed if field not in inputs.fields | self._roles}
        if inputs.settings is not None:
            names |= {f"config.{name}" for name in reads.settings - inputs.settings}
        names |= reads.context - STABLE
        names -= {"on"} if inputs.day else set()
        names -= {"last_touched"} if inputs.history else set()
        return names | self._unnamed_files(rule, inputs, set(reads.files))

    def _run(self, rule: Rule) -> None:
        registry, context = self.registry, self._context
        subjects = [record for record in self._records if rule.speaks_of(record.rid.kind)]
        if rule.scope == "registry" and subjects:
            list(rule.check(registry, subjects, context))
        for record in subjects if rule.scope == "record" else ():
            list(rule.check(record, context))
        claims = rule.check if rule.scope == "schema" else rule.claims
        if claims is not None:
            reads = set(self._reads.fields)
            for record in subjects:
                for fault in registry.schemas.judges[record.rid.kind].faults(record.data):
                    claims(record, fault, None, context)
            self._reads.fields.intersection_update(
                reads
            )  # the schemas, which are checked after any change, read the rest
        for reach in (rule.touches, rule.touches_existence):
            for record in self._records:
                list(reach(registry, record))

    @cached_property
    def _roles(self) -> frozenset[str]:
        """Names of fields with a role, whose change affects more than the field."""
        return frozenset(name for kind in self.registry.schemas.kinds.values() for name in kind.roles)

    def _is_named(self, path: Path_, words: Set[str]) -> bool:
        """Whether a change at this path always changes one of these names: one is on the path, or below it, where the
        rule goes on reading."""
        return path[0] in self._roles or not words.isdisjoint(path) or not words.isdisjoint(self._below.get(path, ()))

    @cached_property
    def _below(self) -> Mapping[Path_, Set[str]]:
        """The names of the fields on and below each path in a record."""
        found: dict[Path_, set[str]] = {}
        for kind in self.registry.schemas.kinds.values():
            for item in kind.fields:
                full = tuple(part for part in item.path if part != ITEM)
                for length in range(len(full) + 1):
                    found.setdefault(full[:length], set()).update(full)
        return found

    def _unnamed_files(self, rule: Rule, inputs: RuleInputs, read: set[str]) -> set[str]:
        if not inputs.files:
            return read
        outlines = self.registry.config.territory.boundaries
        reads = rule.reads or (lambda _record: ())
        return read - {outlines} - {path for record in self._records for path in reads(record)}
