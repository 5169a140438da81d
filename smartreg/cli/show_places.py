"""Placement and owner on a day, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from smartreg.cli.session import Session
from smartreg.commands.show_places import PlacesView, Recorded
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, Language, Words
from smartreg.domain.placements import Ownership, Placement

NOWHERE = Words("nowhere", "nulle part")
NOBODY = Words("nobody's, as far as is known", "à personne, à ce qu'on sait")


def places_lines(session: Session, found: PlacesView) -> Iterator[Line]:
    """Where it was and whose on the day; where the registry told it only later, since when it does."""
    lang = session.lang
    yield ()
    yield line(Span(Words(f"on {found.on}", f"le {found.on}").in_(lang), "bold"))
    if found.placement is not None or found.placement_recorded is not None:
        yield _stretch(Words("place", "emplacement"), _where(found, lang), found.placement, lang)
        yield from _recorded(found.placement_recorded, lang)
    owner = found.owner.owner if found.owner else NOBODY.in_(lang)
    yield _stretch(Words("owner", "propriétaire"), owner, found.owner, lang)
    yield from _recorded(found.owner_recorded, lang)


def _where(found: PlacesView, lang: Language) -> str:
    if found.placement is None:
        return NOWHERE.in_(lang)
    point = f"lat {found.point[1]:.5f}, lon {found.point[0]:.5f}" if found.point else ""
    return "  ".join(text for text in (found.placement.support, point) if text)


def _stretch(what: Words, said: str, stretch: Placement | Ownership | None, lang: Language) -> Line:
    days = _days(stretch.start, stretch.until).in_(lang) if stretch else ""
    why = f"  {stretch.reason}" if isinstance(stretch, Placement) and stretch.reason else ""
    return line(f"  {what.in_(lang)}  ", Span(said), Span(f"  {days}{why}" if days or why else "", "dim"))


def _days(start: date | None, until: date | None) -> Words:
    if start is None:
        return Words(f"until {until}", f"jusqu'au {until}") if until else Words("", "")
    if until is None:
        return Words(f"from {start}", f"depuis le {start}")
    return Words(f"from {start} until {until}", f"du {start} au {until}")


def _recorded(found: Recorded | None, lang: Language) -> Iterator[Line]:
    if found is None:
        return
    before = found.before or Words("nothing", "rien").in_(lang)
    if found.day is None:
        words = Words("not committed yet", "pas encore commité")
    else:
        words = Words(
            f"recorded on {found.day} ({found.commit})",
            f"inscrit le {found.day} ({found.commit})",
        )
    until = Words(f"; until then: {before}", f" ; jusque-là : {before}")
    yield line(Span(f"    {words.in_(lang)}{until.in_(lang)}", "dim"))


def places_json(found: PlacesView) -> dict[str, Json]:
    """Days in ISO 8601; `recorded` is null where the registry told it by that day."""
    placement, owner = found.placement, found.owner
    return {
        "day": str(found.on),
        "placement": None
        if placement is None
        else {
            "support": placement.support,
            "place": {"lon": found.point[0], "lat": found.point[1]} if found.point else None,
            **_days_json(placement.start, placement.until),
            "reason": placement.reason,
        },
        "placement_recorded": _recorded_json(found.placement_recorded),
        "owner": None if owner is None else {"owner": owner.owner, **_days_json(owner.start, owner.until)},
        "owner_recorded": _recorded_json(found.owner_recorded),
    }


def _days_json(start: date | None, until: date | None) -> dict[str, Json]:
    return {"from": str(start) if start else None, "until": str(until) if until else None}


def _recorded_json(found: Recorded | None) -> Json:
    if found is None:
        return None
    return {"day": str(found.day) if found.day else None, "commit": found.commit, "before": found.before}
