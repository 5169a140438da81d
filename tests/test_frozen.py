"""Frozen values: what the standard library's would say and do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from smartreg import frozen

Made = Any


class Plain:
    """Before it is a dataclass."""

    a: int
    b: str = "b"
    c: Mapping[str, int]
    d: int
    e: int


def made(module: Any, **how: bool) -> Made:
    body = {**vars(Plain), "c": module.field(default_factory=dict), "d": module.field(default=4, compare=False)}
    body["e"] = module.field(default=5, repr=False)
    for name in ("__dict__", "__weakref__"):
        body.pop(name)
    return module.dataclass(**how)(type("Plain", (), body))


HOWS: tuple[dict[str, bool], ...] = ({"frozen": True}, {"frozen": True, "slots": True}, {}, {"slots": True})


@pytest.mark.parametrize("how", HOWS)
def test_values_are_those_of_the_standard_library(how: dict[str, bool]) -> None:
    ours, theirs = made(frozen, **how), made(dataclasses, **how)
    for given, named in (((1,), {}), ((1, "x"), {"d": 7}), ((1, "x", {"y": 2}, 3, 9), {}), ((), {"a": 2})):
        own, their = ours(*given, **named), theirs(*given, **named)
        assert repr(own) == repr(their)
        assert frozen.asdict(own) == dataclasses.asdict(their) == dataclasses.asdict(own)
        assert own == ours(*given, **named) == frozen.replace(own) == dataclasses.replace(own)
        assert own == frozen.replace(own, d=99)
        assert own != frozen.replace(own, a=99)
        assert own != their
    assert ours(1).c is not ours(1).c
    assert [one.name for one in frozen.fields(ours)] == [one.name for one in dataclasses.fields(theirs)]
    assert ours.__match_args__ == theirs.__match_args__
    for wrong in ((), (1, 2, 3, 4, 5, 6)):
        with pytest.raises(TypeError, match="argument"):
            ours(*wrong)


@pytest.mark.parametrize("how", HOWS[:2])
def test_nothing_changes_and_equals_have_one_hash(how: dict[str, bool]) -> None:
    class_ = made(frozen, **how)
    value = class_(1, c=())
    with pytest.raises(AttributeError):
        value.a = 2
    with pytest.raises(AttributeError):
        del value.a
    with pytest.raises(AttributeError):
        value.z = 2

    assert {value, class_(1, c=()), frozen.replace(value, d=9)} == {value}


@frozen.dataclass(frozen=True, slots=True)
class Slim:
    """What goes through a pipe."""

    a: int
    b: tuple[Slim, ...] = ()


@frozen.dataclass(frozen=True)
class Whole:
    """What works something out of what it was given."""

    a: int
    twice: int = frozen.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.a)


def test_values_come_out_of_a_pipe_and_a_copy_as_they_went_in() -> None:
    for value in (Slim(1, (Slim(2),)), Whole(3)):
        assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    assert Whole(3).twice == 6
    assert not hasattr(Slim(1), "__dict__")
