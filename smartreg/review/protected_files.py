"""Files of a change that act where it is checked, opened or built (CHG817): pipelines, hooks, scripts, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import category, normalize

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location
from smartreg.gitio import FileChange
from smartreg.registry import FOLDER, SCHEMA_FOLDER
from smartreg.review.notes import from_registry
from smartreg.schema.settings import FILE as SETTINGS_FILE

WORKFLOW = "CHG817"
LINK, SUBMODULE = "120000", "160000"

# What files can do, and which ones, by their paths from the top of the repository.
_PROTECTED: tuple[tuple[Text, re.Pattern[str]], ...] = tuple(
    (what, re.compile(f"(?:{files})", re.IGNORECASE))  # many file systems treat `makefile` and `MAKEFILE` as one
    for what, files in (
        (
            Message("it decides who must review"),
            r"(?:.*/)?CODEOWNERS",
        ),
        (
            Message("a pipeline runs it, and may hand it secrets"),
            r"(?:.*/)?\.(?:github|gitlab|forgejo|gitea|circleci|woodpecker|buildkite|semaphore|tekton|teamcity)/.*"
            r"|\.gitlab-ci.*\.yml|\.woodpecker\.ya?ml|\.drone\.yml|action\.ya?ml|\.cirrus\.yml|\.?appveyor\.yml"
            r"|azure-pipelines.*\.ya?ml|bitbucket-pipelines\.yml|Jenkinsfile.*|\.travis\.yml|\.ci/.*|ci/.*"
            r"|cloudbuild\.ya?ml|buildspec\.ya?ml|\.readthedocs\.ya?ml|netlify\.toml|vercel\.json|\.mergify\.yml"
            r"|\.?renovate(?:rc)?(?:\.json5?)?",
        ),
        (
            Message("hooks of Git run it on the computers of those who installed them"),
            r"(?:.*/)?(?:\.husky|\.?githooks|\.lefthook)/.*|\.pre-commit-(?:config|hooks)\.ya?ml"
            r"|\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.overcommit\.yml|\.lintstagedrc.*",
        ),
        (
            Message("Git goes by it: what it leaves out, converts, merges, fetches or names"),
            r"(?:.*/)?(?:\.gitattributes|\.gitignore|\.gitmodules|\.mailmap|\.lfsconfig)",
        ),
        (
            Message("an editor or a shell obeys it as soon as the folder is opened"),
            r"(?:.*/)?(?:\.(?:vscode|idea|devcontainer|fleet|zed|vim|nvim|cursor)/.*|[^/]*\.code-workspace"
            r"|\.(?:editorconfig|envrc|env[^/]*|exrc|nvimrc|vimrc|nvim\.lua|dir-locals\.el|devcontainer\.json|gitpod\.yml"
            r"|gdbinit|lldbinit|bashrc|bash_profile|profile|zshrc|zshenv|cursorrules|mcp\.json)|AGENTS\.md|CLAUDE\.md)",
        ),
        (
            Message("everyone who builds, tests or installs in this folder runs it"),
            r"(?:.*/)?(?:(?:GNU)?makefile|[^/]*\.mk|CMakeLists\.txt|[^/]*\.cmake|\.?justfile|Taskfile\.ya?ml|Rakefile"
            r"|Gemfile(?:\.lock)?|(?:Docker|Container|Earth|Tilt|Snake|Brew|Pip|Proc|Vagrant)file[^/]*"
            r"|(?:docker-)?compose[^/]*\.ya?ml|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|pyvenv\.cfg"
            r"|(?:requirements|constraints)[^/]*\.txt|(?:uv|poetry|Cargo|yarn|pnpm-lock)\.(?:lock|toml|ya?ml)|pip\.conf"
            r"|environment\.ya?ml|package(?:-lock)?\.json|\.(?:npm|yarn|pnpm)rc(?:\.yml)?|go\.(?:mod|work)|\.cargo/.*"
            r"|[^/]*\.gradle(?:\.kts)?|pom\.xml|build\.xml|meson\.build|SCons(?:truct|cript)|BUILD(?:\.bazel)?|WORKSPACE"
            r"|\.bazelrc|[^/]*\.nix|\.?mise\.toml|\.tool-versions|mkdocs\.ya?ml|[^/]*\.(?:dist|egg)-info(?:/.*)?)",
        ),
        (
            Message("it is a script that somebody may run"),
            r"(?:.*/)?(?:(?:scripts|bin)/.*|[^/]*\.(?:sh|bash|zsh|fish|ksh|csh|ps1|psm1|bat|cmd|com|vbs|wsf|hta|lnk|desktop"
            r"|py|pyw|pyc|pyd|pth|ipynb|rb|pl|lua|el|exs|tcl|js|mjs|cjs|jsx|ts|tsx|php|jar|exe|scr|msi|dll|so|dylib"
            r"|docm|xlsm|pptm))",
        ),
    )
)
_SCRIPT = _PROTECTED[-1][0]
_OURS = frozenset({SETTINGS_FILE, SCHEMA_FOLDER, FOLDER})
_UNSEEN = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10))))
"""Characters that are shown as nothing, beside those of the categories Cf and Cc."""
_RESPELLED = Message("where names ignore case, smartreg reads it as its own file")
EXECUTABLE = "100755"


def execution_risk(path: str, mode: str | None = None) -> Text | None:
    """The danger of a file where a change is checked, opened or built, by its path from the top of the repository and
    its mode; None for a file that only contains text."""
    if any(part not in _OURS and _as_read(part) in _OURS for part in path.split("/")):
        return _RESPELLED
    spelt = "/".join(map(_as_read, path.split("/")))
    risk = next((what for what, files in _PROTECTED if files.fullmatch(path) or files.fullmatch(spelt)), None)
    return _SCRIPT if risk is None and mode == EXECUTABLE else risk


def _as_read(name: str) -> str:
    """A name as some file systems read it: in any case, without the characters that HFS+ ignores (as Git checks for
    `.git`), or the blanks and dots at the end that Windows drops."""
    seen = (char for char in normalize("NFKC", name) if category(char) not in ("Cf", "Cc") and char not in _UNSEEN)
    return "".join(seen).casefold().rstrip(" .") or name


def workflow_changes(changes: Iterable[FileChange], prefix: str) -> Iterator[Finding]:
    """CHG817 for files that run something where the change is checked or opened, and for links and submodules outside
    the registry's trees. Paths of `changes` are from the top; `prefix` leads from there to the registry."""
    for change in changes:
        odd = _ODD.get(change.mode_after or "")
        inside = change.path.startswith((f"{prefix}{FOLDER}/", f"{prefix}{SCHEMA_FOLDER}/"))
        what = execution_risk(change.path, change.mode_after)
        if what is not None:
            yield _workflow(change.path, what, prefix)
        elif odd is not None and not inside:
            yield Finding(
                WORKFLOW,
                "warning",
                odd,
                Location(from_registry(change.path, prefix)),
                Message("review where it leads"),
            )


_ODD: Mapping[str, Text] = {
    LINK: Message("this change adds a symbolic link"),
    SUBMODULE: Message("this change adds a Git repository of its own"),
}


def _workflow(path: str, what: Text, prefix: str) -> Finding:
    return Finding(
        WORKFLOW,
        "info",
        Message("this change alters a protected file, {path}: {what}", path=path, what=what),
        Location(from_registry(path, prefix)),
        Message("review it before anything of it runs"),
    )
