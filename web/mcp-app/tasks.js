// The tasks of one `list_tasks` call, and what has become of them since.

import { dueFromFields } from '../dates.js';
import { Refused } from './host.js';

/** What this page shows of the statuses: a task that was put away is done with, as on the dashboard. */
const SHOWN_AS = { archived: 'completed' };

/**
 * A task of a tool's result in the form of the web page; `known` is what was known of it, for a short result leaves the
 * description out.
 */
export function fromTool({ id, title, status, priority, due, description }, known) {
  return {
    id,
    number: Number(id.slice('t_'.length)),
    title,
    description: description ?? known?.description ?? '',
    status: SHOWN_AS[status] ?? status,
    priority,
    ...dueOf(due),
    // Lists do not tell these; tasks that are alike in all else stand in the order of their numbers.
    created_at: '',
    updated_at: '',
  };
}

/** Of a whole day only the date counts. */
function dueOf(due) {
  if (due === undefined) return { due_date: null, due_all_day: false };
  const allDay = /^\d{4}-\d{2}-\d{2}$/.test(due);
  const date = allDay ? dueFromFields(due, '').due_date : due;
  // In one zone, so that they can be put in order as texts.
  return { due_date: new Date(date).toISOString(), due_all_day: allDay };
}

/** Event `change`: something is to be drawn anew. */
export class Tasks extends EventTarget {
  /** How many match in all, and what the list was asked for. */
  total = 0;
  args = {};
  #host;
  #byId = new Map();
  #next;

  constructor(host) {
    super();
    this.#host = host;
  }

  all() {
    return [...this.#byId.values()];
  }

  /** Whether there are more than are shown. */
  get more() {
    return this.#next !== undefined;
  }

  /** A page of the list; true if it was one: hosts may tell the results of other calls, too. */
  show({ tasks, total, next_cursor: next }, fresh = true) {
    if (!Array.isArray(tasks) || typeof total !== 'number') return false;
    if (fresh) this.#byId.clear();
    this.total = total;
    this.#next = next;
    this.#put(tasks);
    return true;
  }

  async reload() {
    const { cursor: _, ...args } = this.args;
    this.show(await this.#host.call('list_tasks', args));
  }

  async loadMore() {
    this.show(await this.#host.call('list_tasks', { ...this.args, cursor: this.#next }), false);
  }

  complete({ id }, completed) {
    return this.#change('complete_tasks', { ids: [id], completed });
  }

  /** Moves a task to a due date as the tools take it, or takes its date away (null). */
  move({ id }, due) {
    return this.#change('update_tasks', { updates: [due === null ? { id, clear: ['due'] } : { id, due }] });
  }

  /** Takes the last change back, whoever made it; answers what that was. */
  async undo() {
    const { tasks, undone } = await this.#host.call('undo', {});
    await this.reload();
    return { tasks, undone };
  }

  async #change(tool, args) {
    const { tasks = [], errors = [] } = await this.#host.call(tool, args);
    if (errors.length > 0) throw new Refused(errors.map(({ message }) => message).join('; '));
    this.#put(tasks);
  }

  #put(tasks) {
    for (const task of tasks) this.#byId.set(task.id, fromTool(task, this.#byId.get(task.id)));
    this.dispatchEvent(new Event('change'));
  }
}
