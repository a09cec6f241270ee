// The links of the tool cards follow the board: a task that is not on it any more is crossed out.

import { byId } from '../dom.js';

/** Keeps the links right, whichever changes: the messages or the tasks. */
export function startTaskLinks(tasks) {
  const mark = () => {
    const numbers = new Set(tasks.all().map((task) => task.number));
    for (const link of document.querySelectorAll('#messages .task-link'))
      link.classList.toggle('gone', !numbers.has(Number(link.dataset.number)));
  };
  tasks.addEventListener('change', mark);
  new MutationObserver(mark).observe(byId('messages'), { childList: true });
}
