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

// Takes the parts of this page that tell of `topic` from a fresh copy of it.
let fetching = null;
async function renew(topic) {
  if (![...document.querySelectorAll("[data-live]")].some((part) => tells(part, topic))) return;
  fetching?.abort();
  fetching = new AbortController();
  try {
    const answer = await fetch(location.href, { signal: fetching.signal, headers: { "X-Live": topic } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = tells(part, topic) && fresh.getElementById(part.id);
      // What is the same stays, so that nobody's click goes astray; what somebody types into, too.
      const stays = !other || other.outerHTML === part.outerHTML || part.contains(document.activeElement);
      if (!stays) part.replaceWith(document.adoptNode(other));
    }
  } catch (error) {
    if (error.name !== "AbortError") console.warn(error);
  }
}

function tells(part, topic) {
  return part.dataset.live.split(" ").includes(topic);
}

if (document.querySelector("[data-live]")) {
  const source = new EventSource("/events");
  for (const topic of ["judged", "orders", "documents"]) {
    source.addEventListener(topic, () => renew(topic));
  }
}
