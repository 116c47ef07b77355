// Refreshes the list of renditions while some are unfinished and the page is looked at.
const list = document.getElementById("renditions");

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch(list.dataset.refresh, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
    } catch {
      // The network is away for a moment: the next round tries again.
    }
  }
  plan();
}

function plan() {
  if (list.querySelector("[data-unfinished=yes]")) setTimeout(refresh, 3000);
}

plan();
