"""Six years of one convention, and who had what on whose pole, under which act, as recorded when: every command that
docs/time.md names gives the same answer, and its examples are true."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from convention_story import BERRE, live
from readme_tour import ROOT, read_tour, shows
from small import Runs, runs
from succession_story import begin, successor

from smartreg.cli.run import run

__all__ = ["runs"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live(tmp_path_factory.mktemp("story") / "registry")


def covers(found: Mapping[str, Any]) -> list[str]:
    """Who has what through whom, and what covers it: the convention and, where one says so, the number of its act."""
    answers = []
    for cover in found["covers"]:
        through = f"on {cover['through'].partition('/')[2]} of" if cover["through"] else "to"
        by = [f"{one['id']} {one['amendment'] or ''}".strip() for one in cover["conventions"] if one["in_force"]]
        state = ", ".join(by) if cover["state"] == "covered" else f"{cover['state']}, remove by {cover['remove_by']}"
        answers.append(f"{cover['user']} {through} {', '.join(cover['partners'])}, {cover['family']}: {state}")
    return answers


def summarize(found: Mapping[str, Any]) -> list[str]:
    """Where and whose on the day, and what the registry said until when; of a convention its version of the day; of
    anything else its use."""
    if "convention" in found:
        said = found["convention"]
        terms = [", ".join(said["terms"][name]) for name in ("parties", "families")]
        days = ((word, said[name]) for word, name in (("until", "until"), ("notice by", "notice_by")))
        return [said["standing"], *terms, *(f"{word} {day}" for word, day in days if day)]
    if "on" not in found:
        return [str(found["data"].get(name)) for name in ("installed_on", "equipment") if name in found["data"]]
    said = found["on"]
    place = [said["placement"]["support"] if said["placement"] else "nowhere"] if found["record"][0] == "e" else []
    answers = [*place, f"of {said['owner']['owner']}"]
    late = (said["placement_recorded"], said["owner_recorded"])
    return answers + list(dict.fromkeys(f"recorded {one['day']}, until then {one['before']}" for one in late if one))


def bilan(found: Mapping[str, Any]) -> list[str]:
    """How many devices hang on a pole of somebody else, of how many, and how many conventions are in force."""
    figures = {figure["figure"]: figure for figure in found["figures"]}
    values = {one["key"]: one["value"] for name in ("B1", "B10") for one in figures[name]["measures"]}
    return [f"{values['hosted_by_others']} of {values['present']} on others' poles, {values['in_force']} in force"]


def rows(found: Mapping[str, Any]) -> list[str]:
    return [" ".join(str(cell) for cell in row.values()) for row in found["rows"]]


WAYS = {"coverage": covers, "show": summarize, "query": rows, "report": bilan}


def query_support(device: str, day: str) -> str:
    """The query that tells on which support a device hung on a day."""
    earlier = f"SELECT support FROM equipment_placements WHERE equipment_id = '{device}'"
    present = f"SELECT support_id FROM equipment WHERE id = '{device}' AND coalesce(placed_on, installed_on) <= '{day}'"
    removed = f"'{day}' < coalesce(removed_on, '9999')"
    return query(f"{earlier} AND '{day}' BETWEEN \"from\" AND until UNION {present} AND {removed}")


def query(sql: str) -> str:
    return shlex.join(("query", sql))


def query_owner(support: str, day: str) -> str:
    """The query that tells whose a support was on a day."""
    earlier = f"SELECT owner FROM supports_previous_owners WHERE support_id = '{support}' AND until >= '{day}'"
    return query(f"{earlier} UNION SELECT owner_id FROM supports WHERE id = '{support}' AND NOT EXISTS ({earlier})")


def version(day: str) -> str:
    """The query that tells who was bound to what on a day, and by which act."""
    days = f"'{day}' BETWEEN from_day AND until_day"
    return query(f"SELECT act, parties, families FROM convention_versions WHERE convention = '{BERRE}' AND {days}")


def did(what: str, op: str) -> str:
    """The query that tells what an operation of the history did, and when."""
    return query(f"SELECT day, {what} FROM history WHERE op = '{op}' ORDER BY day, kind, id")


def until(day: str) -> str:
    return f"report --from 2019-01-01 --until {day}"


OVER = query(
    "SELECT from_day, act, parties, terminated_on FROM convention_versions WHERE terminated_on IS NOT NULL "
    f"AND until_day IS NULL AND convention = '{BERRE}'"
)
TWO, THREE = "amp, istres; installation, connectivity", "amp, istres, martigues; installation, connectivity"
ALL = f"{THREE}, data"
QUESTIONS: dict[str, dict[str, str]] = {
    "under what the Métropole hung its sensor on the quay of Martigues, before this convention": {
        "coverage quay --on 2019-02-28": "amp on quay-1 of martigues, installation: pilote",
        "show quay --on 2019-02-28": "quay-1; of amp",
        query_support("quay", "2019-02-28"): "quay-1",
        "show etang-de-berre --on 2019-02-28": "not_yet; amp, istres; installation, connectivity; until 2023-09-30",
    },
    "its first day": {
        "show etang-de-berre --on 2019-03-01": f"in_force; {TWO}; until 2023-09-30; notice by 2021-09-30",
        version("2019-03-01"): "None amp|istres installation|connectivity",
        until("2019-03-01"): "1 of 1 on others' poles, 2 in force",
    },
    "its first day, as recorded before its signature was": {
        "show etang-de-berre --on 2019-03-01 --at 2019-03-03": f"adopted; {TWO}; until 2024-12-31",
        did("id", "set"): "2019-03-04 etang-de-berre; 2023-09-30 levels",
    },
    "where the first sensor hung when it was new, whose, under which act": {
        "coverage noise-1 --on 2019-04-12": "amp on pole-1 of istres, installation: etang-de-berre",
        "show noise-1 --on 2019-04-12": "pole-1; of amp; recorded 2019-04-15, until then None",
        query_support("noise-1", "2019-04-12"): "pole-1",
    },
    "the day before it was there": {
        "coverage noise-1 --on 2019-04-11": "",
        "show noise-1 --on 2019-04-11": "nowhere; of amp; recorded 2019-04-15, until then None",
        query_support("noise-1", "2019-04-11"): "",
    },
    "through whose network the sensor of Istres sends": {
        "coverage istres-1 --on 2019-09-09": "istres on lora of amp, connectivity: etang-de-berre",
        "coverage istres-1 --on 2019-09-08": "",
        "show istres-1 --on 2019-09-09": "pole-2; of istres; recorded 2019-09-10, until then None",
    },
    "the last day of the pilot's term": {
        "coverage quay --on 2019-12-31": "amp on quay-1 of martigues, installation: pilote",
        query("SELECT until_day FROM convention_versions WHERE convention = 'pilote'"): "2019-12-31",
        "show pilote --on 2019-12-31": "in_force; amp, martigues; installation; until 2019-12-31",
        until("2019-12-31"): "3 of 4 on others' poles, 2 in force",
    },
    "the day after that term": {
        "coverage quay --on 2020-01-01": "amp on quay-1 of martigues, installation: uncovered, remove by None",
        "show pilote --on 2020-01-01": "expired; amp, martigues; installation; until 2019-12-31",
        until("2020-01-01"): "3 of 4 on others' poles, 1 in force",
    },
    "the last day before Martigues was a party": {
        "coverage quay --on 2020-06-30": "amp on quay-1 of martigues, installation: uncovered, remove by None",
        "show etang-de-berre --on 2020-06-30": f"in_force; {TWO}; until 2023-09-30; notice by 2021-09-30",
        version("2020-06-30"): "None amp|istres installation|connectivity",
    },
    "the first day on which it was": {
        "coverage quay --on 2020-07-01": "amp on quay-1 of martigues, installation: etang-de-berre 1",
        "show etang-de-berre --on 2020-07-01": f"in_force; {THREE}; until 2023-09-30; notice by 2021-09-30",
        version("2020-07-01"): "1 amp|istres|martigues installation|connectivity",
    },
    "that day, as recorded before the act": {
        "coverage quay --on 2020-07-01 --at 2020-06-14": (
            "amp on quay-1 of martigues, installation: uncovered, remove by None"
        ),
        f"{version('2020-07-01')} --at 2020-06-14": "None amp|istres installation|connectivity",
    },
    "that day, as recorded once the act was signed": {
        "coverage quay --on 2020-07-01 --at 2020-06-15": "amp on quay-1 of martigues, installation: etang-de-berre 1",
        f"{version('2020-07-01')} --at 2020-06-15": "1 amp|istres|martigues installation|connectivity",
    },
    "where the first sensor hung on the day before it moved": {
        "coverage noise-1 --on 2020-09-20": "amp on pole-1 of istres, installation: etang-de-berre",
        "coverage pole-1 --on 2020-09-20": "amp on pole-1 of istres, installation: etang-de-berre",
        "show noise-1 --on 2020-09-20": "pole-1; of amp",
        query_support("noise-1", "2020-09-20"): "pole-1",
    },
    "where on the day it moved, and since when that is on record": {
        "coverage noise-1 --on 2020-09-21": "amp on pole-2 of istres, installation: etang-de-berre",
        "show noise-1 --on 2020-09-21": "pole-2; of amp; recorded 2020-10-05, until then pole-1",
        query_support("noise-1", "2020-09-21"): "pole-2",
        did("id, reason", "move"): "2020-10-05 noise-1 travaux",
    },
    "where on that day, as recorded before anybody entered the move": {
        "coverage noise-1 --on 2020-09-21 --at 2020-10-04": "amp on pole-1 of istres, installation: etang-de-berre",
        "show noise-1 --on 2020-09-21 --at 2020-10-04": "pole-1; of amp",
        f"{query_support('noise-1', '2020-09-21')} --at 2020-10-04": "pole-1",
    },
    "what hung on the mast on the last day on which it was Istres's": {
        "coverage noise-2 --on 2020-12-31": "amp on mast-1 of istres, installation: etang-de-berre",
        "coverage mast-1 --on 2020-12-31": "amp on mast-1 of istres, installation: etang-de-berre",
        "show mast-1 --on 2020-12-31": "of istres",
        query_owner("mast-1", "2020-12-31"): "istres",
        until("2020-12-31"): "3 of 4 on others' poles, 1 in force",
    },
    "and on the first day on which it was the Métropole's": {
        "coverage noise-2 --on 2021-01-01": "",
        "show mast-1 --on 2021-01-01": "of amp; recorded 2021-02-01, until then istres",
        query_owner("mast-1", "2021-01-01"): "amp",
        until("2021-01-01"): "2 of 4 on others' poles, 1 in force",
    },
    "and on that day, as recorded before the sale was": {
        "coverage noise-2 --on 2021-01-01 --at 2021-01-31": "amp on mast-1 of istres, installation: etang-de-berre",
        "show mast-1 --on 2021-01-01 --at 2021-01-31": "of istres",
        f"{query_owner('mast-1', '2021-01-01')} --at 2021-01-31": "istres",
        f"{until('2021-01-01')} --at 2021-01-31": "3 of 4 on others' poles, 1 in force",
    },
    "the last day before data was a family": {
        "show etang-de-berre --on 2021-04-25": f"in_force; {THREE}; until 2023-09-30; notice by 2021-09-30",
        version("2021-04-25"): "1 amp|istres|martigues installation|connectivity",
    },
    "the first day on which data was": {
        "show etang-de-berre --on 2021-04-26": f"in_force; {ALL}; until 2023-09-30; notice by 2021-09-30",
        version("2021-04-26"): "2 amp|istres|martigues installation|connectivity|data",
    },
    "who receives what is measured, under which act": {
        "coverage levels --on 2021-05-10": "amp to istres, data: etang-de-berre 2",
        "coverage levels --on 2021-05-09": "",
    },
    "which device fed the flow, as recorded before the exchange": {
        "show flow/levels --at 2021-09-05": "['noise-1']",
        "show flow/levels": "['noise-3']",
        did("id", "replace"): "2021-09-06 noise-1; 2021-09-06 noise-3; 2021-09-06 levels",
    },
    "what hung on the second pole on the day before the exchange": {
        "coverage pole-2 --on 2021-09-05": "amp on pole-2 of istres, installation: etang-de-berre",
        "show noise-1 --on 2021-09-05": "pole-2; of amp",
        "show noise-3 --on 2021-09-05": "nowhere; of amp; recorded 2021-09-06, until then None",
        query_support("noise-1", "2021-09-05"): "pole-2",
    },
    "what on the day after": {
        "coverage noise-1 --on 2021-09-07": "",
        "coverage pole-2 --on 2021-09-07": "amp on pole-2 of istres, installation: etang-de-berre",
        "show noise-3 --on 2021-09-07": "pole-2; of amp",
        query_support("noise-3", "2021-09-07"): "pole-2",
    },
    "the last day of its first term, and by when notice had to be given": {
        "show etang-de-berre --on 2021-09-30 --at 2021-09-30": (
            f"in_force; {ALL}; until 2024-12-31; notice by 2021-09-30"
        ),
        "coverage quay --on 2021-12-31": "amp on quay-1 of martigues, installation: etang-de-berre 1",
        until("2021-12-31"): "2 of 4 on others' poles, 1 in force",
    },
    "the first day of its tacit renewal": {
        "show etang-de-berre --on 2022-01-01 --at 2022-01-01": (
            f"in_force; {ALL}; until 2024-12-31; notice by 2022-09-30"
        ),
        "coverage istres-1 --on 2022-01-01": "istres on lora of amp, connectivity: etang-de-berre",
        until("2022-01-01"): "2 of 4 on others' poles, 1 in force",
    },
    "since when the second sensor hung there, before and after the correction": {
        "show noise-2 --at 2022-02-13": "2019-06-03",
        "show noise-2": "2019-06-05",
        "show noise-2 --on 2019-06-04": "nowhere; of amp; recorded 2022-02-14, until then mast-1",
        did("id, reason", "correct"): "2022-02-14 noise-2 date du procès-verbal",
    },
    "the last day in force": {
        "coverage quay --on 2023-09-30": "amp on quay-1 of martigues, installation: etang-de-berre 1",
        "show etang-de-berre --on 2023-09-30": f"in_force; {ALL}; until 2023-09-30",
        version("2023-09-30"): "2 amp|istres|martigues installation|connectivity|data",
        until("2023-09-30"): "2 of 3 on others' poles, 1 in force",
    },
    "the day on which its termination took effect": {
        "coverage quay --on 2023-10-01": "amp on quay-1 of martigues, installation: uncovered, remove by 2023-11-29",
        "show etang-de-berre --on 2023-10-01": f"terminated; {ALL}; until 2023-09-30",
        version("2023-10-01"): "",
        OVER: "2023-10-01 3 None 2023-10-01",
        until("2023-10-01"): "2 of 3 on others' poles, 0 in force",
    },
    "that day, as recorded before the termination was": {
        "coverage quay --on 2023-10-01 --at 2023-06-18": ("amp on quay-1 of martigues, installation: etang-de-berre 1"),
        f"{version('2023-10-01')} --at 2023-06-18": "2 amp|istres|martigues installation|connectivity|data",
        did("conventions", "terminate"): "2023-06-19 etang-de-berre",
    },
    "what was left once all was removed": {
        "coverage etang-de-berre --on 2023-12-01": "",
        "show noise-3 --on 2023-12-01": "nowhere; of amp",
        until("2023-12-01"): "0 of 1 on others' poles, 0 in force",
    },
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_way_gives_the_same_answer(root: Path, runs: Runs, question: str) -> None:
    for line, answer in QUESTIONS[question].items():
        name, *words = shlex.split(line)
        code, out, err = runs(name, *words, "-f", "json", "-C", str(root))
        assert (code, err) == (0, ""), line
        assert "; ".join(WAYS[name](json.loads(out))) == answer, line


PAGE = "docs/time.md"
ROW = re.compile(r"^\| .+? \| `(.+)` \| `(.+)` \|$", re.MULTILINE)


@pytest.mark.parametrize(("lang", "part"), [("en", 0), ("fr", 1)])
def test_the_answers_on_the_page(root: Path, runs: Runs, lang: str, part: int) -> None:
    text = (ROOT / PAGE).read_text("utf-8").split("\n---\n")[part].replace("\\|", "|")
    questions = ROW.findall(text)
    assert len(questions) == 22
    for line, answer in questions:
        name, *words = shlex.split(line)
        _code, out, err = runs(name, *words, "--lang", lang, "-C", str(root))
        assert answer in " ".join(f"{out} {err}".split()), line
    line, _code, lines = read_tour(PAGE)[part]
    _smartreg, name, *words = shlex.split(line)
    _code, out, _err = runs(name, *words, "--lang", lang, "-C", str(root))
    assert [one for one in lines if not any(shows(found, one) for found in out.splitlines())] == []


# -- parties begin and end -----------------------------------------------------------------------------------------


class Played:
    """A registry in which people write, and what the program answers about it."""

    def __init__(self, root: Path, runs: Runs) -> None:
        self.root, self.runs = root, runs

    def write(self, line: str, *more: str) -> None:
        name, *words = (*shlex.split(line), *more)
        code, _out, err = self.runs(name, *words, "-y", "--no-input", "-C", str(self.root))
        assert code == 0, (line, err)

    def refused(self, line: str) -> str:
        name, *words = shlex.split(line)
        code, out, err = self.runs(name, *words, "-y", "--no-input", "-C", str(self.root))
        assert code == 1, out
        return out + err

    def ask(self, line: str) -> str:
        name, *words = shlex.split(line)
        code, out, err = self.runs(name, *words, "-f", "json", "-C", str(self.root))
        assert (code, err) == (0, ""), line
        return "; ".join(WAYS[name](json.loads(out)))

    def finds(self, *codes: str, on: str) -> list[tuple[str, str]]:
        words = ("--select", ",".join(codes)) if codes else ("--ignore", "REF214")
        _code, out, _err = self.runs("validate", *words, "--on", on, "-f", "json", "-C", str(self.root))
        found = [one for one in json.loads(out)["findings"] if codes or one["severity"] == "error"]
        return sorted((one["code"], Path(one["file"]).stem) for one in found)

    def communes(self, until: str) -> tuple[int, list[list[object]]]:
        """The number of communes of the territory; those with devices or a convention, each with its devices."""
        line = ("--from", "2019-01-01", "--until", until, "-f", "json")
        code, out, err = self.runs("report", *line, "-C", str(self.root))
        assert (code, err) == (0, "")
        (b3,) = [figure for figure in json.loads(out)["figures"] if figure["figure"] == "B3"]
        (share,) = [one for one in b3["measures"] if one["key"] == "equipped"]
        rows = [[row["commune"], row["equipment"]] for row in b3["tables"][0]["rows"]]
        return share["whole"], rows


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begin(tmp_path_factory.mktemp("begun") / "registry")


@pytest.fixture
def played(begun: Path, tmp_path: Path, runs: Runs) -> Played:
    return Played(shutil.copytree(begun, tmp_path / "registry"), runs)


@pytest.fixture(scope="module")
def merged_communes(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As docs/conventions.md shows."""
    root = shutil.copytree(begun, tmp_path_factory.mktemp("merged") / "registry")
    for words in (
        ["set", "istres", "fos", "ended_on=2025-01-01"],
        shlex.split(COMMUNE_NOUVELLE),
        ["set", "istres", "fos", *successor("istres-fos")],
    ):
        assert run([*words, "-y", "--no-input", "-C", str(root)]) == 0
    return root


