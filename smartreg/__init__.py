"""smartreg: the registry of a Smart Métropole convention, kept as YAML files under Git.

From Python: `smartreg.open(path)`, documented in docs/python.md. Everything else is private.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["ReadOnlyRegistry", "SmartregError", "StateFault", "UsageFault", "__version__", "open"]

if TYPE_CHECKING:
    from smartreg.api import ReadOnlyRegistry, SmartregError, StateFault, UsageFault, open  # noqa: A004
else:  # type checkers would accept any name as one of ours

    def __getattr__(name: str) -> Any:
        """Load the registry code on first use: the command line imports this package just for its version."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from smartreg import api

        return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
