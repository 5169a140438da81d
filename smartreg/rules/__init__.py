"""The rules: one module each, found by walking this package; others' by entry points named in `smartreg.toml`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import lru_cache

from smartreg.errors import UsageFault
from smartreg.rules.rule import Context, Corrected, Fault, Rule, Snapshot, at, everything, linked, nothing, page, rule
from smartreg.suggest import closest
from smartreg.values import Words

ENTRY_POINTS = "smartreg.rules"

__all__ = [
    "Context",
    "Corrected",
    "Fault",
    "Rule",
    "Snapshot",
    "all_rules",
    "at",
    "everything",
    "linked",
    "nothing",
    "page",
    "rule",
    "rule_named",
]


@lru_cache(maxsize=8)
def all_rules(plugins: tuple[str, ...] = ()) -> Mapping[str, Rule]:
    """Every rule by its code, in the order of the codes. A code that two rules claim is an error (exit 2)."""
    found: dict[str, Rule] = {}
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__, f"{__name__}."))
    _collect(found, modules)
    if plugins:
        _collect(found, _plugged(plugins))
    return dict(sorted(found.items()))


def rule_named(code: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule with this code; UsageFault with a suggestion when there is none."""
    if code.upper() in rules:
        return rules[code.upper()]
    near = closest(code, rules)
    raise UsageFault(
        Words(f'no rule "{code}"', f"il n'y a pas de règle « {code} »"),
        Words(f'did you mean "{near}"? smartreg explain --all lists them', f"vouliez-vous dire « {near} » ?")
        if near
        else Words("smartreg explain --all lists them", "smartreg explain --all les liste"),
    )


def _collect(found: dict[str, Rule], modules: Iterable[str]) -> None:
    for name in modules:
        module = importlib.import_module(name)
        for value in vars(module).values():
            if isinstance(value, Rule) and value.module == name:
                if value.code in found:
                    raise UsageFault(
                        Words(f"two rules claim the code {value.code}", f"deux règles portent le code {value.code}")
                    )
                found[value.code] = value


def _plugged(plugins: tuple[str, ...]) -> list[str]:
    """The modules of the entry points that `plugins` names; importlib.metadata costs 28 ms, so only when asked for."""
    from importlib.metadata import entry_points

    named = {point.name: point.module for point in entry_points(group=ENTRY_POINTS)}
    missing = [name for name in plugins if name not in named]
    if missing:
        raise UsageFault(
            Words(
                f'the plug-in "{missing[0]}" named in smartreg.toml is not installed',
                f"le greffon « {missing[0]} » cité dans smartreg.toml n'est pas installé",
            )
        )
    return [named[name] for name in plugins]
