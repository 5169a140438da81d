"""Other registries: add one as a source, fetch its latest release, verify and compare it, and keep of it the records
that are named here, in one commit. Whatever is refused leaves the last accepted release as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, day, plural
from smartreg.core.spelling import did_you_mean
from smartreg.core.ssh_keys import fingerprint_of, fingerprints_of
from smartreg.core.strict import Unreadable
from smartreg.core.values import Location, Record, RecordId
from smartreg.domain.kept_releases import find_expired, find_kept_faults
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.features.federation.source_notes import SourceState
from smartreg.readers.foreign import TableShape, require_reader, table_shapes
from smartreg.registry import SAME_BY, Registry, alias_of, read_lines, snapshot_file
from smartreg.registry.abroad import LONGEST
from smartreg.registry.pins import LOCK, KeptRelease, Lock, Pin, Refusal, lock_text, manifest_file
from smartreg.release.fetching import open_source
from smartreg.release.format import (
    LARGEST_RELEASE,
    RECORDS_FILE,
    SIGNATURE,
    Manifest,
    RefusedRelease,
    ReleaseFile,
    moment_text,
)
from smartreg.release.merkle import MerkleTree, canonical
from smartreg.release.reading import Fetch, VerifiedRelease, read_file, read_release, read_signed_withdrawal
from smartreg.release.store import Store
from smartreg.review.sources import KEPT, check_signatures
from smartreg.schema import ABROAD
from smartreg.schema.settings import Source
from smartreg.workspace.kept_sources import kept_manifest, lock_of, pinned_manifest, record_of
from smartreg.workspace.workspace import Workspace, write


class _Update(NamedTuple):
    """What is kept of a source once an accepted release takes the place of the last one: its files, by path. `refused`:
    the last one stays, but its data were withdrawn. `is_fetched`: the store lacked files of it."""

    pin: Pin
    manifest: Manifest
    writes: Mapping[str, bytes]
    refused: RefusedRelease | None = None
    is_fetched: bool = False


def states(registry: Registry) -> list[SourceState]:
    """The sources as they are kept, by alias. StateFault for a lock that cannot be read."""
    pins, refusals = lock_of(registry)
    return [
        SourceState(
            alias,
            source,
            pins.get(alias),
            kept_manifest(registry, alias, source, pins.get(alias)),
            refusal=refusals.get(alias),
        )
        for alias, source in sorted(registry.config.sources.items())
    ]


def update(
    workspace: Workspace, words: Sequence[str], options: WriteOptions, now: datetime
) -> tuple[Outcome | None, list[SourceState]]:
    """Fetch the latest release of these sources (all that are not closed, without any), and keep of it the records that
    are named here, and those among `words` (`alias:id`). None if nothing changes. The others advance where one is
    refused."""
    registry = workspace.current
    asked = {word for word in words if ABROAD in word}
    aliases = _selected(registry, words)
    lock = lock_of(registry)
    pins, refusals = dict(lock.pins), dict(lock.refusals)
    named = _named(registry)
    writes: dict[str, bytes | None] = {}
    after: list[SourceState] = []
    for alias in aliases:
        source, pin = registry.config.sources[alias], pins.get(alias)
        visit = _Visit(workspace, registry, alias, source, pin, _ids_of(alias, named), _ids_of(alias, asked), now)
        try:
            made = visit.update()
        except RefusedRelease as refused:
            if pin is not None:
                pins[alias] = _note_refusal(pin, refused, now.date())
            elif (noted := refusals.get(alias)) is None or (noted.id, noted.refused) != (source.id, refused.why):
                refusals[alias] = Refusal(source.id, refused.why, now.date().isoformat())
            kept = kept_manifest(registry, alias, source, pin)
            after.append(
                SourceState(alias, source, pins.get(alias), kept, refused=refused, refusal=refusals.get(alias))
            )
            continue
        refusals.pop(alias, None)
        changed = {path: text for path, text in made.writes.items() if registry.text_of(path, LONGEST) != text}
        is_news = bool(changed) or pin is None or replace(made.pin, checked=pin.checked) != pin
        if is_news:
            pins[alias] = made.pin
            writes |= changed
        after.append(SourceState(alias, source, pins[alias], made.manifest, made.refused, is_news, made.is_fetched))
    text = lock_text(Lock(pins, refusals))
    if (pins or refusals) and text != registry.text_of(LOCK, LONGEST):
        writes[LOCK] = text
    if not writes:
        return None, after
    return write(workspace, registry, _edit(after, writes), options), after


def _note_refusal(pin: Pin, refused: RefusedRelease, on: date) -> Pin:
    """What the lock says after a fetch that brought nothing: each reason is noted once, with its first day, so that an
    outage is no commit a day."""
    if refused.why == "unreadable":
        return pin if pin.unreachable else replace(pin, unreachable=on.isoformat())
    noted = replace(pin, refused=refused.why, unreachable="")
    return pin if noted == pin else replace(noted, checked=on.isoformat())


def kept_releases(workspace: Workspace) -> list[KeptRelease]:
    """The last accepted release of each source, by alias, whose files were all compared with the manifest just now.
    StateFault where one is not in the store, and where lock and manifest differ."""
    releases = list(_kept_releases(workspace))
    for release in releases:
        missing = _missing_files(workspace, release)
        if missing:
            raise StateFault(
                Message("{file} of {alias} is not in the store", file=missing[0], alias=release.alias),
                Message("fetch it: smartreg source update {alias}", alias=release.alias)
                if workspace.config.observatory.whole_releases
                else Message("write whole_releases = true below [observatory] in smartreg.toml, then update"),
            )
    return releases


def _kept_releases(workspace: Workspace) -> Iterator[KeptRelease]:
    registry = workspace.current
    pins = lock_of(registry).pins
    for alias, source in sorted(registry.config.sources.items()):
        if (pin := pins.get(alias)) is not None:
            manifest = pinned_manifest(registry, alias, source, pin)
            folder = None if pin.withdrawn else Store(workspace.git.git_dir).folder(manifest)
            yield KeptRelease(alias, source, pin, manifest, folder)


def _missing_files(workspace: Workspace, release: KeptRelease) -> list[str]:
    """The files of a release that the store lacks, or has with other bytes."""
    store, files = Store(workspace.git.git_dir), release.manifest.files if release.folder else ()
    return [path for path in files if store.read(release.manifest, path) is None]


def _edit(after: Sequence[SourceState], writes: Mapping[str, bytes | None]) -> Edit:
    news = ", ".join(f"{state.alias} ({state.pin.serial})" for state in after if state.is_news and state.pin)
    refused = ", ".join(f"{state.alias} ({state.refused.why})" for state in after if state.refused)
    count = sum(state.refused is not None for state in after)
    also = f", note {count} {'refusal' if count == 1 else 'refusals'}" if refused else ""
    subject = f"Update the sources {news}{also}" if news else f"Note why nothing new is kept of {refused}"
    return Edit("source", (), writes, subject, f"Refused: {refused}" if news and refused else "", settles=True)


def _selected(registry: Registry, words: Sequence[str]) -> list[str]:
    """The aliases to update. UsageFault for one that no source has, and for a source that is closed."""
    sources = registry.config.sources
    if not sources:
        raise UsageFault(Message("this registry has no sources"), Message("smartreg source add ALIAS URL --key FILE"))
    aliases = list(dict.fromkeys(alias_of(word) or word for word in words))
    for alias in aliases:
        known_source(registry, alias)
        closed = sources[alias].closed
        if closed is not None:
            raise UsageFault(
                Message("{alias} is closed since {day}", alias=alias, day=day(closed)),
                Message("delete closed = … below [sources.{alias}] in smartreg.toml to open it again", alias=alias),
            )
    return aliases or sorted(alias for alias, source in sources.items() if source.closed is None)


def repin(workspace: Workspace, alias: str, digest: str, options: WriteOptions, now: datetime) -> Outcome:
    """Begin again from the latest release, whose manifest has this digest (as the publisher says it), whatever was
    kept: for a reader that is too far behind. RefusedRelease if it is another."""
    registry = workspace.current
    source = known_source(registry, alias)
    lock = lock_of(registry)
    pins, refusals = dict(lock.pins), dict(lock.refusals)
    ids = _ids_of(alias, _named(registry))
    made = _Visit(workspace, registry, alias, source, None, ids, frozenset(), now).update()
    if made.pin.manifest != digest:
        raise RefusedRelease(
            "fork",
            Message("the latest release of {alias} has the manifest {digest}", alias=alias, digest=made.pin.manifest),
            Message("compare it with the publisher by telephone, then give that digest"),
        )
    pins[alias] = made.pin
    refusals.pop(alias, None)
    writes = {**made.writes, LOCK: lock_text(Lock(pins, refusals))}
    subject = f"Begin the source {alias} again at release {made.pin.serial}"
    return write(workspace, registry, Edit("source", (), writes, subject, settles=True), options)


def known_source(registry: Registry, alias: str) -> Source:
    """The source with this alias. UsageFault if there is none."""
    sources = registry.config.sources
    if alias not in sources:
        hint = did_you_mean(alias, sources, Message("smartreg source list shows them"))
        raise UsageFault(Message('no source "{alias}"', alias=alias), hint)
    return sources[alias]


def _ids_of(alias: str, references: Iterable[str]) -> frozenset[str]:
    """The ids of a source among references to records of others."""
    return frozenset(id.partition(ABROAD)[2] for id in references if alias_of(id) == alias)


def _named(registry: Registry) -> set[str]:
    """The records of other registries that records here name."""
    kinds = registry.schemas.kinds
    return {link.target for record in registry.records() for link in kinds[record.rid.kind].links_abroad(record)}


@dataclass(frozen=True)
class _Visit:
    """One source, with what is kept of it, the ids of it that records here name, and those that are asked for."""

    workspace: Workspace
    registry: Registry
    alias: str
    source: Source
    pin: Pin | None
    named: Collection[str]
    asked: Collection[str]
    now: datetime

    def update(self) -> _Update:
        """What to keep of the latest release. RefusedRelease if it must not be taken."""
        fetch = open_source(self.source.url, self.workspace.root)
        pinned = None if self.pin is None else pinned_manifest(self.registry, self.alias, self.source, self.pin)
        release = read_release(
            fetch,
            self.source.id,
            fingerprints_of(self.source.keys),
            pinned=pinned,
            revoked=self.source.revoked_after,
            now=self.now,
        )
        self._refuse_new_key(release)
        try:
            return self._take(fetch, pinned, release)
        except RefusedRelease as refused:
            if self.pin is None or pinned is None or pinned.serial not in release.latest.withdrawn:
                raise
            self._kept.drop_others(pinned.registry, ())
            pin = replace(self.pin, refused=refused.why, withdrawn=True, checked=self.now.date().isoformat())
            return _Update(pin, pinned, {snapshot_file(self.alias): self._snapshot(pinned, ())}, refused)

    def _take(self, fetch: Fetch, pinned: Manifest | None, release: VerifiedRelease) -> _Update:
        manifest = release.manifest
        is_withdrawn = manifest.serial in release.latest.withdrawn
        if is_withdrawn:
            read_signed_withdrawal(fetch, manifest, manifest.fingerprints)
        is_accepted = manifest.serial == self.source.accept.serial
        if pinned is not None and not is_accepted:
            _refuse_lost_columns(pinned, manifest, accept_hint(self.alias, manifest.serial))
        content = b"" if is_withdrawn else self._file(fetch, manifest, RECORDS_FILE)
        records = () if is_withdrawn else _records_in(content, manifest)
        lost = self._lost(fetch, pinned, release, records) if not is_accepted else 0
        self._refuse_loss(manifest, lost)
        snapshot = self._snapshot(manifest, records)
        is_fetched = not is_withdrawn and self._store(fetch, manifest, pinned, content)
        # An update that is cut short still finds the last one.
        stay = [item.digest for item in (pinned, manifest) if item and item.serial not in release.latest.withdrawn]
        self._kept.drop_others(manifest.registry, stay)
        base = self.pin.base if self.pin is not None and lost else len(records)
        pin = Pin(
            self.source.id,
            manifest.serial,
            manifest.digest,
            manifest.commit,
            moment_text(manifest.issued),
            moment_text(release.latest.expires),
            self.now.date().isoformat(),
            base,
            lost,
            withdrawn=is_withdrawn,
        )
        last = release.chain[-1]
        writes = {
            snapshot_file(self.alias): snapshot,
            manifest_file(self.alias): last.content,
            f"{manifest_file(self.alias)}{SIGNATURE}": last.signature,
        }
        return _Update(pin, manifest, writes, is_fetched=is_fetched)

    def _refuse_new_key(self, release: VerifiedRelease) -> None:
        """A key that only the old one vouches for counts once it was accepted in review."""
        last = release.chain[-1]
        if last.signer not in fingerprints_of(self.source.keys):
            keys = [key for item in release.chain for key in item.manifest.keys if fingerprint_of(key) == last.signer]
            raise RefusedRelease(
                "signature",
                Message(
                    "release {serial} is signed by a new key, {key}, which the one before announces",
                    serial=last.manifest.serial,
                    key=last.signer,
                ),
                Message(
                    'compare it with the publisher by telephone, then add "{line}" to keys of [sources.{alias}]',
                    line=keys[0] if keys else last.signer,
                    alias=self.alias,
                ),
            )

    def _lost(self, fetch: Fetch, pinned: Manifest | None, release: VerifiedRelease, records: Sequence[bytes]) -> int:
        """The records lost since the release from which losses are counted, those of this step included."""
        if pinned is None or self.pin is None:
            return 0
        if pinned.digest == release.manifest.digest or {pinned.serial, release.manifest.serial} & {
            *release.latest.withdrawn
        }:
            return self.pin.lost
        there = {record_of(line).rid for line in records}
        before = _records_in(self._file(fetch, pinned, RECORDS_FILE), pinned)
        return self.pin.lost + sum(record_of(line).rid not in there for line in before)

    def _refuse_loss(self, manifest: Manifest, lost: int) -> None:
        most = f"{self.source.max_loss * 100:g}"
        if self.pin is not None and lost > self.pin.lost and lost > self.source.max_loss * self.pin.base:
            raise RefusedRelease(
                "loss",
                Message(
                    "with release {serial}, {lost} of {base} records are lost; at most {most} % may vanish",
                    serial=manifest.serial,
                    lost=lost,
                    base=self.pin.base,
                    most=most,
                ),
                accept_hint(self.alias, manifest.serial),
            )

    def _snapshot(self, manifest: Manifest, records: Sequence[bytes]) -> bytes:
        """The lines of the wanted records and of the parties that they name, each with what proves that it is in the
        release; of those that vanished since, that they are gone."""
        kinds, wanted_records = self.registry.schemas.kinds, list[tuple[int, Record]]()
        parties: set[RecordId] = set()
        by_rid = dict[RecordId, tuple[int, Record]]()
        for index, line in enumerate(records):
            record = record_of(line)
            if record.rid in by_rid:
                raise RefusedRelease("file", Message("the id {rid} is there twice", rid=record.rid))
            by_rid[record.rid] = (index, record)
        for index, record in by_rid.values():
            kind = kinds.get(record.rid.kind)
            if kind is not None and (record.rid.id in self.named or record.rid.id in self.asked):
                wanted_records.append((index, record))
                links = [link for link in kind.links(record) if {*link.kinds} & SAME_BY.keys()]
                parties |= {RecordId(name, link.target) for link in links for name in link.kinds}
        missing = set(self.asked) - {record.rid.id for _, record in wanted_records}
        if missing and not records:
            raise UsageFault(Message("the data of release {serial} were withdrawn", serial=manifest.serial))
        if missing:
            raise UsageFault(
                Message("release {serial} has no record {id}", serial=manifest.serial, id=min(missing)),
                Message("correct the id; smartreg source update {alias} alone goes on without it", alias=self.alias),
            )
        chosen = {record.rid: (index, record) for index, record in wanted_records}
        chosen |= {rid: by_rid[rid] for rid in parties if rid in by_rid}
        tree = MerkleTree(records)
        lines = {rid: _line(record, index, tree) for rid, (index, record) in chosen.items()}
        for rid, serial in self._known():
            if rid not in lines and rid.id in self.named:
                lines[rid] = canonical({"gone": serial or manifest.serial, "id": rid.id, "kind": rid.kind})
        return b"".join(b"%s\n" % lines[rid] for rid in sorted(lines))

    def _known(self) -> Iterator[tuple[RecordId, int]]:
        """The records that are kept, and since which release they are gone, 0 if they are not."""
        try:
            for line in read_lines(self.registry.text_of(snapshot_file(self.alias), LONGEST) or b""):
                yield RecordId(line["kind"], line["id"]), line.get("gone", 0)
        except Unreadable:
            return

    # -- the store -----------------------------------------------------------------------------------------------

    @property
    def _kept(self) -> Store:
        return Store(self.workspace.git.git_dir)

    def _file(self, fetch: Fetch, manifest: Manifest, path: str) -> bytes:
        """A file of a release: from the store, else fetched. RefusedRelease if it is not the one of the manifest."""
        if (size := sum(file.size for file in manifest.files.values())) > LARGEST_RELEASE:
            raise RefusedRelease(
                "file",
                Message(
                    "release {serial} has {size} bytes; at most {most} are taken",
                    serial=manifest.serial,
                    size=size,
                    most=LARGEST_RELEASE,
                ),
            )
        stored = self._kept.read(manifest, path)
        return read_file(fetch, manifest, path) if stored is None else stored

    def _store(self, fetch: Fetch, manifest: Manifest, pinned: Manifest | None, records: bytes) -> bool:
        """Store the files of a release that are kept, whole or not at all; those that the release before had with the
        same bytes are not fetched again. Whether the store lacked any. RefusedRelease if a table is not what the
        manifest says."""
        is_whole = self.registry.config.observatory.whole_releases
        paths = sorted(manifest.files) if is_whole else [RECORDS_FILE]
        if all(self._kept.read(manifest, path) is not None for path in paths):
            return False
        before = {file: path for path, file in pinned.files.items()} if pinned is not None else {}
        files: dict[str, bytes | Path] = {RECORDS_FILE: records}
        fetched: dict[str, bytes] = {}
        for path in paths:
            same = before.get(manifest.files[path])
            if self._kept.read(manifest, path) is not None:
                files[path] = self._kept.folder(manifest) / path
            elif pinned is not None and same is not None and self._kept.read(pinned, same) is not None:
                files[path] = self._kept.folder(pinned) / same
            elif path != RECORDS_FILE:
                files[path] = fetched[path] = read_file(fetch, manifest, path)
        _refuse_other_tables(manifest, fetched)
        self._kept.keep(manifest, files)
        return True


def _records_in(content: bytes, manifest: Manifest) -> Sequence[bytes]:
    """The lines of the records of a release. RefusedRelease unless their tree has the root that the manifest states; no
    line is read before."""
    lines = content.splitlines()
    root, count = manifest.records
    if len(lines) != count or MerkleTree(lines).root != root:
        raise RefusedRelease("file", Message("the records are not those that the manifest states"))
    return lines


def _refuse_other_tables(manifest: Manifest, tables: Mapping[str, bytes]) -> None:
    """RefusedRelease unless tables hold what the manifest says: rows, columns, types, each id once, and no more text
    than the records can account for."""
    if not tables:
        return
    require_reader("shapes", "parquet")
    try:
        shapes = table_shapes(list(tables.values()))
    except UsageFault:  # one of them ended the process that read it
        shapes = [None] * len(tables)
    most = _MOST_TEXT * (manifest.files[RECORDS_FILE].size + 1)
    for path, shape in zip(tables, shapes, strict=True):
        refuse_other_table(path, manifest.files[path], shape, most)


def refuse_other_table(path: str, stated: ReleaseFile, shape: TableShape | None, most: int) -> None:
    """RefusedRelease unless a table is as its manifest states it, and has at most so many rows and bytes of text."""
    if shape is None:
        raise RefusedRelease("file", Message("{file} cannot be read as a table", file=path))
    columns = tuple((name, "BLOB" if kind.startswith("GEOMETRY") else kind) for name, kind in shape.columns)
    if (shape.rows, columns) != (stated.rows, stated.columns):
        raise RefusedRelease("file", Message("{file} has other rows or columns than its manifest says", file=path))
    if shape.ids is not None and shape.ids != shape.rows:
        raise RefusedRelease("file", Message("{file} has an id twice, or a row without one", file=path))
    if max(shape.texts, shape.rows) > most:
        raise RefusedRelease("file", Message("{file} unpacks to far more than the records of the release", file=path))


_MOST_TEXT = 1000
"""Bytes of text in a table for each byte of the records: tables repeat the names of owners, and little else."""


def _refuse_lost_columns(pinned: Manifest, manifest: Manifest, hint: Text) -> None:
    for path, file in pinned.files.items():
        there = manifest.files.get(path)
        if there is None:
            message = Message("{file} is missing from release {n}", file=path, n=manifest.serial)
            raise RefusedRelease("shape", message, hint)
        types = dict(there.columns)
        for name, kind in file.columns:
            if types.get(name) != kind:
                message = Message("{file}: the column {column} is gone, or of another type", file=path, column=name)
                raise RefusedRelease("shape", message, hint)


def accept_hint(alias: str, serial: int) -> Text:
    """How a lawful change is accepted."""
    line = f'accept = {{serial = {serial}, reason = "…"}}'
    return Message("ask its keeper; if it is lawful, write {line} below [sources.{alias}]", line=line, alias=alias)


def _line(record: Record, index: int, tree: MerkleTree) -> bytes:
    path = [node.hex() for node in tree.path(index)]
    return canonical({"data": record.data, "id": record.rid.id, "index": index, "kind": record.rid.kind, "path": path})


def is_about(finding: Finding, alias: str) -> bool:
    """Whether a finding of `check` is about a source."""
    where = finding.where
    return where.file.startswith(manifest_file(alias)) or (where.file == LOCK and where.path[:1] == (alias,))


def check(workspace: Workspace, on: date) -> list[Finding]:
    """What is kept of the sources, compared with the lock, the manifests, their signatures and the day: REF224 and
    REF225; what the store lacks of whole releases is a warning, for an update fetches it. StateFault if signatures
    cannot be checked here."""
    registry = workspace.current
    findings = [Finding(KEPT, "error", fault.message, fault.where) for fault in find_kept_faults(registry)]
    findings += check_signatures(registry)
    for alias, pin in find_expired(registry, on):
        expired = day(date.fromisoformat(pin.expires[:10]))
        message = Message("release {serial} of {alias} expired on {day}", serial=pin.serial, alias=alias, day=expired)
        findings.append(Finding("REF225", "warning", message, Location(LOCK, (alias, "expires"))))
    if registry.config.observatory.whole_releases and not any(finding.code == KEPT for finding in findings):
        for release in _kept_releases(workspace):
            if missing := _missing_files(workspace, release):
                alias, n = release.alias, len(missing)
                lacks = plural(
                    "the store lacks {n} file of {alias}", "the store lacks {n} files of {alias}", n=n, alias=alias
                )
                hint = Message("fetch them: smartreg source update {alias}", alias=alias)
                findings.append(Finding(KEPT, "warning", lacks, Location(manifest_file(alias)), hint))
    return findings
