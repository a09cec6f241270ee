// The list of conversations: open one, begin one, rename, delete.

import * as api from '../api.js';
import { ApiError } from '../api.js';
import { clockTime, dayHeading } from '../dates.js';
import { confirm, prompt } from '../dialogs.js';
import { byId, h, iconButton } from '../dom.js';
import { toast } from '../toasts.js';

/** Makes the drawer work. `open(id)` shows a conversation, null a new one; `current()` is the id of the open one. */
export function startDrawer(conversations, { open, current }) {
  const drawer = byId('drawer');
  byId('open-drawer').onclick = () => {
    drawer.showModal();
    draw();
  };
  byId('close-drawer').onclick = () => drawer.close();
  drawer.addEventListener('click', (event) => event.target === drawer && drawer.close());
  for (const id of ['drawer-new', 'new-conversation']) byId(id).onclick = () => choose(null);
  conversations.addEventListener('list', draw);

  function choose(id) {
    drawer.close();
    open(id);
  }

  function draw() {
    byId('drawer-badge').hidden = conversations.unread.size === 0;
    byId('open-drawer').setAttribute(
      'aria-label',
      conversations.unread.size === 0
        ? 'Conversations'
        : `Conversations, ${conversations.unread.size} with new messages`,
    );
    if (!drawer.open) return;
    const focused = document.activeElement?.dataset.key;
    const list = conversations.list();
    byId('conversations').replaceChildren(
      ...(list.length > 0 ? list.map(row) : [h('li', { class: 'empty' }, 'No conversations yet.')]),
    );
    if (focused !== undefined) (drawer.querySelector(`[data-key="${focused}"]`) ?? byId('drawer-new')).focus();
  }

  function row(one) {
    const unread = conversations.unread.has(one.id);
    const when = new Date(one.updated_at);
    const heading = dayHeading(when);
    return h(
      'li',
      { class: one.id === current() ? 'current' : undefined },
      h(
        'button',
        {
          type: 'button',
          class: 'conversation',
          data: { key: `open-${one.id}` },
          'aria-current': one.id === current() ? 'true' : undefined,
          on: { click: () => choose(one.id) },
        },
        h('span', { class: 'conversation-title' }, one.title),
        h(
          'span',
          { class: 'conversation-when' },
          unread && h('span', { class: 'dot-badge inline', role: 'img', 'aria-label': 'new messages' }),
          heading === 'Today' ? clockTime(when) : heading,
        ),
      ),
      iconButton('edit', `Rename: ${one.title}`, () => rename(one), { 'data-key': `rename-${one.id}` }),
      iconButton('trash', `Delete: ${one.title}`, () => remove(one), { 'data-key': `delete-${one.id}` }),
    );
  }

  async function rename(one) {
    const title = await prompt({ title: 'Rename conversation', label: 'Title', value: one.title, yes: 'Rename' });
    if (title !== null && title !== one.title)
      await attempt(async () => conversations.put(await api.renameConversation(one.id, title)));
  }

  async function remove(one) {
    const sure = await confirm({
      title: 'Delete this conversation?',
      text: `“${one.title}” and its messages go for good. Its tasks stay on the board.`,
      yes: 'Delete',
      danger: true,
    });
    if (!sure) return;
    await attempt(async () => {
      await api.deleteConversation(one.id);
      conversations.remove(one.id);
    });
  }

  return { draw };
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(Object.values(error.fields).join(' ') || error.message, 'error');
  }
}
