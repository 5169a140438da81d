"""Running rules: on everything, on what a change touches, and again where stored findings do not suffice; selection,
severities and waivers. What a rule checks belongs to `rules/`; what a branch introduces, to `review/`."""
