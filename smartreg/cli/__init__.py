"""The command line: the only part that prints, asks, reads the environment and the time, and knows Typer and Rich.

A module reads options into a value, calls `commands/`, and renders what comes back. Nothing is decided here.
"""
