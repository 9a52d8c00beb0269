// Lesson 16 (instruction tuning): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/16-instruction-tuning";
import { mutants } from "../mutants/16-instruction-tuning";

type Conversation = answers.Conversation;
type Example = answers.Example;

/** What known mistakes give, and their sentences. */
type Wrong = [gives: unknown, sentence: string][];

/** Asks whether a result is the right one, written as JSON. */
function ask(got: unknown, expected: unknown, call: string, rule: string, mistakes: Wrong = []) {
  const text = (value: unknown) => JSON.stringify(value) ?? "nothing";
  expectEqual(text(got), text(expected), {
    mistakes: mistakes.map(([gives, sentence]) => [text(gives), sentence] as const),
    message: rule,
    asked: `${call} gives ${text(got)}, expected ${text(expected)}.`,
  });
}

const example = (instruction: string, input: string, output = "4"): Example => ({
  ...{ instruction, input, output },
});

const WORDS = ["Add", "two", "猫", "count", "the", "3", "+"];
const SPACES = [" ", "  ", " \t", "\n"];
/** A text of a few words, in one of its spellings. */
function wordsOf(d: Draw, count: number): string {
  const spaced = Array.from({ length: count }, () => {
    const word = WORDS[d.id(WORDS.length)];
    return (d.id(2) ? word : word.toUpperCase()) + SPACES[d.id(SPACES.length)];
  });
  return (d.id(2) ? " " : "") + spaced.join("");
}
const examplesOf = (d: Draw, count: number, words = 1): Example[] =>
  Array.from({ length: count }, () => example(wordsOf(d, words), wordsOf(d, 1), String(d.id(3))));

const marks = { user: 300, assistant: 301, end: 302 };
/** A conversation in ids: user and assistant in turn, messages of 1 to 3 ids. */
function idsOf(d: Draw, turns: number, shift = 0, { cut = 0 } = {}): number[] {
  const ids = Array.from({ length: turns }, (_, turn) => [
    (turn % 2 === 0 ? marks.user : marks.assistant) + shift,
    ...Array.from({ length: 1 + d.integer(0, 2) }, () => d.id(260)),
    marks.end + shift,
  ]).flat();
  return ids.slice(0, ids.length - cut);
}
const marksOf = (shift = 0) => ({ assistant: marks.assistant + shift, end: marks.end + shift });

/** A conversation of so many ids, with one learnt at least from two ids on. */
const conversationOf = (d: Draw, size: number): Conversation => ({
  ids: Array.from({ length: size }, () => 1 + d.id(400)),
  learnt: Array.from({ length: size }, (_, t) => (t === 0 ? 0 : t === size - 1 ? 1 : d.id(2))),
});

/** Rows in which runs of places share a segment, with padding at the end. */
function segmentsOf(d: Draw, B: number, T: number): tf.Tensor2D {
  const rows = Array.from({ length: B }, () => {
    let segment = 1;
    const padding = d.id(3);
    return Array.from({ length: T }, (_, t) => {
      if (t > 0 && d.id(3) === 0) segment++;
      return t >= T - padding ? 0 : segment;
    });
  });
  return tf.tensor2d(rows, [B, T], "int32");
}

function batchOf(
  d: Draw,
  {
    B = 3,
    T = 5,
    V = 7,
    scale = 1,
    learnt = [
      [1, 3],
      [0, 5],
      [4, 5],
    ],
  } = {},
): Parameters<typeof answers.answerLoss> {
  const mask = learnt.map(([from, to]) =>
    Array.from({ length: T }, (_, t) => (t >= from && t < to ? 1 : 0)),
  );
  return [
    d.normal([B, T, V], scale) as tf.Tensor3D,
    d.ids([B, T], V) as tf.Tensor2D,
    tf.tensor2d(mask, [B, T]),
  ];
}

