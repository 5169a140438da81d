"""What the figures come to: four to six outcomes in whole sentences.

Every number is taken from a figure; a sentence whose figure cannot be computed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from smartreg.core.values import LANGUAGES, Language, Words
from smartreg.reports.figure import Figure, FigureTable, Kind, Label, Measure, Value
from smartreg.reports.wording import FIRST_PLURAL, count_noun, format_number, format_value, typeset

MOST_OUTCOMES = 6
MONTH = 30  # days of history, and days in place: a share of fewer says nothing of availability
TERMS = Words(
    "A device is a sensor, meter, camera, display or network antenna. A support carries it: a street light, mast or "
    "building. A use case is what it serves, such as measuring noise. A convention is an agreement between the "
    "Métropole and a commune or another body.",
    "Un équipement est un capteur, un compteur, une caméra, un afficheur ou l'antenne d'un réseau. Un support le porte "
    ": candélabre, mât, bâtiment. Un cas d'usage est ce à quoi il sert, comme mesurer le bruit. Une convention est un "
    "accord entre la Métropole et une commune ou un autre organisme.",
)


@dataclass(frozen=True, slots=True)
class StoryOutcome:
    """A sentence, and the code of the figure that it is computed from (`B2`)."""

    figure: str
    sentence: Words


class Facts:
    """Measures and rows of the figures, by code and key."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._measures = {(one.code, measure.key): measure for one in figures for measure in one.measures}
        self._tables = {(one.code, table.name): table for one in figures for table in one.tables}

    def measure(self, code: str, key: str) -> Measure | None:
        """A measure that has a value."""
        found = self._measures.get((code, key))
        return found if found is not None and found.value is not None else None

    def amount(self, code: str, key: str) -> float:
        """The number of a measure; 0 where it has none."""
        found = self.measure(code, key)
        return float(found.value) if found and not isinstance(found.value, (str, Label)) else 0  # type: ignore[arg-type]

    def text(self, code: str, key: str) -> Words:
        """The value of a measure, in words."""
        found = self._measures[code, key]
        return value_words(found.kind, found.value)

    def rows(self, code: str, name: str) -> Sequence[Mapping[str, Value]]:
        """The rows of a table by the keys of its columns; none where there is no such table."""
        table: FigureTable | None = self._tables.get((code, name))
        if table is None:
            return ()
        return [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]


def outcomes_of(facts: Facts) -> tuple[StoryOutcome, ...]:
    """The sentences that can be said: those that ask for an act first, then the most telling ones."""
    pressing = [(code, tell) for code, tell, presses in _PRESSING if presses(facts)]
    usual = [one for one in _OUTCOMES if one not in pressing]
    found = [StoryOutcome(code, typeset(words)) for code, tell in (*pressing, *usual) if (words := tell(facts))]
    return tuple(found[:MOST_OUTCOMES])


def value_words(kind: Kind, value: Value) -> Words:
    """A value as people read it, in both languages."""
    en, fr = (format_value(kind, value, lang) for lang in LANGUAGES)
    return Words(en, fr)


def _number(value: float, lang: Language) -> str:
    return format_number(value, 0, lang)


def _part_of(part: float, whole: float, one: Words, many: Words) -> Words:
    """`3 of the 4 devices`, `none of the 4 devices`, `all 4 devices`, `the only device`."""
    (en, fr), (some_en, some_fr) = ([_number(value, lang) for lang in LANGUAGES] for value in (whole, part))
    if whole == 1:
        return Words(f"The only {one.en}", f"L'unique {one.fr}")
    if part == whole:
        return Words(f"Both {many.en}" if whole == 2 else f"All {en} {many.en}", f"Les {fr} {many.fr}")
    if not part:
        return Words(f"None of the {en} {many.en}", f"Aucun des {fr} {many.fr}")
    return Words(f"{some_en} of the {en} {many.en}", f"{some_fr} des {fr} {many.fr}")


def _hosting(facts: Facts) -> Words | None:
    found = facts.measure("B2", "on_others")
    if found is None or found.parts is None:
        return None
    (part, whole), share = found.parts, facts.text("B2", "on_others")
    en, fr = (_number(whole, lang) for lang in LANGUAGES)
    if whole == 1:
        other = Words("another party's", "un autre que son propriétaire") if part else Words(
            "its owner's", "son propriétaire"
        )  # fmt: skip
        return Words(
            f"The only device on a support (street light, mast, building…) is on {other.en}.",
            f"L'unique équipement posé sur un support (candélabre, mât, bâtiment…) l'est chez {other.fr}.",
        )
    every = Words("both", "les deux") if whole == 2 else Words("all", "tous")
    some = Words(f"{_number(part, 'en')} ({share.en})", f"{_number(part, 'fr')} ({share.fr})")
    some = every if part == whole else some if part else Words("none", "aucun ne")
    be = Words("are", "le sont chez un autre que leur") if part > 1 else Words("is", "l'est chez un autre que son")
    return Words(
        f"Of the {en} devices on supports (street lights, masts, buildings…), {some.en} {be.en} on another party's.",
        f"Des {fr} équipements posés sur un support (candélabre, mât, bâtiment…), {some.fr} {be.fr} propriétaire.",
    )


