"""The Merkle tree of a release, against RFC 9162 written down as it reads, and against the test vectors of Certificate
Transparency."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.values import RecordId
from smartreg.release.merkle import MerkleTree, is_included, record_line

# The leaves of the reference implementation's tests (google/certificate-transparency, merkletree), and their roots.
VECTORS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def root_by_the_text(leaves: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_by_the_text(leaves[:k]) + root_by_the_text(leaves[k:])).digest()


def path_by_the_text(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*path_by_the_text(index, leaves[:k]), root_by_the_text(leaves[k:])]
    return [*path_by_the_text(index - k, leaves[k:]), root_by_the_text(leaves[:k])]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert MerkleTree(VECTORS[:size]).root.hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=4), max_size=40), st.data())
def test_root_and_paths_are_those_of_the_rfc(leaves: list[bytes], data: st.DataObject) -> None:
    tree = MerkleTree(leaves)
    assert tree.root == root_by_the_text(leaves)
    if leaves:
        index = data.draw(st.integers(0, len(leaves) - 1))
        path = tree.path(index)
        assert path == path_by_the_text(index, leaves)
        assert is_included(leaves[index], index, len(leaves), path, tree.root)


@given(st.integers(1, 40), st.data())
def test_no_other_leaf_place_size_or_path_is_included(size: int, data: st.DataObject) -> None:
    leaves = [bytes([number]) for number in range(size)]
    tree = MerkleTree(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = tree.path(index)
    assert not is_included(b"other", index, size, path, tree.root)
    for other in {*range(-1, size + 1)} - {index}:
        assert not is_included(leaves[index], other, size, path, tree.root)
    assert not is_included(leaves[index], index, size, [*path, b"\0" * 32], tree.root)
    if path:
        assert not is_included(leaves[index], index, size, path[:-1], tree.root)
        at = data.draw(st.integers(0, len(path) - 1))
        assert not is_included(leaves[index], index, size, [*path[:at], b"\0" * 32, *path[at + 1 :]], tree.root)
    with pytest.raises(IndexError):
        tree.path(size)


def test_the_line_of_a_record_does_not_depend_on_the_order_of_its_fields() -> None:
    rid = RecordId("support", "é")
    line = record_line(rid, {"b": 1, "a": ["x\u202e"]})
    assert line == '{"data":{"a":["x\\u202e"],"b":1},"id":"é","kind":"support"}'.encode()
    assert record_line(rid, {"a": ["x\u202e"], "b": 1}) == line
