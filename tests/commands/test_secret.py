"""What looks like a secret is not repeated by what shows values and changes: no output holds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.core.secret import mask, secret_in

KEY, WORD, TOKEN = "2B7E151628AED2A6ABF7158809CF4F3C", "Sonde!2026", "NNSXS.ABCDEFGHIJKLMNOP.QRSTUVWXYZ"
ADDRESS = f"https://files.example.org/keys/{KEY}/sheet.pdf"
FILE = "registry/equipment/noise-1.yaml"
RECORD = """\
id: noise-1
type: sensor
owner: amp
use_cases: [noise]
status: planned
model: AppKey {key}
notes: {notes}
app_key: {key}
login:
  - {{name: join, password: {word}}}
  - {{name: "{token}", user: amp}}
tags: [a, "{token}"]
"""
CLEAN = "id: noise-1\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: planned\nnotes: none\n"


@pytest.fixture
def secret_branch(git_repo: Path, git: Git) -> Path:
    """A registry whose branch brings secrets, changes one of them and takes some away."""
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n')
    for path, text in (
        ("registry/parties/amp.yaml", "id: amp\nname: AMP\ncategory: metropole\n"),
        (FILE, CLEAN),
    ):
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text)
    git("add", "-A")
    git("commit", "-qm", "start")
    git("checkout", "-qb", "change")
    for notes, word in ((f'"AppKey {KEY}"', "first!0"), (f'"mot de passe: {WORD}"', WORD)):
        (git_repo / FILE).write_text(RECORD.format(key=KEY, notes=notes, word=word, token=TOKEN))
        git("commit", "-qam", "keys")
    return git_repo


LINES = [
    *(["diff", "main", "-f", form] for form in ("text", "markdown", "json", "html")),
    *(["diff", "change", "main", "-f", form] for form in ("text", "json")),
    ["diff", "HEAD~1", "HEAD"],
    *(["blame", "noise-1", "-f", form] for form in ("text", "json", "csv")),
    *(["log", "noise-1", "-f", form] for form in ("text", "json")),
    *(["show", "noise-1", "--refs", "--lang", lang] for lang in ("en", "fr")),
    ["list", "equipment", "--columns", "id,label,notes"],
    ["validate", "--since", "main"],
    ["set", "noise-1", "notes=none", "--dry-run"],
]


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_no_output_holds_a_secret(secret_branch: Path, words: Sequence[str]) -> None:
    done = start(*words, cwd=secret_branch)
    assert done.returncode in (0, 1), done.stderr
    shown = done.stdout + done.stderr
    assert shown
    for secret in (KEY, WORD, TOKEN, "first!0"):
        assert secret not in shown, shown


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("app_key", KEY, "2B7E…"),
        ("notes", f"AppKey {KEY}", "AppK…"),
        ("password", "abc", "…"),
        ("digest", f"{KEY}{KEY}", f"{KEY}{KEY}"),
        ("dev_eui", "70B3D57ED0000001", "70B3D57ED0000001"),
        ("notes", "password: see the vault", "password: see the vault"),
        ("notes", ADDRESS, ADDRESS),
        ("notes", f"{ADDRESS}?key={KEY}", "http…"),
    ],
)
def test_what_is_shown_of_a_value(field: str, text: str, shown: str) -> None:
    assert mask({field: [text]}) == {field: [shown]}
    assert (secret_in(field, text) is None) == (text == shown)


NUMBER = "06 00 00 00 00"
PRIVATE = (NUMBER, "+33 6 00 00 00 00", f"AppKey {KEY}", "mot de passe : Sonde!2026", TOKEN)


@pytest.fixture
def clean(git_repo: Path, git: Git) -> Path:
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n')
    (git_repo / FILE).parent.mkdir(parents=True)
    (git_repo / FILE).write_text(CLEAN)
    git("add", "-A")
    git("commit", "-qm", "start")
    return git_repo


@pytest.mark.promise("R12")
@pytest.mark.parametrize("text", PRIVATE)
@pytest.mark.parametrize(
    "words",
    [
        ("set", "noise-1", "notes=x", "-m", "{}", "-y"),
        ("set", "noise-1", "notes=x", "-m", "Ask about it: {}, in the evening", "-y"),
        ("set", "noise-1", "notes=x", "--trailer", "Refs={}", "-y"),
        ("retire", "noise-1", "--on", "2024-03-01", "--reason", "{}", "-y"),
        ("set", "noise-1", "notes=x", "-n", "-m", "{}"),
        ("audit", "seal", "-m", "{}"),
    ],
)
def test_the_history_is_given_no_secret_and_no_number(clean: Path, git: Git, words: Sequence[str], text: str) -> None:
    before = git("for-each-ref")
    done = start(*(word.format(text) for word in words), "--lang", "en", cwd=clean)
    assert done.returncode == 1
    assert "holds what looks like" in done.stderr
    assert (git("for-each-ref"), git("status", "--porcelain")) == (before, "")


@pytest.mark.promise("R12")
def test_a_trailer_is_read_with_its_key(clean: Path, git: Git) -> None:
    """Sixteen bytes alone may be anything; the audit reads the line as a whole."""
    done = start("set", "noise-1", "notes=x", "--trailer", f"AppKey={KEY}", "-y", "--lang", "en", cwd=clean)
    assert (done.returncode, "--trailer AppKey holds what looks like a LoRaWAN key" in done.stderr) == (1, True)
    assert start("set", "noise-1", "notes=x", "--trailer", f"Digest={KEY}", "-y", cwd=clean).returncode == 0


@pytest.mark.promise("R12")
@pytest.mark.parametrize("name", ["tel-0600000000", "fix/06-00-00-00-00", f"lora-{TOKEN}"])
def test_a_branch_whose_merge_would_keep_a_number_takes_no_commit(clean: Path, git: Git, name: str) -> None:
    git("checkout", "-qb", name)
    done = start("set", "noise-1", "notes=x", "-y", "--lang", "en", cwd=clean)
    assert done.returncode == 3
    assert "the name of this branch holds what looks like" in done.stderr
    assert "git branch -m" in done.stderr
    git("branch", "-m", "backup-2026-06-12-10-30-00")
    assert start("set", "noise-1", "notes=x", "-y", cwd=clean).returncode == 0


@pytest.mark.promise("R12")
def test_the_audit_reports_what_the_history_holds(clean: Path, git: Git) -> None:
    git("commit", "-q", "--allow-empty", "-m", f"Call {NUMBER}")
    called = git("rev-parse", "--short=7", "HEAD").strip()
    git("tag", "v-0600000000")
    git("tag", "pwd=Hunt/er22")
    git("checkout", "-qb", f"fix/{TOKEN}")
    git("commit", "-q", "--allow-empty", "-m", "Nothing")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", f"Merge branch 'fix/{TOKEN}'", f"fix/{TOKEN}")
    merged = git("rev-parse", "--short=7", "HEAD").strip()
    done = start("audit", "--json", "--lang", "en", cwd=clean)
    found = [one["message"] for one in json.loads(done.stdout)["findings"] if one["code"] == "AUD919"]
    assert sorted(found) == sorted(
        [
            f"the message of commit {called} holds what looks like a telephone number",
            f"the message of commit {merged} holds what looks like an API key of The Things Stack",
            "the name of refs… holds what looks like a password",
            "the name of refs/tags/v-06… holds what looks like a telephone number",
            "the name of refs/heads/fix/NNSX… holds what looks like an API key of The Things Stack",
        ]
    )