@pytest.fixture
def merged(merged_communes: Path, tmp_path: Path, runs: Runs) -> Played:
    return Played(shutil.copytree(merged_communes, tmp_path / "merged"), runs)


COMMUNE_NOUVELLE = "add-party --id istres-fos --name Istres-Fos --category commune --siren 200099109 --insee-code 13047"


def test_a_commune_nouvelle_takes_the_place_of_two_communes(played: Played, merged: Played) -> None:
    assert {"REF207", "REC114"} <= set(re.findall(r"[A-Z]{3}\d{3}", played.refused(COMMUNE_NOUVELLE)))
    before, after = "2024-12-31", "2025-01-01"
    convention = "installation, connectivity, data"
    both = "with-fos fos → istres-fos, with-istres istres → istres-fos"
    for line, answers in {
        "show with-istres": (f"in_force; amp, istres; {convention}", f"in_force; amp, istres-fos; {convention}"),
        "show pole-1": ("of istres", "of istres-fos"),
        "coverage noise-1": (
            "amp on pole-1 of istres, installation: with-istres",
            f"amp on pole-1 of istres-fos, installation: {both}",
        ),
        "coverage noise-2": (
            "amp on fos-1 of fos, installation: with-fos",
            f"amp on fos-1 of istres-fos, installation: {both}",
        ),
        "coverage istres-1": (
            "istres on lora of amp, connectivity: with-istres",
            f"istres-fos on lora of amp, connectivity: {both}",
        ),
    }.items():
        told = [merged.ask(f"{line} --on {day}") for day in (before, after)]
        assert [re.sub(r"; (until|recorded|amp to) .*", "", one) for one in told] == list(answers), line
    assert merged.ask(f"coverage istres-fos --on {after}").count("istres-fos") > 3
    assert merged.ask(f"coverage istres-fos --on {before}") == ""
    assert merged.finds(on=after) == []
    versions = "SELECT from_day, act, parties FROM convention_versions WHERE convention = 'with-fos'"
    assert merged.ask(query(versions)) == "2019-03-01 None amp|fos; 2025-01-01 fos → istres-fos amp|istres-fos"
    code, out, _err = merged.runs("show", "istres-fos", "-C", str(merged.root))
    assert code == 0
    assert "takes the place of fos from 2025-01-01" in out


