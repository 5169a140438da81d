"""`doctor`: check the setup of this computer and clone, and repair it.

Settings and schemas that cannot be used: no check of a registry works with them.

The computer: Git, who commits, optional parts, the encoding of the terminal.

Places: whether they are checked against communes, and what that requires.

The public: what whoever publishes a copy has yet to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from smartreg.core.errors import SmartregError, StateFault, UsageFault
from smartreg.core.files import NotRegular, read_regular
from smartreg.core.installation import find_distributions, install_command, requirements_by_extra
from smartreg.core.messages import Message, Text, verbatim
from smartreg.edit import Edit, WriteOptions
from smartreg.features.setup.doctor_clone import Check, CheckState, clone, schemas
from smartreg.features.setup.doctor_index import index
from smartreg.features.setup.scaffold import ATTRIBUTES_FILE, with_attributes
from smartreg.gitio import (
    Git,
    GitFailed,
    Repo,
    Write,
    commit,
    configure,
    driver_settings,
    refuse_stranger,
    settings,
    textconv_settings,
)
from smartreg.registry import schemas_and_config
from smartreg.rules import all_rules
from smartreg.schema.settings import Territory
from smartreg.trees import READ_LIMIT, SETTINGS, Overlaid
from smartreg.validation.manuals import refuse_unknown_codes
from smartreg.workspace.workspace import PACKAGE, Workspace


def frame(workspace: Workspace) -> Iterator[Check]:
    """The faults that stop all work with the registry in the working tree."""
    try:
        config = workspace.config
        refuse_unknown_codes(config, all_rules(*config.plugins))
    except SmartregError as fault:
        yield Check("settings", "mend", fault.message, fault.hint)
    try:
        schemas_and_config(Overlaid(workspace.tree(), {SETTINGS: None}))
    except UsageFault as fault:
        yield Check("schemas", "mend", fault.message, fault.hint)


OLDEST = (2, 38)


def version(output: str) -> Check:
    """Of what `git version` said."""
    match = re.search(r"(\d+)\.(\d+)[.\d]*", output)
    shown = match[0] if match else output.strip()
    if match and (int(match[1]), int(match[2])) < OLDEST:
        return Check(
            "git",
            "mend",
            Message("Git {shown} is too old", shown=shown),
            Message("install Git 2.38 or newer"),
        )
    return Check("git", "ok", verbatim(f"Git {shown}"))


def identity(there: Mapping[str, str]) -> Check:
    """Who commits, by the settings of Git."""
    try:
        refuse_stranger(there)
    except SmartregError as fault:
        return Check("identity", "mend", fault.message, fault.hint)
    return Check("identity", "ok", Message("Git knows who you are"))


def extras() -> Iterator[Check]:
    """The optional parts that this installation lacks."""
    for extra, requirements in requirements_by_extra().items():
        names = [re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in requirements]
        missing = [name for name in names if not any(find_distributions(name=name))]
        state: CheckState = "note" if missing else "ok"
        listed = ", ".join(missing or names)
        message = (
            Message("extra {extra} is not installed: {listed}", extra=extra, listed=listed)
            if missing
            else Message("extra {extra}: {listed}", extra=extra, listed=listed)
        )
        yield Check("extras", state, message, install_command(extra) if missing else None)


def encoding(name: str) -> Check:
    """Whether the terminal takes UTF-8."""
    if name.lower().replace("-", "") == "utf8":
        return Check("locale", "ok", Message("the terminal takes UTF-8"))
    return Check(
        "locale",
        "mend",
        Message("the terminal takes {name}, not UTF-8", name=name),
        Message("set LC_ALL=C.UTF-8 or PYTHONUTF8=1"),
    )


OUTLINES = "https://geo.api.gouv.fr/epcis/{siren}/communes?format=geojson&geometry=contour"
CODES = "GEO702, GEO703, GEO711"


def places(territory: Territory) -> Iterator[Check]:
    """Nothing for a registry without a territory of communes."""
    if territory.boundaries:
        yield Check(
            "places",
            "ok",
            Message("places are checked against communes: {boundaries}", boundaries=territory.boundaries),
        )
    elif territory.epci_siren or territory.communes:
        yield Check(
            "places",
            "note",
            Message(
                "no place is checked against its commune ({codes}): the settings name no file of boundaries",
                codes=CODES,
            ),
            _how(territory),
        )


def _how(territory: Territory) -> Text:
    siren = territory.epci_siren
    source = OUTLINES.format(siren=siren) if siren else "geo.api.gouv.fr"
    return Message("save {source} (or take Admin Express of the IGN), then: smartreg boundaries FILE", source=source)


ABOUT = ("publiccode.yml", "SECURITY.md")
PLACEHOLDER = re.compile(r"TO BE FILLED IN|https?://example\.(?:com|net|org)\b")


def placeholders(root: Path) -> Iterator[Check]:
    """Where the files about a copy speak for its publisher, who has not said it yet."""
    places = []
    for name in ABOUT:
        try:
            text = read_regular(root / name, READ_LIMIT).decode("utf-8", "replace")
        except (FileNotFoundError, NotRegular):
            continue
        places += [f"{name}:{number}" for number, words in enumerate(text.splitlines(), 1) if PLACEHOLDER.search(words)]
    if places:
        yield Check(
            "publisher",
            "note",
            Message("placeholders are left: {places}", places=", ".join(places)),
            Message("whoever publishes this copy fills them in"),
        )


SUBJECT = "Merge and compare records by their fields"


@dataclass(frozen=True)
class Surroundings:
    """The facts that only the command line knows: how this program is started (words of a shell), the folder that it is
    installed in, and the encoding of what it prints."""

    program: str
    prefix: Path
    encoding: str


def examine(folder: Path, workspace: Workspace | None, around: Surroundings) -> list[Check]:
    """Every check; without a registry, those of the computer."""
    try:
        git = workspace.git.git if workspace and workspace.repo else Git(folder)
        git_version = git.read("version").decode("utf-8", "replace")
        there = settings(git)
    except GitFailed:
        missing = Message("Git cannot be started")
        return [Check("git", "mend", missing, Message("install Git 2.38 or newer"))]
    checks = [version(git_version), identity(there)]
    if workspace is not None:
        checks += frame(workspace)
    if workspace is None:
        checks.append(
            Check(
                "registry",
                "note",
                Message("there is no registry here: only this computer was checked"),
                Message("smartreg init creates one"),
            )
        )
    elif workspace.repo is None:
        fault = workspace.without_git
        words = fault.message if fault else Message("this registry is not under Git")
        checks.append(Check("repository", "mend", words, fault.hint if fault else None))
    else:
        checks += clone(workspace.repo, there, around.program, around.prefix)
        checks += schemas(workspace.root)
        checks.append(index(workspace))
    if workspace is not None:
        checks += (*_places(workspace), *placeholders(workspace.root))
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
    try:
        there = read_regular(workspace.root / ATTRIBUTES_FILE, READ_LIMIT)
    except FileNotFoundError:
        pass
    except NotRegular:
        raise StateFault(
            Message("{attributes_file} is not a regular file", attributes_file=ATTRIBUTES_FILE),
            Message("put a plain file in its place"),
        ) from None
    edit = Edit("doctor", (), {ATTRIBUTES_FILE: with_attributes(there or b"")}, SUBJECT)
    writes = [Write(path, text) for path, text in edit.writes.items()]
    expected = {ATTRIBUTES_FILE: there}
    return commit(workspace.git, writes, edit.message(options), expected=expected, make_commit=options.commit)


def clear_index(workspace: Workspace) -> None:
    """Clear the index; the next run rebuilds it. Caches of earlier versions are removed too."""
    workspace.index.clear()
    folder = workspace.git.common_dir / PACKAGE
    if folder.is_symlink():
        return
    for pattern in ("cache-v1.*", "listing-*", "ids-*", "touched-v*.json*"):
        for file in folder.glob(pattern):
            file.unlink(missing_ok=True)
