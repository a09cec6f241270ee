-- What was said in chatrooms, in short; what a summary says is encrypted with the room's key, as messages are.

CREATE TABLE summaries (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             UUID   NOT NULL UNIQUE,
    room_id        UUID   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    kind           TEXT   NOT NULL,          -- automatic, manual
    asked_by       UUID   REFERENCES accounts (id),
    first_seq      BIGINT NOT NULL,          -- the numbers of the first and of the last message that it is about
    last_seq       BIGINT NOT NULL,
    message_count  BIGINT NOT NULL,
    messages_read  BIGINT NOT NULL,          -- with those that could not be opened
    oldest_version BIGINT NOT NULL,          -- of the key, among these messages
    start_at       TIMESTAMPTZ NOT NULL,     -- when these were written
    end_at         TIMESTAMPTZ NOT NULL,
    encrypted_data TEXT   NOT NULL,
    iv             TEXT   NOT NULL,          -- in room_ivs, too
    key_version    BIGINT NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX summaries_by_room ON summaries (room_id, number);
CREATE UNIQUE INDEX summaries_automatic_once ON summaries (room_id, last_seq) WHERE kind = 'automatic';

CREATE TABLE summary_marks (                 -- how far a room was summarised by itself, and who is about to go on
    room_id       UUID   NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    up_to_seq     BIGINT NOT NULL,
    claim         UUID,
    claimed_until TIMESTAMPTZ
);
