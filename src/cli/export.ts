// `npm run export`: a model for other programs.
import { resolve } from "node:path";
import { latestRun } from "../checkpoint";
import { useEngine } from "../engine";
import { type ExportTarget, exportModel, exportPage, PAGE_FILE } from "../export";
import { asChatModel, asPretrained, loadInstructModel } from "../instruct";
import { loadGPT } from "../pretrain";
import { findModel, loadModel, type Pretrained } from "../pretrained";
import { fail, shellWord } from "./command";
import { exportCommand as command } from "./commands";
import { commandLine } from "./options.cjs";

type Model = Omit<Pretrained, "modelType"> & Partial<Pick<Pretrained, "modelType">>;

async function main(): Promise<void> {
  const { values, words } = commandLine(command);
  const { to, type, model: place, run, name } = values;
  const folder = words[0];
  await useEngine({ quiet: true });
  const from = place ?? resolve(run ?? latestRun());
  const model: Model = place === undefined ? asPretrained(loadGPT(from)) : ofModel(place);
  if (to === "page") {
    const beginnings = values.beginning === undefined ? ["Call me", "The sea"] : [values.beginning];
    const { eos_token_id: end } = (model.generation ?? {}) as { eos_token_id?: number };
    const tokenizer = model.tokenizer;
    if (!tokenizer) throw new Error("expected a model with a tokenizer, got none");
    await exportPage(folder, { ...model, tokenizer }, { name, beginnings, end });
    console.log(`${from} is in ${folder}/${PAGE_FILE}: open it in a browser`);
    return;
  }
  const path = place === undefined || place === "own" ? undefined : findModel(place);
  const tokenizerFrom = path?.endsWith(".gguf") && to !== "huggingface" ? path : undefined;
  const files = await exportModel(folder, model, { to, type, name, tokenizerFrom });
  console.log(`${from} is in ${folder}: ${files.join(", ")}`);
  console.log(`try: ${tryOut(to, folder, model.chatTemplate !== undefined)}`);
}

const ofModel = (place: string): Model =>
  place === "own" ? asChatModel(loadInstructModel()) : loadModel(place);

/** How the other program is started. */
function tryOut(to: ExportTarget, folder: string, canChat: boolean): string {
  const place = shellWord(folder);
  if (to === "huggingface") return `vllm serve ${place}`;
  if (to === "ollama") return `ollama create mine -f ${place}/Modelfile && ollama run mine`;
  return `llama-cli -m ${place}/model.gguf ${canChat ? "-cnv" : '-no-cnv -p "Call me"'}`;
}

main().catch((error: Error) => fail(`export: ${error.message}`));
