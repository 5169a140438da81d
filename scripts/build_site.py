"""Build the documentation site in English, and in French under fr/, with a page for each command made from its help.

    python scripts/build_site.py [FOLDER] [--source URL]

Needs the extra `docs`. Exit code 1 if a link is broken.

FOLDER: where to write the site (default: build/site). URL: where files of the repository can be viewed, such as
https://HOST/PATH/blob/COMMIT; without it, links to files outside the site become plain text.

A French page is `NAME.fr.md` beside `NAME.md`; a page with both languages begins on the French site with its French
part, to which its third line leads. Where there is neither, the French site has the English page. All rules stand on
one page, made from their manuals.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from os.path import relpath
from pathlib import Path, PurePosixPath

from manuals import Manual, manuals

from smartreg.cli.app import PROGRAM
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.options import in_language, t
from smartreg.commands.reference import all_pages
from smartreg.core.values import LANGUAGES, Language
from smartreg.rules import all_rules

ROOT = Path(__file__).parents[1]
SITE, STAGE = ROOT / "build" / "site", ROOT / "build" / "site-pages"
TOP_PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
HOME, COMMAND_FOLDER = "index.md", "commands"
RULES_PAGE, MANUALS = "rules.md", ROOT / "smartreg" / "rules" / "pages"
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_FRENCH_BELOW = re.compile(r"^\*\[Version française plus bas\.\]\(#.*\)\*\n\n", re.MULTILINE)
_HALVES = "\n---\n\n"  # between a page's English part and its French one
_LINK = re.compile(r"(?P<text>\[(?:[^\[\]]|\[[^\]]*\])*\])\((?P<target>[^)\s]+)\)|src=\"(?P<source>[^\"]+)\"")

# The pages in reading order; pages not listed here come after these.
SECTIONS = {
    t("Use", "Utiliser"): (
        "decide",
        "install",
        "countries",
        "records",
        "import",
        "workbooks",
        "conventions",
        "time",
        "questions",
        "refusals",
        "export",
        "report",
        "query",
        "python",
        "waivers",
    ),
    t("Work together", "Travailler ensemble"): ("gate", "ci", "diff", "merging", "audit", "privacy"),
    t("Reference", "Référence"): ("rules", "schemas", "guarantees", "performance", "scale", "licences"),
    t("Develop", "Développer"): ("ARCHITECTURE", "CONTRIBUTING", "plugin-rules", "releasing", "SECURITY", "CHANGELOG"),
}
COMMANDS_TITLE, OTHERS, DECISIONS = t("Commands", "Commandes"), t("More", "Aussi"), t("Decisions", "Décisions")
HEADINGS = t("| words | meaning |", "| mots | sens |")
NAMES = {"en": "English", "fr": "Français"}

CONFIG = """\
[project]
site_name = "smartreg"
site_description = "{about}"
docs_dir = "docs"
site_dir = "site"
use_directory_urls = false
nav = {nav}

[project.theme]
language = "{lang}"
font = false
custom_dir = "theme"
features = ["navigation.indexes", "navigation.top", "content.code.copy", "search.highlight"]