lesson<typeof answers>("16-instruction-tuning", mutants, (exercise) => {
  exercise(
    "findLeaks",
    (findLeaks) => {
      const test = [example("Add.", "3 + 4", "7"), example("Count the words.", "cat, dog", "2")];
      ask(
        findLeaks(
          ["1 + 2", "5 + 6", "3 + 4"].map((input) => example("Add.", input, "7")),
          test,
        ),
        [2],
        "findLeaks of three sums, of which the third is in the test set,",
        "Give the indices of the training examples whose instruction and input are in the test set.",
        [
          [
            [0],
            "These are indices of the test set: they have to say which training examples leak.",
          ],
          [[0, 1, 2], "The instruction alone is compared: the input has to be equal as well."],
          [[0, 1], "These are the examples that do not leak: those that do are asked for."],
          [
            [false, false, true],
            "These are true and false: the indices of the leaks are asked for.",
          ],
          [
            [],
            "No leak is found, although a question is there to the letter. Is each example compared " +
              "with every test question, both in the same form?",
          ],
        ],
      );
      ask(
        findLeaks([example("Add.", "3 + 4", "8")], test),
        [0],
        "findLeaks of a question of the test set with another answer",
        "The question is known, whatever answer stands beside it.",
        [[[], "The answers are compared too: a question leaks whatever its answer is."]],
      );
      ask(
        findLeaks(
          [example("Is this a number?", "3 + 4"), example("Count the words.", "pen")],
          test,
        ),
        [],
        "findLeaks of two other questions with an instruction or an input of the test set",
        "Both the instruction and the input have to be equal.",
        [
          [[0], "The input alone is compared: the instruction has to be equal as well."],
          [[1], "The instruction alone is compared: the input has to be equal as well."],
          [[0, 1], "One equal part is taken for a leak: both parts have to be equal."],
        ],
      );
      ask(
        findLeaks([example("Count the words.", "cat"), example("Add.", "13 + 4")], test),
        [],
        "findLeaks of two questions, one a part of a question of the test set, one with a part like it,",
        "A part of a question is another question: the whole texts have to be equal.",
      );
      ask(
        findLeaks([example(" add. ", "3  + 4"), example("count the Words.", "CAT, dog")], test),
        [0, 1],
        "findLeaks of two questions with other spaces and other capital letters",
        "Upper and lower case, spaces at the ends and the number of spaces make no difference.",
        [
          [
            [],
            "Texts are compared letter by letter: first make lower case and single spaces of them.",
          ],
          [[1, 0], "The indices stand in descending order: they are to be ascending."],
          [[0], "Upper and lower case make no difference in the input either."],
          [[1], "Spaces make no difference: trim both ends, and make one of several."],
        ],
      );
      ask(
        findLeaks([example("Count the words.", "cat,\tdog")], test),
        [0],
        "findLeaks of a question with a tab where the test set has a space",
        "White space of any kind counts as one space.",
        [[[], "Tabs and line breaks are white space too: `\\s+` matches them, a blank does not."]],
      );
      ask(
        findLeaks([example("Count  the  words.", "cat, dog")], test),
        [0],
        "findLeaks of a question with two spaces in two places",
        "Each run of spaces counts as one.",
        [[[], "Only the first run of spaces is made one: `/\\s+/g` finds them all."]],
      );
      ask(
        findLeaks(
          [example("Count the words.", "cat,dog"), example("Count the words.", "cat dog")],
          test,
        ),
        [],
        'findLeaks of "cat,dog" and "cat dog", where the test set has "cat, dog",',
        "One space or several makes no difference; whether there is one does, and so do other marks.",
        [
          [
            [0],
            "All spaces are gone: only their number makes no difference, so leave one of each run.",
          ],
          [[1], "Commas are gone: only case and spaces make no difference, other marks do."],
          [[0, 1], "Commas are gone: only case and spaces make no difference, other marks do."],
        ],
      );
      ask(
        findLeaks([example("Add. 3", "+ 4")], test),
        [],
        "findLeaks of a question whose parts only together look like one of the test set",
        "Instruction and input are compared part by part: keep them apart in what you compare.",
      );
      ask(
        findLeaks([example("Add.", "cat, dog")], test),
        [],
        "findLeaks of the instruction of one test question with the input of another",
        "Instruction and input have to be those of one and the same question of the test set.",
        [
          [
            [0],
            "Instructions and inputs are looked up apart: both have to be those of the same " +
              "question of the test set.",
          ],
        ],
      );
      ask(
        findLeaks(
          [example("Add.", "5 + 6"), example("Add.", "5 + 6"), example("Wait.", "")],
          [...test, example("Wait.", "")],
        ),
        [2],
        "findLeaks of a question that training asks twice, and of one without input that is in the " +
          "test set,",
        "Only what is in the test set leaks, with an input or without.",
        [
          [
            [1, 2],
            "A question that training asks twice is a duplicate; it leaks only from the test.",
          ],
          [[], "A question without input leaks like any other."],
        ],
      );
      const twelve = Array.from({ length: 12 }, (_, i) => example("Add.", `${i} + 50`));
      for (const i of [2, 10]) twelve[i] = { ...test[0] };
      twelve[4] = { ...test[1] };
      ask(
        findLeaks(twelve, [test[0], test[1], { ...test[0], output: "8" }]),
        [2, 4, 10],
        "findLeaks of 12 examples, where 2 and 10 ask the same, which the test set asks twice,",
        "Every training example that leaks, once, in ascending order.",
        [
          [[10, 2, 4], "The indices are sorted as texts, 10 before 2: `sort((a, b) => a - b)`."],
          [[2, 10, 4], "The indices stand in the order of the test set: they are to be ascending."],
          [
            [2, 4],
            "Of several examples that ask the same, only the first is found: all of them leak.",
          ],
          [
            [4, 10],
            "Of several examples that ask the same, only the last is found: all of them leak.",
          ],
          [
            [2, 2, 4, 10, 10],
            "An index stands there twice because the test set asks the question twice: once is enough.",
          ],
        ],
      );
    },
    {
      cases: {
        "a few examples": (d) => [examplesOf(d, 5), examplesOf(d, 4)],
        "many examples": (d) => [examplesOf(d, 40), examplesOf(d, 15)],
        "longer instructions": (d) => [examplesOf(d, 30, 2), examplesOf(d, 30, 2)],
        "no test set": (d) => [examplesOf(d, 3), []],
        "nothing to learn from": (d) => [[], examplesOf(d, 3)],
        "empty inputs": (d) => {
          const bare = (list: Example[]) => list.map((one) => ({ ...one, input: "" }));
          return [bare(examplesOf(d, 9)), bare(examplesOf(d, 9))];
        },
      },
    },
  );

  exercise(
    "renderConversation",
    (renderConversation) => {
      const user = { role: "user" as const, content: " 2 + 2\n" };
      const assistant = { role: "assistant" as const, content: "4" };
      const [u, a] = ["<|user|> 2 + 2\n<|end|>", "<|assistant|>4<|end|>"];
      ask(
        renderConversation([{ ...user }, { ...assistant }], false),
        u + a,
        "renderConversation of a question and its answer, without a generation prompt,",
        "Each message is <|role|>, its content, <|end|>; nothing stands between them.",
        [
          [`${u}\n${a}`, "There is a line break between the messages: nothing stands there."],
          [
            `${u}${a}<|assistant|>`,
            "The generation prompt is there although it was not asked for.",
          ],
          [`${u}<|assistant|>4`, "The answer has no <|end|>: the model would never learn to stop."],
          [`<|user|> 2 + 2\n${a}`, "The question has no <|end|>."],
          [
            `<|user|> 2 + 2\n<|/user|><|assistant|>4<|/assistant|>`,
            "The mark that ends a message is <|end|>, whoever speaks.",
          ],
          [
            `<|user|>\n 2 + 2\n<|end|><|assistant|>\n4<|end|>`,
            "There is a line break behind the role's mark: nothing stands there.",
          ],
          [`${u},${a}`, "There is a comma between the messages: join them with nothing."],
          [
            `<|user|>2 + 2<|end|>${a}`,
            "The content has been trimmed: it is to stand there as it is, spaces included.",
          ],
        ],
      );
      ask(
        renderConversation([{ ...user }], true),
        `${u}<|assistant|>`,
        "renderConversation of a question, with a generation prompt,",
        "The text ends with <|assistant|>, where the model's answer begins.",
        [
          [
            u,
            "The generation prompt is missing: without it the model does not know whose turn it is.",
          ],
          [
            `${u}<|assistant|><|end|>`,
            "The generation prompt ends with <|end|>: that is an empty answer, already finished.",
          ],
          [`${u}<|user|>`, "The generation prompt is the mark of the assistant, who is to answer."],
        ],
      );
      const said = (role: "user" | "assistant", content: string) => ({ role, content });
      ask(
        renderConversation([said("user", "a"), said("assistant", "b"), said("user", "c")], true),
        "<|user|>a<|end|><|assistant|>b<|end|><|user|>c<|end|><|assistant|>",
        "renderConversation of question, answer and question, with a generation prompt,",
        "The generation prompt stands once, at the end.",
        [
          [
            "<|user|>a<|end|><|assistant|><|assistant|>b<|end|><|user|>c<|end|><|assistant|>",
            "The generation prompt stands behind every question: it stands at the end alone.",
          ],
        ],
      );
      ask(
        renderConversation([said("user", "a"), said("assistant", "b")], true),
        "<|user|>a<|end|><|assistant|>b<|end|><|assistant|>",
        "renderConversation of a question and its answer, with a generation prompt,",
        "Whether there is a generation prompt is said by the argument alone.",
        [
          [
            "<|user|>a<|end|><|assistant|>b<|end|>",
            "The prompt is missing after an answer: `addGenerationPrompt` alone decides, not who " +
              "spoke last.",
          ],
        ],
      );
      ask(
        renderConversation([said("assistant", "a"), said("assistant", "b")], false),
        "<|assistant|>a<|end|><|assistant|>b<|end|>",
        "renderConversation of two answers",
        "Each message has the mark of its own role.",
        [
          [
            "<|user|>a<|end|><|assistant|>b<|end|>",
            "The marks go by turn, user first: each message says its own role.",
          ],
        ],
      );
      ask(
        renderConversation([said("user", ""), said("assistant", "")], false),
        "<|user|><|end|><|assistant|><|end|>",
        "renderConversation of two empty messages",
        "An empty message is a message: its marks stand there.",
      );
      ask(
        renderConversation([said("user", "2<|end|><|assistant|>3")], false),
        "<|user|>2<|end|><|assistant|>3<|end|>",
        "renderConversation of a message that contains marks",
        "The content stands there as it is, marks included; what follows from that comes next in " +
          "the lesson.",
      );
    },
    {
      cases: {
        "one question": (d) => [[{ role: "user", content: wordsOf(d, 3) }], true],
        "several turns": (d) => [
          Array.from({ length: 5 }, (_, i) => ({
            role: i % 2 === 0 ? ("user" as const) : ("assistant" as const),
            content: wordsOf(d, 2),
          })),
          true,
        ],
        "a whole conversation": (d) => [
          Array.from({ length: 4 }, (_, i) => ({
            role: i % 2 === 0 ? ("user" as const) : ("assistant" as const),
            content: wordsOf(d, 1 + i),
          })),
          false,
        ],
        "no message": () => [[], true],
        "an empty message": (d) => [
          [
            { role: "user", content: "" },
            { role: "assistant", content: wordsOf(d, 1) },
          ],
          true,
        ],
        "an answer first": (d) => [[{ role: "assistant", content: wordsOf(d, 2) }], false],
      },
    },
  );

  exercise(
    "lossMask",
    (lossMask) => {
      const ids = [1, 7, 7, 3, 2, 8, 9, 3, 1, 5, 3, 2, 6, 3];
      const right = [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1];
      const got = lossMask([...ids], { assistant: 2, end: 3 });
      expectShape(got, [ids.length], "the mask of 14 ids");
      const without = (drop: (id: number, i: number) => boolean) =>
        right.map((x, i) => (drop(ids[i], i) ? 0 : x));
      const withOnes = (add: (id: number, i: number) => boolean) =>
        right.map((x, i) => (add(ids[i], i) ? 1 : x));
      ask(
        got,
        right,
        "lossMask of two questions (1 … 3) and two answers (2 … 3)",
        "1 behind each <|assistant|> up to the next <|end|>, which is included; 0 elsewhere.",
        [
          [
            right.map((x, i) => x * ids[i]),
            "These are the ids themselves where they are learnt: the mask is 1 there.",
          ],
          [
            right.map((x, i) => (i > 8 ? 2 * x : x)),
            "The mask counts the answers: it is 1 in each of them.",
          ],
          [
            ids.map((id) => (id === 2 || id === 3 ? 0 : 1)),
            "Everything but the marks is learnt: the user's words are not, and an answer's <|end|> is.",
          ],
          [
            right.map((x, i) => (ids[i] === 3 ? x : 0)),
            "Only the ends of the answers are learnt: their words are learnt too.",
          ],
          [
            ids.map(() => 0),
            "Nothing is learnt: an answer goes from its <|assistant|> to the first <|end|> *behind* it.",
          ],
          [
            right.map((x) => x || -100),
            "Where nothing is learnt the mask is 0. (−100 is a target that PyTorch's loss leaves out.)",
          ],
          [ids.map(() => 1), "Everything is learnt: the loss is to leave out what the user says."],
          [right.map((x) => 1 - x), "Here the user's words are learnt, and the answers are not."],
          [
            without((id) => id === 3),
            "The end of the answers is not learnt: a model that never learns <|end|> never stops.",
          ],
          [
            withOnes((id) => id === 2),
            "The mark <|assistant|> is learnt too: it is given, the answer begins behind it.",
          ],
          [
            [...right.slice(1), 0],
            "The mask is shifted by one place: it is about the ids themselves, not about the places " +
              "before them.",
          ],
          [without((_, i) => i < 8), "Only the last answer is learnt: every answer counts."],
          [without((_, i) => i >= 8), "Only the first answer is learnt: every answer counts."],
          [
            withOnes((id) => id === 3),
            "Each <|end|> is learnt, the user's too: only that of an answer is.",
          ],
          [
            withOnes((_, i) => i >= 8),
            "After the first answer everything is learnt: <|end|> ends the answer.",
          ],
        ],
      );
      ask(
        lossMask([31, 7, 33, 32, 8, 33], { assistant: 32, end: 33 }),
        [0, 0, 0, 0, 1, 1],
        "lossMask of a question and its answer with the marks 32 and 33",
        "The marks are those that are given.",
        [
          [
            [0, 0, 0, 0, 0, 0],
            "Nothing is learnt: are the marks those that are given, `assistant` and `end`, or those " +
              "of the example?",
          ],
        ],
      );
      ask(
        lossMask([1, 7, 3, 2, 8, 9], { assistant: 2, end: 3 }),
        [0, 0, 0, 0, 1, 1],
        "lossMask of an answer without its end",
        "An answer without its <|end|> is learnt as far as it goes.",
        [
          [
            [0, 0, 0, 0, 0, 0],
            "An answer without its <|end|> is not learnt here: it is, as far as it goes.",
          ],
        ],
      );
      ask(
        lossMask([2, 8, 3, 1, 5, 3], { assistant: 2, end: 3 }),
        [0, 1, 1, 0, 0, 0],
        "lossMask of an answer and then a question",
        "The mark <|assistant|> says where an answer begins.",
        [
          [
            [0, 0, 0, 1, 1, 1],
            "Every second turn is learnt, whoever speaks: the mark <|assistant|> says where an " +
              "answer begins.",
          ],
        ],
      );
    },
    {
      cases: {
        "one question and its answer": (d) => [idsOf(d, 2), marksOf()],
        "several turns": (d) => [idsOf(d, 6), marksOf()],
        "other marks": (d) => [idsOf(d, 4, 1000), marksOf(1000)],
        "a question alone": (d) => [idsOf(d, 1), marksOf()],
        "an answer without its end": (d) => [idsOf(d, 4, 0, { cut: 1 }), marksOf()],
        "an answer first": (d) => [idsOf(d, 3).slice(idsOf(d, 1).length), marksOf()],
        "the end of a prompt": (d) => [[...idsOf(d, 3), marks.assistant], marksOf()],
      },
    },
  );

  exercise(
    "packedRow",
    (packedRow) => {
      const conversations = [
        { ids: [11, 12, 13], learnt: [0, 0, 1] },
        { ids: [21, 22, 23, 24], learnt: [0, 1, 0, 1] },
      ];
      const row = packedRow(structuredClone(conversations), { length: 9, pad: 5 });
      const call = "packedRow of conversations with 3 and 4 ids, length 9, pad 5:";
      ask(
        row?.ids,
        [11, 12, 13, 21, 22, 23, 24, 5, 5],
        `${call} ids`,
        "The ids stand one after another, and `pad` fills the row.",
        [
          [
            [11, 12, 13, 21, 22, 23, 24],
            "The row is too short: `pad` has to fill it up to T places.",
          ],
          [
            [11, 12, 13, 5, 21, 22, 23, 24, 5],
            "A `pad` stands between the conversations: they follow each other directly.",
          ],
          [[5, 5, 11, 12, 13, 21, 22, 23, 24], "The padding stands on the left: it ends the row."],
          [[11, 12, 13, 21, 22, 23, 24, 0, 0], "The row is filled with 0: the filling is `pad`."],
        ],
      );
      ask(
        row.targets,
        [12, 13, 5, 22, 23, 24, 5, 5, 5],
        `${call} targets`,
        "Behind each id comes the next one of its conversation; behind its last one `pad`.",
        [
          [
            [12, 13, 21, 22, 23, 24, 5, 5, 5],
            "The targets cross: the last id of a conversation has the next conversation's first id " +
              "as its target.",
          ],
          [
            [11, 12, 13, 21, 22, 23, 24, 5, 5],
            "Each id is its own target: move them by one place.",
          ],
          [
            [5, 11, 12, 5, 21, 22, 23, 5, 5],
            "The targets are moved the wrong way: t has the id of t + 1.",
          ],
          [
            [-100, 13, -100, 22, -100, 24, -100, 5, 5],
            "Targets that are not learnt are −100 here: each place has its target, and `mask` " +
              "says which count.",
          ],
          [
            [5, 13, 5, 22, 5, 24, 5, 5, 5],
            "Targets that are not learnt are `pad` here: each place has its target, and `mask` " +
              "says which count.",
          ],
          [
            [12, 13, 13, 22, 23, 24, 24, 5, 5],
            "The last id of a conversation is its own target: it has none, which is `pad`.",
          ],
          [
            [12, 13, 0, 22, 23, 24, 0, 0, 0],
            "Where there is no target 0 stands: it is `pad`, which is 5 here.",
          ],
        ],
      );
      ask(
        row.mask,
        [0, 1, 0, 1, 0, 1, 0, 0, 0],
        `${call} mask`,
        "The mask is 1 where the target, the id at the next place, is learnt.",
        [
          [
            [0, 0, 1, 0, 1, 0, 1, 0, 0],
            "The mask is not moved: it is about the targets, so it moves with them by one place.",
          ],
          [[0, 1, 0, 1, 0, 1, 1, 1, 1], "The padding is learnt."],
          [[0, 1, 0, 1, 0, 1, 0, 1, 1], "The padding is learnt."],
          [
            [0, 1, 1, 1, 0, 1, 1, 0, 0],
            "The last id of a conversation keeps its own `learnt`: it has no target, so 0.",
          ],
          [
            [false, true, false, true, false, true, false, 0, 0],
            "The mask holds true and false: it holds the numbers 1 and 0.",
          ],
          [[0, 1, 0, 1, 0, 1, 0, 5, 5], "The mask is filled with `pad`: in the padding it is 0."],
          [[1, 1, 0, 1, 1, 1, 0, 0, 0], "All targets are learnt: `learnt` says which are."],
        ],
      );
      ask(
        row.segments,
        [1, 1, 1, 2, 2, 2, 2, 0, 0],
        `${call} segments`,
        "1 in the first conversation, 2 in the second, 0 in the padding.",
        [
          [[0, 0, 0, 1, 1, 1, 1, 0, 0], "Segments begin at 1: 0 is the padding."],
          [
            [1, 1, 1, 1, 1, 1, 1, 0, 0],
            "The whole row is one segment: each conversation has its own.",
          ],
          [
            [1, 1, 1, 2, 2, 2, 2, 2, 2],
            "The padding belongs to the last conversation: it is segment 0.",
          ],
          [[1, 1, 1, 2, 2, 2, 2, 3, 3], "The padding is a segment of its own: it is segment 0."],
        ],
      );
      ask(
        packedRow([{ ids: [6, 0, 9], learnt: [0, 1, 1] }], { length: 4, pad: 5 }).targets,
        [0, 9, 5, 5],
        "packedRow of the ids 6, 0, 9, length 4, pad 5: targets",
        "Behind each id comes the next one of its conversation, also an id of 0.",
        [
          [
            [5, 9, 5, 5],
            "The id 0 is taken for no id: `||` replaces a 0 as well, `??` only what is missing.",
          ],
        ],
      );
    },
    {
      cases: {
        "two conversations": (d) => [
          [conversationOf(d, 3), conversationOf(d, 5)],
          { length: 11, pad: 4 },
        ],
        "one conversation": (d) => [[conversationOf(d, 6)], { length: 9, pad: 7 }],
        "a row that is just full": (d) => [
          [conversationOf(d, 3), conversationOf(d, 2), conversationOf(d, 4)],
          { length: 9, pad: 1 },
        ],
        "many conversations": (d) => [
          Array.from({ length: 6 }, (_, i) => conversationOf(d, 2 + (i % 3))),
          { length: 25, pad: 500 },
        ],
        "an id of 0": (d) => [
          [{ ids: [d.id(9), 0, 0, d.id(9)], learnt: [0, 1, 0, 1] }],
          { length: 6, pad: 3 },
        ],
        "a pad of 0": (d) => [[conversationOf(d, 2)], { length: 5, pad: 0 }],
        "no conversation": () => [[], { length: 4, pad: 9 }],
      },
    },
  );

  exercise(
    "visibleMask",
    (visibleMask) => {
      const rows = [
        [1, 1, 2, 2, 0],
        [1, 2, 2, 2, 2],
      ];
      const segments = () => tf.tensor2d(rows, [2, 5], "int32");
      const visible = visibleMask(segments());
      expectShape(visible, [2, 5, 5], "the mask of two rows of five places");
      expectTrue(
        visible.dtype === "bool",
        `The result has the dtype ${visible.dtype}: a mask of true and false has the dtype bool, as ` +
          "the attention expects it.",
      );
      expectFinite(visible);
      const table = (see: (s: number[], i: number, j: number) => boolean) =>
        rows.map((s) => s.map((_, i) => s.map((_, j) => (see(s, i, j) ? 1 : 0))));
      expectClose(
        visible,
        table((s, i, j) => s[i] === s[j] && j <= i),
        {
          what: "what five places see, in two rows",
          mistakes: [
            [
              table((_, i, j) => j <= i),
              "A place sees conversations before its own: `segments` is not used.",
            ],
            [
              table((s, i, j) => s[i] === s[j]),
              "A place sees what comes after it: the triangle is missing.",
            ],
            [
              table((s, i, j) => s[i] === s[j] && j >= i),
              "The triangle is upside down: places see what comes after them and not what comes before.",
            ],
            [
              table((s, i, j) => s[i] === s[j] && j < i),
              "A place does not see itself: j ≤ i, not j < i.",
            ],
            [
              table((s, i, j) => s[j] <= s[i] && j <= i),
              "Earlier conversations of the row are seen: the segments have to be equal.",
            ],
            [
              table((s, i, j) => !(s[i] === s[j] && j <= i)),
              "This is the opposite: true where a place may look.",
            ],
            [
              table((s, i, j) => s[i] === s[j] || j <= i),
              "One condition is enough here: a place has to be of the same conversation *and* not later.",
            ],
            [
              table((s, i, j) => s[i] === s[j] && j <= i && s[i] > 0),
              "The padding sees nothing: the same rule holds for segment 0.",
            ],
          ],
          message: "Place i sees place j where their segments are equal and j ≤ i.",
        },
      );
    },
    {
      cases: {
        "several rows": (d) => [segmentsOf(d, ...(d.sizes(2) as [number, number]))],
        "one row": (d) => [segmentsOf(d, 1, 7)],
        "one place": () => [tf.tensor2d([[1]], [1, 1], "int32")],
        "a long row": (d) => [segmentsOf(d, 2, 21)],
        "padding alone": () => [tf.tensor2d([[0, 0, 0]], [1, 3], "int32")],
      },
    },
  );

  exercise(
    "answerLoss",
    (answerLoss, { reference }) => {
      const [B, T, V] = [2, 4, 3];
      const table = Array.from({ length: B }, (_, b) =>
        Array.from({ length: T }, (_, t) =>
          Array.from({ length: V }, (_, v) => 2 * Math.sin(1 + 5 * b + 3 * t + 2 * v)),
        ),
      );
      const targets = [
        [1, 2, 0, 2],
        [2, 0, 1, 1],
      ];
      const mask = [
        [0, 1, 1, 1],
        [0, 0, 0, 1],
      ];
      const inputs = () =>
        [
          ...[tf.tensor3d(table), tf.tensor2d(targets, [B, T], "int32"), tf.tensor2d(mask)],
        ] as unknown as Parameters<typeof answers.answerLoss>;
      const loss = answerLoss(...inputs());
      expectShape(loss, [], "the loss");
      expectFinite(loss);
      const surprise = (b: number, t: number, id = targets[b][t]) =>
        Math.log(table[b][t].reduce((sum, z) => sum + Math.exp(z), 0)) - table[b][t][id];
      const acrossPlaces = (b: number, t: number) => {
        const v = targets[b][t];
        return Math.log(table[b].reduce((all, row) => all + Math.exp(row[v]), 0)) - table[b][t][v];
      };
      const sum = (of: (b: number, t: number) => number) =>
        targets.flatMap((row, b) => row.map((_, t) => of(b, t))).reduce((x, y) => x + y, 0);
      const total = sum((b, t) => mask[b][t] * surprise(b, t));
      const rowMeans = mask.map((row, b) => {
        const kept = row.map((m, t) => m * surprise(b, t)).reduce((x, y) => x + y, 0);
        return kept / row.reduce((x, y) => x + y, 0);
      });
      expectClose(loss, reference.answerLoss(...inputs()), {
        what: "the loss of four learnt places",
        mistakes: [
          [sum(surprise) / 8, "The mask is not used: the prompt and the padding are in this loss."],
          [
            total / 8,
            "The sum is divided by all places: divide by the number of learnt ones, Σ mask.",
          ],
          [total, "This is a sum: divide it by the number of learnt places, Σ mask."],
          [
            (rowMeans[0] + rowMeans[1]) / 2,
            "Each row has its own mean here: take one mean over all learnt places of the batch.",
          ],
          [
            total / 2,
            "The sum is divided by the number of rows: divide by the learnt places, Σ mask.",
          ],
          [-total / 4, "The minus is missing: a loss is −ln of a probability."],
          [
            total / 4 / Math.LN2,
            "This is in bits: the loss is in nats, with the natural logarithm.",
          ],
          [Math.exp(total / 4), "This is the perplexity: the loss is its logarithm."],
          [
            (total + 4 * Math.log(3)) / 4,
            "The mask multiplies the logits: a place with equal logits still costs ln V. Multiply " +
              "ln p by the mask.",
          ],
          [
            sum((b, t) => (mask[b][t + 1] ?? 0) * surprise(b, t)) / 4,
            "The mask is moved once more: mask[t] already is about targets[t].",
          ],
          [
            -Math.log(sum((b, t) => mask[b][t] * Math.exp(-surprise(b, t))) / 4),
            "This is the logarithm of a mean of probabilities: take the mean of their logarithms.",
          ],
          [
            sum((b, t) => mask[b][t] * Math.min(...table[b][t].map((_, v) => surprise(b, t, v)))) /
              4,
            "This is the surprise of the likeliest id: the target's is asked for.",
          ],
          [
            sum((b, t) => mask[b][t] * acrossPlaces(b, t)) / 4,
            "The softmax runs over the places: it runs over the vocabulary, the last axis.",
          ],
          [
            sum((b, t) => (t > 0 ? mask[b][t] * surprise(b, t - 1, targets[b][t]) : 0)) / 4,
            "The targets are moved once more: targets[t] already is the id after place t.",
          ],
          [
            sum((b, t) => (t + 1 < T ? mask[b][t] * surprise(b, t, targets[b][t + 1]) : 0)) / 4,
            "The targets are moved once more: targets[t] already is the id after place t.",
          ],
          [
            -sum((b, t) => mask[b][t] * table[b][t][targets[b][t]]) / 4,
            "These are the logits themselves: take their log-softmax first.",
          ],
        ],
        message: "−Σ mask · ln p(target) / Σ mask, both sums over the whole batch.",
      });
      const big = answerLoss(
        tf.tensor3d([
          [
            [0, 200],
            [0, 40],
          ],
        ]),
        tf.tensor2d([[0, 0]], [1, 2], "int32"),
        tf.tensor2d([[1, 1]]),
      );
      expectTrue(
        Number.isFinite(big.dataSync()[0]),
        `With logits of 0 and 200 the loss is ${big.dataSync()[0]}: exponentials overflow, or the ` +
          "logarithm of a probability of 0 is taken. tf.logSoftmax avoids both.",
      );
      expectClose(big, 120, {
        what: "the loss of two targets whose logits are 200 and 40 below the largest",
        mistakes: [5, 6, 7, 8, 9, 10, 12].map((digits) => [
          digits * Math.LN10,
          "Something is added to the probabilities before the logarithm: that makes unlikely targets " +
            "cheaper. tf.logSoftmax needs no ε.",
        ]),
        message: "−ln p grows without limit as p falls: use tf.logSoftmax.",
      });
    },
    {
      cases: {
        "a batch": (d) => batchOf(d),
        "a row where nothing is learnt": (d) =>
          batchOf(d, {
            learnt: [
              [1, 3],
              [0, 0],
              [2, 5],
            ],
          }),
        "one learnt place": (d) => batchOf(d, { B: 1, T: 3, V: 5, learnt: [[2, 3]] }),
        "everything learnt": (d) =>
          batchOf(d, {
            B: 2,
            learnt: [
              [0, 5],
              [0, 5],
            ],
          }),
        "large logits": (d) => batchOf(d, { V: 11, scale: 40 }),
      },
    },
  );
});
