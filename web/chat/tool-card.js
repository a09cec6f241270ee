// One tool call in the conversation: what was called, with which arguments, what came back, and the way to the tasks it
// was about.

import { toolDue } from '../dates.js';
import { h, icon } from '../dom.js';
import { callWords } from './tool-words.js';

/** More tasks than this stay folded into the details. */
const LISTED = 6;

/**
 * The card of a call; `response` is the message with its result, undefined while it runs. `onTask(number)` is told when
 * a task is clicked.
 */
export function toolCard(command, response, onTask) {
  const { name, arguments: args } = command.tool_call;
  const outcome = response?.tool_result;
  const result = outcome === undefined ? undefined : parsed(outcome.content);
  const failed = outcome?.is_error === true;
  const words = callWords({
    name,
    args: args ?? {},
    result: result === undefined ? undefined : objectOr(result),
    failed,
  });
  const state = result === undefined ? 'running' : failed ? 'failed' : 'done';
  const shown = result === undefined ? [] : tasksOf(result);
  return h(
    'li',
    { class: 'tool', data: { state, tool: name, call: command.tool_call.id } },
    h(
      'p',
      { class: 'tool-head' },
      icon(words.icon),
      h('span', { class: 'tool-text' }, words.text),
      h('span', { class: 'tool-state' }, STATES[state]()),
    ),
    shown.length > 0 &&
      h(
        'ul',
        { class: 'tool-tasks' },
        shown.slice(0, LISTED).map((task) => taskLine(task, onTask)),
        more(shown.length),
      ),
    problems(result, failed),
    h(
      'details',
      {},
      h('summary', {}, 'What was called and what came back'),
      h('p', { class: 'tool-label' }, 'Called ', h('code', {}, name)),
      values(args ?? {}),
      answer(result),
    ),
  );
}

const STATES = {
  running: () => h('span', { class: 'spinner', role: 'img', 'aria-label': 'running' }),
  done: () => h('span', { class: 'done-mark' }, 'done'),
  failed: () => [icon('alert'), 'failed'],
};

function taskLine(task, onTask) {
  const number = Number(/^t_(\d+)$/.exec(task.id)?.[1]);
  const facts = [
    task.now,
    task.due && toolDue(task.due),
    task.priority && task.priority !== 'medium' && task.priority,
    task.status === 'completed' && 'completed',
  ].filter(Boolean);
  const link = h(
    'a',
    { href: `#${task.id}`, class: 'task-link', data: { number: String(number) } },
    task.title ?? task.id,
  );
  link.addEventListener('click', (event) => {
    event.preventDefault();
    onTask(number);
  });
  return h('li', {}, link, facts.length > 0 && h('span', { class: 'facts' }, facts.join(' · ')));
}

const more = (count) => count > LISTED && h('li', { class: 'facts' }, `and ${count - LISTED} more`);

/** What did not work: the whole call, or single tasks of it. */
function problems(result, failed) {
  if (result === undefined) return null;
  const errors = Array.isArray(result?.errors) ? result.errors : [];
  const lines = errors.map((error) =>
    [error.message, error.candidates && `Which one: ${error.candidates.map((one) => one.title).join(', ')}`]
      .filter(Boolean)
      .join(' '),
  );
  if (failed && lines.length === 0)
    lines.push(typeof result === 'string' ? result : (result?.message ?? 'The tool gave no reason.'));
  return (
    lines.length > 0 &&
    h(
      'ul',
      { class: 'tool-errors' },
      lines.map((line) => h('li', {}, line)),
    )
  );
}

function answer(result) {
  if (result === undefined) return null;
  return [
    h('p', { class: 'tool-label' }, 'Came back'),
    typeof result === 'string' ? h('p', { class: 'plain' }, result) : values(result),
  ];
}

/** Any JSON as nested lists of names and values. */
function values(value) {
  if (value === null || typeof value !== 'object') return h('span', {}, String(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return h('p', { class: 'plain' }, Array.isArray(value) ? 'none' : 'without arguments');
  if (Array.isArray(value))
    return h(
      'ol',
      { class: 'values' },
      value.map((one) => h('li', {}, values(one))),
    );
  return h(
    'dl',
    { class: 'values' },
    entries.map(([name, one]) => [h('dt', {}, name.replaceAll('_', ' ')), h('dd', {}, values(one))]).flat(),
  );
}

/** Every task a result names, in the shapes of the tools: `tasks`, or `deleted`. */
const tasksOf = (result) =>
  [result?.tasks, result?.deleted]
    .filter(Array.isArray)
    .flat()
    .filter((task) => typeof task?.id === 'string');

function parsed(content) {
  if (typeof content !== 'string') return content ?? {};
  try {
    const value = JSON.parse(content);
    return value !== null && typeof value === 'object' ? value : content;
  } catch {
    return content;
  }
}

const objectOr = (value) => (typeof value === 'object' && value !== null ? value : {});
