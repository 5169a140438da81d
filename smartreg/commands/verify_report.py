"""`verify` of a report: the bilan in Markdown or JSON, or the page, made again at the commit that it comes from.

The Markdown says where it comes from in a list at its end, JSON in `source`, the page in its island of data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from smartreg.commands.page import ChangesShown, page, tiles
from smartreg.commands.report import BilanOptions, bilan, render_files
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Message, languages
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json
from smartreg.exporters.origin import Origin, origin_of
from smartreg.importing.comparing import Difference
from smartreg.reports.origin import ORIGIN_NAMES
from smartreg.workspace.workspace import Workspace

_ALIGNED = 50_000  # maximum number of lines that are aligned: difflib takes quadratic time
_LINE = re.compile(r"^- ([^:\n]+?)\u00a0?: (`+) ?(.*?) ?\2$", re.MULTILINE)
_NEEDED = {"registry", "commit", "reference_date", "period", "audience"}
_ISLAND = re.compile(rb'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
_WRITTEN = re.compile(rb'<section id="conclusion"[^>]*>(.*?)</section>', re.DOTALL)
_OPEN = "…"  # a period without a first day
_TEXTS = {"conclusion": "--conclusion", "deliveries": "--deliveries"}


@dataclass(frozen=True)
class Reported:
    """A report as it describes itself: its format and origin, what it was asked for besides the texts that came
    with it, and how it is shown, where it is a page (`since`: what the state that changes count from is called)."""

    form: str
    origin: Origin
    wanted: BilanOptions
    shown: ChangesShown
    since: tuple[str | None, ...]


def report_in(content: bytes) -> Reported | None:
    """The origin that a report states; None for any other file."""
    try:
        for form, read in _READERS.items():
            if (parts := read(content)) is not None:
                return _parse_report(form, *parts)
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    return None


def compare_report(
    workspace: Workspace, name: str, content: bytes, reported: Reported, texts: Mapping[str, str]
) -> list[Difference] | None:
    """The differences of a report from the same report made again, line by line; none if only its
    formatting differs, None if its bytes are the same. `texts`: the conclusion and the deliveries that it was made
    with. UsageFault if one of them is missing."""
    stated = dict(reported.origin.said)
    for word, option in _TEXTS.items():
        if stated.get(word) and word not in texts:
            raise UsageFault(
                Message("{name} was made with {option} FILE", name=name, option=option),
                Message("give that file: {option} FILE", option=option),
            )
    exports = list(_re_export(workspace, reported, texts))
    if content in exports:
        return None
    return min((list(_lines(reported.form, name, content, export)) for export in exports), key=len)


def _re_export(workspace: Workspace, reported: Reported, texts: Mapping[str, str]) -> Iterator[bytes]:
    """The report in every way in which it may have been made."""
    request = replace(
        reported.wanted,
        at=reported.origin.commit,
        conclusion=texts.get("conclusion"),
        deliveries=texts.get("deliveries"),
    )
    report = bilan(workspace, request, today=date.min)
    if reported.form != "html":
        yield render_files(report, reported.form, reported.shown.lang or SOURCE).files[0].content
        return
    for since in reported.since:
        try:
            yield page(workspace, report, replace(reported.shown, at=request.at, since=since)).files[0].content
        except UsageFault:
            if since is None:
                raise


def _lines(form: str, name: str, content: bytes, anew: bytes) -> Iterator[Difference]:
    """The lines that differ, in lines of the file; of a page, in those of its data. A line that only one side has is
    one difference, and does not shift the rest."""
    present, exported = (_text(form, each).splitlines() for each in (content, anew))
    start = next((at for at, (old, new) in enumerate(zip(exported, present, strict=False)) if old != new), None)
    start = min(len(exported), len(present)) if start is None else start
    exported, present = exported[start:], present[start:]
    while exported and present and exported[-1] == present[-1]:
        exported.pop()
        present.pop()
    if max(len(exported), len(present)) <= _ALIGNED:
        blocks = SequenceMatcher(None, exported, present).get_opcodes()
    else:
        blocks = [("replace", 0, len(exported), 0, len(present))]
    for _, old, old_end, new, new_end in (block for block in blocks if block[0] != "equal"):
        pairs = zip_longest(exported[old:old_end], present[new:new_end])
        for number, (was, is_) in enumerate(pairs, start + new + 1):
            if was != is_:
                yield Difference("cell", name, number, exported=was, present=is_)


def _text(form: str, content: bytes) -> str:
    """The lines of a report; of a page its data, then the conclusion that it holds as markup."""
    island = _ISLAND.search(content) if form == "html" else None
    if island is None:
        return content.decode("utf-8", "replace")
    written = _WRITTEN.search(content)
    return json_text(read_json(island[1])) + (written[1] if written else b"").decode("utf-8", "replace")


def _parse_report(form: str, stated: dict[str, Any], data: Mapping[str, Any]) -> Reported | None:
    origin = origin_of(stated)
    if origin is None:
        return None
    period = stated["period"]
    days = [_day(word) for word in (period["from"], period["until"], stated["reference_date"])]
    request = BilanOptions(start=days[0], until=days[1], audience=origin.audience, on=days[2])
    lang = next((lang for lang in languages() if lang == data.get("lang")), None)
    background = data.get("tiles")
    ground = tiles(background["url"], background["credit"]) if isinstance(background, Mapping) else None
    changes = data.get("changes")
    name, short = changes["before"] if changes else (None, None)
    since = dict.fromkeys((None, name[0] if isinstance(name, list) else name, short))
    return Reported(form, origin, request, ChangesShown(lang=lang, tiles=ground), tuple(since))


def _day(word: Any) -> date | None:
    return date.fromisoformat(word) if isinstance(word, str) else None


def _in_markdown(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    """The origin in the last lines of each name, where the report ends; the names tell the language."""
    if not content.startswith(b"# "):
        return None
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    values = {name: value for name, _, value in _LINE.findall(text)}
    for lang in languages():
        names = {words.in_(lang): key for key, words in ORIGIN_NAMES.items()}
        stated: dict[str, Any] = {names[name]: value for name, value in values.items() if name in names}
        if stated.keys() >= _NEEDED:
            start, _, until = stated["period"].partition(" → ")
            stated["period"] = {"from": None if start == _OPEN else start, "until": until}
            if " " in stated["commit"]:  # a sentence, where no commit holds the state
                stated["commit"] = None
            return stated, {"lang": lang}
    return None


def _in_json(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    return _in_document(read_json(content)) if content.startswith(b'{\n  "version": 1,\n  "source": {') else None


def _in_page(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    island = _ISLAND.search(content)
    return _in_document(read_json(island[1])) if island else None


def _in_document(document: Json) -> tuple[dict[str, Any], Mapping[str, Any]] | None:
    if not isinstance(document, Mapping) or "figures" not in document:
        return None
    return document["source"], document


_READERS = {"markdown": _in_markdown, "json": _in_json, "html": _in_page}
