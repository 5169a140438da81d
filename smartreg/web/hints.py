"""Commands in sentences, which lead to the pages that do the same: what a finding or a refusal says to run is a link,
with the record and the fields filled in. A page says of which command it is the page (`Page.command`); a command
without a page stays as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from smartreg.core.errors import SmartregError
from smartreg.core.markdown import visible_lines
from smartreg.core.messages import Language, Message, Text, joined
from smartreg.core.values import RecordId, value_at
from smartreg.domain.kinds import is_convention
from smartreg.registry import Registry
from smartreg.schema import Kind, UnknownKind, key_path
from smartreg.schema.cells import cell
from smartreg.web.visit import Links, Page
from smartreg.workspace.workspace import record_of

ADD = "add-"
ROWS = "set[]"  # the page of a list, for what `set` changes in it
CORRECT = "correct"  # among what is written all the same: the old value was an entry error
_WORD = r"(?:'[^']*'|\"[^\"]*\"|,(?=\S)|[^\s,;()'\"])+"
_COMMAND = re.compile(rf"smartreg [a-z][a-z-]*(?: {_WORD})*")
_OPTION = re.compile(r"--[a-z][a-z-]*(?: (?:-m|COLUMN=[\w.]+|[a-z_\d][\w.]*=[^\s,;)]*|[A-Z][A-Z-]+))*")
_ASSIGNMENT = re.compile(r"([a-z_][\w.\[\]]*)([+-]?)=(.*)", re.DOTALL)
_OPEN = re.compile(r".*…|YYYY-MM-DD|AAAA-MM-JJ|[A-Z][A-Z-]+|dpo@.*")  # to be filled in
_REASONS = ("-m", "--message", "--reason")
_FLAGS = ("--correct", "-y")


@pass_context
def guide(context: Context, text: Text, file: str = "") -> Markup:
    """A filter of templates: the text, whose commands are links to the pages that do the same. `file`: that of the
    record that it is about, for commands that name none; options that the page itself asks for (`asked_for`: their
    anchors and titles) lead there."""
    lang, shown = context["lang"], context.get("shown")
    words = visible_lines(text.in_(lang))
    html, at = Markup(), 0
    for match in _COMMAND.finditer(words) if shown is not None else ():
        registry, line = shown.workspace.current, match[0]
        parts = list(re.finditer(_WORD, line))[1:]
        name = parts[0][0]
        call = _Call(registry, lang, context["commands"].get(ADD if name.startswith(ADD) else name), name)
        end = parts[0].end() + call.read(parts[1:], parts[0].end())
        if call.record is None and "RECORD" in call.places and file in registry.by_file:
            call.is_about(registry.by_file[file])
        html += _options(context, words[at : match.start()])
        html += call.link(context["links"], context["commands"]) or escape(line[:end])
        at = match.start() + end
    return html + _options(context, words[at:])


def _options(context: Context, words: str) -> Markup:
    """A part of a text without commands, whose options lead to their questions on the page."""
    asked: Mapping[str, tuple[str, Text | str]] = context.get("asked_for") or {}
    html, at = Markup(), 0
    for match in _OPTION.finditer(words):
        option, _, value = match[0].partition(" ")
        anchor, title = asked.get(f"{option} {value.partition('=')[0]}") or asked.get(option, ("", ""))
        if anchor:
            words_of_link = title if isinstance(title, str) else title.in_(context["lang"])
            html += escape(words[at : match.start()]) + Markup('<a href="#{}">{}</a>').format(anchor, words_of_link)
            at = match.end()
    return html + escape(words[at:])


class _Call:
    """A command as its page takes it (None: none does it): the record it is about, what stands in the address and in
    the query of the page, the fields that are left to fill in, and what it sets, in words."""

    def __init__(self, registry: Registry, lang: Language, page: Page | None, name: str) -> None:
        self.registry, self.lang, self.page = registry, lang, page
        self.places = page.command.split()[1:] if page is not None else []
        self.record: RecordId | None = None
        self.kind: Kind | None = None
        self.parameters: dict[str, str] = {}
        self.query: dict[str, list[str]] = {}
        self.opened: list[str] = []
        self.words: list[Text] = []
        if name.startswith(ADD):
            with suppress(UnknownKind):
                self.kind, _ = registry.schemas.kind_or_preset(name.removeprefix(ADD))
                self.parameters["kind"] = name.removeprefix(ADD)

    def read(self, parts: Sequence[re.Match[str]], begin: int) -> int:
        """Take the words after the name, up to the first that is none of the command; how many characters these are,
        from where the name ends."""
        words, taken = [_unquoted(part[0]) for part in parts], 0
        while taken < len(words) and (number := self._take(words[taken], words[taken + 1 : taken + 2])):
            taken += number
        return parts[min(taken, len(parts)) - 1].end() - begin if taken else 0

    def is_about(self, rid: RecordId) -> None:
        """Take a record as the one that the command is about."""
        self.record, self.kind = rid, self.registry.schemas.kinds[rid.kind]
        self.parameters |= {"kind": rid.kind, "id": rid.id}

    def link(self, links: Links, commands: Mapping[str, Page]) -> Markup | None:
        """A link to the page; None without one, and where it is about a record, and none is known."""
        page = self.page
        names = [*self.opened, *(name.removeprefix("a.") for name in self.query if name.startswith("a."))]
        if page is not None and page.command.startswith("set ") and any("[" in name for name in names):
            page, names = commands[ROWS], [*map(_dotted, names)]
            self._name_rows()
        if page is None or page.does is None or not {*re.findall(r"{(\w+)}", page.path)} <= self.parameters.keys():
            return None
        if "/conventions/" in page.path and (self.record is None or not is_convention(self.record)):
            return None
        query = {**self.query, **({"open": self.opened} if self.opened else {})}
        does = page.does.fill(record=self.record, kind=self.kind and self.kind.title, code=self.parameters.get("code"))
        if self.words:
            does = Message("{page} ({fields})", page=does, fields=joined(self.words, ", "))
        address = links.url(page.path.format(**self.parameters), **query) + (f"#q-{names[0]}" if names else "")
        return Markup('<a href="{}">{}</a>').format(address, does.in_(self.lang))

    def _take(self, word: str, following: Sequence[str]) -> int:
        """Take a word, and the one that follows if it is its value; how many that were."""
        if word in _FLAGS:
            self.query |= {"allow": [CORRECT]} if word == "--correct" else {}
            return 1
        if word.startswith("-") and word != "-":
            self._take_option(word, *following) if following else None
            return 1 + len(following) if following else 0
        if assignment := _ASSIGNMENT.fullmatch(word):
            self._assign(*assignment.groups())
            return 1
        if self.places == ["code"]:
            self.parameters["code"] = word
            self.places = []
            return 1
        with suppress(SmartregError):
            rid = record_of(self.registry, word).rid if self.places else None
            if rid is not None and (place := self.places.pop(0)) == "RECORD":
                self.is_about(rid)
            elif rid is not None:
                self.query[f"a.{place}"] = [str(rid)]
            return 1 if rid is not None or _OPEN.fullmatch(word) else 0
        is_kind = "KIND" in self.places and word in self.registry.schemas.kinds
        return 1 if is_kind or _OPEN.fullmatch(word) else 0

    def _take_option(self, option: str, value: str) -> None:
        is_open = _OPEN.fullmatch(value) is not None
        if option in _REASONS:
            self.query |= {} if is_open else {"reason": [value]}
        elif option == "--unset":
            self._fill(value, [], None)
        elif self.record is None and self.kind is not None and option != "--like":  # a new record
            self._assign(option.removeprefix("--").replace("-", "_"), "", value)
        elif is_open:
            self.opened.append(option)
        else:
            self.query.setdefault(f"a.{option}", []).append(value)

    def _assign(self, name: str, sign: str, value: str) -> None:
        field = self.kind.field_at(key_path(name)) if self.kind is not None else None
        if _OPEN.fullmatch(value):
            self.opened.append(name)
            self.words += [field.title] if field is not None else []
            return
        values: list[str] = [value]
        if sign and self.record is not None:
            record = self.registry.get(self.record)
            there = value_at(record.data, tuple(name.split("."))) if record is not None else None
            held = [str(item) for item in there] if isinstance(there, list) else []
            values = [*held, value] if sign == "+" else [item for item in held if item != value]
        self._fill(name, values, value)

    def _fill(self, name: str, values: Sequence[str], shown: str | None) -> None:
        """Have the page fill these values in; none: the field is left out."""
        self.query.setdefault(f"a.{name}", []).extend(values or [""])
        field = self.kind.field_at(key_path(name)) if self.kind is not None else None
        if self.kind is not None and field is not None:
            self.words.append(
                Message("without {title}", title=field.title)
                if shown is None
                else Message("{title}: {value}", title=field.title, value=cell(self.kind, field, shown, self.lang))
            )

    def _name_rows(self) -> None:
        """Name the fields as the page of a list does: `events.0.date`; a row is removed by an answer of its own."""
        bracketed = next(name for name in (*self.opened, *self.query) if "[" in name)
        self.parameters["field"] = bracketed.removeprefix("a.").partition("[")[0]
        query = {_dotted(name): values for name, values in self.query.items()}
        self.query = {
            f"{name}.remove" if name[-1].isdigit() else name: ["true"] if name[-1].isdigit() else values
            for name, values in query.items()
        }
        self.opened = [*map(_dotted, self.opened)]


def _dotted(name: str) -> str:
    return re.sub(r"\[(\d+)\]", r".\1", name)


def _unquoted(word: str) -> str:
    """A word as a shell reads it, without what ends a sentence."""
    try:
        return (shlex.split(word) or [""])[0].rstrip(".:") if word != "…" else word
    except ValueError:
        return word
