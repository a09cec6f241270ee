-- What a session has subscribed to: it need not be said again to another process.
ALTER TABLE mcp_sessions ADD COLUMN subscriptions JSONB NOT NULL DEFAULT '[]';
