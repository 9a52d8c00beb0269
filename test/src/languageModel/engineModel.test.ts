// Text in, text out: prompts and conversations as ids, stop texts, forms, log-probabilities, errors.

import { loadBaseModel } from "llm/baseModel";
import { datasetPath } from "llm/data";
import { tf, useEngine } from "llm/engine";
import { gptLogits } from "llm/gpt";
import {
  type EngineModel,
  openLanguageModel,
  openRun,
  RequestError,
  type TextRequest,
  write,
  writeAll,
} from "llm/languageModel";
import { disposeParams } from "llm/params";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The model that answers, and the one that only goes on. */
let model: EngineModel;
let base: EngineModel;
const messages = [{ role: "user" as const, content: "What is 7 + 5?" }];

beforeAll(async () => {
  await useEngine({ quiet: true });
  model = await openLanguageModel("own");
  base = await openRun(datasetPath("base-gpt/checkpoint.safetensors") as string);
});

const greedy = { temperature: 0, maxTokens: 12 };

/** The error that a request gets at once. */
function refusal(request: TextRequest): RequestError {
  try {
    model.write(request);
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return error as RequestError;
  }
  throw new Error("expected the request to be refused");
}

describe("a text", () => {
  test("the pieces are the whole, and the marks of the conversation are not part of it", async () => {
    const [stream] = model.write({ ...greedy, messages, maxTokens: 40 });
    let text = "";
    for await (const piece of stream) text += piece.text;
    const written = await stream.done;
    expect(text).toBe(written.text);
    expect(written.reason).toBe("stop");
    expect(written.text).not.toContain("<|");
    // the token that ended the turn was written, too
    expect(written.usage.completionTokens).toBe(model.countTokens(written.text) + 1);
    expect(written.usage.promptTokens).toBe(model.promptIds({ messages }).length);
    expect(written.timings!.total).toBeGreaterThan(0);
  });

  test("somebody who comes late gets all pieces", async () => {
    const [stream] = base.write({ ...greedy, prompt: "The whale" });
    const { text } = await stream.done;
    let later = "";
    for await (const piece of stream) later += piece.text;
    expect(later).toBe(text);
  });

  test("the same text alone and beside others; samples differ and the first is the text alone", async () => {
    const request = { prompt: "The whale", maxTokens: 12, seed: 4, temperature: 1 };
    const alone = await write(base, request);
    const all = await writeAll(base, [{ prompt: "It was" }, request, { prompt: "A ship" }]);
    expect(all[1].text).toBe(alone.text);
    const samples = await Promise.all(base.write(request, 3).map(({ done }) => done));
    expect(samples[0].text).toBe(alone.text);
    expect(new Set(samples.map(({ text }) => text)).size).toBe(3);
  });

  test("cancelled: what it has until then", async () => {
    const [stream] = base.write({ prompt: "The whale", maxTokens: 100, temperature: 0 });
    let pieces = 0;
    for await (const _ of stream) if (++pieces === 3) stream.cancel();
    const { reason, text, usage } = await stream.done;
    expect(reason).toBe("cancelled");
    expect(text).not.toBe("");
    expect(usage.completionTokens).toBeLessThan(10);
    expect(base.engine.pool.stats().used).toBe(0);
  });
});

describe("stop texts", () => {
  test("end the text before them, also inside a token and over several", async () => {
    const { text } = await write(base, { ...greedy, prompt: "The whale", maxTokens: 30 });
    for (let i = 1; i + 4 < text.length; i += 3) {
      const stop = text.slice(i, i + 4);
      const stopped = await write(base, {
        ...greedy,
        prompt: "The whale",
        maxTokens: 30,
        stop: [stop],
      });
      expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
      expect(stopped.reason).toBe("stop");
    }
  });

  test("those of the prompt do not count, and what could have been one is given at the end", async () => {
    const request = { ...greedy, prompt: "The whale", maxTokens: 10 };
    const { text } = await write(base, request);
    const stop = ["The whale", `${text.at(-1)}!!`];
    expect(await write(base, { ...request, stop })).toMatchObject({ text, reason: "length" });
  });
});

