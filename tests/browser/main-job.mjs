// The main job in a real browser: a sentence becomes a task on every screen. Two windows of one user, then a phone.
// It installs nothing: `npm ci` here first, and a Chromium on the machine. The last line counts; the exit code is 0 if
// nothing failed.
// To add a check: one more `check(name, async () => {…})`, in the order of the story.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { options } from './options.mjs';
import { Report } from './report.mjs';
import { server } from './server.mjs';
import { Window } from './window.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SENTENCE = "remind me to call the dentist tomorrow at 9, it's urgent";
const TITLE = 'Call the dentist';

const given = options();
const running = await server(given);
const browser = await chromium.launch({ executablePath: given.chromium, args: FLAGS });
const user = { name: `ann${Date.now().toString(36)}`, password: 'correct horse battery' };
const report = new Report(given);
const { check } = report;
const shot = (window, name) => report.shot(window.page, name);
let first;
let second;
let phone;

try {
  await story();
} finally {
  await browser.close();
  await running.stop();
}
report.end();

async function story() {
  first = await Window.open(browser, running.base);
  second = await Window.open(browser, running.base, { colorScheme: 'dark' });
  await accounts();
  await theSentence();
  await theBoard();
  await awayAndBack();
  await onThePhone();
  for (const [name, window] of Object.entries({ first, second, phone })) {
    await check(`the ${name} window had no complaint`, () => assert.deepEqual(window.complaints, []));
  }
}

async function accounts() {
  await shot(first, '01-welcome');
  await check('registers, and is live', () => first.register(user));
  await shot(first, '02-empty');
  await check('logs in to a second window', () => second.logIn(user));
}

async function theSentence() {
  await check('the sentence gets a task on the board', async () => {
    await first.say(SENTENCE);
    await first.card(TITLE, 'pending').waitFor();
    const card = await first.card(TITLE, 'pending').innerText();
    assert.match(card, /tomorrow 09:00/);
    assert.match(card, /urgent/i);
  });
  await check('the other window shows the card at once', () =>
    second.card(TITLE, 'pending').waitFor({ timeout: 3000 }),
  );
  for (const [name, window] of Object.entries({ first, second })) {
    await check(`the ${name} window tells what was called, and the answer`, async () => {
      assert.match(await window.answer(), /dentist/i);
      assert.match(await window.toolCards().last().innerText(), /Added 1 task[^]*Call the dentist/);
      assert.equal(await window.page.locator('#messages > .message.user').count(), 1);
    });
  }
  await check('the box is empty again, with the focus in it', async () => {
    assert.equal(await first.box.inputValue(), '');
    assert.equal(await first.box.evaluate((box) => box === document.activeElement), true);
  });
  await check('the link of the tool card leads to the task', async () => {
    await first.toolCards().last().getByRole('link', { name: TITLE }).click();
    assert.equal(await first.page.evaluate(() => document.activeElement.classList.contains('card')), true);
  });
  await shot(first, '03-done-light');
  await shot(second, '04-done-dark');
}

async function theBoard() {
  await check('a task is completed by keyboard in one window and seen in the other', async () => {
    await first.card(TITLE, 'pending').focus();
    await first.page.keyboard.press('c');
    await first.card(TITLE, 'completed').waitFor();
    await second.card(TITLE, 'completed').waitFor({ timeout: 3000 });
  });
  await check('a quick-add in the second window reaches the first', async () => {
    await second.page.getByLabel('Title of a new task').fill('Water the plants');
    await second.page.keyboard.press('Enter');
    await first.card('Water the plants', 'pending').waitFor({ timeout: 3000 });
  });
  await check('an edit by keyboard sets priority and an all-day date', async () => {
    await first.card('Water the plants', 'pending').focus();
    await first.page.keyboard.press('e');
    await first.page
      .getByLabel('Due date')
      .fill(await first.page.evaluate(() => new Date(Date.now() + 86_400_000).toLocaleDateString('sv')));
    await first.page.getByLabel('High').focus();
    await first.page.keyboard.press('Space');
    await first.page.getByRole('button', { name: 'Save' }).press('Enter');
    await second.page.locator('.card', { hasText: /Water the plants\s*tomorrow\s*High/ }).waitFor({ timeout: 3000 });
  });
}

async function awayAndBack() {
  await check('a cut line is seen, and what is written is kept', async () => {
    await second.context.setOffline(true);
    await second.page.locator('#connection:not([data-state=live])').waitFor({ timeout: 15_000 });
    await second.say('add buy milk');
    await second.page.getByText('Not sent yet').waitFor();
    assert.equal(await second.box.inputValue(), 'add buy milk');
  });
  await shot(second, '05-offline');
  await check('meanwhile the other window goes on', async () => {
    await first.say('remind me to book the train to Lisbon');
    await first.page.locator('.card', { hasText: 'Lisbon' }).waitFor();
    await first.answer();
  });
  await check('back again: what was missed is there, and what was written goes out once', async () => {
    await second.context.setOffline(false);
    await second.live();
    await second.page.locator('.card', { hasText: 'Lisbon' }).waitFor();
    await second.page.locator('.card', { hasText: /milk/i }).waitFor();
    for (const window of [first, second]) {
      await window.page.locator('#messages > .message.user', { hasText: 'add buy milk' }).waitFor();
      await window.page.locator('.card', { hasText: /milk/i }).waitFor();
      await window.answer();
      assert.equal(await window.page.locator('#messages > .message.user', { hasText: 'add buy milk' }).count(), 1);
      assert.equal(await window.page.locator('.card', { hasText: /milk/i }).count(), 1);
    }
  });
  await check('both windows tell the same conversation in the same order', async () => {
    const told = (window) =>
      window.page
        .locator('#messages > :is(.message, .tool)')
        .evaluateAll((all) => all.map((one) => one.querySelector('.prose, .text, .tool-text').textContent));
    assert.deepEqual(await told(first), await told(second));
  });
  await check('a reload shows the same conversation', async () => {
    const before = await first.page.locator('#messages > li').count();
    await first.page.reload();
    await first.live();
    await first.page
      .locator('#messages > li')
      .nth(before - 1)
      .waitFor();
    assert.equal(await first.page.locator('#messages > li').count(), before);
  });
}

async function onThePhone() {
  phone = await Window.open(browser, running.base, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await check('logs in on a phone; the last conversation is open', async () => {
    await phone.logIn(user);
    await phone.page.locator('#messages > .message.user', { hasText: 'dentist' }).waitFor();
    assert.equal(await phone.overflow(), 0);
  });
  await shot(phone, '06-phone-chat');
  await check('what changes on the board counts on its tab', async () => {
    await first.page.getByLabel('Title of a new task').fill('Read the contract');
    await first.page.keyboard.press('Enter');
    await phone.page.locator('.tabs [data-to=board] .badge', { hasText: '1' }).waitFor({ timeout: 3000 });
  });
  await check('the board is one tap away and does not scroll sideways', async () => {
    await phone.page.locator('.tabs [data-to=board]').tap();
    await phone.card('Read the contract', 'pending').waitFor();
    assert.equal(await phone.overflow(), 0);
    await phone
      .card('Read the contract', 'pending')
      .getByRole('button', { name: /^Start/ })
      .tap();
    await first.card('Read the contract', 'in_progress').waitFor({ timeout: 3000 });
  });
  await shot(phone, '07-phone-board');
  await check('the theme is chosen and remembered', async () => {
    await phone.page.getByRole('button', { name: 'Use the dark theme' }).tap();
    await phone.page.reload();
    await phone.live();
    assert.equal(await phone.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  });
  await shot(phone, '08-phone-dark');
}
