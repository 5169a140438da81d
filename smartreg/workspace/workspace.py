"""Where a command works: the root of a registry, its Git repository, its states, and the rules in force.

What the writing commands share: from changed texts to an edit that names its records and conventions.

The unreadable records of a registry: a list or export leaves them out, and must say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartreg.core.clock import now
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.files import may_be_sparse
from smartreg.core.messages import Message, Text, first_few
from smartreg.core.spelling import closest, suggestion
from smartreg.core.values import Link, Location, Record, RecordId
from smartreg.gitio import PendingReads, Repo, UntrustedOwner, open_repo, recover, report_interrupted
from smartreg.history import History, last_touched
from smartreg.index import SWITCHED_OFF, Index
from smartreg.registry import FOLDER, Registry, is_framed, open_registry
from smartreg.rules import Context, all_rules, indexed_fields
from smartreg.schema import Kind
from smartreg.schema.settings import FILE as SETTINGS
from smartreg.schema.settings import Config
from smartreg.schema.settings_file import further_folders, read_config
from smartreg.trees import CommitTree, Overlaid, StagedTree, Tree, WorkingTree, find_root, index_of, settings_text
from smartreg.validation.check import Checker, Selection
from smartreg.validation.manuals import refuse_unknown_codes

if TYPE_CHECKING:
    from smartreg.edit import Edit, Outcome, WriteOptions
    from smartreg.tables import View

INDEX = "\0index"  # in place of a revision, none of which contains a NUL
PACKAGE = "smartreg"
LISTED = 6  # most records of one name that are listed


def _ignore(_note: Text) -> None:
    """Discard a note: nobody listens."""


@dataclass(frozen=True)
class Workspace:
    """The root folder and its repository, None if Git has or reads none (`without_git` says why). `notice`: what was
    repaired, or has to be. `asked`: what Git was asked about the working tree before. `settings`: those of the last
    commit, if they replace those of the working tree (`for_writing`). `folders`: where records may be outside of
    `registry/`, as the repository says, too. `note`: the function that reports what to know about an answer. `indexed`:
    whether the index beside Git may be read and written. `past_views`: what audiences see of commits, kept while many
    files are compared with them (None: nothing is kept)."""

    root: Path
    repo: Repo | None
    notice: Text | None = None
    without_git: StateFault | None = None
    asked: PendingReads | None = None
    settings: bytes | None = None
    folders: tuple[str, ...] = ()
    note: Callable[[Text], None] = field(default=_ignore, compare=False)
    indexed: bool = True
    past_views: dict[tuple[str, str], tuple[Registry, View]] | None = field(default=None, compare=False, repr=False)

    @property
    def git(self) -> Repo:
        """The repository; StateFault when there is none."""
        if self.repo is None:
            raise self.without_git or StateFault(
                Message("this registry is not under Git"),
                Message("run: git init && git add -A && git commit"),
            )
        return self.repo

    def tree(self, at: str | None = None) -> Tree:
        """The working tree (None), the index (INDEX), or the state at a revision or date."""
        if at is None:
            tree = WorkingTree(self.root, self.repo, self.asked, self.index, self.folders)
            return tree if self.settings is None else Overlaid(tree, {SETTINGS: self.settings})
        if at == INDEX:
            return StagedTree(self.git)
        return self.commit(at)

    def commit(self, rev: str, other: CommitTree | None = None) -> CommitTree:
        """The state at a revision or date, with the records in the folders that its own settings name too. `other`: the
        commit with which it is compared."""
        return self.at(self.git.resolve(rev), other)

    def at(self, oid: str, other: CommitTree | None = None) -> CommitTree:
        """The same of the commit with this id."""
        wider = self.widen_to(oid)
        return CommitTree(wider.git, oid, wider.index, other)

    def widen_to(self, *commits: str) -> Workspace:
        """The same, which also sees the folders of records that the settings of these commits name."""
        further = [folder for oid in dict.fromkeys(commits) for folder in further_folders(self.git.text(oid, SETTINGS))]
        folders = tuple(dict.fromkeys((*self.folders, *further)))
        if folders == self.folders:
            return self
        return replace(self, repo=replace(self.git, folders=folders), folders=folders, asked=None)

    def registry(self, at: str | None = None, *, use_current_schemas: bool = False) -> Registry:
        """The registry in that state, with the schemas and settings of that state. A commit from before there were any
        is read with those of the working tree, and a note says so, if `use_current_schemas`; StateFault otherwise. That
        of the working tree (None) is opened once."""
        if at is None:
            return self.current
        tree = self.tree(at)
        if not self.precedes_schemas(tree):
            return self.of_tree(tree)
        if not use_current_schemas:
            raise StateFault(
                Message("{tree} has no schemas and no settings to read its records by", tree=tree.name),
                Message("show, list, query, validate, graph and blame --at read it with those of the working tree"),
            )
        self.note(
            Message("{tree} has no schemas and no settings yet: read with those of the working tree", tree=tree.name)
        )
        return self.current.with_tree(tree)

    def precedes_schemas(self, tree: Tree) -> bool:
        """Whether a commit has neither schemas nor settings, and the working tree has."""
        return isinstance(tree, CommitTree) and not is_framed(tree) and is_framed(self.current.tree)

    def comparable(self, tree: Tree) -> Registry:
        """The registry of a tree, to be compared with the working tree: by the schemas and settings of that, where the
        tree is of a commit before there were any."""
        return self.current.with_tree(tree) if self.precedes_schemas(tree) else self.of_tree(tree)

    def of_tree(self, tree: Tree) -> Registry:
        registry = open_registry(tree, self.index, indexed_fields(all_rules().values()))
        plugins = registry.config.plugins
        return open_registry(tree, self.index, indexed_fields(all_rules(*plugins).values())) if plugins else registry

    @cached_property
    def index(self) -> Index:
        """The index of this working tree, kept between runs."""
        if not self.indexed:
            return Index(None, SWITCHED_OFF)
        return Index(None) if self.repo is None else index_of(self.repo)

    @cached_property
    def config(self) -> Config:
        """The settings of the working tree, without listing its files."""
        if self.settings is not None:
            return read_config(self.settings)
        tree = WorkingTree(self.root, self.repo)
        try:
            return read_config(tree.read(SETTINGS))
        except FileNotFoundError:
            return read_config(None)

    @cached_property
    def history(self) -> History:
        """The history of the repository; StateFault when there is none."""
        return History(self.git, self.index)

    @cached_property
    def current(self) -> Registry:
        return self.of_tree(self.tree())

    def checker(self, registry: Registry, on: date, selection: Selection | None = None) -> Checker:
        """The rules as the registry's settings have them, judging by the date `on`. UsageFault if the settings name
        unknown rules."""
        config = registry.config
        rules = all_rules(*config.plugins)
        refuse_unknown_codes(config, rules)
        chosen = selection or Selection(config.select, config.ignore, config.severity)
        context = Context(registry.schemas, config, on)
        if self.repo is not None:
            touched = last_touched(self.history, registry.schemas, registry.tree.commit, on)
            context = replace(context, last_touched=touched)
        return Checker(rules, context, chosen)


def open_workspace(start: Path, asked: PendingReads | None = None, *, recovers: bool = False) -> Workspace:
    """Find the registry at or above `start`. A write that was interrupted is reported, and finished or undone only if
    this one `recovers`: StateFault where that is impossible. `asked`: what Git was asked before; it counts only if
    that was about this registry, and nothing had to be repaired since."""
    root = find_root(start)
    try:
        repo = open_repo(root)
    except UntrustedOwner:  # there is a history: no answer may be given as if there were none
        raise
    except StateFault as fault:
        if may_be_sparse(os.fspath(root)):  # only Git knows what the folder lacks
            raise
        # Reading goes on without Git.
        return Workspace(root, None, without_git=fault, folders=further_folders(settings_text(root)))
    recovered = recover(repo) if recovers else None
    repo = replace(repo, folders=further_folders(settings_text(root)))
    usable = asked is not None and asked.git == repo.git and not recovered and not repo.folders
    notice = recovered or report_interrupted(repo)
    return Workspace(root, repo, notice, asked=asked if usable else None, folders=repo.folders)


def for_writing(workspace: Workspace) -> tuple[Workspace, Text | None]:
    """The workspace in which a write is planned. Settings of the working tree that cannot be read are left alone:
    those of the last commit judge, which the commit to come holds as well. UsageFault when these cannot be read
    either."""
    try:
        workspace.config  # noqa: B018  # the workspace keeps it
    except UsageFault as fault:
        head = workspace.repo.head() if workspace.repo else None
        try:
            committed = workspace.git.text(head, SETTINGS) if head else None
            read_config(committed)
        except UsageFault:
            committed = None
        if committed is None:
            raise
        return replace(workspace, settings=committed), Message(
            "{message}; left as it is: this change is judged by the settings of the last commit", message=fault.message
        )
    return workspace, None


def today_in(timezone: str) -> date:
    """Today in a time zone, wherever the machine is; UsageFault if there is no such zone."""
    return now_in(timezone).date()


def now_in(timezone: str) -> datetime:
    """This moment in a time zone; UsageFault if there is no such zone."""
    return now().astimezone(zone_named(timezone))


def zone_named(timezone: str) -> ZoneInfo:
    """A time zone by its name, `Europe/Paris`; UsageFault if there is none."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageFault(
            Message('smartreg.toml: timezone: there is no time zone "{timezone}"', timezone=timezone),
            Message("write it like Europe/Paris"),
            Location(SETTINGS, ("timezone",)),
        ) from None


