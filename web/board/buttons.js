// The buttons of a card on the board. To add one: a line in `buttons`, and its action in `view.js`.

import { iconButton } from '../dom.js';

/** `does` are the actions (`toggle`, `start`, `pause`, `edit`, `remove`), each called with the task. */
export function buttons(task, does) {
  const of = (verb) => `${verb}: ${task.title}`;
  const main = {
    pending: () => iconButton('play', of('Start'), () => does.start(task)),
    in_progress: () => iconButton('pause', of('Put back to pending'), () => does.pause(task)),
    completed: () => iconButton('reopen', of('Reopen'), () => does.toggle(task)),
  }[task.status];
  return [
    main(),
    iconButton('edit', of('Edit'), () => does.edit(task)),
    iconButton('trash', of('Delete'), () => does.remove(task)),
  ];
}
