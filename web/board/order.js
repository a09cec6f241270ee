// In which order the cards of a column stand.

const WEIGHT = { urgent: 0, high: 1, medium: 2, low: 3 };

const bySoonest = (a, b) => (a.due_date ?? '9999').localeCompare(b.due_date ?? '9999');
const byPriority = (a, b) => WEIGHT[a.priority] - WEIGHT[b.priority];
const byOldest = (a, b) => a.created_at.localeCompare(b.created_at) || a.number - b.number;
const byLastTouched = (a, b) => b.updated_at.localeCompare(a.updated_at) || b.number - a.number;

const toDo = (a, b) => bySoonest(a, b) || byPriority(a, b) || byOldest(a, b);

/** What is to be done: soonest first, then the more urgent, then the older. What is done: newest first. */
export const ORDER = { pending: toDo, in_progress: toDo, completed: byLastTouched };