[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"

[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"

[project.extra]
generator = false
alternate = [{alternate}]

[project.markdown_extensions.tables]
[project.markdown_extensions.md_in_html]
[project.markdown_extensions.attr_list]
[project.markdown_extensions.toc]
permalink = true
slugify = {{ object = "pymdownx.slugs.slugify", kwds = {{ case = "lower" }} }}
[project.markdown_extensions.pymdownx.superfences]
[project.markdown_extensions.pymdownx.highlight]
"""
# Nothing is loaded from another server: fonts, scripts and pictures are part of the site.
POLICY = """\
{% extends "base.html" %}
{% block extrahead %}
<meta http-equiv="Content-Security-Policy" content="default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'">
{% endblock %}
"""  # noqa: E501


def pages_of(lang: Language) -> dict[str, Path]:
    """The pages of a language: files of the repository, by path in the site."""
    found = {name: ROOT / name for name in TOP_PAGES}
    found |= {file.relative_to(ROOT / "docs").as_posix(): file for file in (ROOT / "docs").rglob("*.md")}
    found[HOME] = found.pop("README.md")
    found["decisions/index.md"] = found.pop("decisions/README.md")
    pages = {path: file for path, file in found.items() if Path(path).suffixes == [".md"]}
    own = {path: file.with_suffix(f".{lang}.md") for path, file in pages.items()}
    return pages | {path: file for path, file in own.items() if file.exists()}


def put_french_first(text: str) -> str:
    """A page in both languages with its French part first: it gives the page its title. Every anchor stays."""
    if not _FRENCH_BELOW.search(text):
        return text
    english, _, french = text.rpartition(_HALVES)
    return f"{french}{_HALVES}{_FRENCH_BELOW.sub('', english, count=1)}\n"


def relink(text: str, path: str, file: Path, places: Mapping[Path, str], source: str | None) -> str:
    """The text of a page, with links to pages of the site, else to files of the repository."""

    def replace(match: re.Match[str]) -> str:
        target = match["target"] or match["source"]
        name, hash_, anchor = target.partition("#")
        if not name or ":" in name:
            return match[0]
        there = (file.parent / name).resolve()
        where = places.get(there)
        if where is not None:
            link = relpath(where, PurePosixPath(path).parent) + hash_ + anchor
        elif source:
            link = f"{source}/{there.relative_to(ROOT).as_posix()}{hash_}{anchor}"
        else:
            return str(match["text"] or match[0])[1:-1]
        return f"{match['text']}({link})" if match["text"] else f'src="{link}"'

    parts = _FENCED.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(replace, part) for part in parts)


def command_page(manual: Manual, lang: Language) -> str:
    """The help of a command as Markdown."""
    lines = [f"# {manual.name}", "", f"{manual.summary[:1].upper()}{manual.summary[1:]}.".replace("..", "."), ""]
    lines += ["```", manual.synopsis, "```", ""]
    tables = {in_language(t("Arguments", "Arguments"), lang): manual.arguments}
    commands = t("Kinds", "Types") if manual.name == "add" else COMMANDS_TITLE
    tables |= {in_language(commands, lang): manual.commands}
    tables |= {panel or "Options": records for panel, records in manual.panels.items()}
    for title, records in tables.items():
        if records:
            lines += [f"## {title}", "", in_language(HEADINGS, lang), "|---|---|"]
            lines += [*(_row(*record) for record in records), ""]
    return "\n".join(lines)


def _row(name: str, text: str) -> str:
    # A bar ends a table cell, even within code; `<` and `*` in help texts are Markdown syntax.
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    shown = re.sub(r"([*_`\[\]])", r"\\\1", shown)
    return f"| <code>{name.replace('<', '&lt;').replace('|', '&#124;')}</code> | {shown} |"


def stage(lang: Language, folder: Path, source: str | None) -> None:
    """Write the pages of a language, its theme and its settings."""
    pages, commands = pages_of(lang), list(manuals(lang))
    docs = folder / "docs"
    files = [file for file in (ROOT / "docs").rglob("*") if file.is_file() and file.suffix != ".md"]
    places = {file: path for path, file in pages.items()}
    places |= {file.with_name(PurePosixPath(path).name): path for path, file in pages.items()}
    places |= {ROOT / name: place for name, place in _homes(lang).items()}
    places |= {ROOT / "docs/decisions": "decisions/index.md", MANUALS: RULES_PAGE}
    places |= {file: f"{RULES_PAGE}#{file.name.partition('.')[0].lower()}" for file in MANUALS.glob("*.md")}
    places |= {file: file.relative_to(ROOT / "docs").as_posix() for file in files}
    for path, file in pages.items():
        text = file.read_text("utf-8") if lang == "en" else put_french_first(file.read_text("utf-8"))
        _write(docs / path, relink(text, path, file, places, source))
    for file in files:
        (docs / places[file]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, docs / places[file])
    for manual in commands:
        _write(docs / COMMAND_FOLDER / f"{manual.file}.md", command_page(manual, lang))
    _write(docs / RULES_PAGE, all_pages(all_rules().values(), lang))
    _write(folder / "theme" / "main.html", POLICY)
    alternate = [
        f'{{name = "{NAMES[other]}", link = "{_home_link(lang, other)}", lang = "{other}"}}' for other in LANGUAGES
    ]
    about = in_language(t("The registry of a Smart Métropole convention, kept as YAML files under Git",
                          "Le registre d'une convention Smart Métropole, en fichiers YAML sous Git"), lang)  # fmt: skip
    nav = _nav({**pages, RULES_PAGE: MANUALS}, commands, lang)
    _write(folder / "zensical.toml", CONFIG.format(lang=lang, about=about, nav=nav, alternate=", ".join(alternate)))


def _homes(lang: Language) -> dict[str, str]:
    """The targets of links to each README: the home page of this or of the other site."""
    names = {other: "README.md" if other == "en" else f"README.{other}.md" for other in LANGUAGES}
    return {name: HOME if other == lang else _home_link(lang, other) for other, name in names.items()}


def _home_link(lang: Language, other: Language) -> str:
    """The relative link from the home page of one language to that of another."""
    return ("" if lang == "en" else "../") + ("" if other == "en" else f"{other}/") + "index.html"


def _nav(pages: Mapping[str, Path], commands: list[Manual], lang: Language) -> str:
    """The table of contents in TOML; the title of a page is its first heading."""
    named = {in_language(title, lang): [f"{name}.md" for name in names] for title, names in SECTIONS.items()}
    known = {path for paths in named.values() for path in paths} | {HOME}
    more = sorted(path for path in pages if path not in known and "/" not in path)
    decisions = sorted(path for path in pages if path.startswith("decisions/"))
    groups = {title: [path for path in paths if path in pages] for title, paths in named.items()}
    groups |= {in_language(OTHERS, lang): more, in_language(DECISIONS, lang): decisions}
    entries = [f'"{HOME}"', _group(COMMANDS_TITLE, _command_groups(commands, lang), lang)]
    entries += [_group(title, [f'"{path}"' for path in paths], lang) for title, paths in groups.items() if paths]
    return f"[{', '.join(entries)}]"


def _command_groups(commands: list[Manual], lang: Language) -> list[str]:
    """Commands by their panel in the help; each `add-…` is listed with `add`."""
    found: dict[str, list[str]] = {}
    for manual in commands:
        panel = "" if manual.name == PROGRAM else COMMANDS.get(manual.name.split()[0], COMMANDS["add"]).panel
        found.setdefault(panel, []).append(f'"{COMMAND_FOLDER}/{manual.file}.md"')
    return [entry for panel, paths in found.items() for entry in ([_group(panel, paths, lang)] if panel else paths)]


def _group(title: str, entries: list[str], lang: Language) -> str:
    return f'{{"{in_language(title, lang)}" = [{", ".join(entries)}]}}'


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", nargs="?", type=Path, default=SITE)
    reader.add_argument("--source", help="where files of the repository can be viewed")
    options = reader.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    shutil.rmtree(STAGE, ignore_errors=True)
    for lang in LANGUAGES:
        stage(lang, STAGE / lang, options.source)
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
        done = subprocess.run(command, cwd=STAGE / lang, check=False)
        if done.returncode:
            return 1
        shutil.copytree(STAGE / lang / "site", options.folder if lang == "en" else options.folder / lang)
    print(f"{sum(1 for _ in options.folder.rglob('*.html'))} pages in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