def _communes(facts: Facts) -> Words | None:
    found, bound = facts.measure("B3", "equipped"), facts.measure("B3", "under_convention")
    if found is None or bound is None or found.parts is None or bound.parts is None:
        return None
    (part, whole), signed = found.parts, bound.parts[0]
    one, many = Words("commune of the territory", "commune du territoire"), Words(
        "communes of the territory", "communes du territoire"
    )  # fmt: skip
    who = _part_of(part, whole, one, many) if part else Words(
        f"None of the {_number(whole, 'en')} {many.en}", f"Aucune des {_number(whole, 'fr')} {many.fr}"
    )  # fmt: skip
    equipped = Words("have devices", "ont des équipements") if part > 1 else (
        Words("has devices", "a des équipements") if part else Words("has a device", "n'a d'équipement")
    )  # fmt: skip
    en, fr = (_number(signed, lang) for lang in LANGUAGES)
    convention = Words(f"{en} {'have' if signed > 1 else 'has'} a convention in force",
                       f"{fr} {'ont' if signed > 1 else 'a'} une convention en vigueur")  # fmt: skip
    if not signed:
        convention = Words("none has a convention in force", "aucune n'a de convention en vigueur")
    return Words(f"{who.en} {equipped.en}, and {convention.en}.", f"{who.fr} {equipped.fr} ; {convention.fr}.")


def _costs(facts: Facts) -> Words | None:
    if facts.measure("B12", "total") is None:
        return None
    total, known = facts.text("B12", "total"), facts.measure("B12", "with_cost")
    budget = Words("", "")
    if facts.measure("B12", "spent") is not None:
        spent, whole = facts.text("B12", "spent"), facts.text("B12", "budget")
        budget = Words(f", {spent.en} of the budget of {whole.en}", f", soit {spent.fr} du budget de {whole.fr}")
    unknown = known.parts[1] - known.parts[0] if known and known.parts else 0
    devices = count_noun(unknown, Words("device has", "équipement n'est"), Words("devices have", "équipements n'est"))
    rest = Words(f"; {devices.en} no recorded cost", f" ; le coût de {devices.fr} pas connu")
    rest = rest if unknown else Words("", "")
    return Words(
        f"The recorded costs of the devices come to {total.en} including tax{budget.en}{rest.en}.",
        f"Les coûts inscrits des équipements s'élèvent à {total.fr} TTC{budget.fr}{rest.fr}.",
    )


def _incidents(facts: Facts) -> Words | None:
    if facts.measure("B8", "incidents") is None or facts.measure("B8", "rate") is None:
        return None
    number, rate = facts.amount("B8", "incidents"), facts.text("B8", "rate")
    if not number:
        return Words("No incident (fault or vandalism) was reported in the period.",
                     "Aucun incident (panne ou vandalisme) n'a été signalé sur la période.")  # fmt: skip
    what = count_noun(
        number,
        Words("incident (fault or vandalism) was", "incident (panne ou vandalisme) a été signalé"),
        Words("incidents (faults and vandalism) were", "incidents (pannes et vandalisme) ont été signalés"),
    )
    mean = Words("", "")
    if facts.measure("B8", "repair_days") is not None:
        days, length = facts.amount("B8", "repair_days"), facts.text("B8", "repair_days")
        mean = Words(
            f"; a repair took {length.en} day{'' if days == 1 else 's'} on average",
            f" ; une réparation a pris {length.fr} jour{'' if days < FIRST_PLURAL else 's'} en moyenne",
        )
    return Words(
        f"{what.en} reported in the period: {rate.en} a month per 100 devices in place{mean.en}.",
        f"{what.fr} sur la période, soit {rate.fr} par mois pour 100 équipements en place{mean.fr}.",
    )


