"""The report of an observatory on real releases: one source brings a new one, one is refused, one stays as it is."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from observatories import AMP, CD13, DEVICE, MMM, Observatory, made
from publishing import ID, NOW, copy_publisher
from rdflib import Graph, Literal, URIRef
from rdflib import namespace as ns
from small import Runs, runs

from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message
from smartreg.core.values import Language
from smartreg.edit import WriteOptions
from smartreg.features.federation.sources import update
from smartreg.features.observatory.crossing import CrossFinding, Crossing, Subject
from smartreg.features.observatory.make_report import observatory_report, render
from smartreg.features.observatory.report import Cells, ObservatoryReport, report_json
from smartreg.features.observatory.report_page import html, markdown
from smartreg.features.observatory.standing import Standing, absent
from smartreg.features.observatory.tables import BuiltTables
from smartreg.registry.pins import Refusal
from smartreg.workspace.workspace import open_workspace

__all__ = ["made", "runs"]

Told: TypeAlias = tuple[Observatory, ObservatoryReport, BuiltTables]
DAY = date(2026, 12, 4)
SHAPES = Path(__file__).parents[2] / "schemas/dcat-ap-3.shapes.ttl"
URL = "https://data.example.org/observatory"
DECISIONS = """decisions:
  - records: [equipment/amp:n-3, equipment/mmm:g-1]
    decision: same
    reason: Sold on 3 May 2026 <script>
  - records: [support/amp:ep-1, support/cd13:ep-gone]
    decision: different
    reason: Two poles
"""


@pytest.fixture(scope="module")
def told(made: Observatory, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The report after amp published a device more, and mmm half of what it had."""
    folder = tmp_path_factory.mktemp("told")
    observatory = Observatory(folder / "observatory/registry", {})
    shutil.copytree(made.root, observatory.root)
    published = made.root.parents[1]
    amp, _, mmm = (copy_publisher(published / alias, folder / alias) for alias in ("amp", "cd13", "mmm"))
    more = DEVICE.format(id="n-5", type="sensor", owner="amp", status="active", support="ep-1")
    amp.commits({"registry/equipment/n-5.yaml": more})
    amp.publishes()
    mmm.commits({"registry/equipment/g-2.yaml": None})
    mmm.publishes()
    update(open_workspace(observatory.root), (), WriteOptions(DAY), NOW)
    (observatory.root / "decisions.yaml").write_text(DECISIONS, "utf-8")
    report, tables = observatory_report(open_workspace(observatory.root), observatory.root / "tables", DAY)
    return observatory, report, tables


@pytest.fixture(scope="module")
def facts(told: Told) -> dict[str, Any]:
    _, report, tables = told
    found: dict[str, Any] = json.loads(render(report, tables, "json", "en", ""))
    return found


def test_each_source_says_how_it_stands(facts: dict[str, Any]) -> None:
    amp, cd13, mmm = facts["sources"]
    assert [source["registry"] for source in (amp, cd13, mmm)] == [AMP, CD13, MMM]
    assert [(source["serial"], source["state"], source["refused"], source["age"]) for source in (amp, cd13, mmm)] == [
        (2, "in order", None, 3),
        (1, "in order", None, 3),
        (1, "refused", "loss", 3),
    ]
    assert (amp["earlier"], amp["tables"]["equipment"], amp["tables"]["records.jsonl"]["more"]) == (
        1,
        {"rows": 5, "more": 1},
        1,
    )
    assert (cd13["earlier"], cd13["tables"]["supports"]) == (None, {"rows": 2, "more": None})


def test_a_figure_says_how_many_sources_state_it_and_with_which_release(facts: dict[str, Any]) -> None:
    growth = next(figure for figure in facts["figures"] if figure["name"] == "growth")
    assert (growth["stated"], growth["kept"], growth["sources"]) == (3, 1, 3)
    assert len(facts["figures"]) == 8


def test_findings_name_source_serial_and_id(facts: dict[str, Any]) -> None:
    assert {finding["code"] for finding in facts["findings"]} == {"OBS951", "OBS955"}
    refused, named = facts["findings"]
    assert refused["records"] == [{"source": "mmm", "registry": MMM, "serial": 1, "kind": None, "id": None}]
    assert named["records"] == [
        {"source": "amp", "registry": AMP, "serial": 2, "kind": "party", "id": "amp"},
        {"source": "cd13", "registry": CD13, "serial": 1, "kind": "party", "id": "amp"},
    ]


