// A list of what a person allowed, in a dialog: it is asked for anew when it is opened, after each action, and when the
// person comes back from another window, where they may have allowed something.

import { ApiError } from '../api.js';
import { confirm } from '../dialogs.js';
import { byId, h, say } from '../dom.js';

export class GrantList {
  #name;
  #grants;
  #shown = [];
  /** Answers may overtake each other: only the one that was asked for last is drawn. */
  #asked = 0;

  /**
   * `name` is the dialog's id. `grants` says what they are: `load()`, `takeBack(one)`, `verb` on the button,
   * `question(one)` before, `done(one)` after, `lines(one)` beneath the name, and `none` when there are none.
   */
  constructor(name, grants) {
    this.#name = name;
    this.#grants = grants;
    addEventListener('focus', () => byId(name).open && void this.refresh());
    byId(name).addEventListener('close', () => this.say({}));
  }

  async refresh() {
    this.#asked += 1;
    const mine = this.#asked;
    await this.attempt(async () => {
      const shown = await this.#grants.load();
      if (mine !== this.#asked) return;
      this.#shown = shown;
      this.#draw();
    });
  }

  /** Shows what went wrong, in the server's words, and what was done; both empty when nothing is said. */
  say({ error, done }) {
    say(byId(`${this.#name}-error`), error);
    byId(`${this.#name}-done`).textContent = done ?? '';
  }

  /** True if `work` was done. */
  async attempt(work) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say({ error: error.message });
      return false;
    }
  }

  #draw() {
    const list = byId(`${this.#name}-list`);
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const rows = this.#shown.map((one) => this.#row(one));
    list.replaceChildren(...(rows.length > 0 ? rows : [h('li', { class: 'empty' }, this.#grants.none)]));
    list.querySelector(`button[data-id="${focused}"]`)?.focus();
  }

  #row(one) {
    const { verb, lines } = this.#grants;
    const button = h(
      'button',
      {
        type: 'button',
        class: 'button small quiet danger',
        'aria-label': `${verb}: ${one.name}`,
        data: { id: one.id },
        on: { click: () => this.#takeBack(one) },
      },
      verb,
    );
    const told = lines(one).map((line) => h('p', {}, line));
    return h('li', { class: 'grant' }, h('div', { class: 'grant-text' }, h('h3', {}, one.name), ...told), button);
  }

  async #takeBack(one) {
    const { verb, question, takeBack, done } = this.#grants;
    if (!(await confirm({ ...question(one), yes: verb, danger: true }))) return;
    const place = this.#shown.indexOf(one);
    this.say({});
    if (await this.attempt(() => takeBack(one))) this.say({ done: done(one) });
    await this.refresh();
    const buttons = byId(this.#name).querySelectorAll('.grant button');
    (buttons[Math.min(place, buttons.length - 1)] ?? byId(this.#name).querySelector('.close')).focus();
  }
}
