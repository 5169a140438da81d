"""What a change introduces: two states checked alike, and only what the change can affect checked twice.

Both sides are checked with one frame (schemas, settings, boundaries, waivers) and one reference date. The result is the
difference of two full runs, plus the findings of the change rules. So a date rule reports only records that the change
affects: what only the passage of time broke is on both sides and does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.core.findings import CALLED, SEVERITIES, Finding
from smartreg.core.values import Location, RecordId, Words
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import SCHEMA_FOLDER, Registry
from smartreg.rules import all_rules
from smartreg.schema.settings import FILE, Config, KeySettings, Waiver
from smartreg.trees import CommitTree, Tree, find_differing
from smartreg.validation.check import ChangeCheck, CheckedSide, Checker, Selection, by_identity, without
from smartreg.validation.waivers import Terms, trust_shared

FRAME = "CHG811"


class Totals(NamedTuple):
    """The number of a registry's findings that count, and of waived ones."""

    found: int
    waived: int


@dataclass(frozen=True)
class Introduced:
    """What the change introduces and fixes, and the waived findings that it adds and removes."""

    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unwaived: tuple[Finding, ...]


def find_introduced(before: CheckedSide, after: CheckedSide) -> Introduced:
    """What the change from one state to the other introduces. Both registries have the frame of the checkers."""
    sides = (before.registry, after.registry)
    files = find_differing(sides[0].tree.files(), sides[1].tree.files())
    rids = sorted({rid for side in sides for file in files if (rid := side.by_file.get(file)) is not None})
    noted = {rid for side in sides for rid in _records_with_notes(after.checker, side)}
    compared = ChangeCheck(before, after, rids, files, noted)
    was, now, change = compared.found_before, compared.found_after, compared.of_change()
    return Introduced(
        (*without(now.findings, was.findings), *change.findings),
        tuple(without(was.findings, now.findings)),
        (*without(now.waived, was.waived), *change.waived),
        tuple(without(was.waived, now.waived)),
    )


def totals(side: CheckedSide, kept: Callable[[str], bool]) -> Totals:
    """The number of findings in the files that are `kept`."""
    checked = side.checker.check(side.registry, side.terms)
    found, waived = (by_identity(some).values() for some in (checked.findings, checked.waived))
    return Totals(sum(kept(one.where.file) for one in found), sum(kept(one.where.file) for one in waived))


def load_totals(side: CheckedSide) -> Totals:
    """`totals` of a commit, stored in the index, because the few commits that changes start from are checked again and
    again. With plug-in rules, nothing is stored."""
    registry, checker = side.registry, side.checker
    tree, config, index = registry.tree, registry.config, registry.frame.index
    if not isinstance(tree, CommitTree) or config.plugins:
        return totals(side, lambda _file: True)
    selection = checker.selection
    state = ("totals", tree.state, config.digest, checker.context.on, selection.select, selection.ignore)
    key = question(*state, sorted(checker.rules))
    known = load_answer(index, key)
    if known is not None:
        return Totals(*json.loads(known))
    counted = totals(side, lambda _file: True)
    store_answer(index, key, json.dumps(counted).encode())
    return counted


def terms_of_change(checker: Checker, before: Registry, waivers: Sequence[Waiver]) -> Terms:
    """The waivers of the later side: those of the checker's settings, and only the comments that the earlier side has
    too. `waivers`: those of the later side; one that it removed is not reported as unused."""
    return checker.terms._replace(trusted=trust_shared(before), standing=waivers)


def _records_with_notes(checker: Checker, side: Registry) -> Iterator[RecordId]:
    """The records that waivers and comments concern: whether these are unused depends on all findings there."""
    yield from (side.by_file[file] for file in side.files_with_remarks())
    for waiver in checker.context.config.waivers:
        if waiver.record in side.by_file:
            yield side.by_file[waiver.record]
        kind, slash, id_ = waiver.record.partition("/")
        if slash and RecordId(kind, id_) in side:
            yield RecordId(kind, id_)
        elif not slash:
            yield from side.with_id(waiver.record)


def frames(path: str, outlines: Collection[str | None]) -> bool:
    """Whether a file decides how records are checked: schemas, settings and boundaries (`outlines`)."""
    return path == FILE or path.startswith(f"{SCHEMA_FOLDER}/") or path in outlines


def frame_changes(before: Tree, after: Tree, outlines: Collection[str | None], judged_by: Words) -> list[Finding]:
    """CHG811 for each file that decides how records are checked and that the change adds, changes or deletes: schemas,
    settings and boundaries (`outlines`)."""
    altered = (path for path in sorted(find_differing(before.files(), after.files())) if frames(path, outlines))
    return [_frame_change(path, judged_by) for path in altered if _text(before, path) != _text(after, path)]


