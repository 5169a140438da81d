"""What the releases that are kept of other registries say that somebody here must know: new keys, withdrawn data, the
registries that continue others, and licences that do not mix in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from smartreg.core.messages import Message, Text
from smartreg.core.ssh_keys import fingerprint_of, fingerprints_of, without_comment
from smartreg.registry.pins import Pin, Refusal
from smartreg.release.format import Manifest, RefusedRelease
from smartreg.schema.settings import Config, Source

_SHARE_ALIKE = ("odbl", "odc-odbl", "cc-by-sa")


@dataclass(frozen=True)
class SourceState:
    """A source after an update, or as it is: what is kept of it (None: nothing yet) and its manifest (None as well
    where that is not the one of the lock), why the update refused its latest release, whether it has news, and whether
    files were fetched that the store lacked. `refusal`: why nothing is kept of it, as the lock says."""

    alias: str
    source: Source
    pin: Pin | None
    manifest: Manifest | None
    refused: RefusedRelease | None = None
    is_news: bool = False
    is_fetched: bool = False
    refusal: Refusal | None = None


def notes_on(config: Config, states: Iterable[SourceState]) -> Iterator[Text]:
    """What to know of the sources, each with what to do."""
    kept = [(state, state.manifest) for state in states if state.manifest is not None]
    for state, manifest in kept:
        if state.pin is not None and state.pin.withdrawn:
            yield Message(
                "the data of release {serial} of {alias} were withdrawn, and are gone from here but for the history of "
                "Git: docs/privacy.md says what to do",
                serial=manifest.serial,
                alias=state.alias,
            )
        if state.source.closed is None:
            yield from _new_keys(state, manifest)
    yield from _successions(config, {state.alias: manifest for state, manifest in kept if state.source.closed is None})
    yield from _licences(config, {state.alias: manifest.licence for state, manifest in kept})


def _new_keys(state: SourceState, manifest: Manifest) -> Iterator[Text]:
    here = fingerprints_of(state.source.keys) | state.source.revoked_after.keys()
    for key in manifest.keys:
        if (fingerprint := fingerprint_of(key)) not in here:
            yield Message(
                "{alias} announces a new key, {fingerprint}: compare it with the publisher, by telephone or in person, "
                'then add "{key}" to keys of [sources.{alias}]',
                alias=state.alias,
                fingerprint=fingerprint,
                key=without_comment(key),
            )


def _successions(config: Config, manifests: Mapping[str, Manifest]) -> Iterator[Text]:
    """Of a registry that was split, merged or copied, both must say so: who only claims to continue another does not
    take its place."""
    aliases = {manifest.registry: alias for alias, manifest in manifests.items()}
    for alias, manifest in manifests.items():
        for id in manifest.succeeded_by:
            successor = aliases.get(id)
            if successor is None:
                yield Message(
                    "{alias} is continued by the registry {id}: ask for its address and its key, then smartreg source "
                    "add ALIAS URL/{id} --key FILE",
                    alias=alias,
                    id=id,
                )
            elif manifest.registry in manifests[successor].succeeds:
                yield Message(
                    "{alias} is continued by {successor}, and both say so: name the records of {successor} in place of "
                    "those of {alias}, then smartreg source close {alias}",
                    alias=alias,
                    successor=successor,
                )
        for id in manifest.succeeds:
            if id == config.id:
                before, confirmed = config.name or id, config.release.succeeded_by
            elif id in aliases:
                before, confirmed = aliases[id], manifests[aliases[id]].succeeded_by
            else:
                continue
            if manifest.registry not in confirmed:
                yield Message(
                    "{alias} says that it continues {before}, which does not say so: ask the keeper of {before} before "
                    "you name its records",
                    alias=alias,
                    before=before,
                )


def _licences(config: Config, licences: Mapping[str, str]) -> Iterator[Text]:
    """Data under a licence of the share-alike kind are not mixed with others in silence."""
    others = {licence for licence in (*licences.values(), config.release.licence) if licence}
    for alias, licence in licences.items():
        if licence.casefold().startswith(_SHARE_ALIKE) and others - {licence}:
            yield Message(
                "{alias} is under {licence}: whoever mixes its data with others ({others}) publishes the result under "
                "{licence}, or keeps them apart",
                alias=alias,
                licence=licence,
                others=", ".join(sorted(others - {licence})),
            )
