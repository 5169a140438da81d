"""One reporter per file: values in, lines or text out. They print nothing, and look nothing up."""
