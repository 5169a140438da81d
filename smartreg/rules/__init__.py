"""The rules: one module each, loaded on demand; those of plug-ins by entry points named in `smartreg.toml`.

Exports what a rule needs, for plug-ins too. Knowledge shared by several rules belongs to `domain/`, running them to
`validation/`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Fix, Related
from smartreg.core.messages import Localized, Message, Text, from_domain, joined, message_in, plural, verbatim
from smartreg.core.spelling import closest
from smartreg.core.values import Link, Location, Record, RecordId
from smartreg.domain.checks import Context, Corrected, Fault, Snapshot, at, forget
from smartreg.domain.reach import everything, linked, nothing
from smartreg.rules.crash import RuleCrash, blame_rule
from smartreg.rules.loading import all_rules, indexed_fields, own_rules
from smartreg.rules.rule import Rule, found_elsewhere, rule

__all__ = [
    "Context",
    "Corrected",
    "Fault",
    "Fix",
    "Link",
    "Localized",
    "Location",
    "Message",
    "Record",
    "RecordId",
    "Related",
    "Rule",
    "RuleCrash",
    "Snapshot",
    "Text",
    "Words",
    "all_rules",
    "at",
    "blame_rule",
    "everything",
    "forget",
    "found_elsewhere",
    "from_domain",
    "indexed_fields",
    "joined",
    "linked",
    "message_in",
    "nothing",
    "own_rules",
    "plural",
    "rule",
    "rule_named",
    "verbatim",
]


class Words(Localized):
    """A sentence in English and French. Deprecated: write `Localized.of(en=…, fr=…)` or `Message(…)`."""

    __slots__ = ()

    def __new__(cls, en: str, fr: str) -> Words:
        warnings.warn("Words(en, fr) is now Localized.of(en=en, fr=fr)", DeprecationWarning, stacklevel=2)
        return Localized.of(en=en, fr=fr)  # type: ignore[return-value]

    def __init__(self, en: str, fr: str) -> None: ...


def rule_named(code: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule with this code. Raises UsageFault, with a suggestion, if there is none."""
    if code.upper() in rules:
        return rules[code.upper()]
    near = closest(code, rules)
    raise UsageFault(
        Message('no rule "{code}"', code=code),
        Message('did you mean "{near}"? smartreg explain --all lists them', near=near)
        if near
        else Message("smartreg explain --all lists them"),
    )
