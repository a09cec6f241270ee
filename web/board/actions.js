// What can be done to a task, by whichever control: each asks the server and tells the store; a failure is said and
// changes nothing.

import * as api from '../api.js';
import { ApiError } from '../api.js';
import { confirm } from '../dialogs.js';
import { toast } from '../toasts.js';

/** The actions on these tasks. All resolve to true when the server has done it. */
export function actions(tasks) {
  const setStatus = (task, status) => attempt(`“${task.title}” was not changed`, () => change(task, { status }));
  const change = async (task, fields) =>
    tasks.fromAnswer(await tasks.asking(task.id, () => api.changeTask(task.id, fields)));

  return {
    complete: (task) => setStatus(task, 'completed'),
    reopen: (task) => setStatus(task, 'pending'),
    start: (task) => setStatus(task, 'in_progress'),

    add: (title) =>
      attempt('The task was not added', async () =>
        tasks.fromAnswer(await tasks.asking(title, () => api.addTask({ title }))),
      ),

    /** For the editor, which shows errors at their fields: throws ApiError. `task` is null for a new one. */
    async save(task, fields) {
      if (task !== null) return change(task, fields);
      return tasks.fromAnswer(await tasks.asking(fields.title, () => api.addTask(fields)));
    },

    async remove(task) {
      const sure = await confirm({
        title: 'Delete this task?',
        text: `“${task.title}” will be removed from every board.`,
        yes: 'Delete',
        danger: true,
      });
      if (!sure) return false;
      return attempt(`“${task.title}” was not deleted`, async () => {
        await tasks.asking(task.id, () => api.deleteTask(task.id));
        tasks.remove(task.id);
      });
    },
  };
}

async function attempt(complaint, work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const fields = Object.values(error.fields).join(' ');
    toast(`${complaint}: ${fields || error.message}`, 'error');
    return false;
  }
}
