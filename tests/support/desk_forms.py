"""The part of a browser in a form: what a page posts when it is sent, with some of its answers given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from conventions import FILES, place
from desk import DeskClient, Reply
from program import GIT_CONFIG

Given = Mapping[str, str | Sequence[str]]


def git(root: Path, *words: str) -> str:
    """What Git prints in a folder."""
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


def lay(root: Path, further: Mapping[str, str] | None = None) -> Path:
    """The registry under one convention and `further` files, committed, in a clone of somebody who may commit, also
    from a terminal."""
    for path, text in {**FILES, **(further or {})}.items():
        place(root, path, text)
    (root / ".gitconfig").write_text(GIT_CONFIG, "utf-8")
    git(root, "init", "-q", "-b", "main")
    for setting in ("user.name=SIG", "user.email=sig@example.org"):
        git(root, "config", *setting.split("="))
    git(root, "add", "registry", "smartreg.toml")
    git(root, "commit", "-qm", "by hand")
    return root


@dataclass
class Sheet(HTMLParser):
    """The fields of the form that writes, as they stand: all values of each name, and the names that take text."""

    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[str] = field(default_factory=list)
    text: str | None = None
    select: str | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag == "form":
            self._inside = given.get("class") == "questions"
        if not self._inside:
            return
        if tag == "button":
            self.buttons.append(given["value"])
        elif tag == "input" and given["type"] != "file":
            self.names.add(name)
            if given["type"] not in ("radio", "checkbox") or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.names.add(name)
            self.text, self.values[name] = name, [""]
        elif tag == "select":
            self.names.add(name)
            self.select = name
        elif tag == "option" and self.select is not None and "selected" in given:
            self.values[self.select] = [given["value"]]

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.values[self.text][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self.text = self.select = None

    def with_answers(self, answers: Given) -> dict[str, Sequence[str]]:
        """What is posted if these questions are answered so, and all others left as they are."""
        posted: dict[str, Sequence[str]] = dict(self.values)
        for name, answer in answers.items():
            texts = [answer] if isinstance(answer, str) else list(answer)
            if name in self.values.get("asked", ()):
                posted.pop(f"a.{name}", None)
                posted[f"more.{name}" if f"more.{name}" in self.names else f"a.{name}"] = texts
            elif name in self.names:
                posted[name] = texts
        return posted


def sheet(reply: Reply) -> Sheet:
    """The form of a page."""
    parser = Sheet()
    parser.feed(reply.text)
    return parser


def post(client: DeskClient, path: str, page: Reply, answers: Given, step: str = "continue", **more: str) -> Reply:
    """Send the form of a page."""
    return client.post(path, {**sheet(page).with_answers(answers), "step": step, **more})


def review(client: DeskClient, path: str, answers: Given = {}, pages: Iterable[None] = (None,) * 4) -> Reply:  # noqa: B006
    """Answer the questions of a page and of those that it leads to, up to the review."""
    page = client.get(path)
    for _ in pages:
        if "write" in sheet(page).buttons:
            break
        page = post(client, path, page, answers)
    return page


def write(client: DeskClient, path: str, answers: Given = {}, **more: str) -> str:  # noqa: B006
    """Answer all questions of a page, and write; the commit."""
    page = review(client, path, answers)
    assert "write" in sheet(page).buttons, page.text
    reply = post(client, path, page, {}, "write", **more)
    assert reply.status == 303, reply.text
    return reply.headers["Location"].rpartition("/")[2].partition("?")[0]
