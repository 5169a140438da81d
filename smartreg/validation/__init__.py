"""Run rules: on everything, on what a change affects, or on what has no stored findings yet; selection, severities and
waivers. What a rule checks belongs to `rules/`; what a branch introduces, to `review/`."""
