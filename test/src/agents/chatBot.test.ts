// Forms with corrections, preferences that outlive a conversation, and the bot that has both.
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  booking,
  ChatBot,
  type FormState,
  fillForm,
  PreferenceStore,
  scriptedModel,
  statedPreferences,
  toldPreferences,
} from "llm/agents";
import { describe, expect, test } from "vitest";

describe("a form", () => {
  test.each<[text: string, asked: string | undefined, values: Record<string, unknown>]>([
    ["A table for 4 on Friday at 7 pm", undefined, { people: 4, day: "Friday", time: "19:00" }],
    ["for two people, please", undefined, { people: 2 }],
    ["there are three of us", undefined, { people: 3 }],
    ["a table for 7:30 pm", undefined, { time: "19:30" }],
    ["at 20:15", undefined, { time: "20:15" }],
    ["at 8", undefined, { time: "20:00" }],
    ["8", "people", { people: 8 }],
    ["8", "time", { time: "20:00" }],
    ["Anna", "name", { name: "Anna" }],
    ["Anna", "day", {}],
    ["my name is Anna", undefined, { name: "Anna" }],
    ["on friday", undefined, { day: "Friday" }],
    ["What do you have?", "people", {}],
  ])("%s (asked for %s)", (text, asked, values) => {
    expect(fillForm(booking, { values: {}, asked }, text).state.values).toEqual(values);
  });

  test("is filled over turns, and later words correct earlier ones", () => {
    let state: FormState = { values: {} };
    const say = (text: string) => {
      const filled = fillForm(booking, state, text);
      state = filled.state;
      return filled;
    };
    expect(say("I want a table for 2 on Friday.").question).toBe("At what time?");
    expect(say("7").question).toBe("In what name?");
    const corrected = say("No, for 4, and on Saturday, not on Friday. I mean Saturday.");
    expect([corrected.corrected, corrected.question]).toEqual([["people", "day"], "In what name?"]);
    expect(say("Anna").question).toBeUndefined();
    expect(state.values).toEqual({ people: 4, day: "Saturday", time: "19:00", name: "Anna" });
  });

  test("does not take what cannot be, and keeps what it had", () => {
    const state = { values: { people: 4 } };
    const filled = fillForm(booking, state, "for 20 people on Monday");
    expect(filled.faults).toEqual([
      "We have tables for 1 to 12 people.",
      "We are closed on Mondays.",
    ]);
    expect([filled.state.values, state.values]).toEqual([{ people: 4 }, { people: 4 }]);
    expect(filled.filled).toEqual([]);
  });
});

describe("preferences", () => {
  test.each([
    ["Please call me Ada.", { name: "Ada" }],
    ["I am a vegetarian. Answer briefly.", { diet: "vegetarian", answers: "briefly" }],
    ["I am allergic to nuts", { "allergy to nuts": "yes" }],
    ["My favourite colour is blue!", { "favourite colour": "blue" }],
    ["I am not vegetarian.", {}],
    ["Would you call me Ada if you could?", {}],
    ["What does a lamp cost?", {}],
  ])("%s", (text, found) => {
    expect(statedPreferences(text)).toEqual(found);
  });

  test("stay in a file, can be changed and deleted", () => {
    const folder = join(mkdtempSync(join(tmpdir(), "preferences-")), "users");
    const store = new PreferenceStore(folder);
    expect(store.get("ada")).toEqual({});
    store.remember("ada", {});
    store.remember("ada", { name: "Ada", diet: "vegan" });
    expect(new PreferenceStore(folder).remember("ada", { diet: "vegetarian" })).toEqual({
      name: "Ada",
      diet: "vegetarian",
    });
    expect(toldPreferences(store.get("ada"))).toBe("About the user: name: Ada; diet: vegetarian.");
    expect(store.get("bob")).toEqual({});
    store.forget("ada", "diet");
    expect(store.get("ada")).toEqual({ name: "Ada" });
    store.forget("ada");
    expect([store.get("ada"), readdirSync(folder), toldPreferences({})]).toEqual([{}, [], ""]);
    expect(() => store.get("../etc/passwd")).toThrow("expected a user of 1 to 64 letters");
  });
});

describe("the bot", () => {
  const folder = () => mkdtempSync(join(tmpdir(), "bot-"));
  const seen: string[] = [];
  const model = scriptedModel((messages) => {
    seen.push(messages.map(({ role, content }) => `${role}: ${content}`).join("\n"));
    return "Fish.";
  });
  const agent = { model, tools: [] };
  const form = {
    slots: booking,
    opens: /\b(book|table|reserve)\b/i,
    done: ({ people, day }: Record<string, unknown>) => `Booked for ${people} on ${day}.`,
  };

  test("fills its form over turns, answers a question in between, and can be stopped", async () => {
    const bot = new ChatBot({ agent, form });
    const say = async (text: string) => (await bot.say(text)).text;
    expect(await say("I want to book a table for 2.")).toBe("On which day?");
    expect(await say("What do you cook?")).toBe("Fish. (Your booking is still open.)");
    expect(await say("Friday at 7 pm")).toBe("In what name?");
    expect(await say("Make it for 3.")).toBe("people is now 3. In what name?");
    expect(await say("Anna")).toBe("Booked for 3 on Friday.");
    expect(bot.form).toBeUndefined();
    await say("A table, please");
    expect(await say("Oh, never mind.")).toBe("All right, I have dropped it.");
    expect(await say("What do you cook?")).toBe("Fish.");
  });

  test("knows in the next conversation what was said in the last", async () => {
    const preferences = { store: new PreferenceStore(folder()), user: "ada" };
    const options = { agent, preferences, system: "You are a waiter." };
    const { remembered } = await new ChatBot(options).say("Call me Ada. I am vegetarian.");
    expect(remembered).toEqual({ name: "Ada", diet: "vegetarian" });
    seen.length = 0;
    await new ChatBot(options).say("What can I eat?");
    expect(seen).toEqual([
      "system: You are a waiter.\nAbout the user: name: Ada; diet: vegetarian.\nuser: What can I eat?",
    ]);
    const other = { ...options, preferences: { ...preferences, user: "bob" } };
    await new ChatBot(other).say("What can I eat?");
    expect(seen[1]).toBe("system: You are a waiter.\nuser: What can I eat?");
  });

  test("shows earlier turns, and says so when the agent finds no answer", async () => {
    const bot = new ChatBot({ agent });
    await bot.say("Hello");
    seen.length = 0;
    await bot.say("And now?");
    expect(seen[0]).toBe("user: Hello\nassistant: Fish.\nuser: And now?");
    const idle = new ChatBot({ agent: { ...agent, budget: { steps: 0 } } });
    expect((await idle.say("Hello")).text).toBe("I could not find that out (steps).");
  });
});
