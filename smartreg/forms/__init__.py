"""The forms of commands that have no wing yet: the questions for a change in their order, and what each answer means.

They stand on the frame in `asking/`, and know no terminal and no browser.
"""
