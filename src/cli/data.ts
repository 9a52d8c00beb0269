// `npm run data -- build|show`: makes a corpus of files, token ids in shards, and shows what is in
// it. The work is done in llm/corpus; here are the options and the lines on the screen.

import { join } from "node:path";
import { type BuildStanding, type BuiltCorpus, buildCorpus, TokenShards } from "../corpus";
import { printable } from "../display";
import { loadTokenizer } from "../tokenizer";
import { allowClosedPipe, fail, shellWord } from "./command";
import { data } from "./commands";
import { commandLine, type Values } from "./options.cjs";

const n = (x: number) => x.toLocaleString("en");
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

async function build(paths: string[], values: Values<typeof data.verbs.build>): Promise<void> {
  const { out } = values;
  const screen = new Screen();
  const corpus = await buildCorpus({
    paths,
    out,
    settings: {
      format: values.format ?? null,
      field: values.field,
      perLine: values.lines,
      partCharacters: values.part,
      form: values.form,
      sentencesOnly: values.sentences,
      rules: values.rules.flatMap((name) => (name === "none" ? [] : [name])),
      languages: values.language ?? [],
      duplicates: values.duplicates,
      threshold: values.similarity,
      val: values.val,
      seed: values.seed,
      tokenizer: values.tokenizer ?? null,
      vocabSize: values.vocab,
      shardTokens: values.shard,
    },
    onStanding: (standing) => screen.show(standing),
  });
  screen.end();
  for (const line of summary(corpus)) console.log(printable(line));
  if (screen.rate !== undefined) console.log(screen.rate);
  console.log(`look at it: npm run data -- show ${shellWord(out)}`);
}

/** The line that says how far the work is, and how fast it has been. */
class Screen {
  private began: { at: number; bytes: number } | undefined;
  private packing: { at: number; tokens: number } | undefined;
  rate: string | undefined;

  show({ stage, bytes, allBytes, report, tokens }: BuildStanding): void {
    const now = performance.now();
    if (stage === "clean") {
      this.began ??= { at: now, bytes };
      this.line(
        `reading: ${megabytes(bytes)} of ${megabytes(allBytes)}, ${n(report.kept.documents)} documents kept`,
      );
      return;
    }
    if (this.packing === undefined) {
      this.packing = { at: now, tokens };
      if (this.began !== undefined && now > this.began.at) {
        const seconds = (now - this.began.at) / 1000;
        const done = bytes - this.began.bytes;
        this.rate = `cleaned ${megabytes(done)} in ${seconds.toFixed(1)} s: ${(done / 1e6 / seconds).toFixed(1)} MB/s`;
      }
    } else this.line(`packing: ${n(tokens)} tokens`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  }

  private line(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  }
}

function* summary({ report, splits, dtype, vocabSize, sources }: BuiltCorpus): Generator<string> {
  const { read, kept, dropped, problems, firstProblems } = report;
  yield `read ${n(read.documents)} documents, ${n(read.characters)} characters, from ${n(sources.length)} files`;
  for (const [rule, { documents, characters, examples }] of Object.entries(dropped).sort(
    ([, a], [, b]) => b.documents - a.documents,
  )) {
    yield `  left out by "${rule}": ${n(documents)} documents, ${n(characters)} characters`;
    yield `    such as ${examples[0].document} (${examples[0].why}): ${JSON.stringify(examples[0].text)}`;
  }
  for (const { source, where, why } of firstProblems.slice(0, 10))
    yield `  could not read ${source}${where === undefined ? "" : `, ${where}`}: ${why}`;
  if (problems > 10) yield `  and ${n(problems - 10)} more that could not be read`;
  yield `kept ${n(kept.documents)} documents, ${n(kept.characters)} characters`;
  for (const [side, shards] of Object.entries(splits)) {
    const sum = (key: "tokens" | "documents") => shards.reduce((all, shard) => all + shard[key], 0);
    yield `${side}: ${n(sum("tokens"))} tokens of ${n(sum("documents"))} documents in ${shards.length} shards (${dtype}, ${n(vocabSize)} different)`;
  }
  if (splits.val.length === 0)
    yield "nothing is held out: documents are too few for the share of --val, or are parts of one text";
}

function show(folder: string, values: Values<typeof data.verbs.show>): void {
  const { split, document } = values;
  const shards = new TokenShards(folder, split);
  for (const line of summary(shards.index as BuiltCorpus)) console.log(printable(line));
  if (shards.documents > 0) {
    const tokenizer = loadTokenizer(join(folder, "tokenizer.json"));
    const ids = shards.document(document);
    console.log(`\n${split}, document ${n(document)}: ${n(ids.length)} tokens\n`);
    console.log(printable(tokenizer.decode(ids)));
  }
  shards.close();
}

async function main(): Promise<void> {
  const { verb, values, words } = commandLine(data);
  allowClosedPipe();
  if (verb === "build") await build(words, values as Values<typeof data.verbs.build>);
  else show(words[0], values as Values<typeof data.verbs.show>);
}

main().catch((error: Error) => fail(`data: ${error.message.replace(/^buildCorpus: /, "")}`));
