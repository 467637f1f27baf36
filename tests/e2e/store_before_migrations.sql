-- A primary store as the last program without migrations made it: its very text. Never changed: such files are out there.
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
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

-- Values keep the order the administrator gave them in.
CREATE TABLE user_attributes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    position INTEGER NOT NULL CHECK (position >= 0),
    value TEXT NOT NULL,
    PRIMARY KEY (user_id, name, position)
) WITHOUT ROWID;

-- client_secret and api_key hold digests; api_key_id is the public part of the key that finds its row.
CREATE TABLE integration_clients (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_name VARCHAR(255) NOT NULL CHECK (length(client_name) BETWEEN 1 AND 255),
    client_id VARCHAR(255) UNIQUE NOT NULL,
    client_secret VARCHAR(255) NOT NULL CHECK (client_secret LIKE 'sha256:%'),
    api_key VARCHAR(255) UNIQUE NOT NULL CHECK (api_key LIKE 'sha256:%'),
    api_key_id TEXT UNIQUE NOT NULL,
    role VARCHAR(50) NOT NULL DEFAULT 'integration'
        CHECK (role IN ('admin', 'superuser', 'normal', 'integration')),
    active BOOLEAN NOT NULL DEFAULT TRUE CHECK (active IN (0, 1)),
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
-- A revoked client's name may be used again.
CREATE UNIQUE INDEX integration_clients_active_name ON integration_clients (client_name) WHERE active;

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL DEFAULT '',
    phase TEXT NOT NULL DEFAULT 'event' CHECK (phase IN ('intent', 'outcome', 'event')),
    user_id INTEGER,
    username VARCHAR(255),
    role VARCHAR(50),
    action VARCHAR(255) NOT NULL,
    resource VARCHAR(255),
    resource_id VARCHAR(255),
    details TEXT,
    ip_address VARCHAR(45),
    user_agent TEXT,
    request_id VARCHAR(255),
    timestamp TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    success BOOLEAN NOT NULL DEFAULT TRUE,
    error_message TEXT,
    FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TRIGGER audit_log_is_never_updated BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;

CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;

-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER audit_log_is_never_replaced BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
PRAGMA application_id = 1298814574;
PRAGMA user_version = 1;
COMMIT;
