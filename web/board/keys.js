// The keys on a focused card. To add one: a line in `startKeys`, and one in the hint under the board (index.html).

import { byId } from '../dom.js';

/** `does` are the actions of a card, each called with its task. */
export function startKeys(does, tasks) {
  const keys = {
    c: does.toggle,
    s: does.start,
    e: does.edit,
    Enter: does.edit,
    Delete: does.remove,
    Backspace: does.remove,
  };
  byId('board').addEventListener('keydown', (event) => {
    // Only the card itself: its buttons have their own keys, and shortcuts of the browser stay the browser's.
    if (!event.target.matches('.card') || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (keys[key] !== undefined) keys[key](tasks.get(event.target.dataset.id));
    else if (!move(event.target, key)) return;
    event.preventDefault();
  });
}

const STEPS = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

/** Arrow keys go to the neighbour; true when it was one. */
function move(card, key) {
  if (STEPS[key] === undefined) return false;
  const [right, down] = STEPS[key];
  const columns = [...document.querySelectorAll('.column .cards:not([hidden])')]
    .map((list) => [...list.children])
    .filter((list) => list.length > 0);
  const at = columns.findIndex((list) => list.includes(card));
  const column = columns[at + right] ?? columns[at];
  const row = columns[at].indexOf(card) + down;
  column[Math.min(Math.max(row, 0), column.length - 1)].focus();
  return true;
}
