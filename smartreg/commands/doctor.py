"""`doctor`: what this computer and this clone lack for the registry to be kept well, and mending it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from smartreg.commands.doctor_check import Check
from smartreg.commands.doctor_clone import clone, index, schemas
from smartreg.commands.doctor_frame import frame
from smartreg.commands.doctor_machine import encoding, extras, identity, version
from smartreg.commands.doctor_places import places
from smartreg.commands.scaffold import ATTRIBUTES_FILE, with_attributes
from smartreg.commands.workspace import PACKAGE, Workspace
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.regular_file import NotRegular, read_regular
from smartreg.core.values import Words
from smartreg.edit import Edit, WriteOptions
from smartreg.gitio import (
    Git,
    GitFailed,
    Repo,
    Write,
    commit,
    configure,
    driver_settings,
    settings,
    textconv_settings,
)
from smartreg.trees import READ_LIMIT

SUBJECT = "Merge and compare records by their fields"


@dataclass(frozen=True)
class Surroundings:
    """What only the command line knows: how this program is started (words of a shell), the folder that it is
    installed in, and the encoding of what it prints."""

    program: str
    prefix: Path
    encoding: str


def examine(folder: Path, workspace: Workspace | None, around: Surroundings) -> list[Check]:
    """Every check; without a registry, those of the computer."""
    try:
        git = workspace.git.git if workspace and workspace.repo else Git(folder)
        said = git.read("version").decode("utf-8", "replace")
        there = settings(git)
    except GitFailed:
        missing = Words("Git cannot be started", "Git ne peut pas démarrer")
        return [Check("git", "mend", missing, Words("install Git 2.38 or newer", "installez Git 2.38 ou plus récent"))]
    checks = [version(said), identity(there)]
    if workspace is not None:
        checks += frame(workspace)
    if workspace is None:
        checks.append(_no_registry())
    elif workspace.repo is None:
        fault = workspace.without_git
        words = fault.message if fault else Words("this registry is not under Git", "ce registre n'est pas sous Git")
        checks.append(Check("repository", "mend", words, fault.hint if fault else None))
    else:
        checks += clone(workspace.repo, there, around.program, around.prefix)
        checks += schemas(workspace.root)
        checks.append(index(workspace.index))
    if workspace is not None:
        checks += _places(workspace)
    return [*checks, *extras(), encoding(around.encoding)]


def _places(workspace: Workspace) -> list[Check]:
    try:
        return list(places(workspace.config.territory))
    except UsageFault:  # `frame` tells
        return []


def register(repo: Repo, program: str) -> None:
    """Make this clone merge records field by field, and name list items in diffs; where `textconv` is set, start it in
    the same way."""
    there = settings(repo.git)
    converting = {key: value for key, value in textconv_settings(program).items() if PACKAGE in there.get(key, "")}
    configure(repo.git, driver_settings(program) | converting)


def add_attributes(workspace: Workspace, options: WriteOptions) -> str | None:
    """Add our lines to .gitattributes; the commit, None without one. Like `init`, not through the registry: no rule
    judges this file, and no tree holds it."""
    there: bytes | None = None
    with suppress(FileNotFoundError):
        there = _attributes_of(workspace.root)
    edit = Edit("doctor", (), {ATTRIBUTES_FILE: with_attributes(there or b"")}, SUBJECT)
    writes = [Write(path, text) for path, text in edit.writes.items()]
    expected = {ATTRIBUTES_FILE: there}
    return commit(workspace.git, writes, edit.message(options), expected=expected, make_commit=options.commit)


def _attributes_of(root: Path) -> bytes:
    try:
        return read_regular(root / ATTRIBUTES_FILE, READ_LIMIT)
    except NotRegular:
        raise StateFault(
            Words(f"{ATTRIBUTES_FILE} is not a regular file", f"{ATTRIBUTES_FILE} n'est pas un fichier ordinaire"),
            Words("put a plain file in its place", "remplacez-le par un fichier ordinaire"),
        ) from None


def clear_index(workspace: Workspace) -> None:
    """Forget what was worked out; the next run works it out anew. What earlier versions kept goes too."""
    workspace.index.clear()
    folder = workspace.git.common_dir / PACKAGE
    for pattern in ("cache-v1.*", "listing-*", "ids-*", "touched-v*.json*"):
        for file in folder.glob(pattern):
            file.unlink(missing_ok=True)


def _no_registry() -> Check:
    return Check(
        "registry",
        "note",
        Words(
            "there is no registry here: only this computer was looked at",
            "pas de registre ici : seul le poste a été vu",
        ),
        Words("smartreg init makes one", "smartreg init en crée un"),
    )
