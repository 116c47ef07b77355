// Asks again where a page's change is, while it is on its way and the editor is looked at.
const line = document.getElementById("on-site");

async function ask() {
  if (!document.hidden) {
    try {
      const answer = await fetch(line.dataset.refresh, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      if (answer.ok && !answer.redirected) line.innerHTML = await answer.text();
    } catch {
      // The network is away for a moment: the next round tries again.
    }
  }
  next();
}

function next() {
  if (line.querySelector("[data-moving=yes]")) setTimeout(ask, 3000);
}

next();
