// Keeps the page fresh: asks for what main holds, and changes in place what has
// changed, so that focus, open details and what is being typed stay. Without
// this file the page is the same, as of when it was loaded.
(() => {
  "use strict";

  const body = document.body;
  const state = document.getElementById("state");
  const clock = document.getElementById("at");
  const say = document.getElementById("say");
  const pause = document.getElementById("pause");
  const every = 1000 * Number(body.dataset.seconds);

  const address = new URL(location.href);
  address.searchParams.set("format", "fragment");
  address.hash = "";

  let tag = body.dataset.tag;
  let timer = 0;
  let paused = false;
  let asking = false;

  // localise adds the reader's own time to every time below root.
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  function localise(root) {
    for (const time of root.querySelectorAll("time[datetime*=T]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.title = format.format(at) + ", your time";
    }
  }

  // Elements of one key are the same thing, wherever they stand; others are if
  // they have one name and class.
  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE && (node.dataset.key || node.id)) || "";
  const classOf = (node) => (node.nodeType === Node.ELEMENT_NODE && node.getAttribute("class")) || "";
  const alike = (a, b) => a.nodeName === b.nodeName && keyOf(a) === keyOf(b) && (keyOf(a) !== "" || classOf(a) === classOf(b));

  // matchOf finds what is to become child, from at on. What it passes over is
  // gone, unless it is wanted later.
  function matchOf(at, child, wanted) {
    if (!at || alike(at, child)) return at;
    if (child.nodeType !== Node.ELEMENT_NODE) return null;
    let match = at;
    let needed = false;
    while (match && !alike(match, child)) {
      needed = needed || wanted.has(keyOf(match));
      match = match.nextSibling;
    }
    if (match && !needed) {
      while (at !== match) {
        const next = at.nextSibling;
        at.remove();
        at = next;
      }
      return match;
    }
    if (!match || keyOf(child) === "") return null;
    at.before(match);
    return match;
  }

  // morph makes one node like another and keeps it the same node.
  function morph(from, to) {
    if (from.isEqualNode(to)) return;
    if (from.nodeType !== Node.ELEMENT_NODE) {
      from.nodeValue = to.nodeValue;
      return;
    }
    if (from.hasAttribute("data-keep") && to.hasAttribute("data-keep")) return;
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && !(from.nodeName === "DETAILS" && name === "open")) from.removeAttribute(name);
    }
    for (const { name, value } of [...to.attributes]) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    const wanted = new Set([...to.children].map(keyOf).filter(Boolean));
    let at = from.firstChild;
    for (const child of [...to.childNodes]) {
      const match = matchOf(at, child, wanted);
      if (match) {
        at = match.nextSibling;
        morph(match, child);
      } else {
        from.insertBefore(document.importNode(child, true), at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    const main = document.getElementById("main");
    if (!fresh || !main) throw new Error("no page");
    localise(fresh);
    const told = main.dataset.say;
    const focused = document.activeElement;
    morph(main, fresh);
    if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    document.title = main.dataset.title;
    if (main.dataset.say !== told) say.textContent = main.dataset.say;
  }

  function stamp(at) {
    const time = new Date(at);
    if (Number.isNaN(time.getTime())) return;
    clock.parentElement.hidden = false;
    clock.dateTime = at;
    const parts = time.toUTCString().split(" "); // "Wed, 25 Nov 2026 14:05:00 GMT"
    clock.textContent = Number(parts[1]) + " " + parts[2] + ", " + parts[4] + " UTC";
    clock.title = format.format(time) + ", your time";
  }

  function label(text, late) {
    state.textContent = text;
    if (late) state.parentElement.hidden = false;
    state.classList.toggle("late", Boolean(late));
  }

  async function ask() {
    if (asking || paused || document.hidden) return;
    asking = true;
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(address, { headers, cache: "no-store", credentials: "same-origin" });
      const at = answer.headers.get("Sendgov-At");
      if (!at) throw new Error("somebody else answered"); // as a page to sign in
      const text = answer.status === 304 ? null : await answer.text();
      if (paused) return; // since it was asked
      if (text !== null) {
        show(text);
        tag = answer.headers.get("ETag");
      }
      stamp(at);
      label("Live, as of");
    } catch {
      if (!paused) label("No answer since", true);
    } finally {
      asking = false;
      plan();
    }
  }

  function plan() {
    clearTimeout(timer);
    if (!paused && !document.hidden) timer = setTimeout(ask, every);
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume updates" : "Pause updates";
    label(paused ? "Paused, as of" : "Live, as of");
    if (paused) clearTimeout(timer);
    else ask();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else ask();
  });
  localise(document);
  label("Live, as of");
  plan();
})();
