// The lines under a task that move it to another day. They stand in the page, not in a dialog: the host's frame is no
// higher than the list. There is no <form>: hosts' frames may not submit one.

import { dueFields, dueFromFields, isoDay } from '../dates.js';
import { h } from '../dom.js';

/** The usual days, as days from now; a task keeps its time of day. To offer one more: add its line. */
const usual = (now) => [
  ['Today', 0],
  ['Tomorrow', 1],
  ['Next week', 7 - ((now.getDay() + 6) % 7)], // its Monday
];

/**
 * The lines for `task`. `move(due)` gets a due date as the tools take it, or null for none; `close()` is called when
 * nothing shall be changed.
 */
export function reschedule(task, { move, close }, now = new Date()) {
  const before = dueFields(task);
  const date = h('input', { type: 'date', 'aria-label': 'Due date', value: before.date });
  const time = h('input', { type: 'time', 'aria-label': 'Time', value: before.time });
  const choices = usual(now).map(([words, days]) =>
    small(words, () => move(toolDue(dayFrom(now, days), before.time))),
  );
  if (task.due_date) choices.push(small('No date', () => move(null)));
  const save = () => date.value !== '' && move(toolDue(date.value, time.value));
  return h(
    'div',
    { class: 'reschedule', role: 'group', 'aria-label': `Reschedule: ${task.title}`, on: { keydown: keys(save, close) } },
    h('div', { class: 'choices' }, choices),
    h('div', { class: 'choices' }, date, time, small('Save', save), small('Cancel', close)),
  );
}

const small = (words, click) => h('button', { type: 'button', class: 'button small', on: { click } }, words);

const keys = (save, close) => (event) => {
  if (event.key === 'Escape') close();
  else if (event.key === 'Enter' && event.target.matches('input')) {
    // The focus moves on while the key is down: without this it would press what has the focus then.
    event.preventDefault();
    save();
  }
};

const dayFrom = (now, days) => isoDay(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days));

/** A date and a time of the reader's zone as the tools take them: a day, or an instant with its offset. */
const toolDue = (date, time) => (time === '' ? date : dueFromFields(date, time).due_date);
