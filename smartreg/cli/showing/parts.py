"""The parts that `show` prints of places and conventions, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from smartreg.cli.session import Session
from smartreg.commands.show_places import PlacesView, RecordedLate
from smartreg.core.messages import Language, Message, Text, message_in, verbatim
from smartreg.core.styled import Block, Grid, Line, Span, cells, line
from smartreg.core.values import Json
from smartreg.domain.placements import Ownership, Placement
from smartreg.domain.responsibilities import ROLES, Roles
from smartreg.domain.titles import STANDINGS
from smartreg.schema import ITEM, Kind
from smartreg.wording.record_counts import count_by_kind
from smartreg.workspace.show_convention import (
    FILE_STATES,
    ActView,
    AnnexView,
    ConventionView,
    PartyView,
    VersionView,
)

NOWHERE = Message("nowhere")
NOBODY = Message("no known owner")


def places_lines(session: Session, places: PlacesView) -> Iterator[Line]:
    """Its place and owner on the day; if recorded only later, since when."""
    lang = session.lang
    yield ()
    yield line(Span(message_in("parts", "on {on}", on=places.on).in_(lang), "bold"))
    if places.has_places:
        yield _stretch(Message("place"), _where(places, lang), places.placement, lang)
        yield from _record_day_line(places.placement_recorded, lang)
    owner = places.owner.owner if places.owner else NOBODY.in_(lang)
    yield _stretch(Message("owner"), owner, places.owner, lang)
    yield from _record_day_line(places.owner_recorded, lang)


def _where(places: PlacesView, lang: Language) -> str:
    if places.placement is None:
        return NOWHERE.in_(lang)
    point = f"lat {places.point[1]:.5f}, lon {places.point[0]:.5f}" if places.point else ""
    return "  ".join(text for text in (places.placement.support, point) if text)


def _stretch(what: Text, value: str, stretch: Placement | Ownership | None, lang: Language) -> Line:
    days = _days(stretch.start, stretch.until).in_(lang) if stretch else ""
    why = f"  {stretch.reason}" if isinstance(stretch, Placement) and stretch.reason else ""
    return line(f"  {what.in_(lang)}  ", Span(value), Span(f"  {days}{why}" if days or why else "", "dim"))


def _days(start: date | None, until: date | None) -> Text:
    if start is None:
        return Message("until {until}", until=until) if until else verbatim("")
    if until is None:
        return Message("from {start}", start=start)
    return Message("from {start} until {until}", start=start, until=until)


def _record_day_line(late: RecordedLate | None, lang: Language) -> Iterator[Line]:
    if late is None:
        return
    if late.or_before:
        words = Message(
            "recorded on {day} ({commit}) or before: this clone is shallow (git fetch --unshallow)",
            day=late.day,
            commit=late.commit,
        )
        yield line(Span(f"    {words.in_(lang)}", "dim"))
        return
    before = late.before or Message("nothing").in_(lang)
    if late.day is None:
        words = Message("not committed yet")
    else:
        words = Message("recorded on {day} ({commit})", day=late.day, commit=late.commit)
    until = Message("; until then: {before}", before=before)
    yield line(Span(f"    {words.in_(lang)}{until.in_(lang)}", "dim"))


def places_json(places: PlacesView) -> dict[str, Json]:
    """Days in ISO 8601; `recorded` is null if the registry recorded it by that day."""
    placement, owner = places.placement, places.owner
    return {
        "day": str(places.on),
        "placement": None
        if placement is None
        else {
            "support": placement.support,
            "place": {"lon": places.point[0], "lat": places.point[1]} if places.point else None,
            **_days_json(placement.start, placement.until),
            "reason": placement.reason,
        },
        "placement_recorded": _record_day_json(places.placement_recorded),
        "owner": None if owner is None else {"owner": owner.owner, **_days_json(owner.start, owner.until)},
        "owner_recorded": _record_day_json(places.owner_recorded),
    }


def _days_json(start: date | None, until: date | None) -> dict[str, Json]:
    return {"from": str(start) if start else None, "until": str(until) if until else None}


def _record_day_json(late: RecordedLate | None) -> Json:
    if late is None:
        return None
    day = {"day": str(late.day) if late.day else None, "commit": late.commit, "before": late.before}
    return {**day, **({"or_before": True} if late.or_before else {})}


BAD = ("changed", "missing")


def party_lines(session: Session, party: PartyView) -> Iterator[Line]:
    """The parties whose place it took, and who has its place on the day."""
    rows = [
        Message("takes the place of {party} from {start}", party=succession.party, start=succession.start)
        for succession in party.predecessors
    ]
    if party.heirs:
        heirs = ", ".join(party.heirs)
        rows.append(Message("on {on} its place is that of {heirs}", on=party.on, heirs=heirs))
    if rows:
        yield ()
        yield from (line(Span(row.in_(session.lang), "bold")) for row in rows)


def party_json(party: PartyView) -> dict[str, Json]:
    """Days in ISO 8601."""
    return {
        "on": party.on.isoformat(),
        "predecessors": [
            {"party": succession.party, "from": succession.start.isoformat()} for succession in party.predecessors
        ],
        "heirs": list(party.heirs),
    }


def convention_lines(session: Session, kind: Kind, convention: ConventionView, refs: bool) -> Iterator[Block]:
    """Its state today, who is responsible for what (with `refs` for which records), acts, annexes."""
    lang = session.lang
    end = convention.last or Message("no known end").in_(lang)
    term = f"{convention.start or '…'} → {end}"
    style = "added" if convention.standing == "in_force" else "warning"
    day = Message("on {on}", on=convention.on).in_(lang)
    yield ()
    yield line(Span(STANDINGS[convention.standing].in_(lang), style), f"  {day}", Span(f"  {term}", "dim"))
    if convention.notice is not None:
        latest, end = convention.notice
        notice = Message("tacitly renewed after {end}, unless notice is given by {latest}", end=end, latest=latest)
        yield line(Span(notice.in_(lang), "warning"))
    if len(convention.versions) > 1:
        yield from _versions(session, convention)
    yield from _heading(Message("Who is responsible for what").in_(lang))
    for party, roles in convention.responsible.items():
        yield line(f"  {party}", Span(f"  {_describe_roles(roles, session)}", "dim"))
        if refs:
            yield from (line(f"    {ROLES[role].in_(lang)} {rid}") for role in ROLES for rid in roles.get(role, ()))
    yield from _heading(Message("Acts it rests on").in_(lang))
    for act in convention.acts:
        yield from _act(session, act)
    if convention.annexes:
        yield from _heading(Message("Annexes").in_(lang))
        yield from (_annex(session, kind, annex) for annex in convention.annexes)


def _versions(session: Session, convention: ConventionView) -> Iterator[Block]:
    """Each version with the act that begins it, and the end where one is known."""
    lang = session.lang
    yield from _heading(Message("Its versions").in_(lang))
    rows = []
    for version in convention.versions:
        changes = "; ".join(version.changes)
        days = f"{version.start}" if version.ends else f"{version.start or '…'} → {version.last or '…'}"
        rows.append(cells(f"  {days}", version.origin.in_(lang), Span(changes, "dim")))
    yield Grid(rows)


def _numbers(version: VersionView) -> str | None:
    """The numbers of its acts, as in the table `convention_versions`."""
    return "|".join(act.number for act in version.acts) or None


def convention_json(convention: ConventionView) -> Json:
    """The same for programs; days inclusive."""
    return {
        "on": convention.on.isoformat(),
        "standing": convention.standing,
        "versions": [
            {
                "from": version.start.isoformat() if version.start else None,
                "until": version.last.isoformat() if version.last else None,
                "amendment": _numbers(version),
                "signed_on": max((act.signed.isoformat() for act in version.acts if act.signed), default=None),
                "changes": list(version.changes),
                "ends": version.ends,
            }
            for version in convention.versions
        ],
        "amendment": _numbers(convention.version),
        "terms": dict(convention.terms),
        "notice_by": convention.notice[0].isoformat() if convention.notice else None,
        "from": convention.start.isoformat() if convention.start else None,
        "until": convention.last.isoformat() if convention.last else None,
        "responsible": {
            party: {role: [str(rid) for rid in rids] for role, rids in roles.items()}
            for party, roles in convention.responsible.items()
        },
        "acts": [_act_json(act) for act in convention.acts],
        "annexes": [
            {"kind": annex.kind, "title": annex.title, "path": annex.path, "state": annex.state}
            for annex in convention.annexes
        ],
    }


def _heading(text: str) -> tuple[Line, Line]:
    return (), line(Span(text, "bold"))


def _describe_roles(roles: Roles, session: Session) -> str:
    parts = []
    for role, name in ROLES.items():
        counted = count_by_kind(Counter(rid.kind for rid in roles.get(role, ())))
        parts += [f"{name.in_(session.lang)} {counted.in_(session.lang)}"] if counted else []
    return Message("; ").in_(session.lang).join(parts) or Message("nothing in the registry").in_(session.lang)


def _act(session: Session, act: ActView) -> Iterator[Line]:
    if act.record is None:
        yield line(f"  {act.id}  ", Span(Message("not in the registry").in_(session.lang), "error"))
        return
    data = act.record.data
    yield line(
        f"  {data.get('number')}  {data.get('date')}  {data.get('body')}", Span(f"  {data.get('subject')}", "dim")
    )
    for words, numbers in ((Message("cites"), act.cites), (Message("amends"), act.amends)):
        if numbers:
            yield line(Span(f"    {words.in_(session.lang)} {', '.join(numbers)}", "dim"))


def _annex(session: Session, kind: Kind, annex: AnnexView) -> Line:
    field = kind.by_path.get(("annexes", ITEM, "kind"))
    labels = field.labels if field else {}
    name = labels.get(annex.kind, verbatim(annex.kind)).in_(session.lang)
    style = "error" if annex.state in BAD else "dim"
    return line(f"  {name}  {annex.title}  {annex.path}  ", Span(FILE_STATES[annex.state].in_(session.lang), style))


def _act_json(act: ActView) -> Json:
    data = act.record.data if act.record is not None else {}
    fields = {name: data.get(name) for name in ("number", "date", "body", "subject")}
    return {"id": act.id, **fields, "cites": list(act.cites), "amends": list(act.amends)}
