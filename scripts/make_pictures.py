"""Make the pictures of the README and of docs/web.md: the page of a registry, a terminal in which a sensor is refused,
then added, and the desk.

python scripts/make_pictures.py      writes docs/images/ (make pictures); needs a browser, see get_browser.py

benchmarks/generate.py makes the registry of the page; the terminal shows what the program really prints.
"""

from __future__ import annotations

import base64
import io
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SMARTREG = str(Path(sys.executable).with_name("smartreg"))
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
# A fixed author and date, so that the pictures are always the same.
COMMIT = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (
        ("DATE", "2026-01-15T09:00:00+01:00"),
        ("NAME", "Service Smart Métropole"),
        ("EMAIL", "registre@example.org"),
    )
}
METROPOLE = "metropole-d-aix-marseille-provence"

# -- the page ------------------------------------------------------------------------------------------------------

GENERATOR = str(ROOT / "benchmarks" / "generate.py")
REPORT = """
[report]
title = "Smart Métropole 2022-2025"

[programme]
from = 2022-01-01
until = 2025-12-31
budget_total_eur_ttc = 90000
"""
WIDE, HIGH = 1200, 940
# These parts are hidden, so that the outcomes and the map fit into one picture.
HIDDEN = ("#decisions", "#figures", "#conventions", "#parties", "#explorer form")
HIDE = "(places) => document.querySelectorAll(places.join(', ')).forEach((part) => { part.hidden = true; })"
TO_WEBP = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}"""


def make_report(folder: Path) -> Path:
    """Make the page of a generated registry."""
    registry, page = folder / "registry", folder / "report.html"
    subprocess.run([sys.executable, GENERATOR, "--records", "500", str(registry)], check=True)
    settings = registry / "smartreg.toml"
    text = settings.read_text("utf-8").replace('name = "Benchmark"', 'name = "Registre de démonstration"')
    settings.write_text(text + REPORT, "utf-8")
    for words in ("init --quiet --initial-branch=main", "add --all", "commit --quiet --message=Demonstration"):
        subprocess.run(["git", *words.split()], cwd=registry, check=True)
    subprocess.run([SMARTREG, "report", "-q", "-o", str(page)], cwd=registry, check=True)
    return page


def take_picture(browser: Browser, file: Path, locale: str) -> bytes:
    """The page as WebP: its outcomes and its map."""
    context = browser.new_context(viewport={"width": WIDE, "height": HIGH}, locale=locale, offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.evaluate(HIDE, list(HIDDEN))
    tab.wait_for_timeout(1500)
    picture = _as_webp(tab)
    context.close()
    return picture


def _as_webp(tab: Page) -> bytes:
    """What a tab shows, as WebP; the tab is then empty."""
    shot = base64.b64encode(tab.screenshot()).decode()
    tab.goto("about:blank")
    picture: str = tab.evaluate(TO_WEBP, f"data:image/png;base64,{shot}")
    return base64.b64decode(picture.partition(",")[2])


# -- the desk ------------------------------------------------------------------------------------------------------

BRANCH = "desk/istres/1"
LAMPS = "Numéro;Type;Adresse;X;Y\n" + "".join(
    f"EP-{number};candélabre;{number} avenue de Nice;5.46{number};43.45{number}\n" for number in range(1, 9)
)
ADDRESS = re.compile(r"http://\S+")


def prepare_desk(registry: Path) -> dict[str, str]:
    """A branch to read, with a device out of order; the pages to show, by the name of their picture."""

    def list_ids(*words: str) -> list[str]:
        command = [SMARTREG, "list", *words, "-f", "ids"]
        done = subprocess.run(command, cwd=registry, stdout=subprocess.PIPE, encoding="utf-8", check=True)
        return done.stdout.split()

    device = list_ids("equipment", "--where", "status=active")[0]
    support = list_ids("supports", "--where", "status=in_service")[0]
    for words in (
        ("git", "checkout", "-q", "-b", BRANCH),
        (*(SMARTREG, "-q", "set", device, "status=faulty", "--reason", "no message for a week", "-y"),),
        (SMARTREG, "-q", "set", support, "height_m=8.25", "-y"),
        ("git", "checkout", "-q", "main"),
    ):
        subprocess.run(words, cwd=registry, check=True)
    return {"desk": "/", "record": f"/records/{device}", "changes": f"/changes?branch={BRANCH}"}


def take_desk(browser: Browser, registry: Path, pages: Mapping[str, str], lang: str) -> dict[str, bytes]:
    """The desk of a registry in a language: some pages, and the import of a sheet."""
    command = [SMARTREG, "--lang", lang, "web", "--no-browser"]
    with subprocess.Popen(command, cwd=registry, stderr=subprocess.PIPE, encoding="utf-8") as desk:
        assert desk.stderr is not None
        address = next(match[0] for line in desk.stderr if (match := ADDRESS.search(line)))
        tab = browser.new_context(viewport={"width": WIDE, "height": HIGH - 140}, locale=LANGUAGES[lang]).new_page()
        tab.goto(address)
        tab.wait_for_url(re.compile(r"/[^/?]+/$"))
        start, pictures = tab.url.rstrip("/"), {}
        for name, path in pages.items():
            tab.goto(start + path)
            pictures[name] = _as_webp(tab)
        tab.goto(f"{start}/import")
        tab.set_input_files("#file", {"name": "lampadaires.csv", "mimeType": "text/csv", "buffer": LAMPS.encode()})
        tab.locator("form.questions button").click()
        tab.wait_for_load_state()
        pictures["import"] = _as_webp(tab)
        tab.context.close()
        desk.terminate()
    return pictures


# -- the terminal --------------------------------------------------------------------------------------------------

COLUMNS = 100
BEFORE = (
    "init registry --epci 200054807 -y",
    f"add-deliberation --id cadre --number 001 --body {METROPOLE} --date 2023-03-16 --subject Conventions -y",
    "add-deliberation --id istres --number 002 --body istres --date 2023-10-05 --subject Conventions -y",
    f"add-convention --id istres-2023 --title Istres --party {METROPOLE} --party istres --family installation "
    "--family connectivity --family data --status signed --deliberation cadre --deliberation istres "
    "--signed-on 2023-12-01 --effective-until 2029-12-31 -y",
    "add-support --id istres-ep-00412 --type street_light --owner istres --insee-code 13047 --location-lon 4.98747 "
    "--location-lat 43.51345 --address '12 boulevard Paul Painlevé' --status in_service -y",
    f"add-network --id amp-lorawan --name LoRaWAN --technology lorawan --operator {METROPOLE} --access shared "
    "--shared-with istres --set lorawan.region=EU863-870 --status in_service -y",
    f"add-use-case --id noise-observatory --title 'Observatoire du bruit' --owner {METROPOLE} --domain noise -y",
)
SHOWN = (
    "add-sensor --support istres-ep-0412 --use-case noise-observatory \\\n"
    f"    --owner {METROPOLE} --measure noiseLevel -y",
    "add-sensor --support istres-ep-00412 --use-case noise-observatory \\\n"
    f"    --owner {METROPOLE} --measure noiseLevel -y",
    "log --limit 1",
)
FONTS = re.compile(r"@font-face \{\{.*?\n    \}\}\n", re.DOTALL)  # loaded from another host


def run_in_terminal(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> str:
    """What a command prints on a terminal of `COLUMNS`, where it wraps its lines by itself."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, COLUMNS))
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    parts = []
    with suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(ours, 4096):
            parts.append(part)
    os.close(ours)
    process.wait()
    return b"".join(parts).decode().replace("\r\n", "\n")


