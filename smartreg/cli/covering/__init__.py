"""The cover that conventions give: `coverage`."""
