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
