"""The commands: `publish`, `source`."""
