// How much memory a build needs whose file is larger than the memory it may use. To measure again:
//
//     npm run build
//     node datasets/runs/10-data/large.mjs        writes large.json
//
// JSON lines of three sizes are made of sentences of Moby-Dick in random order, and built with near
// duplicates looked for, by a process whose heap may hold 40 MB.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { Random } = require("llm/random");

const HEAP = 40;
const sentences = mobyDick().replaceAll(/\s+/g, " ").split(/(?<=[.!?]) /);
const folder = mkdtempSync(join(tmpdir(), "large-"));
const rng = new Random(1);
const file = join(folder, "sentences.jsonl");
const child = `
  const { buildCorpus } = require("llm/corpus");
  const [file, out] = process.argv.slice(1);
  buildCorpus({ paths: [file], out, settings: { vocabSize: 300 } }).then(({ report, splits }) => {
    const tokens = Object.values(splits).flat().reduce((sum, shard) => sum + shard.tokens, 0);
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    console.log(JSON.stringify({
      documents: report.read.documents, kept: report.kept.documents, tokens,
      mostResidentMB: Math.round(maxRSS / 1000),
      cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1e5) / 10,
    }));
  });`;

const runs = [];
writeFileSync(file, "");
for (const megabytes of [10, 40, 160]) {
  while (statSync(file).size < megabytes * 1e6) {
    const some = [];
    for (let i = 0; i < 200; i++) {
      const text = Array.from({ length: 16 }, () => sentences[rng.integer(sentences.length)]);
      some.push(`${JSON.stringify({ text: text.join(" ") })}\n`);
    }
    appendFileSync(file, some.join(""));
  }
  const limits = [`--max-old-space-size=${HEAP}`, "--max-semi-space-size=2"];
  const told = execFileSync(
    process.execPath,
    [...limits, "-e", child, file, join(folder, `corpus-${megabytes}`)],
    { cwd: fileURLToPath(new URL("../../..", import.meta.url)), encoding: "utf8" },
  );
  runs.push({ fileMB: Math.round(statSync(file).size / 1e6), ...JSON.parse(told) });
  console.log(JSON.stringify(runs.at(-1)));
}
rmSync(folder, { recursive: true });
const result = {
  made: "node datasets/runs/10-data/large.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${platform()}, ${cpus().length} cores, ${cpus()[0].model}`,
  heapMB: HEAP,
  runs,
};
writeFileSync(new URL("large.json", import.meta.url), `${JSON.stringify(result, null, 1)}\n`);
