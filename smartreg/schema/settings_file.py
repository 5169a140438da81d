"""Read `smartreg.toml` into settings; UsageFault names the wrong key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from unicodedata import normalize

from smartreg.core.errors import UsageFault
from smartreg.core.escape import forbidden_character
from smartreg.core.findings import SEVERITIES
from smartreg.core.spelling import did_you_mean
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import Location, Mark, Words
from smartreg.schema.settings import (
    FILE,
    NEW_IDS,
    Audit,
    Config,
    KeySettings,
    OwnershipSettings,
    Programme,
    Report,
    Territory,
    Thresholds,
    Waiver,
)
from smartreg.schema.source import check_markers

_TOP = {
    "name",
    "metropole",
    "timezone",
    "new_ids",
    "plugins",
    "territory",
    "programme",
    "report",
    "third_party_categories",
    "public_attributes",
    "thresholds",
    "severity",
    "select",
    "ignore",
    "deliberation_numbers",
    "ownership",
    "waiver",
    "audit",
    "keys",
    "folders",
}


def read_config(text: bytes | None) -> Config:
    """Read `smartreg.toml`; the defaults if it is absent. UsageFault names the wrong key."""
    if text is None:
        return Config()
    raw = _tables(text)
    _refuse_acting("", raw)
    _check_names("", raw, _TOP)
    return Config(
        name=_get(raw, "name", str, ""),
        metropole=_get(raw, "metropole", str, None),
        timezone=_get(raw, "timezone", str, "Europe/Paris"),
        new_ids=_new_ids(raw),
        plugins=_texts(raw, "plugins"),
        territory=_territory(_get(raw, "territory", dict, {})),
        programme=_programme(_get(raw, "programme", dict, {})),
        report=_report(_get(raw, "report", dict, {})),
        public_attributes=_texts(raw, "public_attributes"),
        third_party_categories=_texts(raw, "third_party_categories") or Config().third_party_categories,
        thresholds=_thresholds(_get(raw, "thresholds", dict, {})),
        severity=_severities(_get(raw, "severity", dict, {})),
        select=_texts(raw, "select"),
        ignore=_texts(raw, "ignore"),
        deliberation_numbers=_patterns(_get(raw, "deliberation_numbers", dict, {})),
        ownership=_ownership(_get(raw, "ownership", dict, {})),
        waivers=_waivers(_get(raw, "waiver", list, []), text.decode("utf-8")),
        audit=_audit(_get(raw, "audit", dict, {})),
        keys=_keys(_get(raw, "keys", dict, {})),
        folders=_folders(_get(raw, "folders", dict, {})),
        digest=hashlib.sha256(text).hexdigest(),
    )


def folders_in(text: bytes | None) -> Mapping[str, str]:
    """The folders outside `registry/` that settings name, by kind; none if they cannot be used."""
    try:
        return read_config(text).folders
    except UsageFault:
        return {}


_NAMED = {"programme.start": "programme.from", "keys.start": "keys.from", "waivers": "waiver"}
_LEFT_OUT = ("digest", "ownership.chosen")


class Setting(NamedTuple):
    """One setting in force, as the file names it, and whether the file gives it (else it is the default)."""

    name: str
    value: Any
    given: bool


def effective(text: bytes | None) -> Iterator[Setting]:
    """Every setting in force, in the order of the defaults. Raises UsageFault like `read_config`."""
    config = read_config(text)
    raw = _tables(text or b"")
    for name, value in _flat("", config):
        table, _, key = (shown := _NAMED.get(name, name)).rpartition(".")
        yield Setting(shown, value, key in (raw.get(table, {}) if table else raw))


def _tables(text: bytes) -> dict[str, Any]:
    try:
        return read_toml(text)
    except Unreadable as fault:
        conflict = check_markers(FILE, text)
        if conflict is not None:
            raise conflict from None
        raise UsageFault(fault.in_file(FILE), where=Location(FILE, mark=fault.mark)) from None


def _flat(prefix: str, values: Any) -> Iterator[tuple[str, Any]]:
    for item in fields(values):
        name, value = f"{prefix}{item.name}", getattr(values, item.name)
        if is_dataclass(value):
            yield from _flat(f"{name}.", value)
        elif name not in _LEFT_OUT:
            yield name, value


def _fault(key: str, en: str, fr: str, hint: Words | None = None, where: Location | None = None) -> UsageFault:
    place = f"{FILE}: {key}: " if key else f"{FILE}: "
    return UsageFault(Words(place + en, place + fr), hint, where or Location(FILE, tuple(key.split("."))))


def _refuse_acting(key: str, value: Any) -> None:
    """Refuse invisible and control characters, as in records: settings appear in reports, seals and messages."""
    if isinstance(value, dict):
        for name, item in value.items():
            _refuse_acting(key, name)
            _refuse_acting(f"{key}.{name}" if key else name, item)
    elif isinstance(value, list):
        for item in value:
            _refuse_acting(key, item)
    elif isinstance(value, str) and (name := forbidden_character(value)):
        raise _fault(
            key,
            f"the character {name} is invisible or acts on what is displayed",
            f"le caractère {name} est invisible ou agit sur l'affichage",
        )


def _check_names(table: str, raw: Mapping[str, Any], names: set[str]) -> None:
    for key in raw:
        if key not in names:
            raise _fault(f"{table}{key}", "unknown setting", "réglage inconnu", did_you_mean(key, names))


def _get(raw: Mapping[str, Any], key: str, wanted: type | tuple[type, ...], default: Any) -> Any:
    value = raw.get(key, default)
    if value is not default and (not isinstance(value, wanted) or isinstance(value, bool | datetime)):
        names = wanted.__name__ if isinstance(wanted, type) else " / ".join(item.__name__ for item in wanted)
        raise _fault(key, f"must be of type {names}", f"doit être de type {names}")
    return value


def _texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = _get(raw, key, list, [])
    if not all(isinstance(item, str) for item in value):
        raise _fault(key, "must be a list of texts", "doit être une liste de textes")
    return tuple(value)


def _new_ids(raw: Mapping[str, Any]) -> str:
    value: str = _get(raw, "new_ids", str, Config().new_ids)
    if value not in NEW_IDS:
        listed = ", ".join(NEW_IDS)
        raise _fault("new_ids", f"must be one of {listed}", f"valeurs admises : {listed}", did_you_mean(value, NEW_IDS))
    return value


def _territory(raw: Mapping[str, Any]) -> Territory:
    _check_names("territory.", raw, {"epci_siren", "communes", "boundaries"})
    return Territory(_get(raw, "epci_siren", str, None), _texts(raw, "communes"), _get(raw, "boundaries", str, None))


def _ownership(raw: Mapping[str, Any]) -> OwnershipSettings:
    _check_names("ownership.", raw, {"fields", "keepers"})
    fields = _texts(raw, "fields")
    return OwnershipSettings(fields or OwnershipSettings().fields, _texts(raw, "keepers"), bool(fields))


def _programme(raw: Mapping[str, Any]) -> Programme:
    _check_names("programme.", raw, {"id", "from", "until", "budget_initial_eur_ttc", "budget_total_eur_ttc"})
    return Programme(
        _get(raw, "id", str, ""),
        _get(raw, "from", date, None),
        _get(raw, "until", date, None),
        _amount(raw, "budget_initial_eur_ttc", "programme.budget_initial_eur_ttc"),
        _amount(raw, "budget_total_eur_ttc", "programme.budget_total_eur_ttc"),
    )


def _report(raw: Mapping[str, Any]) -> Report:
    _check_names("report.", raw, {one.name for one in fields(Report)})
    return Report(_get(raw, "title", str, ""), _get(raw, "logo", str, None))


def _audit(raw: Mapping[str, Any]) -> Audit:
    _check_names("audit.", raw, {one.name for one in fields(Audit)})
    tolerance = {key: _amount(raw, key, f"audit.{key}") for key in raw if key == "clock_tolerance"}
    return Audit(_get(raw, "signed_from", date, None), **tolerance)


_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]+)?|http://localhost(?::[0-9]+)?")
_REQUIREMENTS = ("touch", "verification")


def _keys(raw: Mapping[str, Any]) -> KeySettings:
    _check_names("keys.", raw, {"origins", "require", "from"})
    origins, require = _texts(raw, "origins"), _texts(raw, "require")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise _fault("keys.origins", f"{origin} is not an origin", f"{origin} n'est pas une origine", _ORIGIN_HINT)
    for word in require:
        if word not in _REQUIREMENTS:
            listed = ", ".join(_REQUIREMENTS)
            raise _fault("keys.require", f"must be one of {listed}", f"valeurs admises : {listed}")
    return KeySettings(origins, require or KeySettings().require, _get(raw, "from", date, None))


_ORIGIN_HINT = Words(
    "write it as browsers do: https://desk.example.org, in lower case, without a path",
    "écrivez-la comme les navigateurs : https://desk.example.org, en minuscules, sans chemin",
)


def _thresholds(raw: Mapping[str, Any]) -> Thresholds:
    _check_names("thresholds.", raw, {one.name for one in fields(Thresholds)})
    return Thresholds(**{key: _amount(raw, key, f"thresholds.{key}") for key in raw})


_LARGEST = 10**12


def _amount(raw: Mapping[str, Any], key: str, place: str) -> Any:
    """A number from 0 up that can be compared: TOML also has nan and inf."""
    value = _get(raw, key, (int, float), None)
    if value is not None and not 0 <= value <= _LARGEST:  # neither is nan
        raise _fault(place, "must be a number from 0 to 10^12", "doit être un nombre de 0 à 10^12")
    return value


def _patterns(raw: Mapping[str, Any]) -> Mapping[str, str]:
    for body, pattern in raw.items():
        if not isinstance(pattern, str):
            raise _fault(f"deliberation_numbers.{body}", "must be a text", "doit être un texte")
    return raw


def _severities(raw: Mapping[str, Any]) -> Mapping[str, str]:
    for code, word in raw.items():
        if word not in (*SEVERITIES, "off"):
            listed = ", ".join((*SEVERITIES, "off"))
            raise _fault(f"severity.{code}", f"must be one of {listed}", f"valeurs admises : {listed}")
    return raw


_FOLDER = re.compile(r"(?!\.)[\w.-]+(?: [\w.-]+)*(?<!\.)(?:/(?!\.)[\w.-]+(?: [\w.-]+)*(?<!\.))*")
_TAKEN = ("registry", "schemas", FILE)
_FOLDER_HINT = Words(
    'name a folder below smartreg.toml, such as "devices" or "data/devices", neither hidden nor of another kind',
    "citez un dossier sous smartreg.toml, par exemple « devices » ou « data/devices », ni caché ni d'un autre type",
)


def _folders(raw: Mapping[str, Any]) -> Mapping[str, str]:
    """Records must not be in a folder that Git, CI services or smartreg read themselves, in any spelling that some
    system treats as equal; `..` and hidden names are refused with `.git` and `.github`."""
    seen: dict[str, str] = {}
    for kind, folder in raw.items():
        place = f"folders.{kind}"
        if not isinstance(folder, str) or not _FOLDER.fullmatch(folder) or len(folder) > 100:
            raise _fault(place, "records cannot be there", "aucune fiche ne peut s'y trouver", _FOLDER_HINT)
        folded = normalize("NFKC", folder).casefold()
        if normalize("NFC", folder) != folder or folded.partition("/")[0] in _TAKEN:
            raise _fault(place, f"{folder} is no folder for it", f"{folder} ne convient pas", _FOLDER_HINT)
        for other, where in seen.items():
            if f"{folded}/".startswith(f"{where}/") or f"{where}/".startswith(f"{folded}/"):
                raise _fault(place, f"the folder is that of {other}", f"c'est le dossier de {other}", _FOLDER_HINT)
        seen[kind] = folded
    return raw


_WAIVED = ("code", "record", "until", "reason", "decided_by")


def _waivers(items: list[Any], text: str) -> tuple[Waiver, ...]:
    heads = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(r"^[ \t]*\[\[ *waiver *\]\]", text, re.M)]
    lines = heads if len(heads) == len(items) else [0] * len(items)
    return tuple(_waiver(item, line) for item, line in zip(items, lines, strict=True))


def _waiver(raw: Any, line: int) -> Waiver:
    place = f"{FILE}:{line}: waiver" if line else f"{FILE}: waiver"
    where = Location(FILE, mark=Mark(line or 1, 1))
    if not isinstance(raw, dict):
        raise UsageFault(Words(f"{place} must be a table", f"{place} doit être une table"), _WAIVER_EXAMPLE, where)
    for key in raw:
        if key not in _WAIVED:
            raise UsageFault(
                Words(f'{place}: unknown setting "{key}"', f"{place} : réglage inconnu « {key} »"),
                did_you_mean(key, _WAIVED, _WAIVER_EXAMPLE),
                where,
            )
    for key in _WAIVED:
        value = raw.get(key)
        if value is None or value == "":
            raise UsageFault(Words(f"{place}: {key} is missing", f"{place} : {key} manque"), _WAIVER_EXAMPLE, where)
        wanted = date if key == "until" else str
        if not isinstance(value, wanted) or isinstance(value, datetime):
            en, fr = ("a date", "une date") if key == "until" else ("a text", "un texte")
            raise UsageFault(
                Words(f"{place}: {key} must be {en}", f"{place} : {key} doit être {fr}"),
                Words("write until = 2026-12-31, without quotes", "écrivez until = 2026-12-31, sans guillemets")
                if key == "until"
                else None,
                where,
            )
    return Waiver(**raw, line=line)


_WAIVER_EXAMPLE = Words(
    "a [[waiver]] has code, record, until (a date), reason and decided_by",
    "un [[waiver]] a code, record, until (une date), reason et decided_by",
)
