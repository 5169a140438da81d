"""The questions for a change in their order: choices, explanations, defaults, and what each answer means.

A form knows no terminal and no browser: it yields questions, and a door (`cli`, the web) puts them. It writes nothing:
that is done by `commands/`, from the answers.
"""
