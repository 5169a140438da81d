"""The pipelines that `init --ci` writes, and the commands of smartreg that a registry's pipelines run.

The lines of a pipeline judge a pull request by where it started (`--since`) and everything else in full, in one command
of the shell: `${NAME:+--since "…"}` is there where the service names the base.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from smartreg.core.regular_file import read_regular
from smartreg.core.values import Words

GITHUB_SINCE = '${BASE:+--since "origin/$BASE"}'
# A pipeline of merged results judges the merge with what the target branch has now, which may be later than where the
# change left it: its faults are none of the change.
GITLAB_SINCE = (
    "${CI_MERGE_REQUEST_DIFF_BASE_SHA:+--since "
    '"${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"}'
)

# By `-m` alone, Python would look for modules in the current folder first: a file `json.py` of somebody's branch would
# run. `-P` leaves that folder out, `-E` leaves out PYTHONPATH, which may name it. (`-I` would leave out what a user
# installed for himself, too.)
SAFELY = "-E -P -m"
_PYTHON = f"python {SAFELY}"

VARIABLES = ("SMARTREG_SOURCE", "SMARTREG_PLUGINS")
UNSET = "set the variable SMARTREG_SOURCE: where pip installs smartreg from"

_GITHUB = f"""\
name: registry
on:
  pull_request:
  push:
    branches: [@branch@]
  schedule:
    - cron: "17 4 * * *"
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      # The variable SMARTREG_SOURCE of the repository says where smartreg is installed from, as pip reads it: a
      # Git address with a commit (git+https://…@COMMIT), or a release; SMARTREG_PLUGINS, where there are any, the same
      # of the plug-ins that smartreg.toml names, with spaces between them.
      - run: '{_PYTHON} pip install "${{SOURCE:?{UNSET}}}" $PLUGINS'
        env:
          SOURCE: ${{{{ vars.SMARTREG_SOURCE }}}}
          PLUGINS: ${{{{ vars.SMARTREG_PLUGINS }}}}
      # Once parties list who writes for them, add --as-author behind --since "origin/$BASE".
      - run: {_PYTHON} smartreg validate@folder@ {GITHUB_SINCE} -f github --step-summary
        env:
          BASE: ${{{{ github.base_ref }}}}
"""

_GITLAB = f"""\
registry:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    # The CI/CD variable SMARTREG_SOURCE says where smartreg is installed from, as pip reads it: a Git address with a
    # commit (git+https://…@COMMIT), or a release; SMARTREG_PLUGINS, where there are any, the same of the plug-ins that
    # smartreg.toml names, with spaces between them.
    - '{_PYTHON} pip install "${{SMARTREG_SOURCE:?{UNSET}}}" $SMARTREG_PLUGINS'
    # Once parties list who writes for them, add --as-author behind --since "…".
    - {_PYTHON} smartreg validate@folder@ {GITLAB_SINCE} --report gitlab=code-quality.json --report junit=junit.xml
  artifacts:
    when: always
    reports:
      codequality: code-quality.json
      junit: junit.xml
"""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True)
class Service:
    """What a pipeline has to know of its repository: the `branch` that changes go into, and the way from the top to the
    registry (`folder`, empty or ending with a slash): services read pipelines at the top alone."""

    branch: str = "main"
    folder: str = ""


SET_SOURCE = Words(
    "the pipeline needs the variable SMARTREG_SOURCE: where pip installs smartreg from (git+https://…@COMMIT). GitHub: "
    "Settings, Secrets and variables, Actions, Variables; GitLab: Settings, CI/CD, Variables",
    "la chaîne a besoin de la variable SMARTREG_SOURCE : d'où pip installe smartreg (git+https://…@COMMIT). GitHub : "
    "Settings, Secrets and variables, Actions, Variables ; GitLab : Settings, CI/CD, Variables",
)


def github(service: Service) -> str:
    branch = service.branch if _PLAIN.fullmatch(service.branch) else json.dumps(service.branch, ensure_ascii=False)
    return _fill_template(_GITHUB, service).replace("@branch@", branch)


def gitlab(service: Service) -> str:
    return _fill_template(_GITLAB, service)


def _fill_template(text: str, service: Service) -> str:
    folder = service.folder.rstrip("/")
    words = f" -C {shlex.quote(folder)}" if folder else ""
    return text.replace("@folder@", words)


PIPELINES = {"github": (".github/workflows/registry.yml", github), "gitlab": (".gitlab-ci.yml", gitlab)}

_FOLDER, _FILE = ".github/workflows", ".gitlab-ci.yml"
_PROGRAM = r"(?:\S*python[0-9.]*(?:\s+-\w+)*\s+-m\s+)?smartreg\s+"
_COMMAND = re.compile(rf"^\s*(?:-\s+)?(?:run:\s+)?({_PROGRAM}(?:validate|diff|format)\b.*?)\s*$", re.MULTILINE)
_ACTION = re.compile(r"^\s*(?:-\s+)?uses:\s+\S*smartreg\S*\s*$", re.MULTILINE)
_ACTION_COMMAND = f"{_PYTHON} smartreg validate {GITHUB_SINCE} -f github --step-summary"
_AUTHORS = re.compile(r"^\s*as-author:\s*['\"]?true", re.MULTILINE)
_SINCE = re.compile(r'\$\{\w+:\+--since "[^"]*"([^}]*)\}')
_OUTPUT = re.compile(r" (?:-f|--format|--report|-o|--output)(?:=| )\S+| --step-summary")
_DIRECTORY = re.compile(r" (?:-C|--directory)(?:=| )(?:'[^']*'|\S+)")
_LIMIT = 1 << 20


@dataclass(frozen=True)
class CiCommand:
    """What a pipeline runs: the file, the line as it stands there, that line for a pull request and for a push, and the
    one that gives the same verdict to people in the registry's folder; the `variables` of ours that the service has to
    know."""

    file: str
    line: str
    pull_request: str
    push: str
    here: str
    variables: tuple[str, ...] = ()


def ci_commands(root: Path, base: str) -> list[CiCommand]:
    """The commands of smartreg in the pipelines of the registry at `root`, for a pull request into `base`."""
    return [
        replace(_format_command(file, command, base), variables=tuple(name for name in VARIABLES if name in text))
        for file, text in _texts(root)
        for command in _commands(text)
    ]


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    folder = root / _FOLDER
    found = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    for path in (*found, root / _FILE):
        try:
            text = read_regular(path, _LIMIT)
        except OSError:
            continue
        if len(text) < _LIMIT:
            yield path.relative_to(root).as_posix(), text.decode("utf-8", "replace")


def _commands(text: str) -> Iterator[str]:
    if _ACTION.search(text):
        authors = " --as-author" if _AUTHORS.search(text) else ""
        yield _ACTION_COMMAND.replace('"}', f'"{authors}}}')
    yield from _COMMAND.findall(text)


def _format_command(file: str, command: str, base: str) -> CiCommand:
    asked = _SINCE.sub(rf"--since {base}\1", command)
    here = re.sub(_PROGRAM, "smartreg ", _DIRECTORY.sub("", _OUTPUT.sub("", asked)), count=1)
    return CiCommand(file, command, asked, _SINCE.sub("", command).replace("  ", " "), here)
