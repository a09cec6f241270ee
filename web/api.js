// The REST interface: one function an endpoint, one error type.
// To add an endpoint: add a line at the bottom; `call` does the token, the JSON and the errors.

import { token } from './account.js';

/**
 * A request that failed. `status` is 0 when the server was not reached; `fields` has the messages by field, where the
 * server gave any.
 */
export class ApiError extends Error {
  constructor(status, message, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

let onUnauthorized = () => {};

/** What to do when the server does not take the token any more. */
export const whenUnauthorized = (callback) => (onUnauthorized = callback);

async function call(method, path, body, { bare = false } = {}) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (!bare) headers.Authorization = `Bearer ${token()}`;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
    });
  } catch {
    throw new ApiError(0, 'The server cannot be reached.');
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401 && !bare) onUnauthorized();
  throw failure(response, answer ?? {});
}

function failure(response, body) {
  const fields = body.details !== null && typeof body.details === 'object' ? body.details : {};
  if (response.status === 429) {
    const wait = response.headers.get('Retry-After');
    return new ApiError(
      429,
      wait ? `Too many requests. Try again in ${wait} s.` : 'Too many requests. Try again in a moment.',
      fields,
    );
  }
  const text = [body.detail, body.message, body.error].find((part) => typeof part === 'string' && part !== '');
  return new ApiError(response.status, text ?? `The server answered ${response.status}.`, fields);
}

const session = (id) => `/api/chat/sessions/${encodeURIComponent(id)}`;
const task = (id) => `/api/tasks/${encodeURIComponent(id)}`;
const client = (id) => `/account/clients/${encodeURIComponent(id)}`;
const accessToken = (id) => `/account/tokens/${encodeURIComponent(id)}`;

export const register = (email, username, password) =>
  call('POST', '/api/v1/auth/register', { email, username, password }, { bare: true });
export const logIn = (username, password) => call('POST', '/api/v1/auth/login', { username, password }, { bare: true });

export const conversations = () => call('GET', '/api/chat/sessions');
export const addConversation = (title) => call('POST', '/api/chat/sessions', { title });
export const renameConversation = (id, title) => call('PATCH', session(id), { title });
export const deleteConversation = (id) => call('DELETE', session(id));
export const messages = (id) => call('GET', `${session(id)}/messages`);

export const addTask = (fields) => call('POST', '/api/tasks/', fields);
export const changeTask = (id, fields) => call('PUT', task(id), fields);
export const deleteTask = (id) => call('DELETE', task(id));

export const clients = () => call('GET', '/account/clients');
export const disconnect = (id) => call('DELETE', client(id));
export const accessTokens = () => call('GET', '/account/tokens');
export const addAccessToken = (fields) => call('POST', '/account/tokens', fields);
export const removeAccessToken = (id) => call('DELETE', accessToken(id));
