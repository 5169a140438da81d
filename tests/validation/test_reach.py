"""What rules read, recorded while they check one record after the other: in all cases of all rules, and in a few
generated registries. It is what they and `domain/reach.py` say, so that they run again when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from recording import Reads, Recorder
from registries import ON, SCHEMAS, registry_and_edit
from test_rules import CASES, RULES

from smartreg.core.messages import Localized
from smartreg.core.values import Record
from smartreg.domain.reach import READ_BY_OTHERS, UNREAD, find_readers
from smartreg.rules import Context, Rule, everything, linked
from smartreg.rules import rule as make_rule
from smartreg.schema.settings import FOREIGN
from smartreg.trees import MemoryTree, Tree, WorkingTree
from smartreg.validation.affected import SETTINGS, find_affected

STORED = {code: rule for code, rule in RULES.items() if rule.scope in ("schema", "record", "registry")}
"""The rules whose findings are stored."""
GENERATED = 8


@cache
def recorded() -> list[tuple[Recorder, Rule, Record, Reads]]:
    """What each rule reads to check each record."""
    return list(record_all())


def record_all() -> Iterator[tuple[Recorder, Rule, Record, Reads]]:
    folders = sorted({path.parent for path in Path(CASES).glob("*/**/registry")})
    trees: list[Tree] = [WorkingTree(folder, None) for folder in folders]
    trees += [MemoryTree(registry_and_edit(seed)[0]) for seed in range(GENERATED)]
    for tree in trees:
        recorder = Recorder(tree, RULES.values(), ON)
        for stored in STORED.values():
            for record in recorder.records:
                if stored.speaks_of(record.rid.kind):
                    yield recorder, stored, record, recorder.run(stored, record)


def is_run_after_any_change(rule: Rule, reads: Reads) -> bool:
    """Whether the rule advises on a fault: its advice depends on more than its reach."""
    return rule.advises and reads.found


def test_a_rule_depends_on_the_day_the_files_and_the_history_that_it_declares() -> None:
    reading_the_day = set()
    for recorder, rule, record, reads in recorded():
        if "on" in reads.context:
            reading_the_day.add(rule.code)
        files = {recorder.registry.config.territory.boundaries, *(rule.reads(record) if rule.reads else ())}
        files |= {file for file in reads.files if file and file.startswith(f"{FOREIGN}/")}  # then everything is checked
        assert reads.files <= files, f"{rule.code}: `reads` does not name a file that it reads"
        assert reads.history <= {record.rid}, f"{rule.code} reads the history of another record"
        assert rule.scope == "record" or not reads.history, f"{rule.code} has to run after any change of its record"
    assert reading_the_day == {code for code, rule in STORED.items() if rule.dated}, "which rules are `dated`"


def test_the_settings_after_whose_change_all_rules_run_are_those_that_rules_read() -> None:
    assert {name for *_, reads in recorded() for name in reads.settings} == set(SETTINGS)


def test_a_rule_runs_again_where_a_record_that_it_read_appears_or_disappears() -> None:
    """A rule with a reach of its own looks into tables of the whole registry, where nearly everything is read:
    `test_incremental.py` holds those."""
    for recorder, rule, record, reads in recorded():
        if rule.scope != "registry" or rule.touches is not linked or is_run_after_any_change(rule, reads):
            continue
        for other in {*reads.records, *reads.fields} - {record.rid}:
            if other in recorder.reached:
                assert record.rid in recorder.reached[other][rule.code], f"{rule.code}: {other} does not reach {record}"


def test_the_fields_that_others_read_are_those_of_the_table() -> None:
    fields: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for _, rule, record, reads in recorded():
        for other, names in reads.fields.items() if not is_run_after_any_change(rule, reads) else ():
            if other != record.rid:
                fields[other.kind][record.rid.kind] |= {name for name in names if not in_any_case(other.kind, name)}
    assert {
        kind: {reader: tuple(sorted(names)) for reader, names in fields[kind].items() if names}
        for kind in SCHEMAS.kinds
    } == READ_BY_OTHERS


def test_the_fields_that_no_rule_reads_in_the_record_that_it_checks_are_those_of_the_table() -> None:
    read: dict[str, set[str]] = defaultdict(set)
    for _, rule, record, reads in recorded():
        if rule.scope == "registry" and not rule.advises:
            read[record.rid.kind] |= reads.fields[record.rid]
    assert {
        name: {field.path[0] for field in kind.fields} - read[name] - kind.roles for name, kind in SCHEMAS.kinds.items()
    } == UNREAD


def in_any_case(kind: str, name: str) -> bool:
    """Whether all kinds of records are checked again: what the schema says is a reference or the state."""
    return find_readers(SCHEMAS.kinds[kind], {name}) is None


def open_case(code: str, case: str) -> Recorder:
    return Recorder(WorkingTree(Path(CASES) / code / case, None), RULES.values(), ON)


def reached_by(
    recorder: Recorder, rules: list[Rule], kind: str, fields: frozenset[str] | None
) -> Mapping[str, list[str]]:
    """By code, the kinds of the records on which rules run again if these fields of the first record differ."""
    rid = next(record.rid for record in recorder.records if record.rid.kind == kind)
    found = find_affected(rules, (recorder.registry, recorder.registry), {rid: fields})
    return {code: sorted({other.kind for other in rids}) for code, rids in found.items()}


def test_what_nobody_reads_runs_only_the_rules_that_may_read_the_whole_record() -> None:
    @make_rule("NEW901", "error", "registry", Localized.of(en="new", fr="neuve"))
    def of_a_plugin(_registry: object, _subjects: object, _context: Context) -> Iterator[object]:
        yield from ()

    case = open_case("GEO706", "wrong")
    rules = [*(RULES[code] for code in ("GEO706", "CON310", "REC104", "REF214")), of_a_plugin]
    assert RULES["REF214"].touches is everything
    assert RULES["REC104"].advises
    assert reached_by(case, rules, "equipment", frozenset({"notes"})) == {
        "GEO706": [],
        "CON310": [],
        "REC104": ["equipment"],
        "REF214": [],
        "NEW901": ["equipment", "party", "support", "use_case"],
    }
    assert reached_by(case, rules, "equipment", frozenset({"weight_kg"}))["GEO706"] == ["support"]
    assert reached_by(case, rules, "equipment", frozenset({"status"}))["GEO706"] == ["support"]
