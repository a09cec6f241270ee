// Who is logged in: the token, kept in localStorage so that every window of the browser shares it.

const KEY = 'errand.token';

/** The token, or null. */
export const token = () => localStorage.getItem(KEY);

/** Keeps a new token; other windows hear of it through their `storage` event. */
export const keep = (value) => localStorage.setItem(KEY, value);

export const forget = () => localStorage.removeItem(KEY);

/**
 * `{sub, name, exp}` of a token (the payload of the JWT; the server checks it, we only read it), or null when it is
 * none.
 */
export function claims(value = token()) {
  try {
    const payload = value.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** True while there is a token that has not expired by this machine's clock. */
export function loggedIn() {
  const now = claims();
  return now !== null && (now.exp === undefined || now.exp * 1000 > Date.now());
}

/** Calls back when another window logs in or out. */
export const onChangeElsewhere = (callback) =>
  addEventListener('storage', (event) => (event.key === KEY || event.key === null) && callback());
