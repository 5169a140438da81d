"""Commits signed by security keys and passkeys: Git finds them all good; the gate and the audit go by `[keys]`."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from authenticator import (
    PRESENT,
    VERIFIED,
    SecurityKey,
    armored,
    ecdsa_fields,
    new_security_key,
    sign_head,
    ssh_of_der,
    ssh_string,
    to_sign,
    webauthn_signature,
)
from browser import launch
from playwright.sync_api import Browser
from signing import Key, Person, new_key
from town import ON, POLE, SETTINGS, party, support

from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.features.proofs.audit import AuditOptions, audit
from smartreg.workspace.workspace import open_workspace

pytestmark = pytest.mark.promise("R17")

DESK = "https://desk.example.org"
POLICY = f'[keys]\norigins = ["{DESK}"]\nrequire = ["touch", "verification"]\n'


@pytest.fixture(scope="module")
def security_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SecurityKey]:
    folder = tmp_path_factory.mktemp("authenticator")
    return {
        "sk": new_security_key(folder, "sk"),
        "sk-ed25519": new_security_key(folder, "sk-ed25519"),
        "passkey": new_security_key(folder, "passkey", "desk.example.org"),
    }


@pytest.fixture(scope="module")
def metropole_key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return new_key(tmp_path_factory.mktemp("metropole"), "amp")


@pytest.fixture
def town(git_repo: Path, security_keys: dict[str, SecurityKey], metropole_key: Key) -> Callable[..., Path]:
    """A registry in which istres lists the security keys, and a branch on which its pole changed, not signed yet."""

    def make(policy: str = "", more: tuple[str, ...] = ()) -> Path:
        amp = Person("agent@metropole.example.org", metropole_key)
        listed = (*(key.fingerprint for key in security_keys.values()), *more)
        amp.commits(
            git_repo,
            {
                SETTINGS: f'name = "Istres"\nmetropole = "amp"\n{policy}',
                "registry/parties/amp.yaml": party("amp", keys=(metropole_key.fingerprint,)),
                "registry/parties/istres.yaml": party("istres", keys=listed),
                POLE: support("pole", "istres"),
            },
        )
        amp.git(git_repo, "checkout", "-qb", "pr")
        unsigned = Person("agent@istres.example.org")
        unsigned.commits(git_repo, {POLE: support("pole", "istres", "out_of_service")}, "Switch off the pole")
        return git_repo

    return make


def gate(root: Path) -> list[tuple[str, str]]:
    """The findings about the authors of the branch `pr`: codes and sentences."""
    asked = ValidateOptions(ON, select=("CHG812", "CHG815", "CHG828"))
    found = validate_since(open_workspace(root), "refs/heads/main", asked, Trust(head=False, authors=True)).findings
    return [(finding.code, finding.message.in_("en")) for finding in found]


def audit_codes(root: Path) -> dict[str, list[str]]:
    """The codes of findings in the history, by commit."""
    traces = audit(open_workspace(root), AuditOptions(None)).traces
    return {trace.commit.oid: [finding.code for finding in trace.findings] for trace in traces}


def is_good_for_git(root: Path) -> bool:
    words = ["-c", "gpg.ssh.allowedSignersFile=/dev/null", "log", "-1", "--format=%G?"]
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip() == "U"


@pytest.mark.parametrize(
    ("policy", "name", "flags", "weakness"),
    [
        ("", "sk", PRESENT, ""),
        ("", "sk-ed25519", PRESENT, ""),
        ("", "sk", 0, "the security key was not touched"),
        ("", "sk-ed25519", VERIFIED, "the security key was not touched"),
        (POLICY, "sk", PRESENT, "did not verify its user"),
        (POLICY, "sk-ed25519", PRESENT | VERIFIED, ""),
        ("", "passkey", PRESENT | VERIFIED, "a passkey of desk.example.org made it outside of a browser"),
        (f"{POLICY}from = 2999-01-01\n", "sk", 0, ""),
        (f"{POLICY}from = 2020-01-01\n", "sk", 0, "the security key was not touched"),
    ],
)
def test_a_security_key(
    town: Callable[..., Path],
    security_keys: dict[str, SecurityKey],
    policy: str,
    name: str,
    flags: int,
    weakness: str,
) -> None:
    root = town(policy)
    sign_head(root, lambda commit: security_keys[name].sign(commit, flags))
    assert is_good_for_git(root)
    found = gate(root)
    assert [code for code, _ in found] == (["CHG812", "CHG828"] if weakness else [])
    assert weakness in "".join(message for code, message in found if code == "CHG828")


EMBEDDED = "embedded in another site"


@pytest.mark.parametrize(
    ("policy", "origin", "flags", "more", "weakness"),
    [
        (POLICY, DESK, PRESENT | VERIFIED, {}, ""),
        (POLICY, DESK, PRESENT | VERIFIED, {"crossOrigin": False}, ""),
        ("", DESK, PRESENT | VERIFIED, {}, f"a page of {DESK} asked for it"),
        (POLICY, "https://evil.desk.example.org", PRESENT | VERIFIED, {}, "https://evil.desk.example.org asked for it"),
        (POLICY, DESK.upper(), PRESENT | VERIFIED, {}, "asked for it"),
        (POLICY, DESK, PRESENT | VERIFIED, {"crossOrigin": True}, EMBEDDED),
        (POLICY, DESK, PRESENT | VERIFIED, {"crossOrigin": "false"}, EMBEDDED),
        (POLICY, DESK, PRESENT | VERIFIED, {"crossOrigin": False, "topOrigin": "https://evil.example.org"}, EMBEDDED),
        (POLICY, DESK, VERIFIED, {}, "the security key was not touched"),
        (POLICY, DESK, PRESENT, {}, "did not verify its user"),
        (f'[keys]\norigins = ["{DESK}"]\n', DESK, PRESENT, {}, ""),
        (f"{POLICY}from = 2999-01-01\n", "https://evil.example.org", 0, {}, ""),
    ],
)
def test_a_passkey(
    town: Callable[..., Path],
    security_keys: dict[str, SecurityKey],
    policy: str,
    origin: str,
    flags: int,
    more: dict[str, object],
    weakness: str,
) -> None:
    root = town(policy)
    sign_head(root, lambda commit: security_keys["passkey"].sign_on_page(commit, origin, flags, more))
    assert is_good_for_git(root)
    found = gate(root)
    assert [code for code, _ in found] == (["CHG812", "CHG828"] if weakness else [])
    assert weakness in "".join(message for code, message in found if code == "CHG828")


def test_a_branch_does_not_write_the_policy_that_judges_it(
    town: Callable[..., Path], security_keys: dict[str, SecurityKey]
) -> None:
    root = town(POLICY)
    (root / SETTINGS).write_text('name = "Istres"\nmetropole = "amp"\n', encoding="utf-8")
    subprocess.run(["git", "commit", "-qam", "x"], cwd=root, check=True)
    sign_head(root, lambda commit: security_keys["sk"].sign(commit, 0))
    assert "CHG828" in [code for code, _ in gate(root)]


def test_a_signature_that_git_reads_otherwise_is_bad(
    town: Callable[..., Path], security_keys: dict[str, SecurityKey]
) -> None:
    """A second block behind the one that OpenSSH reads; client data whose origin is there twice."""
    root = town(POLICY)
    key = security_keys["passkey"]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout
    sign_head(root, lambda text: key.sign_on_page(text, DESK, 0) + b"\n" + key.sign_on_page(text, DESK))
    assert [code for code, _ in gate(root)] == ["CHG812", "CHG815"]
    subprocess.run(["git", "reset", "-q", "--soft", commit.strip()], cwd=root, check=True)

    def sign_twice(text: bytes) -> bytes:
        challenge = base64.urlsafe_b64encode(to_sign(text)).decode().rstrip("=")
        names = f'"type":"webauthn.get","challenge":"{challenge}","origin":"https://evil.example.org"'
        client_data = f'{{{names},"origin":"{DESK}"}}'.encode()
        value, asserted = key.authenticate(hashlib.sha256(client_data).digest(), PRESENT | VERIFIED)
        return armored(key.public, webauthn_signature(value, asserted, "https://evil.example.org", client_data))

    sign_head(root, sign_twice)
    assert is_good_for_git(root)
    assert [code for code, _ in gate(root)] == ["CHG812", "CHG815"]


def test_the_audit_goes_by_it_too(town: Callable[..., Path], security_keys: dict[str, SecurityKey]) -> None:
    root = town("[audit]\nsigned_from = 2020-01-01\n" + POLICY)
    weak = sign_head(root, lambda commit: security_keys["passkey"].sign_on_page(commit, DESK, PRESENT))
    assert "AUD918" in audit_codes(root)[weak]
    subprocess.run(["git", "commit", "-q", "--amend", "--no-edit"], cwd=root, check=True)
    good = sign_head(root, lambda commit: security_keys["passkey"].sign_on_page(commit, DESK))
    assert not {"AUD902", "AUD918"} & set(audit_codes(root)[good])


def test_a_weak_agreement_counts_for_nobody(town: Callable[..., Path], security_keys: dict[str, SecurityKey]) -> None:
    """Of a change to who owns the pole, and of the history that holds it."""
    root = town(POLICY)
    (root / POLE).write_text(support("pole", "amp"), encoding="utf-8")
    subprocess.run(["git", "commit", "-qam", "Hand over the pole"], cwd=root, check=True)
    sign_head(root, lambda commit: security_keys["passkey"].sign_on_page(commit, DESK, PRESENT))
    asked = ValidateOptions(ON, select=("CHG814",))
    judged = Trust(head=False, authors=True)
    [missing] = validate_since(open_workspace(root), "refs/heads/main", asked, judged).findings
    assert "amp, istres have not agreed" in missing.message.in_("en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.mark.parametrize(
    ("site", "is_verified", "weakness"),
    [
        (DESK, True, ""),
        (DESK, False, "did not verify its user"),
        ("https://evil.desk.example.org", True, "https://evil.desk.example.org asked for it"),
    ],
)
def test_a_passkey_of_a_browser(
    git_repo: Path, town: Callable[..., Path], browser: Browser, site: str, is_verified: bool, weakness: str
) -> None:
    """Chromium's virtual authenticator asserts what the authenticator of these tests does: a browser lets a page of a
    subdomain ask, and a passkey sign without a PIN."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<title>desk</title>", content_type="text/html"))
    page.goto(f"{site}/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    automatic = {
        "hasUserVerification": is_verified,
        "isUserVerified": is_verified,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | automatic})
    made = page.evaluate(_CREATE)
    public = b"".join(map(ssh_string, [*ecdsa_fields(base64.b64decode(made["public"])), b"desk.example.org"]))
    key = SecurityKey(git_repo, public, "desk.example.org")
    root = town(POLICY, more=(key.fingerprint,))

    def sign(commit: bytes) -> bytes:
        asked = {"id": made["id"], "challenge": base64.b64encode(to_sign(commit)).decode()}
        answer = {name: base64.b64decode(value) for name, value in page.evaluate(_GET, asked).items()}
        value, asserted = ssh_of_der(answer["signature"]), answer["data"][32:37]
        return armored(public, webauthn_signature(value, asserted, site, answer["client"]))

    sign_head(root, sign)
    page.close()
    assert is_good_for_git(root)
    found = gate(root)
    assert [code for code, _ in found] == (["CHG812", "CHG828"] if weakness else [])
    assert weakness in "".join(message for code, message in found if code == "CHG828")


_BASE64 = "buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))"
_CREATE = f"""async () => {{
  const text = {_BASE64};
  const made = await navigator.credentials.create({{publicKey: {{
    challenge: new Uint8Array(16), rp: {{name: "desk", id: "desk.example.org"}},
    user: {{id: new Uint8Array(8), name: "istres", displayName: "Istres"}},
    pubKeyCredParams: [{{type: "public-key", alg: -7}}],
  }}}});
  return {{id: text(made.rawId), public: text(made.response.getPublicKey())}};
}}"""
_GET = f"""async asked => {{
  const text = {_BASE64}, bytes = value => Uint8Array.from(atob(value), one => one.charCodeAt(0));
  const got = await navigator.credentials.get({{publicKey: {{
    challenge: bytes(asked.challenge), userVerification: "preferred", rpId: "desk.example.org",
    allowCredentials: [{{type: "public-key", id: bytes(asked.id)}}],
  }}}});
  return {{
    signature: text(got.response.signature), data: text(got.response.authenticatorData),
    client: text(got.response.clientDataJSON),
  }};
}}"""
