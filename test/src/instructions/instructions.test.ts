// Instructions: the right answers of every kind, written by hand; sets, held-out questions, files,
// and planted faults that are all found.
import fc from "fast-check";
import {
  checkInstructions,
  drawInstruction,
  drawInstructions,
  type Instruction,
  instructionKinds,
  isHeldOutQuestion,
  isRightAnswer,
  type Language,
  questionText,
  readInstructions,
  toMessages,
  writeInstructions,
} from "llm/instructions";
import { Random } from "llm/random";
import { describe, expect, test } from "vitest";

/** kind, language, instruction, input, right answers */
const byHand: [string, Language, string, string, ...string[]][] = [
  ["add", "en", "Add the two numbers.", "47 + 85", "132"],
  ["add", "zh", "请计算。", "0 + 9", "9"],
  ["subtract", "en", "What is the difference?", "76 - 27", "49"],
  ["larger", "en", "Which number is larger?", "7, 96", "96"],
  ["larger", "zh", "哪个数更大？", "70、9", "70"],
  ["sort-numbers", "en", "Put these numbers in order.", "36, 5, 100", "5, 36, 100"],
  ["sort-numbers", "zh", "请把数字排好顺序。", "9、10、9", "9、9、10"],
  ["next-number", "en", "Which number comes next?", "35, 42, 49", "56"],
  ["number-to-words", "en", "Spell the number out.", "84", "eighty-four"],
  ["number-to-words", "zh", "这个数怎么读？", "20", "二十"],
  ["words-to-number", "en", "Which number is this?", "twelve", "12"],
  ["words-to-number", "zh", "这是哪个数？", "五十四", "54"],
  ["reverse", "en", "Reverse the list.", "cat, dog, pen", "pen, dog, cat"],
  ["reverse", "zh", "把顺序倒过来。", "猫、狗、笔", "笔、狗、猫"],
  ["count", "en", "Count the words.", "cat, dog, pen, key", "4"],
  ["capitals", "en", "Turn this into capitals.", "whale", "WHALE"],
  ["pick", "en", "Write the last word.", "cat, dog, pen, key", "key"],
  ["pick", "zh", "写出第二个词。", "猫、狗、笔", "狗"],
  ["repeat", "en", "Repeat this three times.", "cat", "cat, cat, cat"],
  ["repeat", "zh", "把这个词写两遍。", "猫", "猫、猫"],
  ["contains", "en", 'Is "cat" in the list?', "cats, dog", "no"],
  ["contains", "zh", "有没有“猫”？", "狗、猫", "有"],
  ["remove", "en", 'Remove "dog" from the list.', "cat, dog, pen", "cat, pen"],
  ["remove", "zh", "去掉“狗”。", "狗、猫", "猫"],
  ["translate", "en", "Translate into Chinese.", "red hat", "红帽子"],
  ["translate", "zh", "翻译成英文。", "白鲸鱼", "white whale"],
  ["translate", "zh", "翻译成英文。", "猫", "cat"],
  ["answer", "en", "Who has the cups?", "Kate has 11 cups. Rosa has 18 boats.", "Kate"],
  ["answer", "en", "How many boats are there?", "Kate has 11 cups. Rosa has 18 boats.", "18"],
  ["answer", "zh", "小明有什么？", "小丽有7个灯。小明有3个椅子。", "椅子"],
  [
    ...(["summarise", "en", "Say it in one short sentence."] as const),
    "On Friday Leo went to Rome. It was a long way. Leo bought 7 pens there. It rained a little.",
    "Leo bought 7 pens in Rome.",
  ],
  [
    ...(["summarise", "zh", "请简短地总结。"] as const),
    "星期一，杨帆去了南京。天气很好。杨帆在那里买了12个苹果。",
    "杨帆在南京买了12个苹果。",
  ],
  ["feeling", "en", "Is this positive or negative?", "The soup was bad.", "negative"],
  ["feeling", "zh", "这是正面还是负面？", "汤很好，房间不错。", "正面"],
  ["extract", "en", "Which day is named?", "On Monday Ada is in Oslo.", "Monday"],
  ["extract", "zh", "提到了哪个地方？", "小明星期二去西安。", "西安"],
  [
    ...(["json", "en", "Write this as JSON."] as const),
    "name: Paul; age: 7; city: Rome",
    '{"name":"Paul","age":7,"city":"Rome"}',
  ],
  ["fill-code", "en", "Fill in the gap.", "if (a ___ x) stop(); // a equals x", "==="],
  ["fill-code", "zh", "填空。", "if (a ___ x) stop(); // a 不等于 x", "!=="],
  [
    ...(["mend-code", "en", "Correct this line of code."] as const),
    "const result = a - b; // a divided by b",
    "const result = a / b;",
    "const result = a / b; // a divided by b",
  ],
];

