// Tokens for a person's own programs: making one, which is shown once, and revoking.

import * as api from '../api.js';
import { ApiError } from '../api.js';
import { byId, say } from '../dom.js';
import { copyField } from './copy-field.js';
import { GrantList } from './grant-list.js';
import { lastUsed, moment, scopeWords } from './words.js';

/** Wires the form; answers the list. */
export function startTokens() {
  const list = new GrantList('tokens', {
    load: api.accessTokens,
    takeBack: revoke,
    verb: 'Revoke',
    question: ({ name }) => ({
      title: 'Revoke this token?',
      text: `Programs that use “${name}” are refused from then on.`,
    }),
    done: ({ name }) => `“${name}” is revoked.`,
    lines: (token) => [
      scopeWords(token.scopes),
      `Made ${moment(token.created_at)}, ${lastUsed(token)}`,
      end(token),
    ],
    none: 'There are no tokens.',
  });
  byId('token-form').onsubmit = (event) => {
    event.preventDefault();
    void make(event.target, list);
  };
  byId('tokens').addEventListener('close', () => {
    forget();
    showErrors({});
  });
  return list;
}

async function revoke({ id }) {
  await api.removeAccessToken(id);
  if (byId('token-made').dataset.id === id) forget();
}

function end({ expires_at: at }) {
  if (at === null) return 'Good until it is revoked';
  return new Date(at) > new Date() ? `Good until ${moment(at)}` : `Ended ${moment(at)}`;
}

async function make(form, list) {
  const { name, scopes, days } = Object.fromEntries(new FormData(form));
  if (name.trim() === '') return showErrors({ name: 'Write what it is for.' });
  showErrors({});
  list.say({});
  byId('token-make').disabled = true;
  try {
    const expires = days === '' ? {} : { expires_in_days: Number(days) };
    show(await api.addAccessToken({ name, scopes: scopes.split(' '), ...expires }));
    form.reset();
    await list.refresh();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showErrors(Object.keys(error.fields).length > 0 ? error.fields : { form: error.message });
  } finally {
    byId('token-make').disabled = false;
  }
  return undefined;
}

/** It is only in the page until the dialog is closed. */
function show({ id, name, token }) {
  byId('token-made').dataset.id = id;
  byId('token-copy').replaceChildren(copyField('token-value', `Token for “${name}”`, token));
  byId('token-made').hidden = false;
  byId('token-value').focus();
}

function forget() {
  byId('token-made').hidden = true;
  byId('token-copy').replaceChildren();
}

function showErrors({ name, ...others }) {
  say(byId('token-name-error'), name);
  byId('token-name').setAttribute('aria-invalid', name !== undefined);
  say(byId('token-error'), Object.values(others).join(' '));
  if (name !== undefined) byId('token-name').focus();
}
