"""The registries of the commits of a history, each built from that of its parent: a text is read once, an unchanged
file costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from smartreg.core.errors import UsageFault
from smartreg.domain.boundaries import boundaries
from smartreg.gitio import Commit, Repo
from smartreg.index import Index
from smartreg.registry import SCHEMA_FOLDER, Frame, Registry, is_framed, schemas_and_config
from smartreg.rules import Context, Rule, all_rules, forget, indexed_fields
from smartreg.rules.crash import BUILT_IN
from smartreg.schema import Schemas
from smartreg.schema.settings import FILE as SETTINGS
from smartreg.schema.settings import Audit, Config
from smartreg.trees import HistoricTexts, HistoricTree
from smartreg.validation.check import Checker, Selection
from smartreg.validation.manuals import refuse_unknown_codes

AT_HAND = 16  # registries kept in memory; others are listed by Git again on demand


@dataclass(frozen=True)
class State:
    """The registry of a commit and its checker; None with the reason (`fault`) if its schemas, settings or boundaries
    cannot be used. `unframed`: it has no schemas and settings, and is read with those of a later commit."""

    tree: HistoricTree
    registry: Registry | None
    checker: Checker | None
    fault: UsageFault | None = None
    unframed: bool = False


def head_frame_for_unframed(repo: Repo, oldest: str | None, head: str) -> Frame | None:
    """The frame for commits from before there were schemas and settings: that of `head`; None if the oldest
    commit has its own, or those of `head` cannot be used."""
    if oldest is None or repo.tree(oldest, (SETTINGS, SCHEMA_FOLDER)):
        return None
    try:
        schemas, config = schemas_and_config(HistoricTree.at(HistoricTexts(repo), head))
    except UsageFault:
        return None
    return Frame(schemas, config, Index.open(None, ""), indexed_fields(all_rules().values()))


class States:
    """The states of the commits that changed the registry (`commits`), and of those before the start of the history.
    `parents`: of every commit of the audited history. `head_frame`: see `head_frame_for_unframed`."""

    def __init__(
        self,
        repo: Repo,
        commits: Collection[str],
        parents: Mapping[str, Sequence[str]],
        head_frame: Frame | None = None,
    ) -> None:
        self._head_frame = head_frame
        self.texts = HistoricTexts(repo)
        self._commits, self._parents = commits, parents
        self._known: OrderedDict[str, State] = OrderedDict()
        self._index = Index.open(None, "")
        self._nearest: dict[str, str | None] = {}

    def of(self, oid: str) -> State | None:
        """The state of a commit; None if there was no registry yet."""
        holder = self._holder(oid)
        if holder is None:
            return None
        if holder not in self._known:
            self._keep(holder, self._open_state(HistoricTree.at(self.texts, holder)))
        self._known.move_to_end(holder)
        return self._known[holder]

    def before(self, commit: Commit) -> State | None:
        """The state that a commit started from, by its first parent."""
        return self.of(commit.parents[0]) if commit.parents else None

    def audits_before(self, commit: Commit) -> bool:
        """Whether the state that a commit started from was made by a commit that is audited too."""
        return bool(commit.parents) and self._holder(commit.parents[0]) in self._commits

    def after(self, commit: Commit) -> State:
        """The state of a commit, built from that of its first parent."""
        if commit.oid not in self._known:
            self._keep(commit.oid, self._make_state(commit))
        return self._known[commit.oid]

    def _make_state(self, commit: Commit) -> State:
        before = self.before(commit)
        if before is None:
            return self._open_state(HistoricTree.at(self.texts, commit.oid))
        tree = before.tree.then(commit.oid, commit.changes)
        paths = {change.path for change in commit.changes}
        outlines = before.registry.config.territory.boundaries if before.registry is not None else None
        if before.registry is None or outlines in paths or any(map(in_frame, paths)):
            return self._open_state(tree)
        return replace(before, tree=tree, registry=before.registry.with_changes(tree, paths))

    def _open_state(self, tree: HistoricTree) -> State:
        if self._head_frame is not None and not is_framed(tree):
            checker = _checker(self._head_frame.schemas, self._head_frame.config)
            return State(tree, Registry(tree, self._head_frame), checker, unframed=True)
        try:
            schemas, config = schemas_and_config(tree)
            rules = all_rules(*config.plugins)
            refuse_unknown_codes(config, rules)
            indexed = indexed_fields(rules.values())
            registry = Registry(tree, Frame(schemas, config, self._index, indexed))
            boundaries(registry)
        except UsageFault as fault:
            return State(tree, None, None, fault)
        return State(tree, registry, _checker(schemas, config))

    def _holder(self, oid: str) -> str | None:
        """The commit that made the state of `oid`: itself, or the nearest among its first parents that changed the
        registry, or that precedes the history."""
        way = []
        at: str | None = oid
        while at is not None and at in self._parents and at not in self._commits and at not in self._nearest:
            way.append(at)
            at = next(iter(self._parents[at]), None)
        holder = self._nearest.get(at, at) if at is not None else None
        self._nearest.update(dict.fromkeys(way, holder))
        return holder

    def _keep(self, oid: str, state: State) -> None:
        self._known[oid] = state
        while len(self._known) > AT_HAND:
            _, old = self._known.popitem(last=False)
            if old.registry is not None:
                forget(old.registry)


def in_frame(path: str) -> bool:
    """Whether a file decides how records are checked."""
    return path == SETTINGS or path.startswith(f"{SCHEMA_FOLDER}/")


def same_frame(before: Registry, after: Registry) -> bool:
    """Whether both are checked alike, except for waivers and requirements on the history."""
    return before.schemas.digest == after.schemas.digest and _checked_settings(before.config) == _checked_settings(
        after.config
    )


def _checked_settings(config: Config) -> Config:
    return replace(config, waivers=(), audit=Audit(), digest="")


def _checker(schemas: Schemas, config: Config) -> Checker:
    selection = Selection(config.select, config.ignore, config.severity)
    rules = {code: rule for code, rule in all_rules(*config.plugins).items() if not _finds_no_error(rule, selection)}
    return Checker(rules, Context(schemas, config, date.min), selection)


def _finds_no_error(rule: Rule, selection: Selection) -> bool:
    """Whether a rule finds nothing as severe as an error in records, so that an audit need not report it. Nobody knows
    that about plug-in rules, and rules that replace schema findings replace errors."""
    if rule.scope not in ("record", "registry") or rule.claims is not None or not rule.module.startswith(BUILT_IN):
        return False
    graded = selection.grade(rule.code, rule.severity)
    return "error" not in (rule.severity, graded) and not rule.grades_errors


def is_sure(states: Iterable[State | None]) -> bool:
    """Whether these states are the same for every audit: usable, non-empty registries, for which it does not matter
    where the audit begins, checked by smartreg's own rules alone."""
    return all(
        state is not None and state.registry is not None and state.tree.files() and not state.registry.config.plugins
        for state in states
    )
