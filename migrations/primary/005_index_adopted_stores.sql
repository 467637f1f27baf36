-- Stores that were made before there were migrations have every table and trigger of 001 to 004, and none of these four
-- indexes. They are declared to stand at 004 and get the indexes here; in any other store they are there already.
CREATE INDEX IF NOT EXISTS idx_users_username ON users(username);
CREATE INDEX IF NOT EXISTS idx_users_role ON users(role);
CREATE INDEX IF NOT EXISTS idx_integration_clients_client_id ON integration_clients(client_id);
CREATE INDEX IF NOT EXISTS idx_integration_clients_api_key ON integration_clients(api_key);

PRAGMA user_version = 5;

-- majed:down

-- The indexes stay: they are part of 001 and 002.
PRAGMA user_version = 4;
