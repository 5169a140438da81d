"""The manual pages of rules, in both languages, and the codes that have one: the settings may name no other,
because a misspelled code would silently change nothing.

The English page of a rule is `MANUAL` in its module, the French page the file `<module>.fr.md` next to it. Codes
without a check have no module but two files: `rules/pages/<CODE>.md` and `<CODE>.fr.md`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import smartreg.rules
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Severity
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Language, Location, Mark, Words
from smartreg.rules import Rule, found_elsewhere
from smartreg.rules.rule import Scope
from smartreg.schema.settings import FILE, Config
from smartreg.validation.waivers import is_unwaivable

_PAGES = Path(smartreg.rules.__file__).with_name("pages")
_HEAD = re.compile(r"# (?P<title>.+)\n\n(?P<code>[A-Z]+[0-9]+): (?P<severity>\w+), (?P<scope>\w+)\n")


def manual(rule: Rule, lang: Language) -> str:
    """The manual page of a rule, as Markdown without its title; in English if there is no French page."""
    if rule.page is not None:
        return rule.page.strip()
    if rule.check is found_elsewhere:
        return _sections(_read(rule.code, lang))
    french = _french(rule) if lang == "fr" else None
    return (_english(rule) if french is None else french).strip()


def catalogue() -> Mapping[str, Rule]:
    """The codes that are found elsewhere, as the heads of their pages declare them. Reads all pages: not for every
    run."""
    return {rule.code: rule for rule in map(_read_head, sorted(_PAGES.glob("*[0-9].md")))}


def _read_head(page: Path) -> Rule:
    head = _HEAD.match(page.read_text("utf-8"))
    if head is None or head["code"] != page.stem:
        raise ValueError(f"{page.name} does not begin with its title and a line like {page.stem}: error, file")
    title = Words(head["title"], _read(page.stem, "fr").partition("\n")[0].removeprefix("# "))
    scope = cast(Scope, head["scope"])
    return Rule(
        page.stem,
        cast(Severity, head["severity"]),
        scope,
        (),
        title,
        found_elsewhere,
        f"{smartreg.rules.__name__}.pages",
    )


def _read(code: str, lang: Language) -> str:
    return (_PAGES / f"{code}{'.fr' if lang == 'fr' else ''}.md").read_text("utf-8")


def _sections(page: str) -> str:
    return page[page.index("## ") :].strip()


def _english(rule: Rule) -> str:
    """`MANUAL` of the rule's module; for a plug-in without one, its docstring after the title line."""
    module = import_module(rule.module)
    page: str | None = getattr(module, "MANUAL", None)
    return (module.__doc__ or "").partition("\n")[2] if page is None else page


def _french(rule: Rule) -> str | None:
    spec = find_spec(rule.module)
    file = Path(spec.origin).with_suffix(".fr.md") if spec is not None and spec.origin else None
    return file.read_text("utf-8") if file is not None and file.is_file() else None


def refuse_unknown_codes(config: Config, rules: Collection[str]) -> None:
    """UsageFault for the first code (or prefix) of no rule in `select`, `ignore`, `[severity]` and `[[waiver]]`, and
    for a waiver of a code that cannot be waived."""
    for place, where, code, prefix in _codes_in(config):
        if code in rules or (prefix and code and any(known.startswith(code) for known in rules)):
            continue
        raise UsageFault(
            Words(f'{FILE}{place}: no rule "{code}"', f"{FILE}{place} : pas de règle « {code} »"),
            did_you_mean(code, rules, Words("smartreg explain --all lists them", "smartreg explain --all les liste")),
            where,
        )
    for waiver in config.waivers:
        if is_unwaivable(waiver.code):
            place = _place(waiver.line)
            raise UsageFault(
                Words(
                    f"{FILE}{place}: {waiver.code} cannot be waived",
                    f"{FILE}{place} : {waiver.code} ne peut pas être accepté",
                ),
                Words(f"smartreg explain {waiver.code} says why", f"smartreg explain {waiver.code} dit pourquoi"),
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
