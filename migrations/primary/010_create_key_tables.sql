-- There is no way down from here: a key that is dropped takes with it what it encrypts.

-- Which root of the key file encrypts, newest last, and when nothing was left under the roots before it. Who writes
-- sealed text reads the newest one in the transaction that writes: so no text is sealed under a root that is no more.
CREATE TABLE encryption_roots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id TEXT UNIQUE NOT NULL,
    current_since TIMESTAMP NOT NULL,
    resealed_at TIMESTAMP
);

-- Keys of what is not encrypted again when the root changes, as the audit, whose bytes stay: only they are sealed anew.
CREATE TABLE data_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id TEXT UNIQUE NOT NULL CHECK (length(key_id) = 16),
    purpose TEXT NOT NULL,
    wrapped_key TEXT NOT NULL CHECK (wrapped_key LIKE 'gAAAA%'),
    created_at TIMESTAMP NOT NULL
);

-- Of sources whose configuration names a user and no password.
CREATE TABLE source_passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source VARCHAR(255) UNIQUE NOT NULL CHECK (length(source) BETWEEN 1 AND 255),
    password TEXT NOT NULL CHECK (password LIKE 'gAAAA%'),
    updated_by INTEGER REFERENCES users (id),
    updated_at TIMESTAMP NOT NULL
);

PRAGMA user_version = 10;