def test_what_begins_later_names_the_commune_nouvelle(merged: Played) -> None:
    added = "add-sensor --id {id} --owner {owner} --use-case noise --status planned --support pole-1"
    merged.write(added.format(id="new-1", owner="amp"))
    merged.write("set new-1 status=installed installed_on=2025-03-01")
    assert merged.finds("CON301", "REF227", on="2025-03-01") == []
    merged.write(
        "add-support --id late --type street_light --owner istres-fos --insee-code 13047 --status in_service"
        " --location-lon 4.98 --location-lat 43.51"
    )
    merged.write(
        "add-sensor --id new-2 --owner istres --use-case noise --status installed --support late"
        " --installed-on 2025-03-02"
    )
    assert merged.finds("CON301", "REF227", on="2025-03-02") == [("REF227", "new-2")]
    merged.write("add-deliberation --id late-1 --number 2025-9 --body istres-fos --date 2025-02-01 --subject Avenant")
    merged.write("add-deliberation --id amp-2 --number 2025-8 --body amp --date 2025-02-01 --subject Avenant")
    merged.write("amend with-istres removal_days=60 --signed-on 2025-02-10 --deliberation late-1 --deliberation amp-2")
    merged.write(
        "amend with-istres parties-=istres-fos --signed-on 2025-06-10 --deliberation late-1 --deliberation amp-2"
    )
    assert merged.finds("CON321", "CON325", on="2025-07-01") == []
    assert merged.ask("show with-istres --on 2025-07-01").startswith("in_force; amp; ")


