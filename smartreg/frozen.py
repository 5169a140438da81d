"""The dataclasses of the standard library, made in a tenth of the time.

A command makes some sixty of them before it does anything; `dataclasses` compiles six functions for each, and loads
`inspect`, `ast` and `dis`. Here a function is compiled when it is first called. Type checkers see the originals, and
whoever asks for `__dataclass_fields__` gets theirs. Not here: inherited fields, `order`, `kw_only`, `InitVar`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

MISSING: Any = object()


class Field:
    """One field, as its line in the class says it; `name` is set when the class is made."""

    __slots__ = ("compare", "default", "default_factory", "init", "name", "repr")

    def __init__(
        self,
        *,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002
        compare: bool = True,
    ) -> None:
        self.name, self.default, self.default_factory = "", default, default_factory
        self.init, self.repr, self.compare = init, repr, compare


def _dataclass(cls: Any = None, /, *, frozen: bool = False, slots: bool = False) -> Any:
    return (lambda cls: _made(cls, frozen, slots)) if cls is None else _made(cls, frozen, slots)


def _fields(value: Any) -> tuple[Field, ...]:
    """The fields of a class or of a value, in order."""
    found: tuple[Field, ...] = value.__fields__
    return found


def _is_dataclass(value: Any) -> bool:
    return hasattr(value, "__fields__")


def _replace(value: Any, /, **changes: Any) -> Any:
    """The same value but for the changes."""
    for one in value.__fields__:
        if one.init and one.name not in changes:
            changes[one.name] = getattr(value, one.name)
    return value.__class__(**changes)


def _asdict(value: Any) -> Any:
    """As plain dicts, however deep."""
    if hasattr(value, "__fields__"):
        return {one.name: _asdict(getattr(value, one.name)) for one in value.__fields__}
    if isinstance(value, dict):
        return {_asdict(key): _asdict(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_asdict, value))
    return type(value)(map(_asdict, value)) if isinstance(value, list | tuple) else value


def _made(cls: Any, frozen: bool, slots: bool) -> Any:
    found = []
    for name in cls.__annotations__:
        default = cls.__dict__.get(name, MISSING)
        one = default if isinstance(default, Field) else Field(default=default)
        one.name = name
        found.append(one)
        if one is default:
            delattr(cls, name)
            if one.default is not MISSING:
                setattr(cls, name, one.default)
    names = tuple(one.name for one in found)
    if slots:
        body = {name: value for name, value in cls.__dict__.items() if name not in (*names, "__dict__", "__weakref__")}
        body |= {"__slots__": names, "__getstate__": _getstate, "__setstate__": _setstate}
        cls = type(cls)(cls.__name__, cls.__bases__, body | {"__qualname__": cls.__qualname__})
    cls.__fields__ = tuple(found)
    setattr(cls, "__match_args__", tuple(one.name for one in found if one.init))  # noqa: B010  mypy knows a tuple
    cls.__dataclass_fields__ = _Originals()
    sealed = frozen or slots
    _later(cls, "__init__", lambda: _init(cls, sealed))
    _later(cls, "__repr__", lambda: _repr(found))
    _later(cls, "__eq__", lambda: _eq(found))
    if frozen:
        _later(cls, "__hash__", lambda: _hash(found))
        cls.__setattr__, cls.__delattr__ = _refuse, _refuse
    else:
        cls.__hash__ = None
    return cls


def _later(cls: Any, name: str, compiled: Callable[[], Any]) -> None:
    """Give the class a method that is compiled when it is first called."""

    def first(self: Any, *given: Any, **named: Any) -> Any:
        method = compiled()
        setattr(cls, name, method)
        return method(self, *given, **named)

    setattr(cls, name, first)


def _init(cls: Any, sealed: bool) -> Any:
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    given, lines = [], []
    for one in cls.__fields__:
        name, value = one.name, one.name
        if one.default_factory is not MISSING:
            known[f"_make_{name}"] = one.default_factory
            given.append(f"{name}=_MISSING")
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        elif one.default is not MISSING:
            known[f"_default_{name}"] = one.default
            given.append(f"{name}=_default_{name}")
        elif one.init:
            given.append(name)
        if one.init:
            lines.append(f"_set(self, {name!r}, {value})" if sealed else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _function("__init__", ", ".join(("self", *given)), lines or ["pass"], known)


def _repr(found: Iterable[Field]) -> Any:
    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in found if one.repr)
    return _function("__repr__", "self", [f"return f'{{self.__class__.__qualname__}}({shown})'"], {})


def _eq(found: Iterable[Field]) -> Any:
    same = f"{_tuple('self', found)} == {_tuple('other', found)}"
    return _function(
        "__eq__", "self, other", [f"return {same} if other.__class__ is self.__class__ else NotImplemented"], {}
    )


def _hash(found: Iterable[Field]) -> Any:
    return _function("__hash__", "self", [f"return hash({_tuple('self', found)})"], {})


def _tuple(value: str, found: Iterable[Field]) -> str:
    return "(" + "".join(f"{value}.{one.name}, " for one in found if one.compare) + ")"


def _function(name: str, given: str, lines: Iterable[str], known: dict[str, Any]) -> Any:
    exec(f"def {name}({given}):\n " + "\n ".join(lines), known)
    return known[name]


def _refuse(self: Any, name: str, *_value: Any) -> None:
    raise AttributeError(f"{self.__class__.__qualname__}.{name} does not change")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in self.__fields__]


def _setstate(self: Any, state: Iterable[Any]) -> None:
    for one, value in zip(self.__fields__, state, strict=True):
        object.__setattr__(self, one.name, value)


class _Originals:
    """`__dataclass_fields__`, for tools that ask the standard library what a value is made of."""

    def __get__(self, _value: Any, cls: Any) -> Any:
        import dataclasses

        named = []
        for one in cls.__fields__:
            told: dict[str, Any] = {"init": one.init, "repr": one.repr, "compare": one.compare}
            if one.default is not MISSING:
                told["default"] = one.default
            if one.default_factory is not MISSING:
                told["default_factory"] = one.default_factory
            named.append((one.name, cls.__annotations__[one.name], dataclasses.field(**told)))
        made: Any = dataclasses.make_dataclass(cls.__name__, named)
        return made.__dataclass_fields__


if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
else:
    asdict, dataclass, field, fields, is_dataclass, replace = (
        *(_asdict, _dataclass, Field),
        *(_fields, _is_dataclass, _replace),
    )

__all__ = ["asdict", "dataclass", "field", "fields", "is_dataclass", "replace"]
