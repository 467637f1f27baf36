-- Evidence that audit_log was not changed: a hash of every record, and the signed heads of the tree over them (RFC 6962).
-- There is no way down from here, as from audit_log itself.
CREATE TABLE audit_tree (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log_id TEXT NOT NULL,
    frontier BLOB NOT NULL
);

CREATE TABLE audit_leaves (
    leaf INTEGER PRIMARY KEY CHECK (leaf >= 0),
    record_id INTEGER NOT NULL UNIQUE,
    hash BLOB NOT NULL CHECK (typeof(hash) = 'blob' AND length(hash) = 32)
);

CREATE TABLE audit_heads (
    tree_size INTEGER PRIMARY KEY CHECK (tree_size > 0),
    head TEXT NOT NULL
);

CREATE TRIGGER audit_leaves_are_never_updated BEFORE UPDATE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END;

CREATE TRIGGER audit_leaves_are_never_deleted BEFORE DELETE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END;

-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER audit_leaves_are_never_replaced BEFORE INSERT ON audit_leaves
WHEN EXISTS (SELECT 1 FROM audit_leaves WHERE leaf = NEW.leaf OR record_id = NEW.record_id)
BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END;

CREATE TRIGGER audit_heads_are_never_updated BEFORE UPDATE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END;

CREATE TRIGGER audit_heads_are_never_deleted BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END;

CREATE TRIGGER audit_heads_are_never_replaced BEFORE INSERT ON audit_heads
WHEN EXISTS (SELECT 1 FROM audit_heads WHERE tree_size = NEW.tree_size)
BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END;

PRAGMA user_version = 6;
