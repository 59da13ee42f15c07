// Asks by HTTP for what the socket would have told, where none gets through.

const PATH = "/live/frames";
const INTERVAL = 15000;

export class Poll {
  #timer = 0;
  #topics = null;
  #receive;
  #done;

  // `receive` gets each frame, `done` after each round whether the site was reached.
  constructor(receive, done) {
    this.#receive = receive;
    this.#done = done;
  }

  start(topics) {
    if (this.#topics) return;
    this.#topics = topics;
    this.#round();
  }

  stop() {
    this.#topics = null;
    clearTimeout(this.#timer);
  }

  async #round() {
    const asked = this.#topics;
    const reached = await this.#ask(asked());
    if (this.#topics !== asked) return; // a socket opened meanwhile
    this.#done(reached);
    this.#timer = setTimeout(() => this.#round(), INTERVAL * (0.9 + Math.random() * 0.2));
  }

  async #ask(topics) {
    try {
      for (const topic of topics.filter((topic) => topic.channel !== "user")) {
        const words = { symbols: "*", ...topic };
        const query = new URLSearchParams({ ...words, symbols: [words.symbols].flat().join(",") });
        const reply = await fetch(`${PATH}?${query}`, { cache: "no-cache" });
        if (!reply.ok) return false;
        for (const frame of (await reply.json()).frames) this.#receive(frame);
      }
      return true;
    } catch {
      return false;
    }
  }
}
