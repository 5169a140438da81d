"""One importer per format (`csv`), and what they share: mapping, values, positions, which record a row means."""
