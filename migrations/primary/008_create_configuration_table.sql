-- The specification's table: only what somebody has set is here, defaults are the program's.
CREATE TABLE configuration (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key VARCHAR(255) UNIQUE NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    value TEXT NOT NULL,
    description TEXT,
    updated_by INTEGER,
    updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    FOREIGN KEY (updated_by) REFERENCES users (id)
);

-- What a key was, newest last; NULL is the default. The name stays when there is no user with an id, as for who holds the
-- files.
CREATE TABLE configuration_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key VARCHAR(255) NOT NULL,
    old_value TEXT,
    new_value TEXT,
    changed_by INTEGER REFERENCES users (id),
    changed_by_name VARCHAR(255) NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

CREATE INDEX configuration_history_of_key ON configuration_history (key, id);

PRAGMA user_version = 8;

-- majed:down

DROP TABLE configuration_history;
DROP TABLE configuration;

PRAGMA user_version = 7;
