// The card to log in or to register. It can be shown over a page that is in use (the token expired): what was typed
// behind it stays.

import * as api from './api.js';
import { ApiError } from './api.js';
import { byId, say } from './dom.js';

const FIELDS = ['username', 'email', 'password'];
const GREETING = 'Say what has to be done. Errand keeps the list, on every screen.';
let registering = false;

/** Shows the card; resolves to a token when somebody has logged in. */
export function welcome({ note = GREETING, username = '' } = {}) {
  byId('welcome').hidden = false;
  byId('welcome-note').textContent = note;
  if (username !== '') byId('username').value = username;
  switchTo(false);
  byId(username === '' ? 'username' : 'password').focus();
  return new Promise((resolve) => {
    byId('welcome-form').onsubmit = async (event) => {
      event.preventDefault();
      const token = await submit();
      if (token === null) return;
      byId('welcome').hidden = true;
      byId('password').value = '';
      resolve(token);
    };
  });
}

byId('welcome-toggle').onclick = () => {
  switchTo(!registering);
  byId('username').focus();
};
byId('password-peek').onclick = ({ currentTarget: button }) => {
  const hidden = byId('password').type === 'password';
  byId('password').type = hidden ? 'text' : 'password';
  button.setAttribute('aria-pressed', hidden);
  button.setAttribute('aria-label', hidden ? 'Hide password' : 'Show password');
};

function switchTo(register) {
  registering = register;
  byId('welcome-title').textContent = register ? 'Create your account' : 'Log in to Errand';
  byId('welcome-submit').textContent = register ? 'Create account' : 'Log in';
  byId('welcome-question').textContent = register ? 'Registered already?' : 'New here?';
  byId('welcome-toggle').textContent = register ? 'Log in' : 'Create an account';
  byId('email-field').hidden = !register;
  byId('password-hint').hidden = !register;
  byId('password').autocomplete = register ? 'new-password' : 'current-password';
  showErrors({});
}

/** The token, or null when something has to be put right first. */
async function submit() {
  const form = Object.fromEntries(FIELDS.map((name) => [name, byId(name).value]));
  form.username = form.username.trim();
  form.email = form.email.trim();
  const missing = check(form);
  showErrors(missing);
  if (Object.keys(missing).length > 0) return null;
  byId('welcome-submit').disabled = true;
  try {
    if (registering) await api.register(form.email, form.username, form.password);
    return (await api.logIn(form.username, form.password)).access_token;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showErrors(placed(error));
    return null;
  } finally {
    byId('welcome-submit').disabled = false;
  }
}

/** What can be told without the server. */
function check({ username, email, password }) {
  const errors = {};
  if (username === '') errors.username = 'Write your username.';
  if (registering && !/^\S+@\S+$/.test(email)) errors.email = 'Write an e-mail address, like ann@example.org.';
  if (password === '') errors.password = 'Write your password.';
  else if (registering && [...password].length < 8) errors.password = 'At least 8 characters.';
  else if (registering && [...password].length > 128) errors.password = 'At most 128 characters.';
  return errors;
}

/** The server says what is wrong in one sentence: it stands at the field that it names, if it names one alone. */
function placed(error) {
  const named = FIELDS.filter((name) => error.message.toLowerCase().replace('e-mail', 'email').includes(name));
  return named.length === 1 ? { [named[0]]: error.message } : { form: error.message };
}

function showErrors(errors) {
  say(byId('welcome-error'), errors.form);
  for (const name of FIELDS) {
    say(byId(`${name}-error`), errors[name]);
    byId(name).setAttribute('aria-invalid', errors[name] !== undefined);
  }
  const first = FIELDS.find((name) => errors[name] !== undefined);
  if (first !== undefined) byId(first).focus();
}
