"""`/changes`: a branch against the one that it goes into, as a pull request's comment says it; the findings that it
introduces, and who has to agree. Merging is the forge's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smartreg.commands.diff import DiffOptions, diff
from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.findings import Finding
from smartreg.core.markdown import markdown
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import RecordId, short_id
from smartreg.diff.impact import Side
from smartreg.gitio.forge import change_address
from smartreg.gitio.repo import BRANCHES, REMOTES, short_branch
from smartreg.review.authors import MISSING
from smartreg.web.visit import Absent, Answer, Page, View, Visit
from smartreg.wording import changes_markdown
from smartreg.workspace.locating import locator

SHOWN = 200  # findings on one page


@dataclass(frozen=True)
class Reviewed:
    """A branch, read: its commit, the commit where it began, and the one that it goes into; what changes, as HTML; the
    findings that it introduces (`total` of them), and those on missing agreements; what was not checked; the record of
    each file."""

    tip: str
    began: str
    base: str
    changes: str
    findings: Sequence[Finding]
    total: int
    missing: Sequence[Finding]
    notes: Sequence[Text]
    rids: dict[str, RecordId]

    @property
    def to_agree(self) -> list[RecordId]:
        """The records to whose changes somebody has yet to agree."""
        return list(dict.fromkeys(self.rids[each.where.file] for each in self.missing if each.where.file in self.rids))


def show_changes(visit: Visit) -> Answer:
    """The branches that are not merged; of one `branch`, what it changes in `base` (the default branch)."""
    if visit.workspace.repo is None:
        raise Absent(Message("This registry keeps no history."), Message("git init keeps one"))
    git = visit.workspace.git
    base, branch = visit.query.get("base") or git.upstream(), visit.query.get("branch")
    if not branch:
        branches = git.branches_ahead(base)
        return View("branches.html", {"branches": branches, "base": base, "base_name": short_branch(base)})
    tip, upstream = git.resolve(branch), git.resolve(base)
    reviewed = visit.shown.once(("changes", tip, upstream, visit.lang), lambda: _read(visit, tip, upstream, branch))
    values = {
        "branch": branch,
        "name": short_branch(branch),
        "base": base,
        "base_name": short_branch(base),
        "reviewed": reviewed,
        "is_here": tip == git.head(),
        "forge": change_address(git, branch.removeprefix(f"{REMOTES}{git.remote()}/").removeprefix(BRANCHES)),
    }
    return View("changes.html", values)


def _read(visit: Visit, tip: str, upstream: str, branch: str) -> Reviewed:
    git, on = visit.workspace.git, visit.today
    began = git.merge_base(upstream, tip)
    options = ValidateOptions(on, at=tip)
    notes: list[Text] = []
    verdict = validate_since(
        replace(visit.workspace, note=notes.append), upstream, options, Trust(authors=True, if_listed=True)
    )
    asked = DiffOptions(naming=("removed", "retired"))
    comparison = diff(visit.workspace, rev=began, other=tip, asked=asked, on=on)
    missing = [finding for finding in verdict.findings if finding.code == MISSING]
    others = [finding for finding in verdict.findings if finding.code != MISSING]
    comparison = replace(
        comparison,
        before=Side(verbatim(short_id(began)), began, short_id(began)),
        after=Side(verbatim(short_branch(branch)), tip, short_id(tip)),
    )
    text = changes_markdown.page_text(comparison, lang=visit.lang, locate=locator(comparison.registries[1]))
    rids = {**comparison.registries[0].by_file, **comparison.registries[1].by_file}
    files = {finding.where.file for finding in verdict.findings}
    return Reviewed(
        *(tip, began, upstream, markdown(text), others[:SHOWN], len(others), missing, notes),
        {file: rids[file] for file in files if file in rids},
    )


PAGES = (Page("/changes", show_changes, menu=Message("Changes"), is_long=Visit.has_many),)
