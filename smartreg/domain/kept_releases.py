"""What is kept of other registries, compared with the lock and with the manifests: whether each record is in the
release that its source signed. To check whose signature that is takes a program: that is done where sources are updated
and changes are reviewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.strict import Unreadable
from smartreg.core.values import Location, Mark, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.registry import LONGEST, read_lines, snapshot_file
from smartreg.registry.pins import LOCK, Pin, manifest_file, read_lock
from smartreg.release.format import Manifest, RefusedRelease, read_manifest
from smartreg.release.merkle import is_included, record_line


class KeptFault(NamedTuple):
    """A difference between what is kept of a source and what its lock or its manifest says."""

    where: Location
    message: Text


def find_kept_faults(registry: Snapshot) -> Iterator[KeptFault]:
    """Where what is kept of the sources differs from the lock, or from the manifests that it names."""
    try:
        pins = read_lock(registry.text_of(LOCK)).pins
    except Unreadable as fault:
        yield KeptFault(Location(LOCK, mark=fault.mark), fault.words)
        return
    for alias, source in sorted(registry.config.sources.items()):
        pin = pins.get(alias)
        if pin is None:
            for file in (snapshot_file(alias), manifest_file(alias)):
                if registry.digest_of(file) is not None:
                    yield KeptFault(Location(file), Message("the lock says nothing of {alias}", alias=alias))
            continue
        if pin.id != source.id:
            message = Message("the lock names another registry for {alias} than smartreg.toml", alias=alias)
            yield KeptFault(Location(LOCK, (alias, "id")), message)
            continue
        yield from _compare(registry, alias, pin)


def _compare(registry: Snapshot, alias: str, pin: Pin) -> Iterator[KeptFault]:
    file = manifest_file(alias)
    digest = registry.digest_of(file)
    if digest is None or f"sha256:{digest}" != pin.manifest:
        yield KeptFault(Location(file), Message("{file} is not the manifest that the lock names", file=file))
        return
    try:
        manifest = read_manifest(registry.text_of(file) or b"")
    except RefusedRelease as fault:
        yield KeptFault(Location(file), fault.message)
        return
    if (manifest.registry, manifest.serial) != (pin.id, pin.serial):
        message = Message("{file} is the manifest of another release than the lock says", file=file)
        yield KeptFault(Location(file), message)
        return
    yield from _compare_records(registry, alias, manifest)


def _compare_records(registry: Snapshot, alias: str, manifest: Manifest) -> Iterator[KeptFault]:
    path = snapshot_file(alias)
    try:
        for number, line in enumerate(read_lines(registry.text_of(path, LONGEST) or b""), 1):
            if "gone" not in line and not is_in_release(line, manifest):
                rid = f"{line['kind']}/{alias}:{line['id']}"
                message = Message("{rid} is not what release {serial} has", rid=rid, serial=manifest.serial)
                yield KeptFault(Location(path, mark=Mark(number, 1)), message)
    except Unreadable as fault:
        yield KeptFault(Location(path, mark=fault.mark), fault.words)


def is_in_release(line: Mapping[str, Any], manifest: Manifest) -> bool:
    """Whether the inclusion path of a line of a snapshot leads to the root that the manifest states."""
    index, path = line.get("index"), line.get("path")
    if type(index) is not int or not isinstance(path, list) or not all(isinstance(node, str) for node in path):
        return False
    try:
        nodes = [bytes.fromhex(node) for node in path]
        leaf = record_line(RecordId(line["kind"], line["id"]), line["data"])
    except ValueError:
        return False
    root, count = manifest.records
    return is_included(leaf, index, count, nodes, root)


def find_expired(registry: Snapshot, on: date) -> Iterator[tuple[str, Pin]]:
    """The sources whose last accepted release is no longer sure to be the latest on a day, unless they are closed."""
    try:
        pins = read_lock(registry.text_of(LOCK)).pins
    except Unreadable:
        return
    for alias, source in sorted(registry.config.sources.items()):
        pin = pins.get(alias)
        if pin is not None and source.closed is None and _day(pin.expires) < on:
            yield alias, pin


def _day(moment: str) -> date:
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).date()
    except ValueError:
        return date.min
