// Two small questions, asked in one <dialog>: are you sure, and what shall it be called.

import { byId } from './dom.js';

/** Asks yes or no; `danger` colours the yes. Resolves to a boolean. */
export const confirm = ({ title, text, yes, danger = false }) =>
  ask({ title, text, yes, danger }).then((answer) => answer !== null);

/** Asks for one line of text; resolves to it, trimmed, or to null. */
export const prompt = ({ title, label, value, yes }) =>
  ask({ title, text: '', yes, label, value }).then((answer) => answer?.trim() || null);

function ask({ title, text, yes, danger = false, label = null, value = '' }) {
  const dialog = byId('question');
  const input = byId('question-input');
  byId('question-title').textContent = title;
  byId('question-text').textContent = text;
  byId('question-text').hidden = text === '';
  byId('question-field').hidden = label === null;
  byId('question-label').textContent = label ?? '';
  input.value = value;
  byId('question-yes').textContent = yes;
  byId('question-yes').classList.toggle('danger', danger);
  byId('question-no').onclick = () => dialog.close('');
  // `returnValue` stays from the last time when Escape closes the dialog.
  dialog.returnValue = '';
  byId('question-form').onsubmit = (event) => {
    event.preventDefault();
    dialog.close('yes');
  };
  dialog.showModal();
  if (label === null) byId(danger ? 'question-no' : 'question-yes').focus();
  else input.select();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes' ? input.value : null), { once: true });
  });
}
