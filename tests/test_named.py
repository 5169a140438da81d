"""Named tuples: what those of the standard library would say and do."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from smartreg import named


def made(base: Any) -> Any:
    class Pair(base):  # type: ignore[misc]
        """Two things."""

        a: int
        b: tuple[str, ...] = ("b",)

        @property
        def both(self) -> tuple[Any, ...]:
            return (self.a, self.b)

        def __str__(self) -> str:
            return f"{self.a}/{self.b}"

    return Pair


OURS, THEIRS = made(named.NamedTuple), made(typing.NamedTuple)


@pytest.mark.parametrize(("given", "by_name"), [((1,), {}), ((1, ("x",)), {}), ((), {"a": 1}), ((1,), {"b": ()})])
def test_values_are_those_of_the_standard_library(given: tuple[Any, ...], by_name: dict[str, Any]) -> None:
    own, their = OURS(*given, **by_name), THEIRS(*given, **by_name)

    assert own == their == tuple(own)
    assert hash(own) == hash(their)
    for tell in (repr, str, lambda value: value._asdict(), lambda value: value.both, lambda value: value[1:]):
        assert tell(own) == tell(their)
    assert own._replace(a=5) == their._replace(a=5) == OURS._make((5, own.b))
    assert type(own._replace(a=5)) is OURS is type(copy.copy(own))


def test_classes_are_those_of_the_standard_library() -> None:
    for name in ("_fields", "_field_defaults", "__match_args__", "__doc__", "__name__"):
        assert getattr(OURS, name) == getattr(THEIRS, name)
    assert issubclass(OURS, tuple)
    assert not hasattr(OURS(1), "__dict__")


@pytest.mark.parametrize("class_", [OURS, THEIRS])
def test_what_the_fields_do_not_allow_is_refused(class_: Any) -> None:
    for wrong in ((), (1, 2, 3)):
        with pytest.raises(TypeError):
            class_(*wrong)
        with pytest.raises(TypeError):
            class_._make(wrong)
    with pytest.raises((TypeError, ValueError)):
        class_(1)._replace(c=3)
    with pytest.raises(AttributeError):
        class_(1).a = 2


class Piped(named.NamedTuple):
    """What goes through a pipe before one was made."""

    a: int
    b: int = 2


def test_values_come_out_of_a_pipe_as_they_went_in() -> None:
    assert pickle.loads(pickle.dumps(Piped(1))) == copy.deepcopy(Piped(1)) == (1, 2)
    assert isinstance(pickle.loads(pickle.dumps(Piped(1))), Piped)