describe("a form", () => {
  const schema = {
    type: "object",
    properties: {
      name: { enum: ["Ann", "Bob"] },
      age: { type: "integer", minimum: 0, maximum: 99 },
    },
    required: ["name", "age"],
    additionalProperties: false,
  };

  test("JSON of a schema, text of a regular expression, several at once", async () => {
    const all = await writeAll(model, [
      { prompt: "Who? ", maxTokens: 40, form: { schema } },
      { prompt: "Who? ", maxTokens: 40, form: { regex: "(yes|no), [a-z]{3,5}" } },
      { messages, maxTokens: 30, form: { schema } },
    ]);
    for (const { text } of [all[0], all[2]]) {
      const { name, age } = JSON.parse(text) as { name: string; age: number };
      expect(["Ann", "Bob"]).toContain(name);
      expect(age).toBeLessThan(100);
    }
    expect(all[1].text).toMatch(/^(yes|no), [a-z]{3,5}$/);
    expect(all.map(({ reason }) => reason)).toEqual(["stop", "stop", "stop"]);
    const samples = model.write({ prompt: "Who? ", maxTokens: 40, form: { schema } }, 3);
    for (const { done } of samples)
      expect(Object.keys(JSON.parse((await done).text))).toEqual(["name", "age"]);
  });

  test("what cannot be written is refused at once", () => {
    expect(refusal({ prompt: "a", form: { regex: "(" } }).param).toBe("form");
    expect(refusal({ prompt: "a", form: { schema: { type: "strange" } as never } }).param).toBe(
      "form",
    );
    expect(refusal({ prompt: "a", maxTokens: 3, form: { schema } })).toMatchObject({
      param: "maxTokens",
      message: expect.stringContaining("expected room for the shortest text"),
    });
  });
});

describe("log-probabilities", () => {
  test("are those of the model on tensors, of the prompt and of the new tokens", async () => {
    const prompt = "The whale is";
    const written = await write(base, {
      ...{ prompt, maxTokens: 5, temperature: 0.7, seed: 2 },
      ...{ logprobs: 3, promptLogprobs: true },
    });
    const ids = [...written.promptTokens, ...written.tokens].map(({ id }) => id);
    expect(written.promptTokens.map(({ token }) => token).join("")).toBe(prompt);
    expect(written.tokens.length).toBe(5);
    expect(written.promptTokens[0].logprob).toBeUndefined();
    const { params, config } = loadBaseModel();
    const input = tf.tensor2d([ids], undefined, "int32");
    const logits = gptLogits(params, config, input);
    const expected = logits.logSoftmax().arraySync() as number[][][];
    tf.dispose([input, logits]);
    disposeParams(params);
    const told = [...written.promptTokens, ...written.tokens];
    for (const [i, { id, logprob, top }] of told.entries()) {
      if (i === 0) continue;
      const row = expected[0][i - 1];
      expect(logprob).toBeCloseTo(row[id], 3);
      const best = [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, 3);
      expect(top.map((one) => one.id)).toEqual(best);
      expect(top[0].logprob).toBeCloseTo(row[best[0]], 3);
    }
  });

  test("come with their pieces, none twice and none lost", async () => {
    const [stream] = base.write({
      prompt: "猫",
      maxTokens: 20,
      temperature: 1,
      seed: 5,
      logprobs: 0,
    });
    const came: number[] = [];
    for await (const { tokens } of stream) came.push(...tokens.map(({ id }) => id));
    const { tokens, usage } = await stream.done;
    expect(came).toEqual(tokens.map(({ id }) => id));
    expect(came.length).toBe(usage.completionTokens);
  });

  test("the prompt alone: nothing is written", async () => {
    const request = { prompt: "The whale is", maxTokens: 0, promptLogprobs: true };
    const { text, promptTokens, tokens, usage } = await write(base, request);
    expect({ text, tokens }).toEqual({ text: "", tokens: [] });
    expect(promptTokens.length).toBe(usage.promptTokens);
    expect(usage.completionTokens).toBe(0);
  });
});

test("a request that makes no sense says which part of it", async () => {
  const long = "whale ".repeat(2000);
  const cases: [TextRequest, string, string][] = [
    [{ prompt: long }, "messages", "expected a prompt and its answer within"],
    [{ prompt: "a", maxTokens: 100_000 }, "maxTokens", "within"],
    [{ prompt: "a", logprobs: 21 }, "logprobs", "from 0 to 20, got 21"],
    [{ prompt: "a", stop: [""] }, "stop", "got an empty one"],
    [{ prompt: [999_999] }, "prompt", "999999"],
    [{ prompt: "a", maxTokens: 1, temperature: NaN }, "temperature", "NaN"],
    [{ prompt: "a", maxTokens: 1, topP: 0 }, "topP", "got 0"],
    [{ messages: [{ role: "system", content: "Be brief." }] }, "messages", "expected the roles"],
  ];
  for (const [request, param, message] of cases)
    expect(refusal(request)).toMatchObject({ param, message: expect.stringContaining(message) });
  expect(refusal({ prompt: long }).code).toBe("context_length_exceeded");
  expect(model.engine.idle).toBe(true);
});

test("an empty prompt begins with the token between documents", async () => {
  const { usage } = await write(model, { prompt: "", maxTokens: 3, temperature: 0 });
  expect(usage.promptTokens).toBe(1);
});

afterAll(() => {
  for (const { engine } of [model, base]) expect(engine.pool.stats().used).toBe(0);
});
