"""What adds records: `add-<noun>` and `add KIND`, made from the schemas."""