def _text(tree: Tree, path: str) -> bytes | None:
    file = tree.files().get(path)
    return None if file is None or file.special else tree.read(path)


def _frame_change(path: str, judged_by: Words) -> Finding:
    return Finding(
        FRAME,
        "info",
        Words(
            f"this change alters {path}, against which records are checked",
            f"cette modification touche {path}, d'après quoi les fiches sont contrôlées",
        ),
        Location(path),
        judged_by,
    )


def checks_removed(before: Config, after: Config) -> Iterator[Finding]:
    """CHG811 for each way in which the settings check less, or allow more, than before: rules switched off or
    downgraded, waivers, who may change everything, signatures."""
    yield from _rules_weakened(before, after)
    for waiver in after.waivers:
        if waiver not in before.waivers:
            yield _loosening(
                Words(
                    f"{waiver.code} is accepted for {waiver.record} until {waiver.until}: {waiver.reason}",
                    f"{waiver.code} est accepté pour {waiver.record} jusqu'au {waiver.until} : {waiver.reason}",
                )
            )
    for party in sorted({*after.ownership.keepers} - {*before.ownership.keepers}):
        yield _loosening(Words(f"{party} may change every record", f"{party} peut modifier toutes les fiches"))
    for name in sorted({*before.ownership.fields} - {*after.ownership.fields}):
        yield _loosening(
            Words(
                f"records no longer belong to whom {name} names",
                f"les fiches n'appartiennent plus à qui {name} désigne",
            )
        )
    was, now = before.audit.signed_from, after.audit.signed_from
    if was is not None and (now is None or now > was):
        if now is None:
            message = Words(
                f"commits need no signature; before, a signature from {was} on",
                f"les commits demandent aucune signature ; avant, une signature à partir du {was}",
            )
        else:
            message = Words(
                f"commits need a signature from {now} on; before, a signature from {was} on",
                f"les commits demandent une signature à partir du {now} ; avant, une signature à partir du {was}",
            )
        yield _loosening(message)
    yield from _keys_weakened(before.keys, after.keys)
    for plugin in sorted({*before.plugins} - {*after.plugins}):
        yield _loosening(
            Words(
                f"the rules of the plug-in {plugin} are not checked any more",
                f"les règles du greffon {plugin} ne sont plus contrôlées",
            )
        )


def _keys_weakened(before: KeySettings, after: KeySettings) -> Iterator[Finding]:
    for origin in sorted({*after.origins} - {*before.origins}):
        yield _loosening(Words(f"passkeys may sign on {origin}", f"les clés d'accès peuvent signer sur {origin}"))
    for requirement in sorted({*before.require} - {*after.require} - {"touch"}):
        yield _loosening(
            Words(f"security keys need no {requirement} any more", f"les clés de sécurité se passent de {requirement}")
        )
    if after.start is not None and (before.start is None or after.start > before.start):
        yield _loosening(
            Words(
                f"security keys need not meet [keys] before {after.start}",
                f"les clés de sécurité n'ont pas à respecter [keys] avant le {after.start}",
            )
        )


_EACH = 6  # rules that are reported one by one


def _rules_weakened(before: Config, after: Config) -> Iterator[Finding]:
    sides = [Selection(config.select, config.ignore, config.severity) for config in (before, after)]
    gone: dict[str, Words] = {}
    for code, rule in all_rules().items():
        was, now = (side.grade(code, rule.severity) for side in sides)
        if was is None or was == now:
            continue
        title = rule.title
        if now is None:
            gone[code] = Words(f"{code} ({title.en}) is no longer checked", f"{code} ({title.fr}) n'est plus contrôlée")
        elif SEVERITIES.index(now) > SEVERITIES.index(was):
            old, new = CALLED[was], CALLED[now]
            yield _loosening(
                Words(
                    f"the severity of {code} ({title.en}) falls from {old.en} to {new.en}",
                    f"la gravité de {code} ({title.fr}) baisse : {old.fr} → {new.fr}",
                )
            )
    if len(gone) <= _EACH:
        yield from map(_loosening, gone.values())
    else:
        number, codes = len(gone), ", ".join(list(gone)[:_EACH])
        yield _loosening(
            Words(
                f"{number} rules are not checked any more: {codes} …",
                f"{number} règles ne sont plus contrôlées : {codes} …",
            )
        )


def _loosening(message: Words) -> Finding:
    return Finding(FRAME, "info", message, Location(FILE))
