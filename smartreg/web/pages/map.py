"""`/map`: where everything is, now or on a day, drawn as the page of `report` draws it."""

from __future__ import annotations

from datetime import date

from smartreg.commands.page import map_page
from smartreg.core.errors import UsageFault
from smartreg.core.messages import LANGUAGES, SOURCE, Message
from smartreg.core.typed import day
from smartreg.core.webpage import island
from smartreg.reports.page.whole import whole
from smartreg.web.visit import Answer, Page, View, Visit


def show_map(visit: Visit) -> Answer:
    """The map of the day `at` (default: the working tree)."""
    at, repo = visit.query.get("at", "").strip(), visit.workspace.repo
    first = visit.shown.once("first day", lambda: repo.first_day() if repo else None)
    days = {"at": at, "first": first or "", "today": visit.today}
    try:
        on = day(Message("Day"), at) if at else visit.today
        data = visit.shown.once(("map", at, visit.lang), lambda: _data(visit, at or None, on))
    except UsageFault as fault:
        return View("map.html", {**days, "data": "", "fault": fault}, 400)
    return View("map.html", {**days, "data": data, "fault": None})


def _data(visit: Visit, at: str | None, on: date) -> str:
    lang = visit.lang if visit.lang in LANGUAGES else SOURCE
    return island("data", whole(map_page(visit.workspace, at, on, lang)))


PAGES = (Page("/map", show_map, menu=Message("Map"), is_long=Visit.has_many),)
