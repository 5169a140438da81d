"""Findings in SARIF 2.1.0 (OASIS), for code scanning: every rule with its manual page, results with places that are
relative to the repository, and fingerprints without line numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding, Locate, Severity, Summary, fingerprints
from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.core.values import Json, Location
from smartreg.rules import Rule
from smartreg.validation.manuals import manual
from smartreg.wording.summing import sentence

LEVEL: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"
# Not `primaryLocationLineHash`: GitHub computes it and warns of every other value.
FINGERPRINT = "smartreg/v1"
_BRACES = str.maketrans({"{": "{{", "}": "}}"})  # doubled in every message string (SARIF §3.11.5)


def report(
    findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> str:
    """One log with one run."""
    places = _Artifacts(summary.prefix, locate)
    index = {code: number for number, code in enumerate(rules)}
    driver = {
        "name": "smartreg",
        "version": __version__,
        "language": lang,
        "rules": [_rule(rule, lang) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "language": lang,
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "smartreg/"},
        "results": [
            {
                **_result(finding, places, lang),
                **({"ruleIndex": index[finding.code]} if finding.code in index else {}),
                "partialFingerprints": {FINGERPRINT: own},
            }
            for finding, own in zip(findings, fingerprints(findings), strict=True)
        ],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


@dataclass(frozen=True)
class _Artifacts:
    """Locations as SARIF writes them."""

    prefix: str
    locate: Locate

    def of(self, where: Location) -> Json:
        """The region of the value, which ends after its last character; GitHub requires a line for every place."""
        spot = self.locate(where)
        region = {"startLine": 1}
        if spot is not None:
            region = {
                "startLine": spot.start.line,
                "startColumn": spot.start.column,
                "endLine": spot.end.line,
                "endColumn": spot.end.column,
            }
        uri = quote(self.prefix + where.file, safe="/", errors="surrogateescape")
        return {"artifactLocation": {"uri": uri, "uriBaseId": BASE}, "region": region}


def _rule(rule: Rule, lang: Language) -> Json:
    title = rule.title.in_(lang).translate(_BRACES)
    page = manual(rule, lang).translate(_BRACES) or title
    return {
        "id": rule.code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": LEVEL[rule.severity]},
    }


def _result(finding: Finding, places: _Artifacts, lang: Language) -> Json:
    related = [
        {"id": number, "physicalLocation": places.of(item.where), "message": {"text": _message(item.note.in_(lang))}}
        for number, item in enumerate(finding.related, 1)
    ]
    return {
        "ruleId": finding.code,
        "level": LEVEL[finding.severity],
        "message": {"text": _message(sentence(finding, lang))},
        "locations": [{"physicalLocation": places.of(finding.where)}],
        **({"relatedLocations": related} if related else {}),
    }


def _message(text: str) -> str:
    """A sentence in which data cannot act: no embedded link (SARIF §3.11.6), no control character."""
    return visible(text).replace("](", "] (").translate(_BRACES)
