// The one owner of the socket: subscribes, notices gaps, reconnects with growing pauses, says in the header how it stands.
//
// Others call `listen({channel, timeframe?}, onItem)` and get every item once, newest last; `stop()` ends it.

const PATH = "/ws/v1/";
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;
const SILENCE = 75000;
const MENDING = 30000; // a reader who is slow for long skips values all the time; one snapshot in this while is enough

const listeners = new Map();
const numbers = new Map();
let socket = null;
let pause = FIRST_PAUSE;
let timer = 0;
let watch = 0;

function keyOf(topic) {
  return topic.timeframe ? `${topic.channel}:${topic.timeframe}` : topic.channel;
}

function say(state, text) {
  const element = document.getElementById("live-state");
  if (!element || element.dataset.state === state) return;
  element.hidden = false;
  element.dataset.state = state;
  element.textContent = text;
}

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function subscribe(topic) {
  numbers.set(keyOf(topic), new Map());
  send({ action: "subscribe", symbols: "*", ...topic });
}

// A missing number means that a value was lost or skipped for a newer one; a snapshot of everything mends it.
function isGap(key, item) {
  const known = numbers.get(key);
  if (!known || item.seq === undefined) return false;
  const last = known.get(item.symbol);
  known.set(item.symbol, item.seq);
  return last !== undefined && item.seq > last + 1;
}

function deliver(key, items) {
  const entry = listeners.get(key);
  if (!entry) return;
  let gap = false;
  for (const item of items) {
    gap = isGap(key, item) || gap;
    entry.onItem(item);
  }
  if (gap && performance.now() > (entry.mendedAt ?? -Infinity) + MENDING) {
    entry.mendedAt = performance.now();
    subscribe(entry.topic);
  }
}

function receive(event) {
  keepWatch();
  const frame = JSON.parse(event.data);
  if (frame.type === "prices") deliver("prices", frame.items);
  else if (frame.type === "prediction") deliver(`predictions:${frame.timeframe}`, [frame]);
  else if (frame.type === "error") console.info("live feed:", frame.code, frame.message);
}

// A connection that died without a word is noticed by its silence.
function keepWatch() {
  clearTimeout(watch);
  watch = setTimeout(() => {
    send({ action: "ping" });
    watch = setTimeout(() => socket?.close(), SILENCE / 5);
  }, SILENCE);
}

function connect() {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${PATH}`);
  socket.addEventListener("open", () => {
    pause = FIRST_PAUSE;
    say("live", "Live");
    keepWatch();
    for (const entry of listeners.values()) subscribe(entry.topic);
  });
  socket.addEventListener("message", receive);
  socket.addEventListener("close", reconnectLater);
}

function reconnectLater() {
  clearTimeout(watch);
  if (!listeners.size) return say("off", "Not live");
  say("waiting", "Reconnecting");
  timer = setTimeout(connect, pause / 2 + (Math.random() * pause) / 2);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

export function listen(topic, onItem) {
  const key = keyOf(topic);
  listeners.set(key, { topic, onItem });
  if (!socket) {
    say("waiting", "Connecting");
    connect();
  } else {
    subscribe(topic);
  }
  return function stop() {
    listeners.delete(key);
    numbers.delete(key);
    send({ action: "unsubscribe", symbols: "*", ...topic });
  };
}

addEventListener("online", () => {
  if (socket?.readyState === WebSocket.CLOSED) connect();
});
addEventListener("pagehide", () => {
  listeners.clear();
  socket?.close();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
