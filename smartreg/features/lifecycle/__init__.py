"""The life of a record after it was added: `retire`, `move`, `transfer`, `replace`, `rename`, `remove`. Which status
may follow which, the schemas say; what a status means, `domain/`.

Open first: `command.py`, then the module of the act.
"""
