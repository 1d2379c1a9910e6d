"""The SQL of the store, once, in what SQLite and PostgreSQL have in common, with `:named` parameters.

Texts rather than SQLAlchemy expressions because importing SQLAlchemy takes longer than running a short workflow.
The tables are those of `engine.store.tables`. Where the two databases differ a text has one of three holes, which each
fills in: `{rows}` gives rows of the journal, `{lock}` keeps the joined executions from being claimed until the commit,
`{now}` is the time in seconds since 1970.
"""

from __future__ import annotations

from dataclasses import fields

from engine.store.protocols import ExecutionRecord

_DERIVED = {
    "last_seq": "(SELECT max(seq) FROM events WHERE execution_id = e.id)",
    "updated_at": "(SELECT at FROM events WHERE execution_id = e.id ORDER BY seq DESC LIMIT 1)",
}
_RECORD = ", ".join(_DERIVED.get(field.name, f"e.{field.name}") for field in fields(ExecutionRecord))
_VISIBLE = "e.organization_id = :organization AND e.deleted_at IS NULL"

# A row whose fence is stale joins no execution, and is not inserted.
APPEND = """
WITH j (execution, fence, seq, at, type, version, data) AS ({rows})
INSERT INTO events (execution_id, seq, at, type, version, data)
SELECT e.id, j.seq, j.at, j.type, j.version, j.data FROM j CROSS JOIN executions AS e
WHERE e.id = j.execution AND e.fence = j.fence AND e.deleted_at IS NULL {lock}
"""
FENCE = "SELECT fence FROM executions WHERE id = :execution AND deleted_at IS NULL"
LAST = "SELECT max(seq) FROM events WHERE execution_id = :execution"
FOLLOW = """
UPDATE executions SET status = :status, wake_at = :wake_at, finished_at = :finished_at, error = :error
WHERE id = :execution AND fence = :fence
"""
READ = f"""
SELECT v.seq, v.at, v.type, v.version, v.data FROM events AS v JOIN executions AS e ON e.id = v.execution_id
WHERE v.execution_id = :execution AND v.seq > :after AND v.seq <= :until AND {_VISIBLE}
ORDER BY v.seq LIMIT :limit
"""

CREATE = """
INSERT INTO executions (id, organization_id, workflow, definition, status, created_at, parent, source, error, owner,
                        lease_until, fence)
VALUES (:id, :organization, :workflow, :definition, :status, :created_at, :parent, :source, '', '', 0, 0)
"""
GET = f"SELECT {_RECORD} FROM executions AS e WHERE e.id = :execution AND {_VISIBLE}"
LIKE = f"""
SELECT {_RECORD} FROM executions AS e WHERE (e.id LIKE :prefix OR e.id LIKE :suffix) AND {_VISIBLE} LIMIT 2
"""
FIND = f"SELECT {_RECORD} FROM executions AS e WHERE {_VISIBLE}"
NEWEST_FIRST = " ORDER BY e.id DESC LIMIT :limit"
# `finished_at IS NULL` is the condition of the index that makes this quick among many finished executions.
DUE = f"""
SELECT {_RECORD} FROM executions AS e
WHERE e.finished_at IS NULL AND (e.status IN ('queued', 'running') OR e.status = 'waiting' AND e.wake_at <= :at)
  AND (e.owner = '' OR e.lease_until <= {{now}}) AND {_VISIBLE}
ORDER BY e.id LIMIT :limit
"""
CLAIM = """
UPDATE executions SET owner = :owner, lease_until = {now} + :seconds, fence = fence + 1
WHERE id = :execution AND organization_id = :organization AND deleted_at IS NULL
  AND (owner = '' OR owner = :owner OR lease_until <= {now})
RETURNING fence, (SELECT max(seq) FROM events WHERE execution_id = executions.id)
"""
RENEW = """
UPDATE executions SET lease_until = {now} + :seconds
WHERE id = :execution AND owner = :owner AND fence = :fence AND deleted_at IS NULL
"""
RELEASE = """
UPDATE executions SET owner = '', lease_until = 0 WHERE id = :execution AND owner = :owner AND fence = :fence
"""
VOID_LEASES = "UPDATE executions SET owner = '', lease_until = 0 WHERE owner <> ''"
DELETE = """
UPDATE executions SET deleted_at = {now}
WHERE id = :execution AND organization_id = :organization AND deleted_at IS NULL AND finished_at IS NOT NULL
"""

PIN = """
INSERT INTO definitions (organization_id, hash, text) VALUES (:organization, :hash, :text) ON CONFLICT DO NOTHING
"""
DEFINITION = "SELECT text FROM definitions WHERE organization_id = :organization AND hash = :hash"

ASK = """
INSERT INTO wishes (execution_id, wish) VALUES (:execution, :wish)
ON CONFLICT (execution_id) DO UPDATE SET wish = excluded.wish
"""
ASKED = """
SELECT w.execution_id, w.wish FROM wishes AS w JOIN executions AS e ON e.id = w.execution_id WHERE e.owner = :owner
"""
ANSWERED = "DELETE FROM wishes WHERE execution_id = :execution"

PUT = """
INSERT INTO artifacts (organization_id, hash, data) VALUES (:organization, :hash, :data) ON CONFLICT DO NOTHING
"""
FETCH = "SELECT data FROM artifacts WHERE organization_id = :organization AND hash = :hash"
