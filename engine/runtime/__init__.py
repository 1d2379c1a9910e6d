"""How a workflow runs: scopes and steps, retry and timeout, waits, recovery, forks, the debugger's hooks, control flow.

Sees `store`, `workflow`, `sdk` and `core`. The only writer of the journal.
"""