def test_contracts_go_on_for_what_they_were_made_for(merged: Played) -> None:
    """Two conventions with the commune nouvelle: only what begins after the merger has to name one of them."""
    merged.write(
        "add-sensor --id new-1 --owner amp --use-case noise --status installed --support pole-1"
        " --installed-on 2025-03-01"
    )
    assert merged.finds("CON309", on="2025-03-02") == [("CON309", "new-1")]


def test_the_commune_nouvelle_gives_notice(merged: Played) -> None:
    clause = "termination.unilateral=true termination.notice=P3M"
    merged.write(f'set with-istres with-fos {clause} --correct -m "article 9"')
    end = "terminate {} --on 2030-07-01 --signed-on {} --reason budget --notice-by {}"
    for party in ("istres", "martigues"):
        assert f"{party} is not a party" in merged.refused(end.format("with-istres", "2025-03-01", party))
    merged.write(end.format("with-istres", "2025-03-01", "istres-fos"))
    merged.write(end.format("with-fos", "2024-11-01", "fos"))  # before the merger, for a day after it
    assert merged.finds("CON327", on="2025-03-02") == []


def test_deliberations_are_asked_of_those_who_existed_then(merged: Played) -> None:
    """An act of 2024 that takes effect after the merger was for Istres to decide."""
    for id, body in (("istres-2", "istres"), ("amp-2", "amp")):
        merged.write(f"add-deliberation --id {id} --number 2024-9 --body {body} --date 2024-10-01 --subject Avenant")
    act = "amend with-istres removal_days=60 --signed-on 2024-11-10 --effective-from 2025-02-01"
    merged.write(f"{act} --deliberation amp-2 --deliberation istres-2")
    assert merged.finds("CON316", "CON325", "REF227", on="2025-02-01") == []


