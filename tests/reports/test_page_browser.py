"""The page in a real browser, opened from disk with the network off."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import launch, open_page
from conftest import Git
from exports import commit_all
from playwright.sync_api import Browser
from test_page import HOSTILE

from smartreg.cli.run import run

TOLD = re.compile(r"^(name|title|address|model|notes): .*$", re.MULTILINE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as found:
        yield found


def write_page(root: Path, target: Path, *words: str) -> Path:
    assert run(["report", "-C", str(root), "-o", str(target), *words]) == 0
    return target


def test_a_reader_filters_chooses_and_changes_the_language(
    golden_registry: Path, tmp_path: Path, browser: Browser
) -> None:
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html")) as seen:
        page = seen.page
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("path.shore").count() == 1  # the coast, where there are no outlines
        assert "Natural Earth" in seen.text("#credit")
        colours = "['.sea', '.shore'].map((one) => getComputedStyle(document.querySelector(one)).fill)"
        sea, shore = page.evaluate(colours)
        assert sea != shore
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.focus("#sort-record")
        page.keyboard.press("Enter")
        first = page.locator("#list tbody th").first.inner_text()
        assert page.evaluate("document.activeElement.id") == "sort-record"
        page.keyboard.press("Enter")
        assert page.locator("#list tbody th").first.inner_text() != first
        assert page.locator("#list th[aria-sort]").get_attribute("aria-sort") == "descending"
        rows = page.locator("#list tbody tr")
        every = rows.count()
        page.select_option("#filter-kind", "equipment")
        ids = {path.stem for path in (golden_registry / "registry" / "equipment").glob("*.yaml")}
        assert set(page.locator("#list tbody th .quiet").all_inner_texts()) == ids
        assert every > rows.count()
        page.fill("#search", "nothing at all")
        assert "Nothing to show" in seen.text("#list")
        page.fill("#search", "")
        first = page.locator("#list tbody th .quiet").first.inner_text()
        page.locator("#list tbody th button").first.click()
        assert seen.text("#details .quiet").endswith(first)
        assert page.evaluate("document.activeElement.id") == "details-title"
        page.click("#lang-fr")
        assert page.locator("html").get_attribute("lang") == "fr"
        assert seen.text("#explorer-title") == "Carte et liste"
        assert page.evaluate("document.activeElement.id") == "lang-fr"
        assert set(page.locator("#list tbody th .quiet").all_inner_texts()) == ids  # the filter is kept
        assert seen.trouble == []


def test_the_map_counts_by_commune_and_a_support_opens_with_its_devices(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    box = [[[4.9, 43.4], [5.1, 43.4], [5.1, 43.6], [4.9, 43.6], [4.9, 43.4]]]
    outline = {"type": "Feature", "properties": {"code": "13047"}, "geometry": {"type": "Polygon", "coordinates": box}}
    file = tmp_path / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [outline]}), "utf-8")
    with (golden_registry / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[territory]\ncommunes = ["13047"]\n')
    git("commit", "--quiet", "--all", "--message=territory")
    words = ("boundaries", "-C", str(golden_registry), str(file), "--source", "Us", "--licence", "etalab-2.0", "-y")
    assert run(words) == 0
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html")) as seen:
        page = seen.page
        in_place = int(page.locator(".commune-name b").first.inner_text())
        assert page.locator("path.land.step-5").count() == 1
        assert "Us, Open Licence 2.0 (Etalab)" in seen.text("#credit")
        assert page.locator("path.shore").count() == 0
        page.focus("#canvas")
        page.keyboard.press("Tab")  # not through every commune, but to the table of them
        assert page.evaluate("document.activeElement.parentNode.id") == "by-commune"
        page.click("#by-commune summary")
        assert seen.text("#by-commune tbody tr").split()[:2] == ["Istres", str(in_place)]
        page.select_option("#view", "guests")
        guests = seen.text("#legend")
        assert guests.startswith("Devices on another party's support")
        page.select_option("#view", "")
        assert page.locator(".commune-name b").count() == 0
        devices = "".join(
            path.read_text("utf-8") for path in (golden_registry / "registry" / "equipment").glob("*.yaml")
        )
        support = re.findall("^support: (.*)$", devices, re.MULTILINE)[0]
        page.fill("#search", support)  # the map goes to what is found
        mark = page.locator(".mark:has(.badge)")
        mark.wait_for()
        others = int(mark.locator(".badge").inner_text())
        page.wait_for_timeout(400)
        mark.focus()
        page.keyboard.press("Enter")
        names = page.locator(".leaflet-popup-content button")
        assert names.count() == others + 1
        assert page.evaluate("document.activeElement === document.querySelector('.leaflet-popup-content button')")
        assert seen.violations("#canvas") == []
        page.keyboard.press("Escape")  # back to the mark, from where Enter opens it again
        names.first.wait_for(state="detached")
        assert page.evaluate("document.activeElement.matches('.mark:has(.badge)')")
        page.keyboard.press("Enter")
        names.last.click()
        assert page.evaluate("document.activeElement.id") == "details-title"
        page.select_option("#colouring", "status")
        letter = page.locator(".mark .letter").first.text_content()  # what a colour tells, a letter tells too
        assert letter in seen.text("#legend").split()
        assert seen.trouble == []


def test_a_phone(golden_registry: Path, tmp_path: Path, browser: Browser) -> None:
    """All contents are in sight, and nothing is wider than the screen."""
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html"), lang="fr-FR", wide=360) as seen:
        links = seen.page.locator("#contents a")
        assert links.count() >= 8
        assert links.evaluate_all("(links) => links.every((link) => link.getBoundingClientRect().right <= innerWidth)")
        assert seen.page.evaluate("document.querySelector('#list .scroll').scrollWidth <= innerWidth")
        seen.page.locator("#list tbody th button").first.click()
        seen.page.locator("summary").first.click()
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert seen.trouble == []


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
CONCLUSION = "# Retenu\n\n**Oui** <img src=x onerror=alert(1)>\n"


def test_a_councillor_reads_the_story_first(golden_registry: Path, git: Git, tmp_path: Path, browser: Browser) -> None:
    """In French, by night: outcomes lead to their figures, registers are sorted and opened, days have their form."""
    convention = golden_registry / "registry/conventions/istres.yaml"
    text = re.sub(
        r"^(effective_until|effective_from): .*$", r'\1: "2029-04-01"', convention.read_text("utf-8"), flags=re.M
    )
    convention.write_text(text, "utf-8")
    (golden_registry / "registry/annexes").mkdir(exist_ok=True)
    (golden_registry / "registry/annexes/logo.svg").write_text(LOGO, "utf-8")
    with (golden_registry / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[report]\ntitle = "Bilan du programme"\nlogo = "registry/annexes/logo.svg"\n')
    git("add", "--all")
    git("commit", "--quiet", "--message=days")
    (tmp_path / "fin.md").write_text(CONCLUSION, "utf-8")
    made = write_page(golden_registry, tmp_path / "r.html", "--conclusion", str(tmp_path / "fin.md"))
    with open_page(browser, made, lang="fr-FR", scheme="dark") as seen:
        page = seen.page
        assert (seen.text("h1"), page.title()) == ("Bilan du programme", "Bilan du programme")
        assert page.locator("#logo").evaluate("(logo) => logo.naturalWidth > 0")
        assert 4 <= page.locator("#story li").count() <= 6
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 8
        page.locator("#story li a").first.click()
        assert page.evaluate("document.querySelector(':target').matches('.figure')")
        assert seen.text("#conclusion h3") == "Retenu"
        assert "<img src=x" in seen.text("#conclusion")
        assert "1er avr. 2029" in seen.text("#conventions")
        page.locator("#parties thead button").nth(0).click()
        assert page.locator("#parties thead th").nth(0).get_attribute("aria-sort") == "ascending"
        assert page.evaluate("document.activeElement.dataset.act") == "sort0"
        names = page.locator("#parties tbody th").all_inner_texts()
        assert names == sorted(names, key=str.casefold)
        page.locator("#conventions .disclose").first.press("Enter")
        assert page.locator("#conventions .more h3").is_visible()
        assert page.locator("#conventions .disclose").first.get_attribute("aria-expanded") == "true"
        page.locator("#figure-B10 summary").click()
        assert re.search(r"État au \d+(er)? \S+ \d{4}\.", seen.text("#figure-B10"))
        page.locator("#figure-B7 summary").click()
        assert re.search(r"\bT[1-4] 20\d\d\b", seen.text("#figure-B7"))
        assert page.locator("#figure-B7 svg.chart").evaluate(
            "(chart) => [...chart.querySelectorAll('text')].every((text) =>"
            " text.getBoundingClientRect().right <= chart.getBoundingClientRect().right)"
        )
        kinds = page.locator("#list tbody td:nth-child(2)").all_inner_texts()
        assert list(dict.fromkeys(kinds))[:2] == ["Équipement connecté", "Support"]
        assert kinds[-1] == "Partie"
        assert seen.violations() == []
        assert seen.trouble == []


def test_hostile_names_are_read_and_do_nothing(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    for path in (golden_registry / "registry").rglob("*.yaml"):
        text = path.read_text("utf-8")
        words = TOLD.sub(lambda found: f"{found[1]}: {json.dumps(HOSTILE)}", text)
        path.write_text(words, "utf-8")
    git("commit", "--quiet", "--all", "--message=hostile")
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html", "--since", "HEAD~1")) as seen:
        page = seen.page
        assert HOSTILE in seen.text("#parties")
        page.click("#lang-fr")
        page.select_option("#filter-kind", "party")
        page.locator("#list tbody th button").first.click()
        assert HOSTILE in seen.text("#details")
        assert page.locator("img, iframe, object, body script:not([type])").count() == 2  # our two scripts
        assert page.evaluate("[...document.querySelectorAll('*')].filter((node) => node.getAttributeNames()"
                             ".some((name) => name.startsWith('on'))).length") == 0  # fmt: skip
        assert seen.trouble == []


def test_changes_as_a_page(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (golden_registry / "registry" / "parties").glob("*.yaml"):
        path.write_text(TOLD.sub(lambda found: f"{found[1]}: {json.dumps(HOSTILE)}", path.read_text("utf-8")), "utf-8")
    assert run(["diff", "-C", str(golden_registry), "-f", "html", "--lang", "fr"]) == 0
    (tmp_path / "diff.html").write_text(capsys.readouterr().out, "utf-8")
    with open_page(browser, tmp_path / "diff.html") as seen:
        assert seen.page.locator("html").get_attribute("lang") == "fr"
        assert "onmouseover" in seen.text("main")
        assert seen.page.locator("script, img").count() == 0
        assert seen.grave() == []
        assert seen.trouble == []


def test_no_name_on_the_map_covers_the_symbol_of_another_commune(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    """Neighbours so close that a name below each symbol would cover the next."""
    folder = golden_registry / "registry"
    support = (folder / "supports/13047/istres-ep-1.yaml").read_text("utf-8")
    device = (folder / "equipment/istres-noise-1.yaml").read_text("utf-8")
    neighbours = (
        ("13054", 5.21, 43.42, 3),
        ("13117", 5.25, 43.45, 4),
        ("13071", 5.31, 43.41, 5),
        ("13081", 5.23, 43.49, 2),
    )
    for code, lon, lat, devices in neighbours:
        (folder / f"supports/{code}").mkdir()
        moved = support.replace("istres-ep-1", f"ep-{code}").replace("13047", code)
        moved = re.sub("lat: .*", f"lat: {lat}", re.sub("lon: .*", f"lon: {lon}", moved))
        (folder / f"supports/{code}/ep-{code}.yaml").write_text(moved, "utf-8")
        for number in range(devices):
            own = device.replace("istres-noise-1", f"d-{code}-{number}").replace("istres-ep-1", f"ep-{code}")
            (folder / f"equipment/d-{code}-{number}.yaml").write_text(own, "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message=neighbours")
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html"), wide=390) as seen:
        boxes = """(query) => [...document.querySelectorAll(query)].map((node) => {
          const box = node.getBoundingClientRect();
          return [node.getAttribute("aria-label") || node.innerText, box.left, box.top, box.right, box.bottom];
        })"""
        symbols = seen.page.evaluate(boxes, "path.bubble:not(.small)")
        names = seen.page.evaluate(boxes, ".commune-name > span:has(b)")
        assert (len(symbols), len(names)) == (5, 5)  # none is left without
        for told, left, top, right, bottom in names:
            if told.isdigit():
                continue  # where there is no room for a name, the symbol bears its number
            for label, *box in symbols:
                x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
                covers = left < x < right and top < y < bottom
                assert not covers or label.startswith(told.split("\n")[0]), (told, label)


def test_paper_shows_the_whole_map_and_every_row(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    with (golden_registry / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[territory]\nepci_siren = "200054807"\n')
    for number in range(9):
        (golden_registry / f"registry/conventions/other-{number}.yaml").write_text(
            (golden_registry / "registry/conventions/istres.yaml")
            .read_text("utf-8")
            .replace("id: istres", f"id: other-{number}"),
            "utf-8",
        )
    git("add", "--all")
    git("commit", "--quiet", "--message=territory")
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html"), lang="fr-FR", wide=1400) as seen:
        page = seen.page
        frame = "document.getElementById('canvas').getBoundingClientRect().width"
        names = "[...document.querySelectorAll('.commune-name b')].map((name) => name.parentNode.innerText)"
        wide, named = page.evaluate(frame), page.evaluate(names)
        page.evaluate(f"""window.addEventListener('beforeprint', () => {{
          const there = document.getElementById('canvas').getBoundingClientRect();
          const boxes = [...document.querySelectorAll('.commune-name b')].map((name) => name.getBoundingClientRect());
          const inside = boxes.every((box) => box.left >= there.left && box.right <= there.right);
          const lines = (query) => document.querySelectorAll(query).length;
          const rows = [lines('#conventions tbody tr'), lines('#conventions .pager'), lines('#parties .pager')];
          window.printed = [{frame}, {names}, inside, rows];
        }})""")
        turned = seen.text("#conventions .pager")
        (tmp_path / "r.pdf").write_bytes(page.pdf(format="A4"))
        narrow, printed, inside, rows = page.evaluate("window.printed")
        assert rows == [10, 0, 0]  # nobody turns over a table on paper
        assert seen.text("#conventions .pager") == turned
        assert (narrow < 700 < wide, printed == named, inside) == (True, True, True)
        assert (page.evaluate(frame), page.evaluate(names)) == (wide, named)
        assert seen.trouble == []


def test_the_map_counts_what_its_selector_says(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    """Devices near as far; each record where that is asked for, or while somebody searches."""
    folder = golden_registry / "registry"
    support = (folder / "supports/13047/istres-ep-1.yaml").read_text("utf-8")
    for number in range(2, 9):  # supports that carry nothing
        text = support.replace("istres-ep-1", f"istres-ep-{number}")
        (folder / f"supports/13047/istres-ep-{number}.yaml").write_text(
            re.sub("lat: .*", f"lat: 43.514{number}", text), "utf-8"
        )
    git("add", "--all")
    git("commit", "--quiet", "--message=supports")
    near = """() => { const zoom = document.querySelector('#tools .zoom button');
      for (let step = 0; step < 3; step++) zoom.click(); }"""
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html")) as seen:
        page = seen.page
        far = int(page.locator(".commune-name b").first.inner_text())
        assert page.locator(".mark").count() == 0
        page.evaluate(near)
        page.locator(".mark").first.wait_for()
        assert "2 km" in seen.text(".leaflet-control-scale-line") or "1 km" in seen.text(".leaflet-control-scale-line")
        marks = page.locator(".mark")
        counts = marks.locator(".badge, .crowd text")
        assert sum(map(int, counts.all_text_contents())) == far
        assert seen.text("#legend").startswith("Devices in place")
        page.fill("#search", "istres-ep-5")  # not a device: it is found all the same, and the selector says so
        assert page.input_value("#view") == ""
        assert seen.text("#legend").startswith("Each record")
        page.fill("#search", "")
        assert page.input_value("#view") == "hosted"
        page.select_option("#view", "")
        assert seen.text("#legend").startswith("Each record")
        page.select_option("#view", "hosted")
        page.select_option("#filter-kind", "support")
        page.locator("#list tbody th button").last.click()  # a record that the map did not show is shown
        assert page.input_value("#view") == ""
        assert seen.trouble == []


def test_bars_lump_together_a_small_part_and_say_its_range(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    """Devices of thirty use cases: as many bars as tell most of it, and what the others have at least and at most."""
    folder = golden_registry / "registry"
    case = next((folder / "use-cases").glob("*.yaml"))
    device = next(path for path in (folder / "equipment").glob("*.yaml") if "status: active" in path.read_text("utf-8"))
    for number in range(30):
        text = case.read_text("utf-8").replace(f"id: {case.stem}", f"id: case-{number}")
        (folder / f"use-cases/case-{number}.yaml").write_text(text, "utf-8")
        for copy in range(2 + (number < 4) * 20 + number % 2):
            own = device.read_text("utf-8").replace(f"id: {device.stem}", f"id: d-{number}-{copy}")
            own = re.sub(r"use_cases:\n(- .*\n|  - .*\n)+", f"use_cases:\n  - case-{number}\n", own)
            (folder / f"equipment/d-{number}-{copy}.yaml").write_text(own, "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message=cases")
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html")) as seen:
        rows = seen.page.locator("#figure-B4 .bars tbody tr").all_inner_texts()
        assert 8 <= len(rows) <= 13
        words, lumped = rows[-1].rsplit("\t", 1)
        assert re.fullmatch(r"\d+ others, \d+ to 3 each\s*", words)
        drawn = sum(int(row.rsplit("\t", 1)[1]) for row in rows[:-1])
        assert int(lumped) < drawn
        finding = seen.text("#figure-B4 .finding")
        assert "23 devices" in finding
        assert seen.text("#figure-B4 .drawn-what") == "By use case: devices"
        assert seen.trouble == []


@pytest.fixture(scope="module")
def two_communes(golden_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the registry with three devices more, on a support in Miramas."""
    root = Path(shutil.copytree(golden_base, tmp_path_factory.mktemp("miramas") / "registry"))
    folder = root / "registry"
    support = (folder / "supports/13047/istres-ep-1.yaml").read_text("utf-8")
    (folder / "supports/13063").mkdir()
    moved = support.replace("istres-ep-1", "miramas-ep-1").replace("13047", "13063")
    moved = re.sub("lon: .*", "lon: 5.0", re.sub("lat: .*", "lat: 43.58", moved))
    (folder / "supports/13063/miramas-ep-1.yaml").write_text(moved, "utf-8")
    device = (folder / "equipment/istres-noise-1.yaml").read_text("utf-8")
    for number in range(3):
        own = device.replace("istres-noise-1", f"miramas-{number}").replace("istres-ep-1", "miramas-ep-1")
        (folder / f"equipment/miramas-{number}.yaml").write_text(own, "utf-8")
    return write_page(commit_all(root), root.parent / "r.html")


