"""The display of one record: `show`."""
