-- Every row has an `id` (UUIDv7, the one that travels) and a `number` (an identity, for contracts with integer ids).

CREATE TABLE accounts (
    number        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            UUID    NOT NULL UNIQUE,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE, -- lower case: names are unique without regard to case
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    time_zone     TEXT,                    -- the last one the user sent
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE tasks (
    number      BIGINT   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          UUID     NOT NULL UNIQUE,
    user_id     UUID     NOT NULL REFERENCES accounts (id),
    title       TEXT     NOT NULL,
    description TEXT     NOT NULL,
    search      TEXT     NOT NULL,         -- title and description in lower case
    status      TEXT     NOT NULL,
    priority    SMALLINT NOT NULL,         -- 1 low .. 4 urgent, so that it sorts
    due_at      TIMESTAMPTZ,
    due_day     DATE,                      -- set for a whole-day date: that day, in the zone it was said in
    due_sort    TIMESTAMPTZ NOT NULL,         -- due_at, or the year 9999: NULLs sort differently in each database
    version     BIGINT   NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    deleted_at  TIMESTAMPTZ
);
CREATE INDEX tasks_by_due ON tasks (user_id, due_sort, number) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_age ON tasks (user_id, number) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_priority ON tasks (user_id, priority DESC, due_sort, number) WHERE deleted_at IS NULL;

-- The journal: one row for each call that changed something, written with the change.
CREATE TABLE changes (
    number     BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         UUID    NOT NULL UNIQUE,
    user_id    UUID    NOT NULL REFERENCES accounts (id),
    verb       TEXT    NOT NULL,           -- created, changed, deleted, undone
    source     TEXT    NOT NULL,           -- chat, rest, mcp, system
    client     TEXT,
    turn_id    UUID,
    call_id    TEXT,
    tool       TEXT,
    arguments  JSONB,
    items      JSONB    NOT NULL,           -- [{"before": task or null, "after": task or null}]
    created_at TIMESTAMPTZ NOT NULL,
    undone_at  TIMESTAMPTZ
);
CREATE INDEX changes_to_undo ON changes (user_id, number) WHERE undone_at IS NULL;
CREATE INDEX changes_by_turn ON changes (turn_id, number) WHERE turn_id IS NOT NULL;

CREATE TABLE answers (                     -- what a call with an idempotency key was answered
    user_id     UUID NOT NULL REFERENCES accounts (id),
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer      JSONB NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE TABLE conversations (
    number     BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         UUID    NOT NULL UNIQUE,
    user_id    UUID    NOT NULL REFERENCES accounts (id),
    title      TEXT    NOT NULL,
    is_active  BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX conversations_by_activity ON conversations (user_id, updated_at, number);

CREATE TABLE messages (
    number          BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              UUID    NOT NULL UNIQUE,
    conversation_id UUID    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    turn_id         UUID,
    author          TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    content         TEXT    NOT NULL,
    detail          JSONB,                  -- the call, its outcome or the receipts, as JSON
    client_id       TEXT,
    created_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX messages_in_order ON messages (conversation_id, number);

CREATE TABLE turns (
    id              UUID NOT NULL PRIMARY KEY, -- the id of the user's message
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         UUID NOT NULL REFERENCES accounts (id),
    scope           UUID NOT NULL,             -- the conversation; the user when the turn began a new one
    client_id       TEXT,
    state           TEXT NOT NULL,             -- running, completed, failed
    instance        UUID NOT NULL,
    answer_id       UUID,
    failure         JSONB,
    started_at      TIMESTAMPTZ NOT NULL,
    finished_at     TIMESTAMPTZ
);
CREATE UNIQUE INDEX turns_claimed ON turns (scope, client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX turns_one_at_a_time ON turns (conversation_id) WHERE state = 'running';
CREATE INDEX turns_open ON turns (instance) WHERE state = 'running';

CREATE TABLE topics (
    topic TEXT   NOT NULL PRIMARY KEY,
    seq   BIGINT NOT NULL
);

CREATE TABLE events (
    topic      TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    about      UUID   NOT NULL,            -- the task or the conversation it tells of
    body       JSONB   NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (topic, seq)
);
CREATE INDEX events_about ON events (about);

CREATE TABLE instances (                   -- who is alive: open turns of the dead are closed by the living
    id      UUID NOT NULL PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);
