"""Find the rules: one module each in this package; plug-ins through the entry points that `smartreg.toml` names.
`_declared.py` has what the modules of this package declare, so that a module is loaded only when its code is called: a
run with nothing to check loads none. `pytest tests/validation/test_rules.py --update` writes it; without `--update` it
checks that both are equal.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import ModuleType
from typing import Any, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Severity
from smartreg.core.installation import find_distributions, only_installed_modules
from smartreg.core.messages import SOURCE, Localized, Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.domain.reach import everything, linked, nothing
from smartreg.registry import Indexed
from smartreg.rules._declared import DECLARED
from smartreg.rules.rule import Rule, Scope, found_elsewhere

PACKAGE = "smartreg.rules"
ENTRY_POINTS = "smartreg.rules"
CALLED = ("check", "touches", "reads", "claims", "asks")
_NAMED = {call.__name__: call for call in (linked, nothing, everything, found_elsewhere)}
_STANDARD = {call: name for name, call in _NAMED.items()}
DeclaredRow: TypeAlias = tuple[Any, ...]
OWN = re.compile(r"[A-Z]{2,12}[0-9]{3}")
PREFIX = 3  # prefixes of smartreg's codes: no plug-in code begins with them, so `--select CON` keeps its meaning


@lru_cache(maxsize=8)
def all_rules(*plugins: str) -> Mapping[str, Rule]:
    """Every rule, also of these plug-ins, by its code, in the order of the codes. Raises UsageFault (exit 2) for a
    plug-in that is missing or cannot be loaded, and for a code that two rules claim or that a plug-in may not use."""
    rules = {row[0]: _rule_of(*row) for row in DECLARED}
    if plugins:
        taken = {code[:PREFIX] for code in rules}
        for name, module in _find_plugins(plugins):
            for rule in _of_plugin(name, module):
                _own_code(rule, name, taken)
                _take(rules, rule)
    return dict(sorted(rules.items()))


def indexed_fields(rules: Iterable[Rule]) -> Indexed:
    """Every (kind, field) pair that rules look up by value."""
    return frozenset(pair for rule in rules for pair in rule.indexed)


@lru_cache(maxsize=1)
def own_rules() -> Mapping[str, Rule]:
    """The rules of this package as their modules make them, all loaded."""
    rules: dict[str, Rule] = {}
    for rule in _rules_of(importlib.import_module(PACKAGE)):
        _take(rules, rule)
    return dict(sorted(rules.items()))


def row_of(rule: Rule) -> DeclaredRow:
    """A rule as a row of `_declared.py`; of its functions, only the shared ones by name, otherwise whether there is
    one."""
    called = [_STANDARD.get(call, call is not None) for call in (getattr(rule, part) for part in CALLED)]
    french = "" if isinstance(rule.title, Message) else rule.title.in_("fr")  # of a page, which no catalogue has
    traits = (rule.title.in_(SOURCE), french, rule.indexed, rule.dated, rule.advises, rule.grades_errors, rule.law)
    return (rule.code, rule.module.removeprefix(f"{PACKAGE}."), rule.severity, rule.scope, rule.kinds, *traits, *called)


def _rule_of(
    code: str,
    stem: str,
    severity: Severity,
    scope: Scope,
    kinds: tuple[str, ...],
    title: str,
    french: str,
    indexed: tuple[tuple[str, str], ...],
    dated: bool,
    advises: bool,
    grades_errors: bool,
    law: str,
    *called: str | bool,
) -> Rule:
    module = f"{PACKAGE}.{stem}"
    calls = {
        part: _NAMED[what] if isinstance(what, str) else _later(code, module, part) if what else None
        for part, what in zip(CALLED, called, strict=True)
    }
    more: dict[str, Any] = {"indexed": indexed, "dated": dated, "advises": advises, "grades_errors": grades_errors}
    more["law"] = law
    text: Text = Localized.of(en=title, fr=french) if french else Message(title)
    return Rule(code, severity, scope, kinds, text, module=module, **more | calls)


def _later(code: str, module: str, part: str) -> Callable[..., Any]:
    """A function of the rule's module, loaded on first call."""
    load = cache(lambda: getattr(_load(code, module), part))

    def call(*given: Any) -> Any:
        return load()(*given)

    return call


@cache
def _load(code: str, module: str) -> Rule:
    return next(rule for rule in _rules_of(importlib.import_module(module)) if rule.code == code)


def _rules_of(module: ModuleType) -> Iterator[Rule]:
    """The rules of a module; of a package, also those of its modules."""
    parts = [module]
    for part in sorted(submodule.name for submodule in pkgutil.iter_modules(getattr(module, "__path__", ()))):
        parts.append(importlib.import_module(f"{module.__name__}.{part}"))
    for part_module in parts:
        for value in vars(part_module).values():
            if isinstance(value, Rule) and value.module == part_module.__name__:
                yield value


def _take(rules: dict[str, Rule], rule: Rule) -> None:
    other = rules.get(rule.code)
    if other is not None:
        raise UsageFault(
            Message(
                "two rules claim the code {code}: {module} and {rule_module}",
                code=rule.code,
                module=other.module,
                rule_module=rule.module,
            ),
            Message('keep one of the two plug-ins in "plugins" of smartreg.toml, or give one rule another code'),
        )
    rules[rule.code] = rule


def _own_code(rule: Rule, name: str, taken: Iterable[str]) -> None:
    """UsageFault unless the code is letters and three digits, with letters that are no prefix of smartreg's rules."""
    if OWN.fullmatch(rule.code) and not rule.code.startswith(tuple(taken)):
        return
    raise UsageFault(
        Message(
            'the plug-in "{name}" has a rule with the code "{code}", which it may not have', name=name, code=rule.code
        ),
        Message(
            "a code is a prefix of your own (two to twelve capital letters, not begun like a code of smartreg) and "
            "three digits, as ISTRES901"
        ),
    )


def _of_plugin(name: str, module: str) -> list[Rule]:
    """The rules of a plug-in. Raises UsageFault if it cannot be imported or has none."""
    try:
        with only_installed_modules():
            rules = list(_rules_of(importlib.import_module(module)))
    except Exception as fault:
        missing = f" {fault.name}" if isinstance(fault, ModuleNotFoundError) and fault.name else ""
        why = f"{type(fault).__name__}{missing}"
        raise UsageFault(
            Message('the plug-in "{name}" ({module}) cannot be loaded: {why}', name=name, module=module, why=why),
            Message(
                'install it again, report it to its maintainer (--debug shows where), or take it out of "plugins" in '
                "smartreg.toml"
            ),
        ) from fault
    if not rules:
        raise UsageFault(
            Message('the plug-in "{name}" ({module}) has no rule', name=name, module=module),
            Message("its entry point names the module with the rules, or the package of such modules"),
        )
    return rules


def _find_plugins(plugins: tuple[str, ...]) -> list[tuple[str, str]]:
    """Name and module of each plug-in."""
    modules: dict[str, str] = {}
    for about in find_distributions():
        for point in about.entry_points.select(group=ENTRY_POINTS):
            modules.setdefault(point.name, point.module)
    for name in plugins:
        if name not in modules:
            raise _not_installed(name, modules)
    return [(name, modules[name]) for name in dict.fromkeys(plugins)]


def _not_installed(name: str, installed: Iterable[str]) -> UsageFault:
    return UsageFault(
        Message('the plug-in "{name}" named in smartreg.toml is not installed', name=name),
        did_you_mean(
            name,
            installed,
            Message('install it where smartreg is, or take it out of "plugins" in smartreg.toml'),
        ),
    )
