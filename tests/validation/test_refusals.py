"""Which errors refuse a fact and which only report it: the tables of `docs/refusals.md`, and registries with them.

`pytest --update` rewrites the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Git
from conventions import place, under_convention
from program import start

from smartreg.core.messages import Message
from smartreg.core.values import Language
from smartreg.domain.refusals import REFUSING, TOLD, reason_to_refuse
from smartreg.edit import ALLOWABLE
from smartreg.rules import Rule, all_rules
from smartreg.validation.manuals import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"
ERRORS = {
    code: rule
    for code, rule in sorted({**catalogue(), **all_rules()}.items())
    if (rule.severity == "error" or rule.grades_errors) and rule.scope not in ("history", "sources")
}
HEADS = {
    "en": ("| code | what is found | why it is only reported |", "| code | what is found | why it refuses |"),
    "fr": ("| code | constat | pourquoi il est seulement signalé |", "| code | constat | pourquoi il refuse |"),
}


def tables(lang: Language) -> Iterator[str]:
    for head, told in zip(HEADS[lang], (True, False), strict=True):
        rows = [_row(code, rule, lang) for code, rule in ERRORS.items() if (code in TOLD) is told]
        yield "\n".join([head, "|---|---|---|", *rows])


def _row(code: str, rule: Rule, lang: Language) -> str:
    reason = TOLD.get(code) or reason_to_refuse(code) or Message("?")
    return f"| {code} | {rule.title.in_(lang)} | {reason.in_(lang)} |"


def test_the_page_shows_every_error_once_with_its_reason(request: pytest.FixtureRequest) -> None:
    assert [code for code in ERRORS if code not in TOLD and reason_to_refuse(code) is None] == []
    assert TOLD.keys() <= ERRORS.keys()
    assert all(any(code.startswith(prefix) for code in ERRORS) for prefix in REFUSING)
    text, wanted = PAGE.read_text("utf-8"), [*tables("en"), *tables("fr")]
    found = re.findall(r"^\| code \|.*\n\|---\|---\|---\|\n(?:\|.*\n)*", text, re.MULTILINE)
    if request.config.getoption("--update"):
        for old, new in zip(found, wanted, strict=True):
            text = text.replace(old, f"{new}\n", 1)
        PAGE.write_text(text, "utf-8")
        found = [f"{new}\n" for new in wanted]
    assert found == [f"{table}\n" for table in wanted]


def test_what_is_allowed_with_a_reason_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert [code for code in ALLOWABLE if text.count(code) < 2] == []


UNLAWFUL = {
    "a device installed before the signature": (
        "add-sensor --id before --owner amp --use-case noise --status active --support pole --network lora "
        "--installed-on 2019-03-11 --dev-eui 70B3D57ED0061239",
        "CON302",
        "equipment/before",
    ),
    "a pole sold with another's sensor on it": ("transfer pole bureau --on 2025-03-01", "CON301", "support/pole"),
    "a termination that nothing allows": (
        "terminate c --on 2026-06-30 --notice-by istres --signed-on 2026-06-02",
        "CON327",
        "convention/c",
    ),
    "data for somebody without a title": ("set levels consumers+=bureau", "DAT502", "flow/levels"),
}


@pytest.mark.parametrize("fact", UNLAWFUL)
def test_what_is_true_and_unlawful_is_recorded_with_its_reason(fact: str, git_repo: Path, git: Git) -> None:
    """Told where it is written and in the gate, an error of the registry from then on; its reason stays."""
    command, code, record = UNLAWFUL[fact]
    root = under_convention(git_repo, git).root
    git("branch", "before", cwd=root)
    done = start(*command.split(), "-m" if "add-" in command else "--reason", "as it was found", "-y", cwd=root)

    assert done.returncode == 0, done.stderr
    assert f"warning[{code}]" in done.stdout + done.stderr
    log = start("log", record, cwd=root).stdout
    assert "as it was found" in log
    assert f"Smartreg-Allows: {code}" in git("log", "-1", "--format=%B", cwd=root)
    gate = start("validate", "--since", "before", "-f", "concise", cwd=root)
    assert (gate.returncode, f" warning {code} " in gate.stdout) == (0, True), gate.stdout
    whole = start("validate", "-f", "concise", "--select", code, cwd=root)
    assert (whole.returncode, f" error {code} " in whole.stdout) == (1, True), whole.stdout


def test_a_registry_that_names_one_as_an_error_has_it_refused(git_repo: Path, git: Git) -> None:
    root = under_convention(git_repo, git).root
    settings = (root / "smartreg.toml").read_text("utf-8")
    place(root, "smartreg.toml", f'{settings}[severity]\nCON301 = "error"\n')
    git("commit", "-qam", "settings", cwd=root)
    refused = start("transfer", "pole", "bureau", "--on", "2025-03-01", "--reason", "sold", "-y", cwd=root)
    assert refused.returncode == 1
    assert "error[CON301]" in refused.stdout
    assert git("status", "--porcelain", cwd=root) == ""


def test_the_last_recipient_of_a_flow_is_cut_off(git_repo: Path, git: Git) -> None:
    root = under_convention(git_repo, git).root
    done = start("set", "levels", "consumers-=istres", "--reason", "contract ended", "-y", cwd=root)
    assert done.returncode == 0, done.stdout
    assert "consumers: []\n" in (root / "registry/flows/levels.yaml").read_text("utf-8")
