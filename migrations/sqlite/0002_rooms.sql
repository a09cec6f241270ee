-- Where people talk to each other. Nothing of a room is told on the topics of its people: its events have a topic of their own.

CREATE TABLE rooms (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,           -- direct, group
    name       TEXT,
    direct_key TEXT    UNIQUE,             -- of a direct room: both people's ids, the lower one first, so that there is one only
    created_at TEXT    NOT NULL
);

CREATE TABLE participants (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they are listed
    room_id BLOB    NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id BLOB    NOT NULL REFERENCES accounts (id),
    UNIQUE (room_id, user_id)
);
CREATE INDEX participants_in_order ON participants (room_id, number);
CREATE INDEX participants_by_user ON participants (user_id, room_id);

CREATE TABLE room_messages (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB    NOT NULL UNIQUE,
    room_id    BLOB    NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    sender_id  BLOB    NOT NULL REFERENCES accounts (id),
    content    TEXT    NOT NULL,
    created_at TEXT    NOT NULL
);
CREATE INDEX room_messages_in_order ON room_messages (room_id, number);
