"""Which subjects rules are asked about again: those that a change can matter to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from rule_reading import looked_at as told_by_source
from rule_reading import reads_day
from test_rules import CASES, ON, RULES, opened

from smartreg.rules import Context, Rule
from smartreg.subjects import FILE, looked_at

JUDGING = {code: rule for code, rule in RULES.items() if rule.scope in ("registry", "record")}


def test_what_is_kept_is_what_the_rules_say(request: pytest.FixtureRequest) -> None:
    told = {code: told_by_source(rule) for code, rule in JUDGING.items()}
    found = {code: " ".join(sorted(words)) for code, words in told.items() if words is not None}
    if request.config.getoption("--update"):
        lines = (f'"{code}": {json.dumps(words)}' for code, words in found.items())
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")

    assert json.loads(FILE.read_text("utf-8")) == found


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_that_reads_the_day_says_so(rule: Rule) -> None:
    """On another day, no other rule is run again."""
    assert rule.dated == reads_day(rule)


class Looked:
    """What a rule may know, noting what of it is asked for."""

    def __init__(self, context: Context, seen: set[str]) -> None:
        self._context, self._seen = context, seen

    def __getattr__(self, name: str) -> Any:
        self._seen.add(name)
        return getattr(self._context, name)


class Watched(dict[str, Any]):
    """The data of a record, noting which of its fields are looked at."""

    def __init__(self, data: Mapping[str, Any], seen: set[str]) -> None:
        super().__init__(data)
        self._seen = seen

    def get(self, name: str, default: Any = None) -> Any:
        self._seen.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self._seen.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._seen.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self._seen.update(super().__iter__())
        return super().__iter__()

    def items(self) -> Any:
        self._seen.update(super().__iter__())
        return super().items()


@pytest.mark.parametrize("rule", JUDGING.values(), ids=JUDGING)
def test_a_rule_looks_at_no_other_fields(rule: Rule) -> None:
    """In its own cases: checks and what they touch."""
    words = looked_at(rule)
    for case in sorted(path for path in (CASES / rule.code).iterdir() if path.is_dir()):
        seen: set[str] = set()
        registry = opened(case).load_all()
        for file, entry in registry._texts.entries.items():
            if entry.data is not None:
                registry._texts.entries[file] = entry._replace(data=Watched(entry.data, seen))
        every = [field for kind in registry.schemas.kinds.values() for field in kind.fields]
        roles = {name for kind in registry.schemas.kinds.values() for name in kind.roles}
        records = list(registry.records())
        list(registry.by_value(*next(iter(registry.frame.indexed)), "-"))  # looks at all that any rule looks up
        seen.clear()
        subjects = [record for record in records if rule.speaks_of(record.rid.kind)]
        asked: set[str] = set()
        context = Looked(Context(registry.schemas, registry.config, ON), asked)
        if rule.scope == "registry":
            list(rule.check(registry, subjects, context))
        else:
            for record in subjects:
                list(rule.check(record, context))
        for reach in (rule.touches, rule.touches_existence):
            for record in records:
                list(reach(registry, record))

        assert rule.dated or "on" not in asked
        fields = seen.union(field for _, field in rule.indexed) - roles
        inside = {name: {name}.union(*(found.path for found in every if found.path[0] == name)) for name in fields}
        assert words is None or not [name for name in fields if words.isdisjoint(inside[name])]
