// Counts in the header what came for the reader while a page is open, and says it to screen readers. What came while the
// connection was away is asked for when it is back.

import { listen } from "./live.js";

const PATH = "/inbox/unread";
const link = document.getElementById("inbox-link");
const count = document.getElementById("inbox-count");
const seen = new Set();

function show(frame) {
  if (frame.type !== "alert" || seen.has(frame.id)) return;
  seen.add(frame.id);
  write(Number(link.dataset.unread || 0) + 1);
  link.title = frame.sentence;
  announce(frame.sentence);
  document.dispatchEvent(new CustomEvent("khalsi:alert", { detail: frame }));
}

function write(unread) {
  link.dataset.unread = unread;
  count.textContent = unread ? `\u00a0(${unread})` : "";
}

function announce(sentence) {
  const line = document.getElementById("inbox-said");
  line.textContent = sentence;
  line.hidden = false;
}

// Who was signed out meanwhile is led to the sign-in page, which tells no number: what stands there stays.
async function ask() {
  const known = link.dataset.unread;
  try {
    const reply = await fetch(PATH, { cache: "no-store", redirect: "error" });
    if (!reply.ok) return;
    const { unread } = await reply.json();
    if (link.dataset.unread !== known) return void ask(); // something was told while the answer was on its way
    if (unread > Number(known || 0)) announce("New messages in your inbox.");
    write(unread);
  } catch {
    // The network is away again: the next connection asks anew.
  }
}

if (link && count) listen({ channel: "user" }, show, ask);
