"""`/bilan`: the page of `report`, of the registry as it is now, for whoever is to read it."""

from __future__ import annotations

from smartreg.commands.page import ChangesShown, page
from smartreg.commands.report import BilanOptions, bilan
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.typed import day
from smartreg.schema.countries import FRANCE
from smartreg.tables.view import AUDIENCES
from smartreg.web.visit import Answer, Download, Page, View, Visit, WholePage

FIRST, LAST, AUDIENCE = "from", "until", "audience"
WORDS = {
    "internal": Message("ourselves: everything"),
    "partners": Message("the parties to conventions: without costs and notes"),
    "public": Message("everybody: also without identifiers of devices and contacts"),
}


def show_bilan(visit: Visit) -> Answer:
    """The page itself; with `keep`, as a file."""
    try:
        made = visit.shown.once(("bilan", visit.lang, _key(visit)), lambda: _make(visit))
    except UsageFault as fault:
        return ask_for_bilan(visit, fault)
    name = "bilan" if visit.workspace.config.country == FRANCE else "report"
    return Download(f"{name}.html", made, "text/html") if visit.query.get("keep") else WholePage(made.decode())


def ask_for_bilan(visit: Visit, fault: UsageFault | None = None) -> Answer:
    """Which period, and for whom."""
    start, until, audience = _key(visit)
    values = {"from": start, "until": until, "audience": audience, "words": WORDS, "fault": fault}
    return View("bilan.html", {"asked": values}, 400 if fault else 200)


def _key(visit: Visit) -> tuple[str, ...]:
    usual = {AUDIENCE: AUDIENCES[-1]}
    return tuple(visit.query.get(name, "").strip() or usual.get(name, "") for name in (FIRST, LAST, AUDIENCE))


def _make(visit: Visit) -> bytes:
    start, until, audience = _key(visit)
    first, last = (day(Message("Day"), text) if text else None for text in (start, until))
    report = bilan(visit.workspace, BilanOptions(None, first, last, audience), today=visit.today)
    return page(visit.workspace, report, ChangesShown(lang=visit.lang)).files[0].content


PAGES = (
    Page("/bilan", ask_for_bilan, menu=Message("Report")),
    Page("/bilan/page", show_bilan, is_long=Visit.has_many),
)
