// Prompts as functions, and answers read: tables of cases worked out by hand.
import {
  allOrders,
  canonicalAnswer,
  fewShotPrompt,
  fillPrompt,
  finalNumber,
  firstNamed,
  hasWords,
  isExactly,
  isNamed,
  promptTasks,
  stepProblems,
  taskSizes,
} from "llm/prompting";
import { expect, test } from "vitest";

test("fillPrompt: places, other braces, and what is put in is not read again", () => {
  expect(fillPrompt('Put {text} into {"a": {{form}}}', { text: "{b} }", form: "$& $1" })).toBe(
    'Put {b} } into {"a": {$& $1}}',
  );
  expect(fillPrompt("{a}{a} {b}", { a: "{b}", b: "x" })).toBe("{b}{b} x");
  expect(fillPrompt("", {})).toBe("");
  expect(() => fillPrompt("Hello {name}", {})).toThrow("a value for {name}, got none");
  expect(() => fillPrompt("Hello {toString}", {})).toThrow("a value for {toString}");
  expect(() => fillPrompt("Hello", { name: "x" })).toThrow("a place {name}");
});

test("fewShotPrompt ends where the answer begins, and an empty instruction leaves no gap", () => {
  const form = { instruction: "Add.", inputName: "Sum", outputName: "Result" };
  const shots = [{ input: "1 + 1", output: "2" }];
  expect(fewShotPrompt(form, shots, "2 + 3")).toBe(
    "Add.\n\nSum: 1 + 1\nResult: 2\n\nSum: 2 + 3\nResult:",
  );
  expect(fewShotPrompt({ ...form, instruction: "" }, [], "2 + 3")).toBe("Sum: 2 + 3\nResult:");
});

test("allOrders: n! different ones, the first as given", () => {
  const orders = allOrders(["a", "b", "c", "d"]);
  expect(new Set(orders.map((order) => order.join(""))).size).toBe(24);
  expect(orders[0].join("")).toBe("abcd");
  expect(orders[23].join("")).toBe("dcba");
  expect(allOrders([])).toEqual([[]]);
  expect(() => allOrders([..."abcdefghi"])).toThrow("at most 8");
});

test("answers are compared without what belongs to their form", () => {
  expect(canonicalAnswer(' **"Paris".**\nIt lies on the Seine.')).toBe("paris");
  expect(canonicalAnswer("\n  New   Delhi!")).toBe("new delhi");
  expect(canonicalAnswer("-7.")).toBe("-7");
  expect(canonicalAnswer("...")).toBe("");
  expect(isExactly(" Positive.", "positive")).toBe(true);
  expect(isExactly("It is positive.", "positive")).toBe(false);
  expect(hasWords("The capital is New Delhi.", "new delhi")).toBe(true);
  expect(hasWords("Romeo", "Rome")).toBe(false);
  expect(hasWords("Romeo in Rome", "Rome")).toBe(true);
});

test("the lenient rule: the first choice named, the last number, or the words", () => {
  const choices = ["positive", "negative"];
  expect(firstNamed("Not negative but positive", choices)).toBe("negative");
  expect(firstNamed("positively", choices)).toBeUndefined();
  expect(isNamed("The sentence is positive, not negative.", "positive", choices)).toBe(true);
  expect(isNamed("10 + 25 = 35", "35")).toBe(true);
  expect(isNamed("35 is not 10 + 20", "35")).toBe(false);
  expect(isNamed("The capital of Italy is Rome.", "Rome")).toBe(true);
});

test("finalNumber: the first after the last 'answer is', else the last one", () => {
  const cases: [string, number | null][] = [
    ["3 + 4 = 7, and 7 - 2 = 5. The answer is 5.", 5],
    ["The answer is 5, because 9 - 4 is 5 and 2 + 2 is 4", 5],
    ["The answer is 1,234.", 1234],
    ["The answer is unknown. 8", 8],
    ["12. The answer is unknown.", 12],
    ["The answer is 3. No: the answer is -2.5", -2.5],
    ["none", null],
  ];
  for (const [text, number] of cases) expect(finalNumber(text), text).toBe(number);
});

test("tasks: no example is a question, answers are balanced and right, a seed decides", () => {
  const tasks = promptTasks();
  expect(promptTasks()).toEqual(tasks);
  expect(promptTasks(1)[0].test).not.toEqual(tasks[0].test);
  for (const { name, train, test: questions, choices, question } of tasks) {
    expect([train.length, questions.length], name).toEqual([taskSizes.train, taskSizes.test]);
    const inputs = [...train, ...questions].map(({ input }) => input);
    expect(new Set(inputs).size, name).toBe(inputs.length);
    expect(question).toContain("{input}");
    for (const { output } of questions) if (choices) expect(choices).toContain(output);
  }
  const [feeling, topic, , , , sum] = tasks;
  for (const choice of feeling.choices ?? [])
    expect(feeling.test.filter(({ output }) => output === choice)).toHaveLength(20);
  for (const choice of topic.choices ?? [])
    expect(topic.test.filter(({ output }) => output === choice)).toHaveLength(10);
  for (const { input, output } of sum.test) {
    const [a, b] = input.split(" + ").map(Number);
    expect(Number(output)).toBe(a + b);
  }
  const bad =
    /was (not )?(bad|poor|awful|terrible|dreadful|horrible|disappointing|ugly|boring|useless)/;
  for (const { input, output } of feeling.test) {
    const isBad = bad.test(input) !== input.includes(" was not ");
    expect(output, input).toBe(isBad ? "negative" : "positive");
  }
});

test("word problems: the steps lead to the answer, which is never below 1", () => {
  for (const { input, steps, output } of stepProblems(100, 5)) {
    const [a, b, c] = (input.match(/\d+/g) ?? []).map(Number);
    expect(steps).toBe(
      `${a} + ${b} = ${a + b}. ${a + b} - ${c} = ${a + b - c}. The answer is ${output}.`,
    );
    expect(Number(output)).toBe(a + b - c);
    expect(Number(output)).toBeGreaterThan(0);
  }
});
