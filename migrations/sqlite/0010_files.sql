-- Files that people upload to chatrooms, and the bytes of them and of people's pictures in the store of files.

CREATE TABLE blobs (
    name     TEXT    NOT NULL PRIMARY KEY,   -- in the store; the SHA-256 of the bytes is in it, so those who have the same share them
    size     BIGINT  NOT NULL,
    is_going BOOLEAN NOT NULL DEFAULT FALSE, -- nobody has it, and it is being taken out of the store
    check_at TEXT                            -- when it has to be looked at whether anybody has it
);
CREATE INDEX blobs_to_check ON blobs (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE files (
    id         BLOB   NOT NULL PRIMARY KEY,
    room_id    BLOB   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id    BLOB   NOT NULL REFERENCES accounts (id),
    message_id BLOB   REFERENCES chat_messages (id) ON DELETE CASCADE, -- what it is attached to
    place      BIGINT,                       -- among the message's files
    filename   TEXT   NOT NULL,
    file_type  TEXT   NOT NULL,
    file_size  BIGINT NOT NULL,
    blob       TEXT   NOT NULL REFERENCES blobs (name),
    thumbnail  TEXT   REFERENCES blobs (name),
    created_at TEXT NOT NULL
);
CREATE INDEX files_by_room ON files (room_id);
CREATE INDEX files_by_message ON files (message_id, place);
CREATE INDEX files_by_blob ON files (blob);
CREATE INDEX files_by_thumbnail ON files (thumbnail) WHERE thumbnail IS NOT NULL;
CREATE INDEX files_unattached ON files (created_at) WHERE message_id IS NULL;
CREATE INDEX accounts_by_avatar ON accounts (avatar) WHERE avatar IS NOT NULL;
