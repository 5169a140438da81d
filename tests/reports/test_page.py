"""The page of `report -f html`, as a file: what is in it, for whom, and what cannot come out of it."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from exports import smartreg

from smartreg.commands.page import ChangesShown, look, tiles
from smartreg.commands.page import page as made_page
from smartreg.commands.report import BilanOptions, bilan
from smartreg.core.errors import UsageFault
from smartreg.reports.page.explorer import explorer_json
from smartreg.reports.page.options import MapTerritory
from smartreg.reports.page.records import pack_rows
from smartreg.workspace.workspace import open_workspace

HOSTILE = (
    '</script><script>alert(1)</script><!--<script>" onmouseover="alert(1) <img src=x onerror=alert(1)> \'}{{7*7}}'
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._tag = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag in ("script", "style"):
            self.texts.append((self._tag, data))


def page(root: Path, audience: str = "internal", **shown: Any) -> str:
    """The text of the page of the registry at `root`."""
    workspace = open_workspace(root)
    found = bilan(workspace, BilanOptions(audience=audience), today=date(2024, 6, 2))
    (file,) = made_page(workspace, found, ChangesShown(**shown)).files
    return file.content.decode("utf-8")


def data_of(text: str) -> Any:
    """The island of data, values that repeat put back into their rows."""
    (island,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data = json.loads(island)
    tables = [table for figure in data["figures"] for table in figure["tables"]] + list(data["registers"].values())
    packed = [(table["rows"], table["repeated"]) for table in tables]
    packed += [([row[1] for row in rows], data["repeated"][kind]) for kind, rows in data["records"].items()]
    for rows, repeated in packed:
        unpack(rows, repeated)
    return data


def unpack(rows: list[list[Any]], repeated: list[Any]) -> None:
    for at, values in enumerate(repeated):
        for row in rows if values else ():
            if at < len(row) and row[at] is not None:
                row[at] = values[row[at]]


def test_it_holds_every_record_and_says_where_it_comes_from(golden_registry: Path, git: Git) -> None:
    data = data_of(page(golden_registry))
    assert sum(map(len, data["records"].values())) == len(list((golden_registry / "registry").rglob("*.yaml")))
    assert data["source"]["commit"] == git("rev-parse", "HEAD").strip()
    assert {found["code"] for found in data["figures"]} >= {"B1", "B2"}
    assert data["terms"]["istres"]["standing"] in ("in_force", "expired", "not_yet")
    supports = next(kind for kind in data["kinds"] if kind["name"] == "support")
    labels = {field["name"]: field.get("labels") for field in supports["fields"]}["type"]
    assert labels["street_light"] == ["street light", "candélabre (lampadaire)"]
    flows = next(kind for kind in data["kinds"] if kind["name"] == "flow")
    labels = {field["name"]: field.get("labels") for field in flows["fields"]}["licence"]
    assert labels["etalab-2.0"] == ["Open Licence 2.0 (Etalab)", "Licence Ouverte 2.0"]
    assert data["streams"]["links"]
    assert ["13047", "Istres", [43.5134, 4.9875], []] in data["explorer"]["communes"]
    assert data["explorer"]["hosts"] == {"equipment": "support"}


def test_repeated_values_are_stored_once_and_come_back_unchanged() -> None:
    rows: list[list[Any]] = [[f"id-{n}", {"unit": "dB"}, 1000 + n % 2 * 0.5] for n in range(8)]
    rows += [["id-8", {"unit": "dB"}, None, "a"], ["id-9", {"unit": "dB"}, "1000.5"]]
    packed = copy.deepcopy(rows)
    repeated = pack_rows(packed)
    assert repeated == [None, [{"unit": "dB"}], [1000.0, 1000.5, "1000.5"], None]
    assert packed[7:] == [["id-7", 0, 1], ["id-8", 0, None, "a"], ["id-9", 0, 2]]
    unpack(packed, repeated)
    assert packed == rows


def test_a_commune_that_no_gazetteer_knows_is_named_amid_its_outline_or_its_records(golden_registry: Path) -> None:
    workspace = open_workspace(golden_registry)
    view = look(workspace, bilan(workspace, BilanOptions(), today=date(2024, 6, 2)), ChangesShown()).view
    rows = {"support": [["a", [], [5.4, 43.4], "13090"], ["b", [], [5.6, 43.6], "13090"], ["c", [], None, "13090"]]}
    ring = [(5.0, 43.0), (6.0, 43.0), (6.0, 44.0), (5.0, 43.0)]
    for about, at in ((MapTerritory(), [43.5, 5.5]), (MapTerritory(("13090",), {"13090": [ring]}), [43.25, 5.625])):
        (found,) = explorer_json(view, about, rows)["communes"]
        assert found[:3] == ["13090", "Saint-Antonin-sur-Bayon", at]
    centres = {"13090": (5.51, 43.51)}
    assert explorer_json(view, MapTerritory((), {}, centres), rows)["communes"][0][2] == [43.51, 5.51]


def test_equipment_has_the_position_of_its_support(golden_registry: Path) -> None:
    data = data_of(page(golden_registry))
    supports = {id: (place, commune) for id, _values, place, commune, _name in data["records"]["support"]}
    (kind,) = (kind for kind in data["kinds"] if kind["name"] == "equipment")
    at = kind["keys"].index("support")
    hung = {
        id: (values[at], place, commune)
        for id, values, place, commune, _name in data["records"]["equipment"]
        if values[at]
    }
    assert hung
    assert all((place, commune) == supports[support] for support, place, commune in hung.values())


def bands(root: Path) -> dict[tuple[str, str], int]:
    """Devices from node to node of the picture, by their labels in English."""
    streams = data_of(page(root))["streams"]
    name = [label if isinstance(label, str) else label[0] for _column, label, _rid in streams["nodes"]]
    return {(name[start], name[end]): number for start, end, number in streams["links"]}


def test_a_flow_that_is_not_in_service_carries_nothing(golden_registry: Path, git: Git) -> None:
    assert "Niveaux de bruit" in {end for _start, end in bands(golden_registry)}
    flow = golden_registry / "registry/flows/noise.yaml"
    flow.write_text(flow.read_text("utf-8").replace("status: active", "status: planned"), "utf-8")
    git("commit", "--quiet", "--all", "--message=planned")
    assert "Niveaux de bruit" not in {name for band in bands(golden_registry) for name in band}


def test_a_device_of_two_flows_is_one_device(golden_registry: Path, git: Git) -> None:
    before = bands(golden_registry)
    flow = golden_registry / "registry/flows/noise.yaml"
    text = flow.read_text("utf-8").replace("Niveaux de bruit", "Niveaux bis")
    (flow.parent / "noise-2.yaml").write_text(text.replace("id: noise", "id: noise-2"), "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message=second flow")
    after = bands(golden_registry)
    assert {band: after[band] for band in before} == before
    assert {end for _start, end in after.keys() - before.keys()} >= {"Niveaux bis"}


def test_only_the_scripts_and_styles_of_the_page_may_act(golden_registry: Path) -> None:
    found = Elements(page(golden_registry))
    (policy,) = (value for tag, name, value in found.attributes if tag == "meta" and "default-src" in value)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert {name: rules[name] for name in ("default-src", "img-src", "base-uri", "form-action")} == dict.fromkeys(
        ("default-src", "img-src", "base-uri", "form-action"), "'none'"
    )
    for tag, policies in (("script", "script-src"), ("style", "style-src")):
        texts = [text for name, text in found.texts if name == tag and not text.startswith('{"version"')]
        digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        assert rules[policies].split() == [f"'sha256-{digest}'" for digest in digests]
    assert not [item for item in found.attributes if item[1] in ("src", "style", "srcset") or item[1].startswith("on")]
    assert [value for _tag, name, value in found.attributes if name == "href"] == ["#content"]


@pytest.mark.promise("R11")
def test_hostile_names_stay_text(golden_registry: Path, git: Git) -> None:
    before = Elements(page(golden_registry))
    party = next((golden_registry / "registry" / "parties").glob("*.yaml"))
    text = re.sub(r"^name:.*$", lambda _: f"name: {json.dumps(HOSTILE)}", party.read_text("utf-8"), flags=re.MULTILINE)
    party.write_text(text, "utf-8")
    settings = golden_registry / "smartreg.toml"
    settings.write_text(re.sub(r"^name *=.*$", lambda _: f"name = {json.dumps(HOSTILE)}", settings.read_text("utf-8"),
                               flags=re.MULTILINE), "utf-8")  # fmt: skip
    git("commit", "--quiet", "--all", "--message=hostile")
    after = Elements(hostile := page(golden_registry))
    assert after.tags == before.tags
    assert [item[:2] for item in after.attributes] == [item[:2] for item in before.attributes]
    data = data_of(hostile)
    assert data["source"]["registry"] == HOSTILE
    at = next(kind for kind in data["kinds"] if kind["name"] == "party")["keys"].index("name")
    assert HOSTILE in [values[at] for _id, values, *_ in data["records"]["party"]]


@pytest.mark.promise("R13")
def test_the_same_commit_gives_the_same_bytes(golden_registry: Path, git: Git, tmp_path: Path) -> None:
    git("clone", "--quiet", str(golden_registry), str(tmp_path / "clone"))
    one = smartreg("report", "-f", "html", cwd=golden_registry).stdout
    other = smartreg("report", "-f", "html", cwd=tmp_path / "clone", TZ="America/Lima", PYTHONHASHSEED="7").stdout
    assert one == other
    assert one


def test_the_public_sees_no_more_than_in_an_export(golden_registry: Path) -> None:
    exported = smartreg("export", "-f", "json", "--audience", "public", cwd=golden_registry).stdout.decode()
    shown = data_of(page(golden_registry, "public"))
    seen = json.loads(exported)
    every = data_of(page(golden_registry))
    assert sum(map(len, shown["records"].values())) == len(seen["records"])
    assert {key for kind in every["kinds"] for key in kind["keys"]} > {
        key for kind in shown["kinds"] for key in kind["keys"]
    }
    assert shown["findings"] is None
    assert every["findings"] is not None


def test_withheld_values_are_nowhere_in_the_page(golden_registry: Path, git: Git) -> None:
    base = git("rev-parse", "HEAD").strip()
    secret = {"serial_number": "SECRET-SERIAL", "notes": "secret note", "dev_eui": "70B3D57ED00FFFFF"}
    device = next((golden_registry / "registry" / "equipment").glob("*.yaml"))
    party = next((golden_registry / "registry" / "parties").glob("*.yaml"))
    party.write_text(f"{party.read_text('utf-8').rstrip()}\ndpo_email: lea.martin@example.org\n", "utf-8")
    kept = [line for line in device.read_text("utf-8").splitlines() if line.split(":")[0] not in (*secret, "height_m")]
    lines = [f"{name}: {json.dumps(value)}" for name, value in secret.items()]
    device.write_text("\n".join([*kept, *lines, "height_m: 19.5", ""]), "utf-8")
    git("commit", "--quiet", "--all", "--message=secrets")
    public, internal = page(golden_registry, "public", since=base), page(golden_registry, since=base)
    assert [value for value in secret.values() if value in public] == []
    assert [value for value in secret.values() if value not in internal] == []
    assert ("lea.martin" in public, "lea.martin" in internal) == (False, True)
    assert data_of(public)["source"]["withheld_values"] == 1
    ((_kind, _name, _label, rows, *_),) = data_of(public)["changes"]["changes"]
    assert [row[0] for row in rows] == ["Mounting height"]


def test_changes_since_a_revision(golden_registry: Path, git: Git) -> None:
    base = git("rev-parse", "HEAD").strip()
    device = next((golden_registry / "registry" / "equipment").glob("*.yaml"))
    text = device.read_text("utf-8")
    device.write_text(re.sub(r"^height_m: .*\n", "", text, flags=re.MULTILINE) + "height_m: 19.5\n", "utf-8")
    git("commit", "--quiet", "--all", "--message=higher")
    changes = data_of(page(golden_registry, since=base))["changes"]
    ((kind, name, _label, english, french, _effects),) = changes["changes"]
    assert (kind, name) == ("changed", f"equipment/{device.stem}")
    assert [row[0] for row in english] == ["Mounting height"]
    assert french[0][0] != "height_m"


def test_options_of_the_page_are_for_the_page(golden_registry: Path) -> None:
    done = smartreg("report", "-f", "json", "--since", "HEAD", cwd=golden_registry)
    assert (done.returncode, b"--since" in done.stderr) == (2, True)
    done = smartreg("report", "-f", "html", "--since", "nowhere", cwd=golden_registry)
    assert (done.returncode, b"nowhere" in done.stderr) == (2, True)
    done = smartreg("report", "-f", "html", "--tiles", "javascript:alert(1)", cwd=golden_registry)
    assert (done.returncode, done.stdout) == (2, b"")


def test_tiles_are_asked_for_by_name(golden_registry: Path) -> None:
    text = page(golden_registry, tiles=tiles("https://tiles.example.org/{z}/{x}/{y}.png", "© <b>them</b>"))
    assert "img-src https://tiles.example.org;" in text.replace("&#x27;", "'")
    assert data_of(text)["tiles"] == {"url": "https://tiles.example.org/{z}/{x}/{y}.png", "credit": "© <b>them</b>"}


def test_an_earlier_page_is_replaced_and_nothing_else(golden_registry: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    for _ in range(2):
        assert smartreg("report", "-o", str(target), cwd=golden_registry).returncode == 0
    target.write_text("<!DOCTYPE html><p>mine", "utf-8")
    assert smartreg("report", "-o", str(target), cwd=golden_registry).returncode == 2
    assert target.read_text("utf-8") == "<!DOCTYPE html><p>mine"


def test_a_logo_of_the_settings_is_carried_or_refused(golden_registry: Path) -> None:
    with (golden_registry / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[report]\nlogo = "registry/annexes/logo.svg"\n')
    with pytest.raises(UsageFault, match=r"report\.logo: registry/annexes/logo\.svg: there is no such file"):
        page(golden_registry)
    logo = golden_registry / "registry/annexes/logo.svg"
    logo.parent.mkdir(exist_ok=True)
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    text = page(golden_registry)
    assert "img-src data:;" in text
    assert data_of(text)["logo"].startswith("data:image/svg+xml;base64,")


def test_no_word_for_councillors_is_one_of_programs(golden_registry: Path) -> None:
    """What the page says of itself and of its figures; records, rules and findings have their own words."""
    data = data_of(page(golden_registry))
    texts = [
        list(data["words"].values()),
        data["story"],
        data["provenance"],
        *(data["registers"][name]["title"] for name in data["registers"]),
    ]
    for figure in data["figures"]:
        tables = [(table["title"], table["why_not"], table["columns"]) for table in figure["tables"]]
        texts += [figure["title"], figure["definition"], figure["notes"], figure["why_not"], figure["measures"], tables]
    text = json.dumps(texts, ensure_ascii=False)
    assert (
        re.findall(r"smartreg (?!\{)\w+|\.toml|\.ya?ml|--\w+|[Cc]ommit|\bGit\b|[Ee]nregistrements?\b|cost_eur", text)
        == []
    )
