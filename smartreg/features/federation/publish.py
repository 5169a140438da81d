"""`publish`: the public view of a commit as a signed, numbered, immutable release, in a folder that any web site
serves.

In this order: claim the number (a pushed tag), write the folder of the release in one rename, then `latest.json`. If it
is killed, readers see what they saw before, and the next run goes on from the tag.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from smartreg import __version__
from smartreg.commands.export import cannot_write, write_partition
from smartreg.core.errors import Cancelled, Refused, StateFault, UsageFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Message
from smartreg.core.secret import refuse_private
from smartreg.core.ssh_keys import fingerprint_of, fingerprints_of
from smartreg.core.values import RecordId, short_id
from smartreg.exporters import Written
from smartreg.features.federation.release_content import PUBLIC, ReleaseContent, content_of, manifest_of
from smartreg.features.federation.release_numbers import (
    RELEASES,
    WITHDRAWALS,
    ClaimedRelease,
    ClaimedWithdrawal,
    Claims,
    SignedText,
    claim,
    read_claims,
    signers_of_next,
)
from smartreg.gitio import OP, VERSION, CommitMessage, Repo, Write, commit
from smartreg.gitio.ssh_signatures import RELEASE as NAMESPACE
from smartreg.gitio.ssh_signatures import sign, signing_key
from smartreg.release.format import (
    LARGEST,
    LATEST_FILE,
    MANIFEST_FILE,
    SIGNATURE,
    WITHDRAWN_FILE,
    Latest,
    Manifest,
    RefusedRelease,
    Withdrawal,
    folder_of,
    read_latest,
    read_manifest,
)
from smartreg.release.reading import check_signature
from smartreg.schema.settings import Config, Release
from smartreg.tables.view import view
from smartreg.trees import SETTINGS
from smartreg.workspace.origin import commit_shown
from smartreg.workspace.output import Output, save
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class FirstSeen:
    """What a release would show that the one before did not: columns by table, records that were in the registry and
    hidden, and records that are new. `is_first`: there is no release before."""

    columns: Mapping[str, Sequence[str]]
    uncovered: Sequence[RecordId]
    added: Sequence[RecordId]
    is_first: bool

    def __bool__(self) -> bool:
        return bool(self.columns or self.uncovered or self.added)


@dataclass(frozen=True)
class Publication:
    """How to publish: the folder, the moment (UTC), and who is asked whether what the release before did not show
    may become visible."""

    place: Output
    now: datetime
    confirm: Callable[[FirstSeen], bool] = field(compare=False)


@dataclass(frozen=True)
class Published:
    """The latest release: its manifest, its folder, the fingerprint of the key that signed `latest.json`, until when
    that counts. `new`: the release was made just now; `remote`: where its number was claimed (None: in this clone
    alone); `gave_id`: the commit that gave the registry its id."""

    manifest: Manifest
    folder: Path
    signer: str
    expires: datetime
    new: bool
    remote: str | None
    gave_id: str | None = None


def publish(workspace: Workspace, publication: Publication) -> Published:
    """Publish HEAD; if it is what the last release shows, write that again. UsageFault without DuckDB or a name;
    StateFault for uncommitted changes, an incomplete clone, and a number that somebody else claimed; Refused for a key
    that may not sign, where records cannot be read, and where a withdrawn release would come back; Cancelled if what
    becomes visible may not."""
    repo = workspace.git
    head = commit_shown(workspace, workspace.tree())
    if head is None:
        raise StateFault(
            Message("there are uncommitted changes, and a release shows a commit"),
            Message("commit them first, or take them back"),
        )
    key = signing_key(repo)
    settings = workspace.config
    claims = read_claims(repo, settings.release)
    content = content_of(workspace, head)
    last = claims.last
    _refuse_other_registry(settings, claims, publication.place)
    _refuse_earlier(repo, head, last)
    _refuse_withdrawn(content, claims)
    if last is not None and (last.manifest.commit, last.manifest.files) == (head, content.described):
        return _write(workspace, publication, claims, content, key, new=False)
    _refuse_stranger(key, settings.release, last)
    seen = _first_seen(workspace, content, last)
    if seen and not publication.confirm(seen):
        raise Cancelled(Message("cancelled; nothing was published"))
    gave_id = None
    if not settings.id:
        gave_id = _give_id(workspace)
        content = content_of(workspace, gave_id)
    issued = publication.now.replace(microsecond=0)
    text = manifest_of(workspace, content, last.manifest if last else None, issued, key)
    signed = SignedText(text, sign(repo, text, NAMESPACE))
    manifest = read_manifest(text)
    subject = f"Release {manifest.serial} of {manifest.name}"
    claim(repo, claims.remote, f"{RELEASES}/{manifest.serial}", content.commit, subject, signed)
    claims = replace(claims, releases={**claims.releases, manifest.serial: ClaimedRelease(manifest, signed)})
    return replace(_write(workspace, publication, claims, content, key, new=True), gave_id=gave_id)


def renew(workspace: Workspace, publication: Publication) -> Published:
    """Say that the last release is still the latest. StateFault if there is none, or the folder does not hold it."""
    repo = workspace.git
    key, claims = signing_key(repo), read_claims(repo, workspace.config.release)
    _refuse_absent(claims, publication.place)
    return _write(workspace, publication, claims, None, key, new=False)


def withdraw(workspace: Workspace, publication: Publication, serial: int, reason: str) -> Published:
    """Take the data of a release back; its manifest stays. UsageFault if there is no such release."""
    repo = workspace.git
    refuse_private([("--reason", reason)])
    key, claims = signing_key(repo), read_claims(repo, workspace.config.release)
    release = claims.releases.get(serial)
    if release is None:
        raise UsageFault(Message("there is no release {serial}", serial=serial))
    _refuse_absent(claims, publication.place)
    _refuse_key(key, claims)
    if serial not in claims.withdrawals:
        issued = publication.now.replace(microsecond=0)
        withdrawal = Withdrawal(release.manifest.registry, serial, release.manifest.digest, issued, reason)
        text = withdrawal.to_bytes()
        signed = SignedText(text, sign(repo, text, NAMESPACE))
        subject = f"Withdraw release {serial} of {release.manifest.name}"
        claim(repo, claims.remote, f"{WITHDRAWALS}/{serial}", release.manifest.commit, subject, signed)
        withdrawn = {**claims.withdrawals, serial: ClaimedWithdrawal(withdrawal, signed)}
        claims = replace(claims, withdrawals=withdrawn)
    return _write(workspace, publication, claims, None, key, new=False)


def _refuse_stranger(key: str, settings: Release, last: ClaimedRelease | None) -> None:
    """Refused if readers would not accept the key: the release before lists who may sign the next one."""
    fingerprint = fingerprint_of(key)
    if fingerprint in settings.revoked_after:
        raise Refused(
            Message("the key {key} was revoked, by revoked_after in smartreg.toml", key=fingerprint),
            Message("sign with another: git config user.signingKey"),
        )
    listed = signers_of_next(last.manifest, settings) if last else fingerprints_of(settings.keys)
    if listed and fingerprint not in listed:
        raise Refused(
            Message("the key {key} may not sign this release", key=fingerprint),
            Message(
                "release {serial} lists who may: {keys}; to change keys, add the new one to [release] keys, and "
                "publish once more with an old one",
                serial=last.manifest.serial,
                keys=", ".join(sorted(listed)),
            )
            if last
            else Message("add it to [release] keys in smartreg.toml, or sign with one of those"),
        )


def _refuse_key(key: str, claims: Claims) -> None:
    """Refused if readers would not take `latest.json` from the key."""
    last = claims.last
    if last is not None and fingerprint_of(key) not in last.manifest.fingerprints:
        raise Refused(
            Message(
                "the key {key} is none of those of release {serial}",
                key=fingerprint_of(key),
                serial=last.manifest.serial,
            ),
            Message("sign with one of them: git config user.signingKey"),
        )


def _refuse_other_registry(config: Config, claims: Claims, place: Output) -> None:
    """StateFault if the tags, or the folder, are of another history of releases than that of this registry."""
    last = claims.last
    if last is None:
        return
    if not config.id:
        name = f"{RELEASES}/{last.manifest.serial}"
        raise StateFault(
            Message("release {serial} gave this registry an id, which is not here", serial=last.manifest.serial),
            Message("merge its commit first: git merge {name}", name=name),
        )
    if config.id != last.manifest.registry:
        raise StateFault(
            Message(
                "the releases here are of the registry {other}, not of {id}", other=last.manifest.registry, id=config.id
            ),
            Message("a copy of a registry publishes from a repository of its own; smartreg explain CHG831"),
        )
    _latest_in(place, claims)


def _refuse_earlier(repo: Repo, head: str, last: ClaimedRelease | None) -> None:
    """StateFault if the last release shows a commit that is not in the history of this one: readers would see the
    registry go back. Where a rewritten history no longer has that commit, nothing can tell."""
    commit = last.manifest.commit if last else head
    if last is not None and repo.tree_id(commit) is not None and not repo.is_ancestor(commit, head):
        raise StateFault(
            Message(
                "release {serial} shows commit {commit}, which is not in the history of HEAD",
                serial=last.manifest.serial,
                commit=short_id(commit),
            ),
            Message("pull or merge it first; nothing was published"),
        )


def _refuse_absent(claims: Claims, place: Output) -> None:
    """StateFault if there is no release yet, or the folder does not hold the last one."""
    last = claims.last
    if last is None:
        raise StateFault(Message("there is no release yet"), Message("smartreg publish -o DIR makes one"))
    folder = place.path / last.manifest.registry / folder_of(last.manifest.serial)
    if _read(folder / MANIFEST_FILE) != last.signed.content:
        raise StateFault(
            Message("{folder} does not hold release {serial}", folder=place.path, serial=last.manifest.serial),
            Message("smartreg publish -o {folder} writes it", folder=place.path),
        )
    _latest_in(place, claims)


def _latest_in(place: Output, claims: Claims) -> tuple[bytes, bytes] | None:
    """`latest.json` of the folder, and the signature that is good for it; None if there is none. StateFault if it names
    a release that no tag claims: the folder belongs to another history."""
    last = claims.last
    file = place.path / last.manifest.registry / LATEST_FILE if last else None
    content = _read(file) if file else None
    if content is None or file is None:
        return None
    try:
        latest = read_latest(content)
        armored, _ = check_signature(content, _read(file.with_name(f"{LATEST_FILE}{SIGNATURE}")) or b"", LATEST_FILE)
    except RefusedRelease:
        return None
    there = claims.releases.get(latest.serial)
    if there is None or there.manifest.digest != latest.manifest:
        raise StateFault(
            Message("{folder} holds a release {serial} that no tag knows", folder=place.path, serial=latest.serial),
            Message("publish where its tags are, or into another folder; nothing was published"),
        )
    return content, armored


def _refuse_withdrawn(content: ReleaseContent, claims: Claims) -> None:
    """Refused if the same records were withdrawn."""
    for serial, item in sorted(claims.withdrawals.items()):
        if serial in claims.releases and claims.releases[serial].manifest.records[0] == content.tree.root:
            raise Refused(
                Message(
                    "these are the records of release {serial}, which was withdrawn: {reason}",
                    serial=serial,
                    reason=item.withdrawal.reason,
                ),
                Message("remove from the registry what must not be published, then publish"),
            )


def _first_seen(workspace: Workspace, content: ReleaseContent, last: ClaimedRelease | None) -> FirstSeen:
    """What becomes visible, compared with the release before."""
    columns = {
        path: names
        for path, file in content.described.items()
        if (names := _new_columns(path, [name for name, _ in file.columns], last))
    }
    if last is None or workspace.git.tree_id(last.manifest.commit) is None:
        return FirstSeen(columns, (), tuple(content.records), is_first=last is None)
    before = workspace.registry(last.manifest.commit)
    shown = view(before, PUBLIC)
    visible = {record.rid for kind in shown.schemas.kinds for record in shown.of_kind(kind)}
    new = [rid for rid in content.records if rid not in visible]
    return FirstSeen(
        columns,
        tuple(rid for rid in new if rid in before),
        tuple(rid for rid in new if rid not in before),
        is_first=False,
    )


def _new_columns(path: str, names: Sequence[str], last: ClaimedRelease | None) -> list[str]:
    there = last.manifest.files.get(path) if last else None
    published = {name for name, _ in there.columns} if there else set()
    return [name for name in names if name not in published]


def _give_id(workspace: Workspace) -> str:
    """Commit settings with an id; the commit."""
    before = _read(workspace.root / SETTINGS)
    text = f'id = "{uuid4()}"\n'.encode() + (before or b"")
    message = CommitMessage("Give the registry an id", "", ((OP, "publish"), (VERSION, __version__)))
    made = commit(workspace.git, (Write(SETTINGS, text),), message, expected={SETTINGS: before})
    assert made is not None
    return made


# -- the folder ----------------------------------------------------------------------------------------------------


def _write(
    workspace: Workspace,
    publication: Publication,
    claims: Claims,
    content: ReleaseContent | None,
    key: str,
    *,
    new: bool,
) -> Published:
    """Write what the claims say into the folder: all manifests, the files of the last release (None: they are there),
    and last of all `latest.json`."""
    last = claims.last
    assert last is not None
    if not new:
        _refuse_key(key, claims)
    place = publication.place
    before = _latest_in(place, claims)
    folder = place.inside(last.manifest.registry)
    now = publication.now.replace(microsecond=0)
    latest = Latest(
        last.manifest.registry,
        last.manifest.serial,
        last.manifest.digest,
        now,
        now + timedelta(days=workspace.config.release.valid_days),
        tuple(sorted(claims.withdrawals)),
    )
    text = latest.to_bytes()
    signature = sign(workspace.git, text, NAMESPACE)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder.path)
        for serial, release in sorted(claims.releases.items()):
            data = content.files if content is not None and release is last else ()
            _write_release(folder, release, claims.withdrawals.get(serial), data)
        # The signature of the text that is there stays in the file: at no moment is a text without one.
        save(folder.inside(f"{LATEST_FILE}{SIGNATURE}"), signature + (before[1] if before else b""))
        save(folder.inside(LATEST_FILE), text)
    except OSError as fault:
        raise cannot_write(place.path, fault) from None
    path = folder.path / folder_of(last.manifest.serial)
    return Published(last.manifest, path, fingerprint_of(key) or "", latest.expires, new, claims.remote)


def _remove_leftovers(folder: Path) -> None:
    """Remove the drafts of a publication that was killed."""
    for draft in folder.glob(".smartreg-*"):
        shutil.rmtree(draft, ignore_errors=True)
    for draft in folder.glob(f".{LATEST_FILE}*"):
        draft.unlink(missing_ok=True)


def _write_release(
    folder: Output, release: ClaimedRelease, withdrawn: ClaimedWithdrawal | None, data: Sequence[Written]
) -> None:
    """Write the folder of a release, in one step, unless it is there. StateFault if it holds another release."""
    name = folder_of(release.manifest.serial)
    texts = _signed(name, MANIFEST_FILE, release.signed)
    if withdrawn is not None:
        texts, data = [*texts, *_signed(name, WITHDRAWN_FILE, withdrawn.signed)], ()
    there = _read(folder.path / name / MANIFEST_FILE)
    if there is not None and there != release.signed.content:
        raise StateFault(
            Message(
                "{folder} holds another release {serial}", folder=folder.path / name, serial=release.manifest.serial
            ),
            Message("a release never changes: find out where it comes from; nothing was published"),
        )
    texts_and_data = [*texts, *(replace(item, name=f"{name}/{item.name}") for item in data)]
    is_gone = withdrawn is not None and any((folder.path / name / path).exists() for path in release.manifest.files)
    if is_gone or any(_read(folder.path / item.name, len(item.content)) != item.content for item in texts_and_data):
        folder.inside(name).refuse_root()
        write_partition(texts_and_data, folder.path)


def _signed(folder: str, file: str, signed: SignedText) -> list[Written]:
    return [
        Written(f"{folder}/{file}", signed.content, None, None),
        Written(f"{folder}/{file}{SIGNATURE}", signed.signature, None, None),
    ]


def _read(file: Path, size: int = LARGEST[MANIFEST_FILE]) -> bytes | None:
    """The bytes of a file, at most one more than `size`; None if it is not there."""
    try:
        return read_regular(file, size + 1)
    except OSError:
        return None
