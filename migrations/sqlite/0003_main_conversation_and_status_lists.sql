-- The one conversation of a user that goes on where a client names none.
ALTER TABLE conversations ADD COLUMN is_main BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX conversations_main ON conversations (user_id) WHERE is_main;

-- Lists by status, the newest first. A task is in one of the three, so that a write costs one entry.
CREATE INDEX tasks_open ON tasks (user_id, number) WHERE deleted_at IS NULL AND status IN ('pending', 'in_progress');
CREATE INDEX tasks_completed ON tasks (user_id, number) WHERE deleted_at IS NULL AND status = 'completed';
CREATE INDEX tasks_archived ON tasks (user_id, number) WHERE deleted_at IS NULL AND status = 'archived';
