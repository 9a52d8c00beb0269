// A process of a benchmark that trains or decodes on demand: JSON lines in, JSON lines out.
// Everybody runs in one of their own, so that no engine disturbs another one's memory.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * What a worker answers to "so many steps from here on".
 * @typedef {{ losses: number[], ms: number[], cpu?: number[], rss?: number }} Answer `cpu` in
 *   milliseconds of all threads, `rss` the largest memory so far in bytes
 */

/** A process that trains on demand: a line {"from", "steps"} in, a line Answer out. */
export class Worker {
  /** @type {number[]} */
  losses = [];
  /** @type {number[]} */
  ms = [];
  /** @type {number[]} */
  rounds = [];
  about = "";
  #errors = "";
  /** @type {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable,
   *   import("node:stream").Readable, import("node:stream").Readable>} */
  #child;
  /** @type {AsyncIterator<string>} */
  #lines;
  /** @type {Promise<string>} */
  #ended;

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} command
   * @param {string[]} args
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(name, label, command, args, env) {
    this.name = name;
    this.label = label;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env });
    this.#child.stderr.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#child.stdin.on("error", () => {}); // it has ended: the answer that does not come says so
    this.#ended = new Promise((done) => {
      this.#child.once("exit", (code, signal) => done(signal ?? `code ${code}`));
      this.#child.once("error", (error) => done(error.message));
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async #line() {
    const { value, done } = await this.#lines.next();
    if (done)
      throw new Error(
        [`it ended with ${await this.#ended}`, ...this.#errors.trim().split("\n").slice(-3)].join(
          "\n",
        ),
      );
    return value;
  }

  /** Waits until it is loaded. */
  async ready() {
    this.about = await this.#line();
  }

  /**
   * @param {number} from
   * @param {number} steps
   * @returns {Promise<Answer>}
   */
  async ask(from, steps) {
    this.#child.stdin.write(`${JSON.stringify({ from, steps })}\n`);
    /** @type {{ losses: (number | null)[], ms: number[] }} */
    const { losses, ...rest } = JSON.parse(await this.#line());
    return { losses: losses.map((loss) => loss ?? Number.NaN), ...rest }; // JSON has no NaN
  }

  end() {
    this.#child.stdin.end();
    this.#child.kill();
  }
}
