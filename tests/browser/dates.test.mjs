// Due dates in words and back, in a zone with clock changes. Runs without a browser: `node --test`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

process.env.TZ = 'Europe/Madrid';
const { dayHeading, daysUntil, dueFields, dueFromFields, dueWords, toolDue } = await import('../../web/dates.js');

const NOW = new Date('2026-11-21T10:30:00Z'); // Saturday, 11:30 in Madrid
const words = (due_date, more = {}) => dueWords({ due_date, status: 'pending', ...more }, NOW);

test('a due date is told in the words of the local day', () => {
  assert.equal(words(null), null);
  assert.equal(words('2026-11-21T17:30:00Z').text, 'today 18:30');
  assert.equal(words('2026-11-22T08:00:00Z').text, 'tomorrow 09:00');
  assert.equal(words('2026-11-21T23:15:00Z').text, 'tomorrow 00:15');
  assert.equal(words('2026-11-27T22:59:59Z', { due_all_day: true }).text, 'Fri 27 Nov');
  assert.equal(words('2027-03-01T06:15:00Z').text, 'Mon 1 Mar 2027 07:15');
});

test('what is late says by how much', () => {
  assert.deepEqual(
    [words('2026-11-21T10:29:30Z').text, words('2026-11-21T10:29:30Z').tone],
    ['overdue 1 minute', 'overdue'],
  );
  assert.equal(words('2026-11-21T07:00:00Z').text, 'overdue 3 hours');
  assert.equal(words('2026-11-20T22:30:00Z').text, 'overdue 1 day');
  assert.equal(words('2026-11-19T22:59:59Z', { due_all_day: true }).text, 'overdue 2 days');
});

test('an all-day task is late only when its day is over', () => {
  assert.equal(words('2026-11-21T22:59:59Z', { due_all_day: true }).text, 'today');
});

test('a completed task is never late', () => {
  assert.equal(words('2026-11-19T08:00:00Z', { status: 'completed' }).tone, 'done');
});

test('days are calendar days, also over a change of the clock', () => {
  assert.equal(daysUntil(new Date('2026-10-25T23:30:00Z'), new Date('2026-10-24T22:30:00Z')), 1);
  assert.equal(daysUntil(new Date('2027-03-28T21:00:00Z'), new Date('2027-03-27T23:30:00Z')), 0);
  assert.equal(dayHeading(new Date('2026-11-20T23:30:00Z'), NOW), 'Today');
  assert.equal(dayHeading(new Date('2026-11-20T22:30:00Z'), NOW), 'Yesterday');
});

test('the fields of the editor give back what they were filled with', () => {
  for (const [task, sent] of [
    [{ due_date: '2026-11-22T08:00:00Z', due_all_day: false }, '2026-11-22T09:00:00+01:00'],
    [{ due_date: '2026-07-01T21:59:59Z', due_all_day: true }, '2026-07-01T23:59:59+02:00'],
    [{ due_date: '2026-12-31T22:59:59Z', due_all_day: true }, '2026-12-31T23:59:59+01:00'],
  ]) {
    const { date, time } = dueFields(task);
    assert.deepEqual(dueFromFields(date, time), { due_date: sent, due_all_day: task.due_all_day });
  }
  assert.deepEqual(dueFields({ due_date: null }), { date: '', time: '' });
  assert.deepEqual(dueFromFields('', '09:00'), { due_date: null });
});

test('the dates of the tools are told as dates, not relative to today', () => {
  assert.equal(toolDue('2026-11-22', NOW), 'Sun 22 Nov');
  assert.equal(toolDue('2026-11-22T09:00:00+01:00', NOW), 'Sun 22 Nov 09:00');
  assert.equal(toolDue('soon', NOW), 'soon');
});
