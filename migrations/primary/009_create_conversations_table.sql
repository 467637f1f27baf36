-- The specification's table. message and response hold sealed text, never the words: the CHECKs refuse anything else.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    session_id VARCHAR(255) NOT NULL CHECK (length(session_id) BETWEEN 1 AND 255),
    message TEXT NOT NULL CHECK (message LIKE 'gAAAA%'),
    response TEXT CHECK (response LIKE 'gAAAA%'),
    tools_used TEXT,
    execution_time_ms REAL CHECK (execution_time_ms >= 0),
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX conversations_of_user ON conversations (user_id, session_id, id);
CREATE INDEX conversations_by_time ON conversations (created_at);

PRAGMA user_version = 9;

-- majed:down

DROP TABLE conversations;

PRAGMA user_version = 8;
