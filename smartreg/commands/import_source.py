"""What a source has made: the keys of its rows, which record each row is, and the records whose rows are gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from smartreg.commands.import_plan import Import, ImportPlan
from smartreg.commands.retire import end_of_life
from smartreg.core.errors import Refused
from smartreg.core.values import RecordId, Words, path_text
from smartreg.edit import change_text
from smartreg.importers.identity import Identities, RowIdentity
from smartreg.importers.keys import SourceKeys
from smartreg.importers.naming import key_parts


def identities(run: Import) -> Identities:
    """How the rows of this run find their records."""
    mapping, recorded = run.mapping, run.place.recorded
    before = recorded.constants if recorded else {}
    return Identities(
        run.registry,
        run.kind,
        run.sheet.file,
        run.template,
        key_parts(run.kind, run.sheet, run.columns, mapping.key),
        run.constants,
        frozenset(path for path, value in run.constants.items() if before.get(path_text(path)) == value),
        run.known or SourceKeys(),
        mapping.twins or "refuse",
        mapping.moved_within,
    )


def source_keys(run: Import, plan: ImportPlan, meant: Sequence[RowIdentity]) -> SourceKeys:
    """The keys of the source after this run: of the records that it made or may change, gone ones included."""
    names = identities(run).names
    known = run.known or SourceKeys(names)
    there = {id: key for id, key in known.by_id.items() if RecordId(run.kind.name, id) in run.registry}
    written = {record.rid.id for record in plan.records}
    own = (one for one in meant if one.id in written or (one.record is not None and one.id in run.ours))
    return SourceKeys(names, {**(there if names == known.names else {}), **{one.id: one.key for one in own}})


def find_missing(run: Import, meant: Sequence[RowIdentity]) -> list[str]:
    """The records of this source that no row means any more, but for those whose life has ended."""
    left = run.ours - {one.id for one in meant} if run.place.recorded else ()
    life = run.kind.lifecycle
    found = (run.registry.get(RecordId(run.kind.name, id)) for id in sorted(left))
    return [one.rid.id for one in found if one and not (life and one.data.get(life.field) in life.ends)]


def plan_gone(run: Import, plan: ImportPlan, gone: Sequence[str], retire_on: date | None) -> None:
    """Plan the end, on a day if one is given, of the records whose rows are gone; what cannot be retired stays."""
    plan.gone.extend(gone)
    life, left = run.kind.lifecycle, []
    for id in gone if retire_on is not None else ():
        record = run.registry.get(RecordId(run.kind.name, id))
        if record is None or retire_on is None:
            continue
        try:
            found = end_of_life(run.kind, life, record, retire_on) if life else []
        except Refused as refusal:
            left.append(refusal.message)
            continue
        if found:
            plan.writes[record.file] = change_text(run.kind, run.registry.tree.read(record.file), found)
            plan.records.append(record)
            plan.retired.add(id)
    if left:
        more = f" (+ {len(left) - 1})" if len(left) > 1 else ""
        plan.notes.append(Words(f"not retired: {left[0].en}{more}", f"pas retiré : {left[0].fr}{more}"))
