// `npm run chat`: a conversation in the terminal, the answers as they come. Lines from a pipe are
// messages too.

import { createInterface } from "node:readline";
import { Chat, type ChatModel, readTemplate } from "../chat";
import { printable } from "../display";
import { clearInterrupt, interrupted, requestInterrupt, useEngine } from "../engine";
import { PagedReader, type TextReader } from "../inference";
import { asChatModel } from "../instruct";
import { loadGPT } from "../pretrain";
import { findModel, loadModel, openGguf } from "../pretrained";
import { Random } from "../random";
import { PagedGPT, preferredKernels } from "../runtime";
import { allowClosedPipe, decodingOf, fail, stopPolitely } from "./command";
import { chat as command } from "./commands";
import { commandLine } from "./options.cjs";

async function main(): Promise<void> {
  const { values } = commandLine(command);
  allowClosedPipe();
  const { run, template } = values;
  const file = run === undefined ? findModel(values.model) : undefined;
  const window = values.window ?? 1024;
  const { reader, ...model } = file?.endsWith(".gguf")
    ? await packed(file, window)
    : await onTensors(file, run);
  const chatTemplate = template === undefined ? model.chatTemplate : readTemplate(template);
  const chat = new Chat(
    { ...model, chatTemplate },
    {
      ...decodingOf(values),
      system: values.system,
      rng: new Random(values.seed),
      maxNewTokens: values.tokens,
      window: values.window ?? Math.min(1024, model.config.blockSize),
      reader,
    },
  );
  const answer = async (message: string) => {
    const start = performance.now();
    const { tokens, leftOut } = await chat.say(message, (piece) =>
      process.stdout.write(printable(piece)),
    );
    const speed = ((1000 * tokens) / (performance.now() - start)).toFixed(1);
    process.stdout.write("\n");
    if (leftOut > 0) console.error(`(the ${leftOut} oldest messages did not fit any more)`);
    if (values.speed) console.error(`(${tokens} tokens, ${speed} a second)`);
  };
  if (values.message !== undefined) {
    stopPolitely();
    return answer(values.message);
  }
  await conversation(answer);
}

/** What talks, and what reads for it if that is not a KV cache on tensors. */
type Talking = ChatModel & { reader?: TextReader };

/**
 * A GGUF file on its packed weights: several times as fast as on tensors, on the native kernels where
 * there are any, else on wasm.
 */
async function packed(file: string, window: number): Promise<Talking> {
  const opened = openGguf(file);
  const paged = await PagedGPT.fromGguf(opened, {
    ...preferredKernels(),
    cacheTokens: Math.min(window, opened.config.blockSize),
  });
  return { ...opened, reader: new PagedReader(paged) };
}

/** A model in a folder of Hugging Face's form, or a run. */
async function onTensors(folder: string | undefined, run: string | undefined): Promise<Talking> {
  // One token at a time, wasm is faster than native where the step is not compiled, and compiling
  // takes longer than most conversations (docs/figures.md).
  const { LLM_ENGINE, LLM_THREADS } = process.env;
  await useEngine({
    ...{ quiet: true, ...(LLM_ENGINE ? {} : { prefer: "wasm" as const }) },
    ...(LLM_THREADS ? {} : { threads: "auto" as const }),
  });
  return run === undefined ? loadModel(folder!) : asChatModel(loadGPT(run));
}

/** Every line is a message, until the end of the input. */
async function conversation(answer: (message: string) => Promise<void>): Promise<void> {
  const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: process.stdout, prompt: "> " } : {}),
  });
  let writing = false;
  // a terminal that readline reads hands Ctrl-C to it, not to the process
  lines.on("SIGINT", () => (writing ? requestInterrupt() : lines.close()));
  if (isTerminal) lines.prompt();
  else stopPolitely();
  for await (const line of lines) {
    if (line.trim() !== "") {
      writing = true;
      try {
        await answer(line);
      } catch (error) {
        console.error((error as Error).message);
      }
      writing = false;
      if (!isTerminal && interrupted()) break;
      clearInterrupt();
    }
    if (isTerminal) lines.prompt();
  }
}

main().catch((error: Error) => fail(`chat: ${error.message}`));
