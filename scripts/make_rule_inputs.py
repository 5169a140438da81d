"""Make smartreg/rules/_inputs.py: what each rule reads, so that it only runs again if some of that changed.

    python scripts/make_rule_inputs.py --update           write the file
    python scripts/make_rule_inputs.py --check            exit 1 if the file is out of date

What a rule may read is taken from its source, and compared with what it reads when it runs on the cases of all rules
(tests/rules). A rule that reads more than its source shows is left out, and always runs again.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from rule_reading import read_source
from rule_watching import WatchedCase

from smartreg.rules import Rule, own_rules
from smartreg.rules.inputs import RuleInputs, row_of

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "smartreg" / "rules" / "_inputs.py"
CASES = ROOT / "tests" / "rules"
ON = date(2026, 1, 15)
HEAD = '''\
"""What the rules read, a line each: code, names of fields, names of settings (None: any), and which of day, history and
files. Written by `scripts/make_rule_inputs.py`: see `inputs.py`."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

INPUTS: tuple[tuple[str, str | None, str | None, str], ...] = '''
STORED = ("schema", "record", "registry")
"""The scopes whose findings are stored."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make smartreg/rules/_inputs.py.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--update", action="store_true", help="write the file")
    action.add_argument("--check", action="store_true", help="exit 1 if the file is out of date")
    options = parser.parse_args()
    text, unproved = make()
    for code, reads in unproved.items():
        print(f"{code}: always run again: it reads {', '.join(sorted(reads))}, which its source does not show")
    if options.update:
        FILE.write_text(text, "utf-8")
    elif FILE.read_text("utf-8") != text:
        sys.exit(f"{FILE.name} is not up to date: run scripts/make_rule_inputs.py --update")


def make() -> tuple[str, Mapping[str, Collection[str]]]:
    """The text of the file, and the rules that it leaves out, with what they read."""
    rules = {code: rule for code, rule in own_rules().items() if rule.scope in STORED}
    inputs = {code: read_source(rule) for code, rule in rules.items()}
    unproved = watch(rules, inputs)
    rows = "".join(f"    {row_of(code, inputs[code])!r},\n" for code in rules if code not in unproved)
    return f"{HEAD}(\n{rows})\n", unproved


def watch(rules: Mapping[str, Rule], inputs: Mapping[str, RuleInputs]) -> Mapping[str, Collection[str]]:
    """The rules that read more, in the cases of all rules, than their inputs name, and what."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for folder in sorted({place.parent for place in CASES.glob("*/**/registry")}):
        case = WatchedCase(folder, rules, ON)
        for code, rule in rules.items():
            if reads := case.find_undeclared(rule, inputs[code]):
                found[code] |= reads
    return found


if __name__ == "__main__":
    main()
