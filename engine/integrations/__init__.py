"""The registry of outside systems: what is configured, how each is spoken to, and how they are.

`book` is the file that names them, `adapter` what all kinds have in common, one module a kind (`rest`, `graphql`,
`soap`, `websocket`, `database`, `ftp`, `smtp`, `mqtt`, `custom`; `web` is what four of them share). `rate`, `breaker`
and `traffic` stand before every request, `diagnosis` tells what of a connection works, `health` watches in the
background and tells of changes, `history` remembers, `registry` is what the rest of the house sees.

Imports `workflow`, `sdk` and `core`. Drivers are imported where an adapter uses them. Nothing here is imported by a run
that uses no integration.
"""
