"""HTTP as activities speak it: a request, the exchange with its retries and refusals, and the reply.

For families that stand on HTTP. Sees `core` and the rest of `sdk`; httpx is imported when the first request is made.
"""

from __future__ import annotations
