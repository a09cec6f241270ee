// What an empty conversation shows: sentences that work. A click writes one into the box, so it can be changed before
// it is sent.

import { byId, h } from '../dom.js';

const SENTENCES = [
  'Remind me to call the dentist tomorrow at 9, it’s urgent',
  'Add buy milk and water the plants on Friday',
  'What is due this week?',
  'Move the dentist to Monday at noon',
];

/** Draws the suggestions; `choose(sentence)` is told of a click. */
export function startSuggestions(choose) {
  byId('suggestions').append(
    h('h3', {}, 'What is on your mind?'),
    h('p', {}, 'Write it as you would say it. Tasks appear on the board, and here you read what was done.'),
    h(
      'ul',
      {},
      SENTENCES.map((sentence) =>
        h('li', {}, h('button', { type: 'button', on: { click: () => choose(sentence) } }, sentence)),
      ),
    ),
  );
}
