"""Reports do not repeat the secrets that were found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.styled import plain
from smartreg.wording.full import report
from smartreg.wording.secrets import hide_secrets, secrets_of
from smartreg.workspace.locating import locator
from smartreg.workspace.workspace import open_workspace

KEY = "00112233445566778899AABBCCDDEEFF"
FILE = "registry/parties/a.yaml"
ON = date(2026, 1, 15)


def report_text(root: Path, text: str) -> tuple[list[str], list[str]]:
    """The full report of a registry with this one party, and the text without secrets."""
    (root / "smartreg.toml").write_text('name = "Istres"\n')
    (root / "registry/parties").mkdir(parents=True)
    (root / FILE).write_text(text)
    workspace = open_workspace(root)
    verdict = validate(workspace, ValidateOptions(ON))
    secrets = secrets_of(verdict.findings, locator(workspace.current))
    rows = [hide_secrets(row, secrets.get((FILE, n), ())) for n, row in enumerate(text.splitlines(), 1)]
    return plain(report(verdict.findings, verdict.summary, locate=verdict.locate, lang="en")).splitlines(), rows


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (f"notes: AppKey {KEY}", ["notes: AppK…"]),
        (f'notes: "AppKey {KEY}"  # kept', ['notes: "App…  # kept']),
        (f"notes: |\n  Join server.\n  AppKey {KEY}", ["notes: |", "  Join…", "  AppK…"]),
        ("mqtt: {password: hunter2secret, user: a}", ["mqtt: {password: hunt…, user: a}"]),
        ("password: abc123", ["password: …"]),
        (f"siren: {KEY[:10]}A{KEY[10:]}", ["siren: 0011…"]),
    ],
)
def test_a_secret_is_shown_by_its_first_characters(git_repo: Path, last: str, shown: list[str]) -> None:
    lines, rows = report_text(git_repo, f"id: a\nname: A\ncategory: private\n{last}\n")
    assert rows[3:] == shown
    frames = [row for row in lines if row.lstrip().startswith("4 |")]
    assert frames
    assert {row.partition("| ")[2] for row in frames} == {shown[0]}
    assert not any(secret in row for row in lines for secret in (KEY[5:], "hunter2", "abc123"))
