-- Messages in chatrooms that mention the assistant: who asked, and whether there is an answer; not what was said.

CREATE TABLE mentions (
    turn_id        BLOB   NOT NULL PRIMARY KEY, -- the id of the message
    room_id        BLOB   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id        BLOB   NOT NULL REFERENCES accounts (id),
    seq            BIGINT NOT NULL,             -- the number of the message
    written_at     TEXT   NOT NULL,             -- when it was written
    instance       BLOB,                        -- which process answers it; none: whichever can
    answer_seq     BIGINT,                      -- the number of the answer, once there is one
    encrypted_data TEXT,                        -- what was said and called for it, encrypted with the room's key
    iv             TEXT,                        -- in room_ivs, too
    key_version    BIGINT
);
CREATE INDEX mentions_by_user ON mentions (room_id, user_id, seq);
CREATE INDEX mentions_open ON mentions (seq) WHERE answer_seq IS NULL;

-- How far the assistant has heard is how far it has read. What was written before it could listen is not for it.
UPDATE members SET read_seq =
    (SELECT COALESCE(MAX(seq), members.read_seq) FROM chat_messages WHERE chat_messages.room_id = members.room_id)
WHERE is_assistant;

ALTER TABLE tasks ADD COLUMN room_id BLOB;      -- the chatroom in which the assistant was asked for it; it may be gone
