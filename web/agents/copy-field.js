// A text to take along: a field that cannot be written in, and a button that copies it.

import { h } from '../dom.js';

const SAID = 2_000;

export function copyField(id, label, value) {
  const field = h('input', { id, class: 'mono', readonly: true, value, spellcheck: 'false', autocomplete: 'off' });
  const said = h('span', { class: 'unseen', role: 'status' });
  const button = h('button', { type: 'button', class: 'button', 'aria-label': `Copy: ${label}` }, 'Copy');
  field.onfocus = () => field.select();
  button.onclick = async () => {
    button.textContent = (await copy(field)) ? 'Copied' : 'Press Ctrl+C';
    said.textContent = button.textContent;
    setTimeout(() => {
      button.textContent = 'Copy';
      said.textContent = '';
    }, SAID);
  };
  const line = h('div', { class: 'copy-line' }, field, button, said);
  return h('div', { class: 'field' }, h('label', { for: id }, label), line);
}

/** `navigator.clipboard` is missing on plain http in a local network; there the selection can be copied. */
async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand('copy');
  }
}