def test_my_commune_acts_on_figures_map_and_list(two_communes: Path, browser: Browser) -> None:
    with open_page(browser, two_communes, wide=390) as seen:
        page = seen.page
        first = "#figure-B1 .measures > div:first-child"
        whole = int(page.locator(f"{first} b").inner_text())
        page.select_option("#my-commune", "13063")
        assert page.locator(f"{first} b").inner_text() == "3"
        assert seen.text(f"{first} .change") == f"all: {whole}"
        assert "Miramas" in seen.text("#of-commune")
        assert seen.text("#figure-B6 > .quiet") == "The whole territory"
        assert page.input_value("#filter-commune") == "13063"
        assert page.locator("#list tbody tr").count() == 4
        assert page.locator("#figure-B12 .measures dt").all_inner_texts()[:1] == ["Recorded costs, including tax"]
        page.locator("#figure-B1 summary").click()
        with page.expect_download() as waiting:
            page.locator("#figure-B1 .csv").last.click()
        head, line, *_ = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
        assert (head.split(",")[-1], line.split(",")[1], line.split(",")[-1]) == ("Miramas", str(whole), "3")
        page.locator("#ask .act button").click()
        assert page.input_value("#my-commune") == ""
        assert page.locator(f"{first} b").inner_text() == str(whole)
        assert page.locator("#figure-B1 details").evaluate("(fold) => fold.open")  # what was open stays so
        page.locator("#list tbody th button").first.click()
        assert seen.violations() == []
        assert seen.trouble == []


