// The box to write in: Enter sends, the text stays until the server has it, a failure says so and offers the next try.

import { byId, h } from '../dom.js';

const LONGEST = 8000;
const COUNT_FROM = 7000;
const DRAFT = 'errand.draft';
const touch = matchMedia('(hover: none)');

/**
 * Makes the composer work on an outbox. `send(text)` posts; `stop()` stops the running turn. Returns what the chat
 * tells it.
 */
export function startComposer({ outbox, send, stop }) {
  const box = byId('message-box');
  let running = null;
  let live = false;

  box.value = outbox.text || sessionStorage.getItem(DRAFT) || '';
  box.addEventListener('input', () => {
    sessionStorage.setItem(DRAFT, box.value);
    draw();
  });
  box.addEventListener('keydown', (event) => {
    // While an input method is composing, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  byId('composer').onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  byId('stop').onclick = stop;
  outbox.addEventListener('change', draw);

  function submit() {
    const text = box.value.trim();
    if (text === '' || length(text) > LONGEST || running !== null || box.readOnly) return;
    send(text);
  }

  function draw() {
    const { state } = outbox;
    const size = length(box.value);
    box.readOnly = state === 'sending' || state === 'waiting';
    box.dataset.state = state;
    fit(box);
    byId('message-count').hidden = size < COUNT_FROM;
    byId('message-count').textContent = `${size.toLocaleString('en')} of ${LONGEST.toLocaleString('en')} characters`;
    byId('message-count').classList.toggle('over', size > LONGEST);
    byId('send').disabled = box.value.trim() === '' || size > LONGEST || box.readOnly;
    byId('send').hidden = running !== null;
    byId('stop').hidden = running === null;
    byId('composer-hint').textContent =
      running === null
        ? 'Enter sends, Shift+Enter starts a new line'
        : 'Errand is answering: send when it is done, or stop it';
    byId('composer-hint').dataset.running = running !== null;
    byId('stop').disabled = running?.stopping === true || !live;
    drawStatus(state);
  }

  function drawStatus(state) {
    const status = byId('send-status');
    status.hidden = state !== 'waiting' && state !== 'failed';
    status.dataset.state = state;
    if (status.hidden) return;
    const words =
      state === 'waiting'
        ? 'Not sent yet: no connection. It goes as soon as the connection is back.'
        : `Not sent. ${outbox.reason}`;
    const again =
      state === 'failed' &&
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          on: { click: () => (box.value.trim() === outbox.text ? outbox.retry() : submit()) },
        },
        'Retry',
      );
    const keep =
      state === 'waiting' &&
      h('button', { type: 'button', class: 'button small quiet', on: { click: change } }, 'Change it');
    status.replaceChildren(h('span', {}, words), ...[again, keep].filter(Boolean));
  }

  function change() {
    outbox.discard();
    box.focus();
  }

  draw();
  return {
    /** The server has the message: the box is free for the next one. */
    clear() {
      box.value = '';
      sessionStorage.removeItem(DRAFT);
      draw();
    },
    /** The running turn of the open conversation, or undefined. */
    setRun(run) {
      running = run ?? null;
      draw();
    },
    setLive(now) {
      live = now;
      draw();
    },
    fill(text) {
      box.value = text;
      sessionStorage.setItem(DRAFT, text);
      draw();
      box.focus();
      box.setSelectionRange(text.length, text.length);
    },
    focus() {
      fit(box);
      // Where there is no hovering there is a keyboard on the screen: it comes when it is wanted.
      if (!touch.matches) box.focus({ preventScroll: true });
    },
    isEmpty: () => box.value.trim() === '',
  };
}

/** In characters as the server counts them, not in UTF-16 units. */
const length = (text) => (text.length < COUNT_FROM ? text.length : [...text].length);

function fit(box) {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
}
