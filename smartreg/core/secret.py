"""Texts that look like secrets: keys, passwords, tokens. REC107 finds it in records, and output shows only its first
characters (`mask`), because more people read output than the registry. Also telephone numbers, and the texts of a
commit that may hold neither: the history keeps them for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from smartreg.core.errors import Refused
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json

KEPT, SHORT = 4, 8  # characters shown; none of a value this short

_LORAWAN = Message("a LoRaWAN key")
_PASSWORD = Message("a password")
_TOKEN = Message("an access token")
_PRIVATE = Message("a private key")

_ROLES = {
    "password": re.compile(r"(?:.*[_-])?(?:password|passwd|pwd|passphrase|mot_?de_?passe|mdp)", re.IGNORECASE),
    "token": re.compile(r"(?:.*[_-])?(?:secret|token|jeton|api_?key|cle_?api)", re.IGNORECASE),
    "key": re.compile(r"(?:.*[_-])?(?:[a-z]*key|cl[eé])\d?|.*eui", re.IGNORECASE),
}

# A key as printed, or as bytes with separators; not part of a longer number or a UUID.
_KEY = re.compile(
    r"(?<![0-9A-Za-z-])"
    r"(?:[0-9A-Fa-f]{32}|(?:0x)?[0-9A-Fa-f]{2}(?:[ :,-]{1,2}(?:0x)?[0-9A-Fa-f]{2}){15})"
    r"(?![0-9A-Za-z-])"
)
_WEB_PATH = re.compile(r"https?://[^\s?#@]*")  # a digest in the path of a web address is no key
_TELEPHONE = re.compile(
    r"(?<![\w.,/=+-])(?:(?:\+|00)33[ .-]?(?:\(0\)[ .-]?)?[1-79]|0[1-79])(?:[ .-]?\d{2}){4}(?![\w-])"
)
_BEFORE_DIGITS = re.compile(r"^[^\d+]+")
_SPEAKS_OF_KEY = re.compile(r"key|cl[ée]s?\b|\b(?:otaa|abp|secret)\b", re.IGNORECASE)

_BY_FORM = (
    (re.compile(r"NNSXS\.[A-Z0-9]{10,}"), Message("an API key of The Things Stack")),
    (re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"), _PRIVATE),
    (
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[A-Za-z0-9_-]{20}|AKIA[0-9A-Z]{16}\b)"
        ),
        _TOKEN,
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10}"), _TOKEN),
    (
        re.compile(r"://[^\s/:@?#]{1,100}:[^\s/@?#]{1,100}@"),
        Message("an address with a password"),
    ),
    # Requires a digit or sign: "password: see the vault" gives no secret away.
    (
        re.compile(
            r"\b(?:password|passwd|pwd|passphrase|mot de passe|mdp)\s{0,3}[:=]\s{0,3}(?=\S{0,40}[0-9!#$%&*+=?@^])\S{6}",
            re.IGNORECASE,
        ),
        _PASSWORD,
    ),
)

# One check of a whole record excludes nearly all: everything that the forms above find contains one of these.
_HINTS = ("NNSXS.", "-----BEGIN", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA", "eyJ")
_PASSWORDS = ("pass", "pwd", "mdp")  # upper or lower case, before a colon or an equals sign
_LONGEST_NAME = 64


def secret_in(field: str, text: str) -> Text | None:
    """The kind of secret that a text in a field of this name looks like; None if it does not look like one."""
    return _by_field(field, text) or (_by_form(text) if _may_have_form(text) else None)


def has_telephone(text: str) -> bool:
    """Whether a text holds a French telephone number, other than special ones (08…)."""
    return ("0" in text or "+33" in text) and _TELEPHONE.search(text) is not None


def private_in(text: str) -> Text | None:
    """The secret or telephone number that a free text holds; None if it holds none."""
    number = Message("a telephone number")
    return secret_in("", text) or (number if has_telephone(text) else None)


def private_in_name(name: str) -> Text | None:
    """The secret or telephone number that the name of a branch or tag holds, such as `fix/tel-06-12-34-56-78`."""
    parts = (_BEFORE_DIGITS.sub("", part) for part in name.split("/"))
    return next(filter(None, map(private_in, (*parts, name))), None)


def refuse_private(texts: Iterable[tuple[str, str | None]]) -> None:
    """Raises Refused if one of the texts for the history, each named by its option or place, holds a secret or a
    telephone number."""
    for name, text in texts:
        what = private_in(text) if text else None
        if what is not None:
            raise Refused(
                Message("nothing was written: {name} holds what looks like {what}", name=name, what=what),
                Message("leave it out: the history keeps it for ever, in every clone"),
            )


def may_hold_secret(names: Iterable[str], texts: list[str]) -> bool:
    """Whether some text of a record may be a secret, judging by its field names and texts: a quick first check."""
    return _may_have_form("\n".join(texts)) or _hold_secrets(frozenset(names)) or _have_key(texts)


def mask(value: Json, field: str = "") -> Json:
    """A value of a field of this name for output: of each text that looks like a secret, only the start."""
    if isinstance(value, str):
        return cut(value) if secret_in(field, value) else value
    if isinstance(value, Mapping):
        return {key: mask(item, key) for key, item in value.items()}
    return [mask(item, field) for item in value] if isinstance(value, (list, tuple)) else value


def secrets_in(value: Json, field: str = "") -> Iterator[str]:
    """The texts in a value of a field of this name that look like secrets."""
    if isinstance(value, str):
        if secret_in(field, value):
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from secrets_in(item, key)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secrets_in(item, field)


def cut(value: str) -> str:
    """The part of a secret that may be shown."""
    return f"{value[: KEPT if len(value) > SHORT else 0]}…"


def _by_field(field: str, text: str) -> Text | None:
    """The kind of secret, judging by the name of the field, or by a key that the text mentions."""
    role = _role(field[-_LONGEST_NAME:])
    if role == "password" or (role == "token" and len(text) >= 8):
        return _PASSWORD if role == "password" else _TOKEN
    if (
        len(text) >= 32
        and _KEY.search(_WEB_PATH.sub(" ", text))
        and (_SPEAKS_OF_KEY.search(text) or (role and _KEY.fullmatch(text.strip())))
    ):
        return _LORAWAN
    return None


def _may_have_form(whole: str) -> bool:
    """Whether some form above may occur in the texts of a record."""
    for hint in _HINTS:  # a generator would cost as much as the check
        if hint in whole:
            return True
    if "@" in whole and "://" in whole:
        return True
    if ":" not in whole and "=" not in whole:
        return False
    lower = whole.lower()
    return any(word in lower for word in _PASSWORDS)


def _have_key(texts: list[str]) -> bool:
    return any(_KEY.search(text) for text in texts if len(text) >= 32)


@lru_cache(maxsize=4096)  # thousands of records have the same fields
def _hold_secrets(fields: frozenset[str]) -> bool:
    return any(_role(field[-_LONGEST_NAME:]) in ("password", "token") for field in fields)


def _by_form(text: str) -> Text | None:
    return next((what for form, what in _BY_FORM if form.search(text)), None)


@lru_cache(maxsize=1024)
def _role(field: str) -> str:
    """The content of a field of this name: a password, a token, a key (keys are pasted into EUI fields too), or none of
    these."""
    return next((role for role, name in _ROLES.items() if name.fullmatch(field)), "")
