"""The page: one file that works from disk with the network off (`page/` makes its data and holds its scripts)."""

from __future__ import annotations

from smartreg.reports.page.look import Look
from smartreg.reports.page.whole import whole
from smartreg.reports.page.words import WORDS
from smartreg.values import Language, Words
from smartreg.webpage import element, frame, island, resource

PACKAGE = "smartreg.reports.page"
USUAL: Language = "en"
SCRIPTS = (
    *("say", "draw", "records", "filters", "marks", "communes", "map", "list", "details", "tables"),
    *("charts", "figures", "streams", "conventions", "parties", "changes", "findings", "explorer", "start"),
)
SECTIONS = ("overview", "explorer", "conventions", "parties", "streams", "figures", "changes", "findings")
WITHOUT_SCRIPTS = Words(
    "This page draws everything by scripts that it carries itself; they are switched off here. smartreg report "
    "-f markdown gives the same figures as text.",
    "Cette page dessine tout par des scripts qu'elle contient ; ils sont désactivés ici. smartreg report -f markdown "
    "donne les mêmes chiffres en texte.",
)


def render(look: Look) -> bytes:
    """The bytes of the page; the same look gives the same bytes."""
    lang = look.lang or USUAL
    title = str(look.source.get("registry") or "smartreg")
    text = frame(
        title,
        lang,
        _body(look, title, lang),
        styles=(resource(PACKAGE, "leaflet/leaflet.css"), resource("smartreg.webpage", "style.css") + _style()),
        scripts=(_leaflet(), _script()),
        images=look.tiles.origin if look.tiles else "",
    )
    return text.encode("utf-8", "backslashreplace")


def _style() -> str:
    return resource(PACKAGE, "page.css") + resource(PACKAGE, "explorer.css")


def _leaflet() -> str:
    """Leaflet under its licence; without the line by which tools would look for its map of sources."""
    licence, code = resource(PACKAGE, "leaflet/LICENSE"), resource(PACKAGE, "leaflet/leaflet.js")
    return f"/*!\n{licence}*/\n{code[: code.rindex('//# sourceMappingURL')]}"


def _script() -> str:
    """Our scripts as one, so that nothing of them is seen from outside."""
    parts = "\n".join(resource(PACKAGE, f"scripts/{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(function () {{\n{parts}\n}})();\n'


def _body(look: Look, title: str, lang: Language) -> str:
    """The bones of the page: how many elements it has does not depend on the data."""
    sections = "\n".join(f'<section id="{name}" aria-labelledby="{name}-title"></section>' for name in SECTIONS)
    return "\n".join(
        (
            element("a", WORDS["skip"].in_(lang), class_="skip", href="#content"),
            f'<header id="top">{element("h1", title)}</header>',
            '<nav id="contents"></nav>',
            f'<main id="content" tabindex="-1">\n<noscript>{element("p", WITHOUT_SCRIPTS.in_(lang))}</noscript>',
            f"{sections}\n</main>",
            '<footer id="provenance"></footer>',
            island("data", whole(look)),
        )
    )
