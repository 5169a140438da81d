"""`doctor`: what this computer and this clone lack for the registry to be kept well, and mending it."""

from __future__ import annotations

from pathlib import Path

from smartreg.commands.doctor_check import Check
from smartreg.commands.doctor_clone import clone, index, schemas
from smartreg.commands.doctor_frame import frame
from smartreg.commands.doctor_machine import encoding, extras, identity, version
from smartreg.commands.doctor_places import places
from smartreg.commands.scaffold import ATTRIBUTES_FILE, with_attributes
from smartreg.edit import Edit, WriteOptions
from smartreg.errors import UsageFault
from smartreg.frozen import dataclass
from smartreg.gitio import Git, GitFailed, Repo, Write, commit, configure, driver_settings, settings
from smartreg.values import Words
from smartreg.workspace import PACKAGE, Workspace

SUBJECT = "Merge and compare records by their fields"


@dataclass(frozen=True)
class Surroundings:
    """What only the command line knows: how this program is started, and the encoding of what it prints."""

    program: str
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
        checks += clone(workspace.repo, there, around.program)
        checks.append(schemas(workspace.root))
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
    """Make this clone merge records field by field, and name list items in diffs."""
    configure(repo.git, driver_settings(program))


def add_attributes(workspace: Workspace, options: WriteOptions) -> str | None:
    """Add our lines to .gitattributes; the commit, None without one. Like `init`, not through the registry: no rule
    judges this file, and no tree holds it."""
    place = workspace.root / ATTRIBUTES_FILE
    there = place.read_bytes() if place.exists() else None
    edit = Edit("doctor", (), {ATTRIBUTES_FILE: with_attributes(there or b"")}, SUBJECT)
    writes = [Write(path, text) for path, text in edit.writes.items()]
    expected = {ATTRIBUTES_FILE: there}
    return commit(workspace.git, writes, edit.message(options), expected=expected, make_commit=options.commit)


def clear_index(workspace: Workspace) -> None:
    """Forget what was worked out; the next run works it out anew. What earlier versions kept goes too."""
    workspace.index.clear()
    folder = workspace.git.common_dir / PACKAGE
    for pattern in ("cache-v1.*", "listing-*", "ids-*", "touched-v1.json*"):
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