def test_figures_count_the_communes_of_their_day(merged: Played) -> None:
    assert merged.communes("2024-12-31") == (3, [["13039", 1], ["13047", 2]])
    assert merged.communes("2025-01-01") == (2, [["13047", 3]])


def test_a_commune_nouvelle_is_split_again(merged: Played) -> None:
    merged.write("set istres-fos ended_on=2026-01-01")
    for id, name, siren, code in (("istres-2", "Istres", "200099117", "13047"), ("fos-2", "Fos", "200099125", "13039")):
        merged.write(f"add-party --id {id} --name {name} --category commune --siren {siren} --insee-code {code}")
    merged.write("set istres-fos", *successor("istres-2"), *successor("fos-2", 1))

    undivided = [("REF228", id) for id in ("fos-1", "istres-1", "pole-1", "pole-2")]
    assert [one for one in merged.finds("REF228", on="2026-01-01") if one[1] != "mast-1"] == undivided
    assert merged.finds("REF228", on="2025-12-31") == []
    assert merged.finds(on="2026-01-01") == []  # the conventions are those of both, and still cover it
    merged.write("transfer support/fos-1 fos-2 --on 2026-01-01")
    for support in ("pole-1", "pole-2", "mast-1"):
        merged.write(f"transfer support/{support} istres-2 --on 2026-01-01")
    merged.write("transfer istres-1 istres-2 --on 2026-01-01")
    assert merged.finds("REF228", on="2026-01-01") == []
    assert merged.finds(on="2026-01-01") == []
    owners = [merged.ask(f"show fos-1 --on {day}") for day in ("2024-12-31", "2025-06-01", "2026-01-01")]
    assert [one.partition(";")[0] for one in owners] == ["of fos", "of istres-fos", "of fos-2"]
    covered = {day: merged.ask(f"coverage noise-2 --on {day}") for day in ("2025-12-31", "2026-01-01")}
    assert covered["2025-12-31"].startswith("amp on fos-1 of istres-fos, installation: with-fos fos → istres-fos, ")
    assert covered["2026-01-01"].startswith(
        "amp on fos-1 of fos-2, installation: with-fos istres-fos → istres-2, fos-2, "
    )
    assert merged.communes("2026-01-01") == (3, [["13039", 1], ["13047", 2]])


