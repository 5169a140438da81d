"""Countries: what a registry takes from the one in which it is kept.

One file a country, `DE.toml`, and `EU.toml` for every other member state of the European Union. The schemas of the
package are French as they stand. Elsewhere `init --country` writes the same schemas with the codes of the country:
`official_code` in place of the INSEE code, `register_code` in place of SIREN and SIRET, and `nuts_code` of Eurostat
beside them; without the columns of French standards, and without what only French law asks for.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import closest, strip_accents, suggestion
from smartreg.core.values import Json

__all__ = [
    "CODE_FIELDS",
    "FRANCE",
    "LANGUAGES",
    "Country",
    "Scheme",
    "Words",
    "called_elsewhere",
    "country_named",
    "schemas_for",
]

FRANCE = "FR"
_LANGUAGES = """
bg=BUL cs=CES da=DAN de=DEU el=ELL en=ENG es=SPA et=EST fi=FIN
fr=FRA ga=GLE hr=HRV hu=HUN it=ITA lt=LIT lv=LAV mt=MLT nl=NLD pl=POL
pt=POR ro=RON sk=SLK sl=SLV sv=SWE ca=CAT eu=EUS gl=GLG lb=LTZ
"""
LANGUAGES = dict(pair.split("=") for pair in _LANGUAGES.split())
"""Languages in which registries may be kept: ISO 639-1 → the authority table of the Union."""
Words: TypeAlias = Mapping[str, tuple[str, ...]]
"""Headings of columns in the language of a country, by the field that they fill, or by what they hold."""
CODE_FIELDS = ("insee_code", "official_code")
"""What records call the code of a municipality: in France, and elsewhere."""
_SAME = (("insee_code", "official_code"), ("siren", "register_code"), ("siret", "register_code"))
_OTHERS = "EU"
_FOLDER = Path(__file__).parent


class Scheme(NamedTuple):
    """Codes of one register: how it and its field are called, the form of a code, two examples, the headings of columns
    that hold them, the module of python-stdnum that knows the check digit, and what lists leave out at the front."""

    scheme: str
    title: str
    description: str
    pattern: str
    example: str
    other: str = ""
    headings: tuple[str, ...] = ()
    check: str = ""
    prefix: str = ""

    def has_form(self, code: str) -> bool:
        """Whether a code is written as those of the register."""
        return re.fullmatch(self.pattern.strip("^$"), code) is not None

    def is_sound(self, code: str) -> bool:
        """Whether the check digits of a code are right; True where none are known."""
        if not self.check:
            return True
        validate: Callable[[str], bool] = import_module(f"stdnum.{self.check}").is_valid
        return validate(code)


class Country(NamedTuple):
    """A country: its code (ISO 3166-1), its name in English, the language of what its registries say (ISO 639-1), time
    zone, licences of open data, and the codes of municipalities, bodies and regions; of France, these are in the
    schemas.

    `own_name`: in its own language; `projection`: the reference system of most of its maps; `bounds`: west, south, east
    and north of its land, in degrees (none: not known); `place`: a latitude and a longitude, for examples;
    `publisher`: who publishes the list of its municipalities, and where; `name_suffix`: the pattern of what that list
    puts behind a name; `words`: headings of columns in its language, by what they hold."""

    code: str
    name: str
    language: str
    timezone: str
    open_licence: str
    words: Words
    licences: tuple[str, ...] = ()
    official_code: Scheme | None = None
    register_code: Scheme | None = None
    nuts_code: str = ""
    own_name: str = ""
    projection: str = ""
    bounds: tuple[float, ...] = ()
    place: str = ""
    publisher: str = ""
    name_suffix: str = ""

    @property
    def french(self) -> bool:
        return self.code == FRANCE


@cache
def country_named(code: str) -> Country:
    """The country of this code (ISO 3166-1, two letters). UsageFault, with a suggestion, if there is none."""
    others = _table(_OTHERS)
    own = {file.stem for file in _FOLDER.glob("*.toml")} - {_OTHERS}
    if code not in own and code not in others["countries"]:
        raise _unknown_country(code, {**{name: _table(name) for name in own}, **others["countries"]})
    about = _table(code) if code in own else _other(code, others)
    for name in ("official_code", "register_code"):
        about[name] = _scheme(about[name]) if name in about else None
    for name in ("licences", "bounds"):
        about[name] = tuple(about.get(name, ()))
    about["words"] = {name: tuple(words) for name, words in about.get("words", {}).items()}
    about["nuts_code"] = about.get("nuts_code", {}).get("example", "")
    return Country(code, **about)


def _unknown_country(code: str, countries: Mapping[str, Mapping[str, Any]]) -> UsageFault:
    """That there is no such country, and the code of the one that is called so, in English or in its own language."""
    names = {
        strip_accents(name): other
        for other, about in countries.items()
        for name in (other, about.get("prefix"), about["name"], about.get("own_name"))
        if name
    }
    near = closest(strip_accents(code), names)
    listed = ", ".join(sorted(countries))
    return UsageFault(
        Message('no country "{code}"; there are {listed}', code=code, listed=listed),
        suggestion(near and names[near]) or Message("give two letters (ISO 3166-1), such as DE"),
    )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def _other(code: str, others: dict[str, Any]) -> dict[str, Any]:
    """What all other countries have in common, with the name, the time zone and the national key of one."""
    about = {"prefix": code, **others.pop("countries")[code]}
    words = {name: about.pop(name) for name in ("prefix", "key")}

    def fill(value: Any) -> Any:
        return {key: fill(item) for key, item in value.items()} if isinstance(value, dict) else _filled(value, words)

    return {**fill(others), **about}


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    return value.format_map(words) if isinstance(value, str) else value


def _scheme(about: dict[str, Any]) -> Scheme:
    return Scheme(**{**about, "headings": tuple(about.get("headings", ()))})


def called_elsewhere(name: str, names: Collection[str]) -> str | None:
    """The one of these names that means in this country what `name` means in another: `official_code` for `insee_code`,
    `register_code` for `siren`, and the other way round; None if there is none."""
    swaps = (pair for french, other in _SAME for pair in ((french, other), (other, french)))
    return next((found for old, new in swaps if old in name and (found := name.replace(old, new)) in names), None)


# -- schemas ---------------------------------------------------------------------------------------------------------

_CODE = re.compile("insee(?=[_-]code)")
_WORDS = {"insee": "official"}
_FRENCH_OVERLAY, _PARTY, _COMMON, _FLOW, _DELIBERATION = (
    ".fr.json",
    "party.schema.json",
    "common.schema.json",
    "flow.schema.json",
    "deliberation.schema.json",
)
CATEGORIES = {"metropole": "metropolis", "commune": "municipality", "parapublic": "semipublic"}
"""Categories of parties that other countries call otherwise."""


def schemas_for(country: Country, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The schemas of a country (name → text), made of those of the package; these themselves for France."""
    if country.french:
        return dict(files)
    words = json.loads((_FOLDER / "words.json").read_bytes())
    texts = {}
    for name, text in files.items():
        if name == "meta.schema.json":
            texts[name] = text
        elif not name.endswith(_FRENCH_OVERLAY):
            content = _in_english(json.loads(text), words)
            if name in _PATCHES:
                _PATCHES[name](content, country)
            texts[name] = (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
    return texts


def _in_english(value: Json, words: Mapping[str, str]) -> Any:
    """A schema without what is French in it: names and headings of columns, sources, examples, columns of SCDL."""
    if isinstance(value, str):
        return words.get(value) or _CODE.sub("official", value)
    if isinstance(value, list):
        return [_in_english(item, words) for item in value]
    if not isinstance(value, dict):
        return value
    content = {_CODE.sub("official", key): _in_english(item, words) for key, item in value.items()}
    content.pop("$comment", None)
    for key, english in (("x-column", "name"), ("label", "en")):
        about = content.get(key)
        if isinstance(about, dict) and "fr" in about and english in about:
            about["fr"] = about[english]
    maps = content.get("x-map")
    if isinstance(maps, dict) and maps.pop("scdl", None) and not maps:
        del content["x-map"]
    return content


def _patch_common(schema: Any, country: Country) -> None:
    definitions = schema["$defs"]
    del definitions["siren"], definitions["siret"]
    definitions["official_code"] = _definition(country.official_code)
    lat, lon = map(float, country.place.split(","))
    place = definitions["position"]["properties"]
    place["lon"]["examples"], place["lat"]["examples"] = [lon], [lat]
    definitions["register_code"] = _definition(country.register_code)


def _definition(scheme: Scheme | None) -> dict[str, Any]:
    assert scheme is not None
    return {
        "title": scheme.title,
        "description": scheme.description,
        "type": "string",
        "maxLength": 20,
        "pattern": scheme.pattern,
    }


def _patch_party(schema: Any, country: Country) -> None:
    properties = schema["properties"]
    category = properties["category"]
    category["enum"] = [CATEGORIES.get(word, word) for word in category["enum"]]
    category["examples"] = ["municipality"]
    category["x-labels"] = {"semipublic": "semi-public"}
    made = {}
    for name, field in properties.items():
        if name == "siren":
            made["register_code"] = _field("register_code", country.register_code)
        elif name == "official_code":
            made[name] = _field(name, country.official_code, " Required when the category is municipality.")
            made["nuts_code"] = {
                "title": "NUTS code",
                "description": "Region in the nomenclature of Eurostat.",
                "type": "string",
                "maxLength": 5,
                "pattern": "^[A-Z]{2}[0-9A-Z]{0,3}$",
                "examples": [country.nuts_code],
                "x-column": {"name": "nuts_code", "fr": "nuts_code"},
            }
            made["population"] = {
                "title": "Inhabitants",
                "description": "Inhabitants of the municipality, by the official count.",
                "type": "integer",
                "minimum": 0,
                "examples": [25000],
                "x-column": {"name": "population", "fr": "population"},
            }
        elif name != "siret":
            made[name] = field
    schema["properties"] = made
    schema["allOf"] = [
        {
            "if": {"required": ["category"], "properties": {"category": {"const": "municipality"}}},
            "then": {"required": ["official_code"]},
        }
    ]


def _field(name: str, scheme: Scheme | None, more: str = "") -> dict[str, Any]:
    assert scheme is not None
    return {
        "title": scheme.title,
        "description": f"{scheme.description}{more}",
        "$ref": f"common.schema.json#/$defs/{name}",
        "examples": [scheme.example],
        "x-column": {"name": name, "fr": name},
        **({"x-map": {"dcat": "dct:identifier"}} if name == "register_code" else {}),
    }


def _patch_flow(schema: Any, country: Country) -> None:
    licence = schema["properties"]["licence"]
    licence["enum"] = [*country.licences, "proprietary", "other"]
    licence["examples"] = [country.open_licence]
    licence.pop("x-labels", None)


def _patch_convention(schema: Any, country: Country) -> None:
    """That parties decide by deliberation is French law."""
    conditions = schema["allOf"]
    schema["allOf"] = [item for item in conditions if "deliberations" not in item["then"]["required"]]
    _patch_codes(schema, country)


def _patch_deliberation(schema: Any, _country: Country) -> None:
    del schema["properties"]["matter"]  # the classification of acts that French law asks for


def _patch_codes(schema: Any, country: Country) -> None:
    """The title, text and examples of every field that holds codes of municipalities."""
    scheme = country.official_code
    assert scheme is not None
    for name, field in schema["properties"].items():
        if name == "official_code":
            field.update(title=scheme.title, description=scheme.description, examples=[scheme.example])
        lists = {name: field, **field.get("properties", {})}
        for key, item in lists.items():
            if key.endswith("official_codes"):
                item.update(title="Municipality codes", examples=[[scheme.example, scheme.other]])


_PATCHES: Mapping[str, Callable[[Any, Country], None]] = {
    _COMMON: _patch_common,
    _PARTY: _patch_party,
    _FLOW: _patch_flow,
    _DELIBERATION: _patch_deliberation,
    "support.schema.json": _patch_codes,
    "convention.schema.json": _patch_convention,
    "network.schema.json": _patch_codes,
    "equipment.schema.json": _patch_codes,
}
