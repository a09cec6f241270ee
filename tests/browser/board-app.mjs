// The board in other people's assistants (MCP Apps) in a real browser: a small host shows it under the policy that hosts
// have to set, and passes its calls on to a real server. Started like main-job.mjs.
// To add a check: one more `check(name, async () => {…})`, in the order of the story.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { Agent } from './agent.mjs';
import { options } from './options.mjs';
import { Report } from './report.mjs';
import { server } from './server.mjs';

const URI = 'ui://errand/board.html';
/** What a host has to set when a board asks for nothing (MCP Apps, 2026-01-26), and no forms: some allow none. */
const POLICY = [
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
  "media-src 'self' data:; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'self'",
].join('; ');
const HOST = 'http://host.test/';
const BOARD = 'http://board.test/';
const CAN_DO = { serverTools: {}, updateModelContext: { text: {} } };

const given = options();
const running = await server(given);
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox', '--disable-gpu'] });
const hostPage = await readFile(new URL('host-page.html', import.meta.url), 'utf8');
const report = new Report(given);
const { check } = report;
const shot = (name) => report.shot(page, name, { fullPage: true });
const complaints = [];
let agent;
let page;
let board;
let html;

/** Somebody with a token, made by the same endpoints as everybody's. */
async function person(name) {
  const post = async (path, body) => {
    const response = await fetch(running.base + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const who = { username: name, email: `${name}@example.org`, password: 'correct horse battery' };
  await post('/api/v1/auth/register', who);
  return new Agent(running.base, (await post('/api/v1/auth/login', who)).access_token, 'Test host');
}

/** Opens a host that has called `list_tasks` with these arguments and shows the board for it. */
async function open({ input = {}, capabilities = CAN_DO, context = {}, result, width = 720 } = {}) {
  await page?.context().close();
  const browsing = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'Europe/Madrid' });
  page = await browsing.newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => complaints.push(`${error.stack}`));
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && complaints.push(line.text()));
  await page.route(HOST, (route) => route.fulfill({ contentType: 'text/html', body: hostPage }));
  await page.route(BOARD, (route) =>
    route.fulfill({ contentType: 'text/html', headers: { 'Content-Security-Policy': POLICY }, body: html }),
  );
  await page.exposeFunction('callTool', (name, args) => agent.call(name, args));
  await page.goto(HOST);
  const shown = result ?? (await agent.call('list_tasks', input));
  await page.evaluate((settings) => open(settings), { board: BOARD, input, capabilities, context, result: shown });
  board = page.frameLocator('iframe');
}

const section = (name) => board.locator('.section', { has: board.getByRole('heading', { name: new RegExp(`^${name}`) }) });
const cardIn = (name, title) => section(name).locator('.card', { has: board.getByRole('heading', { name: title, exact: true }) });
const notice = () => board.locator('#notice-text');
const said = (method) => page.evaluate((name) => host.said.filter((message) => message.method === name), method);
const taskOf = async (title) =>
  (await agent.call('list_tasks', { status: 'all' })).structuredContent.tasks.find((task) => task.title === title);

try {
  agent = await person(`ann${Date.now().toString(36)}`);
  await story();
} finally {
  await browser.close();
  await running.stop();
}
report.end();

async function story() {
  const made = await agent.call('create_tasks', {
    tasks: [
      { title: 'Call the dentist', due: '2026-11-22', priority: 'urgent', description: 'Ask about the wisdom tooth' },
      { title: 'Water the plants' },
      { title: '<img src=x onerror=alert(1)> & "quotes"', priority: 'low' },
    ],
  });
  assert.equal(made.isError ?? false, false);
  await check('the server offers the board as an MCP App', async () => {
    const { tools } = await agent.ask('tools/list', {}, '');
    assert.equal(tools.find(({ name }) => name === 'list_tasks')._meta.ui.resourceUri, URI);
    const resource = await agent.read(URI);
    assert.equal(resource.mimeType, 'text/html;profile=mcp-app');
    html = resource.text;
  });
  await shows();
  await changes();
  await failures();
  await looks();
  await check('nothing complained, and nothing was forbidden', () => assert.deepEqual(complaints, []));
}