def test_part_of_a_commune_becomes_another_one(played: Played) -> None:
    """Istres goes on: what it has stays its own until a record says otherwise, and its conventions are also theirs."""
    played.write("add-party --id hameau --name Hameau --category public --siren 200099133")
    played.write("set istres", *successor("hameau"), "successors[0].from=2025-01-01")
    assert played.ask("show with-istres --on 2025-01-01").startswith("in_force; amp, istres, hameau; ")
    assert played.ask("show pole-1 --on 2025-01-01").startswith("of istres")
    played.write("transfer support/pole-1 hameau --on 2025-01-01")
    assert played.ask("coverage noise-1 --on 2025-01-01").startswith(
        "amp on pole-1 of hameau, installation: with-istres istres → istres, hameau"
    )
    assert played.finds(on="2025-01-01") == []


def test_an_epci_becomes_another_legal_person(played: Played) -> None:
    played.write("set amp ended_on=2025-01-01")
    played.write("add-party --id provence --name Provence --category metropole --siren 200099141")
    played.write("set amp", *successor("provence"))
    settings = played.root / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8").replace('"amp"', '"provence"'), "utf-8")

    assert played.finds(on="2025-01-01") == []
    assert played.finds("CON305", "CON308", "CON316", "CON318", "CON325", on="2025-01-01") == []
    assert played.ask("show with-istres --on 2025-01-01").startswith("in_force; provence, istres; ")
    covers = [played.ask(f"coverage istres-1 --on {day}") for day in ("2024-12-31", "2025-01-01")]
    assert [one.partition(":")[0] for one in covers] == [
        "istres on lora of amp, connectivity",
        "istres on lora of provence, connectivity",
    ]
    assert played.ask("coverage levels --on 2025-01-01").startswith(
        "provence to istres, data: with-istres amp → provence"
    )


