"""One reporter per file: values in, lines or text out. They neither print nor look anything up."""
