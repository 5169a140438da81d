"""The use case of each command that has no wing yet: plain values in, values out; no printing, no environment.

What several wings need of this is in `workspace/`.
"""