def test_a_party_that_only_changes_its_name_stays_the_same_record(played: Played) -> None:
    played.write("set amp name=Provence")
    assert played.finds(on="2025-01-01") == []


def test_a_party_that_ends_without_a_successor_ends_no_convention_in_silence(played: Played) -> None:
    played.write("set fos ended_on=2025-01-01")
    assert played.finds("CON334", on="2025-01-01") == [("CON334", "with-fos")]
    assert played.finds("CON334", on="2024-12-31") == []
    assert played.finds(on="2025-01-01") == []
    assert played.ask("coverage noise-2 --on 2025-01-01") == "amp on fos-1 of fos, installation: with-fos"


def test_a_registry_with_older_schemas_reads_as_before(played: Played, runs: Runs) -> None:
    """A write that needs the fields which it lacks is refused, and names the command that brings them."""
    assert runs("schema", "--refresh", "-y", "-C", str(played.root))[0] == 0
    file = played.root / "schemas/party.schema.json"
    old = json.loads(file.read_text("utf-8"))
    for name in ("ended_on", "successors"):
        del old["properties"][name]
    file.write_text(json.dumps(old), "utf-8")
    assert played.ask("coverage noise-1 --on 2025-01-01").startswith(
        "amp on pole-1 of istres, installation: with-istres"
    )
    code, out, err = runs("set", "istres", "ended_on=2025-01-01", "-y", "--no-input", "-C", str(played.root))
    assert code == 2
    assert "smartreg schema --refresh" in out + err
