// The account menu, and what a person decides about other programs: how to connect one, which are connected, which
// tokens there are. To add an entry: a button `data-opens="its-id"` in the menu, a dialog with that id in index.html,
// and a line in OPENED when it has to be filled.

import { byId } from '../dom.js';
import { startClients } from './clients.js';
import { startConnect } from './connect.js';
import { startTokens } from './tokens.js';

/** Wires the menu and its dialogs, once. */
export function startAccountMenu() {
  startConnect();
  const OPENED = { clients: startClients(), tokens: startTokens() };
  for (const button of document.querySelectorAll('[data-opens]')) {
    const dialog = byId(button.dataset.opens);
    button.onclick = () => {
      byId('account-menu').hidePopover();
      button.closest('dialog')?.close();
      dialog.showModal();
      void OPENED[dialog.id]?.refresh();
    };
    dialog.querySelector('.close').onclick = () => dialog.close();
  }
}
