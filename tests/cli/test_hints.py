"""Every command that the help of a finding names is run as it is printed, on the case that the help is shown for."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartreg.cli.run import run

CASES = Path(__file__).parents[1] / "rules"
# A word of a command line, not of the sentence around it: an option, a value, a reference, a word to be filled in.
WORD = re.compile(
    r"-{1,2}[a-z][\w-]*|[\w.]+[+-]?=\S+|[a-z_]+/\S+|[a-z0-9]*[-0-9][\w-]*|-?\d+\.\d+|[A-Z][A-Z-]+|\"[^\"]+\"|'[^']+'"
)
PART = re.compile(r"\"[^\"]*\"|'[^']*'|[^ ]+")
FILLED = {
    "DATE": "2026-01-10",
    "YYYY-MM-DD": "2026-01-10",
    "FILE": "clause.txt",
    "ID": "amp-2025-1",
    "TITLE": "Clause",
    "REASON": "read wrongly",
}
VALUES = {
    "capacity.max_load_kg": "100",
    "consideration": "free",
    "dpo_email": "dpo@example.org",
    "effective_until": "2030-12-31",
    "families": "installation,connectivity,data",
    "notice_days": "90",
    "removal_days": "90",
    "terminated_on": "2026-01-10",
}
DELIBERATION = "registry/deliberations/amp-2025-1.yaml"
APPROVED = """\
id: amp-2025-1
body: amp-metropole
number: 2025-1
date: "2025-05-02"
subject: Amendments
"""
FOLDERS = {"convention": "conventions", "deliberations": "deliberations", "parties": "parties"}
ASKS = "error: not a terminal, and these are missing"  # a terminal asks for the rest
READING = {"explain", "list", "show"}
# Its case is a conflict in the text, not a merge: test_merge_git.py settles real ones.
ELSEWHERE = {"resolve"}


def commands_of(text: str, names: set[str]) -> Iterator[tuple[str, ...]]:
    """`smartreg set X a=b (…)` → its words. `names`: ids that may stand in them without a digit or a hyphen."""
    for line in re.findall(r"smartreg ([a-z][^;)]*)", text):
        name, *words = PART.findall(line)
        ended = name.endswith((",", "."))
        taken: list[str] = []
        for word in () if ended else words:
            value = bool(taken) and taken[-1] in ("--kind", "--unset")
            if not (value or WORD.fullmatch(word.rstrip(",")) or word in names):
                break
            taken.append(word.rstrip(","))
        yield name.rstrip(".,"), *taken


def hint_commands() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Code, case and command, each form of a command once for a case."""
    for expected in sorted(CASES.glob("*/expected.txt")):
        case, forms = "", set()
        for line in expected.read_text("utf-8").splitlines():
            if line.startswith("["):
                case = line.strip("[]")
                names = {file.stem for file in (expected.parent / case).rglob("*.yaml")}
            elif line.startswith("    help: "):
                for words in commands_of(line, names):
                    form = (case, words[0], *(word.partition("=")[0] for word in words[2:]))
                    if words[0] not in ELSEWHERE and form not in forms:
                        forms.add(form)
                        yield expected.parent.name, case, words


FRENCH = {"AAAA-MM-JJ": "YYYY-MM-DD", "FICHIER": "FILE", "COLONNE": "COLUMN", "CHEMIN": "PATH", "VALEUR": "VALUE"}


def test_french_help_names_the_same_commands() -> None:
    for expected in CASES.glob("*/expected.txt"):
        names = {file.stem for file in expected.parent.rglob("*.yaml")}
        lines = expected.read_text("utf-8").splitlines()
        english = [spoken(line, names) for line in lines if line.startswith("    help: ")]
        french = [spoken(line, names) for line in lines if line.startswith("    aide : ")]
        assert french == english, expected


def spoken(line: str, names: set[str]) -> list[tuple[str, ...]]:
    """The commands of a line without reasons and titles in quotes, English words to be filled in."""
    for french, english in FRENCH.items():
        line = line.replace(french, english)
    found = commands_of(re.sub(r"\"[^\"]+\"", '"WORDS"', line), names)
    return [tuple(word.rstrip(",.") for word in words) for words in found]


BY_CASE: dict[tuple[str, str], list[tuple[str, ...]]] = {}
for code, case, words in hint_commands():
    BY_CASE.setdefault((code, case), []).append(words)


@pytest.mark.day("2026-01-15")
@pytest.mark.parametrize(("code", "case"), BY_CASE)
def test_the_commands_of_help_work_as_printed(
    git_repo: Path, code: str, case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(git_repo)
    source = CASES / code / case
    shutil.copytree(source / "before" if (source / "before").is_dir() else source, git_repo, dirs_exist_ok=True)
    if not (git_repo / "smartreg.toml").exists():
        (git_repo / "smartreg.toml").write_text('name = "x"\n', "utf-8")
    (git_repo / "clause.txt").write_text("We accept.\n", "utf-8")
    (git_repo / DELIBERATION).parent.mkdir(parents=True, exist_ok=True)
    (git_repo / DELIBERATION).write_text(APPROVED, "utf-8")
    subprocess.run(["git", "add", "-A"], cwd=git_repo, check=True)
    subprocess.run(["git", "commit", "-qm", "x"], cwd=git_repo, check=True)
    failed = {}
    for name, *words in BY_CASE[code, case]:
        filled = [filled_in(word, source) for word in shlex.split(" ".join(words))]
        bare = all(word.startswith("-") for word in words)
        asked = ["-h"] if bare else filled if name in READING else [*filled, "-n"]
        done = run(["-C", str(git_repo), name, *asked])
        captured = capsys.readouterr()
        # The value in place of "…" may be refused; the command line must be valid.
        open_ = any("…" in word for word in words)
        if done not in ((0, 1) if open_ else (0,)) and not captured.err.startswith(ASKS):
            failed[" ".join((name, *asked))] = captured.out + captured.err
    assert failed == {}


def filled_in(word: str, source: Path) -> str:
    """The word with something that can be meant in place of `…`, `DATE` or `REASON`."""
    for blank, value in FILLED.items():
        word = re.sub(rf"\b{blank}\b", value, word)
    if "…" not in word:
        return word
    field = word.partition("=")[0]
    folder = FOLDERS.get(field)
    files = sorted(source.rglob(f"{folder}/*.yaml")) if folder else []
    named = ",".join(file.stem for file in files[: 2 if field == "parties" else 1])
    return f"{field}={VALUES.get(field) or named or 'another'}"
