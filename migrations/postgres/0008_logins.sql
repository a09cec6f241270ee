-- What people show of themselves to others.
ALTER TABLE accounts ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN avatar TEXT;             -- the address of a picture
ALTER TABLE accounts ADD COLUMN public_key TEXT;         -- PEM, with which room keys are wrapped for them
ALTER TABLE accounts ADD COLUMN is_verified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN last_login TIMESTAMPTZ;         -- registering counts, so there always is one
UPDATE accounts SET display_name = username, last_login = created_at;

-- Who is logged in where. Access tokens name their login: when its row is gone, none of them is good any more.
CREATE TABLE logins (
    id         UUID   NOT NULL PRIMARY KEY,
    user_id    UUID   NOT NULL REFERENCES accounts (id),
    agent      TEXT   NOT NULL,             -- the program, as it calls itself
    address    TEXT   NOT NULL,             -- where it was begun
    seed       BYTEA  NOT NULL,             -- with a refresh token gives the next one
    generation BIGINT NOT NULL,             -- of the newest tokens that were used
    created_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ NOT NULL,        -- to the minute
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX logins_by_user ON logins (user_id, id);

CREATE TABLE refresh_tokens (               -- only their SHA-256; spent ones stay until they end, so that it is noticed when one comes again
    hash       BYTEA  NOT NULL PRIMARY KEY,
    login_id   UUID   NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX refresh_tokens_by_login ON refresh_tokens (login_id);
