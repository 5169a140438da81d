"""`explain`: the manual page of a rule, and the page of all rules. `schema`: print a kind's schema, list the kinds,
or refresh the schemas of a registry from those of this release."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from smartreg.core.escape import json_text
from smartreg.core.findings import CALLED
from smartreg.core.messages import Language, Message
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.registry import SCHEMA_FOLDER
from smartreg.rules import Rule, all_rules, rule_named
from smartreg.schema import Kind, Schemas, bundled_files, read_schemas, schemas_in
from smartreg.schema.countries import country_named
from smartreg.validation.manuals import manual
from smartreg.workspace.workspace import Workspace, write


def explain(code: str, plugins: Callable[[], tuple[str, ...]]) -> Rule:
    """The rule with this code, smartreg's own or of the plug-ins that are asked for only then; UsageFault with a
    suggestion when there is none."""
    own = all_rules()
    return own[code.upper()] if code.upper() in own else rule_named(code, all_rules(*plugins()))


def page_of(rule: Rule, lang: Language) -> str:
    """The manual page as Markdown."""
    severity = Message("Severity: ").in_(lang) + _severity(rule, lang)
    if rule.law:
        country = country_named(rule.law).name
        severity += "\n\n" + Message("Only in registries of {country}.", country=country).in_(lang)
    return f"# {rule.code} · {rule.title.in_(lang)}\n\n{severity}\n\n{manual(rule, lang)}\n"


def pages_json(rules: Iterable[Rule], lang: Language) -> str:
    """The attributes of each rule, its page as Markdown."""
    rows = [
        {
            "code": rule.code,
            "severity": rule.severity,
            "scope": rule.scope,
            "kinds": list(rule.kinds),
            "title": rule.title.in_(lang),
            **({"law": rule.law} if rule.law else {}),
            "page": manual(rule, lang),
        }
        for rule in rules
    ]
    return json_text({"version": 1, "lang": lang, "rules": rows})


def all_pages(rules: Collection[Rule], lang: Language) -> str:
    """The manual pages of rules under one table, in Markdown."""
    table = "\n".join(
        f"| [{rule.code}](#{rule.code.lower()}) | {_severity(rule, lang)} | {rule.title.in_(lang)} |" for rule in rules
    )
    pages = "\n".join(_section(rule, lang) for rule in rules)
    head = Message("# Rules\n\nMade by `smartreg explain --all --lang en`.\n\n| code | severity | what |")
    return f"{head.in_(lang)}\n|---|---|---|\n{table}\n\n{pages}"


def _severity(rule: Rule, lang: Language) -> str:
    """Its name for people and, if different, the word in settings and machine formats."""
    called = CALLED[rule.severity].in_(lang)
    return called if called == rule.severity else f"{called} ({rule.severity})"


def _section(rule: Rule, lang: Language) -> str:
    lines = page_of(rule, lang).split("\n")
    fenced = False
    out = [f'<a id="{rule.code.lower()}"></a>\n', f"#{lines[0]}"]
    for text in lines[1:]:
        fenced ^= text.startswith("```")
        out.append(f"#{text}" if text.startswith("## ") and not fenced else text)
    return "\n".join(out)


def schemas_of(workspace: Workspace | None) -> Schemas:
    """The schemas of the registry, or those of this release outside of one."""
    return read_schemas(bundled_files()) if workspace is None else workspace.current.schemas


def schema(workspace: Workspace | None, word: str) -> Kind:
    """The kind that people call `word`; its `schema` is self-contained, all references inside."""
    return schemas_of(workspace).kind(word)


def refresh(workspace: Workspace, options: WriteOptions) -> Outcome:
    """Bring the schemas that smartreg ships for the country up to this release; those of another country go, and a
    registry's own further kinds stay as they are."""
    shipped: dict[str, bytes | None] = {f"{SCHEMA_FOLDER}/{name}": None for name in bundled_files()}
    shipped |= {f"{SCHEMA_FOLDER}/{name}": text for name, text in schemas_in(workspace.config.country).items()}
    tree = workspace.current.tree
    before = dict(tree.read_many([path for path in shipped if path in tree.files()]))
    writes = {path: text for path, text in shipped.items() if before.get(path) != text}
    edit = Edit("schema", (), writes, "Refresh the schemas")
    return write(workspace, workspace.current, edit, options)
