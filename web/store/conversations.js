// Conversations, their messages and the turns that run in them.
// Messages are merged by id: history by REST gives the order, events append what is newer. Nothing is lost or doubled,
// in whichever order the two come.

import * as api from '../api.js';

/** A turn may take two minutes; one that was silent for longer is over, whatever we missed. */
const LONGEST_TURN = 130_000;

/**
 * Events:
 * - `list`: the list changed
 * - `messages`, detail `{id, message}`: one more message; without `message`: read all again
 * - `arrived`, detail a message: it is new, in whichever conversation
 * - `run`, detail `{id}`: a turn began, moved on or ended
 * - `forgotten`: messages have to be opened again
 */
export class Conversations extends EventTarget {
  #byId = new Map();
  /** What events said (null: deleted) since the list was last asked for: newer than its answer. */
  #meanwhile = new Map();
  #messages = new Map();
  #loading = new Map();
  #runs = new Map();
  #failures = new Map();
  /** Ids of conversations with messages that this window has not shown. */
  unread = new Set();

  /** Newest activity first. */
  list() {
    return [...this.#byId.values()].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  }

  get(id) {
    return this.#byId.get(id);
  }

  async reloadList() {
    this.#meanwhile = new Map();
    const all = await api.conversations();
    this.#byId = new Map(all.map((one) => [one.id, one]));
    for (const [id, one] of this.#meanwhile) {
      if (one === null) this.#byId.delete(id);
      else this.#byId.set(id, one);
    }
    this.#tell('list');
  }

  put(conversation) {
    this.#meanwhile.set(conversation.id, conversation);
    this.#byId.set(conversation.id, conversation);
    this.#tell('list');
  }

  remove(id) {
    this.#meanwhile.set(id, null);
    this.#byId.delete(id);
    for (const map of [this.#messages, this.#runs, this.#failures]) map.delete(id);
    this.unread.delete(id);
    this.#tell('list');
  }

  /** The messages of a conversation, oldest first; empty until `open` has brought them. */
  messages(id) {
    return this.#messages.get(id) ?? [];
  }

  isLoaded(id) {
    return this.#messages.has(id) && !this.#loading.has(id);
  }

  /** Brings the messages of a conversation, once; later ones come as events. */
  async open(id) {
    if (this.#loading.has(id)) return this.#loading.get(id);
    if (this.#messages.has(id)) return undefined;
    const load = this.#load(id).finally(() => this.#loading.get(id) === load && this.#loading.delete(id));
    this.#loading.set(id, load);
    return load;
  }

  /** Events were missed: what is in memory may have holes. Whoever shows messages opens them again. */
  forgetMessages() {
    // Not the runs: what runs now is told at the beginning of a connection, before this.
    for (const map of [this.#messages, this.#loading]) map.clear();
    this.#tell('forgotten');
  }

  /** A message from an event. */
  add(message) {
    const id = message.session_id;
    if (message.id === this.#runs.get(id)?.draftId) this.#clearDraft(id);
    const known = this.#messages.get(id);
    if (known?.some((one) => one.id === message.id)) return;
    known?.push(message);
    this.#touch(id, message.created_at);
    this.#noticeOpenTurn(id, message, Date.now());
    if (known !== undefined) this.#tell('messages', { id, message });
    this.#tell('arrived', message);
  }

  /** The running turn of a conversation, `{turnId, draftId, text, stopping}`, or undefined. */
  run(id) {
    const run = this.#runs.get(id);
    if (run === undefined || Date.now() - run.heard < LONGEST_TURN) return run;
    this.#runs.delete(id);
    return undefined;
  }

  turnStarted(id, turnId) {
    this.#failures.delete(id);
    this.#setRun(id, { turnId, fromStart: true });
  }

  /**
   * Text the model has just written; `reset`: what it wrote before is void. It is shown until the stored message with
   * the same id comes.
   */
  delta(id, messageId, text, reset = false) {
    const run = this.#runs.get(id) ?? {};
    // A new id is a new answer; an answer whose beginning we did not hear is shown as what it is: a part.
    const before = reset ? '' : run.draftId === messageId ? run.text : run.fromStart ? '' : '… ';
    if (this.messages(id).some((one) => one.id === messageId)) return;
    this.#setRun(id, { ...run, fromStart: true, draftId: messageId, text: before + text });
  }

  stopping(id) {
    const run = this.run(id);
    if (run !== undefined) this.#setRun(id, { ...run, stopping: true });
  }

  turnEnded(id, turnId, failure) {
    // After a resume the end of an earlier turn may be told when the next one runs already.
    const running = this.#runs.get(id)?.turnId;
    if (running !== undefined && turnId !== undefined && running !== turnId) return;
    this.#runs.delete(id);
    if (failure !== undefined) this.#failures.set(id, failure);
    this.#tell('run', { id });
  }

  /** `{code, message}` of the last turn, if it failed. */
  failure(id) {
    return this.#failures.get(id);
  }

  /** The line was cut: what was being written has a hole now, so it waits for the stored message. */
  lineCut() {
    for (const [id, run] of this.#runs)
      this.#setRun(id, { turnId: run.turnId, stopping: run.stopping, fromStart: false }, run.heard);
  }

  /** After a resume: a turn whose answer has come meanwhile is over. */
  settle() {
    for (const id of this.#runs.keys()) {
      if (this.isLoaded(id) && isAnswered(this.messages(id).at(-1))) this.turnEnded(id);
    }
  }

  async #load(id) {
    const heard = this.#messages.get(id) ?? [];
    this.#messages.set(id, heard);
    let history;
    try {
      history = await api.messages(id);
    } catch (error) {
      if (this.#messages.get(id) === heard) this.#messages.delete(id);
      throw error;
    }
    if (this.#messages.get(id) !== heard) return; // Forgotten meanwhile: a newer reading is under way.
    // What came by event while the history was read, and is not in it, is newer than it.
    const ids = new Set(history.map((one) => one.id));
    const all = [...history, ...heard.filter((one) => !ids.has(one.id))];
    this.#messages.set(id, all);
    const last = all.at(-1);
    if (isAnswered(last)) this.#runs.delete(id);
    else this.#noticeOpenTurn(id, last, Date.parse(last?.created_at));
    this.#tell('messages', { id });
  }

  /** The page was opened, or the line came back, in the middle of a turn. */
  #noticeOpenTurn(id, message, heard) {
    if (!this.#runs.has(id) && isOpenTurn(message))
      this.#setRun(id, { turnId: message.turn_id, fromStart: false }, heard);
  }

  #touch(id, time) {
    const conversation = this.#byId.get(id);
    if (conversation === undefined || conversation.updated_at >= time) return;
    this.#byId.set(id, { ...conversation, updated_at: time });
    this.#tell('list');
  }

  #clearDraft(id) {
    const { draftId: _, text: __, ...run } = this.#runs.get(id);
    this.#setRun(id, run);
  }

  #setRun(id, run, heard = Date.now()) {
    this.#runs.set(id, { ...run, heard });
    this.#tell('run', { id });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A turn ends with an answer, or with a text that says why there is none … */
const isAnswered = (message) => message?.role === 'assistant' && message.message_type === 'text';

/** … and a message that belongs to a turn and is neither is still being worked on. */
const isOpenTurn = (message) => Boolean(message?.turn_id) && !isAnswered(message);
