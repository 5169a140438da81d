"""Whose signature is on the manifests that are kept of other registries (REF224), by the keys of the settings that
count: whoever forges a record, its path and the lock cannot sign."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.ssh_keys import fingerprints_of
from smartreg.core.values import Location
from smartreg.registry import LONGEST, Registry
from smartreg.registry.pins import manifest_file
from smartreg.release.format import SIGNATURE, RefusedRelease, read_manifest
from smartreg.release.reading import check_signature

KEPT = "REF224"


def check_signatures(registry: Registry) -> Iterator[Finding]:
    """REF224 for each manifest without a good signature by a key of its source. StateFault if the program that checks
    them is missing."""
    for alias, source in sorted(registry.config.sources.items()):
        file = manifest_file(alias)
        content = registry.text_of(file, LONGEST)
        if content is None:
            continue
        try:
            serial = read_manifest(content).serial
            _, signer = check_signature(content, registry.text_of(f"{file}{SIGNATURE}") or b"", file)
        except RefusedRelease as refused:
            yield Finding(KEPT, "error", refused.message, Location(file))
            continue
        if serial > source.revoked_after.get(signer, serial if signer in fingerprints_of(source.keys) else 0):
            message = Message("{file} is signed by {key}, no key of {alias}", file=file, key=signer, alias=alias)
            yield Finding(KEPT, "error", message, Location(file), Message("ask who made this change"))