describe("answers worked out from the text", () => {
  test.each(byHand)("%s, %s: %s %s", (kind, language, instruction, input, ...right) => {
    const question = { kind, language, instruction, input };
    for (const answer of right) expect(isRightAnswer(question, `  ${answer} `)).toBe(true);
    for (const wrong of [`${right[0]}0`, "", "I do not know"])
      expect(isRightAnswer(question, wrong)).toBe(false);
  });

  test("every kind is among them, and there are at least twelve", () => {
    expect(new Set(byHand.map(([kind]) => kind))).toEqual(new Set(instructionKinds.keys()));
    expect(instructionKinds.size).toBeGreaterThanOrEqual(12);
  });

  test.each([
    ["add", "47 and 85 and 3", "expected 2 numbers, got 3"],
    ["next-number", "1, 2, 4", "expected equal steps"],
    ["words-to-number", "umpteen", "expected a number in words"],
    ["translate", "purple cat", 'expected an English word that is known, got "purple"'],
    ["feeling", "The soup was good and the room was bad.", "expected one feeling"],
    ["summarise", "Ada slept.", "expected a story of a purchase"],
    ["json", "name Ada", 'expected "key: value"'],
    ["mend-code", "const a = 1;", "expected a comment that names an operation"],
  ])("%s refuses %s", (kind, input, message) => {
    const question = { kind, language: "en", instruction: "?", input } as const;
    expect(() => isRightAnswer(question, "x")).toThrow(message);
  });

  test("an unknown kind is refused with the names of all", () => {
    const question = { kind: "sing", language: "en", instruction: "", input: "" } as const;
    expect(() => isRightAnswer(question, "la")).toThrow(/expected one of the kinds add, .*"sing"/);
  });
});