def test_a_decision_makes_a_sale_known_and_says_what_is_gone(facts: dict[str, Any]) -> None:
    (sale,) = facts["transfers"]
    assert [(sale[side]["source"], sale[side]["id"]) for side in ("before", "after")] == [
        ("amp", "n-3"),
        ("mmm", "g-1"),
    ]
    assert [decision["gone"] for decision in facts["decisions"]] == [[], ["support/cd13:ep-gone"]]
    assert facts["devices"] == {"fewest": 6, "most": 6}


def test_a_source_of_which_nothing_is_kept_counts_as_one_that_says_nothing(
    told: Told,
) -> None:
    observatory, report, _ = told
    assert report.number == 3
    settings = observatory.root / "smartreg.toml"
    text = settings.read_text("utf-8")
    (block,) = re.findall(r"\[sources\.cd13\]\n(?:.+\n){3}", text)
    settings.write_text(text + block.replace("cd13]", "new]").replace(CD13, ID), "utf-8")
    lock = observatory.root / "foreign/lock.json"
    locked = lock.read_text("utf-8")
    refusal = {"new": {"id": ID, "refused": "signature", "checked": "2026-12-03"}}
    lock.write_text(json.dumps(json.loads(locked) | refusal), "utf-8")
    try:
        later, _ = observatory_report(open_workspace(observatory.root), observatory.root / "tables", DAY)
        assert (later.absent, later.number, len(later.read)) == (["new"], 4, 3)
        refused = [finding for finding in report_json(later)["findings"] if finding["records"][0]["source"] == "new"]
        assert [(finding["code"], finding["records"][0]["serial"]) for finding in refused] == [("OBS951", None)]
        assert "The release of new was refused, because it is not signed" in markdown(later, "en").decode()
        lapsed = absent("new", ID, Refusal(ID, "unreadable", "2026-12-03"))
        assert (lapsed.refused, lapsed.unreachable) == ("", "2026-12-03")
    finally:
        lock.write_text(locked, "utf-8")
        settings.write_text(text, "utf-8")


# -- the page, and Markdown ----------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The elements and the text of a page; that every element ends."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_needs_no_script_and_its_parts_have_names(told: Told, lang: Language) -> None:
    _, report, tables = told
    content = render(report, tables, "html", lang, "").decode()
    assert render(report, tables, "html", lang, "").decode() == content
    page = Page()
    page.feed(content)
    assert page.open == []
    tags = [tag for tag, _ in page.elements]
    assert not {"script", "iframe", "img", "link"} & {*tags}
    policies = [attributes.get("content") or "" for tag, attributes in page.elements if tag == "meta"]
    assert any("script-src 'none'" in policy for policy in policies)
    assert ("html", {"lang": lang}) in page.elements
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len({*ids})
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert {str(link).removeprefix("#") for link in links} <= {*ids}
    labels = [attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes]
    assert {*labels} <= {*ids}
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attributes.get("aria-label") for tag, attributes in page.elements if tag == "svg")
    assert "Sold on 3 May 2026 <script>" in page.text
    assert "AMP" in page.text


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("en", ["Figures from 3 of 3 sources, 1 kept from an earlier release.", "too many records vanished"]),
        ("fr", ["Chiffres de 3 des 3 sources, dont 1 dans une publication antérieure.", "trop de fiches ont disparu"]),
    ],
)
def test_markdown_says_the_same(told: Told, lang: Language, sentences: list[str]) -> None:
    _, report, tables = told
    text = render(report, tables, "markdown", lang, "").decode()
    page = Page()
    page.feed(render(report, tables, "html", lang, "").decode())
    for sentence in sentences:
        assert sentence in text
        assert sentence in page.text


EVIL = "<script>x</script>\x1b[2J|`a`\n# b\u202e"


@pytest.mark.promise("R8")
def test_nothing_acts_of_what_others_call_themselves() -> None:
    day = "2026-12-01T04:00:00Z"
    source = Standing("evil", AMP, EVIL, 1, "", "", day, day, 3, "refused", EVIL, EVIL, 1)
    message = Message("{one}", one=Subject(source, "equipment", EVIL).words)
    crossing = Crossing(
        (CrossFinding("OBS953", "warning", message, (Subject(source, "equipment", EVIL),)),), (), (), (1, 2)
    )
    report = ObservatoryReport(EVIL, DAY, "FR", (source,), (), crossing, Cells(0.5, {(4.5, 43.5): 3}, 1, 2), {})
    page = Page()
    page.feed(html(report, "en").decode())
    assert "script" not in [tag for tag, _ in page.elements]
    assert "<script>x</script>" in page.text
    lines = markdown(report, "en").decode().splitlines()
    assert not [line for line in lines if line.startswith("# ") and not line.startswith(r"# \<script")]
    for text in (page.text, "\n".join(lines), json_text(report_json(report))):
        assert not {"\x1b", "\u202e"} & {*text}