def _availability(facts: Facts) -> Words | None:
    known, days = facts.measure("B9", "known"), facts.amount("B9", "observed")
    if known is None or known.parts is None or min(days, known.parts[0]) < MONTH:
        return None
    share = facts.text("B9", "active")
    (part, part_fr), (whole, whole_fr) = ([_number(value, lang) for lang in LANGUAGES] for value in known.parts)
    return Words(
        f"According to the registry, the devices were working on {share.en} of the days on which their state is known "
        f"({part} of {whole} days in place, over {_number(days, 'en')} days of history).",
        f"D'après le registre, les équipements ont fonctionné {share.fr} des jours où leur état est connu ({part_fr} "
        f"des {whole_fr} jours en place, sur {_number(days, 'fr')} jours d'historique).",
    )


def _assessments(facts: Facts) -> Words | None:
    if facts.measure("B14", "assessed") is None or facts.measure("B4", "use_cases") is None:
        return None
    number, whole = facts.amount("B14", "assessed"), facts.amount("B4", "use_cases")
    end = Words("", "")
    if facts.measure("B14", "rating") is not None:
        rating, one = facts.text("B14", "rating"), number == 1
        end = Words(
            f" and rated {rating.en} out of 5{'' if one else ' on average'}",
            f" et noté{'' if one else 's'} {rating.fr} sur 5{'' if one else ' en moyenne'}",
        )
    who = _part_of(number, whole, Words("use case", "cas d'usage"), Words("use cases", "cas d'usage"))
    every = "tous " if number == whole > 1 else ""
    verb = f"ont {every}été évalués" if number > 1 else "a été évalué" if number else "n'a été évalué"
    return Words(f"{who.en} {'have' if number > 1 else 'has'} been assessed{end.en}.", f"{who.fr} {verb}{end.fr}.")


def _conventions(facts: Facts) -> Words | None:
    if facts.measure("B10", "in_force") is None:
        return None
    number, ending = facts.amount("B10", "in_force"), facts.amount("B10", "ending_180")
    if not number:
        return Words("No convention is in force.", "Aucune convention n'est en vigueur.")
    what = count_noun(number, Words("convention is", "convention est"), Words("conventions are", "conventions sont"))
    end = count_noun(ending, Words("ends", "arrive à terme"), Words("end", "arrivent à terme"))
    end = end if ending else Words("none ends", "aucune n'arrive à terme")
    return Words(
        f"{what.en} in force; {end.en} within 180 days.", f"{what.fr} en vigueur ; {end.fr} dans les 180 jours."
    )


def _ends_soon(facts: Facts) -> bool:
    """Whether a convention ends soon, or none is in force."""
    found = facts.measure("B10", "in_force")
    return found is not None and (not found.value or facts.amount("B10", "ending_180") > 0)


def _without_convention(facts: Facts) -> Words | None:
    number = facts.amount("B11", "without_convention")
    if not number:
        return None
    what = count_noun(
        number,
        Words("device has", "équipement n'a"),
        Words("devices have", "équipements n'ont"),
    )
    return Words(
        f"{what.en} no convention that covers the installation on another party's support.",
        f"{what.fr} pas de convention qui couvre la pose sur le support d'une autre partie.",
    )


def _flows(facts: Facts) -> Words | None:
    found = facts.measure("B6", "public")
    if found is None or found.parts is None:
        return None
    part, whole = found.parts
    who = _part_of(part, whole, Words("data flow in service", "flux de données en service"),
                   Words("data flows in service", "flux de données en service"))  # fmt: skip
    every = "tous " if part == whole > 1 else ""
    if not part:
        no = Words("is not", "n'est pas") if whole == 1 else Words("is", "n'est")
        return Words(f"{who.en} {no.en} open to the public.", f"{who.fr} {no.fr} ouvert au public.")
    verb = f"sont {every}ouverts" if part > 1 else "est ouvert"
    return Words(f"{who.en} {'are' if part > 1 else 'is'} open to the public.", f"{who.fr} {verb} au public.")


def _installations(facts: Facts) -> Words | None:
    if facts.measure("B7", "installed") is None:
        return None
    number = facts.amount("B7", "installed")
    one, many = Words("device was", "équipement a été installé"), Words("devices were", "équipements ont été installés")
    what = count_noun(number, one, many) if number else Words("No device was", "Aucun équipement n'a été installé")
    return Words(f"{what.en} installed in the period.", f"{what.fr} sur la période.")


_PRESSING: Sequence[tuple[str, Callable[[Facts], Words | None], Callable[[Facts], bool]]] = (
    ("B11", _without_convention, lambda facts: True),
    ("B10", _conventions, _ends_soon),
)
_OUTCOMES: Sequence[tuple[str, Callable[[Facts], Words | None]]] = (
    *(("B2", _hosting), ("B3", _communes), ("B12", _costs), ("B9", _availability), ("B8", _incidents)),
    *(("B14", _assessments), ("B10", _conventions), ("B7", _installations), ("B6", _flows)),
)