def test_the_address_has_what_the_reader_chose(two_communes: Path, browser: Browser) -> None:
    """Filters, commune, map, language and place come back with the address, and nothing of it is sent anywhere."""
    with open_page(browser, two_communes) as seen:
        page = seen.page
        assert "#" not in page.url
        page.select_option("#my-commune", "13063")
        page.select_option("#filter-kind", "equipment")
        page.fill("#search", "miramas & é")
        page.fill("#search", "miramas")
        page.click("#lang-fr")
        page.wait_for_timeout(400)
        page.locator("#tools .zoom button").nth(1).click()
        page.wait_for_timeout(900)
        page.locator('#contents a[href="#figures"]').click()
        page.wait_for_timeout(500)
        address = page.url
        told = address.partition("#")[2].split("&")
        assert told[0] == "figures"
        assert {"commune=13063", "kind=equipment", "search=miramas", "lang=fr"} <= set(told)
        assert any(part.startswith("map=") for part in told)
        scale, rows = seen.text(".leaflet-control-scale-line"), page.locator("#list tbody tr").count()
        page.goto("about:blank")
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.input_value("#search") == "miramas"
        assert page.input_value("#my-commune") == "13063"
        assert (seen.text(".leaflet-control-scale-line"), page.locator("#list tbody tr").count()) == (scale, rows)
        top = page.evaluate("document.getElementById('figures').getBoundingClientRect().top")
        assert -5 <= top <= 120
        page.locator("#ask .act button").click()
        page.click("#lang-en")
        page.locator("#tools .zoom button").last.click()
        page.wait_for_timeout(900)
        assert page.url.partition("#")[2] == "figures"
        own = two_communes.as_uri()
        assert [one for one in seen.trouble if one.partition("#")[0] not in (own, "about:blank")] == []


