-- What was held back. Pending while closed_at is null.
CREATE TABLE message (
    -- Order of arrival.
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sdk_app_id BIGINT NOT NULL,
    room TEXT NOT NULL,
    account TEXT NOT NULL,
    content TEXT NOT NULL,
    content_id TEXT NOT NULL,
    -- What the console puts into Random when it sends the message again. Computed from content_id.
    random BIGINT NOT NULL,
    -- Kinds of the message's elements, separated by spaces.
    kinds TEXT NOT NULL,
    -- Times are in milliseconds since 1970.
    held_at BIGINT NOT NULL,
    closed_at BIGINT,
    -- approved or deleted
    outcome TEXT
);

CREATE INDEX message_pending ON message (sdk_app_id, room, seq) WHERE closed_at IS NULL;
-- Finds a record by its content_id, too: through the number computed from it.
CREATE INDEX message_random ON message (random);

CREATE TABLE message_archive (
    seq BIGINT PRIMARY KEY,
    sdk_app_id BIGINT NOT NULL,
    room TEXT NOT NULL,
    account TEXT NOT NULL,
    content TEXT NOT NULL,
    content_id TEXT NOT NULL,
    random BIGINT NOT NULL,
    kinds TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    closed_at BIGINT,
    outcome TEXT
);

-- Counts by room, so that no list has to count.
CREATE TABLE room_count (
    sdk_app_id BIGINT NOT NULL,
    room TEXT NOT NULL,
    pending BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (sdk_app_id, room)
);

-- The global toggle has sdk_app_id 0 and an empty room.
CREATE TABLE toggle (
    sdk_app_id BIGINT NOT NULL,
    room TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    PRIMARY KEY (sdk_app_id, room)
);
INSERT INTO toggle VALUES (0, '', TRUE);

-- Goes up with each change of a toggle.
CREATE TABLE revision (number BIGINT NOT NULL);
INSERT INTO revision VALUES (1);

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    key_name TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
);
