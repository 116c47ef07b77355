/** Before the first paint: the chosen theme, that scripts run, and whether somebody is probably signed in. */

const root = document.documentElement;
root.classList.add("scripted");
try {
  const theme = localStorage.getItem("lectern.theme");
  if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;
  if (localStorage.getItem("lectern.signed-in")) root.classList.add("signed-in-hint");
} catch {
  // Storage is refused in some private windows; the page follows the system then.
}
