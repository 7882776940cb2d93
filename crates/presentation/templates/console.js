// The console's one script: keys (`?` shows them); what is marked live is fetched anew when the
// server says that it has changed; documents are brought and taken away. All else works without it.
"use strict";

addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea, [contenteditable]");
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("find")?.focus();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "j" || event.key === "k") {
    goToRow(event.key === "j" ? 1 : -1);
  }
});

// The next row of a list, or the one before: its first link, so that Enter opens it.
function goToRow(step) {
  const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector(".name a, a"));
  const rows = links.filter(Boolean);
  const at = rows.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

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

// The device that was chosen on the map is seen.
const chosen = document.querySelector(".map .t[aria-current]")?.getBoundingClientRect();
if (chosen && chosen.bottom > innerHeight - 90) scrollBy(0, chosen.bottom - innerHeight + 150);

// Takes the parts of this page that tell of these topics from a fresh copy of it. What comes while
// one is on its way waits for the next: a page that is told much is behind, and never stands still.
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
  } catch {
    // Nobody answers; when somebody does again, all is asked for anew.
  } finally {
    isFetching = false;
  }
}

async function take(topics) {
  const answer = await fetch(location.href, { headers: { "X-Live": topics.join(" ") } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  // A page that has other parts than before, such as one on which there was nothing, is taken whole.
  const ids = (page) => [...page.querySelectorAll("main [data-live]")].map((part) => part.id).join();
  const main = document.getElementById("main");
  const isIdle = !main.contains(document.activeElement) || document.activeElement === main;
  if (isIdle && ids(fresh) !== ids(document)) {
    main.replaceWith(document.adoptNode(fresh.getElementById("main")));
    return;
  }
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = topics.some((topic) => tells(part, topic)) && fresh.getElementById(part.id);
    // What is the same stays, so that nobody's click goes astray; what somebody types into, too.
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    const stays = !other || other.outerHTML === part.outerHTML || (at && !at.matches("a[href]"));
    if (stays) continue;
    const link = at?.getAttribute("href");
    keepTyped(part, other);
    part.replaceWith(document.adoptNode(other));
    // Whoever stood on a link stands on it again.
    if (link) other.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  }
}

// What somebody has typed stays typed, where the form is still the same.
function keepTyped(part, other) {
  const fields = (one) => [...one.querySelectorAll("input:not([type=hidden]), textarea")];
  const [old, fresh] = [fields(part), fields(other)];
  if (old.map((field) => field.name).join() !== fresh.map((field) => field.name).join()) return;
  old.forEach((field, place) => {
    if (field.value !== field.defaultValue) fresh[place].value = field.value;
  });
}

function tells(part, topic) {
  return part.dataset.live.split(" ").includes(topic);
}

// A page that answers a form has no address at which it stands.
if (!("still" in document.body.dataset) && document.querySelector("[data-live]")) {
  const source = new EventSource("/events");
  const topics = ["judged", "orders", "documents"];
  // What changed while nobody listened was told to nobody: after the page was made, after a break.
  source.addEventListener("open", () => renew(...topics));
  for (const topic of topics) source.addEventListener(topic, () => renew(topic));
  // How much time is left changes though nothing happens.
  setInterval(() => document.querySelector(".left") && renew("orders"), 60_000);
}

// What a program of ours is told when something is wrong (RFC 9457), or that nobody answered. All
// that is said here stands on the page, in its language.
function wrong(text, silent) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return silent;
  }
}

const upload = document.getElementById("upload");
if (upload) {
  const [drop, list] = [upload.querySelector(".drop"), upload.querySelector("ul")];
  const chosen = drop.querySelector("input");
  const say = (item, text, className) => {
    item.lastChild.replaceWith(Object.assign(document.createElement("span"), { textContent: text, className }));
  };
  const bring = (file) => new Promise((done) => {
    const item = document.createElement("li");
    const bar = Object.assign(document.createElement("progress"), { max: file.size || 1, value: 0 });
    bar.setAttribute("aria-label", file.name);
    item.append(Object.assign(document.createElement("bdi"), { textContent: file.name }), " ", bar);
    list.prepend(item);
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/v1/documents/${encodeURIComponent(file.name)}/content`);
    request.setRequestHeader("X-Form", upload.dataset.form);
    request.upload.onprogress = (event) => { bar.value = event.loaded; };
    request.onload = () => {
      const kept = { 200: upload.dataset.replaced, 201: upload.dataset.kept }[request.status];
      say(item, kept ?? wrong(request.responseText, upload.dataset.silent), kept ? "soft" : "past-text");
      done();
    };
    request.onerror = () => { say(item, upload.dataset.silent, "past-text"); done(); };
    request.send(file);
  });
  const all = async (files) => { for (const file of [...files]) await bring(file); chosen.value = ""; };
  chosen.addEventListener("change", () => all(chosen.files));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") all(event.dataTransfer.files);
    });
  }
  upload.hidden = false;
}

const withdraw = document.getElementById("withdraw");
if (withdraw) {
  const [button, told] = [withdraw.querySelector("button"), withdraw.querySelector("span")];
  let is_gone = false;
  button.addEventListener("click", async () => {
    const [method, at] = is_gone ? ["POST", `${withdraw.dataset.at}/restore`] : ["DELETE", withdraw.dataset.at];
    button.disabled = true;
    const answer = await fetch(at, { method, headers: { "X-Form": withdraw.dataset.form } }).catch(() => null);
    if (answer?.ok) {
      is_gone = !is_gone;
      told.textContent = is_gone ? withdraw.dataset.gone : withdraw.dataset.back;
      button.textContent = is_gone ? withdraw.dataset.restore : withdraw.dataset.withdraw;
    } else {
      told.textContent = wrong(await answer?.text(), withdraw.dataset.silent);
    }
    button.disabled = false;
  });
  withdraw.hidden = false;
}
