"""What people wrote in Markdown: converted to HTML without raw HTML, or fitted into a longer text in Markdown. Pages
without such texts do not load its library."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from smartreg.core.messages import Text
from smartreg.core.styled import visible

FIRST_LEVEL = 3  # of the headings of a text: below that of its section
LAST_LEVEL = 6
_WEB = re.compile(r"https?:|mailto:|#", re.IGNORECASE)


def markdown(text: str) -> str:
    """Convert Markdown (CommonMark with tables) to HTML. Raw HTML and pictures stay text; links may go to the web, a
    mailbox or within the page."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.validateLink = lambda url: bool(_WEB.match(url.strip()))  # type: ignore[method-assign]
    reader.add_render_rule("link_open", _link)
    tokens = reader.parse(visible_lines(text))
    lower = _lowering(tokens)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(LAST_LEVEL, int(token.tag[1:]) + lower)}"
        if token.type in ("th_open", "td_open"):
            token.attrs.pop("style", None)  # the policy of the page forbids it
    return str(reader.renderer.render(tokens, reader.options, {}))


def lower_headings(text: str) -> str:
    """A text in Markdown whose headings are below the heading of their section; everything else stays as it is."""
    lines = text.splitlines()
    tokens = MarkdownIt("commonmark").parse(text)
    lower = _lowering(tokens)
    for token, inner in reversed(list(pairwise(tokens))):
        if token.type == "heading_open" and token.level == 0 and token.map:
            level = min(LAST_LEVEL, int(token.tag[1:]) + lower)
            lines[slice(*token.map)] = [f"{'#' * level} {' '.join(inner.content.split())}"]
    return "\n".join(lines)


def _lowering(tokens: Sequence[Token]) -> int:
    """By how many levels headings are lowered: the highest one becomes the first below that of the section."""
    return FIRST_LEVEL - min((int(token.tag[1:]) for token in tokens if token.type == "heading_open"), default=1)


def without_heading(text: str, heading: Text) -> str:
    """A text in Markdown without a first heading that only repeats, in either language, that of its section."""
    tokens = MarkdownIt("commonmark").parse(text)
    if not tokens or tokens[0].type != "heading_open" or tokens[0].map is None:
        return text
    first = "".join(part.content for part in tokens[1].children or () if part.type in ("text", "code_inline"))
    same = {words.casefold() for words in (heading.in_("en"), heading.in_("fr"))}
    if first.strip(" .:\u00a0\u202f").casefold() not in same:
        return text
    return "\n".join(text.splitlines()[tokens[0].map[1] :]).lstrip("\n")


def visible_lines(text: str) -> str:
    """A text whose hidden and bidirectional characters are shown, line by line."""
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in text.splitlines())


def _link(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, _env: EnvType) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, at, options, _env))
