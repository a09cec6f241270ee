// The messages of the open conversation. One element a message; a call and its result share one card.

import { clockTime, dayHeading } from '../dates.js';
import { byId, h, icon } from '../dom.js';
import { toolCard } from './tool-card.js';

/** Draws into the page's list. `onTask(number)` is told when a task of a tool card is clicked. */
export class MessageList {
  #list = byId('messages');
  #calls = new Map();
  #day = '';
  #onTask;

  constructor(onTask) {
    this.#onTask = onTask;
  }

  /** Draws a conversation from its beginning. */
  reset(messages) {
    this.#list.replaceChildren();
    this.#calls.clear();
    this.#day = '';
    for (const message of messages) this.append(message);
  }

  append(message) {
    if (message.message_type === 'response' && this.#finishCall(message)) return;
    this.#separateDays(new Date(message.created_at));
    this.#list.append(this.#element(message));
  }

  #element(message) {
    if (message.message_type === 'command' && message.tool_call) {
      const card = toolCard(message, undefined, this.#onTask);
      this.#calls.set(message.tool_call.id, { command: message, card });
      return card;
    }
    if (message.code) return notice(message);
    return message.role === 'user' ? said(message) : answered(message);
  }

  /** True when the result found its call, which it nearly always does. */
  #finishCall(message) {
    const call = this.#calls.get(message.tool_result?.call_id);
    if (call === undefined) return false;
    const card = toolCard(call.command, message, this.#onTask);
    call.card.replaceWith(card);
    call.card = card;
    return true;
  }

  #separateDays(date) {
    const heading = dayHeading(date);
    if (heading === this.#day) return;
    this.#day = heading;
    this.#list.append(h('li', { class: 'day' }, h('span', {}, heading)));
  }
}

const meta = (message) => ({
  id: message.id,
  ...(message.client_message_id && { clientId: message.client_message_id }),
});

const said = (message) =>
  h(
    'li',
    { class: 'message user', data: meta(message) },
    h('span', { class: 'unseen' }, 'You: '),
    h('p', { class: 'text' }, message.content),
    time(message),
  );

function answered(message) {
  const text = h('div', { class: 'prose' });
  // The server renders the Markdown and cleans the HTML; the CSP would stop a script all the same.
  if (message.html) text.innerHTML = message.html;
  else text.append(h('p', { class: 'text' }, message.content));
  for (const link of text.querySelectorAll('a[href]'))
    Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
  return h(
    'li',
    { class: 'message assistant', data: meta(message) },
    h('span', { class: 'unseen' }, 'Errand: '),
    text,
    time(message),
  );
}

const notice = (message) =>
  h(
    'li',
    { class: 'notice error', data: meta(message) },
    icon('alert'),
    h('p', { class: 'text' }, message.content),
  );

const time = (message) =>
  h('time', { datetime: message.created_at, class: 'time' }, clockTime(new Date(message.created_at)));
