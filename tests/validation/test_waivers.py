"""What somebody accepted is not reported: by a waiver in the settings, by a comment in the record; and only that."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from registries import INDEXED, SCHEMAS

from smartreg.core.errors import UsageFault
from smartreg.core.values import RecordId
from smartreg.index import Index
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, all_rules
from smartreg.schema.settings_file import read_config
from smartreg.trees import MemoryTree
from smartreg.validation.check import Checker, Judged, Selection
from smartreg.validation.manuals import refuse_unknown_codes
from smartreg.yamlio import comments

ON = date(2026, 1, 15)
FILE = "registry/use-cases/air.yaml"
WAIVER = """\
[[waiver]]
code = "REF201"
record = "use_case/air"
until = 2026-01-15
reason = "the party comes with the next convention"
decided_by = "service numérique"
"""
SELECT = ("REF201", "WAI", "SCH107")


def open_registry_of(text: str, toml: str = "", folder: Path | None = None) -> Registry:
    return open_registry(
        MemoryTree({FILE: text.encode(), "smartreg.toml": toml.encode()}), Index.open(folder, ""), INDEXED
    )


def check(registry: Registry, on: date = ON, select: tuple[str, ...] = SELECT) -> Judged:
    return Checker(all_rules(), Context(SCHEMAS, registry.config, on), Selection(select)).check(registry)


def codes(text: str, toml: str = "", on: date = ON) -> tuple[list[str], int]:
    """The codes that are reported, and how many findings are waived."""
    found = check(open_registry_of(text, toml), on)
    return [finding.code for finding in found.findings], len(found.waived)


def test_a_waiver_counts_up_to_its_day() -> None:
    text = "id: air\nowner: nobody\n"
    assert codes(text) == (["REF201"], 0)
    assert codes(text, WAIVER) == ([], 1)
    assert codes(text, WAIVER, date(2026, 1, 16)) == (["REF201", "WAI901"], 0)
    assert codes(text, WAIVER.replace('"use_case/air"', '"air"')) == ([], 1)
    assert codes(text, WAIVER.replace('"use_case/air"', f'"{FILE}"')) == ([], 1)
    assert codes(text, WAIVER.replace('"use_case/air"', '"party/air"')) == (["REF201", "WAI902"], 0)
    assert codes(text, WAIVER.replace("REF201", "SCH107")) == (["REF201", "WAI902"], 0)


def test_nothing_is_unused_that_was_not_looked_for() -> None:
    registry = open_registry_of("id: air\nowner: nobody\n", WAIVER.replace("REF201", "GEO704"))
    checker = Checker(all_rules(), Context(SCHEMAS, registry.config, ON), Selection(ignore=("GEO",)))
    assert not [finding for finding in checker.check(registry).findings if finding.code == "WAI902"]
    assert [finding.code for finding in check(registry, select=("REF",)).findings] == ["REF201"]


def test_a_severity_does_not_bring_a_waived_finding_back() -> None:
    registry = open_registry_of("id: air\nowner: nobody\n", WAIVER)
    selection = Selection(("REF201",), severity={"REF201": "warning"})
    found = Checker(all_rules(), Context(SCHEMAS, registry.config, ON), selection).check(registry)
    assert ([*found.findings], [finding.severity for finding in found.waived]) == ([], ["warning"])


def test_edits_are_judged_with_the_waivers() -> None:
    registry = open_registry_of("id: air\n", WAIVER)
    after = registry.with_writes({FILE: b"id: air\nowner: nobody\n"})
    checker = Checker(all_rules(), Context(SCHEMAS, registry.config, ON), Selection(("REF201", "WAI")))
    assert checker.compare(registry, after, [RecordId("use_case", "air")]).introduced == []


IGNORE = "# smartreg: ignore[REF201] comes later"


@pytest.mark.parametrize(
    "text",
    [
        f"id: air\nowner: nobody  {IGNORE}\n",
        f"id: air\n{IGNORE}\nowner: nobody\n",
        f"id: air\n{IGNORE}\n\n# another comment\nowner: nobody\n",
        f"{IGNORE}\nid: air\nowner: nobody\n",
        f"\ufeff# yaml-language-server: x\n{IGNORE}\n---\nid: air\nowner: nobody\n",
        f"id: air\nowner: nobody  {IGNORE.replace('REF201', ' sch107 , ref201')}\n",
        f"id: air\nowner:  {IGNORE}\n  nobody\n",
        f"id: air\nowner: nobody  {IGNORE.replace(': ', ':', 1)}\n",
    ],
)
def test_a_comment_waives_the_findings_of_its_line(text: str) -> None:
    found, waived = codes(text)
    assert (found, waived > 0) == (["WAI903"] if "sch107" in text else [], True)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (f"id: air  {IGNORE}\nowner: nobody\n", ["WAI903", "REF201"]),
        (f"id: air\nowner: nobody\n{IGNORE}\n", ["REF201", "WAI903"]),
        ("id: air\nowner: nobody  # smartreg: ignore[REF201]\n", ["REF201", "WAI904"]),
        ("id: air\nowner: nobody  # smartreg: ignore comes later\n", ["REF201", "WAI904"]),
        (f"id: air\nowner: nobody  {IGNORE.replace('REF201', 'CHG812')}\n", ["REF201", "WAI904"]),
        # Not comments: a text that looks like one waives nothing.
        (f'id: air\nowner: nobody\ntitle: "{IGNORE}"\n', ["REF201"]),
        (f"id: air\nowner: nobody\ntitle: |\n  x\n  {IGNORE}\n", ["REF201"]),
        (f"id: air\nowner: nobody\ntitle: x{IGNORE.replace(': ', ':', 1)}\n", ["REF201"]),
    ],
)
def test_a_comment_waives_nothing_else(text: str, reported: list[str]) -> None:
    found, waived = codes(text)
    assert (sorted(found), waived) == (sorted(reported), 0)


def test_a_text_that_cannot_be_read_is_not_waived() -> None:
    registry = open_registry_of("# smartreg: ignore[YML001] later\nid: [\n")
    assert [finding.code for finding in check(registry, select=("YML", "WAI")).findings] == ["YML001"]


def test_the_alert_of_a_comment_survives_moved_lines() -> None:
    first, second = (
        check(open_registry_of(f"id: air\n{blank}title: a  {IGNORE}\n"), select=("WAI",)).findings[0]
        for blank in ("", "\n\n")
    )
    assert first.fingerprint == second.fingerprint
    assert first.where.mark != second.where.mark


def test_the_cache_knows_which_texts_have_comments(tmp_path: Path) -> None:
    for _ in range(2):
        assert open_registry_of(f"id: air\nowner: amp  {IGNORE}\n", folder=tmp_path).files_with_remarks() == [FILE]
        assert open_registry_of("id: air\nowner: amp\n", folder=tmp_path).files_with_remarks() == []
    assert open_registry_of(f"id: air  {IGNORE}\n").load_all().files_with_remarks() == [FILE]


def test_comments_and_the_lines_that_they_speak_of() -> None:
    text = b'# a x\nid: b # c x\nn: "# d x"\n# e x\n\n  # f\nm: |  # g x\n  # h x\n# i x\n'
    assert [(comment.line, comment.text) for comment in comments(text, "x")] == [
        (None, "# a x"),
        (2, "# c x"),
        (7, "# e x"),
        (7, "# g x"),
        (9, "# i x"),
    ]
    assert comments(b"id: [ # x\n", "x") == []


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (WAIVER.replace("code", "cod"), 'smartreg.toml:1: waiver: unknown setting "cod"'),
        (
            WAIVER.replace('reason = "the party comes with the next convention"\n', ""),
            "smartreg.toml:1: waiver: reason is",
        ),
        (f'name = "x"\n\n{WAIVER}{WAIVER}'.replace("service numérique", ""), "smartreg.toml:3: waiver: decided_by is"),
        (WAIVER.replace("2026-01-15", '"2026-01-15"'), "smartreg.toml:1: waiver: until must be a date"),
        (WAIVER.replace("2026-01-15", "2026-01-15T10:00:00"), "smartreg.toml:1: waiver: until must be a date"),
        (WAIVER.replace('"REF201"', "201"), "smartreg.toml:1: waiver: code must be a text"),
        ('waiver = ["REF201"]\n', "smartreg.toml: waiver must be a table"),
        ('waiver = "REF201"\n', "smartreg.toml: waiver: must be a list"),
        ("[thresholds]\nexpiry_days = nan\n", "smartreg.toml: thresholds.expiry_days: must be a number"),
        ("[thresholds]\nmutualisation_m = inf\n", "smartreg.toml: thresholds.mutualisation_m: must be a number"),
        ("[thresholds]\nstale_months = -1\n", "smartreg.toml: thresholds.stale_months: must be a number"),
        ("[thresholds]\nstale_month = 1\n", "smartreg.toml: thresholds.stale_month: unknown setting"),
        ("[programme]\nbudget_total_eur_ttc = inf\n", "smartreg.toml: programme.budget_total_eur_ttc: must be"),
        ("[programme]\nfrom = 2022-01-01T00:00:00Z\n", "smartreg.toml: programme.from: must be a date"),
        ('[severity]\nREF201 = "fatal"\n', "smartreg.toml: severity.REF201: must be one of"),
    ],
)
def test_settings_that_are_wrong_are_named(toml: str, message: str) -> None:
    with pytest.raises(UsageFault) as caught:
        read_config(toml.encode())
    assert caught.value.message.in_("en").startswith(message)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('select = ["REFS"]\n', 'smartreg.toml: select: no rule "REFS"'),
        ('ignore = [""]\n', 'smartreg.toml: ignore: no rule ""'),
        ('ignore = ["REF", "GEO9"]\n', 'smartreg.toml: ignore: no rule "GEO9"'),
        ('[severity]\nREF = "off"\n', 'smartreg.toml: [severity]: no rule "REF"'),
        (WAIVER.replace("REF201", "REF999"), 'smartreg.toml:1: waiver: no rule "REF999"'),
        (WAIVER.replace("REF201", "YML001"), "smartreg.toml:1: waiver: YML001 cannot be waived"),
        (WAIVER.replace("REF201", "WAI902"), "smartreg.toml:1: waiver: WAI902 cannot be waived"),
        (WAIVER.replace("REF201", "CHG815"), "smartreg.toml:1: waiver: CHG815 cannot be waived"),
    ],
)
def test_settings_that_name_no_rule_are_refused(toml: str, message: str) -> None:
    with pytest.raises(UsageFault) as caught:
        refuse_unknown_codes(read_config(toml.encode()), all_rules())
    assert caught.value.message.in_("en") == message


def test_settings_that_name_rules_are_not_refused() -> None:
    toml = 'select = ["REF", "CON301"]\nignore = ["REF21"]\n[severity]\nREF201 = "off"\n' + WAIVER
    refuse_unknown_codes(read_config(toml.encode()), all_rules())
