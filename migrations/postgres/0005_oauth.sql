-- What people let programs do in their name. Secrets are only here as their SHA-256: whoever reads the database can use none of them.

CREATE TABLE clients (                      -- programs that registered themselves; others are known by a document at their address
    id            TEXT NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    redirect_uris JSONB NOT NULL,            -- ["…"]
    created_at    TIMESTAMPTZ NOT NULL,
    allowed_at    TIMESTAMPTZ                      -- when somebody last allowed it something
);
CREATE INDEX clients_unused ON clients (created_at) WHERE allowed_at IS NULL;

CREATE TABLE grants (
    id           UUID NOT NULL PRIMARY KEY,
    user_id      UUID NOT NULL REFERENCES accounts (id),
    client_id    TEXT,                      -- none: a token that the person made for themselves
    name         TEXT NOT NULL,             -- the client's when it was allowed, or the token's
    scopes       TEXT NOT NULL,
    resource     TEXT,                      -- for which service, by its address at that time; none: wherever this database is served
    created_at   TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ                       -- to the minute
);
CREATE INDEX grants_by_user ON grants (user_id, id);

CREATE TABLE tokens (
    hash         BYTEA NOT NULL PRIMARY KEY,
    grant_id     UUID NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL,             -- code, access, refresh, personal
    scopes       TEXT NOT NULL,
    redirect_uri TEXT,                      -- of a code
    challenge    TEXT,                      -- of a code
    expires_at   TIMESTAMPTZ,
    spent_at     TIMESTAMPTZ                       -- codes and refresh tokens are good once
);
CREATE INDEX tokens_by_grant ON tokens (grant_id);
