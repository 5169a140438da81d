"""How a report speaks: names of records, numbers and days in both languages, French typography, what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from bilans import AT_THE_END, SETTINGS
from registries import INDEXED

from smartreg.core.markdown import lower_headings, markdown
from smartreg.core.messages import Localized, Message, Text, verbatim
from smartreg.core.values import RecordId
from smartreg.core.webpage import UnfitPicture, picture
from smartreg.registry import open_registry
from smartreg.reports.change import headline_changes, previous
from smartreg.reports.chart_findings import chart_finding
from smartreg.reports.figure import (
    Chart,
    Figure,
    FigureColumn,
    FigureTable,
    Kind,
    Label,
    Measure,
    code_of,
    matrix_axes,
    rank_rows,
)
from smartreg.reports.material import Period
from smartreg.reports.names import name_of
from smartreg.reports.story import story_of
from smartreg.reports.typography import joined, of_name, quote, typeset
from smartreg.reports.wording import decimals_of, format_day, format_value, month_words, quantity, with_days
from smartreg.tables.view import view
from smartreg.trees import MemoryTree
from smartreg.yamlio import dump

NARROW, FIXED = "\u202f", "\u00a0"


def both(text: Text | None) -> tuple[str, str]:
    """What a text says in English and French."""
    assert text is not None
    return text.in_("en"), text.in_("fr")


@pytest.mark.parametrize(
    "name",
    [
        *("d'Istres", "d'Aubagne", "d'Éguilles", "d'hydrologie", "d'Ylang", "d'ozone"),
        *("de Marseille", "de La Ciotat", "de hauteur d'eau", "de Yaoundé", "de onze", "de PM10"),
    ],
)
def test_de_elides_before_a_vowel_that_is_heard(name: str) -> None:
    assert of_name(name.removeprefix("d'").removeprefix("de ")) == name


def test_de_and_the_article_become_one() -> None:
    assert [of_name(name) for name in ("Le Rove", "Les Pennes-Mirabeau", "la Métropole", "")] == [
        *("du Rove", "des Pennes-Mirabeau", "de la Métropole", "de "),
    ]


def test_french_has_its_spaces_and_english_none() -> None:
    words = typeset(Localized.of(en="Why: 50 % !", fr="Pourquoi : « un ; deux » ? 50 % à 3 €"))
    assert words.in_("en") == "Why: 50 % !"
    assert words.in_("fr") == (f"Pourquoi{FIXED}: «{NARROW}un{NARROW}; deux{NARROW}»{NARROW}? 50{NARROW}% à 3{FIXED}€")
    assert both(typeset(words)) == both(words)
    assert (quote("oui", "fr"), quote("yes", "en")) == (f"«{NARROW}oui{NARROW}»", "“yes”")
    assert [joined(("a", "b", "c")[:number]).in_("fr") for number in range(4)] == ["", "a", "a et b", "a, b et c"]


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "0.0 days", "0,0 jour"),
        (1, "1.0 day", "1,0 jour"),
        (1.5, "1.5 days", "1,5 jour"),
        (1500, "1,500.0 days", "1\u202f500,0 jours"),
    ],
)
def test_each_language_counts_in_its_own_way(number: float, english: str, french: str) -> None:
    assert both(quantity(number, 1, Localized.of(en="day", fr="jour"), Localized.of(en="days", fr="jours"))) == (
        english,
        french,
    )


def test_numbers_and_days_have_the_form_of_the_language() -> None:
    for kind, value, english, french in (
        ("money", Decimal("1234.5"), "€1,234.50", f"1{NARROW}234,50{FIXED}€"),
        ("share", 0.5, "50.0%", f"50,0{NARROW}%"),
        ("share", 1, "100.0%", f"100,0{NARROW}%"),
        ("share", 7120 / 7122, "over 99.9%", f"plus de 99,9{NARROW}%"),
        ("share", 1.0001, "over 100.0%", f"plus de 100,0{NARROW}%"),
        ("share", 1 / 30_000, "under 0.1%", f"moins de 0,1{NARROW}%"),
        ("share", 0, "0.0%", f"0,0{NARROW}%"),
        ("number", 2, "2", "2"),
        ("number", 0.255, "0.26", "0,26"),
        ("date", "2024-03-01", f"1{FIXED}March{FIXED}2024", f"1er{FIXED}mars{FIXED}2024"),
        ("count", None, "—", "—"),
        ("count", -1234, "−1,234", f"−1{NARROW}234"),
    ):
        formatted = [format_value(kind, value, lang) for lang in ("en", "fr")]  # type: ignore[arg-type]
        assert formatted == [english, french]
    assert format_day("never", "fr") == "never"
    assert both(month_words("2025-01")) == (f"January{FIXED}2025", f"janvier{FIXED}2025")
    assert with_days("au 2024-08-15.", "fr") == f"au 15{FIXED}août{FIXED}2024."


def test_the_numbers_of_a_column_have_the_same_decimals() -> None:
    assert [decimals_of("number", values) for values in ((1, 2.0), (1, 0.5), (1, 0.123), (None, None))] == [0, 1, 2, 0]
    assert [decimals_of("money", (1,)), decimals_of("share", (1,)), decimals_of("days", (0.25,))] == [2, 1, 1]


def test_the_largest_comes_first_in_bars_and_on_both_axes_of_a_matrix() -> None:
    columns = (
        FigureColumn("a", verbatim("a"), "text"),
        FigureColumn("b", verbatim("b"), "text"),
        FigureColumn("n", verbatim("n")),
    )
    rows = (("x", "u", 1), ("x", "v", 2), ("y", "v", 9), ("z", "w", None))
    bars = FigureTable("t", verbatim("t"), columns, rows, Chart("bars", "a", ("n",)))
    assert [row[2] for row in rank_rows(bars)] == [9, 2, 1, None]
    assert rank_rows(FigureTable("t", verbatim("t"), columns, rows)) == rows
    downs, rights = matrix_axes(bars, Chart("matrix", "a", ("n",), across="b"))
    assert ([code_of(one) for one in downs], [code_of(one) for one in rights]) == (["y", "x", "z"], ["v", "u", "w"])


BARS, CELLS = Chart("bars", "a", ("n",)), Message("Most often, a device of {right} is on {down}: {n} of {all}.")


@pytest.mark.parametrize(
    ("chart", "kind", "rows", "english"),
    [
        (BARS, "count", (("x", 3), ("y", 9)), "Y comes first, with 9 devices."),
        (BARS, "count", (("x", 9), ("y", 9), ("z", 1)), "X and y come first, each with 9 devices."),
        (BARS, "count", tuple(("x", 2) for _ in range(5)), "All 5 are level, with 2 devices each."),
        (BARS, "count", (("z", 1), *(("x", 2) for _ in range(5))), "5 share the first place, with 2 devices each."),
        (BARS, "count", (("x", 1), ("y", 0)), "X comes first, with 1 (devices)."),
        (BARS, "number", (("x", 0.5), ("y", 2.25)), "Y comes first, with 2.25 (devices)."),
        (BARS, "money", (("x", 2), ("y", 6)), "Y comes first, with €6.00 of €8.00."),
        (BARS, "count", (("x", 0), ("y", None)), None),
        (Chart("lines", "a", ("n",)), "count", (("Q1", 2), ("Q2", 7), ("Q3", 1), ("Q4", None)),
         "Devices: highest in Q2, with 7; 1 in Q3."),
        (Chart("lines", "a", ("n",)), "count", (("Q1", 2), ("Q2", 7)), "Devices: 7 in Q2, the highest so far."),
        (Chart("lines", "a", ("n",)), "count", (("Q1", None), ("Q2", 0)), None),
    ],
)  # fmt: skip
def test_a_chart_states_what_it_shows(
    chart: Chart, kind: Kind, rows: tuple[tuple[str, float | None], ...], english: str | None
) -> None:
    columns = (
        FigureColumn("a", verbatim("a"), "text"),
        FigureColumn("n", Localized.of(en="devices", fr="équipements"), kind),
    )
    found = chart_finding(FigureTable("t", verbatim("t"), columns, rows, chart))
    assert (found.in_("en") if found else None) == english


def test_a_matrix_states_its_largest_cell_between_two() -> None:
    kinds: Mapping[str, Kind] = {"a": "text", "b": "text", "n": "count"}
    columns = tuple(FigureColumn(key, verbatim(key), kind) for key, kind in kinds.items())
    matrix = Chart("matrix", "a", ("n",), "b", CELLS)
    rows = (("x", "x", 9), ("x", "y", 4), ("y", "x", 1))
    assert both(chart_finding(FigureTable("t", verbatim("t"), columns, rows, matrix))) == (
        "Most often, a device of y is on x: 4 of 5.",
        f"Le plus souvent, le propriétaire de l'équipement est y et son réseau x{FIXED}: 4 sur 5.",
    )
    level = chart_finding(FigureTable("t", verbatim("t"), columns, (("x", "y", 4), ("y", "x", 4)), matrix))
    assert both(level) == (
        "2 pairs share the first place, with 4 each.",
        "2 couples se partagent la première place, avec 4 chacun.",
    )
    assert chart_finding(FigureTable("t", verbatim("t"), columns, (("x", "x", 4),), matrix)) is None


def test_records_have_names_and_not_ids() -> None:
    texts = dict(AT_THE_END)
    pole, sensor = "registry/supports/13047/pole.yaml", "registry/equipment/b.yaml"
    texts[pole] = {**texts[pole], "address": "12 boulevard Paul Painlevé"}
    texts["registry/supports/13047/light.yaml"] = {
        **AT_THE_END[pole], "id": "light", "type": "street_light", "local_ref": "EP-7",
    }  # fmt: skip
    texts["registry/equipment/a.yaml"] = {**texts["registry/equipment/a.yaml"], "support": "light"}
    files = {"smartreg.toml": SETTINGS.encode(), **{file: dump(data) for file, data in texts.items()}}
    seen = view(open_registry(MemoryTree(files), None, INDEXED).load_all(), "internal")

    def name(kind: str, id: str) -> Text:
        record = seen.get(RecordId(kind, id))
        assert record is not None
        return name_of(seen, record).words

    assert sensor in files
    assert both(name("equipment", "b")) == (
        "Noise level sensor, 12 boulevard Paul Painlevé, Istres",
        "Capteur de niveau sonore, 12 boulevard Paul Painlevé, Istres",
    )
    assert both(name("equipment", "a")) == ("Sensor, street light EP-7, Istres", "Capteur, candélabre EP-7, Istres")
    assert name("support", "light").in_("fr") == "Candélabre EP-7, Istres"
    assert (name("deliberation", "acte").in_("fr"), name("party", "istres").in_("fr")) == (
        "IVIS-009-13539/23/BM",
        "Ville d'Istres",
    )


def test_what_people_wrote_is_markup_that_does_nothing() -> None:
    html = markdown(
        "# Titre\n\n**Oui** <script>alert(1)</script> [a](javascript:alert(1)) [b](https://x.org) ![c](http://h/x.png)\n\n"
        "| a | b |\n|---|--:|\n| 1 | \u202e2 |\n"
    )
    assert "<h3>Titre</h3>" in html
    assert "<strong>Oui</strong> &lt;script&gt;" in html
    assert '<a href="https://x.org" rel="noopener noreferrer">b</a>' in html
    assert "<td>\\u202e2</td>" in html
    assert not [word for word in ("<script", "<img", 'href="javascript', "style=") if word in html]


SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


@pytest.mark.parametrize(
    "content",
    [
        *("", "<svg/>", "GIF89a", SVG.format("<script/>"), SVG.format('<rect onclick="x"/>'), SVG.format("<") + "x"),
        *(SVG.format('<use href="https://h/x.svg#a"/>'), SVG.format('<rect fill="url(https://h)"/>')),
        *(SVG.format("<style>@import 'x'</style>"), "<!DOCTYPE svg>" + SVG.format(""), SVG.format("x" * (1 << 18))),
    ],
)
def test_a_logo_that_does_more_than_draw_is_refused(content: str) -> None:
    with pytest.raises(UnfitPicture):
        picture(content.encode())


def test_a_logo_becomes_part_of_the_page() -> None:
    drawn = SVG.format('<defs><g id="a"/></defs><use href="#a"/><rect fill="url(#a)"/>').encode()
    assert picture(drawn).startswith("data:image/svg+xml;base64,")
    assert picture(b"\x89PNG\r\n\x1a\nrest").startswith("data:image/png;base64,")


def test_a_conclusion_has_its_headings_below_its_own() -> None:
    written = "# Retenu *ici*\n\nOui\n---\n\n```\n# code\n```\n\n1. # un\n\n##### Cinq #\n\nTexte  \n"
    assert lower_headings(written) == (
        "### Retenu *ici*\n\n#### Oui\n\n```\n# code\n```\n\n1. # un\n\n###### Cinq\n\nTexte  "
    )
    assert lower_headings("sans titre\n\n- a\n") == "sans titre\n\n- a"


@pytest.mark.parametrize(
    ("part", "english", "french"),
    [
        (0, "None of the 3 use cases has been assessed.", "Aucun des 3 cas d'usage n'a été évalué."),
        (1, "1 of the 3 use cases has been assessed.", "1 des 3 cas d'usage a été évalué."),
        (2, "2 of the 3 use cases have been assessed.", "2 des 3 cas d'usage ont été évalués."),
        (3, "All 3 use cases have been assessed.", "Les 3 cas d'usage ont tous été évalués."),
    ],
)
def test_a_part_of_the_use_cases_is_said_as_people_say_it(part: int, english: str, french: str) -> None:
    words = verbatim("")
    figures = (
        Figure(14, words, (Measure("assessed", words, "count", part),)),
        Figure(4, words, (Measure("use_cases", words, "count", 3),)),
    )
    (outcome,) = story_of(figures, Period(None, date(2025, 1, 1))).outcomes
    assert both(outcome.sentence) == (english, french)


@pytest.mark.parametrize(
    ("known", "days", "observed", "sentence"),
    [
        (138, 138, 1, None),  # every device, for one day
        (20, 9000, 365, None),  # a year of history that shows next to nothing
        (40, 9000, 40, "According to the registry, the devices were working on 50.0% of the days on which their state "
         "is known (40 of 9,000 days in place, over 40 days of history)."),
        (9000, 9000, 1200, "According to the registry, the devices were working on 50.0% of the days on which their "
         "state is known (9,000 of 9,000 days in place, over 1,200 days of history)."),
    ],
)  # fmt: skip
def test_availability_says_of_how_many_days_it_is(known: int, days: int, observed: int, sentence: str | None) -> None:
    words = verbatim("")
    measures = (
        Measure("active", words, "share", 0.5, parts=(known / 2, known)),
        Measure("known", words, "share", known / days, parts=(known, days)),
        Measure("observed", words, "days", observed),
    )
    found = story_of((Figure(9, words, measures),), Period(None, date(2025, 1, 1))).outcomes
    assert [one.sentence.in_("en") for one in found] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("start", "until", "before", "since"),
    [
        (None, "2026-11-30", (None, "2025-11-30"), "since 30 November 2025"),
        ("2022-01-01", "2025-12-31", ("2022-01-01", "2024-12-31"), "since 31 December 2024"),
        ("2025-01-01", "2025-12-31", ("2024-01-01", "2024-12-31"), "compared with 2024"),
        ("2026-04-01", "2026-06-30", ("2026-01-01", "2026-03-31"), "compared with 1 January 2026 to 31 March 2026"),
        ("2026-03-10", "2026-03-19", ("2026-02-28", "2026-03-09"), "compared with 28 February 2026 to 9 March 2026"),
        (
            "2024-02-29",
            "2025-02-28",
            ("2023-02-28", "2024-02-28"),
            "compared with 28 February 2023 to 28 February 2024",
        ),
    ],
)
def test_a_period_is_compared_with_the_one_before_or_with_a_year_ago(
    start: str | None, until: str, before: tuple[str | None, str], since: str
) -> None:
    def period(first: str | None, last: str) -> Period:
        return Period(date.fromisoformat(first) if first else None, date.fromisoformat(last))

    def figure(value: float | None) -> Figure:
        return Figure(12, words, (Measure("total", words, "money", value),))

    words, now = verbatim(""), period(start, until)
    assert previous(now) == period(*before)
    changes = headline_changes([figure(5)], [figure(7.5)], now, previous(now))
    assert changes["B12"].in_("en").replace(FIXED, " ") == f"−€2.50 {since}"
    assert headline_changes([figure(5)], [figure(None)], now, previous(now)) == {}
    assert headline_changes([figure(5)], [figure(5)], now, previous(now))["B12"].in_("en").startswith("no change ")


@pytest.mark.parametrize(
    ("key", "kind", "then", "now", "english", "french"),
    [
        ("installed", "count", 2, 14, "+12 since", "+12 depuis"),
        ("installed", "count", 1500, 0, "−1,500 since", f"−1{NARROW}500 depuis"),
        ("active", "share", 0.5, 0.532, "+3.2 points since", "+3,2 points depuis"),
        ("active", "share", 0.5, 0.51, "+1.0 point since", "+1,0 point depuis"),
        ("active", "share", 0.5, 0.5001, "no change since", "sans changement depuis"),
    ],
)
def test_a_change_has_its_sign_and_its_unit(
    key: str, kind: Kind, then: float, now: float, english: str, french: str
) -> None:
    number = {"installed": 7, "active": 9}[key]
    words, period = verbatim(""), Period(None, date(2026, 1, 1))
    new, old = ([Figure(number, words, (Measure(key, words, kind, value),))] for value in (now, then))
    change = headline_changes(new, old, period, previous(period))[f"B{number}"]
    assert change.in_("en").startswith(english)
    assert change.in_("fr").startswith(french)


ON = "posé sur un support (candélabre, mât, bâtiment…)"


@pytest.mark.parametrize(
    ("figure", "key", "part", "whole", "english", "french"),
    [
        ("B2", "on_others", 0, 1, "The only device on a support (street light, mast, building…) is on its owner's.",
         f"L'unique équipement {ON} est sur le support de son propriétaire."),
        ("B2", "on_others", 1, 1, "The only device on a support (street light, mast, building…) is on another party's.",
         f"L'unique équipement {ON} est sur le support d'une autre partie."),
        ("B2", "on_others", 0, 3,
         "Of the 3 devices on supports (street lights, masts, buildings…), none is on another party's.",
         f"Aucun des 3 équipements {ON.replace('posé', 'posés')} n'est sur le support d'une autre partie."),
        ("B2", "on_others", 2, 2,
         "Both devices on supports (street lights, masts, buildings…) are on another party's.",
         f"Les 2 équipements {ON.replace('posé', 'posés')} sont sur le support d'une autre partie."),
        ("B6", "public", 0, 1, "The only data flow in service is not open to the public.",
         "L'unique flux de données en service n'est pas ouvert au public."),
        ("B6", "public", 0, 2, "None of the 2 data flows in service is open to the public.",
         "Aucun des 2 flux de données en service n'est ouvert au public."),
        ("B6", "public", 2, 2, "Both data flows in service are open to the public.",
         "Les 2 flux de données en service sont tous ouverts au public."),
    ],
)  # fmt: skip
def test_none_one_and_all_are_said_as_people_say_them(
    figure: str, key: str, part: int, whole: int, english: str, french: str
) -> None:
    words = verbatim("")
    found = Figure(int(figure[1:]), words, (Measure(key, words, "share", part / whole, parts=(part, whole)),))
    (outcome,) = story_of((found,), Period(None, date(2025, 1, 1))).outcomes
    assert (outcome.sentence.in_("en"), outcome.sentence.in_("fr")) == (english, french)


def test_a_territory_of_one_commune_is_said_as_people_say_it() -> None:
    words = verbatim("")
    measures = (
        Measure("equipped", words, "share", 0.0, parts=(0, 1)),
        Measure("under_convention", words, "share", 0.0, parts=(0, 1)),
    )
    (outcome,) = story_of((Figure(3, words, measures),), Period(None, date(2025, 1, 1))).outcomes
    assert both(outcome.sentence) == (
        "The only commune of the territory has no device, and none has a convention in force.",
        f"L'unique commune du territoire n'a pas d'équipement{NARROW}; aucune n'a de convention en vigueur.",
    )


def test_the_decision_counts_the_use_cases_it_named_first() -> None:
    columns = tuple(
        FigureColumn(key, verbatim(""), "label") for key in ("use_case", "date", "rating", "recommendation", "summary")
    )
    asked = ("scale", "scale", "adapt", "stop")
    cases = [Label(f"c{number}", verbatim(f"c{number}")) for number in range(4)]
    rows = tuple(
        (case, "2025-01-01", None, Label(word, verbatim("")), None) for case, word in zip(cases, asked, strict=True)
    )
    used = tuple(FigureColumn(key, verbatim("")) for key in ("use_case", "equipment", "communes"))
    words = verbatim("")
    story = story_of(
        (
            Figure(14, words, tables=(FigureTable("assessments", words, columns, rows),)),
            Figure(4, words, tables=(FigureTable("use_cases", words, used, tuple((case, 0, 0) for case in cases)),)),
        ),
        Period(None, date(2025, 1, 1)),
    )
    assert both(story.proposed) == (
        "The assessments propose scaling up 2 use cases, adapting 1 and stopping 1.",
        "Les évaluations proposent d'étendre 2 cas d'usage, d'en adapter 1 et d'en arrêter 1.",
    )
    assert story.period.in_("fr") == f"Depuis l'origine, jusqu'au 1er{FIXED}janvier{FIXED}2025"
