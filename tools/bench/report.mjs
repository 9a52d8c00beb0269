// `npm run bench -- --report`: what was measured as one block of text, to paste into an issue or a
// mail: which machine, adapter and driver, which versions and commit, and tokens per second by
// engine. Most machines are not ours: such blocks are how their figures come into docs/figures.md.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @typedef {{ label: string, about: string, median: number, difference: number }} Row */

/** The commit, with a + where something was changed since; "unknown" outside of a repository. */
function commit() {
  const git = (/** @type {string[]} */ ...args) =>
    spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const head = git("rev-parse", "--short=12", "HEAD");
  if (head.status !== 0) return "unknown";
  return head.stdout.trim() + (git("diff", "--quiet", "HEAD").status === 0 ? "" : "+");
}

/** The versions that decide about speed, of those packages that are there. */
function versions() {
  const packages = {
    "tfjs-core": "node_modules/@tensorflow/tfjs-core",
    webgpu: "webgpu/node_modules/webgpu",
  };
  return Object.entries(packages).flatMap(([name, folder]) => {
    try {
      const { version } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      return [`${name} ${version}`];
    } catch {
      return [];
    }
  });
}

/**
 * @param {string} config
 * @param {number} tokens of one step
 * @param {Row[]} rows `median` in milliseconds for a step
 * @param {string} [date] of the day
 * @returns {string[]} lines
 */
export function reportBlock(config, tokens, rows, date = new Date().toISOString().slice(0, 10)) {
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    "```text",
    `bench ${config} · ${date} · commit ${commit()}`,
    `${platform()} ${release()} ${arch()} · ${cpus().length} × ${processor} · ${memory} GiB`,
    `node ${process.version} · ${versions().join(" · ")}`,
    ...rows.map(
      ({ label, about, median, difference }) =>
        `${label}: ${((1000 * tokens) / median).toFixed(0)} tokens/s ` +
        `(${median.toFixed(1)} ms a step; losses differ by ${difference.toExponential(1)}) · ` +
        about.replace(/^engine: /, ""),
    ),
    "```",
  ];
}
