-- What was held back. Pending while closed_at is null.
CREATE TABLE message (
    -- Order of arrival.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sdk_app_id INTEGER NOT NULL,
    room TEXT NOT NULL,
    account TEXT NOT NULL,
    content TEXT NOT NULL,
    content_id TEXT NOT NULL,
    -- What the console puts into Random when it sends the message again. Computed from content_id.
    random INTEGER NOT NULL,
    -- Kinds of the message's elements, separated by spaces.
    kinds TEXT NOT NULL,
    -- Times are in milliseconds since 1970.
    held_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- approved or deleted
    outcome TEXT
) STRICT;

CREATE INDEX message_pending ON message (sdk_app_id, room, seq) WHERE closed_at IS NULL;
-- Finds a record by its content_id, too: through the number computed from it.
CREATE INDEX message_random ON message (random);

CREATE TABLE message_archive (
    seq INTEGER PRIMARY KEY,
    sdk_app_id INTEGER NOT NULL,
    room TEXT NOT NULL,
    account TEXT NOT NULL,
    content TEXT NOT NULL,
    content_id TEXT NOT NULL,
    random INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    closed_at INTEGER,
    outcome TEXT
) STRICT;

-- Counts by room, so that no list has to count.
CREATE TABLE room_count (
    sdk_app_id INTEGER NOT NULL,
    room TEXT NOT NULL,
    pending INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (sdk_app_id, room)
) STRICT, WITHOUT ROWID;

-- The global toggle has sdk_app_id 0 and an empty room.
CREATE TABLE toggle (
    sdk_app_id INTEGER NOT NULL,
    room TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    PRIMARY KEY (sdk_app_id, room)
) STRICT, WITHOUT ROWID;
INSERT INTO toggle VALUES (0, '', 1);

-- Goes up with each change of a toggle.
CREATE TABLE revision (number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    key_name TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
