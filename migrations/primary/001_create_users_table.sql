-- The specification's first migration: its table, its columns, its two indexes. Three things are said more exactly:
-- SQLite does not enforce VARCHAR(n), so CHECKs do what the types only say; a role or a truth value that the program
-- does not know must not get in; times are ISO 8601 with a Z, where CURRENT_TIMESTAMP names no zone.

-- "MjVn": tells a primary store from any other SQLite file.
PRAGMA application_id = 1298814574;

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username VARCHAR(255) UNIQUE NOT NULL CHECK (length(username) BETWEEN 1 AND 255),
    hashed_password VARCHAR(255) NOT NULL,
    role VARCHAR(50) NOT NULL DEFAULT 'normal' CHECK (role IN ('admin', 'superuser', 'normal', 'integration')),
    must_change_password BOOLEAN NOT NULL DEFAULT TRUE CHECK (must_change_password IN (0, 1)),
    active BOOLEAN NOT NULL DEFAULT TRUE CHECK (active IN (0, 1)),
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX idx_users_username ON users(username);
CREATE INDEX idx_users_role ON users(role);

-- The number of this migration, in the transaction of its tables: a program sees what it may open without the ledger.
PRAGMA user_version = 1;

-- majed:down

DROP TABLE users;

PRAGMA application_id = 0;
PRAGMA user_version = 0;
