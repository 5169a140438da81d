"""Running rules: on everything, on what a change touches, and again on what is not known yet; selection, severities and
waivers. What a rule checks belongs to `rules/`; what a branch introduces, to `review/`."""
