"""A registry with faults of all sorts, judged; for tests of reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from smartreg.commands.validate import Verdict
from smartreg.registry import open_registry
from smartreg.rules import Context, all_rules, indexed_fields
from smartreg.schema import bundled_files, read_schemas
from smartreg.schema.settings_file import read_config
from smartreg.trees import MemoryTree
from smartreg.validation.check import Checker, Selection
from smartreg.workspace.locating import locator

ON = date(2026, 1, 15)
SENSOR = """\
id: s1
type: "sensor](https://example.org) ##[group]x %0A::set-env name=A::b"
status: actve
owner: istres
support: "é`|` <script>alert(1)</script> ]]> {0}"
use_cases:
  - nobody
  - "@everyone"
"nom, é:": 1
"""
FILES: Mapping[str, str] = {
    "smartreg.toml": 'name = "Istres"\n',
    "registry/equipment/s1.yaml": SENSOR,
    "registry/equipment/a/s2.yaml": "id: s2\n",
    "registry/equipment/b/s2.yaml": "id: s2\nid: s2\n",
    "registry/equipment/::stop-commands::x%0A,y.yaml": "id: s3\n  type: sensor\n",
    "registry/parties/istres.yaml": "id: istres\nname: Istres\ncategory: commune\n",
    "registry/parties/fos.yaml": "id: fos\nname: Fos-sur-Mer\ncategory: commune\n",
}
CODES = ("YML", "SCH101", "SCH103", "SCH107", "REF201", "REF203", "REF214")
CLEAN: Mapping[str, str] = {"smartreg.toml": FILES["smartreg.toml"]}


def verdict_on(files: Mapping[str, str], *, codes: tuple[str, ...] = CODES, prefix: str = "") -> Verdict:
    """What `validate` finds in these files; `rules` holds only those that have found something, with short pages."""
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    registry = open_registry(tree, None, indexed_fields(all_rules().values()))
    context = Context(read_schemas(bundled_files()), read_config(files["smartreg.toml"].encode()), ON)
    checker = Checker(all_rules(), context, Selection(codes, severity={"SCH107": "warning"}))
    findings = checker.check(registry).findings
    codes_found = sorted({finding.code for finding in findings})
    rules = {code: checker.rules[code]._replace(page=f"## Why\n\n`{{{code}}}`\n") for code in codes_found}
    return Verdict(
        findings, len(registry.by_file), tree.name, ON, locator(registry), rules, dict(registry.by_file), prefix
    )
