"""Forty actions of an engineer's day and twenty of a clerk's at the desk, in a real browser.

Each role goes through one day on the same registry: what a step does, the next ones find. The engineer reads English,
at a desktop; the clerk French, on a narrow and dark screen. Steps that say so are done by keyboard alone. Every kind of
page is judged by axe (see `tab.Tab.look`).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from browser import launch
from communes import edit, send
from desk import DeskClient, serving
from program import copy_example, start
from signing import Person, new_key
from tab import Tab, open_desk, watch

METROPOLE = "metropole-d-aix-marseille-provence"
SETTINGS = '\n[labels]\naddress = "https://registre.example.org/{kind}/{id}"\n'
DECIDED: dict[str, str | Sequence[str]] = {"Deliberation": ["del-2026-12", "ivis-009-13539-23-bm"]}
WHO = "Service technique d'Istres"


@dataclass
class Day:
    """Somebody at a desk: the tab, and the registry beside it."""

    tab: Tab
    root: Path
    client: DeskClient

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def last(self) -> str:
        """The subject of the last commit, which is by whoever works here."""
        author, subject = self.git("log", "-1", "--format=%an%n%s").split("\n")
        assert author == WHO
        return subject

    def changed(self) -> list[str]:
        """The files of the last commit."""
        return self.git("show", "--format=", "--name-only").split("\n")

    def file(self, path: str) -> str:
        """A file of the registry as the last commit has it."""
        return self.git("show", f"HEAD:registry/{path}")


Step: TypeAlias = Callable[[Day], None]


@dataclass
class Story:
    """The steps of a day, in order; those `by_keys` are done without the mouse."""

    steps: dict[str, Step] = field(default_factory=dict)
    by_keys: set[str] = field(default_factory=set)

    def step(self, words: str, *, by_keys: bool = False) -> Callable[[Step], Step]:
        def add(step: Step) -> Step:
            assert words not in self.steps
            self.steps[words] = step
            if by_keys:
                self.by_keys.add(words)
            return step

        return add

    def play(self, day: Day) -> None:
        for words, step in self.steps.items():
            day.tab.by_keys = words in self.by_keys
            try:
                step(day)
            except Exception as fault:
                fault.add_note(f"at the step: {words}")
                raise


ENGINEER, CLERK = Story(), Story()
JUDGED: set[str] = set()


def another_tab(day: Day) -> Tab:
    return Tab(watch(day.tab.page.context.new_page(), day.client), day.client, JUDGED, day.tab.asked)


@ENGINEER.step("sees what is open")
def _(day: Day) -> None:
    day.tab.visit("/")
    assert day.tab.heading == "Work"
    assert "0 errors, 3 warnings" in day.tab.text


@ENGINEER.step("adds a company", by_keys=True)
def _(day: Day) -> None:
    day.tab.follow("Add", "nav")
    day.tab.follow("Party")
    said = day.tab.write({"Name": "Capteurs de Provence", "Category": "private"})
    assert said == day.last() == "Add party/capteurs-de-provence"


@ENGINEER.step("adds a deliberation")
def _(day: Day) -> None:
    day.tab.visit("/add/deliberation")
    day.tab.write({"Number": "DEL-2026-12", "Body": "istres", "Date": "2026-03-12", "Subject": "Capteurs du port"})
    assert day.last() == "Add deliberation/del-2026-12"
    assert 'date: "2026-03-12"' in day.file("deliberations/del-2026-12.yaml")


@ENGINEER.step("adds a use case", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/add/use-case")
    day.tab.write({"Title": "Stationnement du port", "Owner": "istres", "Domain": "mobility", "Status": "pilot"})
    assert day.last() == "Add use_case/stationnement-du-port"


@ENGINEER.step("adds a lamp post where it stands")
def _(day: Day) -> None:
    day.tab.visit("/add/support")
    day.tab.write({"Location": "43.51500, 4.98800", "Type": "street_light", "Owner": "istres",
                   "Municipality code": "Istres",
                   "Local reference": "EP-900", "Status": "in_service", "Identifier": "ep-900"})  # fmt: skip
    assert day.last() == "Add support/ep-900"
    assert 'insee_code: "13047"' in day.file("supports/13047/ep-900.yaml")


@ENGINEER.step("adds a network, which asks for its region")
def _(day: Day) -> None:
    day.tab.visit("/add/network")
    day.tab.write({"Name": "Réseau du port", "Technology": "LoRaWAN", "Operator": "istres", "Access": "own use only",
                   "Status": "in_service", "Started on": "2026-02-01", "Region": "Europe 863–870 MHz"})  # fmt: skip
    assert "region: EU863-870" in day.file("networks/reseau-du-port.yaml")


@ENGINEER.step("adds a sensor like another one")
def _(day: Day) -> None:
    day.tab.visit("/add/sensor")
    day.tab.write({"Like which record": "demo-istres-noise-002", "Support": "ep-900", "DevEUI": "70B3D57ED0069001",
                   "Status": "installed", "Installed on": "2026-04-01", "Identifier": "noise-900"})  # fmt: skip
    assert day.last() == "Add equipment/noise-900"
    assert "property: noiseLevel" in day.file("equipment/noise-900.yaml")


@ENGINEER.step("adds a gateway like none")
def _(day: Day) -> None:
    day.tab.visit("/add/gateway")
    day.tab.answer({"Like which record": "none"})
    day.tab.step("continue")
    day.tab.write({"Owner": "istres", "Support": "demo-istres-mat-001",
                   "Network": "demo-lorawan", "Gateway EUI": "A84041FFFE0D9001", "Status": "installed",
                   "Installed on": "2026-04-02", "Use cases": ["noise-observatory"],
                   "Identifier": "gateway-900"})  # fmt: skip
    assert day.last() == "Add equipment/gateway-900"


@ENGINEER.step("adds a data flow of two sensors")
def _(day: Day) -> None:
    day.tab.visit("/add/flow")
    day.tab.write({"Title": "Bruit du port", "Producer": "istres", "Consumers": METROPOLE,
                   "Equipment": ["demo-istres-noise-002", "noise-900"], "Access": "public",
                   "Personal data involved": "no", "Licence": "Open Licence 2.0 (Etalab)",
                   "Status": "planned"})  # fmt: skip
    assert "  - noise-900" in day.file("flows/bruit-du-port.yaml")


@ENGINEER.step("adds a convention with the company")
def _(day: Day) -> None:
    day.tab.visit("/add/convention")
    day.tab.write({"Title": "Capteurs du port", "Parties": "istres, capteurs-de-provence",
                   "Families of intervention": ["installation"], "Status": "draft"})  # fmt: skip
    assert day.last() == "Add convention/capteurs-du-port"


@ENGINEER.step("is told what is wrong, and mends it at its field", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records/equipment/noise-900/edit")
    tab.answer({"Weight (kg)": "heavy"})
    tab.step("continue")
    assert "Please correct this" in tab.text
    assert tab.page.evaluate("document.activeElement.className") == "summary"
    for answer in ("1..2", "1.2"):
        assert tab.page.evaluate("document.activeElement.className") == "summary"
        tab.reach(tab.page.locator(".summary a"))
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("document.activeElement.id") == "q-weight_kg"
        tab.answer({"Weight (kg)": answer})
        tab.step("continue")
    tab.write()
    assert "weight_kg: 1.2" in day.file("equipment/noise-900.yaml")


@ENGINEER.step("gives a form up: nothing is written")
def _(day: Day) -> None:
    before = day.git("rev-parse", "HEAD")
    day.tab.visit("/records/support/ep-900/edit")
    day.tab.review({"Height (m)": "9"})
    day.tab.follow("Cancel")
    assert day.tab.heading == "street_light · EP-900"
    assert day.git("rev-parse", "HEAD") == before


@ENGINEER.step("changes an answer after the review")
def _(day: Day) -> None:
    day.tab.visit("/records/support/ep-900/edit")
    day.tab.review({"Height (m)": "9", "Material": "steel"})
    day.tab.step("change")
    day.tab.write({"Height (m)": "9.5"})
    assert "height_m: 9.5\nmaterial: steel" in day.file("supports/13047/ep-900.yaml")


@ENGINEER.step("goes back after writing: nothing is written twice")
def _(day: Day) -> None:
    before = day.git("rev-parse", "HEAD")
    day.tab.back()
    assert "This will be written" in day.tab.text
    day.tab.step("write")
    assert "Nothing to change." in day.tab.text
    assert day.git("rev-parse", "HEAD") == before


@ENGINEER.step("finds a record by words", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/")
    tab.reach(tab.page.get_by_role("searchbox"))
    tab.page.keyboard.type("bruit port")
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    tab.look()
    tab.follow("bruit-du-port")
    assert tab.heading == "Bruit du port"


@ENGINEER.step("lists records by kind and conditions, with the command that does the same")
def _(day: Day) -> None:
    tab = day.tab
    tab.follow("Records", "nav")
    tab.page.get_by_label("Kind").select_option("equipment")
    tab.page.get_by_label("Condition").fill("support=ep-900")
    tab.press("Show")
    tab.page.get_by_label("Condition").last.fill("status=installed")
    tab.press("Show")
    assert "1 record " in tab.text
    tab.page.get_by_text("As a command").click()
    assert "smartreg list equipment --where support=ep-900 --where status=installed" in tab.text
    tab.follow("noise-900")


@ENGINEER.step("goes from a device to its support and to the owner of that")
def _(day: Day) -> None:
    day.tab.follow("ep-900", "table.record")
    day.tab.follow("istres", "table.record")
    assert day.tab.heading == "Istres"


@ENGINEER.step("edits a record", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/records/support/ep-900")
    day.tab.follow("Edit")
    day.tab.write({"Address": "Quai du Port"}, reason="seen on site")
    assert "address: Quai du Port" in day.file("supports/13047/ep-900.yaml")
    assert "seen on site" in day.git("log", "-1", "--format=%b")


@ENGINEER.step("moves a device to another support", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/records/equipment/noise-900")
    day.tab.follow("Move")
    day.tab.write({"Support that it moves to": "demo-istres-mat-001", "First day at the new place": "2026-05-04"})
    assert day.last() == "Move equipment/noise-900 to demo-istres-mat-001 on 2026-05-04"
    assert "support: ep-900" in day.file("equipment/noise-900.yaml").partition("placements:")[2]


@ENGINEER.step("replaces a device by a new one")
def _(day: Day) -> None:
    day.tab.visit("/records/equipment/noise-900")
    day.tab.follow("Replace")
    day.tab.write({"DevEUI": "70B3D57ED0069002", "Identifier": "noise-901", "Day of the exchange": "2026-06-01"})
    assert "replaces: noise-900" in day.file("equipment/noise-901.yaml")
    assert "status: removed" in day.file("equipment/noise-900.yaml")


@ENGINEER.step("retires a device", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/records/equipment/noise-901")
    day.tab.follow("Retire")
    day.tab.write({"Day": "2026-07-01"})
    assert "status: removed" in day.file("equipment/noise-901.yaml")


@ENGINEER.step("undoes what was just written")
def _(day: Day) -> None:
    day.tab.follow("Undo")
    day.tab.write()
    assert "status: installed" in day.file("equipment/noise-901.yaml")


@ENGINEER.step("transfers a support to its new owner")
def _(day: Day) -> None:
    day.tab.visit("/records/support/ep-900")
    day.tab.follow("Transfer")
    day.tab.write({"New owner": METROPOLE, "First day of the new owner": "2026-08-01"})
    text = day.file("supports/13047/ep-900.yaml")
    assert f"owner: {METROPOLE}" in text
    assert "owner: istres" in text.partition("previous_owners:")[2]


@ENGINEER.step("reads who set each field of a record, and when")
def _(day: Day) -> None:
    day.tab.visit("/records/support/ep-900")
    assert "seen on site" in day.tab.text
    day.tab.follow("Who set each field, when and why")
    assert day.tab.page.locator("tr", has_text="Quai du Port").inner_text().count(WHO) == 1


@ENGINEER.step("lets a finding stay, and says why")
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records/party/capteurs-de-provence/edit")
    tab.answer({"Notes": "standard : 04 42 11 22 33"})
    tab.step("continue")
    tab.page.get_by_label("This is right, and may stay: REC121").check()
    tab.page.get_by_label("Why (for the history)").fill("published on its site")
    tab.write()
    assert "Smartreg-Allows: REC121" in day.git("log", "-1", "--format=%b")


@ENGINEER.step("amends a convention by a new deliberation")
def _(day: Day) -> None:
    day.tab.visit("/records/convention/demo-convention-istres")
    day.tab.follow("Amend")
    day.tab.write({"Removal deadline (days)": "60", "Signed on": "2026-03-20", **DECIDED})
    assert "removal_days: 60" in day.file("conventions/demo-convention-istres.yaml").partition("amendments:")[2]


@ENGINEER.step("renews a convention", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/records/convention/demo-convention-istres")
    day.tab.follow("Renew")
    day.tab.write({"The new last day of effect": "2031-12-31", "Signed on": "2026-03-21", **DECIDED})
    assert 'effective_until: "2031-12-31"' in day.file("conventions/demo-convention-istres.yaml")


@ENGINEER.step("annexes a PDF file to a convention", by_keys=True)
def _(day: Day) -> None:
    plan = day.root.parent / "Plan du port.pdf"
    plan.write_bytes(b"%PDF-1.7 plan")
    day.tab.visit("/conventions/capteurs-du-port/annex")
    day.tab.write({"File": str(plan), "Kind of annex": "other", "Title": "Plan"})
    assert day.file("annexes/plan-du-port.pdf") == "%PDF-1.7 plan"


@ENGINEER.step("sees what would lose its cover, and ends a convention")
def _(day: Day) -> None:
    day.tab.visit("/records/convention/demo-convention-istres")
    day.tab.follow("Terminate")
    day.tab.review({"How it ends": "all its parties agreed to end it", "Signed on": "2026-09-01",
                    "The first day on which it is no longer in force": "2030-01-01", "Why": "by common accord",
                    **DECIDED})  # fmt: skip
    assert "loses its cover" in day.tab.text
    day.tab.write()
    assert "2030-01-01" in day.file("conventions/demo-convention-istres.yaml")


@ENGINEER.step("asks what has no cover on a day")
def _(day: Day) -> None:
    day.tab.follow("Coverage", "nav")
    day.tab.page.get_by_label("Day", exact=True).fill("2030-06-01")
    day.tab.press("Show")
    assert "demo-istres-noise-001" in day.tab.text


@ENGINEER.step("asks for the cover of one device, and if a convention ended", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records/equipment/demo-istres-noise-001")
    tab.follow("Its cover on any day")
    assert "not needed" in tab.seen.text("table")
    tab.select(tab.page.get_by_label("If this convention ended on that day"), "Convention de démonstration")
    tab.press("Show")
    assert "would lose cover" in tab.text


@ENGINEER.step("looks at the map")
def _(day: Day) -> None:
    tab = day.tab
    tab.follow("Map", "nav")
    assert tab.page.locator("#canvas path").count() > 0


@ENGINEER.step("opens the report, and keeps it as a file")
def _(day: Day) -> None:
    tab = day.tab
    tab.follow("Report", "nav")
    with tab.page.expect_download() as kept:
        tab.page.get_by_role("button", name="Keep it as a file").click()
    assert kept.value.suggested_filename == "bilan.html"
    assert "<!DOCTYPE html>" in Path(kept.value.path()).read_text("utf-8")


LAMPS = "N°;Type;Adresse;X;Y\n" + "".join(f"EP-{n};candélabre;{n} rue des Lices;4.97{n};43.52\n" for n in range(1, 4))


def give(day: Day, name: str, text: str | None) -> None:
    """Give a file with this text to the page of imports; None: one that is there."""
    file = day.root.parent / name
    if text is not None:
        file.write_text(text, "utf-8")
    day.tab.visit("/import")
    day.tab.answer({day.tab.page.locator("label[for=file]").inner_text(): str(file)})
    day.tab.leave_by(day.tab.page.locator("form.questions button"))


@ENGINEER.step("imports an inventory", by_keys=True)
def _(day: Day) -> None:
    give(day, "lampes.csv", LAMPS)
    assert "3 rows, 5 columns" in day.tab.text
    day.tab.write({"Owner, for every row": "istres"})
    assert day.last() == "Import 3 supports from lampes.csv"


@ENGINEER.step("imports it the next year: a lamp was moved, one is gone")
def _(day: Day) -> None:
    give(day, "lampes.csv", LAMPS.replace("4.971", "4.9711").rpartition("EP-3")[0])
    day.tab.write({"Records whose rows are no longer in the sheet": "end their life on a day"})
    assert len([path for path in day.changed() if "/supports/" in path]) == 2


@ENGINEER.step("works in two tabs and a terminal at once: nothing is lost, the second is told")
def _(day: Day) -> None:
    path, tab = "/records/support/demo-istres-ep-002/edit", day.tab
    other = another_tab(day)
    for each in (tab, other):
        each.visit(path)
    tab.review({"Address": "Quai Ouest"})
    other.review({"Local reference": "EP-2"})
    tab.step("write")
    done = start("set", "support/demo-istres-ep-002", "height_m=7", "-y", cwd=day.root)
    assert done.returncode == 0, done.stderr
    other.step("write")
    assert "support/demo-istres-ep-002 was changed meanwhile" in other.text
    assert other.page.evaluate("document.activeElement.className") == "note"
    other.step("write")
    text = day.file("supports/13047/demo-istres-ep-002.yaml")
    assert [line in text for line in ("address: Quai Ouest", "local_ref: EP-2", "height_m: 7")] == [True] * 3
    assert day.git("status", "--porcelain", "--", "registry") == ""
    other.page.close()


@ENGINEER.step("reads a branch of another party")
def _(day: Day) -> None:
    day.tab.follow("Changes", "nav")
    day.tab.follow("mast")
    assert "istres has not agreed to support/demo-istres-mat-001" in day.tab.text


@ENGINEER.step("agrees to it with the key of the party")
def _(day: Day) -> None:
    day.git("switch", "-q", "mast")
    day.tab.visit("/changes?branch=mast")
    day.tab.follow("Agree to support/demo-istres-mat-001")
    day.tab.write()
    assert "BEGIN SSH SIGNATURE" in day.git("cat-file", "commit", "HEAD")
    day.tab.visit("/changes?branch=mast")
    assert "Nobody has to agree any more" in day.tab.text
    day.git("switch", "-q", "main")


@ENGINEER.step("compares the day's work with the other branch")
def _(day: Day) -> None:
    day.tab.visit("/changes?branch=main&base=mast")
    assert "DEMO-002 → EP-2" in day.tab.text


@ENGINEER.step("sends the day's work", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/")
    button = day.tab.page.get_by_role("button", name="Send to desk/istres/")
    branch = button.inner_text().removeprefix("Send to ")
    day.tab.leave_by(button)
    assert day.tab.heading == "Sent"
    assert day.git("rev-parse", f"origin/{branch}") == day.git("rev-parse", "HEAD")


@CLERK.step("changes to French by the link at the foot")
def _(day: Day) -> None:
    day.tab.visit("/")
    day.tab.follow("Cette page en français", "footer")
    assert day.tab.heading == "À faire"
    day.tab.asked = "?lang=fr"


@CLERK.step("finds a lamp post by the words of its address", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.reach(tab.page.get_by_role("searchbox"))
    tab.page.keyboard.type("port quai")
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    tab.look()
    tab.follow("ep-900")
    assert tab.heading == "candélabre (lampadaire) · EP-900 · Quai du Port"


@CLERK.step("prints the label of a lamp post")
def _(day: Day) -> None:
    tab = day.tab
    tab.page.get_by_role("link", name="Étiquette à imprimer").click()
    tab.page.wait_for_url("**/label*")
    assert "ep-900" in tab.seen.text("body")
    assert tab.seen.violations() == []
    tab.back()


@CLERK.step("turns the pages of a long list")
def _(day: Day) -> None:
    day.tab.visit("/records")
    day.tab.follow("Page suivante")
    day.tab.follow("Page suivante")
    day.tab.follow("Première page")
    assert "après" not in day.tab.page.url


@CLERK.step("adds a lamp post, and names its commune")
def _(day: Day) -> None:
    day.tab.follow("Ajouter", "nav")
    day.tab.follow("Support")
    day.tab.write({"Position": "43.51610, 4.98810", "Type": "mât", "Propriétaire": "istres", "Statut": "en service",
                   "Code INSEE": "Istres", "Référence locale": "EP-950", "Identifiant": "ep-950"})  # fmt: skip
    assert day.last() == "Add support/ep-950"


@CLERK.step("reads what is wrong, and mends it")
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records/support/ep-950/edit")
    tab.answer({"Hauteur (m)": "huit"})
    tab.step("continue")
    assert tab.seen.text(".summary a") == "Hauteur : « huit » n'est pas un nombre à point décimal"
    assert tab.page.get_by_label("Hauteur (m)").get_attribute("aria-invalid") == "true"
    tab.write({"Hauteur (m)": "8"})
    assert "height_m: 8" in day.file("supports/13047/ep-950.yaml")


@CLERK.step("looks a new owner up among many", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records/support/ep-950/transfer")
    tab.answer({"Nouveau propriétaire": "port"})
    tab.step("continue")
    tab.answer({"Nouveau propriétaire": "port-de-bouc"})
    tab.review({"Premier jour du nouveau propriétaire": "2026-09-01"})
    tab.write()
    assert "owner: port-de-bouc" in day.file("supports/13047/ep-950.yaml")


@CLERK.step("takes it back")
def _(day: Day) -> None:
    day.tab.follow("Annuler")
    day.tab.write()
    assert "owner: istres" in day.file("supports/13047/ep-950.yaml")


@CLERK.step("adds a sensor to a lamp post", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/add/sensor")
    day.tab.write({"Comme quelle fiche": "demo-istres-noise-002", "Support": "ep-950", "DevEUI": "70B3D57ED0069501",
                   "Installé le": "2026-05-06", "Identifiant": "noise-950"})  # fmt: skip
    assert 'dev_eui: "70B3D57ED0069501"' in day.file("equipment/noise-950.yaml")


@CLERK.step("ends the life of a sensor")
def _(day: Day) -> None:
    day.tab.visit("/records/equipment/noise-950")
    day.tab.follow("Mettre fin")
    said = day.tab.write({"Jour": "2026-10-01"}, reason="volé")
    assert said.startswith("Retrait")
    assert "status: removed" in day.file("equipment/noise-950.yaml")
    assert "volé" in day.git("log", "-1", "--format=%b")


@CLERK.step("is told which rows of a sheet cannot come in")
def _(day: Day) -> None:
    give(day, "port.csv", LAMPS.replace("EP-", "P-"))
    day.tab.step("continue")
    assert "2-rue-des-lices existe déjà" in day.tab.seen.text("#faults + .scroll")


@CLERK.step("gives the sheet again, and imports it")
def _(day: Day) -> None:
    give(day, "port.csv", LAMPS.replace("EP-", "P-").replace("Lices", "Port").replace(";43.52", ";43.53"))
    day.tab.write()
    assert day.last() == "Import 3 supports from port.csv"


@CLERK.step("gets a workbook with its wrong cells in red")
def _(day: Day) -> None:
    (sent,) = (day.root.parent / "out").iterdir()
    wrong = day.root.parent / sent.name
    wrong.write_bytes(sent.read_bytes())
    edit(wrong, "Supports", ("demo-istres-ep-001", "hauteur_m", "dix mètres"))
    give(day, sent.name, None)
    assert "dix mètres" in day.tab.text
    with day.tab.page.expect_download() as kept:
        day.tab.page.get_by_role("link", name="Le classeur avec ses cellules fausses en rouge, à renvoyer").click()
    assert kept.value.suggested_filename.endswith(".xlsx")


@CLERK.step("ticks lamp posts in the list, and sets a field of them", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records")
    tab.select(tab.page.locator("#kind"), "Supports")
    tab.press("Montrer")
    for id in ("ep-900", "ep-950"):
        tab.reach(tab.page.get_by_role("checkbox", name=id, exact=True))
        tab.page.keyboard.press("Space")
    tab.press("Modifier un champ des fiches cochées")
    assert tab.heading == "Modifier un champ de 2 fiches"
    tab.review({"Champ": "Hauteur", "Hauteur": "7.5"})
    assert tab.page.locator("article.card").count() == 2
    tab.write(reason="inventaire")
    assert day.last() == "Set 2 supports height_m=7.5"
    assert sorted(day.changed()) == [f"registry/supports/13047/ep-9{n}0.yaml" for n in (0, 5)]


@CLERK.step("sets a field of all that a condition leaves, and takes it back")
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/records")
    tab.page.locator("#kind").select_option("support")
    tab.page.get_by_label("Condition").fill("height_m=7.5")
    tab.press("Montrer")
    tab.press("Modifier un champ des 2 fiches")
    tab.write({"Champ": "Matériau", "Matériau": "bois"})
    assert "material: wood" in day.file("supports/13047/ep-900.yaml")
    tab.follow("Annuler")
    tab.write()
    assert "material: steel" in day.file("supports/13047/ep-900.yaml")


@CLERK.step("settles what a merge left in conflict", by_keys=True)
def _(day: Day) -> None:
    tab, path = day.tab, "registry/supports/13047/ep-900.yaml"
    day.git("branch", "aside")
    for branch, height in (("aside", 5), ("main", 6)):
        day.git("switch", "-q", branch)
        text = (day.root / path).read_text("utf-8")
        (day.root / path).write_text(text.replace("height_m: 7.5", f"height_m: {height}"), "utf-8")
        day.git("commit", "-qam", f"Height of {branch}")
    merged = subprocess.run(["git", "merge", "-q", "aside"], cwd=day.root, capture_output=True, check=False)
    assert merged.returncode == 1, merged.stderr
    tab.visit("/")
    tab.follow("Régler les conflits")
    tab.answer({"Support/ep-900: height_m · Hauteur": "une autre valeur"})
    tab.step("continue")
    tab.write({"Hauteur": "5.5"})
    assert "height_m: 5.5" in day.file("supports/13047/ep-900.yaml")
    assert len(day.git("rev-parse", "HEAD^@").split()) == 2


@CLERK.step("sets many at once in the workbook, and gives it back")
def _(day: Day) -> None:
    (sent,) = (day.root.parent / "out").iterdir()
    right = day.root.parent / sent.name
    right.write_bytes(sent.read_bytes())
    edit(right, "Supports", *((f"demo-istres-ep-00{n}", "adresse", "Place de l'Église") for n in (1,)),
         *((f"demo-istres-ep-00{n}", "charge_admissible_kg", 12) for n in (1, 2)))  # fmt: skip
    give(day, sent.name, None)
    day.tab.write()
    assert {path.rpartition("/")[2] for path in day.changed()} >= {"demo-istres-ep-001.yaml", "demo-istres-ep-002.yaml"}
    assert "Smartreg-On-Behalf-Of: Istres" in day.git("log", "-1", "--format=%B")


@CLERK.step("is told that the workbook came back before")
def _(day: Day) -> None:
    (sent,) = (day.root.parent / "out").iterdir()
    give(day, sent.name, None)
    assert "Ce classeur est déjà revenu" in day.tab.text


@CLERK.step("asks for the cover of a lamp post", by_keys=True)
def _(day: Day) -> None:
    tab = day.tab
    tab.visit("/coverage")
    tab.type(tab.page.get_by_label("Fiche (vide : tout ce qui n'est pas couvert)"), "demo-istres-ep-001")
    tab.press("Montrer")
    assert "demo-istres-ep-001" in tab.seen.text("h2")


@CLERK.step("opens the report for the partners")
def _(day: Day) -> None:
    tab = day.tab
    tab.follow("Bilan", "nav")
    tab.page.get_by_label("les parties aux conventions : sans les coûts ni les observations").check()
    tab.page.get_by_role("button", name="Ouvrir le bilan").click()
    tab.page.wait_for_url("**/bilan/page*")
    assert tab.page.locator("html").get_attribute("lang") == "fr"


@CLERK.step("is told in a second tab what the first wrote")
def _(day: Day) -> None:
    path, tab = "/records/support/ep-950/edit", day.tab
    other = another_tab(day)
    for each, answers in ((tab, {"Adresse": "Rue Haute"}), (other, {"Adresse": "Rue Basse"})):
        each.visit(path)
        each.review(answers)
    tab.step("write")
    other.step("write")
    assert "support/ep-950 a été modifié entre-temps" in other.text
    assert "Rue Haute" in other.seen.text("del")
    other.follow("Abandonner")
    assert "Rue Haute" in other.text
    other.page.close()


@CLERK.step("reads a branch, and agrees to it")
def _(day: Day) -> None:
    day.git("switch", "-q", "sensor")
    day.tab.visit("/changes")
    day.tab.follow("sensor")
    day.tab.follow("Donner son accord à equipment/demo-istres-noise-001")
    day.tab.write()
    assert "Smartreg-Record: equipment/demo-istres-noise-001" in day.git("log", "-1", "--format=%B")
    day.git("switch", "-q", "main")


@CLERK.step("sends what was made", by_keys=True)
def _(day: Day) -> None:
    day.tab.visit("/")
    day.tab.leave_by(day.tab.page.get_by_role("button", name="Envoyer vers desk/istres/"))
    assert day.tab.heading == "Envoyé"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_example(tmp_path / "root")
    own, theirs = (new_key(tmp_path, name) for name in ("istres", "metropole"))
    metropole = Person("sig@metropole.example.org", theirs)
    settings = (root / "smartreg.toml").read_text("utf-8")
    listed = {
        f"registry/parties/{id}.yaml": (root / f"registry/parties/{id}.yaml").read_text("utf-8")
        + f'writers:\n  keys: ["{key.fingerprint}"]\n'
        for id, key in (("istres", own), (METROPOLE, theirs))
    }
    metropole.git(root, "branch", "-qM", "main")
    for name, value in (("user.name", WHO), ("user.email", "technique@istres.example.org"), ("gpg.format", "ssh"),
                        ("user.signingKey", str(own.file)), ("commit.gpgSign", "true")):  # fmt: skip
        metropole.git(root, "config", name, value)
    metropole.commits(root, {"smartreg.toml": settings + SETTINGS, **listed}, "Who may write")
    send(root, tmp_path / "out")
    metropole.git(root, "clone", "-q", "--bare", str(root), str(tmp_path / "remote.git"))
    metropole.git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    metropole.git(root, "fetch", "-q", "origin")
    for branch, path in (("mast", "supports/13047/demo-istres-mat-001"), ("sensor", "equipment/demo-istres-noise-001")):
        metropole.git(root, "switch", "-q", "-c", branch, "main")
        file = f"registry/{path}.yaml"
        text = (root / file).read_text("utf-8").replace(f"owner: {METROPOLE}", "owner: istres")
        more = f'previous_owners:\n  - owner: {METROPOLE}\n    until: "2026-01-01"\n'
        metropole.commits(root, {file: text + more}, f"Give the {branch} to Istres")
    metropole.git(root, "switch", "-q", "main")
    return root


@pytest.mark.long
def test_an_engineer_and_then_a_clerk_go_through_their_day(root: Path) -> None:
    desktop = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
    phone = {"viewport": {"width": 320, "height": 800}, "color_scheme": "dark", "locale": "fr-FR"}
    with launch() as browser, serving(root) as client:
        for story, how in ((ENGINEER, desktop), (CLERK, phone)):
            with open_desk(browser, client, **how) as seen:
                story.play(Day(Tab(seen, client, JUDGED), root, client))
