// Nothing is lost and nothing doubled, in whichever order events and answers come. Runs without a browser: `node
// --test`.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

globalThis.localStorage = { getItem: () => 'token' };
const { originWords } = await import('../../web/board/origin.js');
const { Tasks } = await import('../../web/store/tasks.js');
const { Conversations } = await import('../../web/store/conversations.js');

const task = (version, more = {}) => ({ id: 'a', number: 1, title: 'Call', status: 'pending', version, ...more });
const message = (id, more = {}) => ({
  id,
  session_id: 's',
  role: 'user',
  message_type: 'text',
  content: id,
  created_at: new Date().toISOString(),
  ...more,
});

/** What the server's history will answer, and when. */
let history;
beforeEach(() => {
  history = deferred();
  globalThis.fetch = async () => ({ ok: true, status: 200, json: () => history.promise });
});

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

const BY_CHAT = { source: 'chat' };
const ids = (conversations) => conversations.messages('s').map((one) => one.id);

test('an older version never replaces a newer one', () => {
  const tasks = new Tasks();
  tasks.fromEvent(task(3, { title: 'New' }), BY_CHAT);
  tasks.fromAnswer(task(2, { title: 'Old' }));
  tasks.replaceAll([task(2, { title: 'Old' })]);
  assert.equal(tasks.get('a').title, 'New');
});

test('a late answer does not bring a deleted task back, an event does', () => {
  const tasks = new Tasks();
  tasks.fromEvent(task(2), BY_CHAT);
  tasks.remove('a', { source: 'mcp', client: 'Claude Code' });
  tasks.fromAnswer(task(2));
  assert.equal(tasks.get('a'), undefined);
  tasks.fromEvent(task(3), BY_CHAT);
  assert.equal(tasks.get('a').version, 3);
});

test('a change that this window asked for is marked as its own, another is not', async () => {
  const tasks = new Tasks();
  const mine = [];
  tasks.addEventListener('change', ({ detail }) => mine.push(detail.origin.mine));
  await tasks.asking('Call', async () => tasks.fromEvent(task(1), { source: 'rest' }));
  await tasks.asking('a', async () => tasks.fromEvent(task(2), { source: 'rest' }));
  tasks.fromEvent(task(3), { source: 'rest' });
  assert.deepEqual(mine, [true, true, false]);
});

test('who changed a task is told with its name, and with a word for its door where there is none', () => {
  const tasks = new Tasks();
  const told = [];
  tasks.addEventListener('change', ({ detail }) => told.push(originWords(detail.origin)));
  tasks.fromEvent(task(1), { source: 'mcp', client: 'Claude Code' });
  tasks.fromEvent(task(2), { source: 'mcp' });
  tasks.fromEvent(task(3), { source: 'rest' });
  tasks.fromEvent(task(4, { status: 'archived' }), { source: 'mcp', client: 'Goose' });
  assert.deepEqual(told, ['by Claude Code', 'by an agent', 'from another window', 'by Goose']);
});

test('events that come while the history is read are neither lost nor doubled', async () => {
  const conversations = new Conversations();
  const open = conversations.open('s');
  conversations.add(message('2'));
  conversations.add(message('3'));
  conversations.add(message('3'));
  history.resolve([message('1'), message('2')]);
  await open;
  assert.deepEqual(ids(conversations), ['1', '2', '3']);
});

test('a history that was asked for before events were missed is not taken', async () => {
  const conversations = new Conversations();
  const old = conversations.open('s');
  const first = history;
  history = deferred();
  conversations.forgetMessages();
  const fresh = conversations.open('s');
  history.resolve([message('1'), message('2')]);
  await fresh;
  first.resolve([message('1')]);
  await old;
  assert.deepEqual(ids(conversations), ['1', '2']);
});

test('what happens to a conversation while the list is read is not lost', async () => {
  const conversations = new Conversations();
  const reading = conversations.reloadList();
  conversations.put({ id: 'new', updated_at: '2' });
  conversations.remove('gone');
  history.resolve([{ id: 'gone', updated_at: '1' }]);
  await reading;
  assert.deepEqual(conversations.list(), [{ id: 'new', updated_at: '2' }]);
});

test('a history that cannot be read is asked for again the next time', async () => {
  const conversations = new Conversations();
  globalThis.fetch = async () => {
    throw new TypeError('no line');
  };
  await assert.rejects(conversations.open('s'), /cannot be reached/);
  globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => [message('1')] });
  await conversations.open('s');
  assert.deepEqual(ids(conversations), ['1']);
});

test('the text that is written is replaced by the stored message with its id', () => {
  const conversations = new Conversations();
  conversations.turnStarted('s', 't');
  conversations.delta('s', 'm', 'Add');
  conversations.delta('s', 'm', 'ed');
  assert.equal(conversations.run('s').text, 'Added');
  conversations.add(message('m', { role: 'assistant' }));
  assert.equal(conversations.run('s').text, undefined);
});

test('text whose beginning was not heard says so; a new id begins anew', () => {
  const conversations = new Conversations();
  conversations.turnStarted('s', 't');
  conversations.delta('s', 'm', 'Ad');
  conversations.lineCut();
  conversations.delta('s', 'm', 'ded');
  assert.equal(conversations.run('s').text, '… ded');
  conversations.delta('s', 'n', 'Again');
  assert.equal(conversations.run('s').text, 'Again');
});

test('what the model takes back is not shown any more', () => {
  const conversations = new Conversations();
  conversations.turnStarted('s', 't');
  conversations.delta('s', 'm', 'Done!');
  conversations.delta('s', 'm', '', true);
  conversations.delta('s', 'm', 'I could not');
  assert.equal(conversations.run('s').text, 'I could not');
});

test('the late end of an earlier turn does not end the one that runs', () => {
  const conversations = new Conversations();
  conversations.turnStarted('s', 'second');
  conversations.turnEnded('s', 'first', { code: 'INTERRUPTED', message: 'x' });
  assert.equal(conversations.run('s').turnId, 'second');
  assert.equal(conversations.failure('s'), undefined);
  conversations.turnEnded('s', 'second');
  assert.equal(conversations.run('s'), undefined);
});

test('a page opened in the middle of a turn shows it as running, after it as done', async () => {
  for (const [last, running] of [
    [message('c', { role: 'assistant', message_type: 'command', turn_id: 't' }), true],
    [message('c', { role: 'assistant', turn_id: 't' }), false],
    [message('c', { role: 'assistant', turn_id: 't', code: 'CANCELLED' }), false],
    [message('c', { role: 'user' }), false],
    [message('c', { turn_id: 't', created_at: '2020-01-01T00:00:00Z' }), false],
  ]) {
    history = deferred();
    const conversations = new Conversations();
    history.resolve([last]);
    await conversations.open('s');
    assert.equal(conversations.run('s') !== undefined, running, JSON.stringify(last));
  }
});

test('a turn that ended while the line was cut is over after the resume', async () => {
  const conversations = new Conversations();
  history.resolve([]);
  await conversations.open('s');
  conversations.turnStarted('s', 't');
  conversations.lineCut();
  conversations.add(message('m', { role: 'assistant', turn_id: 't' }));
  conversations.settle();
  assert.equal(conversations.run('s'), undefined);
});
