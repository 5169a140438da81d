"""smartreg: the registry of a Smart Métropole convention, kept as YAML files under Git."""

__version__ = "0.1.0"
