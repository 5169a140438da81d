"""What only a registry in France says: words of French, its codes, laws and standards."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

TERMS = (
    *("insee", "sirene?", "siret", "epci", "cnil", "rgpd", "cg3p", "cgct", "crpa", "etalab", "scdl", "lambert"),
    *(
        "bilans?",
        r"m[eé]tropole?s?(?!n)",
        "communes?",
        "parapublic",
        "istres",
        "marseille",
        "actes",
        "french",
        "france",
    ),
)
WORDS = (
    *("équipements?", "capteurs?", "partie", "fiches?", "français", "mairie", "préfet", "loi", "du", "des", "une"),
    *("avec", "dans", "pour", "est", "sont", "statut", "propriétaire", "aucune?", "cette", "déliberation", "données"),
)
FRENCH = re.compile(rf"(?<![\w{{-])(?:{'|'.join((*TERMS, *WORDS))})(?![\w}}])", re.IGNORECASE)
_SHOWN = re.compile(r"<(?:script(?! type=\"application/json)|style)\b.*?</(?:script|style)>", re.DOTALL)
_ISLAND = re.compile(r"<script type=\"application/json\"[^>]*>(.*?)</script>", re.DOTALL)
KEYS = frozenset({"commune", "communes"})  # names in the data of the page, which nobody reads


def french_in(text: str) -> list[str]:
    """Each French word of a text, with what stands around it."""
    return [text[max(0, found.start() - 40) : found.end() + 40] for found in FRENCH.finditer(text)]


def french_in_page(text: str) -> list[str]:
    """The same of a page: what it shows, and what its data says; not the program and the style that it carries."""
    shown = _SHOWN.sub("", text)
    data = [value for island in _ISLAND.findall(shown) for value in _texts(json.loads(html.unescape(island)))]
    return french_in("\n".join((_ISLAND.sub("", shown), *(value for value in data if value not in KEYS))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
