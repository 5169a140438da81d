"""What is kept of other registries: the lock, the manifests, and the records in the store of whole releases."""

from __future__ import annotations

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message, verbatim
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Record, RecordId
from smartreg.registry import LONGEST, Registry, record_abroad
from smartreg.registry.pins import LOCK, Lock, Pin, manifest_file, read_lock
from smartreg.release.format import RECORDS_FILE, Manifest, RefusedRelease, read_manifest
from smartreg.release.store import Store
from smartreg.schema import ABROAD
from smartreg.schema.settings import Source
from smartreg.workspace.workspace import Workspace


def lock_of(registry: Registry) -> Lock:
    """What the lock says. StateFault if it cannot be read."""
    try:
        return read_lock(registry.text_of(LOCK, LONGEST))
    except Unreadable as fault:
        raise StateFault(fault.in_file(LOCK), Message("restore it: git restore {file}", file=LOCK)) from None


def kept_manifest(registry: Registry, alias: str, source: Source, pin: Pin | None) -> Manifest | None:
    """The manifest that is kept of a source; None if it is not the one of the lock."""
    try:
        manifest = read_manifest(registry.text_of(manifest_file(alias), LONGEST) or b"")
    except RefusedRelease:
        return None
    return manifest if pin is not None and (manifest.digest, source.id) == (pin.manifest, pin.id) else None


def pinned_manifest(registry: Registry, alias: str, source: Source, pin: Pin) -> Manifest:
    """The manifest that is kept of a source. StateFault if it is not the one of the lock."""
    file, manifest = manifest_file(alias), kept_manifest(registry, alias, source, pin)
    if manifest is None:
        raise StateFault(
            Message("{file} is not the manifest that the lock names", file=file),
            Message("restore both with Git, or start again: smartreg source repin {alias}", alias=alias),
        )
    return manifest


def find_unnamed(workspace: Workspace, registry: Registry, word: str) -> Record | None:
    """The record that a word calls `alias:id`, which no record here names, from the store of whole releases; None if
    the word names no source. UsageFault if it is not there."""
    alias, _, id = word.rpartition("/")[2].partition(ABROAD)
    source = registry.config.sources.get(alias)
    if source is None:
        return None
    manifest = kept_manifest(registry, alias, source, lock_of(registry).pins.get(alias))
    if manifest is not None and registry.config.observatory.whole_releases:
        lines = (Store(workspace.git.git_dir).read(manifest, RECORDS_FILE) or b"").splitlines()
        data = {record.rid: record.data for record in map(record_of, lines)}
        record = record_abroad(alias, id, data, registry.schemas.kinds, registry.of_kind)
        if record is not None:
            return record
    for rid, serial in registry.abroad.gone.items():
        if rid.id == f"{alias}{ABROAD}{id}":
            message = Message(
                '"{word}" is gone since release {serial} of {alias}', word=word, serial=serial, alias=alias
            )
            raise UsageFault(message, verbatim("smartreg explain REF223"))
    raise UsageFault(
        Message('"{word}" is not kept here', word=word),
        Message("fetch it: smartreg source update {alias}:{id}", alias=alias, id=id),
    )


def record_of(line: bytes) -> Record:
    """The record on a line of `records.jsonl`. RefusedRelease if it is none."""
    try:
        value = read_json(line)
    except Unreadable as fault:
        raise RefusedRelease("file", fault.in_file(RECORDS_FILE)) from None
    kind, id, data = (value.get(name) for name in ("kind", "id", "data")) if isinstance(value, dict) else ("", "", "")
    if not isinstance(kind, str) or not isinstance(id, str) or not isinstance(data, dict) or data.get("id", id) != id:
        raise RefusedRelease("file", Message("a line of {file} is no record", file=RECORDS_FILE))
    return Record(RecordId(kind, id), RECORDS_FILE, data)
