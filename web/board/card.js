// One task as a card: what it says and the controls on it.

import { dueWords } from '../dates.js';
import { h, icon } from '../dom.js';

const PRIORITIES = { low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' };

/**
 * The list item of a task: what the tick does (nothing, where there is no `toggle`), the `buttons` for what else can be
 * done, and more attributes.
 */
export function card(task, { toggle, buttons, ...props }) {
  const done = task.status === 'completed';
  const name = h('h4', { id: `title-${task.id}` }, task.title);
  const tick = h(
    'button',
    {
      type: 'button',
      class: 'tick',
      'aria-label': `${done ? 'Reopen' : 'Complete'}: ${task.title}`,
      title: done ? 'Reopen' : 'Complete',
      disabled: toggle === undefined,
      on: { click: () => toggle(task) },
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
      'aria-labelledby': `title-${task.id}`,
      data: { id: task.id, number: String(task.number), status: task.status, priority: task.priority },
      ...props,
    },
    tick,
    body,
    h('div', { class: 'card-actions' }, ...buttons),
    h('span', { class: 'changed', hidden: true }),
  );
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
