"""`explain`: the manual page of a rule, and the page of all rules."""

from __future__ import annotations

from collections.abc import Callable

from smartreg.rules import Rule, all_rules, rule_named
from smartreg.values import Language


def explain(code: str, plugins: Callable[[], tuple[str, ...]]) -> Rule:
    """The rule with this code, smartreg's own or of the plug-ins that are asked for only then; UsageFault with a
    suggestion when there is none."""
    own = all_rules()
    return own[code.upper()] if code.upper() in own else rule_named(code, all_rules(plugins()))


def page_of(rule: Rule, lang: Language) -> str:
    """The manual page as Markdown."""
    _, _, body = rule.manual.partition("\n")
    return f"# {rule.code} · {rule.title.in_(lang)}\n\nSeverity: {rule.severity}\n{body.rstrip()}\n"


def all_pages(lang: Language, plugins: tuple[str, ...] = ()) -> str:
    """Every manual page, in the order of the codes, under one table: the text of `docs/rules.md`."""
    rules = list(all_rules(plugins).values())
    table = "\n".join(
        f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title.in_(lang)} |" for rule in rules
    )
    pages = "\n".join(_section(rule, lang) for rule in rules)
    return (
        f"# Rules\n\nMade by `smartreg explain --all`.\n\n| code | severity | what |\n|---|---|---|\n{table}\n\n{pages}"
    )


def _section(rule: Rule, lang: Language) -> str:
    lines = page_of(rule, lang).split("\n")
    fenced = False
    out = [f'<a id="{rule.code.lower()}"></a>\n', f"#{lines[0]}"]
    for text in lines[1:]:
        fenced ^= text.startswith("```")
        out.append(f"#{text}" if text.startswith("## ") and not fenced else text)
    return "\n".join(out)
