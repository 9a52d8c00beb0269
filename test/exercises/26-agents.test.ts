// Lesson 26 (agents): judges the learner, the solutions and the mutants.

import { type Draw, expectEqual, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/26-agents";
import { mutants } from "../mutants/26-agents";

/** What known mistakes give, and their sentences. */
type Wrong = [gives: unknown, sentence: string][];

/** A value whose objects have their keys in one order: how they were written makes no difference. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one)]));
}

/** Asks whether a result is the right one, written as JSON. */
function ask(got: unknown, expected: unknown, call: string, rule: string, mistakes: Wrong = []) {
  const text = (value: unknown) => JSON.stringify(value) ?? "nothing";
  const same = (value: unknown) => text(ordered(value));
  expectEqual(same(got), same(expected), {
    mistakes: mistakes.map(([gives, sentence]) => [same(gives), sentence] as const),
    message: rule,
    asked: `${call} gives ${text(got)}, expected ${text(expected)}.`,
  });
}

const call = (name: string, args: Record<string, unknown> = {}) => ({ name, arguments: args });
const block = (value: unknown) => `<tool_call>${JSON.stringify(value)}</tool_call>`;

const WORDS = ["now", "add", "look_up", "price"];
/** A member of a block: a call, one without arguments, or something that is none. */
function memberOf(d: Draw): unknown {
  const name = d.pick(WORDS);
  const kind = d.id(6);
  if (kind === 0) return { name };
  if (kind === 1) return { nam: name, arguments: {} };
  return { name, arguments: { [d.pick(WORDS)]: d.pick([1, "two", false, null]) } };
}
/** A text of some blocks; the last one may have no end. */
function writtenOf(d: Draw, blocks: number, { isCut = false, text = "" } = {}): [string] {
  const all = Array.from({ length: blocks }, () => {
    const kind = d.id(5);
    if (kind === 0) return `<tool_call>{${d.pick(WORDS)}}</tool_call>`;
    if (kind < 3) return block(memberOf(d));
    return block(Array.from({ length: d.id(3) }, () => memberOf(d)));
  });
  const whole = text + all.join(d.pick(["", "\n", " and "]));
  return [isCut ? whole.replace(/<\/tool_call>$/, "") : whole + text];
}

type Parameters2 = [answers.Parameters, Record<string, unknown>];
const VALUES: unknown[] = ["Mon", "Tue", "Sun", "", 0, 1, 2, 2.5, -3, true, false];
/** A schema of a few properties, and arguments of which some fit. */
function argumentsOf(d: Draw, count: number, { empty = false } = {}): Parameters2 {
  const names = ["n", "day", "x", "flag", "note"].slice(0, count);
  const types = ["string", "number", "integer", "boolean"] as const;
  const properties = Object.fromEntries(
    names.map((name): [string, answers.ArgumentSchema] => {
      const type = d.pick([...types]);
      const values = { string: ["Mon", "Tue"], number: [1, 2.5], integer: [1, 2], boolean: [true] };
      return [name, d.id(3) === 0 ? { type, enum: values[type] } : { type }];
    }),
  );
  const given = [...names, "other"].filter(() => d.id(3) > 0);
  const args = Object.fromEntries(given.map((name) => [name, d.pick(VALUES)]));
  return [{ properties, required: names.filter(() => d.id(2) > 0) }, empty ? {} : args];
}

type Decision = globalThis.Parameters<typeof answers.decideStep>;
const CALLS = ["f(1)", "f(2)", "g()", "h(3)"];
/** What a model wrote after some steps, with room for more or not. */
function stepOf(d: Draw, steps: number, { calls = 1, errors = 0, room = 1 } = {}): Decision {
  const some = (n: number) => Array.from({ length: n }, () => d.pick(CALLS));
  const earlier = Array.from({ length: steps }, () => some(d.id(3)));
  return [{ calls: some(calls), errors }, earlier, steps + 1 + room];
}

type Conversation = answers.CountedMessage[];
const message = (role: Conversation[0]["role"], tokens: number): Conversation[0] => ({
  ...{ role, content: `${role} ${tokens}`, tokens },
});
/** A question and steps; `share` of its tokens is how many there may be. */
function conversationOf(d: Draw, steps: number, share: number): [Conversation, number] {
  const messages = [
    message("user", d.integer(4, 9)),
    ...Array.from({ length: steps }, () => [
      message("assistant", d.integer(3, 8)),
      message("tool", d.pick([2, 3, 4, 12, 20, 31])),
    ]).flat(),
  ];
  if (d.id(2) > 0) messages.push(message("assistant", 4), message("user", 5));
  const all = messages.reduce((sum, { tokens }) => sum + tokens, 0);
  return [messages, Math.round(all * share)];
}
const tokensOf = (messages: Conversation) => messages?.map?.(({ tokens }) => tokens);

const slots: answers.Slot[] = [
  { name: "people", pattern: "for (\\d+)" },
  { name: "day", pattern: "on (\\w+day)" },
  { name: "name", pattern: "name is (\\w+)" },
];
const PHRASES = [
  ...[
    "for 2",
    "for 4",
    "FOR 6",
    "on Friday",
    "on friday",
    "on sunday",
    "On Monday",
    "my name is Ada",
  ],
  ...["name is Bob", "no", "please", "and fish"],
];
type Filling = [answers.Slot[], Record<string, string>, string];
function sayingOf(d: Draw, phrases: number, known: number): Filling {
  const all = Object.entries({ people: "2", day: "Friday", name: "Ada" });
  const text = Array.from({ length: phrases }, () => d.pick(PHRASES)).join(", ");
  return [slots, Object.fromEntries(all.slice(0, known)), text];
}

lesson<typeof answers>("26-agents", mutants, (exercise) => {
  exercise(
    "parseToolCalls",
    (parseToolCalls) => {
      const add = call("add", { a: 1, b: 2 });
      ask(
        parseToolCalls(`I add.\n${block([add])}`),
        { calls: [add], broken: 0 },
        "parseToolCalls of one block with a list of one call",
        "What stands between the tags is JSON: a call or a list of calls.",
        [
          [
            { calls: [], broken: 1 },
            "A block can hold a list of calls as well as a single one, and it ends before its closing " +
              "tag (a pattern needs `*?`).",
          ],
          [
            { calls: [[add]], broken: 0 },
            "The list itself was taken for a call: take its members.",
          ],
        ],
      );
      ask(
        parseToolCalls(`<tool_call>\n${JSON.stringify(add, null, 2)}\n</tool_call>`),
        { calls: [add], broken: 0 },
        "parseToolCalls of one block with line breaks inside it",
        "Hermes's format puts a single call on a line of its own: line breaks make no difference.",
        [
          [
            { calls: [], broken: 0 },
            "Nothing is found. A block may be a single call as well as a list; and in a pattern `.` " +
              'matches no line break (use [\\s\\S] or the flag "s").',
          ],
          [
            { calls: [], broken: 1 },
            "A block may be a single call without a list around it, and have line breaks.",
          ],
        ],
      );
      ask(
        parseToolCalls(`${block(add)} and ${block(call("price", { item: "猫" }))}`),
        { calls: [add, call("price", { item: "猫" })], broken: 0 },
        "parseToolCalls of two blocks with one call each",
        "Every block is read, in the order of the text.",
        [
          [{ calls: [add], broken: 0 }, "Only the first block is read: there can be several."],
          [
            { calls: [], broken: 0 },
            "A block may also be a single call, without a list around it: read that, too.",
          ],
          [
            { calls: [], broken: 1 },
            "What is read goes from the first opening tag to the last closing one: with two blocks, " +
              "each has its own tags (a pattern needs `*?`).",
          ],
        ],
      );
      ask(
        parseToolCalls('<tool_call>[{"name": "now", "arguments": {"in": "Rome"}}]'),
        { calls: [call("now", { in: "Rome" })], broken: 0 },
        "parseToolCalls of a block without an end tag",
        "A block without an end tag goes on to the end of the text.",
        [
          [
            { calls: [], broken: 0 },
            "A block without an end tag is not found: it goes on to the end of the text.",
          ],
        ],
      );
      ask(
        parseToolCalls(block({ name: "now" })),
        { calls: [call("now")], broken: 0 },
        "parseToolCalls of a call without arguments",
        "If the arguments are missing, they are {}.",
        [
          [
            { calls: [], broken: 1 },
            "If the arguments are missing, they are {}: the call is whole all the same.",
          ],
          [{ calls: [{ name: "now" }], broken: 0 }, "If the arguments are missing, they are {}."],
        ],
      );
      ask(
        parseToolCalls(`<tool_call>{oops}</tool_call>${block(call("now"))}`),
        { calls: [call("now")], broken: 1 },
        "parseToolCalls of a broken block and a whole one",
        "A broken block is counted, and the next one is read.",
        [
          [
            { calls: [], broken: 1 },
            "After a broken block nothing is read any more: count it, and go on with the next block.",
          ],
          [{ calls: [call("now")], broken: 0 }, "A block that is no JSON has to be counted."],
        ],
      );
      ask(
        parseToolCalls(block({ id: 7, ...add, type: "function" })),
        { calls: [add], broken: 0 },
        "parseToolCalls of a call with an id and a type",
        "A call has name and arguments alone: what else the model wrote in it is left out.",
      );
      ask(
        parseToolCalls(block([{ nam: "now" }, "add", null, { name: 5 }, add])),
        { calls: [add], broken: 4 },
        "parseToolCalls of a list with four members that are no calls",
        "Members that are no objects, or whose `name` is no string, are broken; the others are calls.",
        [
          [{ calls: [add], broken: 1 }, "Each member that is no call counts, not the block once."],
          [
            { calls: [], broken: 1 },
            "Members that are no calls hide the one beside them: count each, and keep the call.",
          ],
          [{ calls: [add], broken: 0 }, "Members that are no calls have to be counted as broken."],
          [
            { calls: [call(5 as never), add], broken: 3 },
            "A name has to be a string: { name: 5 } is no call.",
          ],
        ],
      );
      ask(
        parseToolCalls("It is 12."),
        { calls: [], broken: 0 },
        "parseToolCalls of a text without tags",
        "A text without tags has no block, and nothing in it is broken.",
      );
      ask(
        parseToolCalls(`The call {"name": "now"} would help.${block([])}`),
        { calls: [], broken: 0 },
        "parseToolCalls of JSON outside of tags, and an empty list",
        "Only what stands between tags is a call, and an empty list has none.",
      );
    },
    {
      cases: {
        "one block": (d) => writtenOf(d, 1),
        "several blocks": (d) => writtenOf(d, d.integer(2, 5)),
        "text around them": (d) => writtenOf(d, 2, { text: "So: " }),
        "no end tag": (d) => writtenOf(d, d.integer(1, 3), { isCut: true }),
        "no block": () => ["It is 12."],
        "no text": () => [""],
      },
    },
  );

  exercise(
    "validateArguments",
    (validateArguments) => {
      const parameters: answers.Parameters = {
        properties: {
          n: { type: "integer" },
          day: { type: "string", enum: ["Mon", "Tue"] },
          x: { type: "number" },
          flag: { type: "boolean" },
          note: { type: "string" },
        },
        required: ["n"],
      };
      const of = (args: Record<string, unknown>) => validateArguments(parameters, args);
      ask(
        of({ n: 2, day: "Mon", x: 0.5, flag: true }),
        [],
        "validateArguments of four arguments that fit",
        "Nothing is wrong here: `note` need not be there, and an empty list is the result.",
        [
          [
            ["missing: note"],
            "Only what stands in `required` has to be there, not every property of the schema.",
          ],
          [["type: n"], '`typeof 2` is "number", never "integer": use Number.isInteger.'],
        ],
      );
      ask(
        of({ day: "Mon" }),
        ["missing: n"],
        "validateArguments without a required argument",
        'A required name without a value gives "missing: name".',
        [
          [
            ["missing: n", "missing: x", "missing: flag", "missing: note"],
            "Only what stands in `required` has to be there, not every property of the schema.",
          ],
        ],
      );
      ask(
        validateArguments(
          { ...parameters, required: ["n", "flag", "note"] },
          { n: 0, flag: false, note: "" },
        ),
        [],
        "validateArguments of 0, false and an empty text",
        '0, "" and false are values: ask whether the name is there, not whether the value is true.',
        [
          [
            ["missing: n", "missing: flag", "missing: note"],
            '0, "" and false are values: ask whether the name is there, not whether the value is true.',
          ],
        ],
      );
      ask(
        validateArguments({ ...parameters, required: ["x", "n", "flag"] }, { note: 3 }),
        ["missing: x", "missing: n", "missing: flag", "type: note"],
        "validateArguments of a wrong type where three required arguments are missing",
        "First what is missing, in the order of `required`; then what is wrong with the arguments.",
        [
          [
            ["type: note", "missing: x", "missing: n", "missing: flag"],
            "What is missing is said first, before what is wrong with the arguments.",
          ],
          [["missing: x"], "All faults are wanted, not the first alone."],
          [
            ["missing: x", "type: note"],
            "Every required name that is missing is said, not the first alone.",
          ],
          [
            ["missing: n", "missing: x", "missing: flag", "type: note"],
            "What is missing is said in the order of `required`, not of the schema.",
          ],
          [
            ["missing: flag", "missing: n", "missing: x", "type: note"],
            "What is missing is said in the order of `required`: nothing is sorted.",
          ],
        ],
      );
      ask(
        of({ n: 2.5 }),
        ["type: n"],
        "validateArguments of 2.5 for an integer",
        "2.5 is no integer: `typeof` says number for both, `Number.isInteger` tells them apart.",
      );
      ask(
        of({ n: 1, x: 2, dya: "Mon" }),
        ["unknown: dya"],
        "validateArguments of a name that was misspelt",
        "An argument that the schema does not know is a fault: the model has misspelt something.",
        [
          [
            ["type: x", "unknown: dya"],
            "2 is a number, too: an integer fits where a number is wanted.",
          ],
          [
            [],
            "An argument that the schema does not know is a fault: the model has misspelt something.",
          ],
        ],
      );
      ask(
        of({ n: 1, day: "Sun" }),
        ["enum: day"],
        "validateArguments of a value that is not listed",
        'A value has to be one of the values of `enum`, where there is one: "enum: name".',
      );
      ask(
        of({ n: 1, note: 0, x: false, day: "" }),
        ["type: note", "type: x", "enum: day"],
        "validateArguments of 0, false and an empty text where they do not fit",
        '0, false and "" are compared with type and enum like any other value.',
        [
          [[], '0, false and "" are compared with type and enum like any other value.'],
          [["type: note", "enum: day"], "false is no number: compare `typeof` with the type."],
          [
            ["enum: day", "type: x", "type: note"],
            "The faults come in the order of the arguments, not of the schema.",
          ],
        ],
      );
      ask(
        of({ note: 3, day: 1, n: "2" }),
        ["type: note", "type: day", "type: n"],
        "validateArguments of three wrong types",
        "One fault for each argument, in the order of the arguments; the type comes before the enum.",
        [
          [["type: note"], "All faults are wanted, not the first alone."],
          [["type: note", "type: day"], '"2" is a text, although it looks like an integer.'],
          [
            ["type: note", "enum: day", "type: n"],
            "The type comes before the enum: 1 is not even a text.",
          ],
          [
            ["type: n", "type: day", "type: note"],
            "The faults come in the order of the arguments, not of the schema.",
          ],
          [
            ["type: note", "type: day", "enum: day", "type: n"],
            "At most one fault for each argument: where the type is wrong, leave the enum alone.",
          ],
        ],
      );
      ask(
        of({ n: 1, x: "5", flag: "true" }),
        ["type: x", "type: flag"],
        'validateArguments of "5" for a number and "true" for a boolean',
        'The type is that of the value as it is: "5" and "true" are texts.',
      );
      ask(
        of({ toString: "x", n: 1 }),
        ["unknown: toString"],
        "validateArguments of an argument called toString",
        "Every object has a `toString`: `Object.hasOwn` asks for the schema's own properties.",
      );
    },
    {
      cases: {
        "one property": (d) => argumentsOf(d, 1),
        "several properties": (d) => argumentsOf(d, d.integer(3, 5)),
        "no arguments": (d) => argumentsOf(d, 3, { empty: true }),
        "a schema without properties": (d) => argumentsOf(d, 0),
      },
    },
  );

  exercise(
    "decideStep",
    (decideStep) => {
      const none = { calls: [], errors: 0 };
      const f = { calls: ["f(1)"], errors: 0 };
      ask(
        decideStep(none, [["f(1)"]], 8),
        "answer",
        "decideStep of a text without calls",
        "Without calls and without errors, what was written is the answer.",
      );
      ask(
        decideStep({ calls: [], errors: 1 }, [["f(1)"]], 8),
        "go on",
        "decideStep of a text whose only call is broken",
        "A call that could not be read is no answer: the model is told, and writes again.",
        [
          [
            "answer",
            "A call that could not be read is no answer: the model is told, and writes again.",
          ],
          ["loop", "Where no call was made, none was repeated: every() is true of an empty list."],
        ],
      );
      ask(
        decideStep(f, [["g()"]], 3),
        "go on",
        "decideStep of a new call in the second of three steps",
        "A new call within the budget is made.",
        [["budget", "There is one more step: this is the second of three."]],
      );
      ask(
        decideStep(f, [["g()", "h(1)"], ["h(2)"]], 4),
        "go on",
        "decideStep of a new call in the third of four steps, after three calls",
        "The budget counts steps.",
        [["budget", "The budget counts steps, not calls: `earlier` has one list for each step."]],
      );
      ask(
        decideStep(f, [["g()"], ["h()"]], 3),
        "budget",
        "decideStep of a new call in the third of three steps",
        "The budget counts this step: after two earlier ones, it is the third.",
        [["go on", "The budget counts this step: after two earlier ones, it is the third."]],
      );
      ask(
        decideStep(none, [["f(1)"], ["g()"]], 3),
        "answer",
        "decideStep of an answer in the third of three steps",
        "An answer in the last step is an answer.",
        [["budget", "An answer in the last step is an answer: ask for it first."]],
      );
      ask(
        decideStep({ calls: [], errors: 1 }, [["f(1)"], ["g()"]], 3),
        "budget",
        "decideStep of an error in the third of three steps",
        "In the last step the model cannot be told of its errors any more: the budget is used up.",
        [
          ["go on", "There is no step left in which the model could read of its errors: budget."],
          ["answer", "A call that could not be read is no answer, in the last step neither."],
        ],
      );
      ask(
        decideStep(f, [["f(1)"], ["g()"]], 3),
        "budget",
        "decideStep of an old call in the third of three steps",
        "The rules are asked in their order: the budget before the loop.",
        [["loop", "The rules are asked in their order: the budget comes before the loop."]],
      );
      ask(
        decideStep(f, [["f(1)"]], 8),
        "loop",
        "decideStep of the call of the step before",
        "The same call again, with nothing new beside it, is a loop.",
        [["go on", "The same call again, with nothing new beside it, is a loop; once is enough."]],
      );
      ask(
        decideStep(f, [["f(2)"]], 8),
        "go on",
        "decideStep of an old tool with new arguments",
        "The same tool with other arguments is another call.",
        [["loop", "The same tool with other arguments is another call: compare the whole texts."]],
      );
      ask(
        decideStep({ calls: ["f(1)", "f(1)"], errors: 0 }, [["g()"]], 8),
        "go on",
        "decideStep of a new call that is made twice in this step",
        "Only calls of *earlier* steps count.",
        [["loop", "Only calls of earlier steps count: these two are new, and made together."]],
      );
      ask(
        decideStep(f, [["f(1)"], ["g()"]], 8),
        "loop",
        "decideStep of a call that was made two steps before",
        "Look at all earlier steps: two calls in turn are a loop, too.",
        [
          [
            "go on",
            "Look at all earlier steps, not only the last: two calls in turn are a loop, too.",
          ],
        ],
      );
      ask(
        decideStep({ calls: ["f(1)", "f(2)"], errors: 0 }, [["f(1)"]], 8),
        "go on",
        "decideStep of an old call and a new one",
        "A step is a loop only if none of its calls is new.",
        [["loop", "This step is no loop: one of its calls is new, so something can come of it."]],
      );
      ask(
        decideStep({ calls: ["f(1)", "g()"], errors: 0 }, [["f(1)"], ["g()"]], 8),
        "loop",
        "decideStep of two calls that were made in two different steps",
        "Each of the calls was made in some earlier step.",
        [
          [
            "go on",
            "Each of the calls was made in some earlier step: it need not have been the same one.",
          ],
        ],
      );
      ask(
        decideStep({ calls: ["f(1)"], errors: 2 }, [["f(1)"]], 8),
        "go on",
        "decideStep of an old call beside two that could not be read",
        "With errors it is no loop.",
        [["loop", "The model has to be told of its errors first; with errors it is no loop."]],
      );
    },
    {
      cases: {
        "no earlier step": (d) => stepOf(d, 0, { calls: d.id(3) }),
        "one call after some steps": (d) => stepOf(d, d.integer(1, 4)),
        "several calls": (d) => stepOf(d, d.integer(1, 4), { calls: d.integer(2, 3) }),
        "no call": (d) => stepOf(d, d.integer(0, 4), { calls: 0, room: d.id(2) }),
        "the last step": (d) => stepOf(d, d.integer(1, 4), { calls: d.id(3), room: 0 }),
        errors: (d) => stepOf(d, d.integer(0, 4), { calls: d.id(2), errors: d.integer(1, 2) }),
      },
    },
  );

  exercise(
    "dropOldResults",
    (dropOldResults) => {
      const given = () => [
        message("user", 5),
        ...[message("assistant", 4), message("tool", 20)],
        ...[message("assistant", 4), message("tool", 15)],
        ...[message("assistant", 4), message("tool", 10)],
      ];
      const of = (most: number) => tokensOf(dropOldResults(given(), most));
      const removed = "The message itself stays in its place, with another content and 3 tokens.";
      ask(
        of(50),
        [5, 4, 3, 4, 15, 4, 10],
        "the tokens of dropOldResults for at most 50 of 62",
        "The oldest result becomes one of 3 tokens; then 45 are left, which is enough.",
        [
          [
            [5, 4, 20, 4, 3, 4, 10],
            "The oldest result goes first: the model has used it longest ago.",
          ],
          [
            [5, 4, 3, 4, 3, 4, 10],
            "Stop as soon as it fits: what is dropped without need is missed later.",
          ],
          [[5, 4, 4, 15, 4, 10], removed],
          [
            [5, 4, 20, 4, 15, 4, 10],
            "The tokens are as before: a replaced result has 3 of them, and the rest is saved.",
          ],
          [[5, 3, 3, 4, 15, 4, 10], 'Only messages of role "tool" are replaced; calls stay.'],
          [[3, 3, 3, 4, 15, 4, 10], 'Only messages of role "tool" are replaced.'],
          [[5, 4, 20, 4, 15, 4, 3], "The last result always stays: the model has not read it yet."],
        ],
      );
      ask(
        of(62),
        [5, 4, 20, 4, 15, 4, 10],
        "the tokens of dropOldResults for at most 62 of 62",
        "With exactly `most` tokens the conversation fits, and nothing is dropped.",
        [
          [
            [5, 4, 3, 4, 15, 4, 10],
            "With exactly `most` tokens the conversation fits, and nothing is dropped.",
          ],
        ],
      );
      ask(
        of(44),
        [5, 4, 3, 4, 3, 4, 10],
        "the tokens of dropOldResults for at most 44 of 62",
        "After the first result 45 tokens are left, so that the second has to go as well.",
        [
          [
            [5, 4, 3, 4, 15, 4, 10],
            "A replaced result still has 3 tokens: after the first, 45 are left, not 42.",
          ],
        ],
      );
      ask(
        of(45),
        [5, 4, 3, 4, 15, 4, 10],
        "the tokens of dropOldResults for at most 45 of 62",
        "With exactly `most` tokens the conversation fits: after the first result, 45 are left.",
      );
      ask(
        of(20),
        [5, 4, 3, 4, 3, 4, 10],
        "the tokens of dropOldResults for at most 20 of 62",
        "The last result always stays, even if the conversation is still too long.",
        [
          [
            [5, 4, 3, 4, 3, 4, 3],
            "The last result always stays, even if the conversation is still too long.",
          ],
        ],
      );
      const answered = [
        ...[message("tool", 9), message("tool", 20), message("tool", 15)],
        ...[message("assistant", 4), message("user", 5)],
      ];
      ask(
        tokensOf(dropOldResults(answered, 47)),
        [3, 20, 15, 4, 5],
        "the tokens of dropOldResults for at most 47, of results of 9, 20, 15 and two more messages",
        "The oldest result goes first, also where another one is larger.",
        [
          [
            [9, 3, 15, 4, 5],
            "The oldest result goes first, not the largest: here the one of 9 tokens.",
          ],
        ],
      );
      ask(
        tokensOf(dropOldResults(answered, 20)),
        [3, 3, 15, 4, 5],
        "the tokens of dropOldResults for at most 20, of results of 9, 20, 15 and two more messages",
        "The last result stays wherever it stands.",
        [
          [
            [3, 3, 3, 4, 5],
            "The last result stays, also where other messages follow it: look for the last `tool`.",
          ],
        ],
      );
      const [, , first] = dropOldResults(given(), 50);
      ask(
        first,
        { role: "tool", content: "(left out)", tokens: 3 },
        "the replaced result",
        'A replaced result is { role: "tool", content: "(left out)", tokens: 3 }.',
      );
      const small = [
        message("tool", 2),
        message("tool", 3),
        message("tool", 9),
        message("tool", 4),
      ];
      ask(
        dropOldResults(small, 5).map(({ content }) => content),
        ["tool 2", "tool 3", "(left out)", "tool 4"],
        "the contents after dropOldResults of results of 2, 3, 9 and 4 tokens",
        "A result of 3 tokens or fewer stays: replacing it saves nothing.",
        [
          [
            ["(left out)", "(left out)", "(left out)", "tool 4"],
            "A result of 3 tokens or fewer stays: replacing it saves nothing.",
          ],
          [
            ["tool 2", "(left out)", "(left out)", "tool 4"],
            "A result of exactly 3 tokens stays as well: replacing it saves nothing.",
          ],
        ],
      );
    },
    {
      cases: {
        "one step": (d) => conversationOf(d, 1, d.pick([0.3, 1])),
        "several steps": (d) => conversationOf(d, d.integer(2, 6), d.pick([0.2, 0.5, 0.8])),
        "enough room": (d) => conversationOf(d, d.integer(1, 4), d.pick([1, 2])),
        "no room": (d) => conversationOf(d, d.integer(2, 5), 0),
        "no step": (d) => conversationOf(d, 0, 0.5),
        "no message": () => [[], 10],
      },
    },
  );

  exercise(
    "fillSlots",
    (fillSlots) => {
      const of = (values: Record<string, string>, text: string) => fillSlots(slots, values, text);
      ask(
        of({}, "A table for 2 on Friday."),
        { values: { people: "2", day: "Friday" }, corrected: [], missing: "name" },
        "fillSlots of an empty form with two values",
        "Each slot takes the first group of its match; `missing` is the first slot without a value.",
        [
          [
            {
              values: { people: "2", day: "Friday" },
              corrected: ["people", "day"],
              missing: "name",
            },
            "It is no correction where there was no value before.",
          ],
          [
            { values: { people: "for 2", day: "on Friday" }, corrected: [], missing: "name" },
            "The value is the first group of the match, not the whole match.",
          ],
          [
            { values: { people: "2", day: "Friday" }, corrected: [], missing: "people" },
            "`missing` is asked after the sentence: people is known now, and name is not.",
          ],
          [
            { values: { people: "2", day: "friday" }, corrected: [], missing: "name" },
            "The value stays as it was written, Friday: only the matching takes no notice of case.",
          ],
        ],
      );
      ask(
        of({ people: "2" }, "On Friday."),
        { values: { people: "2", day: "Friday" }, corrected: [], missing: "name" },
        "fillSlots of a sentence that begins with On",
        "Upper and lower case make no difference, and a slot without a match keeps the value it had.",
        [
          [
            { values: { people: "2" }, corrected: [], missing: "day" },
            'Upper and lower case make no difference to a pattern: the flag "i".',
          ],
          [
            { values: { day: "Friday" }, corrected: [], missing: "people" },
            "A slot without a match keeps the value it had: begin with a copy of `values`.",
          ],
          [
            { values: { people: "2", day: "Friday" }, corrected: [], missing: "people" },
            "A slot that was filled earlier is not missing: people has the value 2.",
          ],
        ],
      );
      ask(
        of({ people: "2" }, "No, for 3."),
        { values: { people: "3" }, corrected: ["people"], missing: "day" },
        "fillSlots of a correction",
        "Later words correct what was said before, and `corrected` says so.",
        [
          [
            { values: { people: "2" }, corrected: [], missing: "day" },
            "Later words correct what was said before: a new match replaces the value.",
          ],
          [
            { values: { people: "3" }, corrected: ["people"], missing: "name" },
            "`missing` is the *first* slot without a value, in the order of `slots`.",
          ],
          [
            { values: { people: "3" }, corrected: ["3"], missing: "day" },
            "`corrected` has the names of the slots, not their values.",
          ],
          [
            { values: { people: "3" }, corrected: [], missing: "day" },
            "people was 2 and is 3 now, so that it is a correction: compare with the value before.",
          ],
        ],
      );
      ask(
        of({ people: "3" }, "Yes, for 3."),
        { values: { people: "3" }, corrected: [], missing: "day" },
        "fillSlots of the value that is there already",
        "The same value again is no correction.",
        [
          [
            { values: { people: "3" }, corrected: ["people"], missing: "day" },
            "The same value again is no correction.",
          ],
        ],
      );
      ask(
        of({ people: "2", day: "friday" }, "On Friday, please."),
        { values: { people: "2", day: "Friday" }, corrected: ["day"], missing: "name" },
        "fillSlots of a value that was written in lower case before",
        'Values are compared as they are written: "Friday" is another value than "friday".',
      );
      ask(
        of({}, "For 2, no, for 4, not on Friday, on Sunday, my name is Ada."),
        { values: { people: "4", day: "Sunday", name: "Ada" }, corrected: [], missing: null },
        "fillSlots of a sentence that corrects itself",
        "The last match counts: the correction comes after what it corrects. `missing` is null then.",
        [
          [
            { values: { people: "2", day: "Friday", name: "Ada" }, corrected: [], missing: null },
            "The last match counts: the correction comes after what it corrects.",
          ],
          [
            { values: { people: "4", day: "Sunday", name: "Ada" }, corrected: [], missing: "" },
            "Where every slot has a value, `missing` is null, not an empty text.",
          ],
        ],
      );
    },
    {
      cases: {
        "an empty form": (d) => sayingOf(d, d.integer(1, 4), 0),
        "something known": (d) => sayingOf(d, d.integer(1, 5), d.integer(1, 2)),
        "everything known": (d) => sayingOf(d, d.integer(1, 5), 3),
        "nothing said": (d) => sayingOf(d, 0, d.id(3)),
        "no slots": (d) => [[], {}, d.pick(PHRASES)],
      },
    },
  );
});
