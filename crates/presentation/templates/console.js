// The console's one script: `/` goes to the search; what is marked live is fetched anew when the
// server says that it has changed. Without it every page works.
"use strict";

addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("find")?.focus();
  }
});

// On the map, arrows go from a device to the next in their direction.
addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const at = event.target.closest?.(".map .t");
  if (!way || !at) return;
  event.preventDefault();
  const middle = (tile) => {
    const box = tile.querySelector("use").getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(at);
  let best = null, least = Infinity;
  for (const tile of at.closest("svg").querySelectorAll(".t")) {
    const [a, b] = middle(tile);
    const along = (a - x) * way[0] + (b - y) * way[1], across = Math.abs((a - x) * way[1]) + Math.abs((b - y) * way[0]);
    if (along > 2 && along + 3 * across < least) [best, least] = [tile, along + 3 * across];
  }
  best?.focus();
});

// Takes the parts of this page that tell of these topics from a fresh copy of it. What comes while one is
// on its way waits for the next: a page that is told much is behind, and never stands still.
let isFetching = false;
const waiting = new Set();
async function renew(...topics) {
  const parts = [...document.querySelectorAll("[data-live]")];
  for (const topic of topics) if (parts.some((part) => tells(part, topic))) waiting.add(topic);
  if (isFetching) return;
  isFetching = true;
  try {
    while (waiting.size) {
      const topics = [...waiting];
      waiting.clear();
      await take(topics);
    }
  } catch (error) {
    console.warn(error);
  } finally {
    isFetching = false;
  }
}

async function take(topics) {
  const answer = await fetch(location.href, { headers: { "X-Live": topics.join(" ") } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = topics.some((topic) => tells(part, topic)) && fresh.getElementById(part.id);
    // What is the same stays, so that nobody's click goes astray; what somebody types into, too.
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    const stays = !other || other.outerHTML === part.outerHTML || (at && !at.matches("a[href]"));
    if (stays) continue;
    const link = at?.getAttribute("href");
    part.replaceWith(document.adoptNode(other));
    // Whoever stood on a link stands on it again.
    if (link) other.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  }
}

function tells(part, topic) {
  return part.dataset.live.split(" ").includes(topic);
}

if (document.querySelector("[data-live]")) {
  const source = new EventSource("/events");
  const topics = ["judged", "orders", "documents"];
  // What changed while nobody listened was told to nobody: after the page was made, after a break.
  source.addEventListener("open", () => renew(...topics));
  for (const topic of topics) source.addEventListener(topic, () => renew(topic));
}
