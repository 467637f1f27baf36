-- Proofs that live shorter than who they stand for. Only digests are kept: who reads the file gets in nowhere.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT UNIQUE NOT NULL CHECK (length(public_id) = 16),
    token_digest TEXT UNIQUE NOT NULL CHECK (token_digest LIKE 'sha256:%'),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    ip_address VARCHAR(45) NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX sessions_of_user ON sessions (user_id, expires_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE access_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_digest TEXT UNIQUE NOT NULL CHECK (token_digest LIKE 'sha256:%'),
    client_row INTEGER NOT NULL REFERENCES integration_clients (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX access_tokens_of_client ON access_tokens (client_row);
CREATE INDEX access_tokens_by_end ON access_tokens (expires_at);

-- While a client is rotated, what it had before is good as well, until then.
ALTER TABLE integration_clients ADD COLUMN previous_client_secret VARCHAR(255)
    CHECK (previous_client_secret LIKE 'sha256:%');
ALTER TABLE integration_clients ADD COLUMN previous_api_key VARCHAR(255) CHECK (previous_api_key LIKE 'sha256:%');
ALTER TABLE integration_clients ADD COLUMN previous_api_key_id TEXT;
ALTER TABLE integration_clients ADD COLUMN previous_valid_until TIMESTAMP;
-- Of key and secret; NULL: they do not expire.
ALTER TABLE integration_clients ADD COLUMN expires_at TIMESTAMP;
ALTER TABLE integration_clients ADD COLUMN last_used_at TIMESTAMP;

CREATE UNIQUE INDEX integration_clients_previous_key ON integration_clients (previous_api_key_id)
    WHERE previous_api_key_id IS NOT NULL;

-- A deleted user's row stays: the audit refers to it, and its name must not become somebody else's.
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP;

PRAGMA user_version = 7;

-- majed:down

ALTER TABLE users DROP COLUMN deleted_at;

DROP INDEX integration_clients_previous_key;
ALTER TABLE integration_clients DROP COLUMN last_used_at;
ALTER TABLE integration_clients DROP COLUMN expires_at;
ALTER TABLE integration_clients DROP COLUMN previous_valid_until;
ALTER TABLE integration_clients DROP COLUMN previous_api_key_id;
ALTER TABLE integration_clients DROP COLUMN previous_api_key;
ALTER TABLE integration_clients DROP COLUMN previous_client_secret;
DROP TABLE access_tokens;
DROP TABLE sessions;

PRAGMA user_version = 6;
