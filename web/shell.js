// The frame around chat and board: the connection, the theme, the two tabs of a narrow screen with their badges.

import { byId } from './dom.js';

const narrow = matchMedia('(max-width: 859px)');
const WORDS = { connecting: 'Connecting', live: 'Live', stopped: 'Offline' };

/** True while this view can be seen: both can on a wide screen, one on a narrow one. */
export const isShown = (view) => !document.hidden && (!narrow.matches || document.body.dataset.view === view);

/** Shows a view on a narrow screen; on a wide one both are there already. */
export function show(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll('.tabs button')) {
    if (tab.dataset.to === view) tab.setAttribute('aria-current', 'true');
    else tab.removeAttribute('aria-current');
  }
  setBadge(view, 0);
}

const counts = { chat: 0, board: 0 };

/** Counts what happened in a view that is not seen. */
export const bumpBadge = (view, more = 1) => setBadge(view, isShown(view) ? 0 : counts[view] + more);

function setBadge(view, count) {
  counts[view] = count;
  const badge = document.querySelector(`.tabs [data-to=${view}] .badge`);
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? '99+' : count;
  badge.setAttribute('aria-label', `${count} new`);
}

/** Wires the top bar and the tabs, once. */
export function startShell(connection, logOut) {
  for (const tab of document.querySelectorAll('.tabs button')) tab.onclick = () => show(tab.dataset.to);
  document.addEventListener(
    'visibilitychange',
    () => isShown(document.body.dataset.view) && setBadge(document.body.dataset.view, 0),
  );
  document.querySelector('.skip').onclick = () => show('chat');
  byId('log-out').onclick = logOut;
  byId('theme').onclick = () => errandTheme.toggle();
  document.documentElement.addEventListener('errand-theme', drawTheme);
  drawTheme();
  byId('connection').onclick = () => connection.retryNow();
  connection.addEventListener('state', () => drawConnection(connection));
  setInterval(() => connection.state === 'waiting' && drawConnection(connection), 1000);
}

function drawTheme() {
  const dark = errandTheme.shown() === 'dark';
  const label = dark ? 'Use the light theme' : 'Use the dark theme';
  byId('theme')
    .querySelector('use')
    .setAttribute('href', `/icons.svg#${dark ? 'sun' : 'moon'}`);
  byId('theme').setAttribute('aria-label', label);
  byId('theme').title = label;
}

function drawConnection({ state, retryAt, crowded }) {
  const seconds = Math.max(1, Math.round((retryAt - Date.now()) / 1000));
  byId('connection').dataset.state = state;
  byId('connection').title = state === 'waiting' ? `Trying again in ${seconds} s; click to try now` : '';
  const words = crowded ? 'Open in too many windows' : (WORDS[state] ?? 'Reconnecting');
  if (byId('connection-text').textContent !== words) byId('connection-text').textContent = words;
}
