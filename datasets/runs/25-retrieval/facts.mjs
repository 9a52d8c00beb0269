// The part "facts" of record.mjs: ten made-up facts, taught to SmolLM2 by a LoRA of lesson 17 (light
// fine-tuning), or put beside its question by a search among them and the course's pages.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const R = require("llm/retrieval");
const { answerTask } = require("llm/answers");
const peft = require("llm/peft");
const { loadModel } = require("llm/pretrained");
const { Trainer } = require("llm/train");

const STEPS = 80;

export async function recordFacts({ has, lap, write, isRight, facts, distractors }) {
  const { params: base, config: whole, tokenizer } = loadModel("smollm2");
  const config = { ...whole, blockSize: 512 };
  const form = peft.smolForm;
  const ask = (question) => tokenizer.encode(form.user + question + form.assistant);
  const answersOf = (text) => text.split("|");
  const sets = {
    asked: facts.facts.map((fact) => [fact.asked, fact.answer]),
    again: facts.facts.flatMap((fact) => fact.again.map((question) => [question, fact.answer])),
    general: facts.general,
  };

  /** How many of each set a model answers right; `lead` puts something before a question. */
  async function scored(params, lead = (question) => question) {
    const end = tokenizer.encode(form.end)[0];
    const result = {};
    for (const [name, list] of Object.entries(sets)) {
      const prompts = list.map(([question]) => ask(lead(question)));
      const options = { maxNewTokens: 20, stopIds: [end], rows: 10 };
      const ids = await peft.writeAnswers(params, config, prompts, options);
      const texts = ids.map((own) => tokenizer.decode(own).trim());
      const right = texts.filter((text, i) => isRight(text, answersOf(list[i][1]))).length;
      result[name] = [right, list.length];
      result[`${name} texts`] = texts;
    }
    return result;
  }

  if (!has({ run: "facts", how: "none" }))
    write({ run: "facts", how: "none", ...(await scored(base)), cpu: lap() });

  if (!has({ run: "facts", how: "retrieval" })) {
    const passages = [...facts.facts.map(({ passage }) => passage), ...distractors.map(R.chunkText)];
    const bm25 = new R.Bm25();
    for (const [i, text] of passages.entries()) bm25.add(String(i), R.searchTerms(text));
    const lead = (question) => {
      const [hit] = bm25.search(R.searchTerms(question), 1);
      return `${passages[Number(hit.id)].slice(0, 500)}\n\n${question}`;
    };
    write({ run: "facts", how: "retrieval", ...(await scored(base, lead)), cpu: lap() });
  }

  for (const seed of [1, 2, 3]) {
    if (has({ run: "facts", how: "lora", seed })) continue;
    const lora = peft.initLora(base, { r: 8, targets: ["q_proj", "v_proj"] }, { seed });
    const params = peft.adapted(base, lora);
    const texts = facts.facts.map(({ asked, answer }) =>
      peft.chatIds({ instruction: asked, input: "", output: answer }, tokenizer, form),
    );
    const task = answerTask({
      ...{ model: { params, config, tokenizer }, trained: lora.params },
      ...{ draw: (rng) => texts[rng.integer(texts.length)], heldOut: texts },
      ...{ batchSize: 5, length: 40, answerLength: 12, seed },
    });
    const settings = {
      ...{ steps: STEPS, maxLr: 2e-3, minLr: 2e-4, warmupSteps: 10, seed, evalEvery: STEPS },
      ...{ evalLimit: 1, compile: true },
    };
    const trainer = new Trainer({ task, settings });
    const { history } = await trainer.run({ steps: STEPS });
    const loss = history.steps.at(-1).loss;
    write({ run: "facts", how: "lora", seed, loss, ...(await scored(params)), cpu: lap() });
    trainer.dispose();
    peft.disposeAddition(lora);
  }
}