def record_named(registry: Registry, word: str, kind: str = "") -> RecordId:
    """The record that people call `word`: `kind/id`, an id that is unique (or of `kind`), a path, or the name or
    identifier (DevEUI, serial number, SIREN …) that one record alone has. UsageFault with a suggestion."""
    try:
        return _record_by_id(registry, f"{kind}/{word}" if kind and "/" not in word else word)
    except UsageFault:
        head, slash, _id = word.partition("/")
        if slash and head in registry.schemas.names:
            raise
        from smartreg.domain.search import find_identified  # and with it the index of words: ids need none

        kinds = [kind] if kind else [*registry.schemas.kinds]
        rids = registry.by_name.find(kinds, word) or find_identified(registry, kinds, word)
        if not rids:
            raise
    if len(rids) > 1:
        raise _several(word, rids)
    return rids[0]


def _record_by_id(registry: Registry, word: str) -> RecordId:
    if word in registry.by_file:
        return registry.by_file[word]
    head, slash, tail = word.partition("/")
    if slash and head in registry.schemas.names:
        rid = RecordId(registry.schemas.names[head], tail)
        if rid in registry:
            return rid
        raise _unknown_record_fault(registry, word, registry.ids(rid.kind), f"{rid.kind}/")
    rids = registry.with_id(word)
    if len(rids) == 1:
        return rids[0]
    if rids:
        raise _several(word, rids)
    if slash and head == FOLDER:
        raise _unknown_record_fault(registry, word, list(registry.by_file), "")
    raise _unknown_record_fault(registry, word, sorted({rid.id for rid in registry.places}), "")


