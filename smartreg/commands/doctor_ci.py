"""The commands of smartreg that the pipelines of a registry run: all of them (`doctor --ci`), and those that a change
removes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from smartreg.commands.pipelines import (
    AUTHORS,
    CHECKOUT,
    GITHUB_SINCE,
    GITLAB_FILE,
    PYTHON,
    SETUP_PYTHON,
    WORKFLOW_FOLDER,
    install_source,
)
from smartreg.core.files import read_regular
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location
from smartreg.gitio import FileChange, Repo
from smartreg.review.protected_files import WORKFLOW
from smartreg.workspace.workspace import Workspace

_PROGRAM = r"(?:\S*python[0-9.]*(?:\s+-\w+)*\s+-m\s+)?smartreg\s+"
_COMMAND = re.compile(rf"^\s*(?:-\s+)?(?:run:\s+)?({_PROGRAM}(?:validate|diff|format)\b.*?)\s*$", re.MULTILINE)
_ACTION = re.compile(r"^\s*(?:-\s+)?uses:\s+\S*smartreg[^@\s]*(?:@(\S*))?\s*(?:#.*)?$", re.MULTILINE)
_ACTION_COMMAND = f"{PYTHON} smartreg validate {GITHUB_SINCE} -f github --step-summary"
_AS_AUTHOR = re.compile(r"^\s*as-author:\s*['\"]?(\w+)", re.MULTILINE)
_SOURCE = re.compile(r"\bpip install\b.*?smartreg\S*?(?:@|#sha256=)([0-9a-f]{40,64})\b")
_USES = re.compile(r"\buses:\s+([\w./-]+)@\S+\s+#\s*v([0-9]+(?:\.[0-9]+)*)")
_CLEARED = re.compile(rf"{_PROGRAM}doctor\b.*--clear-index")
_SHORT = re.compile(r"--since[= ][\"']?(?!refs/|HEAD\b|[0-9a-f]{40})\w")
_SINCE = re.compile(r'\$\{\w+:\+--since "[^"]*"([^}]*)\}')
_CHECKS_AUTHORS = re.compile(r"(?:(?!\s#).)*\s--as-author")  # not in a comment of the shell
_OUTPUT = re.compile(r" (?:-f|--format|--report|-o|--output)(?:=| )\S+| --step-summary")
_DIRECTORY = re.compile(r" (?:-C|--directory)(?:=| )(?:'[^']*'|\"[^\"]*\"|[^\s'\"])+")
# A workflow that runs after another one comments; it gives no verdict.
_LATER = re.compile(r"^\s+workflow_run:", re.MULTILINE)
_LIMIT = 1 << 20


@dataclass(frozen=True)
class CiCommand:
    """A command that a pipeline runs: the file, the line as written, that line for a pull request and for a push, and
    the one that gives the same verdict to people in the registry's folder. `variable`: it installs smartreg from a
    variable of the repository, which a pull request from a fork does not get. `faults`: what it lacks (see
    `FAULTS`)."""

    file: str
    line: str
    pull_request: str
    push: str
    here: str
    variable: bool = False
    faults: tuple[str, ...] = ()


FAULTS: Mapping[str, Text] = {
    "authors": Message(
        "parties list who writes for them, and it does not check the authors of a change: whatever binds several of "
        'them passes on the word of one; add --as-author behind --since (to the action: as-author: "true")'
    ),
    "base": Message("it names the base by a short name, for which Git prefers a tag: write refs/remotes/origin/$BASE"),
    "index": Message("it reads an index that an earlier job may have left: begin with smartreg doctor --clear-index"),
    "pin": Message("what it installs is pinned to another version than that of this smartreg"),
}
"""The faults of a pipeline. A pipeline pinned to another version may be right all the same."""


@dataclass(frozen=True)
class Ci:
    """The commands; the `base` that a pull request would go into, and whether the current commit lacks some of it:
    services check the merge of both."""

    commands: tuple[CiCommand, ...]
    base: str
    behind: bool


def ci(workspace: Workspace, on: date) -> Ci:
    """StateFault when the registry is not under Git."""
    from smartreg.review.authors import Writers  # and with it all that checks authors, which no `diff` does

    repo = workspace.git
    base = repo.upstream()
    # Pipelines stand at the top of the repository, wherever the registry is.
    commands = tuple(ci_commands(repo.top, base, guarded=bool(Writers(workspace.current, on).listing)))
    head = repo.head()
    behind = head is not None and repo.merge_base(tip := repo.resolve(base), head) != tip
    return Ci(commands, base, behind)


def ci_commands(root: Path, base: str, *, guarded: bool = False) -> list[CiCommand]:
    """The commands of smartreg in the pipelines of the registry at `root`, for a pull request into `base`. `guarded`:
    parties list writers, so authors have to be checked: by one command of each service."""
    texts = dict(_texts(root))
    commands = [_format(file, command, base) for file, text in texts.items() for command in _commands(text)]
    checking = {_is_of_github(command.file) for command in commands if _CHECKS_AUTHORS.match(command.here)}
    completed = []
    for command in commands:
        text, unguarded = texts[command.file], guarded and _is_of_github(command.file) not in checking
        faults = tuple(_faults(command, text, unguarded))
        completed.append(replace(command, variable="SMARTREG_SOURCE" in text, faults=faults))
    return completed


def _is_of_github(file: str) -> bool:
    return file.startswith(WORKFLOW_FOLDER)


def _faults(command: CiCommand, text: str, unguarded: bool) -> Iterator[str]:
    """The names of what a command, in a pipeline with this text, lacks."""
    if unguarded and "validate" in command.here:
        yield "authors"
    if _SHORT.search(command.line):
        yield "base"
    if not _ACTION.search(text) and not _CLEARED.search(text):
        yield "index"
    if _is_pinned_elsewhere(text):
        yield "pin"


def _is_pinned_elsewhere(text: str) -> bool:
    """Whether it installs another smartreg than the running one, as far as it is known where that came from, or an
    older action than `init --ci` names."""
    own = install_source() or ""
    pins = [*_SOURCE.findall(text), *_ACTION.findall(text)]
    newest = {name: _version(number) for name, number in _USES.findall(f"uses: {CHECKOUT}\nuses: {SETUP_PYTHON}")}
    return any(own and pin not in own for pin in pins) or any(
        _version(number) < newest[name] for name, number in _USES.findall(text) if name in newest
    )


def _version(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    folder = root / WORKFLOW_FOLDER
    workflows = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    for path in (*workflows, root / GITLAB_FILE):
        try:
            text = read_regular(path, _LIMIT)
        except OSError:
            continue
        if len(text) < _LIMIT:
            yield path.relative_to(root).as_posix(), text.decode("utf-8", "replace")


def _commands(text: str) -> Iterator[str]:
    if _LATER.search(text):
        return
    if action := _ACTION.search(text):
        yield _ACTION_COMMAND.replace(f" {AUTHORS}", _authors_of_action(action[1], text))
    yield from _COMMAND.findall(text)


def _authors_of_action(pin: str | None, text: str) -> str:
    """The option by which the action checks authors. Earlier versions did so for `true` alone, which was not their
    default."""
    asked = _AS_AUTHOR.search(text)
    if asked and asked[1] == "true":
        return " --as-author"
    own = install_source()
    current = pin is not None and own is not None and pin in own
    return f" {AUTHORS}" if current and (asked is None or asked[1] == "auto") else ""


def commands_removed(repo: Repo, changes: Iterable[FileChange]) -> Iterator[Finding]:
    """CHG817 for each command of smartreg that pipelines ran before these changes and do not run after them, for a pull
    request into the upstream branch."""
    pipelines = [change for change in changes if _is_pipeline(change.path)]
    base = repo.upstream() if pipelines else ""
    sides: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for change in pipelines:
        for side, blob in zip(sides, (change.before, change.after), strict=True):
            text = _content(repo, change.path, blob)
            side.update({_format(change.path, command, base).here: change.path for command in _commands(text)})
    before, after = sides
    for command, path in before.items():
        if command not in after:
            yield Finding(
                WORKFLOW,
                "info",
                Message("no pipeline runs this any more: {command}", command=command),
                Location(posixpath.relpath(path, repo.prefix or ".")),
            )


def _is_pipeline(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return path == GITLAB_FILE or (folder == WORKFLOW_FOLDER and name.endswith((".yml", ".yaml")))


def _content(repo: Repo, path: str, blob: str | None) -> str:
    """The text of a blob; of one that is not in Git yet (zeros), what lies on disk. Empty where there is none."""
    if blob is None:
        return ""
    if blob.strip("0"):
        [(_, text)] = repo.blobs([blob], _LIMIT)
    else:
        try:
            text = read_regular(repo.top / path, _LIMIT)
        except OSError:
            return ""
    return text.decode("utf-8", "replace")


def _format(file: str, command: str, base: str) -> CiCommand:
    for_pull_request = _SINCE.sub(rf"--since {base}\1", command)
    here = re.sub(_PROGRAM, "smartreg ", _DIRECTORY.sub("", _OUTPUT.sub("", for_pull_request)), count=1)
    return CiCommand(file, command, for_pull_request, _SINCE.sub("", command).replace("  ", " "), here)
