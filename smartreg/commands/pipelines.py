"""The pipelines that `init --ci` writes, and the commands of smartreg that a registry's pipelines run.

The lines of a pipeline judge a pull request by where it started (`--since`) and everything else in full, in one command
of the shell: `${NAME:+--since "…"}` is there where the service names the base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from smartreg.frozen import dataclass

GITHUB_SINCE = '${BASE:+--since "origin/$BASE"}'
# A pipeline of merged results judges the merge with what the target branch has now, which may be later than where the
# change left it: its faults are none of the change.
GITLAB_SINCE = (
    "${CI_MERGE_REQUEST_DIFF_BASE_SHA:+--since "
    '"${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"}'
)

GITHUB = f"""\
name: registry
on:
  pull_request:
  push:
    branches: [main]
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
      # Git address with a commit (git+https://…@COMMIT), or a release.
      - run: pip install "$SOURCE"
        env:
          SOURCE: ${{{{ vars.SMARTREG_SOURCE }}}}
      # Once parties list who writes for them, add --as-author behind --since "origin/$BASE".
      - run: smartreg validate {GITHUB_SINCE} -f github --step-summary
        env:
          BASE: ${{{{ github.base_ref }}}}
"""

GITLAB = f"""\
registry:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    # The CI/CD variable SMARTREG_SOURCE says where smartreg is installed from, as pip reads it: a Git address with a
    # commit (git+https://…@COMMIT), or a release.
    - pip install "$SMARTREG_SOURCE"
    # Once parties list who writes for them, add --as-author behind --since "…".
    - smartreg validate {GITLAB_SINCE} --report gitlab=code-quality.json --report junit=junit.xml
  artifacts:
    when: always
    reports:
      codequality: code-quality.json
      junit: junit.xml
"""

PIPELINES = {"github": (".github/workflows/registry.yml", GITHUB), "gitlab": (".gitlab-ci.yml", GITLAB)}

_FOLDER, _FILE = ".github/workflows", ".gitlab-ci.yml"
_COMMAND = re.compile(r"^\s*(?:-\s+)?(?:run:\s+)?(smartreg\s+(?:validate|diff|format)\b.*?)\s*$", re.MULTILINE)
_ACTION = re.compile(r"^\s*(?:-\s+)?uses:\s+\S*smartreg\S*\s*$", re.MULTILINE)
_ACTION_COMMAND = f"smartreg validate {GITHUB_SINCE} -f github --step-summary"
_AUTHORS = re.compile(r"^\s*as-author:\s*['\"]?true", re.MULTILINE)
_SINCE = re.compile(r'\$\{\w+:\+--since "[^"]*"([^}]*)\}')
_OUTPUT = re.compile(r" (?:-f|--format|--report|-o|--output)(?:=| )\S+| --step-summary")
_LIMIT = 1 << 20


@dataclass(frozen=True)
class CiCommand:
    """What a pipeline runs: the file, the line as it stands there, that line for a pull request and for a push, and the
    one that gives the same verdict to people."""

    file: str
    line: str
    pull_request: str
    push: str
    here: str


def ci_commands(root: Path, base: str) -> list[CiCommand]:
    """The commands of smartreg in the pipelines of the registry at `root`, for a pull request into `base`."""
    return [_shown(file, command, base) for file, text in _texts(root) for command in _commands(text)]


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    folder = root / _FOLDER
    found = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    for path in (*found, root / _FILE):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < _LIMIT:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def _commands(text: str) -> Iterator[str]:
    if _ACTION.search(text):
        authors = " --as-author" if _AUTHORS.search(text) else ""
        yield _ACTION_COMMAND.replace('"}', f'"{authors}}}')
    yield from _COMMAND.findall(text)


def _shown(file: str, command: str, base: str) -> CiCommand:
    asked = _SINCE.sub(rf"--since {base}\1", command)
    return CiCommand(file, command, asked, _SINCE.sub("", command).replace("  ", " "), _OUTPUT.sub("", asked))