def record_terminal(folder: Path, lang: str) -> str:
    """A terminal as SVG: each command as typed, and its output."""
    environment = {**os.environ, "SMARTREG_LANG": lang, "COLUMNS": str(COLUMNS)}
    place = folder
    for words in BEFORE:
        command = [SMARTREG, "-q", *shlex.split(words)]
        subprocess.run(command, cwd=place, env=environment, stdout=subprocess.DEVNULL, check=True)
        place = folder / "registry"
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for words in SHOWN:
        console.print(Text.assemble(("$ ", "green"), (f"smartreg {words}", "bold")))
        command = [SMARTREG, "--color", "always", *shlex.split(words.replace("\\\n", ""))]
        console.print(Text.from_ansi(run_in_terminal(command, place, environment).rstrip()))
        console.print()
    return console.export_svg(title="smartreg", unique_id="smartreg", code_format=FONTS.sub("", CONSOLE_SVG_FORMAT))


def main() -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "SMARTREG_"))]:
        del os.environ[name]
    os.environ |= COMMIT
    browser = subprocess.run(
        [sys.executable, ROOT / "scripts" / "get_browser.py"], stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.stdout.strip(), args=["--no-sandbox"])
        page = make_report(Path(folder))
        shown = prepare_desk(page.with_name("registry"))
        for lang, locale in LANGUAGES.items():
            own = Path(folder) / lang
            own.mkdir()
            (IMAGES / f"report.{lang}.webp").write_bytes(take_picture(chromium, page, locale))
            (IMAGES / f"terminal.{lang}.svg").write_text(record_terminal(own, lang), "utf-8")
            for name, picture in take_desk(chromium, page.with_name("registry"), shown, lang).items():
                (IMAGES / f"{name}.{lang}.webp").write_bytes(picture)
        chromium.close()
    for image in sorted(IMAGES.iterdir()):
        print(f"{image.relative_to(ROOT)}  {image.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
