// Keeps the newest message in sight while the reader is at the end, and leaves a reader alone who has scrolled up.

import { byId } from '../dom.js';

const NEAR = 80;

/** Watches the scrolling part of the chat. */
export function startScroll() {
  const area = byId('scroll');
  const button = byId('to-newest');
  let following = true;
  // Only a movement upwards is a wish to read: growing content also fires `scroll`, with the top unchanged.
  let top = 0;

  area.addEventListener('scroll', () => {
    if (atEnd()) following = true;
    else if (area.scrollTop < top) following = false;
    top = area.scrollTop;
    if (following) button.hidden = true;
  });
  button.onclick = toEnd;
  new ResizeObserver(() => following && toEnd()).observe(area);

  const atEnd = () => area.scrollHeight - area.scrollTop - area.clientHeight < NEAR;

  function toEnd() {
    following = true;
    button.hidden = true;
    area.scrollTop = area.scrollHeight;
  }

  return {
    toEnd,
    /** Something was added: follows it; `worthSaying` shows a reader further up that there is news. */
    grown(worthSaying) {
      if (following) toEnd();
      else if (worthSaying) button.hidden = false;
    },
  };
}
