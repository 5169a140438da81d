"""The commands that add records: `add-<noun>` and `add KIND`, made from the schemas."""
