"""What the findings of a rule depend on: fields of records, settings, the day, the history, other files. `_inputs.py`
lists it for the rules of this package; `python scripts/make_rule_inputs.py --update` writes it, from their source and
from what they read in the cases of all rules. A rule that is not listed may read anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, TypeAlias

from smartreg.rules._inputs import INPUTS
from smartreg.rules.crash import BUILT_IN
from smartreg.rules.rule import Rule

Row: TypeAlias = tuple[str, str | None, str | None, str]


class RuleInputs(NamedTuple):
    """The names of fields and of top-level settings that a rule reads (None: any); whether it reads the reference date,
    the day of a record in the history, files that are no records."""

    fields: frozenset[str] | None = None
    settings: frozenset[str] | None = None
    day: bool = True
    history: bool = True
    files: bool = True


ANYTHING = RuleInputs()
FLAGS = ("day", "history", "files")


def inputs_of(rule: Rule) -> RuleInputs:
    """The inputs of a rule; anything, if they are not proved."""
    return _load().get(rule.code, ANYTHING) if rule.module.startswith(BUILT_IN) else ANYTHING


def row_of(code: str, inputs: RuleInputs) -> Row:
    """The inputs of a rule as a row of `_inputs.py`: code, fields, settings, what else is read."""
    fields, settings = (None if names is None else " ".join(sorted(names)) for names in inputs[:2])
    return code, fields, settings, " ".join(flag for flag in FLAGS if getattr(inputs, flag))


@cache
def _load() -> Mapping[str, RuleInputs]:
    return {
        code: RuleInputs(_names(fields), _names(settings), *_flags(reads)) for code, fields, settings, reads in INPUTS
    }


def _names(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(text.split())


def _flags(reads: str) -> tuple[bool, bool, bool]:
    words = reads.split()
    return "day" in words, "history" in words, "files" in words
