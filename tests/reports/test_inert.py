"""Names in Markdown: readable as they are where nothing in them can act, else in code spans."""

from __future__ import annotations

import pytest

from smartreg.core.escape import plain_or_code


@pytest.mark.parametrize(
    "text",
    [
        "Rezé",
        "non",
        "mât",
        "Saint-Estève-Janson",
        "Métropole d'Aix-Marseille-Provence",
        "L’Île-d’Yeu",
        "REF214 rien",
        "12 boulevard Paul Painlevé, Istres",
        "Mât (à déposer) – côté nord",
        "Mise à disposition : capteurs de bruit, 2 ans.",
        "Cas d'usage « Bruit », Istres",
        "2024",
        "Capteur de PM10 et de PM2,5, 8 boulevard de la Mer",
        "Carte consultée chaque matin ; services plus rapides !",
        "Utile ? Oui : à étendre…",
        "Télérelève v1.2, bâtiment n°3, 12/14 rue du Port",
        "Qualité de l'air (PM10 & PM2,5)",
        "50 % de pannes en moins ? Oui, pour 3 € par point",
        "Lot n° 12 - eau / assainissement",
    ],
)
def test_a_plain_name_gets_no_code_span(text: str) -> None:
    assert plain_or_code(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "street_light",
        "*gras*",
        "<b>x</b>",
        "[a](b)",
        "&amp;",
        "air &amp; eau",
        "12 %41",
        "~~x~~",
        "@maire",
        "#12",
        "GH-12",
        "gh-12",
        "deadbeef1",
        "1d636f7",
        "www.example.org",
        "a|b",
        "a\\b",
        "a`b",
        "exemple.org",
        ":smile:",
        "a :smile: b",
        "(c)[d]",
        "1) x",
        "2. x",
        "- x",
        "-x",
        "1. x",
        "---",
        "x--y",
        "a  b",
        "a\nb",
        "a\u202eb",
        "a\u200bb",
        "a\u0301",
        "$x$",
        "a=b",
        "a,b",
        "a.b",
        "a//b",
        "!12",
        "a !12",
        "a ![b](c)",
        "1.",
        "https://exemple",
    ],
)
def test_anything_else_is_in_a_code_span(text: str) -> None:
    assert plain_or_code(text).startswith("`")
    assert plain_or_code(text).endswith("`")
