-- What people show of themselves to others.
ALTER TABLE accounts ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN avatar TEXT;             -- the address of a picture
ALTER TABLE accounts ADD COLUMN public_key TEXT;         -- PEM, with which room keys are wrapped for them
ALTER TABLE accounts ADD COLUMN is_verified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN last_login TEXT;         -- registering counts, so there always is one
UPDATE accounts SET display_name = username, last_login = created_at;

-- Who is logged in where. Access tokens name their login: when its row is gone, none of them is good any more.
CREATE TABLE logins (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES accounts (id),
    agent      TEXT   NOT NULL,             -- the program, as it calls itself
    address    TEXT   NOT NULL,             -- where it was begun
    seed       BLOB   NOT NULL,             -- with a refresh token gives the next one
    generation BIGINT NOT NULL,             -- of the newest tokens that were used
    created_at TEXT   NOT NULL,
    used_at    TEXT   NOT NULL,             -- to the minute
    expires_at TEXT   NOT NULL
);
CREATE INDEX logins_by_user ON logins (user_id, id);

CREATE TABLE refresh_tokens (               -- only their SHA-256; spent ones stay until they end, so that it is noticed when one comes again
    hash       BLOB   NOT NULL PRIMARY KEY,
    login_id   BLOB   NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    expires_at TEXT   NOT NULL
);
CREATE INDEX refresh_tokens_by_login ON refresh_tokens (login_id);
