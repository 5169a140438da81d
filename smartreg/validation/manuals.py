"""The manual pages of rules: the English one stands at the head of the rule's module, the French one in a file beside
it, `<module>.fr.md`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from smartreg.core.values import Language
from smartreg.rules import Rule


def manual(rule: Rule, lang: Language) -> str:
    """What explains a rule, as Markdown without its title; in English where nobody has written a French page."""
    french = _french(rule) if lang == "fr" else None
    return rule.manual.partition("\n")[2].strip() if french is None else french.strip()


def _french(rule: Rule) -> str | None:
    spec = find_spec(rule.module) if rule.page is None else None
    file = Path(spec.origin).with_suffix(".fr.md") if spec is not None and spec.origin else None
    return file.read_text("utf-8") if file is not None and file.is_file() else None
