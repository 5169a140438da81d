"""Commands that findings and refusals name lead to the pages that do the same, with what they say filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from conventions import FILES
from desk import DeskClient, Reply, serving
from desk_forms import git, lay, post, sheet, write

from smartreg.core.messages import verbatim
from smartreg.web.visit import Links

GUEST = "registry/equipment/guest.yaml"
CASES = [
    ("mend it: smartreg set guest maintainer=amp", "Edit equipment/guest (Maintainer: amp)", {"a.maintainer": ["amp"]}),
    ("smartreg set guest --unset maintainer, or not", "Edit equipment/guest (without Maintainer)", {}),
    ("(smartreg set guest 'serial_number=a, (b)')", "Edit equipment/guest (Serial number: a, (b))",
     {"a.serial_number": ["a, (b)"]}),
    ("smartreg set guest use_cases+=noise.", "Edit equipment/guest (Use cases: noise)", {"a.use_cases": ["noise"]}),
    ('smartreg set guest dev_eui=… --correct -m "as the label says"', "Edit equipment/guest (DevEUI)",
     {"allow": ["correct"], "reason": ["as the label says"]}),
    ("smartreg set guest events[0].note=…", "Edit equipment/guest (Note)", {"a.events.0.note": ["fell"]}),
    ("smartreg set guest 'events[0].note=stood up'", "Edit equipment/guest (Note: stood up)",
     {"a.events.0.note": ["stood up"]}),
    ("smartreg set guest --unset events[1]", "Edit equipment/guest (without Events)", {"a.events.1.remove": ["true"]}),
    ("smartreg retire guest --on 2024-09-01 ends it", "Retire equipment/guest", {"a.--on": ["2024-09-01"]}),
    ("smartreg move guest pole --on YYYY-MM-DD records a move", "Move equipment/guest", {}),
    ("smartreg transfer support/pole amp --on 2024-09-01", "Transfer support/pole", {"a.--on": ["2024-09-01"]}),
    ("smartreg amend c families+=hosting --signed-on DATE --deliberation ID",
     "Amend convention/c (Families of intervention: hosting)", {}),
    ("smartreg terminate c --on 2026-01-01", "Terminate convention/c", {"a.--on": ["2026-01-01"]}),
    ("smartreg add-support", "New record: Support", {}),
    ("smartreg show support/pole says which", "support/pole", None),
    ("smartreg explain CON301: why", "what CON301 says", None),
]  # fmt: skip
"""A sentence, the link in it, and what the page then has in its fields (None: it is no form)."""
AS_THEY_ARE = (
    "smartreg explain", "smartreg retire nobody", "smartreg amend", "smartreg add-nothing",
    "smartreg boundaries -h",
)  # fmt: skip
LINK = re.compile(r'<a href="([^"]+)">([^<]+)</a>')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    events = "events:\n  - {date: '2024-06-01', kind: incident, note: fell}\n  - {date: '2024-07-01', kind: incident}\n"
    root = lay(tmp_path_factory.mktemp("hints") / "root", {GUEST: FILES[GUEST] + events})
    with serving(root) as client:
        yield client


def guided(client: DeskClient, sentence: str, file: str = "") -> str:
    """What a page of the desk makes of a sentence."""
    desk = client.desk
    template = desk.environment.from_string("{{ sentence|guide(file) }}")
    values = {"sentence": verbatim(sentence), "file": file, "lang": "en", "links": Links("")}
    rendered: str = desk.reading.work(lambda: template.render(shown=desk.reading.live.recent(), **values))
    return rendered


def followed(client: DeskClient, address: str) -> Reply:
    return client.get(unescape(address).partition("#")[0])


@pytest.mark.parametrize(("sentence", "said", "filled"), CASES)
def test_a_command_leads_to_the_page_that_does_it(
    client: DeskClient, sentence: str, said: str, filled: dict[str, list[str]] | None
) -> None:
    ((address, words),) = LINK.findall(guided(client, sentence))
    assert unescape(words) == said
    page = followed(client, address)
    assert page.status == 200
    if filled is not None:
        values = sheet(page).values
        assert {name: values[name] for name in filled} == filled
    around = re.sub(LINK, "", unescape(guided(client, sentence)))
    assert "smartreg" not in around
    assert "--" not in around


@pytest.mark.parametrize("sentence", AS_THEY_ARE)
def test_a_command_without_a_page_stays_a_command(client: DeskClient, sentence: str) -> None:
    assert guided(client, f"<b> {sentence}, or not") == f"&lt;b&gt; {sentence}, or not"


def test_a_command_that_names_no_record_is_about_the_one_of_the_finding(client: DeskClient) -> None:
    sentence = "extend it, or retire the equipment (smartreg retire)"
    assert "Retire equipment/guest</a>)" in guided(client, sentence, "registry/equipment/guest.yaml")


def test_a_refusal_leads_on_within_its_page_and_a_correction_is_one(client: DeskClient) -> None:
    """The identifier of a device that is in service is corrected, not changed."""
    path = "/records/equipment/guest/edit"
    refused = post(client, path, client.get(path), {"dev_eui": "70B3D57ED0061299"})
    assert refused.status == 422
    assert 'value="correct"' in refused.text
    ((address, _),) = [found for found in LINK.findall(refused.text) if "allow=correct" in found[0]]
    again = followed(client, address.removeprefix(client.desk.access.base))
    assert sheet(again).values["a.dev_eui"] == ["70B3D57ED0061299"]

    commit = write(client, path, {"dev_eui": "70B3D57ED0061299", "allow": "correct", "reason": "read wrongly"})
    message = git(client.desk.folder, "log", "-1", "--format=%B", commit)
    assert "Smartreg-Op: correct" in message
    assert "read wrongly" in message


def test_a_page_only_fills_in_what_its_address_says(client: DeskClient) -> None:
    """Nothing is written by an address, and what is wrong in it is said at its field."""
    page = client.get("/records/equipment/guest/edit?a.installed_on=yesterday&a.nothing=1&step=write&shown=x")
    assert page.status == 200
    assert 'href="#q-installed_on"' in page.text
