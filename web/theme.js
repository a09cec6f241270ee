// Light or dark, before the first paint (so this is a plain script in the head, not a module).
// Without a choice the system's preference holds; a choice made with the toggle is remembered.
(() => {
  const KEY = 'errand.theme';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');

  const remembered = () => {
    const choice = localStorage.getItem(KEY);
    return choice === 'light' || choice === 'dark' ? choice : null;
  };
  const shown = () => remembered() ?? (system.matches ? 'dark' : 'light');
  const paint = () => {
    root.dataset.theme = shown();
    root.dispatchEvent(new CustomEvent('errand-theme'));
  };

  paint();
  system.addEventListener('change', paint);
  addEventListener('storage', (event) => event.key === KEY && paint());

  /** The toggle in the top bar uses these two; it is drawn by `shell.js`. */
  globalThis.errandTheme = {
    shown,
    toggle() {
      localStorage.setItem(KEY, shown() === 'dark' ? 'light' : 'dark');
      paint();
    },
  };
})();
