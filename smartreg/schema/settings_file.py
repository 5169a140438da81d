"""Read `smartreg.toml` into settings; UsageFault names the wrong key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from datetime import date, datetime
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin
from unicodedata import normalize

from smartreg.core.errors import UsageFault
from smartreg.core.escape import forbidden_character
from smartreg.core.findings import SEVERITIES
from smartreg.core.messages import Message, Text, message_in
from smartreg.core.spelling import did_you_mean
from smartreg.core.ssh_keys import fingerprint_of
from smartreg.core.strict import Unreadable, read_toml
from smartreg.core.values import REGISTRY_ID, Location, Mark
from smartreg.schema.countries import LANGUAGES, country_named
from smartreg.schema.settings import FILE, FOREIGN, LABEL_ADDRESS, NEW_IDS, Config, Source, Waiver
from smartreg.schema.source import check_markers

_IN_FILE = {"start": "from", "waivers": "waiver"}
"""What the file calls a field: words that Python reserves, and tables of a list."""
_ALSO = {"lead_party": "metropole", "territory.municipalities": "territory.communes"}
"""Names that countries other than France have for a setting."""
_LEFT_OUT = ("digest", "ownership.chosen")


def read_config(text: bytes | None) -> Config:
    """Read `smartreg.toml`; the defaults if it is absent. UsageFault names the wrong key."""
    if text is None:
        return Config()
    raw = _tables(text)
    _refuse_acting("", raw)
    waivers = _waivers(_of_type("waiver", list, raw.pop("waiver", [])), text.decode("utf-8"))
    config: Config = _read_table(Config, "", raw)
    _check_country(config.country)
    if config.language:
        _check_word("language", config.language, tuple(LANGUAGES))
    _check_word("new_ids", config.new_ids, NEW_IDS)
    for code, word in config.severity.items():
        _check_word(f"severity.{code}", word, (*SEVERITIES, "off"))
    for word in config.keys.require:
        _check_word("keys.require", word, ("touch", "verification"))
    for origin in config.keys.origins:
        if not re.fullmatch(_ORIGIN, origin):
            raise _wrong_setting("keys.origins", Message("{origin} is not an origin", origin=origin), _ORIGIN_HINT)
    _check_label_address(config.labels.address)
    _check_release(config)
    if config.audit.timestamp_url and not re.fullmatch(_WEB_ADDRESS, config.audit.timestamp_url):
        raise _wrong_setting("audit.timestamp_url", Message("must be a web address (http://… or https://…)"))
    _check_folders(config.folders)
    registries = {config.id: ""} if config.id else {}
    for alias, source in config.sources.items():
        _check_source(alias, source)
        if (other := registries.setdefault(source.id, alias)) != alias:
            raise _wrong_setting(f"sources.{alias}.id", same_registry(other))
    for word, columns in config.columns.items():
        if not columns or "," in word:
            raise _wrong_setting(f"columns.{word}", Message("must be a list of columns under a name without a comma"))
    chosen = bool(raw.get("ownership", {}).get("fields"))
    ownership = config.ownership._replace(chosen=chosen)
    return replace(config, waivers=waivers, ownership=ownership, digest=hashlib.sha256(text).hexdigest())


def _check_country(code: str) -> None:
    if code == Config.country:
        return
    try:
        country_named(code)
    except UsageFault as fault:
        raise _wrong_setting("country", fault.message, fault.hint) from None


def country_in(text: bytes | None) -> str:
    """The country that settings name; France if they name none, or cannot be used."""
    if text is None or b"country" not in text:
        return Config.country
    try:
        return read_config(text).country
    except UsageFault:
        return Config.country


def folders_in(text: bytes | None) -> Mapping[str, str]:
    """The folders outside `registry/` that settings name, by kind; none if they cannot be used."""
    try:
        return read_config(text).folders
    except UsageFault:
        return {}


def further_folders(text: bytes | None) -> tuple[str, ...]:
    """The folders of the registry besides those that every registry has: of records elsewhere, and of what is kept of
    other registries; none if the settings cannot be used."""
    try:
        config = read_config(text)
    except UsageFault:
        return ()
    return (*config.folders.values(), *((FOREIGN,) if config.sources else ()))


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
        table, _, key = name.rpartition(".")
        yield Setting(name, value, key in (raw.get(table, {}) if table else raw))


def _tables(text: bytes) -> dict[str, Any]:
    try:
        return read_toml(text)
    except Unreadable as fault:
        conflict = check_markers(FILE, text)
        if conflict is not None:
            raise conflict from None
        raise UsageFault(fault.in_file(FILE), where=Location(FILE, mark=fault.mark)) from None


def _flat(prefix: str, values: Any) -> Iterator[tuple[str, Any]]:
    for field in type(values).__annotations__:
        name, value = f"{prefix}{_IN_FILE.get(field, field)}", getattr(values, field)
        if _is_table(value):
            yield from _flat(f"{name}.", value)
        elif name not in _LEFT_OUT:
            yield name, value


def _is_table(values: object) -> bool:
    """Whether this class of settings, or these settings, are a table."""
    return is_dataclass(values) or hasattr(values, "_fields")


def _wrong_setting(key: str, what: Text, hint: Text | None = None, where: Location | None = None) -> UsageFault:
    place = f"{FILE}: {key}" if key else FILE
    message = message_in("settings file", "{place}: {what}", place=place, what=what)
    return UsageFault(message, hint, where or Location(FILE, tuple(key.split("."))))


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
        raise _wrong_setting(
            key,
            Message("the character {name} is invisible or acts on what is displayed", name=name),
        )


def _read_table(values: type[Any], table: str, raw: Mapping[str, Any]) -> Any:
    """The settings of a table (with its dot; empty for the top), by the fields of their class and the types of these.
    An empty list means the default."""
    types = values.__annotations__
    names = {_IN_FILE.get(name, name): name for name in types if f"{table}{name}" not in _LEFT_OUT}
    names |= {also.removeprefix(table): name.removeprefix(table) for also, name in _also_in(table)}
    for key in raw:
        if key not in names:
            raise _wrong_setting(f"{table}{key}", Message("unknown setting"), did_you_mean(key, names))
    read = {names[key]: _read_value(f"{table}{key}", types[names[key]], value) for key, value in raw.items()}
    return values(**{name: value for name, value in read.items() if value != ()})


def _also_in(table: str) -> Iterator[tuple[str, str]]:
    return ((also, name) for also, name in _ALSO.items() if also.rpartition(".")[0] == table.rstrip("."))


def _read_value(place: str, wanted: Any, value: Any) -> Any:
    if _is_table(wanted):
        return _read_table(wanted, f"{place}.", _of_type(place, dict, value))
    if get_origin(wanted) is tuple:
        return tuple(_of_type(place, str, item) for item in _of_type(place, list, value))
    if get_origin(wanted) is Mapping:
        _, values = get_args(wanted)
        return {key: _read_value(f"{place}.{key}", values, item) for key, item in _of_type(place, dict, value).items()}
    plain = next(option for option in (*get_args(wanted), wanted) if option is not NoneType)
    if plain not in (int, float):
        return _of_type(place, plain, value)
    number = value if type(value) is int else _of_type(place, float, value)
    if not 0 <= number <= _LARGEST:  # neither is nan, which TOML also has
        raise _wrong_setting(place, Message("must be a number from 0 to 10^12"))
    return number


_LARGEST = 10**12
_TYPES = {
    str: Message("must be a text"),
    float: Message("must be a number"),
    date: Message("must be a date, without quotes"),
    list: Message("must be a list"),
    dict: Message("must be a table"),
    bool: Message("must be true or false, without quotes"),
}


def _of_type(place: str, wanted: type[Any], value: Any) -> Any:
    if type(value) is not wanted:  # true is an int, and a moment a date
        raise _wrong_setting(place, _TYPES[wanted])
    return value


def _check_word(place: str, word: str, words: Sequence[str]) -> None:
    if word not in words:
        listed = ", ".join(words)
        raise _wrong_setting(place, Message("must be one of {listed}", listed=listed), did_you_mean(word, words))


_ORIGIN = r"https://[a-z0-9.-]+(?::[0-9]+)?|http://localhost(?::[0-9]+)?"
_ORIGIN_HINT = Message("write it as browsers do: https://desk.example.org, in lower case, without a path")


_ADDRESS = r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?/[A-Za-z0-9._~!$&'()*+,;=:@/?#%-]*"
_LONGEST_ADDRESS = 100  # what a code of 29 mm can hold beside the longest id and stay legible


def _check_label_address(address: str | None) -> None:
    """Labels are printed once and hang for years: nothing but https, and a record of its own behind each."""
    if address is None:
        return
    fixed = address.replace("{kind}", "").replace("{id}", "")
    if "{id}" not in address or not re.fullmatch(_ADDRESS, fixed) or len(address) > _LONGEST_ADDRESS:
        raise _wrong_setting(
            "labels.address",
            Message("{address} is not an https address with {placeholder}", address=address, placeholder="{id}"),
            Message("write it like {example}, in at most {n} characters", example=LABEL_ADDRESS, n=_LONGEST_ADDRESS),
        )


def _check_release(config: Config) -> None:
    if config.id and not REGISTRY_ID.fullmatch(config.id):
        raise _wrong_setting(
            "id",
            Message("{id} is not the id of a registry", id=config.id),
            Message("it is a random UUID in lower case, made by smartreg init or publish: put back what was there"),
        )
    for place, key in enumerate(config.release.keys):
        if fingerprint_of(key) is None:
            raise _wrong_setting(
                f"release.keys[{place}]",
                Message("{key} is not an SSH public key", key=key),
                Message("write it like the line in ~/.ssh/id_ed25519.pub: ssh-ed25519 AAAA…"),
            )
    _check_revoked("release", config.release.revoked_after)
    for name, ids in (("succeeds", config.release.succeeds), ("succeeded_by", config.release.succeeded_by)):
        for id in ids:
            if not REGISTRY_ID.fullmatch(id) or id == config.id:
                raise _wrong_setting(f"release.{name}", Message("must list the UUIDs of other registries"))
    if not 1 <= config.release.valid_days <= _MOST_VALID_DAYS:
        raise _wrong_setting(
            "release.valid_days", Message("must be a number of days from 1 to {most}", most=_MOST_VALID_DAYS)
        )


def _check_revoked(place: str, revoked: Mapping[str, int]) -> None:
    for key in revoked:
        if not re.fullmatch(_FINGERPRINT, key):
            raise _wrong_setting(
                f"{place}.revoked_after",
                Message("{key} is not the fingerprint of a key", key=key),
                Message("write it like {example}, as ssh-keygen -l shows it", example='{"SHA256:…" = 12}'),
            )


_FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_MOST_VALID_DAYS = 400
_WEB_ADDRESS = r"https?://[!-~]+"  # of authorities: a token is signed, so http protects it as well


_FOLDER = r"(?!\.)[\w.-]+(?: [\w.-]+)*(?<!\.)(?:/(?!\.)[\w.-]+(?: [\w.-]+)*(?<!\.))*"
_TAKEN = ("registry", "schemas", "seals", FOREIGN, FILE)
_FOLDER_HINT = Message(
    'name a folder below smartreg.toml, such as "devices" or "data/devices", neither hidden nor of another kind'
)


def _check_folders(folders: Mapping[str, str]) -> None:
    """Records must not be in a folder that Git, CI services or smartreg read themselves, in any spelling that some
    system treats as equal; `..` and hidden names are refused with `.git` and `.github`."""
    seen: dict[str, str] = {}
    for kind, folder in folders.items():
        place = f"folders.{kind}"
        if not re.fullmatch(_FOLDER, folder) or len(folder) > 100:
            raise _wrong_setting(place, Message("records cannot be there"), _FOLDER_HINT)
        folded = normalize("NFKC", folder).casefold()
        if normalize("NFC", folder) != folder or folded.partition("/")[0] in _TAKEN:
            raise _wrong_setting(place, Message("{folder} cannot be its folder", folder=folder), _FOLDER_HINT)
        for other, where in seen.items():
            if f"{folded}/".startswith(f"{where}/") or f"{where}/".startswith(f"{folded}/"):
                raise _wrong_setting(place, Message("the folder is that of {other}", other=other), _FOLDER_HINT)
        seen[kind] = folded


_ALIAS = r"[a-z](?:-?[a-z0-9])*"
_LONGEST_ALIAS = 30


def is_alias(text: str) -> bool:
    """Whether references may name a source so: lower-case letters, digits and single hyphens, a letter first."""
    return re.fullmatch(_ALIAS, text) is not None and len(text) <= _LONGEST_ALIAS


def _check_source(alias: str, source: Source) -> None:
    place = f"sources.{alias}"
    if not is_alias(alias):
        raise _wrong_setting(place, Message("{alias} cannot be an alias", alias=alias), ALIAS_HINT)
    if not REGISTRY_ID.fullmatch(source.id):
        raise _wrong_setting(f"{place}.id", Message("must be the UUID of the registry, in lower case"))
    if not source.url or ("://" in source.url and not source.url.startswith("https://")):
        raise _wrong_setting(f"{place}.url", Message("must be a folder, or an address that begins with https://"))
    if not source.keys:
        raise _wrong_setting(f"{place}.keys", Message("must list the public keys that sign its releases"))
    for key in source.keys:
        if fingerprint_of(key) is None:
            raise _wrong_setting(f"{place}.keys", Message("{key} is not an SSH public key", key=key))
    _check_revoked(place, source.revoked_after)
    if source.accept.serial and not source.accept.reason:
        raise _wrong_setting(f"{place}.accept", Message("must have a serial and a reason"))


def same_registry(alias: str) -> Message:
    """Why a registry cannot be a source again (`alias`: under which name it is one; empty: it is this one)."""
    if not alias:
        return Message("a registry is no source of its own")
    return Message("the source {alias} is the same registry", alias=alias)


ALIAS_HINT = Message(
    "use at most {n} lower-case letters, digits and single hyphens, with a letter first", n=_LONGEST_ALIAS
)


_WAIVED = ("code", "record", "until", "reason", "decided_by")


def _waivers(items: list[Any], text: str) -> tuple[Waiver, ...]:
    heads = [text.count("\n", 0, match.start()) + 1 for match in re.finditer(r"^[ \t]*\[\[ *waiver *\]\]", text, re.M)]
    lines = heads if len(heads) == len(items) else [0] * len(items)
    return tuple(_waiver(item, line) for item, line in zip(items, lines, strict=True))


def _waiver(raw: Any, line: int) -> Waiver:
    place = f"{FILE}:{line}: waiver" if line else f"{FILE}: waiver"
    where = Location(FILE, mark=Mark(line or 1, 1))
    if not isinstance(raw, dict):
        raise UsageFault(Message("{place} must be a table", place=place), _WAIVER_EXAMPLE, where)
    for key in raw:
        if key not in _WAIVED:
            raise UsageFault(
                Message('{place}: unknown setting "{key}"', place=place, key=key),
                did_you_mean(key, _WAIVED, _WAIVER_EXAMPLE),
                where,
            )
    for key in _WAIVED:
        value = raw.get(key)
        if value is None or value == "":
            raise UsageFault(Message("{place}: {key} is missing", place=place, key=key), _WAIVER_EXAMPLE, where)
        wanted = date if key == "until" else str
        if not isinstance(value, wanted) or isinstance(value, datetime):
            raise UsageFault(
                Message("{place}: {key} must be a date", place=place, key=key)
                if key == "until"
                else Message("{place}: {key} must be a text", place=place, key=key),
                Message("write until = 2026-12-31, without quotes") if key == "until" else None,
                where,
            )
    return Waiver(**raw, line=line)


_WAIVER_EXAMPLE = Message("a [[waiver]] has code, record, until (a date), reason and decided_by")
