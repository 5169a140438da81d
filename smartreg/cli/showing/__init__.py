"""What shows one record: `show`."""
