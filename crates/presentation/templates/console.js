// The console's one script: `/` goes to the search; what is marked live is fetched anew when the
// server says that it has changed; documents are brought and taken away. All else works without it.
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

// What a program of ours is told when something is wrong (RFC 9457).
function wrong(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return "The server did not answer. Try again.";
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
      const kept = { 200: "is kept, in the place of the one before", 201: "is kept" }[request.status];
      say(item, kept ?? wrong(request.responseText), kept ? "soft" : "past-text");
      done();
    };
    request.onerror = () => { say(item, wrong(""), "past-text"); done(); };
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
      told.textContent = is_gone ? "It is taken away." : "It is back.";
      button.textContent = is_gone ? "Put it back" : "Take it away";
    } else {
      told.textContent = wrong(await answer?.text());
    }
    button.disabled = false;
  });
  withdraw.hidden = false;
}
