"""`publish` and `verify DIR` as people and pipelines type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from publishing import ID, Publisher, copy_publisher, make_publisher
from small import Runs, runs

__all__ = ["runs"]


@pytest.fixture(scope="module")
def base(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed") / "all"
    folder.mkdir()
    make_publisher(folder)
    return folder


@pytest.fixture
def publisher(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    publisher = copy_publisher(base, tmp_path / "all")
    monkeypatch.chdir(publisher.root)
    return publisher


def test_a_pipeline_publishes_renews_withdraws_and_a_reader_verifies(publisher: Publisher, runs: Runs) -> None:
    code, out, err = runs("publish", "-o", "../public")
    assert (code, out) == (2, "")
    assert "cannot ask whether this may become visible" in err
    assert "masts: 8 columns" in err
    assert "new records (2): mast/a, mast/b" in err
    code, out, err = runs("publish", "-o", "../public", "--accept-new")
    assert code == 0, err
    assert "first release" in err
    assert out.startswith("Published release 1  (commit ")
    code, out, err = runs("verify", "../public", "--key", f"{publisher.key.file}.pub")
    assert (code, err) == (0, "")
    assert "release 1 of Mâts" in out
    assert "its 2 records are what the public may see of commit" in out
    publisher.adds("c")
    code, out, err = runs("publish", "-o", "../public", "--accept-new", "--json")
    assert "The release before did not show this:" in err
    assert (code, json.loads(out)["serial"], json.loads(out)["new"]) == (0, 2, True)
    code, out, _ = runs("publish", "-o", "../public", "--withdraw", "1", "--reason", "a name")
    assert (code, out.splitlines()[0]) == (0, "Withdrew release 1")
    code, out, _ = runs("publish", "-o", "../public", "--renew")
    assert (code, out.splitlines()[0]) == (0, "Release 2 is the latest")
    code, out, _ = runs("verify", f"../public/{ID}", "--key", publisher.key.fingerprint, "--json")
    document = json.loads(out)
    assert (code, document["serial"], document["withdrawn"], document["holds"]) == (0, 2, {"1": "a name"}, True)
    (publisher.place / "000002/records.jsonl").write_text("{}\n")
    code, out, _ = runs("verify", "../public", "--key", publisher.key.fingerprint, "--lang", "fr")
    assert code == 1
    assert "erreur : publication 2 : records.jsonl n'est pas ce qui a été publié" in out
    assert out.splitlines()[-1].startswith("Tout ne tient pas")


@pytest.mark.promise("R16")
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("publish", 2, "a release needs a folder"),
        ("publish -o registry/", 2, "lies among the records of a registry"),
        ("publish -o ../public --withdraw 1", 2, "--withdraw and --reason go together"),
        ("publish -o ../public --renew --withdraw 1 --reason x", 2, "cannot be used together"),
        ("publish -o ../public --renew", 3, "there is no release yet"),
        ("publish -o ../public --withdraw 1 --reason x", 2, "there is no release 1"),
        ("verify .. --key SHA256:x", 1, "holds the releases of 0 registries"),
        ("verify .. --key smartreg.toml", 2, "holds no SSH public key"),
        ("verify .. --key gone.pub", 2, "there is no file gone.pub"),
    ],
)
def test_what_cannot_be_done_is_said(publisher: Publisher, runs: Runs, line: str, code: int, message: str) -> None:
    ended, out, err = runs(*line.split(), "--no-input")
    assert (ended, out) == (code, ""), err
    assert message in err
    assert not publisher.folder.exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('id = "8F14E45F-CEEA-467F-A83C-1B1F0B6E1C2A"\n', "is not the id of a registry"),
        ('id = "8f14e45f-ceea-167f-a83c-1b1f0b6e1c2a"\n', "is not the id of a registry"),
        ('[release]\nkeys = ["ssh-ed25519 AAAA"]\n', "release.keys[0]: ssh-ed25519 AAAA is not an SSH public key"),
        ("[release]\nvalid_days = 0\n", "release.valid_days: must be a number of days from 1 to 400"),
        ("[release]\nkey = []\n", "release.key: unknown setting"),
    ],
)
def test_settings_of_releases_are_checked(publisher: Publisher, runs: Runs, settings: str, message: str) -> None:
    Path("smartreg.toml").write_text(settings, "utf-8")
    code, _, err = runs("status")
    assert code == 2
    assert message in err


def test_git_must_be_able_to_sign(publisher: Publisher, runs: Runs) -> None:
    publisher.git("config", "--unset", "gpg.format")
    code, _, err = runs("publish", "-o", "../public", "--accept-new")
    assert code == 3
    assert "Git is not set up to sign with an SSH key" in err
    publisher.git("config", "gpg.format", "ssh")
    publisher.git("config", "user.signingKey", "/nowhere/key.pub")
    code, _, err = runs("publish", "-o", "../public", "--accept-new")
    assert code == 3
    assert "the public key /nowhere/key.pub cannot be read" in err
    assert not publisher.folder.exists()
