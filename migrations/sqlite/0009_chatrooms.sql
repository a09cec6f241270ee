-- Rooms of the kind 'chatroom': with roles and invitations, and messages that are encrypted by those who write them.

CREATE TABLE chatrooms (
    room_id              BLOB    NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    search               TEXT    NOT NULL,   -- the name in lower case
    description          TEXT,
    is_private           BOOLEAN NOT NULL,
    max_members          BIGINT  NOT NULL,
    auto_summary_enabled BOOLEAN NOT NULL,
    summary_threshold    BIGINT  NOT NULL,
    key_version          BIGINT  NOT NULL,   -- the newest version of the room's key; 0 before there is one
    needed_key_version   BIGINT  NOT NULL,   -- the oldest one under which may be written
    updated_at           TEXT NOT NULL
);

CREATE TABLE members (                       -- the participants of chatrooms, with what only these have
    number       INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they came
    room_id      BLOB    NOT NULL,
    user_id      BLOB    NOT NULL,
    role         TEXT    NOT NULL,           -- owner, moderator, member
    is_assistant BOOLEAN NOT NULL DEFAULT FALSE,
    joined_at    TEXT NOT NULL,
    joined_seq   BIGINT  NOT NULL,           -- the number of the event that told of it
    read_seq     BIGINT  NOT NULL,           -- up to which number of the room they have read; at first joined_seq
    last_read_at TEXT NOT NULL,
    UNIQUE (room_id, user_id),
    FOREIGN KEY (room_id, user_id) REFERENCES participants (room_id, user_id) ON DELETE CASCADE
);
CREATE INDEX members_in_order ON members (room_id, number);
CREATE INDEX members_by_user ON members (user_id, number);

CREATE TABLE invites (
    id         BLOB   NOT NULL PRIMARY KEY,
    room_id    BLOB   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    made_by    BLOB   NOT NULL REFERENCES accounts (id),
    code_hash  BLOB  NOT NULL UNIQUE,        -- SHA-256: the code itself is nowhere
    max_uses   BIGINT NOT NULL,
    uses       BIGINT NOT NULL,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX invites_by_room ON invites (room_id, expires_at);

CREATE TABLE chat_messages (                 -- what was taken away stays as a row without what it said, so that nothing moves
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    room_id        BLOB    NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    seq            BIGINT  NOT NULL,         -- of the event that told of it
    sender_id      BLOB    NOT NULL REFERENCES accounts (id),
    client_id      TEXT,
    encrypted_data TEXT,
    iv             TEXT,
    key_version    BIGINT,
    kind           TEXT    NOT NULL,         -- text, image, file, system
    reply_to       BLOB,                     -- a message in the same room
    edited_at      TEXT,
    deleted_at     TEXT,
    created_at     TEXT NOT NULL,             -- in a room each is later than the one before
    UNIQUE (room_id, seq),
    UNIQUE (room_id, created_at),
    UNIQUE (room_id, sender_id, client_id)
);

CREATE TABLE room_ivs (                      -- what was used once with a key must not be used again
    room_id     BLOB   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    key_version BIGINT NOT NULL,
    iv          TEXT   NOT NULL,
    PRIMARY KEY (room_id, key_version, iv)
) WITHOUT ROWID;

CREATE TABLE chat_reactions (
    number     INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they are listed
    message_id BLOB NOT NULL REFERENCES chat_messages (id) ON DELETE CASCADE,
    user_id    BLOB NOT NULL REFERENCES accounts (id),
    emoji      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (message_id, user_id, emoji)
);

CREATE TABLE room_keys (                     -- each version of a room's key, wrapped for each who may have it
    room_id     BLOB   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    version     BIGINT NOT NULL,
    user_id     BLOB   NOT NULL REFERENCES accounts (id),
    wrapped_key TEXT   NOT NULL,
    wrapped_by  BLOB   NOT NULL REFERENCES accounts (id),
    created_at  TEXT NOT NULL,
    PRIMARY KEY (room_id, user_id, version)
);
