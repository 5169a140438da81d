"""Which rules are run again after a change: those whose inputs it alters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from make_rule_inputs import CASES, FILE, make
from rule_reading import read_source
from rule_watching import WatchedCase
from test_rules import RULES

from smartreg.core.values import Record, Words
from smartreg.rules import Context, Fault, Rule, Snapshot, found_elsewhere, rule
from smartreg.rules.inputs import ANYTHING, inputs_of
from smartreg.validation.affected import matters


def test_the_inputs_are_up_to_date() -> None:
    """They are what the source tells, of rules that read nothing else in the cases of all rules."""
    assert FILE.read_text("utf-8") == make()[0], "run scripts/make_rule_inputs.py --update"


def hidden(name: str) -> str:
    """A name that does not stand in the source as a word."""
    return name.replace("-", "")


def lying(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        record.data.get(hidden("no-tes"))
        getattr(context, hidden("last_tou-ched"))(record)
    getattr(context, hidden("o-n"))
    getattr(context, hidden("ru-n"), None)
    getattr(getattr(registry, hidden("con-fig")), hidden("time-zone"))
    getattr(registry, hidden("text_o-f"))("registry/x.geojson")
    yield from ()


@pytest.mark.parametrize("code", ["CON301", "CON313"])
def test_a_rule_that_reads_more_than_its_source_shows_is_found(code: str) -> None:
    honest = RULES[code]
    case = WatchedCase(CASES / code / "wrong", RULES, date(2026, 1, 15))
    inputs = read_source(honest)

    assert case.find_undeclared(honest, inputs) == set()
    assert case.find_undeclared(honest, inputs._replace(fields=frozenset(), settings=frozenset(), files=False))
    assert case.find_undeclared(replace(honest, check=lying), inputs) == {
        *("notes", "last_touched", "on", "run", "config.timezone", "registry/x.geojson")
    }
    # Which files, `reads` tells; of what else a context may have one day, nobody knows yet how it changes.
    assert case.find_undeclared(replace(honest, check=lying), ANYTHING) == {"registry/x.geojson", "run"}


def test_a_rule_without_proved_inputs_is_run_always() -> None:
    @rule("NEW901", "error", "record", Words("new", "neuve"))
    def plugin(_record: Record, _context: Context) -> Iterator[Fault]:
        yield from ()

    new: Rule = replace(plugin, module="smartreg.rules.new901")
    assert inputs_of(plugin) == inputs_of(new) == ANYTHING
    assert matters(new, frozenset({"notes"}))
    assert not matters(RULES["CON306"], frozenset({"notes"}))
    assert matters(RULES["CON306"], None)


def test_a_rule_that_reads_the_day_says_so() -> None:
    reading = {code for code, rule in RULES.items() if rule.check is not found_elsewhere and read_source(rule).day}
    assert {code for code in RULES if RULES[code].dated} == reading
