// The dialog that edits a task or makes a new one. It sends only what was changed, so it does not undo what others
// change meanwhile.

import { ApiError } from '../api.js';
import { dueFields, dueFromFields } from '../dates.js';
import { byId, say } from '../dom.js';

/** Which field of the dialog shows the server's message for which field of a task. */
const ERROR_AT = { title: 'edit-title-error', description: 'edit-description-error', due_date: 'edit-due-error' };

export class Editor {
  #dialog = byId('editor');
  #form = byId('editor-form');
  #does;
  /** The task that is edited, null for a new one, and what the fields showed at first. */
  #task = null;
  #before = null;

  constructor(tasks, does) {
    this.#does = does;
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      void this.#save();
    };
    for (const id of ['editor-close', 'editor-cancel']) byId(id).onclick = () => this.#dialog.close();
    byId('edit-no-date').onclick = () => fill(this.#form, { date: '', time: '' });
    byId('editor-delete').onclick = async () => (await does.remove(this.#task)) && this.#dialog.close();
    tasks.addEventListener('change', ({ detail }) => this.#changedElsewhere(detail));
  }

  /**
   * Edits a task, or makes a new one (null) with this title to begin with. Resolves when the dialog is closed: true if
   * it was saved.
   */
  open(task, title = '') {
    this.#task = task;
    this.#before = task === null ? { ...EMPTY } : shownFields(task);
    byId('editor-title').textContent = task === null ? 'New task' : 'Edit task';
    byId('editor-save').textContent = task === null ? 'Add task' : 'Save';
    byId('editor-delete').hidden = task === null;
    fill(this.#form, task === null ? { ...EMPTY, title } : this.#before);
    showErrors({});
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    byId('edit-title').focus();
    return new Promise((resolve) => {
      this.#dialog.addEventListener('close', () => resolve(this.#dialog.returnValue === 'saved'), { once: true });
    });
  }

  async #save() {
    const now = read(this.#form);
    if (now.title === '') return showErrors({ title: 'Write a title.' });
    if (now.date === '' && now.time !== '') return showErrors({ due_date: 'A time needs a date.' });
    const fields = changed(this.#before, now, this.#task === null);
    if (Object.keys(fields).length === 0) return this.#dialog.close();
    byId('editor-save').disabled = true;
    try {
      await this.#does.save(this.#task, fields);
      this.#dialog.close('saved');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showErrors(Object.keys(error.fields).length > 0 ? error.fields : { form: error.message });
    } finally {
      byId('editor-save').disabled = false;
    }
    return undefined;
  }

  #changedElsewhere({ kind, task, origin }) {
    if (!this.#dialog.open || this.#task === null || task?.id !== this.#task.id || origin.mine) return;
    if (kind === 'removed') showErrors({ form: 'This task was deleted elsewhere meanwhile.' });
    else showErrors({ form: 'This task was changed elsewhere meanwhile. Saving changes only what you change here.' });
  }
}

const EMPTY = { title: '', description: '', priority: 'medium', status: 'pending', date: '', time: '' };

const shownFields = (task) => ({
  title: task.title,
  description: task.description ?? '',
  priority: task.priority,
  status: task.status,
  ...dueFields(task),
});

function fill(form, values) {
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
}

function read(form) {
  const value = (name) => form.elements[name].value;
  return {
    title: value('title').trim(),
    description: value('description').trim(),
    priority: value('priority'),
    status: value('status'),
    date: value('date'),
    time: value('time'),
  };
}

function changed(before, now, isNew) {
  const fields = {};
  for (const name of ['title', 'description', 'priority', 'status']) {
    if (isNew ? now[name] !== '' : now[name] !== before[name]) fields[name] = now[name];
  }
  if (now.date !== before.date || now.time !== before.time) Object.assign(fields, dueFromFields(now.date, now.time));
  return fields;
}

function showErrors(errors) {
  const unplaced = Object.entries(errors).filter(([field]) => !(field in ERROR_AT));
  say(byId('editor-error'), unplaced.map(([, message]) => message).join(' '));
  for (const [field, id] of Object.entries(ERROR_AT)) say(byId(id), errors[field]);
}
