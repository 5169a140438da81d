"""The way of the data as text: what is drawn, and labels that act nowhere."""

from __future__ import annotations

import re
from pathlib import Path

from bilans import write
from exports import smartreg
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.messages import verbatim
from smartreg.core.styled import visible
from smartreg.reports import dot, mermaid
from smartreg.reports.flow_graph import Graph, Node


def draw(root: Path, *words: str) -> str:
    done = smartreg("graph", *words, cwd=root)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def named_edges(text: str) -> set[tuple[str, str, str]]:
    """The edges of a Mermaid text by the labels of their nodes."""
    labels = dict(re.findall(r'^  (n\d+)[^"]+"([^"]*)"', text, re.M))
    return {(labels[a], arrow, labels[b]) for a, arrow, b in re.findall(r"^  (n\d+) (-->|-\.->) (n\d+)$", text, re.M)}


def test_party_to_use_case(year_of_commits: Path) -> None:
    assert named_edges(draw(year_of_commits)) == {
        ("Métropole", "-->", "a"),
        ("Métropole", "-->", "d"),
        ("Ville d'Istres", "-->", "b"),
        *((device, "-->", "LoRa") for device in ("a", "b", "d")),
        ("LoRa", "-->", "Niveaux"),
        ("LoRa", "-->", "Ouvert"),
        ("Niveaux", "-->", "Bruit"),
        *(("Niveaux", "-->", party) for party in ("Bureau d'études", "Labo", "Ville d'Istres")),
        ("Ouvert", "-->", "Bruit"),
        ("Ouvert", "-->", "Ville d'Istres"),
        ("a", "-.->", "Déchets"),
        ("d", "-.->", "Bruit"),
    }


def test_only_what_passes_by_a_record(year_of_commits: Path) -> None:
    assert named_edges(draw(year_of_commits, "flow/open")) == {
        ("Ville d'Istres", "-->", "b"),
        ("b", "-->", "LoRa"),
        ("LoRa", "-->", "Ouvert"),
        ("Ouvert", "-->", "Bruit"),
        ("Ouvert", "-->", "Ville d'Istres"),
    }


def test_a_party_that_only_receives_data(year_of_commits: Path) -> None:
    parties = (year_of_commits / "registry/parties").iterdir()
    labo = next(path.stem for path in parties if "name: Labo\n" in path.read_text("utf-8"))
    edges = named_edges(draw(year_of_commits, f"party/{labo}"))
    assert ("Niveaux", "-->", "Labo") in edges
    assert not any("Ouvert" in edge for edge in edges), "a flow that it does not receive"


def test_a_flow_without_devices_shows_where_it_goes(year_of_commits: Path, tmp_path: Path) -> None:
    for name in ("smartreg.toml", "registry/parties/metropole.yaml", "registry/parties/istres.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((year_of_commits / name).read_bytes())
    flow = {
        "title": "Comptages",
        "producer": "metropole",
        "consumers": ["istres"],
        "access": "public",
        "status": "active",
    }
    write(tmp_path, "flows", {"counts": flow})
    edges = {("Métropole", "-->", "Comptages"), ("Comptages", "-->", "Ville d'Istres")}
    for words in ((), ("flow/counts",), ("party/istres",)):
        assert named_edges(draw(tmp_path, *words)) == edges


def test_the_same_in_dot(year_of_commits: Path) -> None:
    text = draw(year_of_commits, "-f", "dot")
    assert len(re.findall(r"^  n\d+ -> n\d+", text, re.M)) == len(named_edges(draw(year_of_commits)))
    assert text.count("style=dashed") == 2


def test_what_is_alike_is_one_node_unless_each_is_asked_for(year_of_commits: Path, tmp_path: Path) -> None:
    for name in ("smartreg.toml", "registry/parties/metropole.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((year_of_commits / name).read_bytes())
    sensor = {"type": "sensor", "owner": "metropole", "use_cases": ["noise"], "status": "active"}
    write(tmp_path, "equipment", {f"s{number}": sensor for number in range(3)})
    assert named_edges(draw(tmp_path, "--lang", "fr")) == {
        ("Métropole", "-->", "capteur × 3"),
        ("capteur × 3", "-.->", "noise"),
    }
    assert len(named_edges(draw(tmp_path, "--each"))) == 6


def test_nothing_there_and_no_such_record(year_of_commits: Path) -> None:
    done = smartreg("graph", "equipment/c", cwd=year_of_commits)
    assert (done.returncode, done.stdout) == (0, b"flowchart LR\n")
    assert b"no flow in service" in done.stderr
    done = smartreg("graph", "equipment/zz", cwd=year_of_commits)
    assert (done.returncode, done.stdout) == (2, b"")


def test_the_ending_of_the_file_names_the_format(year_of_commits: Path, tmp_path: Path) -> None:
    assert smartreg("graph", "-o", str(tmp_path / "g.gv"), cwd=year_of_commits).returncode == 0
    assert (tmp_path / "g.gv").read_text(encoding="utf-8").startswith("digraph")


def _alone(text: str) -> Graph:
    return Graph((Node(("party", "x"), verbatim(text), None),), ())


@given(st.text())
def test_mermaid_reads_the_label_again(text: str) -> None:
    found = mermaid.render(_alone(text)).splitlines()[1]
    label = found.removeprefix('  n1(["').removesuffix('"]):::party')
    assert re.fullmatch(r"(?:[^\W_]|[ .,:/()×’'-]|#[0-9]+;)+", label)
    again = re.sub(r"#([0-9]+);", lambda code: chr(int(code[1])), label)
    assert again == (" ".join(visible(text).split()) or " ")


@given(st.text())
def test_dot_reads_the_label_again(text: str) -> None:
    found = dot.render(_alone(text)).splitlines()[5]
    label = re.fullmatch(r'    n1 \[label="((?:[^"\\]|\\["\\])*)"\];', found)
    assert label
    again = re.sub(r'\\(["\\])', r"\1", label[1]).replace("&amp;", "&")
    assert again == (" ".join(visible(text).split()) or " ")
