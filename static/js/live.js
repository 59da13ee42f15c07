// The one owner of the socket: subscribes, notices gaps, reconnects with growing pauses, asks by HTTP where no socket
// gets through, and says in the header how it stands.
//
// Others call `listen({channel, timeframe?}, onItem, onAgain?)` and get every item once, newest last; `stop()` ends it.
// `onAgain` is told when a connection is back and at each round of asking by HTTP: what is no value of a snapshot may
// have changed unheard.

import { Poll } from "./poll.js";

const PATH = "/ws/v1/";
const SHORTEST_PAUSE = 250;
const FIRST_PAUSE = 3000; // after a restart everybody comes back: spread over seconds, not at once
const LONGEST_PAUSE = 60000;
const SILENCE = 75000;
const MENDING = 30000; // a reader who is slow for long skips values all the time; one snapshot in this while is enough
const PERSONAL = new Set(["alert", "portfolio", "notification"]); // of the channel `user`, for who is signed in
const WORDS = {
  waiting: "Connecting",
  again: "Reconnecting",
  live: "Live",
  polling: "Every 15 s",
  stale: "Prices stale",
  off: "Not live",
};

const listeners = new Map();
const numbers = new Map();
const freshness = new Map(); // of each price as it was told last
const poll = new Poll(receive, polled);
let socket = null;
let state = "off";
let opened = 0;
let pause = FIRST_PAUSE;
let timer = 0;
let watch = 0;

function keyOf(topic) {
  return topic.timeframe ? `${topic.channel}:${topic.timeframe}` : topic.channel;
}

// What comes in may be stale although the connection is well; that is what people need to know then.
function say(next = state) {
  state = next;
  const reached = state === "live" || state === "polling";
  const stale = reached && freshness.size > 0 && ![...freshness.values()].includes("live");
  const shown = stale ? "stale" : state;
  const element = document.getElementById("live-state");
  if (!element || element.textContent === WORDS[shown]) return;
  element.hidden = false;
  element.dataset.state = shown === "again" ? "waiting" : shown;
  element.textContent = WORDS[shown];
}

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function subscribe(topic) {
  numbers.set(keyOf(topic), new Map());
  send({ action: "subscribe", symbols: "*", ...topic });
}

// A number left out means that a value was lost or skipped for a newer one, a lower one that the server began anew; a
// snapshot of everything mends both.
function isGap(key, item) {
  const known = numbers.get(key);
  if (!known || item.seq === undefined) return false;
  const last = known.get(item.symbol);
  known.set(item.symbol, item.seq);
  return last !== undefined && item.seq !== last && item.seq !== last + 1;
}

function deliver(key, items) {
  const entry = listeners.get(key);
  if (!entry) return;
  let gap = false;
  for (const item of items) {
    gap = isGap(key, item) || gap;
    for (const hearer of entry.hearers) hearer.onItem(item);
  }
  if (gap && performance.now() > (entry.mendedAt ?? -Infinity) + MENDING) {
    entry.mendedAt = performance.now();
    subscribe(entry.topic);
  }
}

function receive(frame) {
  if (frame.type === "prices") {
    for (const item of frame.items) freshness.set(item.symbol, item.freshness);
    deliver("prices", frame.items);
    say();
  } else if (frame.type === "prediction") deliver(`predictions:${frame.timeframe}`, [frame]);
  else if (PERSONAL.has(frame.type)) deliver("user", [frame]);
  else if (frame.type === "error") console.info("live feed:", frame.code, frame.message);
}

// A connection that died without a word is noticed by its silence, and not waited for.
function keepWatch() {
  clearTimeout(watch);
  watch = setTimeout(() => {
    send({ action: "ping" });
    watch = setTimeout(reconnectLater, SILENCE / 5, socket);
  }, SILENCE);
}

function connect() {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opening = new WebSocket(`${scheme}://${location.host}${PATH}`);
  socket = opening;
  opening.addEventListener("open", () => {
    if (opening !== socket) return;
    pause = FIRST_PAUSE;
    poll.stop();
    say("live");
    keepWatch();
    for (const entry of listeners.values()) subscribe(entry.topic);
    if (opened++) tellAgain();
  });
  opening.addEventListener("message", (event) => {
    if (opening !== socket) return;
    keepWatch();
    receive(JSON.parse(event.data));
  });
  opening.addEventListener("close", () => reconnectLater(opening));
}

function reconnectLater(lost) {
  if (lost !== socket) return;
  clearTimeout(watch);
  socket = null;
  lost.close();
  if (!listeners.size) {
    poll.stop();
    return say("off");
  }
  const wasOpen = state === "live";
  if (state !== "polling") say("again");
  if (!wasOpen) poll.start(() => [...listeners.values()].map((entry) => entry.topic));
  timer = setTimeout(connect, SHORTEST_PAUSE + Math.random() * pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

function tellAgain() {
  for (const entry of listeners.values()) for (const hearer of entry.hearers) hearer.onAgain?.();
}

function polled(reached) {
  if (reached) tellAgain();
  if (state !== "live") say(reached ? "polling" : "again");
}

function connectNow() {
  if (listeners.size && socket === null) connect();
}

export function listen(topic, onItem, onAgain) {
  const key = keyOf(topic);
  const first = listeners.size === 0;
  const hearer = { onItem, onAgain };
  const known = listeners.get(key);
  if (known) {
    known.hearers.add(hearer); // of one topic, in the same words: the subscription stands
  } else {
    listeners.set(key, { topic, hearers: new Set([hearer]) });
    if (first && socket === null) {
      say("waiting");
      connect();
    } else {
      subscribe(topic);
    }
  }
  return function stop() {
    const entry = listeners.get(key);
    entry?.hearers.delete(hearer);
    if (entry?.hearers.size) return;
    listeners.delete(key);
    numbers.delete(key);
    send({ action: "unsubscribe", symbols: "*", ...topic });
  };
}

addEventListener("online", connectNow);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) connectNow();
});
addEventListener("pagehide", () => {
  listeners.clear();
  poll.stop();
  socket?.close();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
