// Other people's programs in a real browser: one asks, a person logs in and says yes, what it does is on their board at
// once, and they take it back. Then a token of their own. Started like main-job.mjs.
// To add a check: one more `check(name, async () => {…})`, in the order of the story.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { Agent } from './agent.mjs';
import { options } from './options.mjs';
import { Program } from './program.mjs';
import { Report } from './report.mjs';
import { server } from './server.mjs';
import { Window } from './window.mjs';

const NAME = 'Pocket Planner';
const MAY = 'see, add, change, complete and delete your tasks';

const given = options();
const running = await server(given);
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox', '--disable-gpu'] });
const program = await Program.start(running.base, NAME);
const report = new Report(given);
const { check } = report;
const user = { name: `ann${Date.now().toString(36)}`, password: 'correct horse battery' };
let home;
let agent;

const menu = async (window, entry) => {
  await window.page.getByRole('button', { name: `Account of ${user.name}` }).click();
  await window.page.getByRole('button', { name: entry, exact: true }).click();
};
const dialog = (name) => home.page.getByRole('dialog', { name, exact: true });
const close = (name) => dialog(name).getByRole('button', { name: 'Close' }).click();
const copied = () => home.page.evaluate(() => navigator.clipboard.readText());

try {
  await story();
} finally {
  await browser.close();
  await program.stop();
  await running.stop();
}
report.end();

async function story() {
  home = await Window.open(browser, running.base, { permissions: ['clipboard-read', 'clipboard-write'] });
  await home.register(user);
  await connecting();
  await aProgramIsDenied();
  await aProgramIsAllowed();
  await disconnecting();
  await tokens();
  await onThePhone();
  await check('the window had no complaint', () => assert.deepEqual(home.complaints, []));
}

async function connecting() {
  await check('the menu opens and closes by keyboard', async () => {
    await home.page.getByRole('button', { name: `Account of ${user.name}` }).press('Enter');
    await home.page.getByRole('button', { name: 'Log out' }).waitFor();
    await report.shot(home.page, 'agents-00-menu');
    await home.page.keyboard.press('Tab');
    assert.equal(await home.page.evaluate(() => document.activeElement.textContent.trim()), 'Connect an agent');
    await home.page.keyboard.press('Escape');
    await home.page.getByRole('button', { name: 'Log out' }).waitFor({ state: 'hidden' });
    assert.equal(await home.page.evaluate(() => document.activeElement.id), 'who');
  });
  await check('the menu tells how an agent is connected, and copies it', async () => {
    await menu(home, 'Connect an agent');
    await report.shot(home.page, 'agents-01-connect');
    await dialog('Connect an agent').getByRole('button', { name: 'Copy: Address' }).click();
    assert.equal(await copied(), `${running.base}/mcp`);
    await dialog('Connect an agent').getByRole('button', { name: 'Copy: Claude Code, in a terminal' }).click();
    assert.equal(await copied(), `claude mcp add --scope user --transport http errand ${running.base}/mcp`);
    await close('Connect an agent');
  });
  await check('nothing is connected yet', async () => {
    await menu(home, 'Connected apps');
    await dialog('Connected apps').getByText('No program is connected.').waitFor();
    await home.page.keyboard.press('Escape');
    await dialog('Connected apps').waitFor({ state: 'hidden' });
  });
}

/** Another browser, in which nobody is logged in, sent to be asked by the program, and logged in there. */
async function asked(settings) {
  const window = await Window.open(browser, await program.begin(), settings);
  await window.page.getByText(NAME).waitFor();
  await window.page.getByLabel('Username or e-mail').fill(user.name);
  await window.page.getByLabel('Password').fill(user.password);
  await window.page.getByRole('button', { name: 'Log in' }).click();
  await window.page.getByRole('heading', { name: 'Connect this program to Errand?' }).waitFor();
  return window;
}

async function aProgramIsDenied() {
  await check('a program that is denied hears so, and from whom', async () => {
    const window = await asked();
    const answer = program.answer();
    await window.page.getByRole('button', { name: 'Deny' }).click();
    const { error, code, state, iss } = Object.fromEntries(await answer);
    assert.deepEqual({ error, code, state, iss }, {
      error: 'access_denied', code: undefined, state: program.state, iss: program.server.issuer,
    });
    await window.close();
  });
}

