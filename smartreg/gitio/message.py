"""The text of a commit message, in which hostile values can forge neither trailers nor comment lines.

Git reads trailers from the last paragraph, and we read ours in any; Git cuts a message at a line that begins with
`---`, and drops lines that begin with `#` when the message is edited. Values from records may contain any of these.

Trailers: the `Key: value` lines at the end of a message, and the sets of them with which smartreg records what it did;
this is the only reader of both. A commit made by smartreg has one set; a squash has those of all the commits that went
into it, anywhere in the message: `git merge --squash` indents them by four blanks, forges by two or not at all. A merge
has none: its message may quote the subjects of what it merges (`merge.log`, the title of a pull request), written by
anybody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text

PREFIX = "Smartreg-"
OP, RECORD, CONVENTION, REASON = "Smartreg-Op", "Smartreg-Record", "Smartreg-Convention", "Smartreg-Reason"
UNDOES, VERSION, FIELD = "Smartreg-Undoes", "Smartreg-Version", "Smartreg-Field"
ALLOWS, DELIBERATION = "Smartreg-Allows", "Smartreg-Deliberation"
ON_BEHALF_OF = "Smartreg-On-Behalf-Of"  # from whom the values come, as the author claims: no right, no agreement
AGREE, WITHDRAW = "agree", "withdraw"
CONSENTS = frozenset({AGREE, WITHDRAW})
"""The operations that change nothing: somebody agrees to the content of the named records, or no longer does."""
MOST_RECORDS = 20  # an import of thousands names its count in the subject, not every record in a trailer
MOST_FIELDS = 20  # then how many more there are

_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n")
_TRAILER = re.compile(r"([A-Za-z0-9-]+)\s*:\s*(.*)")
# Not after a single blank: earlier versions wrote values that look like these lines that way.
_OWN = re.compile(rf"^(?: {{2,}})?({PREFIX}[A-Za-z-]+)[ \t]*:(.*)$", re.MULTILINE)
_MORE = re.compile(r"[0-9]+ more")
_CHERRY = "(cherry picked from commit "


class Operation(NamedTuple):
    """One operation of smartreg by a set of trailers, and its records (`kind/id`). `undoes`: the commit taken back.
    `fields`:
    which fields of records that were there before it changed (`kind/id field`, by the top level); `all_fields` is false
    if there were too many to name. `on_behalf_of`: from whom the values come, as the author claims."""

    op: str
    records: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    reason: str | None = None
    undoes: str | None = None
    fields: tuple[str, ...] = ()
    all_fields: bool = True
    on_behalf_of: str | None = None

    def speaks_of(self, record: str) -> bool:
        """Whether it names the record, or so many that it may leave out others. Agreeing changes no record."""
        return self.op not in CONSENTS and (record in self.records or len(self.records) >= MOST_RECORDS)

    def fields_of(self, record: str) -> frozenset[str] | None:
        """The fields of the record that it names; None if it names none, or not all."""
        start = f"{record} "
        fields = frozenset(field.removeprefix(start) for field in self.fields if field.startswith(start))
        return fields if fields and self.all_fields else None


def field_trailers(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The trailers that name changed fields, given as record (`kind/id`) and field."""
    trailers = [(FIELD, f"{record} {field}") for record, field in fields[:MOST_FIELDS]]
    return [*trailers, (FIELD, f"{len(fields) - MOST_FIELDS} more")] if len(fields) > MOST_FIELDS else trailers


def read_trailers(message: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A message without its trailers, and its trailers: the last paragraph, if every line of it is `Key: value`."""
    paragraphs = _PARAGRAPHS.split(message.strip("\n"))
    trailers: list[tuple[str, str]] = []
    for line in paragraphs[-1].split("\n"):
        match = _TRAILER.fullmatch(line)
        if match:
            trailers.append((match[1], match[2].strip()))
        elif line[:1] in (" ", "\t") and trailers:
            key, value = trailers.pop()
            trailers.append((key, f"{value} {line.strip()}"))
        elif not line.startswith(_CHERRY):
            return message, ()
    if len(paragraphs) < 2 or not trailers:
        return message, ()
    return "\n\n".join(paragraphs[:-1]), tuple(trailers)


def read_operations(message: str) -> tuple[Operation, ...]:
    """The sets of a message in order: in each paragraph except the subject, one for each operation that it names."""
    if OP not in message:
        return ()
    operations: list[Operation] = []
    for paragraph in _PARAGRAPHS.split(message.strip("\n"))[1:]:
        lines = [(match[1], match[2].strip()) for match in _OWN.finditer(paragraph)]
        starts = [index for index, (key, value) in enumerate(lines) if key == OP and value]
        operations += [_operation(lines[start:end]) for start, end in pairwise([0, *starts[1:], len(lines)]) if starts]
    return tuple(operations)


def _operation(lines: list[tuple[str, str]]) -> Operation:
    def values(key: str) -> tuple[str, ...]:
        return tuple(value for name, value in lines if name == key and value)

    reasons, undone = values(REASON), values(UNDOES)
    fields = tuple(field for field in values(FIELD) if not _MORE.fullmatch(field))
    return Operation(
        op=values(OP)[0],
        records=values(RECORD),
        conventions=values(CONVENTION),
        reason=next(iter(reasons), None),
        undoes=next(iter(undone), None),
        fields=fields,
        all_fields=len(fields) == len(values(FIELD)),
        on_behalf_of=next(iter(values(ON_BEHALF_OF)), None),
    )


_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_BLANKS = re.compile(r"\s+")
# Control characters (also C1), bidirectional overrides and isolates, zero-width and line separators, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ACTS_AT_LINE_START = re.compile(rf"^(?=#|---|[ \t]*{PREFIX})", re.MULTILINE | re.IGNORECASE)
_INERT = "> "
_NOT_SEEN = frozenset({"Mn", "Cf", "Cc"})
# Letters of other alphabets that look like those of the prefix after Unicode decomposition.
_ALIKE = str.maketrans("ѕꜱмᴍаαɑᴀгʀтτᴛеᴇɡɢ\N{MINUS SIGN}", "ssmmaaaarrttteegg-")
_GAPS = re.compile(r"\n{3,}")
_SUBJECT_LIMIT = 200


class CommitMessage(NamedTuple):
    """A commit message: a subject, an explanation, and trailers `(key, value)` for machines."""

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
    """Whether a reader could mistake the line for one of our trailers: in any case, after blanks and invisible
    characters, with lookalike letters and dashes."""
    category = unicodedata.category
    signs = (sign for sign in unicodedata.normalize("NFKD", line).casefold() if category(sign) not in _NOT_SEEN)
    shown = "".join("-" if category(sign) == "Pd" else sign for sign in signs)
    return shown.translate(_ALIKE).lstrip().startswith(PREFIX.casefold())


def refuse_our_trailers(option: Text | str, text: str | None) -> None:
    """Refuse a text of the user's in which a line could pass for what smartreg itself notes in a commit."""
    for line_ in (text or "").splitlines():
        if looks_like_ours(line_):
            raise UsageFault(
                Message(
                    "{option}: a line begins with Smartreg-, as those that smartreg writes into commits", option=option
                ),
                Message("begin it with another word"),
            )


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
