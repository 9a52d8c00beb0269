// Lesson 26 (agents): plausible wrong answers, each with the sentence it must be told.

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/26-agents";

type Messages = right.CountedMessage[];
const isTool = ({ role }: right.CountedMessage) => role === "tool";
const total = (messages: Messages) => messages.reduce((sum, { tokens }) => sum + tokens, 0);
const leftOut = { role: "tool" as const, content: "(left out)", tokens: 3 };

/** Drops results in an order, as long as a condition holds. */
const dropping =
  (order: (places: number[]) => number[], goesOn: (tokens: number, most: number) => boolean) =>
  (messages: Messages, most: number): Messages => {
    const kept = messages.map((message) => ({ ...message }));
    const places = kept.flatMap((message, i) => (isTool(message) ? [i] : []));
    for (const i of order(places))
      if (goesOn(total(kept), most) && kept[i].tokens > 3) kept[i] = { ...leftOut };
    return kept;
  };
const old = (places: number[]) => places.slice(0, -1);
const over = (tokens: number, most: number) => tokens > most;

/** A form by its own idea of which match counts, and of what is corrected. */
const filling =
  (
    choose: (all: RegExpMatchArray[]) => RegExpMatchArray | undefined,
    {
      keep = false,
      flags = "gi",
      corrects = (a?: string, b?: string) => a !== undefined && a !== b,
    },
  ) =>
  (slots: right.Slot[], values: Record<string, string>, text: string) => {
    const filled = { ...values };
    const corrected: string[] = [];
    for (const { name, pattern } of slots) {
      const value = choose([...text.matchAll(new RegExp(pattern, flags))])?.[1];
      if (value === undefined || (keep && name in values)) continue;
      if (corrects(values[name], value)) corrected.push(name);
      filled[name] = value;
    }
    const missing = slots.find(({ name }) => !(name in filled))?.name ?? null;
    return { values: filled, corrected, missing };
  };
const last = <T>(all: T[]) => all.at(-1);

