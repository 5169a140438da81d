"""A tab of a browser in which somebody works at a desk: by the words on the page, with the mouse or by keyboard alone.

Every kind of page that is reached is judged by axe once, and each page by what it may never do (see `Tab.look`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from browser import Seen
from desk import DeskClient
from playwright.sync_api import Browser, Locator, Page, expect

FARTHEST = 400  # presses of Tab from anywhere to anywhere on a page
# What pages of one kind differ in: names, commits, and which of the forms that are drawn alike it is.
NAMES = (
    (re.compile(r"(?<=/add/)\w+|(?<=/records/)\w+/[\w-]+|(?<=/conventions/)[\w-]+|\b[0-9a-f]{40,64}\b"), "*"),
    (re.compile(r"\*/(move|replace|transfer|retire|agree|amend|renew|terminate)$"), "*/act"),
)
# A part of a field (the button that opens a calendar) has the focus, and shows it, inside of the browser's own parts.
FOCUS = """target => {
  const focus = document.activeElement, shown = getComputedStyle(focus).outlineStyle !== "none";
  return [shown || focus === document.body || !focus.matches(":focus"), target.contains(focus), focus.outerHTML];
}"""
STATES = (".summary", "button[value=write]")


@dataclass
class Tab:
    """One tab. `judged`: the kinds of pages that axe has seen; `asked`: what each typed address ends with; `by_keys`:
    the mouse is not touched."""

    seen: Seen
    client: DeskClient
    judged: set[str]
    asked: str = ""
    by_keys: bool = False

    @property
    def page(self) -> Page:
        return self.seen.page

    @property
    def heading(self) -> str:
        return self.seen.text("h1")

    @property
    def text(self) -> str:
        """What the page says below its menu, in one line."""
        return " ".join(self.seen.text("main").split())

    # -- going somewhere -----------------------------------------------------------------------------------------

    def visit(self, path: str) -> None:
        """Type the address of a page of the desk."""
        self.page.goto(self.client.address(path + self.asked))
        self.look()

    def follow(self, name: str, within: str = "main") -> None:
        """Go by the first link of this name."""
        self.leave_by(self.page.locator(within).get_by_role("link", name=name, exact=True).first)

    def press(self, name: str) -> None:
        """Press a button that leads to a page."""
        self.leave_by(self.page.get_by_role("button", name=name, exact=True))

    def back(self) -> None:
        """Go back in the history of the browser."""
        self.page.go_back()
        self.look()

    def leave_by(self, link_or_button: Locator) -> None:
        """Go by a link or a button, and look at the page that it leads to."""
        if self.by_keys:
            self.reach(link_or_button)
        with self.page.expect_navigation():
            if self.by_keys:
                self.page.keyboard.press("Enter")
            else:
                link_or_button.click()
        self.look()

    def look(self) -> None:
        """Judge the page: it fits into the window, says its language and heading, has nothing to hide; a kind of page
        that was not seen yet is also judged by axe."""
        assert self.seen.trouble == [], (self.page.url, self.seen.trouble)
        assert self.page.locator("h1").count() == 1, self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        kind = next((state for state in STATES if self.has(state)), "")
        if not kind:
            kind = self.page.url.partition("?")[0].removeprefix(self.client.address(""))
            for pattern, name in NAMES:
                kind = pattern.sub(name, kind)
        if kind not in self.judged:
            self.judged.add(kind)
            violations = self.seen.violations()
            assert violations == [], (self.page.url, violations)

    def has(self, selector: str) -> bool:
        """Whether the page has an element."""
        return self.page.locator(selector).count() > 0

    # -- answering -----------------------------------------------------------------------------------------------

    def question(self, title: str) -> Locator:
        """The question with this title, and whatever stands in parentheses after it."""
        caption = self.page.locator(":scope > label, :scope > legend")
        exact = caption.filter(has_text=re.compile(rf"^\s*{re.escape(title)}\s*(\(|$)"))
        return self.page.locator(".question", has=exact)

    def answer(self, answers: Mapping[str, str | Sequence[str]]) -> None:
        """Answer questions: a text, a choice by one of its words, or all that are chosen of several."""
        for title, value in answers.items():
            question = self.question(title)
            expect(question, title).to_have_count(1)
            self._unfold(question)
            if question.locator("input[type=checkbox]").count() and not isinstance(value, str):
                self._tick(question, value)
            elif question.locator("input[type=radio]").count():
                self._choose(question, str(value))
            elif question.locator("select").count():
                self.select(question.locator("select"), str(value))
            elif question.locator("input[type=file]").count():
                self._give_file(question.locator("input"), str(value))
            else:
                self.type(question.locator("input[type=text], input[type=date], textarea"), str(value))

    def write(self, answers: Mapping[str, str | Sequence[str]] | None = None, **more: str) -> str:
        """Answer, go on to the review, and write; what the page says was written."""
        self.review(answers or {})
        for title, text in more.items():
            self.type(self.page.locator(f"#{title}"), text)
        self.step("write")
        expect(self.page.locator("p[role=status]")).to_be_visible()
        return self.seen.text("p[role=status]").rpartition(" (")[0]

    def review(self, answers: Mapping[str, str | Sequence[str]]) -> None:
        """Answer what the page asks, and what it asks then, up to the review."""
        left = dict(answers)
        for _ in range(4):
            if self.has("button[value=write]"):
                break
            now = {title: left.pop(title) for title in [*left] if self.question(title).count()}
            self.answer(now)
            self.step("continue")
        assert self.has("button[value=write]"), self.text
        assert left == {}

    def step(self, value: str) -> None:
        """Press a button of a form: `continue`, `write` or `change`."""
        self.leave_by(self.page.locator(f"button[value={value}]"))

    def _unfold(self, question: Locator) -> None:
        folded = self.page.locator("details:not([open]) > summary")
        if folded.count() and not question.is_visible():
            if self.by_keys:
                self.reach(folded)
                self.page.keyboard.press("Enter")
            else:
                folded.click()
            expect(question).to_be_visible()

    def _label(self, question: Locator, value: str) -> Locator:
        words = re.compile(rf"(^|[\s·/]){re.escape(value)}($|[\s·])")
        return question.locator("label.choice", has_text=words).first.locator("input")

    def _tick(self, question: Locator, values: Sequence[str]) -> None:
        boxes = question.locator("input[type=checkbox]")
        wanted = {self._label(question, value).get_attribute("value") for value in values}
        for number in range(boxes.count()):
            box = boxes.nth(number)
            if box.is_checked() == (box.get_attribute("value") in wanted):
                continue
            if self.by_keys:
                self.reach(box)
                self.page.keyboard.press("Space")
            else:
                box.click()

    def _choose(self, question: Locator, value: str) -> None:
        button = self._label(question, value)
        if not self.by_keys:
            button.check()
            return
        group = question.locator("[role=group]")
        self.reach(group if group.count() else question)
        self.page.keyboard.press("Space")
        for _ in range(question.locator("input[type=radio]").count()):
            if button.is_checked():
                break
            self.page.keyboard.press("ArrowDown")
        assert button.is_checked(), value

    def select(self, select: Locator, value: str) -> None:
        option = select.locator("option", has_text=re.compile(rf"(^|[\s·/]){re.escape(value)}($|[\s·])")).first
        if not self.by_keys:
            select.select_option(option.get_attribute("value"))
            return
        self.reach(select)
        self.page.keyboard.press("Home")
        for _ in range(select.locator("option").count()):
            if select.input_value() == option.get_attribute("value"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(value)

    def type(self, box: Locator, text: str) -> None:
        if not self.by_keys:
            box.fill(text)
            return
        self.reach(box)
        if box.get_attribute("type") == "date":
            self._type_day(box, text)
            return
        self.page.keyboard.press("Control+A")
        if text:
            self.page.keyboard.type(text)
        else:
            self.page.keyboard.press("Delete")

    def _type_day(self, box: Locator, text: str) -> None:
        """Type a day into a field whose parts stand in the order of the browser's language."""
        year, month, day = text.split("-")
        for digits in (month + day + year, day + month + year):
            self.page.keyboard.type(digits)
            if box.input_value() == text:
                return
            for _ in range(2):
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(text)

    def _give_file(self, box: Locator, file: str) -> None:
        if not self.by_keys:
            box.set_input_files(file)
            return
        self.reach(box)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is on an element, or in it; it can be seen on all the way."""
        for _ in range(FARTHEST):
            is_seen, is_there, html = target.evaluate(FOCUS)
            assert is_seen, html
            if is_there:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {target} by keyboard")


@contextmanager
def open_desk(browser: Browser, client: DeskClient, **how: Any) -> Iterator[Seen]:
    """A page of a browser that was let in; what its console says is trouble, except of a status."""
    context = browser.new_context(**how)
    name, value = client.cookie.split("=", 1)
    place = client.desk.access.base
    context.add_cookies(
        [{"name": name, "value": value, "domain": "127.0.0.1", "path": place, "httpOnly": True, "sameSite": "Strict"}]
    )
    try:
        yield watch(context.new_page(), client)
    finally:
        context.close()


def watch(page: Page, client: DeskClient) -> Seen:
    """Note what a page does that it must not do."""
    seen = Seen(page)
    page.on("filechooser", lambda _chooser: None)  # from now on, none opens before somebody waits for it
    page.on("console", lambda said: seen.note(said.text, "status of" not in said.text))
    page.on("pageerror", lambda error: seen.note(str(error)))
    page.on("dialog", lambda dialog: seen.note(dialog.message))
    page.on("request", lambda asked: seen.note(asked.url, not asked.url.startswith((client.origin, "data:"))))
    return seen
