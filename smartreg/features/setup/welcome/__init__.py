"""The pages of a new registry for people who open it in a browser: a README, and what a correction should say.

Each is a file per language beside this module; any other language gets English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from smartreg.core.escape import plain_or_code
from smartreg.core.messages import SOURCE, Language
from smartreg.schema import Schemas
from smartreg.schema.countries import Country

README = "README.md"
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/ISSUE_TEMPLATE/correction.yml": "issue.yml",
        ".github/pull_request_template.md": "change.md",
    },
    "gitlab": {
        ".gitlab/issue_templates/Correction.md": "issue.md",
        ".gitlab/merge_request_templates/Default.md": "change.md",
    },
}
"""The forms of each service: the place from the top of the repository, and the page."""
_PAGES = Path(__file__).parent
_ELSEWHERE = {"bilan.html": "report.html", "12 boulevard Paul Painlevé": "12 Market Street"}
"""What the English pages say in other countries than France."""
_PLACEHOLDER = re.compile(r"@([a-z]+)@")


def readme(schemas: Schemas, name: str, country: Country, lang: Language) -> str:
    """What the registry is, where its records are, and how to correct one."""
    kinds = schemas.kinds.values()
    folders = (f"| [{kind.place}]({kind.place}) | {plain_or_code(kind.plural.in_(lang))} |" for kind in kinds)
    values = {"name": plain_or_code(name), "folders": "\n".join(folders)}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], _page(README, country, lang))


def templates(services: Iterable[str], country: Country, lang: Language) -> dict[str, bytes]:
    """The forms for corrections and changes of these services, by path from the top of the repository."""
    return {path: _page(page, country, lang).encode() for word in services for path, page in TEMPLATES[word].items()}


def _page(name: str, country: Country, lang: Language) -> str:
    own = _PAGES / lang / name
    if own.is_file() and lang != SOURCE:
        return own.read_text("utf-8")
    text = (_PAGES / SOURCE / name).read_text("utf-8")
    for french, english in () if country.french else _ELSEWHERE.items():
        text = text.replace(french, english)
    return text