async function aProgramIsAllowed() {
  let answer;
  await check('a wrong password is said, and nothing is lost', async () => {
    const window = await Window.open(browser, await program.begin());
    await window.page.getByLabel('Username or e-mail').fill(user.name);
    await window.page.getByLabel('Password').fill('not this one');
    await window.page.getByRole('button', { name: 'Log in' }).click();
    await window.page.getByRole('alert').filter({ hasText: 'Wrong name or password.' }).waitFor();
    await window.page.getByText(NAME).waitFor();
    await window.close();
  });
  await check('a person who logs in is told who asks and for what, and says yes', async () => {
    const window = await asked({ colorScheme: 'dark' });
    const text = await window.page.locator('main').innerText();
    for (const said of [NAME, user.name, 'see your tasks', MAY, 'tasks:read', 'tasks:write']) {
      assert.ok(text.includes(said), `${said} is not in: ${text}`);
    }
    await report.shot(window.page, 'agents-02-consent-dark');
    const back = program.answer();
    await window.page.getByRole('button', { name: 'Allow' }).click();
    answer = Object.fromEntries(await back);
    assert.deepEqual([answer.state, answer.iss], [program.state, program.server.issuer]);
    assert.deepEqual(window.complaints, []);
    await window.close();
  });
  await check('the program gets a token for the code, once', async () => {
    agent = new Agent(running.base, await program.redeem(answer.code), 'whatever it says of itself');
    assert.equal(await agent.status(), 200);
  });
  await check('what it does is on the board at once, with its name', async () => {
    await agent.call('create_tasks', { tasks: [{ title: 'Pack for Lisbon', priority: 'high' }] });
    await home.card('Pack for Lisbon', 'pending').waitFor({ timeout: 3000 });
    await home.page.locator('.card .changed', { hasText: `by ${NAME}` }).waitFor({ timeout: 3000 });
    await report.shot(home.page, 'agents-03-by-program');
  });
}

async function disconnecting() {
  const row = () => dialog('Connected apps').getByRole('listitem').filter({ hasText: NAME });
  await check('it is listed: who, what it may do, since when, last used', async () => {
    await menu(home, 'Connected apps');
    const text = await row().innerText();
    assert.match(text, /nobody has checked it/);
    assert.ok(text.includes(`It may ${MAY}.`), text);
    assert.match(text, /Connected today \d\d:\d\d, last used today \d\d:\d\d/);
    await report.shot(home.page, 'agents-04-connected-light');
    await home.page.emulateMedia({ colorScheme: 'dark' });
    await report.shot(home.page, 'agents-05-connected-dark');
    await home.page.emulateMedia({ colorScheme: 'light' });
  });
  await check('it stays when the question is answered with no', async () => {
    await row().getByRole('button', { name: `Disconnect: ${NAME}` }).click();
    await report.shot(home.page, 'agents-06-question');
    await home.page.keyboard.press('Escape');
    await row().waitFor();
    assert.equal(await agent.status(), 200);
  });
  await check('disconnected by keyboard, it is refused at once', async () => {
    await row().getByRole('button', { name: `Disconnect: ${NAME}` }).press('Enter');
    await home.page.getByRole('dialog', { name: 'Disconnect this program?' }).waitFor();
    await home.page.getByRole('button', { name: 'Disconnect', exact: true }).press('Enter');
    await dialog('Connected apps').getByRole('status').filter({ hasText: `“${NAME}” is disconnected.` }).waitFor();
    assert.equal(await agent.status(), 401);
    await dialog('Connected apps').getByText('No program is connected.').waitFor();
    const focused = await home.page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    assert.equal(focused, 'Close', 'the focus is where the keyboard can go on');
  });
  await check('allowed again, it is in the open list when the person comes back to the window', async () => {
    const window = await asked();
    const back = program.answer();
    await window.page.getByRole('button', { name: 'Allow' }).click();
    await program.redeem((await back).get('code'));
    await window.close();
    await home.page.evaluate(() => dispatchEvent(new Event('focus')));
    await row().getByText(/never used/).waitFor();
    await close('Connected apps');
  });
}

