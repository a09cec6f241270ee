// The page /docs in a real browser: choose a contract, get a token, try an endpoint with it. Started like main-job.mjs.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { options } from './options.mjs';
import { Report } from './report.mjs';
import { server } from './server.mjs';
import { Window } from './window.mjs';

const given = options();
const running = await server(given);
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox', '--disable-gpu'] });
const report = new Report(given);
const elsewhere = [];

const shot = (name) => report.shot(docs.page, name);

/** Tries an endpoint, and answers the status that came back. */
async function attempt(id, body) {
  const block = docs.page.locator(`.opblock[id$="-${id}"]`);
  if (!(await block.locator('.execute').isVisible())) await block.locator('.opblock-summary-control').first().click();
  if (body !== undefined) await block.locator('textarea').fill(JSON.stringify(body));
  await block.locator('.execute').click();
  return block.locator('.live-responses-table .response-col_status').nth(1).innerText();
}

async function choose(face) {
  await docs.page.getByLabel('Contract').selectOption(face);
  await docs.page.getByRole('heading', { name: `Errand: ${face}` }).waitFor();
}

let docs;
try {
  docs = await Window.open(browser, `${running.base}/docs`);
  docs.page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && !url.startsWith(running.base)) elsewhere.push(url);
  });
  await docs.page.locator('.opblock').first().waitFor();
  await shot('docs-01-first');
  const name = `ann${Date.now().toString(36)}`;
  await choose('v1');
  const account = { username: name, email: `${name}@example.org`, password: 'correct horse battery' };
  assert.match(await attempt('register', account), /^200/);
  assert.match(await attempt('login', account), /^200/);
  await shot('docs-02-login');
  await choose('dashboard');
  assert.match(await attempt('create_task', { title: 'Try the documents' }), /^200/);
  await shot('docs-03-tried');
  assert.match(await attempt('sync_tasks'), /^200/);
  assert.deepEqual(elsewhere, [], 'nothing is asked of other hosts');
  assert.deepEqual(docs.complaints, []);
  console.log('ok    the documents can be read and tried');
} finally {
  await browser.close();
  await running.stop();
}
