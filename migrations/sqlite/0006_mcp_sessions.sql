-- Sessions of agents that speak MCP as it was up to 2025-11-25: what another process needs to go on with one.
CREATE TABLE mcp_sessions (
    id         BLOB NOT NULL PRIMARY KEY,
    user_id    BLOB NOT NULL REFERENCES accounts (id),
    state      TEXT NOT NULL,           -- what the client said of itself when it began
    created_at TEXT NOT NULL,
    seen_at    TEXT NOT NULL
);
CREATE INDEX mcp_sessions_by_user ON mcp_sessions (user_id, seen_at);
CREATE INDEX mcp_sessions_by_age ON mcp_sessions (seen_at);
