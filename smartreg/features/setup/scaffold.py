"""The files that a new registry starts with, besides its records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from smartreg.core.messages import SOURCE, Language
from smartreg.features.setup.welcome import README, readme
from smartreg.gitio import DRIVER
from smartreg.registry import FOLDER, SCHEMA_FOLDER
from smartreg.schema import Schemas
from smartreg.schema.countries import CATEGORIES, Country
from smartreg.schema.settings import Config

ATTRIBUTES_FILE = ".gitattributes"
KEPT = (README, ".editorconfig", ".vscode/settings.json")  # for people and editors: those of a repository stay

ATTRIBUTES = f"""\
{FOLDER}/**/*.yaml text eol=lf diff={DRIVER} merge={DRIVER}
{SCHEMA_FOLDER}/*.json text eol=lf
smartreg.toml text eol=lf
"""

EDITORCONFIG = """\
root = true

[*.{yaml,json,toml}]
charset = utf-8
end_of_line = lf
indent_style = space
indent_size = 2
insert_final_newline = true
"""


def files_for(
    schemas: Schemas,
    schema_texts: Mapping[str, bytes],
    settings: str,
    name: str,
    country: Country,
    lang: Language = SOURCE,
) -> dict[str, bytes]:
    """Path → text, but for pipelines and forms of a service; `id`: that of the registry; `lang`: that of what people
    read."""
    texts = {
        README: readme(schemas, name, country, lang),
        "smartreg.toml": settings,
        ATTRIBUTES_FILE: ATTRIBUTES,
        ".editorconfig": EDITORCONFIG,
        ".vscode/settings.json": editor_settings(schemas),
        **{f"{kind.place}/.gitkeep": "" for kind in schemas.kinds.values()},
    }
    schema_files = {f"{SCHEMA_FOLDER}/{path}": text for path, text in schema_texts.items()}
    return {path: text.encode() for path, text in texts.items()} | schema_files


def with_attributes(there: bytes) -> bytes:
    """The text of a .gitattributes with our lines added below what it says."""
    lines = there.splitlines()
    new = [line for line in ATTRIBUTES.encode().splitlines(keepends=True) if line.strip() not in lines]
    return there + (b"" if there.endswith(b"\n") or not there else b"\n") + b"".join(new)


def settings(
    id: str,
    name: str,
    country: Country,
    metropole: str | None = None,
    epci: str | None = None,
    municipalities: Sequence[str] = (),
    boundaries: str | None = None,
) -> str:
    """The text of a new `smartreg.toml`. `id`: that of the registry; `metropole`: that of the party that keeps it;
    `municipalities`: the codes of those of the territory, where no EPCI has them."""
    lines = [f'id = "{id}"', f"name = {json.dumps(name, ensure_ascii=False)}"]
    if metropole:
        lines.append(f"{'metropole' if country.french else 'lead_party'} = {json.dumps(metropole)}")
    if not country.french:
        lines += [f'country = "{country.code}"', f'language = "{country.language}"  # of titles and texts']
    lines += [f'timezone = "{country.timezone}"', 'new_ids = "random"']
    if not country.french:
        third = [CATEGORIES.get(word, word) for word in Config.third_party_categories]
        lines.append(f"third_party_categories = {json.dumps(third)}")
    if epci or municipalities:
        lines += ["", "[territory]"]
    if epci:
        lines.append(f"epci_siren = {json.dumps(epci)}")
    if municipalities:
        lines += ["municipalities = [", *(f"  {json.dumps(code)}," for code in municipalities), "]"]
    if boundaries:
        lines.append(f"boundaries = {json.dumps(boundaries)}")
    if not country.french:
        lines += ["", "[release]", f'licence = "{country.open_licence}"']
    return "\n".join(lines) + "\n"


def editor_settings(schemas: Schemas) -> str:
    """Which schema an editor should use for which records, for files that lack the first line that says so."""
    globs = {f"{SCHEMA_FOLDER}/{kind.name}.schema.json": f"{kind.place}/**/*.yaml" for kind in schemas.kinds.values()}
    return json.dumps({"yaml.schemas": globs, "files.eol": "\n"}, indent=2) + "\n"
