"""Labels to print and stick on supports and equipment: an HTML sheet with the id of each record, its name, and the
https address that `smartreg.toml` names, in clear and as a QR code (ISO/IEC 18004). segno comes with the extra
`labels`.

Whoever passes by reads a label: it holds nothing but what the public may see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import Language, Message
from smartreg.core.values import Json, RecordId
from smartreg.core.webpage import element, frame, island, resource
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.origin import json_or_none
from smartreg.schema.settings import LABEL_ADDRESS
from smartreg.tables.records import may_be_placed

ON_A_SHEET = 24
_ISLAND = re.compile(rb'<script type="application/json" id="labels">(.*?)</script>', re.DOTALL)
_HOW = Message("Print at 100 %, without margins, on A4 sheets of 24 labels of 70 × 37 mm.")


def export(chosen: Chosen, *, lang: Language = "en") -> Iterator[Written]:
    """One page of sheets. UsageFault without segno, where the settings name no address, when no kind has a place, and
    when one that was named has none."""
    segno = _load_segno()
    address = chosen.label_address
    if address is None:
        raise UsageFault(
            Message("smartreg.toml names no address for labels"),
            Message('write below [labels]: address = "{address}"', address=LABEL_ADDRESS),
        )
    labels = [
        _label(segno, record.rid, kind.label_of(record.data, lang), address_of(record.rid, address))
        for kind in chosen.kinds
        if may_be_placed(kind)
        for record in chosen.view.of_kind(kind.name)
    ]
    without = [kind.name for kind in chosen.kinds if not may_be_placed(kind)]
    if len(without) == len(chosen.kinds) or (without and chosen.source.get("kinds")):
        raise UsageFault(
            Message("labels are for what has a place, not for {names}", names=", ".join(without)),
            Message("choose another kind, such as supports"),
        )
    sheets = [labels[start : start + ON_A_SHEET] for start in range(0, len(labels), ON_A_SHEET)]
    title = Message("Labels · {registry}", registry=str(chosen.origin.get("registry") or "smartreg")).in_(lang)
    body = "\n".join(
        (
            island("labels", {**chosen.origin, "language": lang}),
            "<main>",
            element("h1", title),
            element("p", _HOW.in_(lang), class_="quiet"),
            *("\n".join(('<ul class="sheet">', *sheet, "</ul>")) for sheet in sheets),
            "</main>",
        )
    )
    styles = (resource("smartreg.core", "style.css"), resource("smartreg.exporters", "labels.css"))
    note = Message("24 labels of 70 × 37 mm on each sheet")
    yield Written("labels.html", frame(title, lang, body, styles=styles).encode(), len(labels), note, main=True)


def address_of(rid: RecordId, pattern: str) -> str:
    """The address on the label of a record, by the pattern of the settings."""
    return pattern.replace("{kind}", quote(rid.kind, safe="")).replace("{id}", quote(rid.id, safe=""))


def _load_segno() -> Any:
    try:
        import segno
    except ImportError:
        raise UsageFault(Message("labels need the extra “labels”"), install_command("labels")) from None
    return segno


def _label(segno: Any, rid: RecordId, name: str, address: str) -> str:
    """A label. The code keeps a quarter of its area in reserve (level Q): labels hang outdoors."""
    try:
        code = segno.make_qr(address, error="q", boost_error=False)
    except segno.DataOverflowError:
        raise UsageFault(Message("the address of {record} is too long for a QR code", record=rid)) from None
    drawing = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    drawing = drawing.replace("<svg", '<svg aria-hidden="true" shape-rendering="crispEdges"', 1)  # the address says it
    texts = [element("p", rid.id, class_="id"), element("p", address, class_="address")]
    if name:
        texts.insert(1, element("p", name, class_="name"))
    return f'<li class="label">{drawing}<div>{"".join(texts)}</div></li>'


def _origin(_file: str, content: bytes) -> Json:
    stated = _ISLAND.search(content)
    return json_or_none(stated[1]) if stated else None


FORMAT = Format(
    "labels",
    export,
    ".html",
    single=True,
    columns=False,
    public=True,
    recognizes=lambda _file, content: content.startswith(b"<!DOCTYPE html>") and _ISLAND.search(content) is not None,
    origin=_origin,
)
