// The line above the board: a title and Enter make a task; "With details" takes the title into the editor.

import { byId } from '../dom.js';

export function startQuickAdd(does, editor) {
  const input = byId('quick-title');
  byId('quick-add').onsubmit = async (event) => {
    event.preventDefault();
    const title = input.value.trim();
    // Only what was sent is cleared: the next title may have been begun meanwhile.
    if (title !== '' && (await does.add(title)) && input.value.trim() === title) input.value = '';
  };
  byId('quick-details').onclick = async () => {
    if (await editor.open(null, input.value.trim())) input.value = '';
  };
}
