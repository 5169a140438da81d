"""The meaning of a convention: its acts and versions, what it covers on a day, placements and owners over time,
exchanges between parties, positions, communes and units.

Functions of values, shared by rules, figures, exports and commands. Code that finds faults is a rule (`rules/`); how a
record is read, stored or shown belongs to `registry/`, `tables/` and the writers of each format.
"""
