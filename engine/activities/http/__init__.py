"""The family `http`: requests, pages, downloads and uploads. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.http.download import download
from engine.activities.http.paging import pages
from engine.activities.http.request import get, query, send
from engine.activities.http.upload import upload
from engine.sdk.catalog import Family

FAMILY = Family("Web requests", icon="globe", order=70, color="api")

__all__ = ["download", "get", "pages", "query", "send", "upload"]
