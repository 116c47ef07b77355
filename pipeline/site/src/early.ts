/** Before the first paint: a page that has moved, the chosen theme, that scripts run, and whether somebody is probably
 * signed in. */

const root = document.documentElement;

// A page that has moved leads on without scripts too, but a refresh forgets what stands behind `#` and `?`.
const moved = document.querySelector<HTMLMetaElement>('meta[name="lectern"][content^="redirect:"]');
if (moved && (location.hash || location.search)) {
  location.replace(`${root.dataset["base"]}/${moved.dataset["to"]}${location.search}${location.hash}`);
}

root.classList.add("scripted");
try {
  const theme = localStorage.getItem("lectern.theme");
  if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;
  if (localStorage.getItem("lectern.signed-in")) root.classList.add("signed-in-hint");
} catch {
  // Storage is refused in some private windows; the page follows the system then.
}
