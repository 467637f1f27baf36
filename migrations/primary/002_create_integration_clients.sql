-- The specification's second migration, with the CHECKs and times of the first. client_secret and api_key hold digests,
-- never the secrets: the CHECKs refuse anything else. api_key_id is the public part of the key, by which its row is found.
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

CREATE INDEX idx_integration_clients_client_id ON integration_clients(client_id);
CREATE INDEX idx_integration_clients_api_key ON integration_clients(api_key);
-- A revoked client's name may be used again.
CREATE UNIQUE INDEX integration_clients_active_name ON integration_clients (client_name) WHERE active;

PRAGMA user_version = 2;

-- majed:down

DROP TABLE integration_clients;

PRAGMA user_version = 1;