async function tokens() {
  const tokens = dialog('Access tokens');
  const row = (name) => tokens.getByRole('listitem').filter({ hasText: name });
  const make = () => tokens.getByRole('button', { name: 'Make a token' });
  const shown = () => tokens.getByLabel('Token for “Night script”', { exact: true });
  await check('a token needs a name; the server’s words stand at the field', async () => {
    await menu(home, 'Access tokens');
    await make().click();
    await tokens.getByText('Write what it is for.').waitFor();
    await tokens.getByLabel('What it is for').fill('\u202e');
    await make().click();
    await tokens.locator('#token-name-error', { hasText: 'must not be empty' }).waitFor();
    // The browser itself tells of every refusal, and of this one only.
    assert.match(home.complaints.splice(0).join(), /^Failed to load resource.*400[^,]*$/);
  });
  await check('a token is made, shown once, copied, and good', async () => {
    await tokens.getByLabel('What it is for').fill('Night script');
    await make().click();
    await shown().waitFor();
    await tokens.getByRole('button', { name: 'Copy: Token for “Night script”' }).click();
    agent = new Agent(running.base, await copied(), 'script');
    assert.match(agent.token, /^errand_pat_/);
    assert.equal(await agent.status(), 200);
    assert.match(await row('Night script').innerText(), /It may see, add.*Made today .*Good until /s);
    await report.shot(home.page, 'agents-07-token-light');
    await home.page.emulateMedia({ colorScheme: 'dark' });
    await report.shot(home.page, 'agents-08-token-dark');
    await home.page.emulateMedia({ colorScheme: 'light' });
  });
  await check('it is not there any more when the dialog is opened again', async () => {
    await close('Access tokens');
    assert.equal(await home.page.getByText(agent.token).count(), 0);
    assert.equal(await home.page.locator('#token-value').count(), 0);
    await menu(home, 'Access tokens');
    await row('Night script').getByText(/last used today/).waitFor();
  });
  await check('one that may only see lets nothing be changed', async () => {
    await tokens.getByLabel('What it is for').fill('Reader');
    await tokens.getByLabel('Only see tasks').check();
    await tokens.getByLabel('No end').check();
    await make().click();
    await row('Reader').waitFor();
    assert.match(await row('Reader').innerText(), /It may see your tasks\.[^]*Good until it is revoked/);
    const reader = new Agent(running.base, await tokens.locator('#token-value').inputValue(), 'reader');
    const { tasks } = (await reader.call('list_tasks')).structuredContent;
    assert.deepEqual(tasks.map(({ title }) => title), ['Pack for Lisbon']);
    await assert.rejects(reader.call('create_tasks', { tasks: [{ title: 'No' }] }));
  });
  await check('revoked, it is refused at once, and the other is not', async () => {
    await row('Night script').getByRole('button', { name: 'Revoke: Night script' }).click();
    await home.page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await tokens.getByRole('status').filter({ hasText: '“Night script” is revoked.' }).waitFor();
    assert.equal(await agent.status(), 401);
    assert.equal(await row('Night script').count(), 0);
    await tokens.locator('#token-value').waitFor();
    await close('Access tokens');
  });
}

async function onThePhone() {
  const phone = await Window.open(browser, running.base, {
    viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
  });
  await phone.logIn(user);
  const entries = { connect: 'Connect an agent', connected: 'Connected apps', tokens: 'Access tokens' };
  for (const [name, entry] of Object.entries(entries)) {
    await check(`on a phone nothing is wider than the screen: ${entry}`, async () => {
      await menu(phone, entry);
      const box = phone.page.getByRole('dialog', { name: entry, exact: true });
      await box.waitFor();
      if (name !== 'connect') await box.getByRole('listitem').first().waitFor();
      assert.equal(await phone.overflow(), 0);
      assert.equal(await box.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth), 0);
      await report.shot(phone.page, `agents-09-phone-${name}`);
      await box.getByRole('button', { name: 'Close' }).tap();
    });
  }
  await check('the page on which a program asks fits a phone', async () => {
    const window = await asked({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    assert.equal(await window.overflow(), 0);
    await report.shot(window.page, 'agents-10-phone-consent');
    await window.close();
  });
  await check('the phone had no complaint', () => assert.deepEqual(phone.complaints, []));
}
