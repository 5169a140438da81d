"""Commands in sentences, which lead to the pages that do the same: what a finding or a refusal says to run is a link,
with the record and the fields filled in. A page says of which command it is the page (`Page.command`); a command
without a page stays as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from smartreg.commands.workspace import record_of
from smartreg.core.errors import SmartregError
from smartreg.core.messages import Language, Message, Text, joined
from smartreg.core.values import Json, RecordId, value_at
from smartreg.core.webpage import visible_lines
from smartreg.domain.kinds import is_convention
from smartreg.registry import Registry
from smartreg.schema import Field, Kind, UnknownKind, key_path
from smartreg.schema.cells import cell
from smartreg.web.visit import Links, Page

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


@dataclass
class Call:
    """A command as its page takes it: the record it is about, what stands in the query of the page, the fields that are
    left to fill in, and what it sets, in words."""

    record: RecordId | None = None
    kind: Kind | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    query: dict[str, list[str]] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    words: list[Text] = field(default_factory=list)


@pass_context
def guide(context: Context, text: Text, file: str = "") -> Markup:
    """A filter of templates: the text, whose commands are links to the pages that do the same. `file`: that of the
    record that it is about, for commands that name none; options that the page itself asks for (`asked_for`: their
    anchors and titles) lead there."""
    lang, shown = context["lang"], context.get("shown")
    words = visible_lines(text.in_(lang))
    html, at = Markup(), 0
    for match in _COMMAND.finditer(words) if shown is not None else ():
        html += _options(context, words[at : match.start()])
        registry = shown.workspace.current
        about = registry.by_file.get(file)
        lead, end = _Reader(registry, context["pages"], context["links"], lang, about).lead(match[0])
        at = match.start() + end
        html += lead
    return html + _options(context, words[at:])


def _options(context: Context, words: str) -> Markup:
    """A part of a text without commands, whose options lead to their questions on the page."""
    asked: Mapping[str, tuple[str, Text | str]] = context.get("asked_for") or {}
    html, at = Markup(), 0
    for match in _OPTION.finditer(words):
        option, _, value = match[0].partition(" ")
        anchor, title = asked.get(f"{option} {value.partition('=')[0]}") or asked.get(option, ("", ""))
        if anchor:
            said = title if isinstance(title, str) else title.in_(context["lang"])
            html += escape(words[at : match.start()]) + Markup('<a href="#{}">{}</a>').format(anchor, said)
            at = match.end()
    return html + escape(words[at:])


class _Reader:
    """Reads commands in one registry."""

    def __init__(
        self, registry: Registry, pages: Sequence[Page], links: Links, lang: Language, about: RecordId | None
    ) -> None:
        self._registry, self._links, self._lang, self._about = registry, links, lang, about
        self._pages = {page.command.partition(" ")[0]: page for page in pages if page.command}

    def lead(self, line: str) -> tuple[Markup, int]:
        """A link to the page that does what a command line does, and how many characters of the line it stands for;
        the line itself where no page does it."""
        words = list(re.finditer(_WORD, line))[1:]
        name = words[0][0]
        page = self._pages.get(ADD if name.startswith(ADD) else name)
        call, end = Call(), words[0].end()
        places = page.command.split()[1:] if page is not None else []
        if name.startswith(ADD):
            try:
                call.kind, _ = self._registry.schemas.kind_or_preset(name.removeprefix(ADD))
            except UnknownKind:
                page = None
            call.parameters["kind"] = name.removeprefix(ADD)
        taken = 1
        while taken < len(words):
            number = self._take(call, places, [_unquoted(word[0]) for word in words[taken : taken + 2]])
            if number == 0:
                break
            taken += number
            end = words[min(taken, len(words)) - 1].end()
        if call.record is None and "RECORD" in places and self._about is not None:
            self._about_record(call, self._about)
        link = page and self._link(page, call)
        return (link or escape(line[:end])), end

    def _take(self, call: Call, places: list[str], words: Sequence[str]) -> int:
        """Take the first word into the call, with its value if it is an option; how many words that were."""
        word, following = words[0], words[1] if len(words) > 1 else None
        if word in _FLAGS:
            if word == "--correct":
                call.query.setdefault("allow", []).append(CORRECT)
            return 1
        if word in _REASONS or word.startswith("--"):
            if following is None:
                return 0
            self._option(call, word, following)
            return 2
        if assignment := _ASSIGNMENT.fullmatch(word):
            self._assign(call, *assignment.groups())
            return 1
        if places and (rid := self._find(word)) is not None:
            if (name := places.pop(0)) == "RECORD":
                self._about_record(call, rid)
            else:
                call.query[f"a.{name}"] = [str(rid)]
            return 1
        is_kind = "KIND" in places and word in self._registry.schemas.kinds
        return 1 if is_kind or _OPEN.fullmatch(word) else 0

    def _about_record(self, call: Call, rid: RecordId) -> None:
        call.record, call.kind = rid, self._registry.schemas.kinds[rid.kind]
        call.parameters |= {"kind": rid.kind, "id": rid.id}

    def _option(self, call: Call, option: str, value: str) -> None:
        is_open = _OPEN.fullmatch(value) is not None
        if option in _REASONS:
            call.query |= {} if is_open else {"reason": [value]}
        elif option == "--unset":
            self._fill(call, value, [], None)
        elif call.record is None and call.kind is not None and option != "--like":  # a new record
            self._assign(call, option.removeprefix("--").replace("-", "_"), "", value)
        elif is_open:
            call.opened.append(option)
        else:
            call.query.setdefault(f"a.{option}", []).append(value)

    def _assign(self, call: Call, name: str, sign: str, value: str) -> None:
        if _OPEN.fullmatch(value):
            call.opened.append(name)
            call.words += self._title(call, name)
            return
        values: list[str] = [value]
        if sign and call.record is not None:
            record = self._registry.get(call.record)
            there = value_at(record.data, tuple(name.split("."))) if record is not None else None
            held = [str(item) for item in there] if isinstance(there, list) else []
            values = [*held, value] if sign == "+" else [item for item in held if item != value]
        self._fill(call, name, values, value)

    def _fill(self, call: Call, name: str, values: Sequence[str], shown: str | None) -> None:
        """Have the page fill these values in; none: the field is left out."""
        call.query.setdefault(f"a.{name}", []).extend(values or [""])
        for title in self._title(call, name):
            call.words.append(
                Message("without {title}", title=title)
                if shown is None
                else Message("{title}: {value}", title=title, value=self._cell(call, name, shown))
            )

    def _title(self, call: Call, name: str) -> list[Text]:
        field = _field(call, name)
        return [field.title] if field is not None else []

    def _cell(self, call: Call, name: str, value: Json) -> str:
        assert call.kind is not None
        return cell(call.kind, _field(call, name), value, self._lang)

    def _find(self, word: str) -> RecordId | None:
        try:
            return record_of(self._registry, word).rid
        except SmartregError:
            return None

    def _link(self, page: Page, call: Call) -> Markup | None:
        """The link; None where the page is about a record, and none is known."""
        names = [*call.opened, *(name.removeprefix("a.") for name in call.query if name.startswith("a."))]
        if page.command.startswith("set ") and any("[" in name for name in names):  # the rows of a list
            return self._link(self._pages[ROWS], _about_rows(call, names))
        if page.does is None or any(name not in call.parameters for name in re.findall(r"{(\w+)}", page.path)):
            return None
        if "/conventions/" in page.path and (call.record is None or not is_convention(call.record)):
            return None
        path = page.path.format(**call.parameters)
        query = {**call.query, **({"open": call.opened} if call.opened else {})}
        anchor = f"#q-{names[0]}" if names else ""
        said = page.does.fill(record=call.record, kind=call.kind and call.kind.title)
        if call.words:
            said = Message("{page} ({fields})", page=said, fields=joined(call.words, ", "))
        return Markup('<a href="{}">{}</a>').format(self._links.url(path, **query) + anchor, said.in_(self._lang))


def _field(call: Call, name: str) -> Field | None:
    return call.kind.field_at(key_path(name)) if call.kind is not None else None


def _about_rows(call: Call, names: Sequence[str]) -> Call:
    """The call of the page of the list that a command names, on which `events[0].date` is `events.0.date`, and a row is
    removed by an answer of its own."""
    call.parameters["field"] = names[0].partition("[")[0]
    dotted = {re.sub(r"\[(\d+)\]", r".\1", name): values for name, values in call.query.items()}
    call.query = {
        f"{name}.remove" if name[-1].isdigit() else name: ["true"] if name[-1].isdigit() else values
        for name, values in dotted.items()
    }
    call.opened = [re.sub(r"\[(\d+)\]", r".\1", name) for name in call.opened]
    return call


def _unquoted(word: str) -> str:
    """A word as a shell reads it, without what ends a sentence."""
    try:
        return (shlex.split(word) or [""])[0].rstrip(".:") if word != "…" else word
    except ValueError:
        return word
