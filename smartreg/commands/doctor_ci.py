"""The commands of smartreg that the pipelines of a registry run: all of them (`doctor --ci`), and those that a change
removes.

`doctor --settings`: the settings in force, and where they come from.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from smartreg.commands.pipelines import GITHUB_SINCE, GITLAB_FILE, PYTHON, WORKFLOW_FOLDER
from smartreg.commands.workspace import Workspace
from smartreg.core.files import read_regular
from smartreg.core.findings import Finding
from smartreg.core.values import Location, Words
from smartreg.gitio import FileChange, Repo
from smartreg.review.notes import WORKFLOW
from smartreg.schema.settings import FILE
from smartreg.schema.settings_file import effective
from smartreg.trees import WorkingTree

_PROGRAM = r"(?:\S*python[0-9.]*(?:\s+-\w+)*\s+-m\s+)?smartreg\s+"
_COMMAND = re.compile(rf"^\s*(?:-\s+)?(?:run:\s+)?({_PROGRAM}(?:validate|diff|format)\b.*?)\s*$", re.MULTILINE)
_ACTION = re.compile(r"^\s*(?:-\s+)?uses:\s+\S*smartreg\S*\s*(?:#.*)?$", re.MULTILINE)
_ACTION_COMMAND = f"{PYTHON} smartreg validate {GITHUB_SINCE} -f github --step-summary"
_AUTHORS = re.compile(r"^\s*as-author:\s*['\"]?true", re.MULTILINE)
_SINCE = re.compile(r'\$\{\w+:\+--since "[^"]*"([^}]*)\}')
_OUTPUT = re.compile(r" (?:-f|--format|--report|-o|--output)(?:=| )\S+| --step-summary")
_DIRECTORY = re.compile(r" (?:-C|--directory)(?:=| )(?:'[^']*'|\S+)")
# A workflow that runs after another one comments; it gives no verdict.
_LATER = re.compile(r"^\s+workflow_run:", re.MULTILINE)
_LIMIT = 1 << 20


@dataclass(frozen=True)
class CiCommand:
    """What a pipeline runs: the file, the line as written, that line for a pull request and for a push, and the
    one that gives the same verdict to people in the registry's folder. `variable`: it installs smartreg from a variable
    of the repository, which a pull request from a fork does not get."""

    file: str
    line: str
    pull_request: str
    push: str
    here: str
    variable: bool = False


@dataclass(frozen=True)
class Ci:
    """The commands; the `base` that a pull request would go into, and whether the current commit lacks some of it:
    services check the merge of both."""

    commands: tuple[CiCommand, ...]
    base: str
    behind: bool


def ci(workspace: Workspace) -> Ci:
    """StateFault when the registry is not under Git."""
    repo = workspace.git
    base = repo.upstream()
    # Pipelines stand at the top of the repository, wherever the registry is.
    commands = tuple(ci_commands(repo.top, base))
    head = repo.head()
    behind = head is not None and repo.merge_base(tip := repo.resolve(base), head) != tip
    return Ci(commands, base, behind)


def ci_commands(root: Path, base: str) -> list[CiCommand]:
    """The commands of smartreg in the pipelines of the registry at `root`, for a pull request into `base`."""
    return [
        replace(_format(file, command, base), variable="SMARTREG_SOURCE" in text)
        for file, text in _texts(root)
        for command in _commands(text)
    ]


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    folder = root / WORKFLOW_FOLDER
    found = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    for path in (*found, root / GITLAB_FILE):
        try:
            text = read_regular(path, _LIMIT)
        except OSError:
            continue
        if len(text) < _LIMIT:
            yield path.relative_to(root).as_posix(), text.decode("utf-8", "replace")


def _commands(text: str) -> Iterator[str]:
    if _LATER.search(text):
        return
    if _ACTION.search(text):
        authors = " --as-author" if _AUTHORS.search(text) else ""
        yield _ACTION_COMMAND.replace('"}', f'"{authors}}}')
    yield from _COMMAND.findall(text)


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
                Words(f"no pipeline runs this any more: {command}", f"aucune chaîne ne lance plus : {command}"),
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


DEFAULT = "default"
VARIABLES = (
    "SMARTREG_DIRECTORY",
    "SMARTREG_FORMAT",
    "SMARTREG_LANG",
    "SMARTREG_NO_INPUT",
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "NO_COLOR",
    "FORCE_COLOR",
    "GITHUB_STEP_SUMMARY",
)
"""What the program reads of the environment, besides Git's own."""


class InForce(NamedTuple):
    """A setting in force: its value as JSON has it, and its source: smartreg.toml, environment or default."""

    name: str
    value: Any
    source: str


def settings_in_force(workspace: Workspace | None, environ: Mapping[str, str]) -> Iterator[InForce]:
    """The settings of the registry (none outside of one), then what the environment says."""
    if workspace is not None:
        try:
            text = WorkingTree(workspace.root, workspace.repo).read(FILE)
        except FileNotFoundError:
            text = None
        for setting in effective(text):
            yield InForce(setting.name, _plain(setting.value), FILE if setting.given else DEFAULT)
    for name in VARIABLES:
        if name in environ:
            yield InForce(name, environ[name], "environment")


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=_setting_text))


def _setting_text(value: Any) -> Any:
    """A date, or one of the waivers."""
    return value.isoformat() if isinstance(value, date) else asdict(value)
