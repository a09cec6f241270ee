// What was allowed, in words. `npm test` in this folder, or `node --test`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastUsed, moment, origin, scopeWords } from '../../web/agents/words.js';

test('who may change tasks is not told to see them twice', () => {
  assert.equal(scopeWords(['tasks:read']), 'It may see your tasks.');
  const all = 'It may see, add, change, complete and delete your tasks.';
  assert.equal(scopeWords(['tasks:write']), all);
  assert.equal(scopeWords(['tasks:read', 'tasks:write']), all);
});

test('a scope that this page does not know is not hidden', () => {
  assert.equal(scopeWords(['tasks:read', 'rooms:read']), 'It may see your tasks, and rooms:read.');
});

test('a moment is said from here: today, yesterday, or its day', () => {
  const at = (days) => {
    const now = new Date();
    return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, 9, 5).toISOString();
  };
  assert.equal(moment(at(0)), 'today 09:05');
  assert.equal(moment(at(1)), 'yesterday 09:05');
  assert.match(moment(at(3)), /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w{3,4}( \d{4})? 09:05$/);
  assert.equal(lastUsed({ last_used_at: at(0) }), 'last used today 09:05');
  assert.equal(lastUsed({ last_used_at: null }), 'never used');
});

test('only an address vouches for a name', () => {
  assert.equal(origin({ host: 'client.example' }), 'From client.example.');
  assert.match(origin({}), /nobody has checked/);
});
