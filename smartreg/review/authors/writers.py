"""Whom a record belongs to, who may write for whom according to one state of the registry (the base), and what each
commit of a branch itself changes.

A record belongs to the parties that its ownership fields name (`[ownership] fields` in the settings); a record of a
kind that lists writers belongs to itself. If none of them lists writers, the metropole of the settings is
responsible for it.

The mapping of an import, and the keys of its rows next to it, belong to the owners that its constants set; one that
takes the owner from a column, to every party that lists writers.

A merge changes nothing itself if it takes what only one of its parents has changed since their common ancestor, or
the result of a merge by fields. Anything else, including the silent loss of a parent's change, is attributed to the
merger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.spelling import did_you_mean
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import Data, Json, Record, RecordId, Words
from smartreg.diff import same
from smartreg.domain.acts import current
from smartreg.domain.binding import KEYS, WRITERS, has_writers, holders, stand_for
from smartreg.domain.kinds import CONVENTION, PARTY
from smartreg.domain.successions import successions
from smartreg.edit.merge import Versions, merge_texts
from smartreg.gitio import RECORD, Commit, GitFailed, Repo, TreeEntry
from smartreg.gitio.objects import LineMerger
from smartreg.gitio.signatures import Signature, verify
from smartreg.registry import Registry, is_import_file, record_at
from smartreg.review.authors.assertions import find_weakness
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

DOMAINS = "domains"


@dataclass(frozen=True)
class Author:
    """The parties for which the signer of a commit may write (`proven`), and those that the author's address suggests
    (`hinted`). `domain`: of that address; `signature`: its validity; `weakness`: why a valid one counts for nobody."""

    proven: frozenset[RecordId]
    hinted: frozenset[RecordId]
    domain: str
    signature: Signature
    weakness: Words | None = None


@dataclass(frozen=True)
class Writers:
    """The rights that the `base` grants on the day `on`, when the successors of parties that have ended have theirs.
    `latest`: a later state of the base branch, in which keys may have been withdrawn since."""

    base: Registry
    on: date
    latest: Registry | None = None

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """The kinds whose records list writers."""
        return frozenset(name for name in self.base.schemas.kinds if has_writers(self.base, name))

    @cached_property
    def _parties(self) -> tuple[Record, ...]:
        found = (record for kind in sorted(self._kinds) for record in self.base.of_kind(kind))
        ended = successions(self.base).has_ended
        return tuple(one for one in found if one.rid.kind != PARTY or not ended(one.rid.id, self.on))

    @cached_property
    def _by_key(self) -> Mapping[str, frozenset[RecordId]]:
        return self._index_writers(KEYS)

    @cached_property
    def _by_domain(self) -> Mapping[str, frozenset[RecordId]]:
        return self._index_writers(DOMAINS)

    def _index_writers(self, name: str) -> Mapping[str, frozenset[RecordId]]:
        found: dict[str, frozenset[RecordId]] = {}
        for party in self._parties:
            for word in _texts(party.data, name):
                found[word] = found.get(word, frozenset()) | {party.rid}
        return found

    @cached_property
    def listing(self) -> frozenset[RecordId]:
        """The parties that list writers."""
        return frozenset().union(*self._by_key.values(), *self._by_domain.values())

    def lists_nobody(self) -> bool:
        """Whether no party lists writers, for certain: each can be read."""
        return not self.listing and all(
            self.base.at(file) is not None
            for kind in self._kinds
            for id in self.base.ids(kind)
            for file in self.base.files_of(RecordId(kind, id))
        )

    @property
    def keyed(self) -> frozenset[RecordId]:
        """The parties that list signing keys."""
        return frozenset().union(*self._by_key.values())

    @cached_property
    def keepers(self) -> frozenset[RecordId]:
        """The parties that may write everything."""
        return self._parties_of(self.base.config.ownership.keepers)

    @cached_property
    def answering(self) -> frozenset[RecordId]:
        """The parties responsible for records of owners without writers."""
        metropole = self.base.config.metropole
        return (self._parties_of((metropole,)) if metropole else frozenset()) & self.listing

    def _parties_of(self, ids: Iterable[str]) -> frozenset[RecordId]:
        return frozenset(rid for id in ids for kind in self._kinds if (rid := RecordId(kind, id)) in self.base)

    def refuse_unusable(self) -> None:
        """Raises UsageFault if the base grants no readable right: nothing could be checked."""
        names = {field.name for kind in self.base.schemas.kinds.values() for field in kind.references}
        for name in self.base.config.ownership.fields:
            if name not in names and self.base.config.ownership.chosen:
                raise UsageFault(
                    Words(
                        f'smartreg.toml: ownership.fields: no kind has the reference "{name}"',
                        f"smartreg.toml : ownership.fields : aucun type n'a la référence « {name} »",
                    ),
                    did_you_mean(name, sorted(names)),
                )
        if not self.listing:
            where = self.base.tree.name
            raise UsageFault(
                Words(
                    f"at {where} no party lists its writers: who may change what is not known",
                    f"à {where}, aucune partie n'indique qui écrit pour elle : les droits sont inconnus",
                ),
                Words(
                    "add writers (keys, domains) to the parties on the branch that changes are merged into",
                    "ajoutez writers (keys, domains) aux parties sur la branche qui reçoit les modifications",
                ),
            )

    def owners(self, rid: RecordId, data: Data) -> frozenset[RecordId]:
        """The owners of a record with this data, or who took their place; of a convention, after all of its acts."""
        if rid.kind in self._kinds:
            return stand_for(self.base, (rid,), self.on)
        if rid.kind == CONVENTION:
            record = Record(rid, "", data, "")
            data = {**data, **current(record, successions(self.base).begun(self.on))}
        fields = self.base.config.ownership.fields
        named = (owner for name in fields for owner in holders(self.base, rid.kind, name, data))
        return stand_for(self.base, named, self.on)

    def mapping_owners(self, text: bytes) -> frozenset[RecordId]:
        """The parties whose records the mapping of an import makes; nobody's if it cannot be read."""
        try:
            mapping = read_toml(text)
        except Unreadable:
            return frozenset()
        kind, constants = mapping.get("kind"), mapping.get("constants")
        if not isinstance(kind, str) or kind not in self.base.schemas.kinds or kind in self._kinds:
            return frozenset()
        owners = self.owners(RecordId(kind, ""), constants if isinstance(constants, Mapping) else {})
        return owners or self.listing

    def answerable(self, owners: Iterable[RecordId]) -> frozenset[RecordId]:
        """The parties whose writers may change what belongs to these; none if none lists any."""
        return ((frozenset(owners) & self.listing) or self.answering) | self.keepers

    def author(self, commit: Commit, signature: Signature) -> Author:
        """The parties for which a commit may act."""
        domain = _domain_of(commit.author_email)
        nobody: frozenset[RecordId] = frozenset()
        if signature.state == "bad":
            return Author(nobody, nobody, domain, signature)
        weakness = find_weakness(signature, self.base.config.keys, self.on)
        if weakness is not None:
            return Author(nobody, nobody, domain, signature, weakness)
        keys = signature.keys if signature.state == "good" else ()
        proven = nobody.union(*(self._by_key.get(key, nobody) for key in keys))
        if self.latest is not None:
            proven &= Writers(self.latest, self.on).author(commit, signature).proven
        return Author(proven, self._by_domain.get(domain, nobody) if domain else nobody, domain, signature)


