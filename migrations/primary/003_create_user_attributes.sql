-- What row policies compare with. Values keep the order the administrator gave them in.
CREATE TABLE user_attributes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    position INTEGER NOT NULL CHECK (position >= 0),
    value TEXT NOT NULL,
    PRIMARY KEY (user_id, name, position)
) WITHOUT ROWID;

PRAGMA user_version = 3;

-- majed:down

DROP TABLE user_attributes;

PRAGMA user_version = 2;
