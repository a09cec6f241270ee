// The column of completed tasks can be folded; a window remembers it.

import { byId } from '../dom.js';

const FOLDED = 'errand.completed-folded';

/** Folds or unfolds the column. */
export function fold(folded) {
  byId('fold-completed').setAttribute('aria-expanded', !folded);
  byId('cards-completed').hidden = folded;
}

export function startFold() {
  fold(localStorage.getItem(FOLDED) === 'yes');
  byId('fold-completed').onclick = () => {
    const folded = !byId('cards-completed').hidden;
    fold(folded);
    localStorage.setItem(FOLDED, folded ? 'yes' : 'no');
  };
}
