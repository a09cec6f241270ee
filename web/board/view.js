// The board: three columns of cards that follow the tasks, whoever changes them.

import { oncePerFrame } from '../dom.js';
import { bumpBadge, isShown, show } from '../shell.js';
import { announce, toast } from '../toasts.js';
import { actions } from './actions.js';
import { buttons } from './buttons.js';
import { card, refreshDue } from './card.js';
import { Editor } from './editor.js';
import { fold, startFold } from './fold.js';
import { startKeys } from './keys.js';
import { ORDER } from './order.js';
import { originWords } from './origin.js';
import { startQuickAdd } from './quick-add.js';

/** How often (ms) the words of the due dates are looked at: "today" becomes "overdue" by itself. */
const CLOCK = 30_000;
/** How long (ms) a card says who changed it. */
const LABELLED = 8_000;
/** More changes than this at once are a resume or a batch: they are counted, not shown one by one. */
const FEW = 12;

const STATUS_VERBS = { pending: 'reopened', in_progress: 'started', completed: 'completed' };

export class Board {
  #tasks;
  #does;
  #columns = [...document.querySelectorAll('.column')];
  /** Task id -> `{version, element}`. */
  #cards = new Map();
  /** Changes that are not drawn yet. */
  #news = [];
  #soon = oncePerFrame(() => this.#catchUp());

  constructor(tasks) {
    this.#tasks = tasks;
    const does = actions(tasks);
    const editor = new Editor(tasks, does);
    this.#does = {
      toggle: (task) => (task.status === 'completed' ? does.reopen(task) : does.complete(task)),
      start: does.start,
      pause: does.reopen,
      edit: (task) => this.#edit(editor, task),
      remove: does.remove,
    };
    startKeys(this.#does, tasks);
    startQuickAdd(does, editor);
    startFold();
    tasks.addEventListener('change', ({ detail }) => {
      this.#news.push(detail);
      this.#soon();
    });
    setInterval(() => this.#refreshDates(), CLOCK);
    document.addEventListener('visibilitychange', () => this.#refreshDates());
    this.#draw();
  }

  /** Brings the card of the task that the tools call `t_<number>` into view; false when there is none. */
  showTask(number) {
    const task = this.#tasks.byNumber(number);
    if (task === undefined) return false;
    this.#catchUp();
    show('board');
    if (task.status === 'completed') fold(false);
    const { element } = this.#cards.get(task.id);
    element.scrollIntoView({ block: 'center', behavior: 'smooth' });
    element.focus({ preventScroll: true });
    flash(element);
    return true;
  }

  /** Draws what has changed, and tells of it. */
  #catchUp() {
    const news = this.#news;
    this.#news = [];
    this.#draw();
    const told = news.filter(({ kind }) => kind !== 'reset');
    const theirs = told.filter(({ origin }) => !origin.mine);
    if (theirs.length > 0) bumpBadge('board', theirs.length);
    if (told.length > FEW) return announce(`${told.length} changes on the board`);
    for (const { kind, task } of told) if (kind === 'put') flash(this.#cards.get(task.id)?.element);
    for (const change of theirs) this.#tell(change);
    return undefined;
  }

  /** Says who did what to a task, when it was not this window. */
  #tell({ kind, task, before, origin }) {
    const by = originWords(origin);
    const verb = kind === 'removed' ? 'deleted' : verbOf(task, before);
    announce(`${task.title}: ${verb} ${by}`);
    if (kind === 'removed') toast(`“${task.title}” was deleted ${by}`);
    else label(this.#cards.get(task.id)?.element, `${verb} ${by}`);
  }

  /** Puts every card where it belongs; one that has not changed keeps its element, and with it focus and selection. */
  #draw() {
    const focus = focusedCard();
    const all = this.#tasks.all();
    for (const column of this.#columns) {
      const shown = all.filter((task) => task.status === column.dataset.status).sort(ORDER[column.dataset.status]);
      place(
        column.querySelector('.cards'),
        shown.map((task) => this.#elementOf(task)),
      );
      column.querySelector('.tally').textContent = shown.length;
      column.querySelector('.empty').hidden = shown.length > 0;
    }
    for (const [id, { element }] of this.#cards) {
      if (this.#tasks.get(id) !== undefined) continue;
      element.remove();
      this.#cards.delete(id);
    }
    if (focus !== null) this.#restoreFocus(focus);
  }

  #elementOf(task) {
    const known = this.#cards.get(task.id);
    if (known?.version === task.version) return known.element;
    const element = card(task, {
      toggle: this.#does.toggle,
      buttons: buttons(task, this.#does),
      tabindex: '0',
      'aria-describedby': 'card-keys',
    });
    known?.element.replaceWith(element);
    this.#cards.set(task.id, { version: task.version, element });
    return element;
  }

  /** A card that was drawn anew or moved has lost the focus; after one that was deleted the next one gets it. */
  #restoreFocus({ id, column, at }) {
    if (document.activeElement !== document.body) return;
    const list = column.querySelector('.cards').children;
    const next = this.#cards.get(id)?.element ?? list[at] ?? list[at - 1] ?? column.querySelector('h3');
    next.focus({ preventScroll: true });
  }

  async #edit(editor, task) {
    await editor.open(task);
    // The card was drawn anew under the dialog, so the browser could not give the focus back to it.
    if (document.activeElement === document.body) this.#cards.get(task.id)?.element.focus({ preventScroll: true });
  }

  #refreshDates() {
    for (const [id, { element }] of this.#cards) refreshDue(element, this.#tasks.get(id));
  }
}

function verbOf(task, before) {
  if (before === undefined) return 'added';
  return task.status === before.status ? 'changed' : STATUS_VERBS[task.status];
}

function focusedCard() {
  const element = document.activeElement?.closest('.card');
  if (!element) return null;
  return {
    id: element.dataset.id,
    column: element.closest('.column'),
    at: [...element.parentElement.children].indexOf(element),
  };
}

/** Makes `list` hold exactly these elements in this order, moving as few as possible. */
function place(list, elements) {
  elements.forEach((element, at) => {
    if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
  });
}

function flash(element) {
  if (element === undefined || !isShown('board')) return;
  element.classList.remove('flash');
  void element.offsetWidth; // Starts the animation again if it was running.
  element.classList.add('flash');
  const done = () => element.classList.remove('flash');
  for (const type of ['animationend', 'animationcancel']) element.addEventListener(type, done, { once: true });
}

function label(element, text) {
  if (element === undefined) return; // Deleted by a later change.
  const line = element.querySelector('.changed');
  line.textContent = text;
  line.hidden = false;
  setTimeout(() => (line.hidden = true), LABELLED);
}
