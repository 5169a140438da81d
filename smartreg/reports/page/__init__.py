"""The one page to look at: map, lists, conventions and parties, flows, figures, changes and findings in one file.

Its data is one island of JSON; the scripts in this folder draw everything from it as text, never as markup.
"""
