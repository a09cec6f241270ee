// Looks like the host around it: its theme, its neutral colours and its font, where it tells them.

/** Our colour -> the host's. All or none: half of them could not be read on the other half. */
const COLOURS = {
  '--paper': '--color-background-primary',
  '--surface': '--color-background-primary',
  '--raised': '--color-background-primary',
  '--sunken': '--color-background-secondary',
  '--ink': '--color-text-primary',
  '--muted': '--color-text-secondary',
  '--line': '--color-border-primary',
};

/** Dresses the page as the host's context says. */
export function dress({ theme, styles, safeAreaInsets: insets }) {
  const root = document.documentElement;
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const given = styles?.variables ?? {};
  const whole = Object.values(COLOURS).every((name) => typeof given[name] === 'string');
  for (const [ours, theirs] of Object.entries(COLOURS)) set(root, ours, whole ? given[theirs] : undefined);
  set(root, '--font', given['--font-sans']);
  if (insets) root.style.padding = [insets.top, insets.right, insets.bottom, insets.left].map(pixels).join(' ');
}

const pixels = (length) => `${Number(length) || 0}px`;

function set(root, name, value) {
  if (typeof value === 'string') root.style.setProperty(name, value);
  else root.style.removeProperty(name);
}
