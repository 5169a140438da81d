"""E-mail address or telephone number of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from smartreg.core.messages import Message, Text
from smartreg.core.secret import has_telephone
from smartreg.core.spelling import fold
from smartreg.core.values import Data, KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import every_text, texts_ending, texts_where
from smartreg.rules.rule import rule
from smartreg.schema import Field

_ADDRESS = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PERSON = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*[._][^\W\d_]+(?:-[^\W\d_]+)*\d{0,4}")
_HOST = re.compile(r"https?://(?:www\.)?([^/:?#\s]+)")
_PROSE = re.compile(r"[^\W\d_]{2}\s|\s[^\W\d_]{2}")
_NO_LETTERS = re.compile(r"[-0-9]+")
_LONG_TEXT = 1000  # longer fields are for prose; a serial number can look like a telephone number

_FUNCTION_WORDS = """
accueil achat achats adm admin administration agence air alerte assainissement assistance astreinte bibliotheque
billing bureau cabinet cadastre ccas centre cloud collectivite com comm commune communication compta comptabilite
conformite contact contacts courrier culture data dechets delegue deliberations demo developpement dgs dgst digital dir
dircom direction donnee donnees dpd dpo dsi dst eau eclairage ecologie education electricite energie energies enfance
environnement equipe espace espaces etatcivil exploitation facturation finances geomatique gestion habitat hello help
helpdesk hotline hygiene info informatique infos infrastructure infrastructures innovation iot it jeunesse juridique
legal lorawan mail maintenance maire mairie marches metropole mobilite mobilites no noc noreply numerique office open
opendata operations parc patrimoine plateforme pole police postmaster presse privacy prive proprete propriete
protection public publics qualite recrutement referent region registre relation reply reseau reseaux rgpd rh risques
sav scolaire secretaire secretariat secteur securite service services servicestechniques servicetechnique sig
signalement smart smartcity sport sports standard supervision support syndicat technique techniques telegestion
territoire transport transports travaux urbanisme urgence usagers verts vie ville voirie web webmaster
"""
_FUNCTIONS = frozenset(_FUNCTION_WORDS.split())
# They give mailboxes to anybody. The first ones have domains in many countries.
_PROVIDER = re.compile(
    r"(?:aol|fastmail|gmail|gmx|googlemail|hotmail|live|mailo|msn|outlook|proton|protonmail|tiscali|tuta|tutanota|yahoo"
    r"|yandex|ymail|zoho)\.(?:com?\.)?[a-z]{2,4}"
    r"|(?:9online|aliceadsl|bbox|free|infonie|laposte|neuf|noos|numericable|online|orange|sfr|tele2|voila|wanadoo)\.fr"
    r"|(?:cegetel|club-internet|laposte)\.net|(?:icloud|mac|mail|me|netcourrier|rocketmail|wanadoo)\.com|pm\.me"
    r"|bluewin\.ch|(?:skynet|telenet)\.be|(?:freenet|t-online|web)\.de|(?:libero|virgilio)\.it|(?:mail|rambler)\.ru"
)
MAILBOX = Message("use a functional mailbox (numerique@…): Git keeps it forever")
NUMBER = Message("take the number out and name the department: Git keeps it forever")


def _is_prose(field: Field) -> bool:
    closed = field.refs or field.enum or any(word in field.schema for word in ("pattern", "format", "enum", "const"))
    return field.kind == "string" and not closed


def is_email(path: KeyPath) -> bool:
    """Whether a field holds an address that is published."""
    return str(path[-1]).endswith("email")


_addresses = texts_ending("email")
_prose = texts_where(_is_prose)


@rule("REC121", "warning", "record", Message("E-mail address or telephone number of a person"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, address in _addresses(record, context):
        message = _why_personal(path_text(path), address, record.data) if "@" in address else None
        if message is not None:
            yield Fault(at(record, *path), message, MAILBOX)
    for path, text in _prose(record, context):
        if "@" in text or has_telephone(text):
            field = context.schemas.kinds[record.rid.kind].field_at(path)
            short = field is not None and field.schema.get("maxLength", _LONG_TEXT) < _LONG_TEXT
            yield from _in_text(record, path, text, short=short)
    for path, text in every_text(record.data.get("attributes")):
        yield from _in_text(record, ("attributes", *path), text, short=True)


def _why_personal(name: str, address: str, party: Data) -> Text | None:
    """The reason why an address may be that of a person; None if it is plainly that of a function, or of the party's
    domain. `name`: the field."""
    local, _, domain = address.lower().rpartition("@")
    if _PROVIDER.fullmatch(domain):
        return Message("{name} is a mailbox of {domain}, which anybody can have", name=name, domain=domain)
    if _is_functional(local):
        return None
    if _PERSON.fullmatch(local):
        return Message("{name} names a person", name=name)
    if any(f".{domain}".endswith(f".{own}") for own in _own_domains(party)):
        return None
    return Message('{name} may be the mailbox of a person: "{local}" names no function', name=name, local=local)


def _own_domains(party: Data) -> Iterator[str]:
    """The domains of a party: of its website, and of the addresses that write for it."""
    website, listed = party.get("website"), party.get("writers")
    if isinstance(website, str) and (host := _HOST.match(website.lower())):
        yield host[1]
    domains = listed.get("domains") if isinstance(listed, Mapping) else None
    if isinstance(domains, list | tuple):
        yield from (item.lower() for item in domains if isinstance(item, str))


def _is_functional(local: str) -> bool:
    """Whether one of its words is that of a function, also with a number (`mairie13800@`)."""
    return not _FUNCTIONS.isdisjoint(_NO_LETTERS.split(fold(local)))


def _is_doubtful(address: str) -> bool:
    local, _, domain = address.lower().rpartition("@")
    return _PROVIDER.fullmatch(domain) is not None or not _is_functional(local)


def _in_text(record: Record, path: KeyPath, text: str, *, short: bool) -> Iterator[Fault]:
    """Faults for what a text reveals about people. A short text that is not prose may be a code that looks like a
    telephone number."""
    name = path_text(path)
    address = "@" in text and any(map(_is_doubtful, _ADDRESS.findall(text)))
    telephone = has_telephone(text) and (not short or _PROSE.search(text) is not None)
    if address and telephone:
        message = Message("{name} contains an e-mail address and a telephone number", name=name)
        yield Fault(at(record, *path), message, MAILBOX)
    elif address:
        message = Message("{name} contains an e-mail address", name=name)
        yield Fault(at(record, *path), message, MAILBOX)
    elif telephone:
        message = Message("{name} contains a telephone number", name=name)
        yield Fault(at(record, *path), message, NUMBER)
