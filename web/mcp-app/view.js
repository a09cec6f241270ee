// The list as it is seen: the tasks under their statuses, and one line that says what was done and offers to undo it.

import { card, refreshDue } from '../board/card.js';
import { ORDER } from '../board/order.js';
import { callWords } from '../chat/tool-words.js';
import { byId, h, iconButton, oncePerFrame, say } from '../dom.js';
import { reschedule } from './reschedule.js';

const SECTIONS = { in_progress: 'In progress', pending: 'To do', completed: 'Completed' };
/** How often (ms) the words of the due dates are looked at: "today" becomes "overdue" by itself. */
const CLOCK = 30_000;

export class View {
  #tasks;
  #does;
  #may;
  /** The task whose day is being changed. */
  #moving = null;
  /** Tasks that a tool is working on. */
  #busy = new Set();
  #soon = oncePerFrame(() => this.draw());

  /** `does` are the actions: `toggle`, `move`, `undo`, `reload`, `more`; `may()` says whether there are any here. */
  constructor(tasks, does, may) {
    this.#tasks = tasks;
    this.#does = does;
    this.#may = may;
    byId('undo').onclick = () => does.undo();
    byId('reload').onclick = () => does.reload();
    byId('more').onclick = () => does.more();
    tasks.addEventListener('change', this.#soon);
    setInterval(() => this.#refreshDates(), CLOCK);
  }

  /** Says what was done (with a way back) or what went wrong. */
  say(text, { tone = 'info', undo = false } = {}) {
    say(byId('notice-text'), text);
    byId('notice').hidden = !text;
    byId('notice').className = `notice ${tone}`;
    byId('undo').hidden = !undo;
  }

  /** Shows that a tool is working on a task, while it is. */
  async busy(task, work) {
    this.#busy.add(task.id);
    this.#soon();
    try {
      return await work();
    } finally {
      this.#busy.delete(task.id);
      this.#soon();
    }
  }

  draw() {
    const focus = focused();
    const all = this.#tasks.all();
    const words = callWords({ name: 'list_tasks', args: this.#tasks.args, result: { total: this.#tasks.total } });
    byId('heading').textContent = words.text;
    byId('more').hidden = !this.#tasks.more || !this.#may();
    byId('reload').hidden = !this.#may();
    byId('empty').hidden = all.length > 0;
    byId('sections').replaceChildren(
      ...Object.entries(SECTIONS).flatMap(([status, name]) => {
        const tasks = all.filter((task) => task.status === status).sort(ORDER[status]);
        return tasks.length > 0 ? [this.#section(name, status, tasks)] : [];
      }),
    );
    refocus(focus);
  }

  #section(name, status, tasks) {
    return h(
      'section',
      { class: 'section', 'aria-labelledby': `head-${status}` },
      h('h3', { id: `head-${status}` }, name, ' ', h('span', { class: 'tally' }, String(tasks.length))),
      h('ul', { class: 'cards' }, tasks.map((task) => this.#card(task))),
    );
  }

  #card(task) {
    if (!this.#may()) return card(task, { buttons: [] });
    const open = this.#moving === task.id;
    const toMove = iconButton('calendar', `Reschedule: ${task.title}`, () => this.#move(open ? null : task.id), {
      'aria-expanded': String(open),
    });
    const element = card(task, {
      toggle: this.#does.toggle,
      buttons: task.status === 'completed' ? [] : [toMove],
      'aria-busy': this.#busy.has(task.id) && 'true',
    });
    if (open) element.append(this.#panel(task));
    return element;
  }

  #panel(task) {
    return reschedule(task, {
      move: (due) => {
        this.#move(null);
        this.#does.move(task, due);
      },
      close: () => this.#move(null),
    });
  }

  #move(id) {
    this.#moving = id;
    this.draw();
  }

  #refreshDates() {
    for (const task of this.#tasks.all()) {
      const element = document.querySelector(`.card[data-id="${CSS.escape(task.id)}"]`);
      if (element !== null) refreshDue(element, task);
    }
  }
}

/** Which control of which card has the focus: drawing anew would lose it. */
function focused() {
  const element = document.activeElement;
  const inCard = element?.closest('.card');
  return inCard ? { id: inCard.dataset.id, at: [...inCard.querySelectorAll('button, input')].indexOf(element) } : null;
}

function refocus(focus) {
  if (focus === null) return;
  const controls = document.querySelectorAll(`.card[data-id="${CSS.escape(focus.id)}"] :is(button, input)`);
  (controls[focus.at] ?? [...controls].at(-1))?.focus({ preventScroll: true });
}
