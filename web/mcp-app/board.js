// The board inside other people's assistants: shows what `list_tasks` answered, and lets one complete and reschedule
// tasks and undo it. The service makes one document of this and what it imports (`src/mcp_board.rs`).

import { toolDue } from '../dates.js';
import { Host, Refused, structured } from './host.js';
import { dress } from './look.js';
import { Tasks } from './tasks.js';
import { View } from './view.js';

/** The model is told of the last so many changes; the rest it sees when it asks. */
const TOLD = 20;

const host = new Host();
const tasks = new Tasks(host);
const does = {
  toggle: (task) => {
    const completed = task.status !== 'completed';
    return change(task, completed ? 'completed' : 'reopened', () => tasks.complete(task, completed));
  },
  move: (task, due) =>
    change(task, due === null ? 'freed from its date' : `moved to ${toolDue(due)}`, () => tasks.move(task, due)),
  undo: () =>
    attempt(async () => {
      const { undone } = await tasks.undo();
      tellModel(`undo: ${undone}`);
      view.say(`Taken back: ${undone}`);
    }),
  reload: () => attempt(() => tasks.reload()),
  more: () => attempt(() => tasks.loadMore()),
};
const view = new View(tasks, does, () => host.callsTools);
const told = [];

host.addEventListener('context', ({ detail }) => dress(detail));
host.addEventListener('input', ({ detail }) => (tasks.args = detail));
host.addEventListener('result', ({ detail }) => attempt(() => tasks.show(structured(detail))));
host.addEventListener('cancelled', () => view.say('The call was cancelled: there is no list to show.'));
new ResizeObserver(() => host.tellHeight(Math.ceil(document.body.getBoundingClientRect().height))).observe(
  document.body,
);
attempt(() => host.connect());

/** Changes a task, says so with a way back, and lets the model know. */
function change(task, what, work) {
  return attempt(() =>
    view.busy(task, async () => {
      await work();
      tellModel(`${task.id} ${what}`);
      view.say(`“${task.title}” ${what}`, { undo: true });
    }),
  );
}

/** Only ids and our own words: a title is nothing to follow. */
function tellModel(line) {
  told.push(line);
  host.tellModel(`The user has done on the board: ${told.slice(-TOLD).join('; ')}`);
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    view.say(error.message, { tone: 'error' });
  }
}
