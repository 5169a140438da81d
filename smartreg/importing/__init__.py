"""Everything about bringing the rows of a file in, but for the questions and the commit: which column fills which
field, which record a row means, what it changes. Knows no terminal and writes nothing; `commands/import_.py` does."""
