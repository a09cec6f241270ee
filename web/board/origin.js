// Where a change came from, in words. To name one more source: add its line.

const SOURCES = { chat: 'by chat', rest: 'from another window', mcp: 'by an agent', system: 'by Errand' };

/** `by Claude Code` for an agent that has told its name, else by which door it was. */
export const originWords = ({ source, client }) => (client ? `by ${client}` : (SOURCES[source] ?? 'elsewhere'));
