"""`/`: what is open."""

from __future__ import annotations

from smartreg.core.messages import Message
from smartreg.web.visit import Answer, Page, View, Visit


def show_work(visit: Visit) -> Answer:
    """What is to be done, and what was done last."""
    return View("home.html")


PAGES = (Page("/", show_work, menu=Message("Work")),)
