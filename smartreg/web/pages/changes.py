"""`/changes`: a branch against the one that it goes into, as a pull request's comment says it; the findings that it
introduces, who has to agree, and the agreement itself. Merging is the forge's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from smartreg.commands.agree import Agreed, AgreeOptions, agree
from smartreg.commands.diff import DiffOptions, diff
from smartreg.commands.locating import locator
from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.errors import StateFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import RecordId, short_id
from smartreg.core.webpage import markdown
from smartreg.diff.impact import Side
from smartreg.gitio.forge import change_address
from smartreg.gitio.repo import BRANCHES, REMOTES
from smartreg.reporters import changes_markdown
from smartreg.review.authors import MISSING
from smartreg.review.binding import steps_text
from smartreg.web.visit import Absent, Answer, Page, View, Visit

SHOWN = 200  # findings on one page


@dataclass(frozen=True)
class Reviewed:
    """A branch, read: its commit, the commit where it began, and the one that it goes into; what changes, as HTML; the
    findings that it introduces (`total` of them), and those on missing agreements; what was not checked; the record of
    each file."""

    tip: str
    began: str
    base: str
    changes: Markup
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
    base, branch = _sides(visit)
    if branch is None:
        return View("branches.html", {"branches": git.branches_ahead(base), "base": base, "base_name": _short(base)})
    tip, upstream = git.resolve(branch), git.resolve(base)
    reviewed = visit.shown.once(("changes", tip, upstream, visit.lang), lambda: _read(visit, tip, upstream, branch))
    values = {
        "branch": branch,
        "name": _short(branch),
        "base": base,
        "base_name": _short(base),
        "reviewed": reviewed,
        "is_here": tip == git.head(),
        "forge": change_address(git, _on_forge(branch)),
    }
    return View("changes.html", values)


def _sides(visit: Visit) -> tuple[str, str | None]:
    """The revision that the branch goes into, and the branch, as somebody chose them."""
    return visit.query.get("base") or visit.workspace.git.upstream(), visit.query.get("branch") or None


def _short(name: str) -> str:
    return name.removeprefix(BRANCHES).removeprefix(REMOTES)


def _on_forge(branch: str) -> str:
    return branch.removeprefix(f"{REMOTES}origin/").removeprefix(BRANCHES)


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
        after=Side(verbatim(_short(branch)), tip, short_id(tip)),
    )
    text = changes_markdown.page_text(comparison, lang=visit.lang, locate=locator(comparison.registries[1]))
    rids = {**comparison.registries[0].by_file, **comparison.registries[1].by_file}
    files = {finding.where.file for finding in verdict.findings}
    return Reviewed(
        *(tip, began, upstream, Markup(markdown(text)), others[:SHOWN], len(others), missing, notes),
        {file: rids[file] for file in files if file in rids},
    )


def ask_to_agree(visit: Visit) -> Answer:
    """What somebody agrees to with the records of this page; posted: the agreement, signed with their own key."""
    git = visit.workspace.git
    base, _ = _sides(visit)
    records = visit.query.getlist("record")
    if not records:
        raise Absent(Message("No record is named here."))
    head = git.head()
    agreed = agree(visit.workspace, records, AgreeOptions(visit.today, base, dry_run=True))
    if visit.posted:
        if visit.form.get("head") != head:
            raise StateFault(
                Message("The branch has changed since this page was shown: nothing was signed."),
                Message("read it again, then agree"),
            )
        agreed = agree(visit.workspace, records, AgreeOptions(visit.today, base))
    kinds = visit.registry.schemas.kinds
    bonds = [(bond, steps_text(bond, kinds.get(bond.rid.kind))) for bond in agreed.bonds]
    values = {"bonds": bonds, "agreed": agreed, "head": head, "base": base, "words": _outcome(agreed)}
    return View("agree.html", values)


def _outcome(agreed: Agreed) -> Message | None:
    """What became of the agreement; None before it."""
    if agreed.commit is None:
        return None
    if not agreed.parties:
        return Message(
            "the key of this signature belongs to no party concerned on the target branch: it is not an agreement"
        )
    who = ", ".join(sorted(party.id for party in agreed.parties))
    return Message("Agreed, for {who}", who=who)


PAGES = (
    Page("/changes", show_changes, menu=Message("Changes")),
    Page("/changes/agree", ask_to_agree, posts=True),
)
