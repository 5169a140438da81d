"""Whom a record belongs to, and who may write for whom, according to one state of the registry: the base.

A record belongs to the parties that its ownership fields name (`[ownership] fields` in the settings); a record of a
kind that lists writers belongs to itself. If none of them lists writers, the metropole of the settings is
responsible for it.

The mapping of an import, and the keys of its rows next to it, belong to the owners that its constants set; one that
takes the owner from a column, to every party that lists writers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import Data, Record, RecordId
from smartreg.domain.acts import current
from smartreg.domain.binding import KEYS, OWNER, WRITERS, has_writers, holders, stand_for
from smartreg.domain.kinds import CONVENTION, PARTY
from smartreg.domain.successions import successions
from smartreg.gitio import Commit, Repo
from smartreg.gitio.signatures import Signature, verify
from smartreg.registry import Registry
from smartreg.review.authors.key_requirements import find_weakness

DOMAINS = "domains"


@dataclass(frozen=True)
class Author:
    """The parties for which the signer of a commit may write (`proven`), and those that the author's address suggests
    (`hinted`). `domain`: of that address; `signature`: its validity; `weakness`: why a valid one counts for nobody."""

    proven: frozenset[RecordId]
    hinted: frozenset[RecordId]
    domain: str
    signature: Signature
    weakness: Text | None = None


@dataclass(frozen=True)
class Writers:
    """The rights that the `base` grants on the day `on`, when the successors of parties that have ended have theirs.
    `latest`: a later state of the base branch, in which keys may have been withdrawn since."""

    base: Registry
    on: date
    latest: Registry | None = None

    @cached_property
    def current(self) -> Writers | None:
        """The rights that the later state grants: nobody writes who may not there."""
        return None if self.latest is None else Writers(self.latest, self.on)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """The kinds whose records list writers."""
        return frozenset(name for name in self.base.schemas.kinds if has_writers(self.base, name))

    @cached_property
    def _parties(self) -> tuple[Record, ...]:
        has_ended = successions(self.base).has_ended
        return tuple(
            record
            for kind in sorted(self._kinds)
            for record in self.base.of_kind(kind)
            if kind != PARTY or not has_ended(record.rid.id, self.on)
        )

    @cached_property
    def _by_key(self) -> Mapping[str, frozenset[RecordId]]:
        return self._index_writers(KEYS)

    @cached_property
    def _by_domain(self) -> Mapping[str, frozenset[RecordId]]:
        return self._index_writers(DOMAINS)

    def _index_writers(self, name: str) -> Mapping[str, frozenset[RecordId]]:
        parties: dict[str, frozenset[RecordId]] = {}
        for party in self._parties:
            for word in _texts(party.data, name):
                parties[word] = parties.get(word, frozenset()) | {party.rid}
        return parties

    def parties_of_key(self, fingerprint: str) -> frozenset[RecordId]:
        """The parties that list this key."""
        return self._by_key.get(fingerprint, frozenset())

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
                    Message('smartreg.toml: ownership.fields: no kind has the reference "{name}"', name=name),
                    did_you_mean(name, sorted(names)),
                )
        if not self.listing:
            where = self.base.tree.name
            raise UsageFault(
                Message("at {where} no party lists its writers: permissions are unknown", where=where),
                Message("add writers (keys, domains) to the parties on the branch that changes are merged into"),
            )

    def owners(self, rid: RecordId, data: Data) -> frozenset[RecordId]:
        """The owners of a record with this data, or who took their place; of a convention, after all of its acts."""
        if rid.kind in self._kinds:
            return stand_for(self.base, (rid,), self.on)
        if rid.kind == CONVENTION:
            record = Record(rid, "", data, "")
            data = {**data, **current(record, successions(self.base).begun(self.on))}
        fields = self.base.config.ownership.fields
        owners = (owner for name in fields for owner in holders(self.base, rid.kind, name, data))
        return stand_for(self.base, owners, self.on)

    def removers(self, rid: RecordId, data: Data) -> frozenset[RecordId]:
        """Those of the owners who may remove the record, and with it whose it was: by `owner`, or by the first
        ownership field that names anybody."""
        if rid.kind in self._kinds or rid.kind == CONVENTION:
            return self.owners(rid, data)
        for name in (OWNER, *self.base.config.ownership.fields):
            found = frozenset(holders(self.base, rid.kind, name, data))
            if found:
                return stand_for(self.base, found, self.on)
        return frozenset()

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
        if self.current is not None:
            proven &= self.current.author(commit, signature).proven
        return Author(proven, self._by_domain.get(domain, nobody) if domain else nobody, domain, signature)


def _domain_of(address: str) -> str:
    """The domain of a mail address, in lower case; empty for what is no address."""
    local, _at, domain = address.partition("@")
    return domain.lower() if local and "@" not in domain else ""


def speaks_for(repo: Repo, base: Registry, commit: str, on: date) -> frozenset[RecordId]:
    """The parties for which the base lists the key of a commit's signature; none if it does not count."""
    return Writers(base, on).author(repo.commit_info(commit), verify(repo.git, [commit])[commit]).proven


def _texts(data: Data, name: str) -> Iterator[str]:
    listed = data.get(WRITERS)
    items = listed.get(name) if isinstance(listed, Mapping) else None
    if isinstance(items, list | tuple):
        yield from (item for item in items if isinstance(item, str))
