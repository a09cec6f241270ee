// The chat: which conversation is open, what of it is drawn, and how a written message gets to the server.

import * as api from '../api.js';
import { ApiError } from '../api.js';
import { zone } from '../dates.js';
import { byId, oncePerFrame } from '../dom.js';
import { bumpBadge } from '../shell.js';
import { announce, toast } from '../toasts.js';
import { startComposer } from './composer.js';
import { startDrawer } from './drawer.js';
import { MessageList } from './messages.js';
import { Outbox } from './outbox.js';
import { startScroll } from './scroll.js';
import { startSuggestions } from './suggestions.js';
import { startTaskLinks } from './task-links.js';
import { drawTurn } from './turn.js';

const OPEN = 'errand.conversation';
const TITLE = 60;
/** A conversation that got its first message within so many ms of its making has just begun. */
const JUST_BEGUN = 15_000;
/** How often (ms) a turn is looked at that nobody has heard of: at some time it is over. */
const CLOCK = 15_000;

export class Chat {
  /** The id of the open conversation; null: a new one, which the server has with its first message. */
  #open = sessionStorage.getItem(OPEN);
  /** True once the list of conversations has come, so that one that is not in it is gone. */
  #listed = false;
  #connection;
  #conversations;
  #list;
  #outbox;
  #composer;
  #drawer;
  #scroll = startScroll();
  /** True when messages were added since the last drawing. */
  #grown = false;
  #soon = oncePerFrame(() => this.#drawAround());

  /** `showTask(number)` brings a task's card into view; false when there is none. */
  constructor({ connection, conversations, tasks, showTask }) {
    this.#connection = connection;
    this.#conversations = conversations;
    this.#list = new MessageList((number) => showTask(number) || toast('This task is not on the board any more.'));
    this.#outbox = new Outbox((message) => this.#deliver(message));
    this.#composer = startComposer({
      outbox: this.#outbox,
      send: (text) => this.#outbox.post(text, this.#open),
      stop: () => this.#stop(),
    });
    this.#drawer = startDrawer(conversations, { open: (id) => this.#choose(id), current: () => this.#open });
    startSuggestions(this.#composer.fill);
    startTaskLinks(tasks);
    this.#listen();
    this.#draw();
  }

  focus() {
    this.#composer.focus();
  }

  /** An `error` frame: true when it was about the message on its way, which then says so itself. */
  serverNotice({ message, client_message_id: clientId }) {
    return this.#outbox.refused(message, clientId);
  }

  #listen() {
    const on = (type, act) => this.#conversations.addEventListener(type, ({ detail }) => void act(detail));
    on('messages', ({ id, message }) => id === this.#open && this.#messagesChanged(message));
    on('arrived', (message) => this.#arrived(message));
    on('run', ({ id }) => id === this.#open && this.#soon());
    on('list', () => this.#listChanged());
    on('forgotten', () => this.#readAgain());
    setInterval(this.#soon, CLOCK);
    this.#connection.addEventListener('state', ({ detail: state }) => {
      this.#composer.setLive(state === 'live');
      if (state === 'live') void this.#outbox.retry();
      else this.#outbox.lineCut();
    });
  }

  /** Makes sure there is a conversation, then writes the frame; false when the line is not live. */
  async #deliver(message) {
    if (this.#connection.state !== 'live') return false;
    if (message.conversationId === null) {
      const made = await api.addConversation(titleOf(message.text));
      message.conversationId = made.id;
      this.#conversations.put(made);
      if (this.#open === null) await this.#show(made.id);
    }
    return this.#connection.send('message', {
      content: message.text,
      session_id: message.conversationId,
      user_timezone: zone,
      client_message_id: message.id,
    });
  }

  #stop() {
    if (this.#connection.send('cancel_turn', { session_id: this.#open })) this.#conversations.stopping(this.#open);
  }

  /** The user opens a conversation. */
  #choose(id) {
    void this.#show(id);
    this.#composer.focus();
  }

  async #show(id) {
    this.#open = id;
    if (id === null) sessionStorage.removeItem(OPEN);
    else sessionStorage.setItem(OPEN, id);
    this.#conversations.unread.delete(id);
    this.#draw();
    if (id !== null) await this.#load(id);
  }

  async #load(id) {
    try {
      await this.#conversations.open(id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (id !== this.#open || error.status === 401) return;
      if (error.status === 404 || error.status === 403) await this.#show(null);
      else toast(`The messages could not be read. ${error.message}`, 'error');
    }
  }

  #draw() {
    this.#list.reset(this.#open === null ? [] : this.#conversations.messages(this.#open));
    this.#drawAround();
    this.#scroll.toEnd();
  }

  /** Everything around the messages. */
  #drawAround() {
    this.#drawHead();
    this.#composer.setRun(drawTurn(this.#conversations, this.#open, this.#composer.fill));
    this.#scroll.grown(this.#grown);
    this.#grown = false;
  }

  #drawHead() {
    const title = this.#open === null ? 'New conversation' : (this.#conversations.get(this.#open)?.title ?? '');
    byId('conversation-title').textContent = title;
    byId('conversation-title').title = title;
    const empty =
      this.#open === null ||
      (this.#conversations.isLoaded(this.#open) && this.#conversations.messages(this.#open).length === 0);
    byId('suggestions').hidden = !empty;
    this.#drawer.draw();
  }

  #messagesChanged(message) {
    if (message === undefined) return this.#draw();
    this.#list.append(message);
    this.#grown = true;
    return this.#soon();
  }

  #arrived(message) {
    const { session_id: id, role, message_type: type } = message;
    if (role === 'user' && this.#outbox.arrived(message.client_message_id)) this.#composer.clear();
    if (this.#open === null && this.#isIdle() && this.#hasJustBegun(message)) void this.#show(id);
    if (id !== this.#open) this.#conversations.unread.add(id);
    this.#soon();
    if (role === 'user' || type === 'command' || type === 'response') return;
    if (id === this.#open) announce(`Errand: ${message.content}`);
    bumpBadge('chat');
  }

  /** An empty window follows a conversation that begins in another one. */
  #hasJustBegun(message) {
    const conversation = this.#conversations.get(message.session_id);
    return (
      conversation !== undefined && Date.parse(message.created_at) - Date.parse(conversation.created_at) < JUST_BEGUN
    );
  }

  #isIdle() {
    return this.#outbox.state === 'empty' && this.#composer.isEmpty();
  }

  #listChanged() {
    if (this.#open !== null && this.#listed && this.#conversations.get(this.#open) === undefined) void this.#show(null);
    else this.#soon();
  }

  /** Events were missed, or this is the beginning: the list and the open conversation come by REST. */
  async #readAgain() {
    try {
      await this.#conversations.reloadList();
      this.#listed = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 401) toast(`The conversations could not be read. ${error.message}`, 'error');
    }
    const newest = this.#conversations.list()[0];
    if (this.#open !== null) await this.#load(this.#open);
    else if (newest !== undefined && this.#isIdle()) await this.#show(newest.id);
  }
}

/** The title of a conversation, from its first message: one line of at most 60 characters, cut at a word. */
function titleOf(text) {
  const line = text.replace(/\s+/g, ' ').trim();
  const chars = [...line];
  if (chars.length <= TITLE) return line;
  const cut = chars.slice(0, TITLE - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > TITLE / 3 ? cut.slice(0, space) : cut}…`;
}
