"""The commands: `resolve`, and what Git calls: `merge-driver`, `textconv`."""