async function shows() {
  await open();
  await check('shows the tasks that were listed', async () => {
    await cardIn('To do', 'Call the dentist').waitFor();
    assert.equal(await section('To do').locator('.card').count(), 3);
    assert.equal(await board.locator('#heading').innerText(), 'Found 3 tasks');
    assert.match(await cardIn('To do', 'Call the dentist').innerText(), /Urgent/);
    assert.match(await cardIn('To do', 'Call the dentist').locator('.due').innerText(), /\w/);
  });
  await check('a title is text, whatever it says', async () => {
    await cardIn('To do', '<img src=x onerror=alert(1)> & "quotes"').waitFor();
    assert.equal(await board.locator('#sections img').count(), 0);
  });
  await check('tells the host how high it is', async () => {
    const heights = (await said('ui/notifications/size-changed')).map(({ params }) => params.height);
    const { height } = await page.locator('iframe').boundingBox();
    assert.ok(heights.at(-1) > 200 && Math.abs(height - heights.at(-1)) <= 2, `${heights} and ${height}`);
  });
  await shot('board-01-light');
}

async function changes() {
  await check('completes a task at the server, and says so', async () => {
    await cardIn('To do', 'Water the plants').getByRole('button', { name: /^Complete/ }).click();
    await cardIn('Completed', 'Water the plants').waitFor();
    assert.equal((await taskOf('Water the plants')).status, 'completed');
    assert.equal(await notice().innerText(), '“Water the plants” completed');
  });
  await shot('board-02-completed');
  await check('the model is told what was done, by ids only', async () => {
    const [{ text }] = (await said('ui/update-model-context')).at(-1).params.content;
    assert.match(text, /t_\d+ completed/);
    assert.doesNotMatch(text, /plants/);
  });
  await check('undoes it', async () => {
    await board.getByRole('button', { name: 'Undo' }).click();
    await cardIn('To do', 'Water the plants').waitFor();
    assert.equal((await taskOf('Water the plants')).status, 'pending');
    assert.match(await notice().innerText(), /^Taken back: /);
  });
  await check('moves a task to another day by keyboard', async () => {
    await cardIn('To do', 'Water the plants').getByRole('button', { name: /^Reschedule/ }).press('Enter');
    await shot('board-03-reschedule');
    await board.getByRole('button', { name: 'Tomorrow' }).press('Enter');
    await cardIn('To do', 'Water the plants').locator('.due', { hasText: 'tomorrow' }).waitFor();
    assert.match((await taskOf('Water the plants')).due, /^\d{4}-\d{2}-\d{2}$/);
  });
  await check('gives a task a time of the reader’s zone', async () => {
    await cardIn('To do', 'Water the plants').getByRole('button', { name: /^Reschedule/ }).click();
    await board.getByLabel('Due date').fill('2027-07-01');
    await board.getByLabel('Time').fill('09:30');
    await board.getByLabel('Time').press('Enter');
    await cardIn('To do', 'Water the plants').locator('.due', { hasText: '09:30' }).waitFor();
    assert.equal(new Date((await taskOf('Water the plants')).due).toISOString(), '2027-07-01T07:30:00.000Z');
    assert.equal((await taskOf('Water the plants')).status, 'pending', 'the key that saves presses nothing else');
  });
  await check('takes a date away, and gives it back', async () => {
    await cardIn('To do', 'Water the plants').getByRole('button', { name: /^Reschedule/ }).click();
    await board.getByRole('button', { name: 'No date' }).click();
    await notice().filter({ hasText: 'freed from its date' }).waitFor();
    assert.equal((await taskOf('Water the plants')).due, undefined);
    await board.getByRole('button', { name: 'Undo' }).click();
    await cardIn('To do', 'Water the plants').locator('.due', { hasText: '09:30' }).waitFor();
  });
  await check('the description survives what only moves a task', async () => {
    await open({ input: { detail: 'full' } });
    await cardIn('To do', 'Call the dentist').getByRole('button', { name: /^Complete/ }).click();
    await cardIn('Completed', 'Call the dentist').getByText('Ask about the wisdom tooth').waitFor();
    await cardIn('Completed', 'Call the dentist').getByRole('button', { name: /^Reopen/ }).click();
    await cardIn('To do', 'Call the dentist').waitFor();
  });
  await check('a page of a longer list goes on', async () => {
    await open({ input: { limit: 2 } });
    await board.getByRole('button', { name: 'Show more' }).click();
    await section('To do').locator('.card').nth(2).waitFor();
    assert.equal(await board.getByRole('button', { name: 'Show more' }).isVisible(), false);
  });
}

