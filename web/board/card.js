// One task as a card: what it says and the controls on it.

import { dueWords } from '../dates.js';
import { h, icon, iconButton } from '../dom.js';

const PRIORITIES = { low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' };

/** The words for the door by which somebody else changed a task. To name one more source: add its line. */
const SOURCES = { chat: 'by chat', rest: 'from another window', mcp: 'by an agent', system: 'by Errand' };

export const sourceWords = (source) => SOURCES[source] ?? 'elsewhere';

/**
 * The list item of a task; `does` are the actions (`toggle`, `start`, `pause`, `edit`, `remove`), each called with the
 * task.
 */
export function card(task, does) {
  const done = task.status === 'completed';
  const name = h('h4', { id: `title-${task.id}` }, task.title);
  const tick = h(
    'button',
    {
      type: 'button',
      class: 'tick',
      'aria-label': `${done ? 'Reopen' : 'Complete'}: ${task.title}`,
      title: done ? 'Reopen' : 'Complete',
      on: { click: () => does.toggle(task) },
    },
    icon('check'),
  );
  const body = h(
    'div',
    { class: 'card-body' },
    name,
    task.description ? h('p', { class: 'card-text' }, task.description) : null,
    h('p', { class: 'chips' }, dueChip(task), priorityChip(task.priority)),
  );
  return h(
    'li',
    {
      class: 'card',
      tabindex: '0',
      'aria-labelledby': `title-${task.id}`,
      'aria-describedby': 'card-keys',
      data: { id: task.id, number: String(task.number), status: task.status, priority: task.priority },
    },
    tick,
    body,
    h('div', { class: 'card-actions' }, ...buttons(task, does)),
    h('span', { class: 'changed', hidden: true }),
  );
}

function buttons(task, does) {
  const of = (verb) => `${verb}: ${task.title}`;
  const main = {
    pending: () => iconButton('play', of('Start'), () => does.start(task)),
    in_progress: () => iconButton('pause', of('Put back to pending'), () => does.pause(task)),
    completed: () => iconButton('reopen', of('Reopen'), () => does.toggle(task)),
  }[task.status];
  return [
    main(),
    iconButton('edit', of('Edit'), () => does.edit(task)),
    iconButton('trash', of('Delete'), () => does.remove(task)),
  ];
}

/** The priority by bars and word; the colour only repeats it. */
export const priorityChip = (priority) =>
  h('span', { class: `chip priority ${priority}` }, icon(priority), PRIORITIES[priority]);

function dueChip(task) {
  const due = dueWords(task);
  if (due === null) return null;
  return h(
    'span',
    { class: `chip due ${due.tone}`, title: due.full },
    icon(due.tone === 'overdue' ? 'alert' : 'calendar'),
    due.text,
  );
}

/** Time goes by: writes the due date's words anew in a card that is shown. */
export function refreshDue(element, task) {
  const old = element.querySelector('.due');
  const due = dueWords(task);
  if (old === null || due === null || old.textContent === due.text) return;
  old.replaceWith(dueChip(task));
}
