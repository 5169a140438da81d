"""The desk: the registry in a browser, on this computer, for people who open no terminal.

Pages only draw and ask: what they show is computed by `commands/`, what they ask is in `forms/`, and what they write is
written as by a command. The one room that knows Starlette, uvicorn and Jinja2; no command but `web` loads it.
"""
