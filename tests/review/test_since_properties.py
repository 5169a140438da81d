"""`validate --since` is the difference of two full runs, whatever a change does: records that come, go, move, break or
say something else, comments, waivers and annexes that come and go, several at once."""

from __future__ import annotations

import hashlib
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from registries import BROKEN, INDEXED, ON, SETTINGS, Texts, registry_and_edit

from smartreg.registry import Registry, open_registry
from smartreg.review.baseline import find_introduced, terms_of_change, totals
from smartreg.rules import Context, all_rules
from smartreg.schema.settings_file import read_config
from smartreg.trees import MemoryTree
from smartreg.validation.check import CheckedSide, Checker, Selection, by_identity

CODES = ("REF201", "REF202", "REF210", "REF212", "REF214", "SCH101", "SCH102", "SCH107", "REC104", "CON301", "CHG804")
REMARKS = (
    *(f"ignore[{code}] r" for code in CODES),
    "ignore[REF201, SCH101] r",
    "ignore[REF201]",
    "ignore",
    "ignore[X] r",
)
ANNEX = "registry/conventions/annexes/a.pdf"
ANNEXES = b"annexes:\n- path: annexes/a.pdf\n  sha256: %s\n" % hashlib.sha256(b"a").hexdigest().encode()


def open_texts(texts: Texts) -> Registry:
    return open_registry(MemoryTree(texts), None, INDEXED)


def add_ignores(random: Random, text: bytes) -> bytes:
    """With an ignore comment above, between or behind its lines."""
    lines = text.split(b"\n")
    number, remark = random.randrange(len(lines)), b"# smartreg: " + random.choice(REMARKS).encode()
    if random.random() < 0.5:
        lines[number] += b"  " + remark
    else:
        lines.insert(number, remark)
    return b"\n".join(lines)


def waivers(random: Random, records: list[str]) -> list[bytes]:
    def waiver() -> str:
        record, until = random.choice([*records, "equipment/a", "a", "nobody"]), random.choice((2025, 2027))
        return f'[[waiver]]\ncode = "{random.choice(CODES)}"\nrecord = "{record}"\nuntil = {until}-01-01\n'

    return [f'{waiver()}reason = "r"\ndecided_by = "d"\n'.encode() for _ in range(random.randint(0, 4))]


def before_and_after(seed: int) -> tuple[Texts, Texts, bytes]:
    """The files of two states of a registry with the settings of the first one, and the settings of the second."""
    random = Random(seed)
    before, writes = registry_and_edit(seed)
    records = sorted(path for path in before if path.endswith((".yaml", ".yml")))
    for path in random.sample(records, min(4, len(records))):
        before[path] = add_ignores(random, before[path])
    before[ANNEX] = random.choice((b"a", b"b"))
    for path in records:
        if path.startswith("registry/conventions/") and b"annexes:" not in before[path]:
            before[path] += ANNEXES
    lines = waivers(random, records)
    before["smartreg.toml"] = SETTINGS + b"".join(lines)
    after = {path: text for path, text in {**before, **writes}.items() if text is not None}
    for path in random.sample(records, min(random.randint(0, 4), len(records))):
        other = random.choice(records)
        swapped = {path: before[other], other: before[path]}
        moved = {path: None, path.replace("registry/", "registry/x/"): before[path]}
        cleaned = {path: b"\n".join(line.split(b"# smartreg")[0] for line in before[path].split(b"\n"))}
        broken = {path: random.choice(BROKEN)}
        more = random.choice((swapped, moved, cleaned, broken, {path: add_ignores(random, before[path])}))
        after = {path: text for path, text in {**after, **more}.items() if text is not None}
    after |= random.choice(({}, {ANNEX: b"a"}, {ANNEX: b"b"}))
    kept = [line for line in lines if random.random() < 0.8]
    return before, after, SETTINGS + b"".join((*waivers(random, records), *kept))


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_since_is_the_difference_of_two_full_runs(seed: int) -> None:
    same_frame(*before_and_after(seed))


def same_frame(texts: Texts, edited: Texts, own: bytes) -> None:
    """Judge a change, whose settings are `own`, in both ways."""
    before = open_texts(texts)
    checker = Checker(all_rules(), Context(before.schemas, before.config, ON), Selection())
    outlines = before.config.territory.boundaries
    framed = {path: text for path, text in edited.items() if path.startswith("registry/") and path != outlines}
    framed |= {path: text for path, text in texts.items() if not path.startswith("registry/") or path == outlines}
    after = before.with_tree(MemoryTree({**edited, "smartreg.toml": own}))
    terms = terms_of_change(checker, before, read_config(own).waivers)
    side = CheckedSide(before, checker, checker.terms)
    found = find_introduced(side, CheckedSide(after, checker, terms))

    was, is_ = checker.check(open_texts(texts)), checker.check(open_texts(framed), terms)
    sides = open_texts(texts), open_texts(framed)
    change = checker.compare(*sides, {*sides[0].places, *sides[1].places}).of_change(terms)
    old, new = by_identity(was.findings).keys(), by_identity(is_.findings).keys()
    assert by_identity(found.findings).keys() == (new - old) | by_identity(change.findings).keys()
    assert totals(side, bool).found - len(found.fixed) == len(new & old)
    waived = len(by_identity(was.waived)) - len(found.unwaived) + len(found.waived)
    assert waived == len(by_identity(is_.waived)) + len(change.waived)
