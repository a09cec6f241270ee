// The tasks of the board, newest version of each, whoever brought it: an event, a full list or the answer to our own
// request.

/**
 * Event `change`, detail `{kind, task, before, origin}`: kind `put` (`before` is undefined for a new one), `removed`,
 * or `reset` (no task).
 * `origin` is `{source, client, mine}`: by which door the change came, the name of the agent if it has told one, and
 * whether this window asked for it.
 */
export class Tasks extends EventTarget {
  #byId = new Map();
  /** Deleted id -> its last version: a late answer to an older request must not bring the card back. */
  #deleted = new Map();
  #asked = new Map();

  all() {
    return [...this.#byId.values()];
  }

  get(id) {
    return this.#byId.get(id);
  }

  /** The task that the tools call `t_<number>`. */
  byNumber(number) {
    return this.all().find((task) => task.number === number);
  }

  /** The server's full list: what is not in it is gone. */
  replaceAll(tasks) {
    const before = this.#byId;
    this.#byId = new Map(tasks.map((task) => [task.id, newer(before.get(task.id), task)]));
    this.#deleted.clear();
    this.#tell({ kind: 'reset' });
  }

  /** An event: events come in order, so they also bring back what was deleted (undo). */
  fromEvent(task, by) {
    this.#deleted.delete(task.id);
    this.#put(task, { ...by, mine: this.#isMine(task) });
  }

  /** The answer to a request of this window. */
  fromAnswer(task) {
    if (this.#deleted.has(task.id) && this.#deleted.get(task.id) >= task.version) return;
    this.#put(task, { source: 'rest', mine: true });
  }

  remove(id, by = { source: 'rest' }) {
    const task = this.#byId.get(id);
    if (task === undefined) return;
    this.#byId.delete(id);
    this.#deleted.set(id, task.version);
    this.#tell({ kind: 'removed', task, origin: { ...by, mine: this.#asked.has(id) } });
  }

  /**
   * Runs a request of this window; the events it causes meanwhile are marked as ours. `key`: the task's id, or the
   * title of a new one.
   */
  async asking(key, request) {
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
    try {
      return await request();
    } finally {
      const left = this.#asked.get(key) - 1;
      if (left === 0) this.#asked.delete(key);
      else this.#asked.set(key, left);
    }
  }

  #isMine(task) {
    return this.#asked.has(task.id) || (!this.#byId.has(task.id) && this.#asked.has(task.title));
  }

  #put(task, origin) {
    const before = this.#byId.get(task.id);
    if (before !== undefined && before.version >= task.version) return;
    // The dashboard does not show archived tasks.
    if (task.status === 'archived') return this.remove(task.id, origin);
    this.#byId.set(task.id, task);
    this.#tell({ kind: 'put', task, before, origin });
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }
}

const newer = (known, task) => (known !== undefined && known.version > task.version ? known : task);
