// `npm run serve`: a model behind OpenAI's HTTP API, until Ctrl-C.

import { setFlagsFromString } from "node:v8";
import { modelFolder } from "../checkpoint";
import { useEngine } from "../engine";
import {
  type Embedder,
  openEmbedder,
  openLanguageModel,
  openRun,
  type Prices,
} from "../languageModel";
import { type AppOptions, type RunningServer, readKeys, serve, serveUpstream } from "../serve";
import { fail, shellWord, stopServer } from "./command";
import { serve as command } from "./commands";
import { commandLine } from "./options.cjs";

/**
 * The heap may grow by 15 % before garbage is collected. By itself V8 waits longer: over 10,000
 * requests the memory of a server went up and down between 155 and 255 MiB, with 33 MiB in use. This
 * costs about 6 % of the processor's time (docs/log/2026-11-28-24.md).
 */
setFlagsFromString("--heap-growing-percent=15");

async function main(): Promise<void> {
  const { values } = commandLine(command);
  const { model, run, upstream, port, host, keys: file, log } = values;
  if ([model, run, upstream].filter((one) => one !== undefined).length > 1)
    throw new Error("expected one of --model, --run and --upstream, got several");
  const keys = file === undefined ? [] : readKeys(file);
  if (keys.length === 0 && !["127.0.0.1", "localhost", "::1"].includes(host))
    console.error(`serve: without --keys everybody who reaches ${host} may ask`);
  const common = { port, host, keys, log, prices: pricesOf(values.prices) };
  if (upstream !== undefined) {
    const upstreamKey = process.env.LLM_API_KEY;
    return told(await serveUpstream({ ...common, upstream, upstreamKey }), upstream, true);
  }
  const options = { maxLength: values.context, maxRunning: values.running };
  const place = model ?? (modelFolder("smollm2") ? "smollm2" : "own");
  const opened = await (run === undefined
    ? openLanguageModel(place, options)
    : openRun(run, options));
  const embedder = fetchedEmbedder();
  const server = await serve({ ...common, model: opened, embedder, most: values.queue });
  told(server, opened.name, opened.canChat);
}

/** MiniLM, where it has been fetched; it is opened for the first vector that somebody asks for. */
function fetchedEmbedder(): AppOptions["embedder"] {
  const name = "minilm";
  if (!modelFolder(name)) return undefined;
  let opened: Promise<Embedder> | undefined;
  const open = async () => {
    await useEngine({ quiet: true });
    return openEmbedder(name);
  };
  return {
    name,
    async embed(texts) {
      opened ??= open();
      return (await opened).embed(texts);
    },
  };
}

function pricesOf(text: string | undefined): Prices | undefined {
  if (text === undefined) return undefined;
  const [prompt, completion, ...more] = text.split(",").map(Number);
  if (prompt >= 0 && completion >= 0 && more.length === 0) return { prompt, completion };
  throw new Error(`expected --prices as two numbers such as 0.15,0.60, got ${text}`);
}

/** Says where it is, and stops when it is asked to. */
function told(server: RunningServer, model: string, canChat: boolean): void {
  const [path, asked] = canChat
    ? ["chat/completions", '"messages": [{"role": "user", "content": "Hello"}]']
    : ["completions", '"prompt": "Once upon a time", "max_tokens": 40'];
  const body = `{"model": "default", ${asked}}`;
  console.log(`${model} answers at ${server.url}/v1, and in the browser at ${server.url}`);
  console.log(
    `try: curl ${server.url}/v1/${path} -H 'content-type: application/json' ` +
      `-d ${shellWord(body)}`,
  );
  stopServer(server);
}

main().catch((error: Error) => fail(`serve: ${error.message}`));