export const mutants: Mutants<typeof right> = {
  parseToolCalls: [
    {
      name: "the first block alone",
      told: /Only the first block/,
      answer: (text: string) =>
        right.parseToolCalls(text.split("<tool_call>").slice(0, 2).join("<tool_call>")),
    },
    {
      name: "a list taken for one call",
      told: /A block can hold a list/,
      answer: (text: string) => {
        const blocks = text.split("<tool_call>").slice(1);
        const calls: right.ToolCall[] = [];
        let broken = 0;
        for (const block of blocks)
          try {
            const one = JSON.parse(block.split("</tool_call>")[0]);
            if (typeof one?.name === "string")
              calls.push({ name: one.name, arguments: one.arguments ?? {} });
            else broken++;
          } catch {
            broken++;
          }
        return { calls, broken };
      },
    },
    {
      name: "no end, no block",
      told: /without an end tag/,
      answer: (text: string) =>
        right.parseToolCalls(
          [...text.matchAll(/<tool_call>[\s\S]*?<\/tool_call>/g)].map(([block]) => block).join(""),
        ),
    },
    {
      name: "broken blocks end everything",
      told: /go on with the next block/,
      answer: (text: string) => {
        const parts = text.split("<tool_call>").slice(1);
        const calls: right.ToolCall[] = [];
        for (const part of parts) {
          const found = right.parseToolCalls(`<tool_call>${part}`);
          calls.push(...found.calls);
          if (found.broken > 0) return { calls, broken: found.broken };
        }
        return { calls, broken: 0 };
      },
    },
    {
      name: "arguments have to be there",
      told: /arguments are missing/,
      answer: (text: string) => {
        const { calls, broken } = right.parseToolCalls(
          text.replaceAll('"arguments"', '"name2": 0, "arguments"'),
        );
        const whole = calls.filter(({ arguments: args }) => Object.keys(args).length > 0);
        return { calls: whole, broken: broken + calls.length - whole.length };
      },
    },
    {
      name: "line breaks not matched",
      told: /matches no line break/,
      answer: (text: string) => {
        const blocks = text.matchAll(/<tool_call>(?:.*?)(?:<\/tool_call>|$)/g);
        return right.parseToolCalls([...blocks].map(([block]) => block).join("\n"));
      },
    },
    {
      name: "a name of any kind",
      told: /A name has to be a string/,
      answer: (text: string) => {
        const named = text.replace(/"name": ?(\d+)/g, '"name":"#$1"');
        const { calls, broken } = right.parseToolCalls(named);
        const back = (name: string) => (name[0] === "#" ? Number(name.slice(1)) : name) as string;
        return { calls: calls.map((one) => ({ ...one, name: back(one.name) })), broken };
      },
    },
    {
      name: "from the first tag to the last",
      told: /first opening tag to the last closing one/,
      answer: (text: string) => {
        const inside = /<tool_call>([\s\S]*)<\/tool_call>/.exec(text)?.[1];
        if (inside === undefined) return right.parseToolCalls(text);
        const clean = inside.replaceAll("</tool_call>", "\0").replaceAll("<tool_call>", "\0");
        return right.parseToolCalls(`<tool_call>${clean}</tool_call>`);
      },
    },
  ],
  validateArguments: [
    {
      name: "0 and the empty text count as missing",
      told: /0, "" and false are values/,
      answer: (parameters: right.Parameters, args: Record<string, unknown>) => {
        const missing = parameters.required.filter((name) => !args[name]);
        const rest = right.validateArguments({ ...parameters, required: [] }, args);
        return [...missing.map((name) => `missing: ${name}`), ...rest];
      },
    },
    {
      name: "typeof for integers",
      told: /2\.5 is no integer/,
      answer: ({ properties, required }: right.Parameters, args: Record<string, unknown>) =>
        right.validateArguments(
          {
            required,
            properties: Object.fromEntries(
              Object.entries(properties).map(([name, one]) => [
                name,
                { ...one, type: one.type === "integer" ? "number" : one.type },
              ]),
            ),
          },
          args,
        ),
    },
    {
      name: "unknown arguments let through",
      told: /An argument that the schema does not know/,
      answer: (parameters: right.Parameters, args: Record<string, unknown>) =>
        right.validateArguments(parameters, args).filter((fault) => !fault.startsWith("unknown")),
    },
    {
      name: "all properties required",
      told: /Only what stands in `required`/,
      answer: ({ properties }: right.Parameters, args: Record<string, unknown>) =>
        right.validateArguments({ properties, required: Object.keys(properties) }, args),
    },
    {
      name: "falsy values not looked at",
      told: /compared with type and enum like any other value/,
      answer: (parameters: right.Parameters, args: Record<string, unknown>) =>
        right
          .validateArguments(parameters, args)
          .filter((fault) => !/^(type|enum)/.test(fault) || args[fault.slice(6)]),
    },
    {
      name: "what is missing said last",
      told: /What is missing is said first/,
      answer: (parameters: right.Parameters, args: Record<string, unknown>) => {
        const faults = right.validateArguments(parameters, args);
        const isMissing = (fault: string) => fault.startsWith("missing");
        return [...faults.filter((one) => !isMissing(one)), ...faults.filter(isMissing)];
      },
    },
    {
      name: "the enum forgotten",
      told: /one of the values of `enum`/,
      answer: (parameters: right.Parameters, args: Record<string, unknown>) =>
        right.validateArguments(parameters, args).filter((fault) => !fault.startsWith("enum")),
    },
  ],
  decideStep: [
    {
      name: "only the last step looked at",
      told: /all earlier steps/,
      answer: (step: Step, earlier: string[][], maxSteps: number) => {
        const decision = right.decideStep(step, earlier, maxSteps);
        const before = earlier.at(-1) ?? [];
        const same = step.calls.every((call) => before.includes(call));
        return decision === "loop" && !same ? "go on" : decision;
      },
    },
    {
      name: "one old call is a loop",
      told: /one of its calls is new/,
      answer: (step: Step, earlier: string[][], maxSteps: number) => {
        const decision = right.decideStep(step, earlier, maxSteps);
        const some = step.calls.some((call) => earlier.flat().includes(call));
        return decision === "go on" && some && step.errors === 0 ? "loop" : decision;
      },
    },
    {
      name: "the budget before the answer",
      told: /An answer in the last step/,
      answer: (step: Step, earlier: string[][], maxSteps: number) =>
        earlier.length + 1 >= maxSteps ? "budget" : right.decideStep(step, earlier, maxSteps),
    },
    {
      name: "the present step not counted",
      told: /counts this step/,
      answer: (step: Step, earlier: string[][], maxSteps: number) =>
        right.decideStep(step, earlier, maxSteps + 1),
    },
    {
      name: "the loop before the budget",
      told: /budget comes before the loop/,
      answer: (step: Step, earlier: string[][], maxSteps: number) =>
        right.decideStep(step, earlier, 99) === "loop"
          ? "loop"
          : right.decideStep(step, earlier, maxSteps),
    },
    {
      name: "calls counted for steps",
      told: /counts steps, not calls/,
      answer: (step: Step, earlier: string[][], maxSteps: number) => {
        const more = Math.max(0, earlier.flat().length - earlier.length);
        return right.decideStep(step, earlier, maxSteps - more);
      },
    },
    {
      name: "an error taken for an answer",
      told: /could not be read is no answer/,
      answer: (step: Step, earlier: string[][], maxSteps: number) =>
        step.calls.length === 0 ? "answer" : right.decideStep(step, earlier, maxSteps),
    },
  ],
  dropOldResults: [
    {
      name: "the newest first",
      told: /oldest result goes first/,
      answer: dropping((places) => old(places).reverse(), over),
    },
    {
      name: "all old results, whether it fits or not",
      told: /as soon as it fits/,
      answer: (messages: Messages, most: number) =>
        over(total(messages), most) ? dropping(old, () => true)(messages, most) : messages,
    },
    {
      name: "the last result too",
      told: /last result always stays/,
      answer: dropping((places) => places, over),
    },
    {
      name: "the message removed",
      told: /message itself stays/,
      answer: (messages: Messages, most: number) =>
        dropping(old, over)(messages, most).filter((one, i) => one.tokens === messages[i].tokens),
    },
    {
      name: "the last message instead of the last result",
      told: /where other messages follow it/,
      answer: (messages: Messages, most: number) =>
        dropping((places) => places.filter((i) => i < messages.length - 1), over)(messages, most),
    },
    {
      name: "the note counted as nothing",
      told: /45 are left, not 42/,
      answer: (messages: Messages, most: number) =>
        dropping(old, (tokens) => tokens > most + 3)(messages, most),
    },
    {
      name: "the largest first",
      told: /not the largest/,
      answer: (messages: Messages, most: number) =>
        dropping(
          (places) => old(places).sort((a, b) => messages[b].tokens - messages[a].tokens),
          over,
        )(messages, most),
    },
    {
      name: "one token too few",
      told: /exactly `most` tokens/,
      answer: dropping(old, (tokens, most) => tokens >= most),
    },
  ],
  fillSlots: [
    { name: "the first match", told: /last match/, answer: filling((all) => all[0], {}) },
    {
      name: "what is known is kept",
      told: /correct what was said before/,
      answer: filling(last, { keep: true }),
    },
    {
      name: "the same value as a correction",
      told: /same value again is no correction/,
      answer: filling(last, { corrects: (a) => a !== undefined }),
    },
    {
      name: "a first value as a correction",
      told: /no value before/,
      answer: filling(last, { corrects: (a, b) => a !== b }),
    },
    {
      name: "upper case matters",
      told: /Upper and lower case/,
      answer: filling(last, { flags: "g" }),
    },
    {
      name: "earlier values forgotten",
      told: /keeps the value it had/,
      answer: (slots: right.Slot[], values: Record<string, string>, text: string) => ({
        ...right.fillSlots(slots, {}, text),
        corrected: right.fillSlots(slots, values, text).corrected,
      }),
    },
  ],
};

type Step = { calls: string[]; errors: number };
