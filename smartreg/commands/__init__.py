"""The use case of each command: plain values in, values out; no printing, no environment. `workspace.py`: where it
works.

What a format looks like belongs to its exporter or reporter, what a convention means to `domain/`.
"""
