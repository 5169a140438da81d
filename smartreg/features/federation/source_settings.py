"""Sources in the settings: add another registry, close one that ended."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, day
from smartreg.core.ssh_keys import fingerprint_of
from smartreg.core.values import REGISTRY_ID
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.features.federation.sources import known_source
from smartreg.release.fetching import SECURE
from smartreg.release.reading import registry_in
from smartreg.schema.settings import FILE, Source
from smartreg.schema.settings_file import ALIAS_HINT, is_alias, read_config, same_registry
from smartreg.workspace.workspace import Workspace, write


@dataclass(frozen=True)
class NewSource:
    """A source that was added: its settings, and the fingerprints of its keys, to compare with the publisher."""

    alias: str
    source: Source
    fingerprints: tuple[str, ...]


def add(
    workspace: Workspace, alias: str, address: str, keys: Sequence[str], options: WriteOptions
) -> tuple[Outcome, NewSource]:
    """Write another registry into the settings, with its public keys, in one commit; nothing of it is fetched yet. The
    address ends in its id, or is a folder into which it alone published."""
    registry = workspace.current
    if alias in registry.config.sources:
        raise UsageFault(
            Message("there is a source {alias} already", alias=alias),
            Message("choose another alias, or change [sources.{alias}] in smartreg.toml", alias=alias),
        )
    if not is_alias(alias):
        raise UsageFault(Message("{alias} cannot be an alias", alias=alias), ALIAS_HINT)
    url, id = _split_address(workspace.root, address)
    others = {registry.config.id: "", **{source.id: other for other, source in registry.config.sources.items()}}
    if id in others:
        raise UsageFault(same_registry(others[id]))
    source = Source(id, url, tuple(keys))
    listed = ", ".join(map(_quoted, source.keys))
    block = f"[sources.{alias}]\nid = {_quoted(id)}\nurl = {_quoted(url)}\nkeys = [{listed}]\n"
    before = (registry.text_of(FILE) or b"").decode("utf-8-sig").rstrip()
    text = f"{before}\n\n{block}" if before else block
    outcome = _write(workspace, text, (alias, source), f"Add the source {alias}", options)
    return outcome, NewSource(alias, source, tuple(fingerprint_of(key) or "" for key in keys))


def close(workspace: Workspace, alias: str, options: WriteOptions) -> Outcome:
    """Close a source: its last release is kept as it is, and no longer expires."""
    registry = workspace.current
    source = known_source(registry, alias)
    if source.closed is not None:
        raise UsageFault(Message("{alias} is closed since {day}", alias=alias, day=day(source.closed)))
    text = (registry.text_of(FILE) or b"").decode("utf-8-sig")
    head = re.search(rf"^[ \t]*\[sources\.{alias}\][^\n]*$", text, re.MULTILINE)
    if head is not None:
        text = f"{text[: head.end()]}\nclosed = {options.on.isoformat()}{text[head.end() :]}"
    return _write(workspace, text, (alias, replace(source, closed=options.on)), f"Close the source {alias}", options)


def _write(
    workspace: Workspace, text: str, expected: tuple[str, Source], subject: str, options: WriteOptions
) -> Outcome:
    """Write settings that have the source as `expected`. UsageFault where they have to be changed by hand."""
    alias, source = expected
    try:
        written = read_config(text.encode()).sources.get(alias)
    except UsageFault:
        written = None
    if written != source:
        raise UsageFault(
            Message("the sources in {file} cannot be changed here", file=FILE),
            Message("change the block [sources.{alias}] yourself", alias=alias),
        )
    edit = Edit("source", (), {FILE: text.encode()}, subject, settles=True)
    return write(workspace, workspace.current, edit, options)


def _split_address(root: Path, address: str) -> tuple[str, str]:
    """The address where registries publish, and the id of one: the last part of `address`, else the only one that
    published into that folder."""
    head, _, tail = address.rstrip("/").rpartition("/")
    if "://" in address and not address.startswith(SECURE):
        raise UsageFault(Message("{address}: releases are read from a folder or over https", address=address))
    if REGISTRY_ID.fullmatch(tail):
        return head or ".", tail
    if address.startswith(SECURE):
        raise UsageFault(
            Message("{address} does not say which registry is meant", address=address),
            Message("end it with the id of the registry: {address}/UUID", address=address.rstrip("/")),
        )
    folder = root / address
    if not folder.is_dir():
        raise UsageFault(Message("{folder} is not a folder", folder=address))
    return address, registry_in(folder)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
