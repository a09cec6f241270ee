// What each frame of the socket means for the stores. To handle one more event: add its line to EVENTS.

/**
 * Joins a connection to the stores. `onNotice({code, message, client_message_id})` gets the server's `error` frames;
 * the id is there when one refuses a message.
 */
export function feed(connection, tasks, conversations, onNotice) {
  const EVENTS = {
    task_created: ({ task, source, client }) => tasks.fromEvent(task, { source, client }),
    task_updated: ({ task, source, client }) => tasks.fromEvent(task, { source, client }),
    task_status_changed: ({ task, source, client }) => tasks.fromEvent(task, { source, client }),
    task_deleted: ({ taskId, source, client }) => tasks.remove(taskId, { source, client }),

    session_created: ({ session }) => conversations.put(session),
    session_updated: ({ session }) => conversations.put(session),
    session_deleted: ({ session_id }) => conversations.remove(session_id),
    message_created: ({ message }) => conversations.add(message),

    turn_started: ({ session_id, turn_id }) => conversations.turnStarted(session_id, turn_id),
    assistant_delta: ({ session_id, message_id, text, reset }) =>
      conversations.delta(session_id, message_id, text, reset),
    turn_completed: ({ session_id, turn_id }) => conversations.turnEnded(session_id, turn_id),
    turn_failed: ({ session_id, turn_id, code, message }) =>
      conversations.turnEnded(session_id, turn_id, { code, message }),

    error: (notice) => onNotice(notice),
  };

  connection.addEventListener('frame', ({ detail: frame }) => {
    if (frame.type === 'sync_response') synced(frame);
    else if (Object.hasOwn(EVENTS, frame.type)) EVENTS[frame.type](frame.data);
  });
  connection.addEventListener('state', ({ detail: state }) => state !== 'live' && conversations.lineCut());

  function synced(frame) {
    tasks.replaceAll(frame.data.tasks);
    if (frame.resumed) conversations.settle();
    else conversations.forgetMessages();
  }
}
