"""The rules: one module each, loaded when they judge; others' by entry points named in `smartreg.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.errors import UsageFault
from smartreg.rules._kept import forget
from smartreg.rules.crash import RuleCrash, judged
from smartreg.rules.loading import all_rules, own_rules
from smartreg.rules.rule import Context, Corrected, Fault, Rule, Snapshot, at, everything, linked, nothing, page, rule
from smartreg.suggest import closest
from smartreg.values import Words

__all__ = [
    "Context",
    "Corrected",
    "Fault",
    "Rule",
    "RuleCrash",
    "Snapshot",
    "all_rules",
    "at",
    "everything",
    "forget",
    "judged",
    "linked",
    "nothing",
    "own_rules",
    "page",
    "rule",
    "rule_named",
]


def rule_named(code: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule with this code; UsageFault with a suggestion when there is none."""
    if code.upper() in rules:
        return rules[code.upper()]
    near = closest(code, rules)
    raise UsageFault(
        Words(f'no rule "{code}"', f"il n'y a pas de règle « {code} »"),
        Words(
            f'did you mean "{near}"? smartreg explain --all lists them',
            f"vouliez-vous dire « {near} » ? smartreg explain --all les liste",
        )
        if near
        else Words("smartreg explain --all lists them", "smartreg explain --all les liste"),
    )
