"""The frame of every question: choices, explanations, defaults, and when an answer will do. It knows no terminal and no
browser; `cli/ask.py` and `web/filling.py` put the questions. The form of one command stands in its wing.

Open first: `question.py` (a question, and the loop that asks what is open), `fields.py` (the question for a field).
"""
