"""Whose data a destination holds: `--force` replaces files that this registry wrote, never those of another one.

A file says of which registry it is by its origin: the name, the commit, and in a data set the SIREN of the Métropole. A
commit that this clone has is one of this registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from smartreg.commands.export import Exported, partition_of
from smartreg.commands.verify_report import report_in
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import RecordId, short_id
from smartreg.domain.kinds import PARTY
from smartreg.exporters import origin_in
from smartreg.exporters.origin import Origin, json_in, origin_of
from smartreg.registry import Registry
from smartreg.workspace.output import is_written_through
from smartreg.workspace.workspace import Workspace

Ownership: TypeAlias = Literal["this", "other", "unknown"]
LIMIT = 1 << 30  # bytes: a larger file is not read for what it says of itself


class Identity(NamedTuple):
    """By what a registry is known in its exports."""

    name: str | None
    siren: str | None


def identity_of(registry: Registry) -> Identity:
    """The name of the settings, and the SIREN of the Métropole that they name."""
    keeper = registry.config.metropole
    party = registry.get(RecordId(PARTY, keeper)) if keeper else None
    siren = party.data.get("siren") if party else None
    return Identity(registry.config.name, siren if isinstance(siren, str) else None)


def refuse_others(workspace: Workspace, made: Exported, target: Path, at: str | None = None) -> None:
    """UsageFault where the export would replace data of another registry in a folder. A partition, which is replaced as
    a whole, must say that it is of this one; any other file must not say that it is of another."""
    top = partition_of(item.name for item in made.files)
    if top is None:
        return refuse_others_in(workspace, [target / item.name for item in made.files], at)
    place = target / top
    if not place.exists() or not any(place.iterdir()):
        return None
    identity = identity_of(workspace.registry(at))
    origins = [origin for path in sorted(place.rglob("*.parquet")) if (origin := _read_origin(path))]
    owners = [_owner(workspace, identity, origin) for origin in origins]
    if "other" in owners or "this" not in owners:
        other = next((origin for origin, owner in zip(origins, owners, strict=True) if owner == "other"), None)
        raise _foreign_folder(place, other, whole=True)
    return None


def refuse_others_in(workspace: Workspace, files: Iterable[Path], at: str | None) -> None:
    """UsageFault where one of these files says that it is of another registry."""
    origins = {path: origin for path in files if not is_written_through(path) and (origin := _read_origin(path))}
    identity = identity_of(workspace.registry(at)) if origins else Identity(None, None)
    for path, origin in origins.items():
        if _owner(workspace, identity, origin) == "other":
            raise _foreign_folder(path, origin, whole=False)


def _read_origin(path: Path) -> Origin | None:
    """The origin that a file states; None if there is none that can be read."""
    if not path.is_file() or path.stat().st_size > LIMIT:
        return None
    content = path.read_bytes()
    try:
        if path.name == "datapackage.json" and isinstance(package := json_in(path.name, content), Mapping):
            return origin_of(package.get("smartreg"))
        if path.name == "source.json":
            return origin_of(json_in(path.name, content))
        reported = report_in(content)
        return reported.origin if reported else origin_in(path.name, content)
    except UsageFault:
        return None


def _owner(workspace: Workspace, identity: Identity, origin: Origin) -> Ownership:
    """Of which registry data with this origin are."""
    repo, stated = workspace.repo, dict(origin.said)
    commit, siren = stated.get("commit"), stated.get("siren")
    if identity.siren and siren and siren != identity.siren:
        return "other"
    if repo is not None and isinstance(commit, str) and repo.tree_id(commit) is not None:
        return "this"
    if commit and repo is not None and not repo.is_shallow():
        return "other"
    if siren and siren == identity.siren:
        return "this"
    return "unknown" if stated.get("registry") == identity.name else "other"


def _foreign_folder(place: Path, other: Origin | None, *, whole: bool) -> UsageFault:
    """`other`: an origin that names another registry; None if nothing tells whose the data are."""
    if other is None:
        return UsageFault(
            Message("{place} does not say which registry it is of", place=place),
            Message(
                "delete the folder if it is yours; the next one will say it if you commit first, or if the party "
                "that metropole names in smartreg.toml has a SIREN; nothing was written"
            ),
        )
    name, commit, siren = (dict(other.said).get(key) for key in ("registry", "commit", "siren"))
    parts = [f"“{name}”" if name else "", f"SIREN {siren}" if siren else ""]
    parts.append(f"commit {short_id(str(commit))}" if commit else "")
    about = ", ".join(part for part in parts if part)
    message = Message(
        "{place} holds data of another registry ({about}), or of a commit that this clone lacks",
        place=place,
        about=about,
    )
    if whole:
        hint = Message(
            "run git fetch if it is of this registry; else give this one another name in smartreg.toml, or delete "
            "the folder; nothing was written"
        )
    else:
        hint = Message("run git fetch if it is of this registry; else choose another path with -o; nothing was written")
    return UsageFault(message, hint)
