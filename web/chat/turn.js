// The running turn at the end of a conversation: the text while it is written, the sign that work goes on, and what to
// do when the turn failed.

import { byId, h } from '../dom.js';

/** Draws the turn of conversation `id` (null: none). `retry(text)` gets the sentence that was not answered. */
export function drawTurn(conversations, id, retry) {
  const run = id === null ? undefined : conversations.run(id);
  byId('draft').hidden = !run?.text;
  byId('draft').textContent = run?.text ?? '';
  byId('working').hidden = run === undefined || Boolean(run.text);
  byId('working-text').textContent = run?.stopping ? 'Stopping' : 'Errand is working';
  drawFailure(
    run === undefined && id !== null ? conversations.failure(id) : undefined,
    conversations.messages(id),
    retry,
  );
  return run;
}

function drawFailure(failure, messages, retry) {
  const notice = byId('turn-notice');
  // The conversation may keep the reason as a message of its own; once is enough. Who has stopped a turn wants no other
  // try.
  const told = messages.at(-1)?.code !== undefined;
  notice.hidden = failure === undefined || (told && failure.code === 'CANCELLED');
  if (notice.hidden) return;
  const asked = messages.findLast((one) => one.role === 'user')?.content;
  const again =
    asked &&
    h('button', { type: 'button', class: 'button small', on: { click: () => retry(asked) } }, 'Write it again');
  notice.classList.toggle('bare', told);
  notice.replaceChildren(...[!told && h('span', {}, failure.message || 'There is no answer.'), again].filter(Boolean));
}
