"""The vault: credentials under a master key, who used them and when, and the source that gives them to steps.

One file, `vault.json`, in the home folder. Its master key is in the keyring of the operating system, or comes from a
passphrase or a variable; it opens the data key, and that one every record (`cipher`, `keys`, `file`, `vault`).
`audit` is the log of every use, `source` what the runtime sees, `oauth` fetches tokens, `transfer` is export and
import, `repair` takes up the backup. Sees `engine.core` and `engine.sdk`; cryptography, keyring and httpx are imported
where they are needed, because most runs use no secret.
"""

from __future__ import annotations
