-- Where people talk to each other. Nothing of a room is told on the topics of its people: its events have a topic of their own.

CREATE TABLE rooms (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         UUID    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,           -- direct, group
    name       TEXT,
    direct_key TEXT    UNIQUE,             -- of a direct room: both people's ids, the lower one first, so that there is one only
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE participants (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which they are listed
    room_id UUID    NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id UUID    NOT NULL REFERENCES accounts (id),
    UNIQUE (room_id, user_id)
);
CREATE INDEX participants_in_order ON participants (room_id, number);
CREATE INDEX participants_by_user ON participants (user_id, room_id);

CREATE TABLE room_messages (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         UUID    NOT NULL UNIQUE,
    room_id    UUID    NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    sender_id  UUID    NOT NULL REFERENCES accounts (id),
    content    TEXT    NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX room_messages_in_order ON room_messages (room_id, number);
