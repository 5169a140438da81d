"""One exporter per file: `export(tables, target, …)`; its keyword-only parameters are its options."""
