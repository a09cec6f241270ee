// The programs that are connected, and disconnecting one.

import * as api from '../api.js';
import { GrantList } from './grant-list.js';
import { lastUsed, moment, origin, scopeWords } from './words.js';

export const startClients = () =>
  new GrantList('clients', {
    load: api.clients,
    takeBack: ({ id }) => api.disconnect(id),
    verb: 'Disconnect',
    question: ({ name }) => ({
      title: 'Disconnect this program?',
      text: `“${name}” can do nothing with your tasks any more, until you allow it again. What it did stays.`,
    }),
    done: ({ name }) => `“${name}” is disconnected.`,
    lines: (client) => [
      origin(client),
      scopeWords(client.scopes),
      `Connected ${moment(client.created_at)}, ${lastUsed(client)}`,
    ],
    none: 'No program is connected.',
  });
