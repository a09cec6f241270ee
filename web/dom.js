// The few lines that replace a framework: make an element, an icon, find one, name one.

/** The element with this id; the page's fixed parts are in index.html. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element. `props`: `class`, `data` (dataset), `on` ({event: listener}) and attributes;
 * a value of undefined, null or false leaves its attribute out. Children that are strings become text, never HTML.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'on')
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An icon of icons.svg; decoration only, so its button or text says what it means. A page that has the icons in itself
 * says so with `data-icons=""`.
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.classList.add('icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${document.documentElement.dataset.icons ?? '/icons.svg'}#${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows only an icon; `label` is its name for everybody who does not see it. */
export const iconButton = (name, label, onclick, props = {}) =>
  h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, on: { click: onclick }, ...props },
    icon(name),
  );

/** Shows `text` in an element that is hidden while it has none. */
export function say(element, text) {
  element.textContent = text ?? '';
  element.hidden = !text;
}

/** `draw`, but once a frame however often it is asked for: a resume may bring a thousand events at once. */
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** A new random id. `crypto.randomUUID` is missing on plain http in a local network, `getRandomValues` is not. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
