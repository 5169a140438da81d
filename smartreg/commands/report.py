"""`report`: the bilan of a registry in some state, over some period."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from smartreg import __version__
from smartreg.commands.choice import refuse_unknown_word, values_withheld
from smartreg.commands.evidence import deliveries, evidence
from smartreg.commands.export import Exported
from smartreg.commands.origin import source_of
from smartreg.commands.workspace import Workspace, unreadable
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Language, RecordId, Words
from smartreg.domain.kinds import EQUIPMENT
from smartreg.exporters import Written
from smartreg.registry import Registry
from smartreg.reports import FORMATS
from smartreg.reports.bilan import Bilan, figures
from smartreg.reports.material import Material, Period
from smartreg.schema.settings import Programme
from smartreg.tables.view import AUDIENCES, view

INTERNAL = AUDIENCES[-1]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class BilanOptions:
    """What to report on: the state, the days of the period (None: as the programme of the settings has them), for whom,
    a conclusion that people wrote, the text of a file of deliveries (see `deliveries`), and the
    reference date (None: see `_reference`)."""

    at: str | None = None
    start: date | None = None
    until: date | None = None
    audience: str = INTERNAL
    conclusion: str | None = None
    deliveries: str | None = None
    on: date | None = None


def bilan(workspace: Workspace, wanted: BilanOptions, *, today: date) -> Bilan:
    """Every figure. `today` is the reference date of a state that no commit holds. UsageFault for an unknown audience
    and for a period that ends before it starts."""
    refuse_unknown_word("audience", "public visé", wanted.audience, AUDIENCES)
    registry = workspace.registry(wanted.at).load_all()
    origin = source_of(workspace, registry)
    on = wanted.on or _reference(workspace, wanted.at, origin, today)
    period = _period(wanted, registry.config.programme, on)
    seen = view(registry, wanted.audience)
    lost = unreadable(registry, registry.schemas.kinds.values())
    received = None if wanted.deliveries is None else deliveries(wanted.deliveries, registry.ids(EQUIPMENT))
    if received is not None:
        received = {id: found for id, found in received.items() if seen.get(RecordId(EQUIPMENT, id))}
    known = evidence(workspace, registry, on, period, wanted.audience, received)
    material = Material(seen, registry.config, on, period, wanted.audience, known)
    facts = _origin_facts(registry, material, len(lost) + seen.withheld) | values_withheld(seen)
    if lost and wanted.audience == INTERNAL:  # the names of files are theirs who keep the registry
        facts["unreadable"] = lost
    return Bilan({**origin, **facts, **_inputs(wanted)}, tuple(figures(material)), material, wanted.conclusion)


def render_files(found: Bilan, form: str, lang: Language) -> Exported:
    """The files of a bilan in a format; UsageFault for an unknown one."""
    refuse_unknown_word("format", "format", form, tuple(FORMATS))
    made = importlib.import_module(f"smartreg.reports.{form}").render(found, lang=lang)
    files = tuple(Written(item.name, item.content, item.rows, item.note, main=number == 0) for number, item in
                  enumerate(made))  # fmt: skip
    return Exported(files, found.origin["commit"])


def with_stale(made: Exported, folder: Path) -> Exported:
    """The same, and the tables of an earlier bilan in the folder that this one does not have: they would be taken for
    its own."""
    names = {item.name for item in made.files}
    stale = sorted(path.name for path in folder.glob("b[0-9][0-9]_*.csv") if path.name not in names)
    return replace(made, left_out=tuple(stale))


def _reference(workspace: Workspace, at: str | None, origin: Mapping[str, Json], today: date) -> date:
    """The requested day, else the day of the commit, else today: the same commit gives the same."""
    if at is not None and _DAY.fullmatch(at):
        return date.fromisoformat(at)
    commit = origin["commit"]
    return (workspace.git.commit_day(commit) if isinstance(commit, str) else None) or today


def _period(wanted: BilanOptions, programme: Programme, on: date) -> Period:
    """The period that was asked for, else the programme's; nothing is known of what comes after the reference date. A
    programme that has not started then sets no start."""
    until = min(wanted.until or programme.until or on, on)
    usual = programme.start if programme.start is not None and programme.start <= until else None
    start = wanted.start or usual
    if start is not None and start > until:
        raise UsageFault(
            Words(
                f"the period ends on {until}, before it starts on {start}",
                f"la période finit le {until}, avant de commencer le {start}",
            ),
            Words("choose --from and --until", "choisissez --from et --until"),
        )
    return Period(start, until)


def _origin_facts(registry: Registry, material: Material, left_out: int) -> dict[str, Json]:
    start = material.period.start
    return {
        "reference_date": material.on.isoformat(),
        "period": {"from": start.isoformat() if start else None, "until": material.period.until.isoformat()},
        "audience": material.audience,
        "records": len(registry.by_file) - left_out,
        "left_out": left_out,
        "smartreg": __version__,
    }


def _inputs(wanted: BilanOptions) -> dict[str, Json]:
    """The digests of the inputs other than the registry."""
    given = {"conclusion": wanted.conclusion, "deliveries": wanted.deliveries}
    return {
        name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in given.items() if text is not None
    }
