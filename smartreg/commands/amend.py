"""`amend`: what the parties changed in a signed convention, with the amendment and the deliberations behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from smartreg.commands.acts import Acts, Decided, appended, decided
from smartreg.commands.conventions import convention_named
from smartreg.commands.documents import document
from smartreg.commands.set_ import asked
from smartreg.commands.writing import edit_of, write
from smartreg.coverage import Title, title_of
from smartreg.diff import same
from smartreg.edit import Outcome, WriteOptions, changed_text
from smartreg.errors import Refused, UsageFault
from smartreg.frozen import dataclass, field, replace
from smartreg.named import NamedTuple
from smartreg.registry import Registry
from smartreg.rules._annexes import AMENDMENT, amendments
from smartreg.values import Json, KeyPath, Record, Words, path_text, value_at
from smartreg.workspace import Workspace

ELSEWHERE = {
    "id": "smartreg rename",
    "status": "smartreg terminate",
    "terminated_on": "smartreg terminate",
    "annexes": "smartreg annex",
    "deliberations": "--deliberation",
    "confirmed_on": "smartreg set",
    "notes": "smartreg set",
}
"""Fields that no amendment changes → what does."""


@dataclass(frozen=True)
class Amendment:
    """An amendment as asked for: the acts, the day of its last signature, its title, its file or web address."""

    acts: Acts
    signed_on: date
    title: str | None = None
    source: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Begun:
    """A signed convention about to change, the deliberations behind it, its new annex, and the file of that annex."""

    registry: Registry
    record: Record
    title: Title
    decided: Decided
    annex: Mapping[str, Json] | None = None
    files: Mapping[str, bytes | None] = field(default_factory=dict)


class Plan(NamedTuple):
    """What happens to the convention: the operation and its subject for the history, values to set, paths to remove."""

    op: str
    subject: str
    changes: Sequence[tuple[KeyPath, Json]]
    unset: Sequence[KeyPath] = ()


def amend(
    workspace: Workspace,
    word: str,
    amendment: Amendment,
    assignments: Sequence[str],
    unset: Sequence[str],
    options: WriteOptions,
) -> Outcome:
    """Change fields of a signed convention and annex the amendment, in one commit. Refused when it is not in force to
    be amended; UsageFault for fields that an amendment does not change."""
    start = begun(workspace, word, amendment)
    record = start.record
    changes, paths = asked(start.registry.schemas, record, assignments, unset)
    for path in (*(path for path, _ in changes), *paths):
        if path[0] in ELSEWHERE:
            raise UsageFault(
                Words(f"an amendment does not change {path_text(path)}", f"un avenant ne change pas {path_text(path)}"),
                Words(f"use {ELSEWHERE[str(path[0])]}", f"utilisez {ELSEWHERE[str(path[0])]}"),
            )
    new = [(path, value) for path, value in changes if not same(value_at(record.data, path), value)]
    if not new and not paths:
        raise Refused(
            Words(f"{record.rid} says all this already", f"{record.rid} le dit déjà"),
            Words(
                f"to add only the paper: smartreg annex {record.rid.id} FILE --kind {AMENDMENT}",
                f"pour n'ajouter que la pièce : smartreg annex {record.rid.id} FICHIER --kind {AMENDMENT}",
            ),
        )
    said = ", ".join([*(path_text(path) for path, _ in new), *(f"no {path_text(path)}" for path in paths)])
    return carried(workspace, start, Plan("amend", f"Amend {record.rid}: {said}", new, paths), options)


def begun(workspace: Workspace, word: str, amendment: Amendment) -> Begun:
    """The convention and what the amendment rests on. Refused when it cannot be amended on that day."""
    registry = workspace.current
    record = convention_named(registry, word)
    title = title_of(registry, record)
    refuse_unsigned(title)
    if title.ended(amendment.signed_on):
        raise Refused(
            Words(
                f"convention {title.id} ended on {title.end}; an amendment signed on {amendment.signed_on} cannot"
                " revive it",
                f"la convention {title.id} a pris fin le {title.end} ; un avenant signé le {amendment.signed_on} ne"
                " peut la faire revivre",
            ),
            Words(
                "record a new convention (smartreg add-convention), or give the day of signature (--signed-on)",
                "saisissez une nouvelle convention (smartreg add-convention), ou donnez la date de signature"
                " (--signed-on)",
            ),
        )
    found = decided(registry, amendment.acts)
    if found.latest is not None and amendment.signed_on < found.latest:
        raise Refused(
            Words(
                f"the amendment is signed on {amendment.signed_on}, before the deliberation of {found.latest}",
                f"l'avenant est signé le {amendment.signed_on}, avant la délibération du {found.latest}",
            ),
            Words("correct one of the two dates (--signed-on)", "corrigez l'une des deux dates (--signed-on)"),
        )
    file = document(workspace, registry, amendment.source, amendment.sha256) if amendment.source else None
    annex = {
        "kind": AMENDMENT,
        "title": amendment.title or f"Avenant n° {amendments(record) + 1} du {amendment.signed_on}",
        **(file.fields(registry, record) if file else {}),
    }
    return Begun(registry, record, title, found, annex, file.writes if file else {})


def carried(workspace: Workspace, start: Begun, plan: Plan, options: WriteOptions) -> Outcome:
    """Write the plan with its annex, its file and its deliberations, in one commit. Refused when the acts that are
    named are those of the signature."""
    registry, record = start.registry, start.record
    _refuse_founding_acts(record, start.decided)
    annexes = record.data.get("annexes")
    place = ("annexes", len(annexes) if isinstance(annexes, list) else 0)
    annex = [(place, start.annex)] if start.annex is not None else []
    changes = [*plan.changes, *appended(record, start.decided), *annex]
    kind = registry.schemas.kinds[record.rid.kind]
    text = changed_text(kind, registry.tree.read(record.file), changes, plan.unset)
    writes = {record.file: text, **start.decided.writes, **start.files}
    edit = edit_of(plan.op, record, writes, plan.subject[:120])
    return write(workspace, registry, replace(edit, records=(record.rid, *start.decided.added)), options)


def _refuse_founding_acts(record: Record, found: Decided) -> None:
    signed = str(record.data.get("signed_on"))
    if appended(record, found) or found.latest is None or found.latest.isoformat() > signed:
        return
    listed = ", ".join(found.ids)
    raise Refused(
        Words(
            f"{listed} approved the convention {record.rid.id} itself, signed on {signed}",
            f"{listed} a approuvé la convention {record.rid.id} elle-même, signée le {signed}",
        ),
        Words(
            "name the act that changes it: --deliberation ID, or --number --date --subject --body for a new one",
            "citez l'acte qui la change : --deliberation ID, ou --number --date --subject --body pour un acte nouveau",
        ),
    )


def refuse_unsigned(title: Title) -> None:
    """Refused for a convention that nobody has signed yet, or that is terminated."""
    if title.terminated is not None or title.record.data.get("status") == "terminated":
        raise Refused(
            Words(
                f"convention {title.id} is terminated, as of {title.end}",
                f"la convention {title.id} est résiliée, à compter du {title.end}",
            ),
            Words("record a new one: smartreg add-convention", "saisissez-en une nouvelle : smartreg add-convention"),
        )
    if not title.signed:
        raise Refused(
            Words(f"convention {title.id} is not signed", f"la convention {title.id} n'est pas signée"),
            Words(
                f"what is not signed is changed with: smartreg set {title.id} …; what will never be signed is removed:"
                f" smartreg remove {title.id}",
                f"ce qui n'est pas signé se modifie par : smartreg set {title.id} … ; ce qui ne sera jamais signé se"
                f" supprime : smartreg remove {title.id}",
            ),
        )