ELSEWHERE = (
    "commune=99999&kind=nothing&f.status=__proto__&show=toString&colour=constructor&lang=xx&map=a,b,c",
    "map=1e9,1e9,99&search=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "nowhere&%E0%A4%A&&==&f.=&map=43.5,5,Infinity",
)


def test_an_address_of_something_else_does_nothing(two_communes: Path, browser: Browser) -> None:
    own = two_communes.as_uri()
    with open_page(browser, two_communes) as seen:
        page = seen.page
        counted = seen.text("#found")
        for fragment in ELSEWHERE:
            page.goto("about:blank")
            page.goto(f"{own}#{fragment}")
            assert (seen.text("#found") == counted) is ("search" not in fragment), fragment
            assert page.input_value("#view") == ("" if "search" in fragment else "hosted"), fragment
            assert page.locator(".commune-name, .mark").count() > 0 or "search" in fragment
            assert [one for one in seen.trouble if one.partition("#")[0] not in (own, "about:blank")] == [], fragment


def test_numbers_of_a_card_are_saved_as_a_spreadsheet_reads_them(
    golden_registry: Path, git: Git, tmp_path: Path, browser: Browser
) -> None:
    """Comma or semicolon, decimal sign, and nothing that a spreadsheet would run; nothing is fetched for it."""
    party = golden_registry / "registry/parties/istres.yaml"
    party.write_text(re.sub("^name: .*", "name: '=1+1;\"x\"'", party.read_text("utf-8"), flags=re.M), "utf-8")
    git("commit", "--quiet", "--all", "--message=formula")
    with open_page(browser, write_page(golden_registry, tmp_path / "r.html")) as seen:
        page = seen.page
        for lang, comma, share in (("fr", ";", "0,"), ("en", ",", "0.")):
            page.click(f"#lang-{lang}")
            page.evaluate("document.querySelectorAll('.figure details').forEach((fold) => { fold.open = true; })")
            saved = {}
            for where, name in (
                ("#figure-B1 .csv", "b1_balance.csv"),
                ("#figure-B2 .csv", "b2.csv"),
                ("#parties .csv", "parties.csv"),
            ):
                button = page.locator(where).nth(1 if "balance" in name else -1 if name == "b2.csv" else 0)
                with page.expect_download() as waiting:
                    button.click()
                assert waiting.value.suggested_filename == name
                saved[name] = Path(waiting.value.path()).read_text("utf-8-sig")
            assert saved["b1_balance.csv"].splitlines()[0].split(comma)[1] == "id"
            assert '"\'=1+1;""x"""' in saved["b1_balance.csv"] + saved["parties.csv"]
            head, first, *_ = saved["b2.csv"].splitlines()
            assert len(head.split(comma)) == 5
            assert first.split(comma)[1].startswith(share) or first.split(comma)[1] in ("0", "1")
        assert seen.trouble == []
