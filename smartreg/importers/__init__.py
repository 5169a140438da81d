"""Files of others into rows and records: one reader per format, and what they share (mapping, values, positions, which
record a row means). What is then written is an edit like any other (`edit/`)."""
