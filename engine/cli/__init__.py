"""The `rpa` command: one module a group of commands, a terminal that knows what it can show, and the exit codes.

Imports `engine.api` and `engine.core`, and those inside the functions that need them: `rpa --version` imports next to
nothing. Nothing imports this package.
"""
