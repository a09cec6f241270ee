// What was allowed and when, in words.

import { clockTime, dayHeading } from '../dates.js';

/** To be read after "It may"; the same sentences as on the page where it is allowed (`Scope::in_words`). */
const SCOPES = {
  'tasks:read': 'see your tasks',
  'tasks:write': 'see, add, change, complete and delete your tasks',
};

/** What these scopes allow; who may change tasks may see them too, so that need not be said. */
export function scopeWords(scopes) {
  const said = scopes.includes('tasks:write') ? scopes.filter((scope) => scope !== 'tasks:read') : scopes;
  return `It may ${said.map((scope) => SCOPES[scope] ?? scope).join(', and ')}.`;
}

/** `today 15:27`, `Fri 27 Nov 15:27` */
export function moment(text) {
  const date = new Date(text);
  const day = dayHeading(date).replace(/^[TY].*day$/, (word) => word.toLowerCase());
  return `${day} ${clockTime(date)}`;
}

export const lastUsed = ({ last_used_at: at }) => (at === null ? 'never used' : `last used ${moment(at)}`);

/** Only a client whose description stands at an address has somebody who vouches for its name. */
export const origin = ({ host }) => (host ? `From ${host}.` : 'It chose this name itself; nobody has checked it.');