def _domain_of(address: str) -> str:
    """The domain of a mail address, in lower case; empty for what is no address."""
    local, _at, domain = address.partition("@")
    return domain.lower() if local and "@" not in domain else ""


def speaks_for(repo: Repo, base: Registry, commit: str, on: date) -> frozenset[RecordId]:
    """The parties for which the base lists the key of a commit's signature; none if it does not count."""
    return Writers(base, on).author(repo.commit_info(commit), verify(repo.git, [commit])[commit]).proven


def writers_of(data: Data) -> Json:
    """What a record says about its writers."""
    return data.get(WRITERS)


def _texts(data: Data, name: str) -> Iterator[str]:
    listed = data.get(WRITERS)
    items = listed.get(name) if isinstance(listed, Mapping) else None
    if isinstance(items, list | tuple):
        yield from (item for item in items if isinstance(item, str))


class FileStep(NamedTuple):
    """A file before and after a commit: blob ids, None if absent."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class AuthoredCommit:
    """One commit: its author, the records that it changes (each with its content before and after; None if absent or
    unreadable), the other files, the records that its message names, the texts of the mappings of imports that it
    writes, and the changed records that upstream did not have when the commit was made."""

    commit: Commit
    author: Author
    records: Mapping[RecordId, tuple[Data | None, Data | None]]
    files: Mapping[RecordId, str]
    others: tuple[str, ...]
    named: frozenset[str]
    mappings: Mapping[str, bytes] = field(default_factory=dict)
    fresh: frozenset[RecordId] = frozenset()


def authored_commits(repo: Repo, writers: Writers, commits: Sequence[Commit], upstream: str) -> list[AuthoredCommit]:
    """What each of these commits does; `upstream` reaches none of them."""
    schemas = writers.base.schemas
    steps = {commit.oid: _steps(repo, commit, schemas) for commit in commits}
    signatures = verify(repo.git, [commit.oid for commit in commits])
    read_files = (
        step for some in steps.values() for step in some if record_at(step.path, schemas) or is_import_file(step.path)
    )
    blobs = {blob for step in read_files for blob in step[1:] if blob}
    texts = dict(repo.blobs(sorted(blobs), READ_LIMIT))
    known = _KnownCommits(repo, writers, upstream, any(len(commit.parents) > 1 for commit in commits))
    found = (
        _authored_commit(commit, writers.author(commit, signatures[commit.oid]), steps[commit.oid], texts, schemas)
        for commit in commits
    )
    return [replace(authored, fresh=frozenset(authored.records) - known.at(authored.commit.oid)) for authored in found]


@dataclass(frozen=True)
class _KnownCommits:
    """The records that upstream had when a commit was made: those of the base, unless merges brought it in later."""

    repo: Repo
    writers: Writers
    upstream: str
    merging: bool
    _seen: dict[str, frozenset[RecordId]] = field(default_factory=dict)

    def at(self, commit: str) -> frozenset[RecordId]:
        base = self.writers.base
        if not self.merging:
            return frozenset(base.places)
        fork = self.repo.git.line("merge-base", self.upstream, commit) or ""
        if fork and fork not in self._seen:
            paths = self.repo.tree(fork)
            found = (record_at(path, base.schemas) for path in paths)
            self._seen[fork] = frozenset(rid for rid in found if rid is not None)
        return self._seen.get(fork, frozenset())


def _authored_commit(
    commit: Commit, author: Author, steps: Iterable[FileStep], texts: Mapping[str, bytes], schemas: Schemas
) -> AuthoredCommit:
    records: dict[RecordId, tuple[Data | None, Data | None]] = {}
    files: dict[RecordId, str] = {}
    mappings: dict[str, bytes] = {}
    others = []
    for step in steps:
        rid = record_at(step.path, schemas)
        if rid is None:
            others.append(step.path)
            if step.after and is_import_file(step.path):
                mappings[step.path] = texts[step.after]
            continue
        was, now = records.get(rid, (None, None))
        records[rid] = (
            _read_data(texts, step.before, step.path) or was,
            _read_data(texts, step.after, step.path) or now,
        )
        if step.after or rid not in files:
            files[rid] = step.path
    # The message of a merge may quote what others wrote: it agrees to nothing.
    named = frozenset(value for key, value in commit.trailers if key == RECORD and len(commit.parents) < 2)
    return AuthoredCommit(commit, author, records, files, tuple(others), named, mappings)


def _read_data(texts: Mapping[str, bytes], blob: str | None, path: str) -> Data | None:
    return read(texts[blob], path).data if blob else None


def _steps(repo: Repo, commit: Commit, schemas: Schemas) -> list[FileStep]:
    if len(commit.parents) < 2:
        return [FileStep(change.path, _plain(change[1:4:2]), _plain(change[2:5:2])) for change in commit.changes]
    return list(_of_merge(repo, commit, schemas))


def _plain(blob_and_mode: tuple[str | None, ...]) -> str | None:
    """The blob of a plain file: a link contains no record, and a submodule has no blob."""
    blob, mode = blob_and_mode
    return blob if mode in ("100644", "100755") else None


def _of_merge(repo: Repo, commit: Commit, schemas: Schemas) -> Iterator[FileStep]:
    """The files of a merge that differ from what its parents make of them."""
    first, *rest = commit.parents
    now, mine, settled = _files(repo, commit.oid), _files(repo, first), set()
    for parent in rest:
        theirs, base = _files(repo, parent), _ancestral(repo, first, parent)
        for path in theirs.keys() | base.keys():
            sides = Versions(base.get(path), mine.get(path), theirs.get(path))
            if sides.ours == sides.base:
                mine[path] = sides.theirs
            elif sides.theirs not in (sides.base, sides.ours):
                if _merges_to(repo, schemas, path, sides, now):
                    mine[path] = now[path]
                else:  # taking one side of a conflict drops the other
                    settled.add(path)
    for path in sorted(mine.keys() | now.keys()):
        if mine.get(path) != now.get(path) or path in settled:
            yield FileStep(path, mine.get(path), now.get(path))


def _merges_to(
    repo: Repo, schemas: Schemas, path: str, sides: Versions[str | None], now: Mapping[str, str | None]
) -> bool:
    """Whether the text of a file after a merge equals the conflict-free combination of both sides."""
    blobs, result, rid = [blob for blob in sides if blob], now.get(path), record_at(path, schemas)
    if result is None or len(blobs) < 3 or rid is None:
        return False
    texts = dict(repo.blobs({*blobs, result}, READ_LIMIT))
    try:
        merge = merge_texts(Versions(*(texts[blob] for blob in blobs)), schemas.kinds[rid.kind], LineMerger(repo.root))
    except GitFailed:
        return False
    return merge.clean and same(read(merge.text, path).data, read(texts[result], path).data)


def _ancestral(repo: Repo, one: str, other: str) -> dict[str, str | None]:
    """The files of the common ancestor of two commits; none without common history."""
    try:
        return _files(repo, repo.merge_base(one, other))
    except StateFault:
        if repo.is_shallow():
            raise
        return {}


def _files(repo: Repo, commit: str) -> dict[str, str | None]:
    plain: dict[str, TreeEntry] = repo.tree(commit, ())
    return {path: _plain((entry.blob, entry.mode)) for path, entry in plain.items()}