describe("sets", () => {
  test("every drawn example is right, whatever the seed, and its answer is in its language", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...instructionKinds.keys()),
        fc.integer({ min: 0, max: 1e6 }),
        (kind, seed) => {
          for (const language of instructionKinds.get(kind)!.languages) {
            const options = { kinds: [kind], languages: [language], rng: new Random(seed) };
            const example = drawInstruction(options);
            expect(drawInstruction({ ...options, rng: new Random(seed) })).toEqual(example);
            expect(isRightAnswer(example, example.output)).toBe(true);
            expect(example.output).not.toContain("undefined");
            if (language === "en") expect(questionText(example)).toMatch(/^[ -~\n]+$/);
            else expect(example.instruction).toMatch(/[\u4e00-\u9fff]/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("questions differ, and no input of training is held out", () => {
    const train = drawInstructions(3000, { part: "train", rng: new Random(1) });
    const held = drawInstructions(300, { part: "held out", rng: new Random(1) });
    expect(new Set(train.map(questionText)).size).toBe(3000);
    const inputs = new Set(train.map(({ kind, input }) => `${kind} ${input}`));
    expect(held.filter(({ kind, input }) => inputs.has(`${kind} ${input}`))).toEqual([]);
    const translations = (list: Instruction[], kinds: string[]) =>
      list
        .filter(({ kind }) => kinds.includes(kind))
        .flatMap(({ input, output }) => [`${input} ${output}`, `${output} ${input}`]);
    for (const kinds of [["translate"], ["number-to-words", "words-to-number"]]) {
      const known = new Set(translations(train, kinds));
      expect(known.size).toBeGreaterThan(50);
      expect(translations(held, kinds).filter((pair) => known.has(pair))).toEqual([]);
    }
    expect(held.every((example) => isHeldOutQuestion(example.kind, example))).toBe(true);
  });

  test("kinds and languages can be chosen", () => {
    const options = { kinds: ["add", "reverse"], languages: ["zh"] as const, rng: new Random(2) };
    const examples = drawInstructions(50, options);
    expect(new Set(examples.map(({ kind }) => kind))).toEqual(new Set(["add", "reverse"]));
    expect(new Set(examples.map(({ language }) => language))).toEqual(new Set(["zh"]));
    expect(() => drawInstructions(500, { kinds: ["capitals"], rng: new Random(1) })).toThrow(
      "drawInstructions: expected 500 different questions, found 308",
    );
    expect(() =>
      drawInstruction({ kinds: ["capitals"], languages: ["zh"], rng: new Random(1) }),
    ).toThrow("drawInstruction: expected a kind with zh, got capitals");
  });
});

describe("what is wrong with a set", () => {
  const good = drawInstructions(400, { part: "train", rng: new Random(3) });
  const test_ = drawInstructions(50, { part: "held out", rng: new Random(3) });

  test("nothing, where nothing is", () => {
    expect(checkInstructions(good, { test: test_ })).toEqual([]);
  });

  test("all planted faults are found, and nothing else", () => {
    const set = [...good];
    const plant: [number, Instruction, string][] = [
      [10, { ...good[3], kind: good[3].kind }, "duplicate"],
      [20, test_[7], "leak"],
      [30, { ...good[30], output: " " }, "empty"],
      [40, { ...good[40], output: `${good[40].output}1` }, "wrong"],
      [50, { ...good[50], kind: "sing" }, "unanswerable"],
      [60, { ...good[60], instruction: "" }, "empty"],
      [70, { ...good[70], output: "x".repeat(500) }, "wrong,long"],
    ];
    for (const [i, example] of plant) set[i] = example;
    const found = new Map<number, string[]>();
    for (const { index, fault } of checkInstructions(set, { test: test_ }))
      found.set(index, [...(found.get(index) ?? []), fault]);
    for (const [i, , fault] of plant) expect(found.get(i)?.join()).toContain(fault);
    expect([...found.keys()].sort((a, b) => a - b)).toEqual(plant.map(([i]) => i));
  });
});

describe("files", () => {
  const examples = drawInstructions(40, { rng: new Random(4) });

  test("Alpaca's fields come back as they were", () => {
    expect(readInstructions(writeInstructions(examples))).toEqual(examples);
    expect(readInstructions(`\n${writeInstructions(examples).replaceAll("\n", "\r\n")}`)).toEqual(
      examples,
    );
  });

  test("messages are a question and its answer", () => {
    const lines = writeInstructions(examples, "messages").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).messages)).toEqual(examples.map(toMessages));
    expect(toMessages({ ...examples[0], instruction: "Do", input: "", output: "it" })).toEqual([
      { role: "user", content: "Do" },
      { role: "assistant", content: "it" },
    ]);
  });

  test.each([
    ["{", "in line 2, got no JSON: {"],
    ["null", "in line 2, got null"],
    ['{"kind":"add","language":"en","instruction":"x","input":1}', "got no text for input, output"],
    [
      writeInstructions(examples)
        .split("\n")[0]
        .replace(/"(en|zh)"/, '"fr"'),
      "the language fr",
    ],
  ])("a line that is none is refused: %s", (line, message) => {
    expect(() => readInstructions(`${writeInstructions(examples.slice(0, 1))}${line}\n`)).toThrow(
      message,
    );
  });
});