# -- the catalogue -------------------------------------------------------------------------------------------------


def test_the_catalogue_keeps_to_the_profile_and_states_checksums(
    told: Told,
) -> None:
    import pyshacl  # here, since each worker reads every module of tests

    observatory, report, tables = told
    found = Graph().parse(data=render(report, tables, "dcat", "en", f"{URL}/"), format="json-ld")
    fine, _, explanation = pyshacl.validate(found, shacl_graph=str(SHAPES))
    assert fine, explanation
    equipment = URIRef(f"{URL}#equipment")
    standard = found.value(equipment, ns.DCTERMS.conformsTo)
    assert str(standard).startswith(f"{URL}/datapackage.json#/resources/")
    spdx = ns.Namespace("http://spdx.org/rdf/terms#")
    files = {source.files["equipment"].path: source.files["equipment"] for source in tables.sources.values()}
    distributions = list(found.objects(equipment, ns.DCAT.distribution))
    assert len(distributions) == len(files) == 3
    for distribution in distributions:
        file = files[str(distribution).removeprefix(f"{URL}/")]
        checksum = found.value(distribution, spdx.checksum)
        assert found.value(checksum, spdx.checksumValue) == Literal(file.sha256, datatype=ns.XSD.hexBinary)
        assert found.value(checksum, spdx.algorithm) == spdx.checksumAlgorithm_sha256
        assert str(found.value(distribution, ns.DCTERMS.license)) == "https://spdx.org/licenses/etalab-2.0.html"
        assert (observatory.root / "tables" / file.path).stat().st_size == file.bytes
    owed = {str(text) for text in found.objects(None, ns.RDFS.label)}
    assert "Montpellier, release 1, licence etalab-2.0" in owed


def test_a_catalogue_needs_an_address(told: Told) -> None:
    _, report, tables = told
    with pytest.raises(UsageFault, match=r"\[observatory\] url"):
        render(report, tables, "dcat", "en", "")


# -- the command ---------------------------------------------------------------------------------------------------


def test_the_command_writes_the_page_again_and_no_other_file(told: Told, runs: Runs, tmp_path: Path) -> None:
    words = ("observatory", "report", "-C", str(told[0].root))
    page, text = tmp_path / "index.html", tmp_path / "notes.md"
    for _ in range(2):
        assert runs(*words, "-o", str(page))[0] == 0
    assert page.read_bytes().startswith(b"<!DOCTYPE html>")
    text.write_text("mine", "utf-8")
    assert runs(*words, "-o", str(text))[0] == 2
    assert text.read_text("utf-8") == "mine"
    assert runs(*words, "-o", str(tmp_path / "x.csv"))[0] == 2


def test_warnings_are_no_failure(told: Told, runs: Runs) -> None:
    code, answer, _ = runs("observatory", "report", "--json", "-C", str(told[0].root))
    assert code == 0
    assert json.loads(answer)["findings"]


def test_licences_are_not_mixed_in_silence(told: Told) -> None:
    _, report, tables = told
    other = [
        replace(source, licence="ODbL-1.0") if alias == "mmm" else source for alias, source in tables.sources.items()
    ]
    mixed = replace(tables, sources={source.alias: source for source in other})
    found = Graph().parse(data=render(report, mixed, "dcat", "en", URL), format="json-ld")
    assert any("ODbL-1.0, etalab-2.0" in text for text in map(str, found.objects(None, ns.RDFS.label)))
    licences = {str(licence) for licence in found.objects(None, ns.DCTERMS.license)}
    assert licences == {f"https://spdx.org/licenses/{name}.html" for name in ("ODbL-1.0", "etalab-2.0")}
    sources = tuple(source._replace(licence=licence) for source, licence in zip(report.sources, "ABC", strict=True))
    assert "several licences (A, B, C)" in markdown(replace(report, sources=sources), "en").decode()
