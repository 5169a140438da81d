"""Files of strangers: from a file to a sheet of cells, one module per format. `formats.py` tells what a file is,
`sheet.py` is what every reader returns. Knows no records, no mappings, and not what an export of ours looks like. What
a library written in C reads, it reads in a process of its own (`isolated.py`)."""
