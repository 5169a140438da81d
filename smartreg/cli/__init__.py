"""The command line: the only part that prints, asks, reads the environment and the time, and knows Typer and Rich."""
