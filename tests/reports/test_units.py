"""What people read behind a number: words of their language; codes stay where programs read."""

from __future__ import annotations

import pytest

from smartreg.schema import unit_heading, unit_suffix


@pytest.mark.parametrize(
    ("number", "code", "en", "fr"),
    [
        (90, "d", "90 days", "90 jours"),
        (1, "d", "1 day", "1 jour"),
        (0, "d", "0 days", "0 jour"),
        (1.5, "d", "1.5 days", "1.5 jour"),
        (12, "mo", "12 months", "12 mois"),
        (2.3522, "deg", "2.3522°", "2.3522°"),
        (800, "EUR", "800 €", "800 €"),
        (0.95, "1", "0.95", "0.95"),
        (6, "kg", "6 kg", "6 kg"),
        (6, None, "6", "6"),
    ],
)
def test_behind_a_number(number: float, code: str | None, en: str, fr: str) -> None:
    assert (f"{number}{unit_suffix(number, code).in_('en')}", f"{number}{unit_suffix(number, code).in_('fr')}") == (
        en,
        fr,
    )


@pytest.mark.parametrize(("code", "en", "fr"), [("d", " (days)", " (jours)"), ("1", "", ""), ("m", " (m)", " (m)")])
def test_behind_a_title(code: str, en: str, fr: str) -> None:
    assert (unit_heading(code).in_("en"), unit_heading(code).in_("fr")) == (en, fr)
