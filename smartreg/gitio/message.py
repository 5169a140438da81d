"""The text of a commit message: hostile values in it can forge neither trailers nor comment lines.

Git reads trailers from the last paragraph and we read ours in any, Git cuts a message at a line that begins with `---`,
and drops lines that begin with `#` when the message is edited. Values from records may hold any of these.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from smartreg.gitio.trailers import PREFIX

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_BLANKS = re.compile(r"\s+")
# Control characters (also C1), bidirectional overrides and isolates, zero-width and line separators, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ACTS_AT_LINE_START = re.compile(rf"^(?=#|---|[ \t]*{PREFIX})", re.MULTILINE | re.IGNORECASE)
_INERT = "> "
_NOT_SEEN = frozenset({"Mn", "Cf", "Cc"})
# Letters of other alphabets that look like those of the prefix once Unicode has taken apart what it can.
_ALIKE = str.maketrans("ѕꜱмᴍаαɑᴀгʀтτᴛеᴇɡɢ\N{MINUS SIGN}", "ssmmaaaarrttteegg-")
_GAPS = re.compile(r"\n{3,}")
_SUBJECT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """What a commit says: one line, an explanation, and trailers `(key, value)` for machines."""

    subject: str
    body: str = ""
    trailers: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The message as Git stores it. ValueError for a trailer key that is not letters, digits and hyphens."""
        body = "\n".join(line.rstrip() for line in visible(self.body).splitlines()).strip("\n")
        paragraphs = [self.first_line()]
        if body:
            paragraphs.append(_GAPS.sub("\n\n", _ACTS_AT_LINE_START.sub(_INERT, body)))
        if self.trailers:
            paragraphs.append("\n".join(_trailer(key, value) for key, value in self.trailers))
        return "\n\n".join(paragraphs) + "\n"

    def first_line(self) -> str:
        """The subject as Git shows it: one line, at most 200 characters."""
        return _ACTS_AT_LINE_START.sub(_INERT, _one_line(self.subject)[:_SUBJECT_LIMIT]) or "smartreg"


def is_trailer_key(text: str) -> bool:
    """Whether Git would take the text as the key of a trailer."""
    return _KEY.fullmatch(text) is not None


def looks_like_ours(line: str) -> bool:
    """Whether a reader could take the line for one of our trailers: in any case, after blanks and invisible signs, in
    letters and dashes that look like ours."""
    category = unicodedata.category
    signs = (sign for sign in unicodedata.normalize("NFKD", line).casefold() if category(sign) not in _NOT_SEEN)
    shown = "".join("-" if category(sign) == "Pd" else sign for sign in signs)
    return shown.translate(_ALIKE).lstrip().startswith(PREFIX.casefold())


def visible(text: str) -> str:
    """`text` with every character that acts on a terminal or hides itself shown as `\\uXXXX`; line ends become LF."""
    text = text.replace("\r\n", "\n")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _one_line(text: str) -> str:
    return visible(_BLANKS.sub(" ", text)).strip()


def _trailer(key: str, value: str) -> str:
    if not is_trailer_key(key):
        raise ValueError(f"not a trailer key: {key!r}")
    return f"{key}: {_one_line(value)}".rstrip()
