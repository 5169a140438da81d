"""`NamedTuple` without what it takes to make one: a command makes some seventy before it does anything, and `typing`
compiles a function for each. Here it is compiled when the first value is made. Type checkers see the original.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter

    class _Meta(type):
        """What makes a class of its annotations, a plain one without this metaclass."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            return _made(name, body) if bases else super().__new__(mcs, name, bases, body)

    class NamedTuple(metaclass=_Meta):
        """As that of `typing`; not together with other bases."""

    def _made(name: str, body: dict[str, Any]) -> type:
        fields = tuple(body.get("__annotations__", ()))
        defaults = {field: body[field] for field in fields if field in body}
        body.pop("__orig_bases__", None)
        getters = {field: _tuplegetter(n, f"Field number {n}.") for n, field in enumerate(fields)}
        told = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
        cls = type(name, (tuple,), {**_METHODS, **body, **getters, **told})

        def first(own: type, *given: Any, **named: Any) -> Any:
            cls.__new__ = staticmethod(_new(fields, defaults))
            return cls.__new__(own, *given, **named)

        cls.__new__ = staticmethod(first)
        return cls

    def _new(fields: Iterable[str], defaults: Mapping[str, Any]) -> Any:
        given = "".join(f", {field}=_{field}" if field in defaults else f", {field}" for field in fields)
        known = {"_new": tuple.__new__, **{f"_{field}": value for field, value in defaults.items()}}
        return eval(f"lambda _cls{given}: _new(_cls, ({''.join(f'{field}, ' for field in fields)}))", known)

    @classmethod
    def _make(cls: Any, values: Iterable[Any]) -> Any:
        """The value of an iterable of its items."""
        return cls(*values)

    def _replace(self: Any, /, **changes: Any) -> Any:
        """The same value but for the changes."""
        return self.__class__(**{**dict(zip(self._fields, self, strict=True)), **changes})

    def _asdict(self: Any) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def _repr(self: Any) -> str:
        items = (f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"{self.__class__.__name__}({', '.join(items)})"

    def _items(self: Any) -> tuple[Any, ...]:
        return tuple(self)

    _METHODS = {"_make": _make, "_replace": _replace, "_asdict": _asdict, "__repr__": _repr, "__getnewargs__": _items}

__all__ = ["NamedTuple"]
