// What a tool call is called in human words. To add a tool: add its line to WORDS; one that is not here is shown by its
// name.

const tasks = (count) => `${count} task${count === 1 ? '' : 's'}`;
const asked = (list) => (list?.length ? tasks(list.length) : 'tasks');

/**
 * Per tool: its icon; what it is doing, from the arguments; what it did, from the arguments and the result.
 * Of a result that is not JSON (`{}` here) no number is claimed.
 */
const WORDS = {
  create_tasks: {
    icon: 'plus',
    doing: (args) => `Adding ${asked(args.tasks)}`,
    done: (_, result) => `Added ${asked(result.tasks)}`,
  },
  update_tasks: {
    icon: 'edit',
    doing: (args) => `Changing ${asked(args.updates)}`,
    done: (_, result) => `Changed ${asked(result.tasks)}`,
  },
  complete_tasks: {
    icon: 'check',
    doing: (args) => `${args.completed === false ? 'Reopening' : 'Completing'} ${asked(args.ids)}`,
    done: (args, result) => `${args.completed === false ? 'Reopened' : 'Completed'} ${asked(result.tasks)}`,
  },
  delete_tasks: {
    icon: 'trash',
    doing: (args) => `Deleting ${asked(args.ids)}`,
    done: (_, result) => `Deleted ${asked(result.deleted)}`,
  },
  list_tasks: {
    icon: 'search',
    doing: () => 'Looking through the tasks',
    done: (args, result) => found(result) + filterWords(args),
  },
  get_tasks: {
    icon: 'search',
    doing: (args) => `Reading ${asked(args.ids)}`,
    done: (_, result) => `Read ${asked(result.tasks)}`,
  },
  undo: {
    icon: 'reopen',
    doing: () => 'Undoing the last change',
    done: (_, result) => (result.undone ? `Undone: ${result.undone}` : 'Undone'),
  },
  get_context: { icon: 'clock', doing: () => 'Checking date and time', done: () => 'Checked date and time' },
};

/** `{icon, text}` of a call: `result` is undefined while it runs. */
export function callWords({ name, args, result, failed }) {
  // A model can call any name, "constructor" too.
  const words = Object.hasOwn(WORDS, name)
    ? WORDS[name]
    : { icon: 'tool', doing: () => `Calling ${name}`, done: () => `Called ${name}` };
  if (result === undefined) return { icon: words.icon, text: words.doing(args) };
  if (failed) return { icon: words.icon, text: `${words.doing(args)} failed` };
  return { icon: words.icon, text: words.done(args, result) };
}

const found = (result) =>
  typeof result.total === 'number' ? `Found ${tasks(result.total)}` : 'Looked through the tasks';

function filterWords(args) {
  const parts = [
    args.query && `with “${args.query}”`,
    args.status && args.status !== 'open' && args.status !== 'all' && args.status.replace('_', ' '),
    args.priority && `${args.priority} priority`,
    args.overdue === true && 'overdue',
    dueSpan(args),
  ].filter(Boolean);
  return parts.length > 0 ? `: ${parts.join(', ')}` : '';
}

function dueSpan({ due_from: from, due_to: to }) {
  if (from && to) return from === to ? `due ${from}` : `due ${from} to ${to}`;
  if (from) return `due from ${from}`;
  return to ? `due until ${to}` : '';
}
