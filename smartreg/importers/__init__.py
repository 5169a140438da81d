"""From foreign files to rows and records: one reader per format, and what they share (mapping, values, positions, which
record a row means). What is written in the end is an edit like any other (`edit/`)."""
