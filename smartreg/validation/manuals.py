"""The manual pages of rules, in both languages, and the codes that have one: the settings may name no other,
because a misspelled code would silently change nothing.

Pages are `rules/pages/<CODE>.md` and `<CODE>.fr.md`. Those of codes without a check begin with what a module declares
otherwise: title, severity and scope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

import smartreg.rules
import smartreg.schema.countries
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Severity
from smartreg.core.messages import ELSEWHERE, SOURCE, Language, Localized, Message, english_said
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Location, Mark
from smartreg.rules import Rule, found_elsewhere
from smartreg.rules.rule import Scope
from smartreg.schema.settings import FILE, Config
from smartreg.validation.waivers import is_unwaivable

_PAGES = Path(smartreg.rules.__file__).with_name("pages")
_ELSEWHERE = Path(smartreg.schema.countries.__file__).with_name("manuals.json")
"""Patterns in the English pages, and what registries of other countries than France read in their place."""
_HEAD = r"# (?P<title>.+)\n\n(?P<code>[A-Z]+[0-9]+): (?P<severity>\w+), (?P<scope>\w+)\n"


def manual(rule: Rule, lang: Language) -> str:
    """The manual page of a rule, as Markdown without its title; in English if there is no French page."""
    if rule.page is not None:
        return rule.page.strip()
    if rule.module.startswith(f"{smartreg.rules.__name__}."):
        page = _read(rule.code, lang)
        return page[page.index("## ") :].strip()
    return _plugin_page(rule, lang).strip()


def catalogue() -> Mapping[str, Rule]:
    """The codes that are found elsewhere, as the heads of their pages declare them. Reads all pages: not for every
    run."""
    pages = ((page.stem, _read(page.stem, "en")) for page in sorted(_PAGES.glob("*[0-9].md")))
    return {code: _read_head(code, page) for code, page in pages if not page.startswith("## ")}


def _read_head(code: str, page: str) -> Rule:
    head = re.match(_HEAD, page)
    if head is None or head["code"] != code:
        raise ValueError(f"{code}.md does not begin with its title and a line like {code}: error, file")
    title = Localized.of(en=head["title"], fr=_read(code, "fr").partition("\n")[0].removeprefix("# "))
    severity, scope = cast(Severity, head["severity"]), cast(Scope, head["scope"])
    return Rule(code, severity, scope, (), title, found_elsewhere, f"{smartreg.rules.__name__}.pages")


def _read(code: str, lang: Language) -> str:
    page = _PAGES / f"{code}.{lang}.md"
    text = (page if page.is_file() else _PAGES / f"{code}.md").read_text("utf-8")
    return _in_other_countries(text) if lang == SOURCE and english_said() == ELSEWHERE else text


def _in_other_countries(page: str) -> str:
    """An English page as a registry of another country than France reads it: with its names of fields and without
    articles of French law. What is about France says so."""
    for pattern, other in json.loads(_ELSEWHERE.read_bytes()):
        page = re.sub(pattern, other, page)
    return page


def _plugin_page(rule: Rule, lang: Language) -> str:
    """The page of a plug-in's rule: the file `<module>.fr.md` (in French) next to its module, if there is one; else
    `MANUAL` of the module, or its docstring after the title line."""
    module = import_module(rule.module)
    translation = Path(module.__file__ or "").with_suffix(f".{lang}.md")
    if module.__file__ and translation.is_file():
        return translation.read_text("utf-8")
    page: str | None = getattr(module, "MANUAL", None)
    return (module.__doc__ or "").partition("\n")[2] if page is None else page


def refuse_unknown_codes(config: Config, rules: Collection[str]) -> None:
    """UsageFault for the first code (or prefix) of no rule in `select`, `ignore`, `[severity]` and `[[waiver]]`, and
    for a waiver of a code that cannot be waived."""
    for place, where, code, prefix in _codes_in(config):
        if code in rules or (prefix and code and any(rule_code.startswith(code) for rule_code in rules)):
            continue
        raise UsageFault(
            Message('{file}{place}: no rule "{code}"', file=FILE, place=place, code=code),
            did_you_mean(code, rules, Message("smartreg explain --all lists them")),
            where,
        )
    for waiver in config.waivers:
        if is_unwaivable(waiver.code):
            place = _place(waiver.line)
            raise UsageFault(
                Message("{file}{place}: {code} cannot be waived", file=FILE, place=place, code=waiver.code),
                Message("smartreg explain {code} says why", code=waiver.code),
                Location(FILE, mark=Mark(waiver.line or 1, 1)),
            )


def _codes_in(config: Config) -> Iterator[tuple[str, Location, str, bool]]:
    """The place of a code (in words, and as a location), the code, and whether a prefix is allowed."""
    for name, codes in (("select", config.select), ("ignore", config.ignore)):
        yield from ((f": {name}", Location(FILE, (name,)), code, True) for code in codes)
    yield from ((": [severity]", Location(FILE, ("severity", code)), code, False) for code in config.severity)
    for waiver in config.waivers:
        yield _place(waiver.line), Location(FILE, mark=Mark(waiver.line or 1, 1)), waiver.code, False


def _place(line: int) -> str:
    return f":{line}: waiver" if line else ": waiver"
