"""Files of a change that act where it is checked, opened or built (CHG817): pipelines, hooks, scripts, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from smartreg.core.findings import Finding
from smartreg.core.values import Location, Words
from smartreg.gitio import FileChange
from smartreg.registry import FOLDER, SCHEMA_FOLDER
from smartreg.review.notes import from_registry
from smartreg.schema.settings import FILE as SETTINGS_FILE

WORKFLOW = "CHG817"
LINK, SUBMODULE = "120000", "160000"

# What files can do, and which ones, by their paths from the top of the repository.
_PROTECTED: tuple[tuple[Words, re.Pattern[str]], ...] = tuple(
    (what, re.compile(f"(?:{files})", re.IGNORECASE))  # many file systems treat `makefile` and `MAKEFILE` as one
    for what, files in (
        (
            Words("it decides who must review", "il dit qui doit relire"),
            r"(?:.*/)?CODEOWNERS",
        ),
        (
            Words(
                "a pipeline runs it, and may hand it secrets", "un pipeline le lance, et peut lui confier des secrets"
            ),
            r"(?:.*/)?\.(?:github|gitlab|forgejo|gitea|circleci|woodpecker|buildkite|semaphore|tekton|teamcity)/.*"
            r"|\.gitlab-ci.*\.yml|\.woodpecker\.ya?ml|\.drone\.yml|action\.ya?ml|\.cirrus\.yml|\.?appveyor\.yml"
            r"|azure-pipelines.*\.ya?ml|bitbucket-pipelines\.yml|Jenkinsfile.*|\.travis\.yml|\.ci/.*|ci/.*"
            r"|cloudbuild\.ya?ml|buildspec\.ya?ml|\.readthedocs\.ya?ml|netlify\.toml|vercel\.json|\.mergify\.yml"
            r"|\.?renovate(?:rc)?(?:\.json5?)?",
        ),
        (
            Words(
                "hooks of Git run it on the computers of those who installed them",
                "des hooks de Git le lancent sur les postes où ils sont installés",
            ),
            r"(?:.*/)?(?:\.husky|\.?githooks|\.lefthook)/.*|\.pre-commit-(?:config|hooks)\.ya?ml"
            r"|\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.overcommit\.yml|\.lintstagedrc.*",
        ),
        (
            Words(
                "Git goes by it: what it leaves out, converts, merges, fetches or names",
                "Git s'y conforme : exclusions, conversions, fusions, récupérations, noms",
            ),
            r"(?:.*/)?(?:\.gitattributes|\.gitignore|\.gitmodules|\.mailmap|\.lfsconfig)",
        ),
        (
            Words(
                "an editor or a shell obeys it as soon as the folder is opened",
                "un éditeur ou un shell y obéit dès que le dossier est ouvert",
            ),
            r"(?:.*/)?(?:\.(?:vscode|idea|devcontainer|fleet|zed|vim|nvim|cursor)/.*|[^/]*\.code-workspace"
            r"|\.(?:editorconfig|envrc|env[^/]*|exrc|nvimrc|vimrc|nvim\.lua|dir-locals\.el|devcontainer\.json|gitpod\.yml"
            r"|gdbinit|lldbinit|bashrc|bash_profile|profile|zshrc|zshenv|cursorrules|mcp\.json)|AGENTS\.md|CLAUDE\.md)",
        ),
        (
            Words(
                "everyone who builds, tests or installs in this folder runs it",
                "qui construit, teste ou installe dans ce dossier exécute ce qu'il dit",
            ),
            r"(?:.*/)?(?:(?:GNU)?makefile|[^/]*\.mk|CMakeLists\.txt|[^/]*\.cmake|\.?justfile|Taskfile\.ya?ml|Rakefile"
            r"|Gemfile(?:\.lock)?|(?:Docker|Container|Earth|Tilt|Snake|Brew|Pip|Proc|Vagrant)file[^/]*"
            r"|(?:docker-)?compose[^/]*\.ya?ml|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|pyvenv\.cfg"
            r"|(?:requirements|constraints)[^/]*\.txt|(?:uv|poetry|Cargo|yarn|pnpm-lock)\.(?:lock|toml|ya?ml)|pip\.conf"
            r"|environment\.ya?ml|package(?:-lock)?\.json|\.(?:npm|yarn|pnpm)rc(?:\.yml)?|go\.(?:mod|work)|\.cargo/.*"
            r"|[^/]*\.gradle(?:\.kts)?|pom\.xml|build\.xml|meson\.build|SCons(?:truct|cript)|BUILD(?:\.bazel)?|WORKSPACE"
            r"|\.bazelrc|[^/]*\.nix|\.?mise\.toml|\.tool-versions|mkdocs\.ya?ml|[^/]*\.(?:dist|egg)-info(?:/.*)?)",
        ),
        (
            Words("it is a script that somebody may run", "c'est un script que quelqu'un peut lancer"),
            r"(?:.*/)?(?:(?:scripts|bin)/.*|[^/]*\.(?:sh|bash|zsh|fish|ksh|csh|ps1|psm1|bat|cmd|com|vbs|wsf|hta|lnk|desktop"
            r"|py|pyw|pyc|pyd|pth|ipynb|rb|pl|lua|el|exs|tcl|js|mjs|cjs|jsx|ts|tsx|php|jar|exe|scr|msi|dll|so|dylib"
            r"|docm|xlsm|pptm))",
        ),
    )
)
_SCRIPT = _PROTECTED[-1][0]
_OURS = frozenset({SETTINGS_FILE, SCHEMA_FOLDER, FOLDER})
_RESPELLED = Words(
    "where names ignore case, smartreg reads it as its own file",
    "là où la casse des noms ne compte pas, smartreg le lit comme l'un des siens",
)
EXECUTABLE = "100755"


def execution_risk(path: str, mode: str | None = None) -> Words | None:
    """The danger of a file where a change is checked, opened or built, by its path from the top of the repository and
    its mode; None for a file that only contains text."""
    if any(part not in _OURS and normalize("NFKC", part).casefold() in _OURS for part in path.split("/")):
        return _RESPELLED
    risk = next((what for what, files in _PROTECTED if files.fullmatch(path)), None)
    return _SCRIPT if risk is None and mode == EXECUTABLE else risk


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
                Words("review where it leads", "à relire : où mène-t-il ?"),
            )


_ODD: Mapping[str, Words] = {
    LINK: Words("this change adds a symbolic link", "cette modification ajoute un lien symbolique"),
    SUBMODULE: Words("this change adds a Git repository of its own", "cette modification ajoute un dépôt Git à part"),
}


def _workflow(path: str, what: Words, prefix: str) -> Finding:
    return Finding(
        WORKFLOW,
        "info",
        Words(
            f"this change alters a protected file, {path}: {what.en}",
            f"cette modification touche un fichier protégé, {path} : {what.fr}",
        ),
        Location(from_registry(path, prefix)),
        Words("review it before anything of it runs", "à relire avant que rien n'en soit lancé"),
    )
