// Short notices that go by themselves, and words for screen readers only.

import { byId, h, iconButton } from './dom.js';

const SHOWN = 6_000;

/** Shows a line for six seconds; `tone` is `info` or `error`. Pointing at it or focusing it keeps it. */
export function toast(text, tone = 'info') {
  const box = byId('toasts');
  const note = h(
    'div',
    { class: `toast ${tone}` },
    h('span', {}, text),
    iconButton('close', 'Dismiss', () => note.remove()),
  );
  let timer = setTimeout(() => note.remove(), SHOWN);
  const keep = () => clearTimeout(timer);
  const release = () => (timer = setTimeout(() => note.remove(), SHOWN));
  note.addEventListener('pointerenter', keep);
  note.addEventListener('focusin', keep);
  note.addEventListener('pointerleave', release);
  note.addEventListener('focusout', release);
  // Three at most: older ones have been read or never will be.
  while (box.childElementCount >= 3) box.firstElementChild.remove();
  box.append(note);
}

/** Says a text to screen readers; nothing is seen. */
export function announce(text) {
  const line = byId('announcer');
  // The same text twice is no change, and would not be read.
  line.textContent = line.textContent === text ? `${text} ` : text;
}
