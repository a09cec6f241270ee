-- Sessions of agents that speak MCP as it was up to 2025-11-25: what another process needs to go on with one.
CREATE TABLE mcp_sessions (
    id         UUID NOT NULL PRIMARY KEY,
    user_id    UUID NOT NULL REFERENCES accounts (id),
    state      JSONB NOT NULL,           -- what the client said of itself when it began
    created_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX mcp_sessions_by_user ON mcp_sessions (user_id, seen_at);
CREATE INDEX mcp_sessions_by_age ON mcp_sessions (seen_at);
