// Lesson 23 (prompting): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectThrows,
  expectTrue,
  lesson,
} from "llm/course/kit";
import type * as answers from "../../solutions/23-prompting";
import { mutants } from "../mutants/23-prompting";

const WORDS = ["hot", "big", "{x}", "a $& b", "}{", "", "two words", " wide  ", "猫"];

/** What a call returns, or the error that stopped it, so that the message can explain either. */
function resultOrError(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && /^(NotDoneYet|Told)$/.test(error.name)) throw error;
    return `an error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A template with as many places as values, and braces of other kinds. */
function filling(d: Draw, count = 2, twice = false): Parameters<typeof answers.fillPrompt> {
  const names = ["text", "form_2", "Q"].slice(0, count);
  const values = Object.fromEntries(names.map((name) => [name, d.pick(WORDS)]));
  const places = names.map((name) => `${d.pick(["", "Say ", '{"a": '])}{${name}}`);
  return [places.join(d.pick([" ", " {} ", "\n"])) + (twice ? ` again {${names[0]}}` : ""), values];
}

function shooting(
  d: Draw,
  { count = 2, instruction = "Give the opposite." } = {},
): Parameters<typeof answers.fewShotPrompt> {
  const examples = Array.from({ length: count }, (_, i) => ({
    input: `${d.pick(WORDS)} ${i}`,
    output: d.pick(["cold", "small", "two words"]),
  }));
  const form = { instruction, inputName: d.pick(["Word", "Sentence"]), outputName: "Answer" };
  return [form, examples, `${d.pick(WORDS)}?`];
}

const logs = (d: Draw, count: number, least: number): number[] =>
  Array.from({ length: count }, () => d.number(least, least / 10));

/** A tree of three levels whose values are all different, or have equals. */
function searching(
  d: Draw,
  { width = 2, budget = 20, branches = 3, equals = false } = {},
): Parameters<typeof answers.expandedStates> {
  const tree: Record<string, string[]> = {};
  const values: Record<string, number> = {};
  const grow = (state: string, depth: number) => {
    if (depth === 3) return;
    tree[state] = Array.from({ length: branches }, (_, i) => `${state}${i}`);
    for (const child of tree[state]) {
      values[child] = equals ? d.integer(0, 1) : d.number(-5, 5);
      grow(child, depth + 1);
    }
  };
  grow("s", 0);
  return ["s", tree, values, { width, budget }];
}

lesson<typeof answers>("23-prompting", mutants, (exercise) => {
  exercise(
    "fillPrompt",
    (fillPrompt) => {
      const cases: [string, Record<string, string>, string, string][] = [
        [
          "Say {word}.",
          { word: "hot" },
          "Say hot.",
          "The text {word}, braces included, is replaced by the value of `word`.",
        ],
        [
          "{a}, {a} and {b}",
          { a: "one", b: "two" },
          "one, one and two",
          "A name may have several places: all of them are filled.",
        ],
        [
          "{a} {b}",
          { a: "{b}", b: "two" },
          "{b} two",
          "What is put in must not be read again: here the value of `a` looks like a place, and is " +
            "none. If one place is filled after another, the second pass finds it.",
        ],
        [
          "Cost: {a}",
          { a: "$& and $1" },
          "Cost: $& and $1",
          "The value has $& in it, which has a meaning for `replace`, if it is given as a text: give " +
            "a function.",
        ],
        [
          'JSON: {"a": {v}} {} { v } {v-1}',
          { v: "1" },
          'JSON: {"a": 1} {} { v } {v-1}',
          "A place is a name of letters, digits and _ in braces. Every other brace stays as it is: " +
            '{"a": …}, {}, { v } and {v-1} are no places.',
        ],
        [
          "{form_2}",
          { form_2: "x" },
          "x",
          "A name has letters, digits and _: {form_2} is a place.",
        ],
        [
          "{q} {Q}",
          { q: "small", Q: "capital" },
          "small capital",
          "Capital and small letters differ: {q} and {Q} are two places.",
        ],
        ["<{a}>", { a: "" }, "<>", "An empty text is a value like any other: <{a}> becomes <>."],
        ["<{a}>", { a: " x\n" }, "< x\n>", "A value is put in as it is, with its spaces."],
      ];
      for (const [template, values, expected, message] of cases) {
        const result = resultOrError(() => fillPrompt(template, { ...values }));
        expectTrue(
          result === expected,
          `${message}\nFor the template "${template}" expected "${expected}", got "${result}".`,
        );
      }
      expectThrows(
        () => fillPrompt("Hello {name}", {}),
        /name/,
        "A place without a value is an error that has its name: fillPrompt('Hello {name}', {}) " +
          "would otherwise send a hole to the model.",
      );
      expectThrows(
        () => fillPrompt("Hello {name}", { name: "x", nmae: "y" }),
        /nmae/,
        "A value without a place is an error that has its name: it is nearly always a slip.",
      );
      expectThrows(
        () => fillPrompt("Say hot.", { word: "hot" }),
        /word/,
        "A value without a place is an error, also where its text stands in the template by chance: " +
          "look for {word} in the template, not for the value in the result.",
      );
      expectThrows(
        () => fillPrompt("Use {constructor}.", {}),
        /constructor/,
        "The place {constructor} has no value here. Every object inherits something of this name, " +
          "which `in` and values[name] find: ask Object.hasOwn(values, name).",
      );
    },
    {
      cases: {
        "two places": (d) => filling(d),
        "one place": (d) => filling(d, 1),
        "a name twice": (d) => filling(d, 2, true),
        "three places": (d) => filling(d, 3),
        "no place": () => ['only {} and {"a": 1}', {}],
        "an empty template": () => ["", {}],
        "spaces at both ends": (d) => [` {a}\n`, { a: d.pick(WORDS) }],
      },
    },
  );

  exercise(
    "fewShotPrompt",
    (fewShotPrompt, { reference }) => {
      const form = { instruction: "Opposites.", inputName: "Word", outputName: "Opposite" };
      const examples = [
        { input: "hot", output: "cold" },
        { input: "up", output: "down" },
      ];
      const prompt = fewShotPrompt(form, examples, "big");
      const right = reference.fewShotPrompt(form, examples, "big");
      expectTrue(typeof prompt === "string", "The prompt is one text.");
      expectTrue(
        prompt.trimEnd() === prompt || prompt.trimEnd() !== right,
        "There is a space at the end, or a line end: the prompt ends with the colon. Tokens of words begin with " +
          "their space, so the model would have to go on with a token that it has hardly ever seen there.",
      );
      expectTrue(
        prompt.includes("hot") && prompt.includes("up"),
        "An example is missing: all of them stand in the prompt, the first and the last too.",
      );
      expectTrue(
        prompt.includes("cold") && prompt.includes("down"),
        "The answers of the examples are missing: without them nothing is shown.",
      );
      const places = ["Opposites.", "hot", "up", "big"].map((part) => prompt.indexOf(part));
      expectTrue(places[0] === 0, "The instruction stands first.");
      expectTrue(places[1] < places[2], "The examples stand in the opposite order.");
      expectTrue(places[2] < places[3], "The question stands last.");
      expectTrue(
        prompt !== right.replaceAll("\n\n", "\n"),
        "An empty line between the parts is missing: two parts are parted by two line ends.",
      );
      const known: [string, string][] = [
        [right.slice(0, -1), "The prompt ends with the colon behind `outputName`."],
        [
          right.replace("\nOpposite:", "").replace(/\nOpposite:$/, ""),
          "`outputName` and its colon are missing.",
        ],
        [
          right.slice(0, -"\nOpposite:".length),
          "The prompt must end with `outputName` and a colon: there the model goes on. Yours ends " +
            "with the question.",
        ],
        [
          right.replace("Opposites.\n\n", "Opposites.\n"),
          "An empty line stands between the instruction and the first example, too.",
        ],
        [
          right.replaceAll("\n\n", "\n\n\n"),
          "One empty line stands between two parts: that is two line ends, not three.",
        ],
        [
          right.replaceAll(/: (?=hot|cold|up|down)/g, ":"),
          "A space stands behind the colons, except behind the last one.",
        ],
        [right.replaceAll(/: (?=\w)/g, ":"), "A space stands behind the colons, except the last."],
        [
          right.replaceAll(/\n(?=Opposite: )/g, " "),
          "A question and its answer stand in two lines, not in one.",
        ],
        [
          reference.fewShotPrompt(
            form,
            examples.map(({ input, output }) => ({ input: output, output: input })),
            "big",
          ),
          "In the examples, input and output are exchanged: `inputName` stands before the input.",
        ],
      ];
      const slip = known.find(([text]) => text === prompt)?.[1];
      expectTrue(prompt === right, `${slip ? `${slip}\n` : ""}Expected\n${right}\ngot\n${prompt}`);
      const bare = fewShotPrompt({ ...form, instruction: "" }, examples, "big");
      expectTrue(
        !bare.startsWith("\n"),
        "With an empty instruction, the prompt begins with an empty line: leave both out.",
      );
      const named = { instruction: "", inputName: "In", outputName: "Out" };
      const other = fewShotPrompt(named, [{ input: "a $& b", output: "c" }], "d");
      expectTrue(
        other.includes("In: ") && other.includes("\nOut:"),
        "`form.inputName` and `form.outputName` stand before the texts, not fixed words: here " +
          `"In" and "Out".\nGot\n${other}`,
      );
      expectTrue(
        other.includes("a $& b"),
        "A text with $& in it has a meaning for `replace`, if it is given as a text: build the " +
          "prompt without `replace`, or give it a function.",
      );
      const zeroShot = fewShotPrompt(named, [], "d");
      expectTrue(
        zeroShot === "In: d\nOut:",
        "Without examples the question keeps its form: both names with their colons.\n" +
          `Expected\nIn: d\nOut:\ngot\n${zeroShot}`,
      );
      const spaced = fewShotPrompt(named, [{ input: " x", output: "y " }], " z ");
      expectTrue(
        spaced === "In:  x\nOut: y \n\nIn:  z \nOut:",
        "The texts stand as they were given, with the spaces at their ends: nothing is trimmed.",
      );
      const twice = fewShotPrompt(named, [{ input: "d", output: "e" }], "d");
      expectTrue(
        twice.includes("In: d\nOut: e"),
        "An example stands in the prompt even if its input equals the question.",
      );
    },
    {
      cases: {
        "two examples": (d) => shooting(d),
        "no example": (d) => shooting(d, { count: 0 }),
        "no instruction": (d) => shooting(d, { instruction: "" }),
        "neither of them": (d) => shooting(d, { count: 0, instruction: "" }),
        "five examples": (d) => shooting(d, { count: 5 }),
        "an instruction of two lines": (d) => shooting(d, { instruction: "One.\nTwo." }),
      },
    },
  );

  exercise(
    "calibrated",
    (calibrated, { reference }) => {
      const [p, n] = [
        [0.6, 0.3, 0.1],
        [0.7, 0.1, 0.2],
      ];
      const [logProbs, neutral] = [p.map(Math.log), n.map(Math.log)];
      const result = calibrated([...logProbs], [...neutral]);
      expectShape(result, [3], "the result for three choices");
      expectFinite(result);
      const shares = (x: number[]) => x.map((one) => one / x.reduce((a, b) => a + b, 0));
      expectClose(result, reference.calibrated(logProbs, neutral), {
        what: "p = 0.6, 0.3, 0.1 and n = 0.7, 0.1, 0.2",
        mistakes: [
          [
            shares(p.map((x, i) => x * n[i])),
            "This multiplies: divide by the neutral probabilities.",
          ],
          [p, "These are the probabilities as they were: the neutral question plays no part."],
          [n, "These are the neutral probabilities."],
          [
            p.map((x, i) => x - n[i]),
            "This is the difference of the probabilities: their quotient is asked for.",
          ],
          [
            shares(p.map((x, i) => Math.exp(x - n[i]))),
            "This is a softmax of the differences of probabilities: subtract the logarithms.",
          ],
          [p.map((x, i) => x / n[i]), "The quotients are right, but they must add up to 1."],
          [
            shares(logProbs.map((x, i) => x / neutral[i])),
            "These are quotients of the logarithms: divide the probabilities, or subtract the logarithms.",
          ],
          [
            logProbs.map((x, i) => x - neutral[i]),
            "These are the logarithms of the quotients: take e^x, and divide by the sum.",
          ],
          [shares(n.map((x, i) => x / p[i])), "This is n / p: the other way round."],
        ],
        message: "(pᵢ / nᵢ) / Σⱼ (pⱼ / nⱼ).",
      });
      expectFinite(
        calibrated([-1000, -1002], [-1001, -1001]),
        "e^−1000 is 0 in a computer: subtract logarithms first, and the largest difference from all.",
        "calibrated([-1000, -1002], [-1001, -1001])",
      );
      expectFinite(
        calibrated([-2, -3], [-1, -1000]),
        "e^−1000 is 0 in a computer, and so is a neutral probability that is first made to add up " +
          "to 1: subtract logarithms first, and the largest difference from all.",
        "calibrated([-2, -3], [-1, -1000])",
      );
    },
    {
      cases: {
        "two choices": (d) => [logs(d, 2, -3), logs(d, 2, -3)],
        "four choices": (d) => [logs(d, 4, -6), logs(d, 4, -6)],
        "one choice": (d) => [logs(d, 1, -2), logs(d, 1, -2)],
        "neutral choices that are alike": (d) => [logs(d, 3, -5), [-1, -1, -1]],
        "very small probabilities": (d) => [logs(d, 3, -1500), logs(d, 3, -30)],
        "very small neutral probabilities": (d) => [logs(d, 3, -30), logs(d, 3, -1500)],
        "many choices": (d) => [logs(d, 11, -9), logs(d, 11, -9)],
      },
    },
  );

  exercise(
    "holmAdjusted",
    (holmAdjusted, { reference }) => {
      const ps = [0.03, 0.005, 0.028, 0.6];
      const result = holmAdjusted([...ps]);
      expectShape(result, [4], "four values");
      expectFinite(result);
      const right = reference.holmAdjusted(ps); // 0.084, 0.02, 0.084, 0.6
      expectClose(result, right, {
        what: "p-values 0.03, 0.005, 0.028, 0.6",
        mistakes: [
          [
            ps.map((p) => Math.min(1, p * 4)),
            "This multiplies all of them by m, which is Bonferroni's rule: the next one by m − 1, …",
          ],
          [
            [...right].sort((a, b) => a - b),
            "These stand in the order of their size: give them in the order in which they were given.",
          ],
          [
            [0.06, 0.02, 0.084, 0.6],
            "One is smaller than the one before it in the order of size: raise it to that one.",
          ],
          [
            [0.09, 0.09, 0.09, 1],
            "It is the other way round: the smallest of m is multiplied by m, the largest by 1.",
          ],
          [
            [0.09, 0.005, 0.056, 1],
            "The factors are the other way round: the smallest of m is multiplied by m, the largest by 1.",
          ],
          [
            [1 - 0.972 ** 3, 1 - 0.995 ** 4, 1 - 0.972 ** 3, 0.6],
            "These are Šidák's numbers, 1 − (1 − p)^m, which count on independent tests. Holm " +
              "multiplies.",
          ],
          [[0.06, 0.015, 0.056, 0.6], "The first factor is m, not m − 1."],
          [
            [0.056, 0.015, 0.056, 0.056],
            "The first factor is m and the last is 1, not m − 1 and 0.",
          ],
          [[0.112, 0.025, 0.112, 1], "The first factor is m and the last is 1, not m + 1 and 2."],
          ...[
            [0.04, 0.02, 0.04, 0.6],
            [0.04, 0.02, 0.056, 0.6],
            [0.056, 0.02, 0.056, 0.6],
          ].map((them): [number[], string] => [
            them,
            "These are the factors m, m/2, m/3, … of Benjamini and Hochberg, another rule. Holm's " +
              "are m, m − 1, …, 1.",
          ]),
          [
            [0.06, 0.02, 0.06, 0.6],
            "One is larger than the one behind it, and was lowered to that one (Hochberg's rule). " +
              "Holm's rule raises the one behind.",
          ],
          [
            [1, 1, 1, 1],
            "The other way round: go from the smallest value to the largest, and multiply the " +
              "smallest by m.",
          ],
          [
            [0.12, 0.12, 0.12, 0.6],
            "These were multiplied in the order in which they were given: sort first.",
          ],
          [
            [1, 0.02, 0.084, 1],
            "Those behind the first value above 0.05 became 1. They are adjusted like the others.",
          ],
          [
            [0.084, 0.084, 0.02, 0.6],
            "The numbers are right, but they went to wrong places: the k-th smallest belongs where " +
              "the k-th smallest was given.",
          ],
        ],
        message: "Sorted: 0.005 · 4, 0.028 · 3, 0.03 · 2 raised to 0.084, 0.6 · 1.",
      });
      expectClose(holmAdjusted([0.03, 0.011, 0.016, 0.02]), [0.048, 0.044, 0.048, 0.048], {
        what: "p-values 0.03, 0.011, 0.016, 0.02",
        mistakes: [
          [
            [0.04, 0.044, 0.048, 0.048],
            "The last was compared with what the one before it was before it was raised: compare " +
              "with the raised value.",
          ],
        ],
        message: "Sorted: 0.011 · 4, 0.016 · 3, 0.02 · 2 and 0.03 · 1 both raised to 0.048.",
      });
      expectTrue(
        Math.max(...holmAdjusted([0.9, 0.8, 0.7])) <= 1,
        "A probability cannot be larger than 1: 0.7 · 3 becomes 1.",
      );
      expectClose(holmAdjusted([1e-7, 0.002]), [2e-7, 0.002], {
        what: "p-values 1e-7 and 0.002",
        atol: 1e-12,
        mistakes: [
          [
            [0.004, 0.004],
            "`sort` without a comparison sorts as text, and 1e-7 comes after 0.002 there.",
          ],
        ],
        message: "1e-7 is the smaller one.",
      });
    },
    {
      cases: {
        "three values": (d) => [Array.from({ length: 3 }, () => d.number(0, 0.3))],
        "ten values": (d) => [Array.from({ length: 10 }, () => d.number(0, 0.2))],
        "values that are equal": (d) => {
          const p = d.number(0.001, 0.1);
          return [[p, 0.5, p, p / 2]];
        },
        "large values": (d) => [Array.from({ length: 5 }, () => d.number(0.3, 1))],
        "very small values": (d) => [[d.number(1e-9, 1e-7), 0.02, 3e-8, 0.5]],
        "zero and one": () => [[1, 0, 0.5]],
        "one value": (d) => [[d.number(0, 1)]],
        "no value": () => [[]],
      },
    },
  );

  exercise(
    "finalNumber",
    (finalNumber) => {
      const cases: [string, number | null, string][] = [
        ["2 + 2 = 4.", 4, "A text without these words: its last number counts, here 4."],
        [
          "2 + 2 = 4. Done...",
          4,
          "A number begins with a digit or a minus sign: points alone are none.",
        ],
        ["The answer is 7, not 12.", 7, 'After the words "answer is" the first number counts, 7.'],
        [
          "The answer is 9. Wait, 9 - 3 is 6: the answer is 6, not 9.",
          6,
          "The last of these words counts: a solution may correct itself.",
        ],
        [
          "4 - 6 = -2. The ANSWER IS -2.",
          -2,
          "The words may have capital or small letters; -2 has its minus sign.",
        ],
        [
          "THE ANSWER IS 8, which is 4 + 4 or 10 less 2.",
          8,
          "The words may have capital or small letters.",
        ],
        [
          "3 + 4 = 7. The answer is above.",
          7,
          "No number follows the words: the last number of the whole text counts.",
        ],
        ["The answer is 3.5.", 3.5, "A number may have a decimal part: 3.5."],
        ["The answer is 16.", 16, "A number has all its digits: 16, not 1 and not 6."],
        [
          "So the answer is clearly this: 6, not 7.",
          6,
          'Other words may stand between "answer is" and the number.',
        ],
        [
          "The answer is easy. 5 are left, not 4.",
          5,
          "The first number behind the words counts, also behind the end of their sentence.",
        ],
        [
          "The answer is 7, not 12. Again, the answer is above.",
          12,
          "No number follows the last of these words, so the last number of the whole text counts. " +
            "An earlier pair of words is not looked at.",
        ],
        [
          "My answer: 4 of 5 go. That makes 9.",
          9,
          'The two words are "answer is". "answer" alone does not count.',
        ],
        [
          "2 + 2 = 4, and 3 more.",
          3,
          "Without the words the last number counts, with or without an equals sign before it.",
        ],
        [
          "10 - 4",
          4,
          "A minus sign belongs to a number only if it stands directly before it: in 10 - 4 the last " +
            "number is 4.",
        ],
        ["It weighs 5kg.", 5, "A number is digits, whatever stands behind them: 5kg has a 5."],
        ["no idea", null, "Where there is no number at all, the result is null."],
        ["0", 0, "0 is a number like any other."],
      ];
      for (const [text, right, message] of cases) {
        const result = finalNumber(text);
        expectTrue(
          result === null || typeof result === "number",
          `The result is a number or null, and not a text. Yours is ${JSON.stringify(result)}.`,
        );
        expectTrue(result === right, `${message}\nFor "${text}" expected ${right}, got ${result}.`);
      }
    },
    {
      cases: {
        "a chain with its answer": (d) => {
          const [a, b] = [d.integer(1, 30), d.integer(1, 30)];
          return [`${a} + ${b} = ${a + b}. The answer is ${a + b}, as ${a} and ${b} say.`];
        },
        "a chain without the words": (d) => [`${d.integer(1, 9)} - 9 = -${d.integer(1, 8)}.`],
        "two answers": (d) => [
          `The answer is ${d.integer(1, 9)}. No, the answer is ${d.integer(10, 99)} (${d.integer(1, 9)}).`,
        ],
        "words without a number": (d) => [
          `${d.integer(1, 9)} or ${d.integer(1, 9)}: the answer is known.`,
        ],
        "a decimal": (d) => [`The Answer is -${d.integer(1, 9)}.${d.integer(1, 9)} or so, 5`],
        "no number": () => ["The answer is unknown."],
        nothing: () => [""],
      },
    },
  );

  exercise(
    "expandedStates",
    (expandedStates) => {
      //         r
      //   a 5       b 4      c 1
      // d 1 e 2   f 6 g 3   h 9
      const tree = {
        r: ["c", "a", "b"],
        a: ["d", "e"],
        b: ["f", "g"],
        c: ["h"],
        f: ["i"],
        h: ["j"],
      };
      const values = { a: 5, b: 4, c: 1, d: 1, e: 2, f: 6, g: 3, h: 9, i: 7, j: 8 };
      const ask = (width: number, budget: number) =>
        expandedStates("r", structuredClone(tree), { ...values }, { width, budget });
      const result = ask(2, 99);
      expectTrue(
        Array.isArray(result) && result[0] === "r",
        "The root is expanded first: the result is a list that begins with it.",
      );
      const found = result.join(" ");
      const known: Record<string, string> = {
        "r c b g f i": "The smallest values are kept: keep those with the largest values.",
        "r c a h d j":
          "The states are kept in the order in which they were found: sort them by their values.",
        "r a e d b f i g":
          "This is depth first: expand all states of a level before their children.",
        "r a b f i g e c h j d":
          "This is best-first search: the best of all open states. Breadth first goes level by level.",
        "r a b e d":
          "Sort all candidates of the level together: here each state's children were sorted alone.",
        "r a b f g e d i":
          "Every state keeps its best children here: `width` is for the whole level together.",
        "r a b c f g e d h i j": "Nothing is cut: only `width` states of each level are kept.",
        "a b f g i": "The root is expanded, too.",
        "r a b f i g":
          "This is best-first search: the open states of two levels were sorted together. Sort only " +
          "the children that were found in one level.",
        "r a b c h f g e d j i": "Nothing is cut: only `width` states of each level are kept.",
        "r a b c h f g j i": "Of each level `width` + 1 states are kept: one too many.",
        "r a b e d f g i":
          "Every state keeps its best children here: `width` is for the whole level together.",
        "r a b f": "A state without children is expanded, too: it counts, and stands in the list.",
        "r a b f e i":
          "The values were added up along the way: a state counts with its own value alone.",
        "r c a b d e f g i":
          "These are all states that were found: the list has those that were expanded.",
        "r a b f g": "A level that is smaller than `width` is expanded like any other.",
      };
      const right = "r a b f g i";
      expectTrue(
        found === right,
        `${known[found] ?? "Level by level, and of each level the `width` best."}\nWith width 2 ` +
          `expected ${right}, got ${found}.`,
      );
      const cut = ask(2, 2).join(" ");
      expectTrue(
        cut === "r a",
        `The budget ends the search in the middle of a level, too: with budget 2 expected r a, got ${cut}.`,
      );
      const sorted = expandedStates(
        "r",
        { r: ["a", "b"] },
        { a: 1, b: 2 },
        { width: 2, budget: 9 },
      ).join(" ");
      expectTrue(
        sorted === "r b a",
        "The states that are kept are expanded in the order of their values, the largest first, and " +
          `not in the order in which they were found: expected r b a, got ${sorted}.`,
      );
      const small = expandedStates(
        "r",
        { r: ["a", "b"] },
        { a: 0, b: -1 },
        { width: 2, budget: 9 },
      ).join(" ");
      expectTrue(
        small === "r a b",
        `A value of 0, or below 0, is a value like any other: expected r a b, got ${small}.`,
      );
      const equals = expandedStates(
        "r",
        { r: ["b", "a", "c"] },
        { a: 1, b: 1, c: 1 },
        { width: 2, budget: 9 },
      ).join(" ");
      expectTrue(
        equals === "r b a",
        "Of equal values the one that was found first goes first, whatever its name: expected " +
          `r b a, got ${equals}.`,
      );
    },
    {
      cases: {
        "width 2": (d) => searching(d),
        "width 1": (d) => searching(d, { width: 1 }),
        "a wide search": (d) => searching(d, { width: 9, branches: 2 }),
        "a small budget": (d) => searching(d, { budget: d.integer(2, 5) }),
        "a budget of 1": (d) => searching(d, { budget: 1 }),
        "equal values": (d) => searching(d, { equals: true, width: 3 }),
        "a root alone": () => ["s", {}, {}, { width: 2, budget: 5 }],
      },
    },
  );
});