def _several(word: str, rids: Sequence[RecordId]) -> UsageFault:
    listed = first_few(rids, LISTED)
    return UsageFault(
        Message('"{word}" names {found} records: {listed}', word=word, found=len(rids), listed=listed),
        Message("write KIND/ID"),
    )


def _unknown_record_fault(registry: Registry, word: str, choices: Sequence[str], prefix: str) -> UsageFault:
    bare, kinds = word.removeprefix(prefix), [prefix[:-1]] if prefix else registry.schemas.kinds
    near = closest(bare, choices)
    name = None if near else registry.by_name.nearest(kinds, bare)
    hint = suggestion((near and f"{prefix}{near}") or name) or Message("smartreg list shows what there is")
    return UsageFault(Message('no record "{word}"', word=word), hint)


def find_on_either_side(before: Registry, after: Registry, word: str) -> RecordId:
    """`record_named` of two states: the later one first, for what is deleted the earlier one."""
    try:
        return record_named(after, word)
    except UsageFault as fault:
        try:
            return record_named(before, word)
        except UsageFault:
            raise fault from None


def file_named(registry: Registry, word: str, kind: str = "") -> str:
    """The file of the record that people call `word`, readable or not; UsageFault where there is none. An id that
    several files claim is no name: the path of one of them is."""
    files = [word] if word in registry.by_file else registry.files_of(record_named(registry, word, kind))
    if len(files) > 1:
        listed = ", ".join(files)
        raise UsageFault(
            Message('"{word}" is the id of {files} files', word=word, files=len(files)),
            Message("give the path of one: {listed}", listed=listed),
        )
    return files[0]


def record_of(registry: Registry, word: str, kind: str = "") -> Record:
    """The record that people call `word` (see `record_named`); StateFault where it cannot be read."""
    file = file_named(registry, word, kind)
    record = registry.at(file)
    if record is None:
        raise StateFault(
            Message("{file} cannot be read", file=file),
            Message("smartreg validate says why"),
        )
    return record


def means(registry: Registry, link: Link, rid: RecordId) -> bool:
    """True if the link names this record and no other."""
    others = (RecordId(kind, link.target) for kind in link.kinds if kind != rid.kind)
    return link.target == rid.id and rid.kind in link.kinds and not any(other in registry for other in others)


def write(workspace: Workspace, registry: Registry, edit: Edit, options: WriteOptions) -> Outcome:
    """Carry out an edit of the working tree under the rules of its registry."""
    from smartreg.edit import carry_out  # and with it all that writes: most commands only read

    return carry_out(workspace.git, registry, edit, workspace.checker(registry, options.on), options)


def unreadable(registry: Registry, kinds: Iterable[Kind]) -> list[str]:
    """The files of these kinds whose text cannot be read."""
    names = {kind.name for kind in kinds}
    return sorted(file for file, rid in registry.by_file.items() if rid.kind in names and registry.at(file) is None)
