// How a program is connected: the address of the tools, and the command for those who have one.

import { byId } from '../dom.js';
import { copyField } from './copy-field.js';

export function startConnect() {
  const address = `${location.origin}/mcp`;
  byId('connect-copies').append(
    copyField('connect-address', 'Address', address),
    copyField(
      'connect-claude-code',
      'Claude Code, in a terminal',
      `claude mcp add --scope user --transport http errand ${address}`,
    ),
  );
}