async function failures() {
  await check('a task that is gone meanwhile is said to be, and nothing else changes', async () => {
    await open();
    await cardIn('To do', 'Water the plants').waitFor();
    const { id } = await taskOf('Water the plants');
    await agent.call('delete_tasks', { ids: [id] });
    await cardIn('To do', 'Water the plants').getByRole('button', { name: /^Complete/ }).click();
    await board.locator('.notice.error').waitFor();
    assert.equal(await cardIn('To do', 'Water the plants').getAttribute('aria-busy'), null);
    await board.getByRole('button', { name: 'Reload' }).click();
    await cardIn('To do', 'Water the plants').waitFor({ state: 'detached' });
  });
  await check('a call that was refused shows why', async () => {
    await open({ result: { isError: true, content: [{ type: 'text', text: 'due_from must be a day' }] } });
    await notice().filter({ hasText: 'due_from must be a day' }).waitFor();
  });
  await check('a host that passes on only the text shows the same', async () => {
    const { content } = await agent.call('list_tasks');
    await open({ result: { content } });
    await cardIn('To do', 'Call the dentist').waitFor();
  });
  await check('a host that calls no tools gets a list to read', async () => {
    await open({ capabilities: {} });
    await cardIn('To do', 'Call the dentist').waitFor();
    assert.equal(await board.getByRole('button', { name: /^Complete/ }).first().isDisabled(), true);
    assert.equal(await board.getByRole('button', { name: /^Reschedule/ }).count(), 0);
    assert.equal(await board.getByRole('button', { name: 'Reload' }).isVisible(), false);
  });
  await check('an empty list says that it is', async () => {
    await open({ input: { query: 'nothing is called so' } });
    await board.getByText('There is nothing on this list.').waitFor();
  });
  await check('what is not from the host is not heard', async () => {
    const frame = page.frames().find((one) => one.url() === BOARD);
    await frame.evaluate(() => {
      const result = { structuredContent: { tasks: [], total: 99 } };
      postMessage({ jsonrpc: '2.0', method: 'ui/notifications/tool-result', params: result }, '*');
      return new Promise((done) => setTimeout(done, 200));
    });
    assert.doesNotMatch(await board.locator('#heading').innerText(), /99/);
  });
}

async function looks() {
  const { tasks } = (await agent.call('list_tasks')).structuredContent;
  await agent.call('update_tasks', { updates: [{ id: tasks[0].id, status: 'in_progress' }] });
  await check('is dark when the host is, and follows it', async () => {
    await open({ context: { theme: 'dark' }, input: { status: 'all' } });
    await cardIn('In progress', 'Call the dentist').waitFor();
    const paper = () => board.locator('.card').first().evaluate((card) => getComputedStyle(card).backgroundColor);
    const dark = await paper();
    await shot('board-04-dark');
    await page.evaluate(() => tell({ method: 'ui/notifications/host-context-changed', params: { theme: 'light' } }));
    await board.locator(':root[data-theme=light]').waitFor();
    assert.notEqual(await paper(), dark);
  });
  await check('fits a narrow frame', async () => {
    await open({ width: 320, input: { status: 'all' } });
    await cardIn('In progress', 'Call the dentist').waitFor();
    assert.equal(await board.locator(':root').evaluate((root) => root.scrollWidth - innerWidth), 0);
    await shot('board-05-narrow');
  });
  await check('takes the host’s colours when they are whole', async () => {
    const names = ['background-primary', 'background-secondary', 'text-primary', 'text-secondary', 'border-primary'];
    const variables = Object.fromEntries(names.map((name) => [`--color-${name}`, 'rgb(1, 2, 3)']));
    await open({ context: { styles: { variables } } });
    await cardIn('In progress', 'Call the dentist').waitFor();
    const colour = (element) => getComputedStyle(element).backgroundColor;
    assert.equal(await board.locator('.card').first().evaluate(colour), 'rgb(1, 2, 3)');
  });
}
