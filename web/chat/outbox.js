// The one message on its way. It has an id of its own that stays through every try, so the server runs it once however
// often it is sent.
// It survives a reload of the window: what was typed is never lost.

import { newId } from '../dom.js';

const KEY = 'errand.outbox';
/** So long (ms) may the server take to say that it has the message. */
const PATIENCE = 12_000;

/** Event `change`: look at `state` (`empty`, `sending`, `waiting` for the connection, `failed`) and `reason`. */
export class Outbox extends EventTarget {
  state = 'empty';
  reason = '';
  #message = null;
  #deliver;
  #timer = 0;

  /**
   * `deliver(message)`: makes sure there is a conversation and writes the frame; resolves to false when the line is not
   * live; throws Error with the reason.
   */
  constructor(deliver) {
    super();
    this.#deliver = deliver;
    this.#message = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (this.#message !== null) this.state = 'waiting';
  }

  get text() {
    return this.#message?.text ?? '';
  }

  /**
   * Sends a text to a conversation (null: a new one). The same text to the same place after a failure is the same
   * message.
   */
  async post(text, conversationId) {
    const same = this.#message?.text === text && this.#message.conversationId === conversationId;
    this.#keep(same ? this.#message : { id: newId(), text, conversationId });
    await this.#try();
  }

  /** The line is live again, or somebody pressed "Retry". */
  async retry() {
    if (this.#message !== null && this.state !== 'sending') await this.#try();
  }

  /**
   * The line is gone while we waited for the answer: nobody knows whether it arrived, and with its id nobody has to.
   */
  lineCut() {
    if (this.state === 'sending') this.#become('waiting');
  }

  /** The server has it: true if that was ours. */
  arrived(clientMessageId) {
    if (this.#message === null || this.#message.id !== clientMessageId) return false;
    this.discard();
    return true;
  }

  /**
   * The server does not take it (or, without an id, something): it stays, to be sent again or to be changed. True if it
   * was the one on its way.
   */
  refused(reason, clientMessageId = this.#message?.id) {
    if (this.state !== 'sending' || clientMessageId !== this.#message.id) return false;
    this.#become('failed', reason);
    return true;
  }

  /** It will not be sent; what the box holds is its writer's again. */
  discard() {
    this.#keep(null);
    this.#become('empty');
  }

  async #try() {
    this.#become('sending');
    const { id } = this.#message;
    try {
      const sent = await this.#deliver(this.#message);
      // A conversation that was made for it is where the next try has to go.
      if (this.#message?.id === id) this.#keep(this.#message);
      if (!sent && this.state === 'sending') this.#become('waiting');
    } catch (error) {
      if (this.#message?.id === id) this.#become('failed', error.message);
    }
  }

  #keep(message) {
    this.#message = message;
    if (message === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(message));
  }

  #become(state, reason = '') {
    clearTimeout(this.#timer);
    if (state === 'sending')
      this.#timer = setTimeout(() => this.#become('failed', 'The server did not answer.'), PATIENCE);
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('change'));
  }
}
