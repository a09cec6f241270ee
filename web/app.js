// The start of the page: makes the stores, joins them to the socket and to the two views, and sees to it that somebody
// is logged in.

import * as account from './account.js';
import { startAccountMenu } from './agents/menu.js';
import { whenUnauthorized } from './api.js';
import { Board } from './board/view.js';
import { Chat } from './chat/view.js';
import { byId } from './dom.js';
import { feed } from './feed.js';
import { startShell } from './shell.js';
import { Connection } from './socket.js';
import { Conversations } from './store/conversations.js';
import { Tasks } from './store/tasks.js';
import { toast } from './toasts.js';
import { welcome } from './welcome.js';

const tasks = new Tasks();
const conversations = new Conversations();
const connection = new Connection();
let user = null;
let asking = false;

const board = new Board(tasks);
const chat = new Chat({ connection, conversations, tasks, showTask: (number) => board.showTask(number) });
startShell(connection, logOut);
startAccountMenu();
feed(connection, tasks, conversations, (notice) => chat.serverNotice(notice) || toast(notice.message, 'error'));

connection.addEventListener('refused', sessionEnded);
whenUnauthorized(sessionEnded);
account.onChangeElsewhere(() => (account.loggedIn() ? enter() : sessionEnded()));

if (account.loggedIn()) enter();
else leave();

/** There is a token: show the work. */
function enter() {
  const { sub, name } = account.claims();
  // Another person: nothing of the one before may stay, not even in memory.
  if (user !== null && user !== sub) return startAfresh();
  user = sub;
  asking = false;
  byId('welcome').hidden = true;
  byId('app').hidden = false;
  byId('who-name').textContent = name ?? '';
  connection.start(account.token());
  chat.focus();
  return undefined;
}

/** There is none: ask for it. */
async function leave(words) {
  if (asking) return;
  asking = true;
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  byId('app').hidden = true;
  const token = await welcome(words);
  account.keep(token);
  enter();
}

function sessionEnded() {
  connection.stop();
  const username = account.claims()?.name ?? byId('who-name').textContent;
  account.forget();
  leave(
    user === null ? undefined : { note: 'Your session has ended. Log in again: what you typed is kept.', username },
  );
}

function logOut() {
  account.forget();
  startAfresh();
}

function startAfresh() {
  sessionStorage.clear();
  location.reload();
}
