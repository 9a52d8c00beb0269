// The same model in the shapes of other libraries, and behind a URL as a model again.
import { openLanguageModel, RemoteModel, write, writeAll } from "llm/languageModel";
import { pipeline, run, serve } from "llm/serve";
import { expect, test } from "vitest";

const question = [{ role: "user" as const, content: "What is the reverse of: apple, pear?" }];

test("pipeline and run give the text that the model gives", async () => {
  const model = await openLanguageModel("own");
  const { text } = await write(model, { messages: question, temperature: 0, maxTokens: 20 });
  const generator = await pipeline("text-generation", model);
  const [{ generated_text: turns }] = await generator(question, { do_sample: false });
  expect(turns).toEqual([...question, { role: "assistant", content: text }]);
  const options = { do_sample: false, max_new_tokens: 5 };
  const [{ generated_text: whole }] = await generator("The", options);
  const [{ generated_text: rest }] = await generator("The", {
    ...options,
    return_full_text: false,
  });
  expect(whole).toBe(`The${rest as string}`);
  await expect(pipeline("translation", model)).rejects.toThrow('got "translation"');
  const asked = { prompt: question[0].content, temperature: 0, max_tokens: 20 };
  expect((await run("own", asked)).response).toBe(text);
  expect((await run("own", { ...asked, prompt: undefined, messages: question })).response).toBe(
    text,
  );
  await expect(run("own", {})).rejects.toThrow("expected a prompt or messages");
});

test("a model behind a URL writes what the model behind the server writes", async () => {
  const model = await openLanguageModel("own");
  const server = await serve({ model, port: 0 });
  const remote = new RemoteModel({ url: `${server.url}/v1`, model: "own" });
  const requests = [
    { messages: question, temperature: 0, logprobs: 2 },
    { prompt: "The whale", temperature: 1, seed: 5, maxTokens: 8, logprobs: 1 },
    { prompt: "A", temperature: 0, maxTokens: 10, form: { regex: "(yes|no)" }, stop: ["!"] },
  ];
  const [here, there] = await Promise.all([writeAll(model, requests), writeAll(remote, requests)]);
  for (const [i, one] of there.entries()) {
    expect(one.text).toBe(here[i].text);
    expect(one.reason).toBe(here[i].reason);
    expect(one.usage.completionTokens).toBe(here[i].usage.completionTokens);
    expect(one.tokens.map(({ token }) => token)).toEqual(here[i].tokens.map(({ token }) => token));
  }
  const [stream] = remote.write({ prompt: "The", maxTokens: 200, form: { regex: "[a-z ]{500}" } });
  for await (const _ of stream) stream.cancel();
  expect((await stream.done).reason).toBe("cancelled");
  const refused = write(remote, { prompt: "a", temperature: -1 });
  await expect(refused).rejects.toMatchObject({ name: "RequestError", param: "temperature" });
  await server.stop(1000);
  await expect(write(remote, { prompt: "a" })).rejects.toThrow();
});
