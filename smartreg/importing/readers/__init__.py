"""From a file to a sheet of cells, one module per format; knows no records, no mappings. What a library written in C
reads, it reads in a process of its own."""
