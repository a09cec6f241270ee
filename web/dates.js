// Due dates in words of the reader's zone, and back from the two fields of the editor.
// The service keeps times in UTC; an all-day date is 23:59:59 of that day in the user's zone, and only its local date
// counts.

/** The reader's IANA zone; it goes with every message, so the assistant's "tomorrow" is the reader's tomorrow. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const dayYearFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const longFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

const two = (number) => String(number).padStart(2, '0');
/** `2026-11-27` in the reader's zone. */
export const isoDay = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const plural = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** `09:00` */
export const clockTime = (date) => clock.format(date);

/** `Fri 27 Nov`, with the year when it is not this one. */
export function dayName(date, now = new Date()) {
  const format = date.getFullYear() === now.getFullYear() ? dayFormat : dayYearFormat;
  return format.format(date).replace(',', '');
}

/**
 * Whole calendar days from `now` to `date` in the reader's zone; negative when it is past. Noon to noon, so that clock
 * changes do not count.
 */
export function daysUntil(date, now = new Date()) {
  const noon = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate(), 12).getTime();
  return Math.round((noon(date) - noon(now)) / 86_400_000);
}

/** `Today`, `Yesterday` or `Fri 27 Nov`: the line between two days of a conversation. */
export function dayHeading(date, now = new Date()) {
  const days = daysUntil(date, now);
  if (days === 0) return 'Today';
  if (days === -1) return 'Yesterday';
  return dayName(date, now);
}

/**
 * What a card says of its due date: `{text, tone, full}`, or null without one.
 * `tone` is `overdue`, `today`, `later`, or `done` for a completed task, which is never late any more.
 */
export function dueWords(task, now = new Date()) {
  if (!task.due_date) return null;
  const due = new Date(task.due_date);
  const days = daysUntil(due, now);
  const time = task.due_all_day ? '' : ` ${clockTime(due)}`;
  const full = `${longFormat.format(due)}${time && `,${time}`}`;
  if (task.status === 'completed') return { text: `${dayName(due, now)}${time}`, tone: 'done', full };
  const late = task.due_all_day ? days < 0 : due < now;
  if (late) return { text: `overdue ${lateness(due, days, now)}`, tone: 'overdue', full };
  if (days === 0) return { text: `today${time}`, tone: 'today', full };
  if (days === 1) return { text: `tomorrow${time}`, tone: 'later', full };
  return { text: `${dayName(due, now)}${time}`, tone: 'later', full };
}

function lateness(due, days, now) {
  if (days < 0) return plural(-days, 'day');
  const minutes = Math.max(1, Math.floor((now - due) / 60_000));
  return minutes < 60 ? plural(minutes, 'minute') : plural(Math.floor(minutes / 60), 'hour');
}

/**
 * A due date as the tools write it (`YYYY-MM-DD`, or RFC 3339 with offset) as `Sun 22 Nov` or `Sun 22 Nov 09:00`.
 * Absolute, for it is read again days later.
 */
export function toolDue(text, now = new Date()) {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (day) return dayName(new Date(+day[1], day[2] - 1, +day[3]), now);
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : `${dayName(moment, now)} ${clockTime(moment)}`;
}

/**
 * The due date of a task as the editor's two fields: `{date: 'YYYY-MM-DD', time: 'HH:MM'}`, empty where there is none.
 */
export function dueFields(task) {
  if (!task?.due_date) return { date: '', time: '' };
  const due = new Date(task.due_date);
  return { date: isoDay(due), time: task.due_all_day ? '' : `${two(due.getHours())}:${two(due.getMinutes())}` };
}

/** The two fields as what the REST interface takes: `{due_date, due_all_day?}`; no date clears it. */
export function dueFromFields(date, time) {
  if (!date) return { due_date: null };
  const [year, month, day] = date.split('-').map(Number);
  const [hour, minute, second] = time ? [...time.split(':').map(Number), 0] : [23, 59, 59];
  return { due_date: rfc3339(new Date(year, month - 1, day, hour, minute, second)), due_all_day: !time };
}

/** With the reader's offset, for of an all-day date the server takes the day as it is written here. */
function rfc3339(date) {
  const east = -date.getTimezoneOffset();
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  return `${isoDay(date)}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${offset}`;
}
