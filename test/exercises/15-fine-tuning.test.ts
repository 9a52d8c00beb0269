// Lesson 15 (fine-tuning): judges the learner, the solutions and the mutants.

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
import type * as answers from "../../solutions/15-fine-tuning";
import { mutants } from "../mutants/15-fine-tuning";

/** Hidden states, and lengths of texts in rows of T. */
const statesOf = (
  d: Draw,
  lengths: (T: number) => number[],
  T = d.integer(5, 7),
  C = 3,
): Parameters<typeof answers.lastHidden> => {
  const all = lengths(T);
  return [d.normal([all.length, T, C]) as tf.Tensor3D, all];
};

/** Names of the parameters of a small LLaMA. */
const parameterNames = (blocks: number) => [
  "model.embed_tokens.weight",
  ...Array.from({ length: blocks }, (_, i) => [
    `model.layers.${i}.self_attn.q_proj.weight`,
    `model.layers.${i}.mlp.up_proj.weight`,
    `model.layers.${i}.input_layernorm.weight`,
  ]).flat(),
  "model.norm.weight",
];

const TAGS = ["O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG"];

/** Tags of a sentence, and the same with some of them changed. */
function tagsOf(d: Draw, words: number, wrong = 0.3): [string[], string[]] {
  const tag = () => TAGS[d.id(TAGS.length)];
  const actual = Array.from({ length: words }, tag);
  return [actual, actual.map((one) => (d.number(0, 1) < wrong ? tag() : one))];
}

/** The mask of one text by a rule, as a list. */
const bySight = (
  lengths: number[],
  T: number,
  sees: (i: number, j: number, n: number) => boolean,
) =>
  lengths.map((n) => [
    Array.from({ length: T }, (_, i) =>
      Array.from({ length: T }, (_, j) => (sees(i, j, n) ? 1 : 0)),
    ),
  ]);

type Sight = (i: number, j: number, n: number) => boolean;
type Rule = (sees: Sight) => number[][][][];
type Mistakes = [number[][][][], string][];

/** Whether the first place sees the second. */
const looksAhead = (mask: tf.Tensor4D) => mask.dataSync()[1] === 1;

/** Mistakes of a mask with and without a triangle; `past` is the triangle. */
const maskMistakes = (rule: Rule, past: (i: number, j: number) => boolean): Mistakes => [
  [
    rule((i, j, n) => i < n && j < n && past(i, j)),
    "Places of the filling see nothing here: a row without a single 1 is 0 / 0 in the softmax.",
  ],
  [
    rule((i, j) => j < 3 && past(i, j)),
    "All texts have the mask of the longest text: each has a length of its own.",
  ],
  [
    rule((i, j, n) => j >= 4 - n && past(i, j)),
    "This hides the beginning of the rows, but they are filled up on the right.",
  ],
  [
    rule((i, j, n) => (j < n && past(i, j)) || (i >= n && i === j)),
    "A place of the filling sees itself here: it sees the text's tokens and no filling at all.",
  ],
  [
    rule((i, j, n) => (i < n ? j < n && past(i, j) : i === j)),
    "A place of the filling sees only itself here: it sees the text's tokens like any other.",
  ],
];

/** Mistakes of the mask that is not causal; `ahead`: the causal one shows what is later. */
const openMistakes = (rule: Rule, ahead: boolean): Mistakes => [
  [
    rule((i, _, n) => i < n),
    "The filling is hidden as places that look, not as places that are looked at: ask about j.",
  ],
  [
    rule((i, j, n) => j < n && j <= i),
    ahead
      ? "`causal` is read the wrong way round: later places are hidden when it is true."
      : "`causal` is not used: when it is false, places see later tokens too.",
  ],
  [
    rule(() => true),
    "The filling is not hidden: without a causal mask too, j has to be a token of the text.",
  ],
];

/** Mistakes of the causal mask. */
const triangleMistakes = (rule: Rule): Mistakes => [
  [
    rule((i, j, n) => j < n && j >= i),
    "The triangle is upside down: place i sees what is not later than i.",
  ],
  [rule((i, j, n) => j < n && j < i), "A place has to see itself too: j ≤ i, not j < i."],
  [rule((_, j, n) => j < n), "`causal` is not used: when it is true, later places are hidden."],
  [
    rule((i, j) => j <= i),
    "The filling is not hidden from its own places: j has to be a token under a causal mask too.",
  ],
  [
    rule((i, j, n) => j < n || j <= i),
    "Under a causal mask both have to hold, that j is a token and that j ≤ i: and, not or.",
  ],
];

lesson<typeof answers>("15-fine-tuning", mutants, (exercise) => {
  exercise(
    "lastHidden",
    (lastHidden, { reference }) => {
      const [T, C] = [4, 2];
      const lengths = [2, 3, 1];
      const states = lengths.map((_, b) =>
        Array.from({ length: T }, (_, t) =>
          Array.from({ length: C }, (_, c) => 2 * Math.sin(1 + 5 * b + 2.3 * t + c)),
        ),
      );
      const hidden = () => tf.tensor3d(states);
      const answer = lastHidden(hidden(), [...lengths]);
      expectShape(answer, [3, C], "the states of three texts");
      expectFinite(answer);
      const at = (place: (n: number) => number) => states.map((row, b) => row[place(lengths[b])]);
      const ofTokens = (how: (sum: number, n: number) => number) =>
        states.map((row, b) => {
          const tokens = row.slice(0, lengths[b]);
          return row[0].map((_, c) =>
            how(
              tokens.reduce((s, r) => s + r[c], 0),
              tokens.length,
            ),
          );
        });
      expectClose(answer, reference.lastHidden(hidden(), [...lengths]), {
        what: "the states of texts with 2, 3 and 1 tokens in rows of 4",
        mistakes: [
          [
            at(() => T - 1),
            "This takes the end of the row: of a text that is shorter, that place holds the filling.",
          ],
          [at((n) => n), "This is one place too far: the last of n tokens stands at n − 1, not n."],
          [
            at(() => 0),
            "This takes the first token: under a causal mask it has seen nothing but itself.",
          ],
          [
            at(() => 2),
            "This takes the same place of every row: each text ends at a place of its own.",
          ],
          [
            states.map((row) => row[0].map((_, c) => row.reduce((s, r) => s + r[c], 0) / T)),
            "This is the mean over the row, filling and all: choose one place.",
          ],
          [
            ofTokens((sum, n) => sum / n),
            "This is the mean over the text's tokens: choose the last one alone.",
          ],
          [
            ofTokens((sum) => sum),
            "This is the sum over the text's tokens: choose the last one alone.",
          ],
          [
            states.map((row) => row[0].map((_, c) => Math.max(...row.map((r) => r[c])))),
            "This is the largest number over the places of a row: choose one place.",
          ],
          [
            at((n) => T - n),
            "This counts from the end of the row, as if it were filled up on the left.",
          ],
        ],
        message: "Of a text with n tokens, the state at place n − 1 is wanted.",
      });
    },
    {
      cases: {
        "rows that are filled up": (d) => statesOf(d, (T) => [T - 2, 1, T - 1]),
        "rows that are full": (d) => statesOf(d, (T) => [T, T]),
        "one text": (d) => statesOf(d, () => [3]),
        "texts of one token": (d) => statesOf(d, () => [1, 1], 2),
        "large states": (d) => [d.normal([2, 5, 4], 1e4) as tf.Tensor3D, [5, 2]],
      },
    },
  );

  exercise(
    "rowMask",
    (rowMask) => {
      const [lengths, T] = [[2, 3], 4];
      const answers = {
        open: rowMask([...lengths], T, false),
        causal: rowMask([...lengths], T, true),
      };
      for (const [kind, answer] of Object.entries(answers)) {
        const causal = kind === "causal";
        expectShape(answer, [2, 1, T, T], "the mask of two texts");
        expectTrue(
          [...answer.dataSync()].every((x) => x === 0 || x === 1),
          "A mask of 1 and 0 is wanted here, not one of large negative numbers to be added to scores.",
        );
        expectTrue(
          answer.dtype === "float32",
          `The mask has dtype ${answer.dtype}, expected float32 (tf.cast(…, "float32")).`,
        );
        const rule = (sees: (i: number, j: number, n: number) => boolean) =>
          bySight(lengths, T, sees);
        expectClose(
          answer,
          rule((i, j, n) => j < n && (!causal || j <= i)),
          {
            what: `rowMask([2, 3], 4, ${causal})`,
            mistakes: [
              ...maskMistakes(rule, (i, j) => !causal || j <= i),
              ...(causal ? triangleMistakes(rule) : openMistakes(rule, looksAhead(answers.causal))),
            ],
            message: "A 1 stands where j is less than n and, under a causal mask, j ≤ i.",
          },
        );
      }
    },
    {
      gradients: false,
      cases: {
        "a causal mask": (d) => [[d.integer(1, 4), 5, 2], 5, true],
        "no causal mask": (d) => [[d.integer(1, 4), 2], 6, false],
        "rows that are full": () => [[4, 4], 4, true],
        "rows that are full, without a causal mask": () => [[3], 3, false],
        "one token in a long row": () => [[1], 7, true],
        "a row of one place": () => [[1], 1, true],
      },
    },
  );

  exercise(
    "trainedNames",
    (trainedNames) => {
      const ask = (names: string[], count: number, mistakes: [string[], string][]) => {
        const answer = trainedNames([...names], count);
        expectTrue(
          Array.isArray(answer) && answer.every((name) => typeof name === "string"),
          "trainedNames: expected a list of names.",
        );
        const numberOf = (name: string) => Number(/layers\.(\d+)/.exec(name)?.[1] ?? -1);
        const blocks = Math.max(...names.map(numberOf)) + 1;
        const right = names.filter(
          (name) => count > 0 && (name === "model.norm.weight" || numberOf(name) >= blocks - count),
        );
        expectEqual(answer.join(", "), right.join(", "), {
          mistakes: mistakes.map(([gives, sentence]) => [gives.join(", "), sentence]),
          message:
            "Trained are the blocks with the highest numbers, and model.norm.weight; with count 0 nothing.",
          asked: `trainedNames of ${blocks} blocks, count ${count}: got ${answer.join(", ") || "none"}`,
        });
      };
      const [three, four] = [parameterNames(3), parameterNames(4)];
      const isNorm = (name: string) => name === "model.norm.weight";
      const of = (rule: RegExp, norm = true, names = four) =>
        names.filter((name) => rule.test(name) || (norm && isNorm(name)));
      ask(four, 2, [
        [
          of(/layers\.[01]/),
          "These are the first blocks: the last ones, nearest to the head, are wanted.",
        ],
        [
          of(/layers\.[23]/, false),
          "The norm after the blocks is missing: it is trained with them.",
        ],
        [
          of(/layers\.[23]|norm/),
          "The norms within the other blocks are in it too: only model.norm.weight comes after all blocks.",
        ],
        [of(/layers\.[123]/), "This is one block too many."],
        [of(/layers\.3/), "This is one block too few."],
        [of(/layers\.2/), "Only one of the blocks is chosen: all up to the last one are wanted."],
        [
          of(/layers\.[23]|embed/),
          "What is in no block is trained too: of that, the last norm is wanted, not the embedding.",
        ],
        [
          of(/layers\.[01]|embed/, false),
          "These are the names of what stays frozen: the others are wanted.",
        ],
        [of(/^$/), "No block is chosen: how many there are has to be found out from `names`."],
        [four.slice(-2), "`count` is a number of blocks, and each block has several names."],
      ]);
      const twelve = parameterNames(12);
      ask(twelve, 2, [
        [
          twelve.filter((name) => /layers\.[89]\./.test(name) || isNorm(name)),
          'The numbers are compared as text, where "9" comes after "11": use Number(…).',
        ],
      ]);
      const all =
        "All blocks are chosen with count 0 (slice(−0) is slice(0)): nothing is trained then.";
      ask(three, 0, [
        [["model.norm.weight"], "With count 0, the norm is not trained either."],
        [of(/layers/, false, three), all],
        [of(/layers/, true, three), all],
      ]);
      ask(three, 3, []);
      const turned = [...three].reverse();
      const [one, two] = [1, 2].map((i) => turned.filter((name) => name.includes(`layers.${i}.`)));
      const ownOrder = "The names are right, but not in the order of `names`: choose with filter.";
      ask(turned, 2, [
        [[...two, ...one, "model.norm.weight"], ownOrder],
        [["model.norm.weight", ...one, ...two], ownOrder],
        [[...one, ...two, "model.norm.weight"], ownOrder],
        [
          of(/layers\.[01]/, true, turned),
          "The last blocks are those with the highest numbers, wherever they stand in `names`.",
        ],
      ]);
    },
    {
      cases: {
        "some blocks": (d) => [parameterNames(d.integer(3, 6)), d.integer(1, 2)],
        "more than ten blocks": (d) => [parameterNames(d.integer(11, 13)), d.integer(1, 4)],
        "all blocks": () => [parameterNames(4), 4],
        "none of the blocks": () => [parameterNames(2), 0],
        "names in another order": () => [parameterNames(3).reverse(), 2],
      },
    },
  );

  exercise(
    "tokenTargets",
    (tokenTargets, { reference }) => {
      const [pieces, tags] = [
        [1, 3, 2, 1],
        [2, 0, 3, 1],
      ];
      const { targets, weights } = tokenTargets([...pieces], [...tags]);
      for (const [what, list] of Object.entries({ targets, weights }))
        expectTrue(
          Array.isArray(list) && list.length === 7,
          `tokenTargets: ${what} needs a number for each token, and words of 1, 3, 2 and 1 tokens have ` +
            `7 together; it has ${Array.isArray(list) ? list.length : "none"}.`,
        );
      const right = reference.tokenTargets(pieces, tags);
      const both = (a: number[], b: number[]) => [a, b];
      expectClose(both(targets, weights), both(right.targets, right.weights), {
        what: "targets and weights of words with 1, 3, 2 and 1 tokens and tags 2, 0, 3, 1",
        mistakes: [
          [
            both([2, 0, 0, 0, 3, 0, 1], [1, 1, 0, 0, 1, 0, 1]),
            "The tag is read at the first token of the word: under a causal mask that one has not " +
              "seen the rest of the word. Read it at the last.",
          ],
          [
            both([2, 0, 0, 0, 3, 3, 1], [1, 1, 1, 1, 1, 1, 1]),
            "The tag is asked for at every token of the word: only its last one counts.",
          ],
          [
            both([2, 0, 0, 0, 3, 3, 1], right.weights),
            "The weights are right, but tokens at which no tag is read have target 0.",
          ],
          [
            both([2, 0, 0, 0, 3, 3, 1], [1, 1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1]),
            "The weight of a word is shared out among its tokens: only its last one counts.",
          ],
          [
            both([2, -100, -100, 0, -100, 3, 1], right.weights),
            "−100 marks what is left out in some libraries: here the weight 0 does; the target is 0.",
          ],
          [
            both(right.targets, right.targets),
            "The weights are the targets once more: they are 1 at a word's last token, else 0.",
          ],
          [both(right.weights, right.targets), "`targets` and `weights` have changed places."],
          [
            both(right.targets, [1, 0, 0, 3, 0, 2, 1]),
            "A word's weight is its number of tokens here: every word counts once.",
          ],
          [
            both([0, 2, 0, 0, 0, 0, 3], [0, 1, 0, 0, 1, 0, 1]),
            "This is one place too late: the tag stands at the first token of the next word.",
          ],
          [
            both(right.targets, [1, 1, 1, 1, 1, 1, 1]),
            "Every token counts, so a token at which no tag is read counts as tag 0: its weight is 0.",
          ],
          [
            both(right.targets, [1, 0, 0, 0, 0, 1, 1]),
            "A word of tag 0 has weight 0 here: 0 is the number of a tag like any other.",
          ],
        ],
        message:
          "A word of n tokens gives n − 1 zeros and then its tag; the weights, n − 1 zeros and 1.",
      });
    },
    {
      cases: {
        "several words": (d) => {
          const words = d.integer(3, 6);
          return [
            Array.from({ length: words }, () => d.integer(1, 4)),
            Array.from({ length: words }, () => d.id(5)),
          ];
        },
        "words of one token": (d) => [
          [1, 1, 1],
          [d.id(4), d.id(4), 2],
        ],
        "one long word": (d) => [[5], [d.id(6)]],
        "no words": () => [[], []],
        "only tag 0": () => [
          [2, 1, 3],
          [0, 0, 0],
        ],
      },
    },
  );

  exercise(
    "nameF1",
    (nameF1) => {
      const ask = (
        actual: string,
        predicted: string,
        right: number,
        mistakes: [number, string][],
      ) => {
        const answer = nameF1(actual.split(" "), predicted.split(" "));
        const asked = `nameF1 of [${actual}] and [${predicted}]`;
        expectShape(answer, [], asked);
        expectTrue(
          !Number.isNaN(answer),
          `${asked} is NaN: where no name is right, F1 is 0, not NaN.`,
        );
        expectFinite(answer);
        expectClose(answer, right, {
          what: asked,
          mistakes,
          message:
            "F1 = 2 P R / (P + R) over whole names: kind, first and last word have to be right.",
        });
      };
      const half =
        "Half a name is taken for right: its first and its last word both have to be right.";
      const meanOf = "This is the usual mean of precision and recall: F1 is 2 P R / (P + R).";
      const root = "This is the square root of P R: F1 is 2 P R / (P + R).";
      // One name is whole, of the other only the first word: P = R = 1/2.
      ask("B-PER I-PER O B-LOC O O", "B-PER O O B-LOC O O", 1 / 2, [
        [
          4 / 5,
          "This counts tags that are right, each I- like a name of its own: it goes on with a name, " +
            "and half a name is wrong as a whole.",
        ],
        [5 / 6, "This is the share of right tags, O and all: count names."],
        [1, half],
        [
          1 / 3,
          "This divides by the names that are in one list or the other: F1 is twice the right ones, " +
            "by the sum of those there and those found.",
        ],
      ]);
      ask("B-PER I-PER O B-LOC O", "O B-PER O B-LOC O", 1 / 2, [[1, half]]);
      ask("B-PER O O B-LOC O", "O B-PER O B-LOC O", 1 / 2, [
        [
          1,
          "Where a name stands is not compared: its first and its last word have to be the same.",
        ],
      ]);
      ask("B-PER O B-PER O B-LOC O", "B-PER O B-PER O B-ORG O", 2 / 3, [
        [1, "The kind of a name is not compared."],
        ...[1 / 2, 1 / 3].map((mean): [number, string] => [
          mean,
          "This is the mean of an F1 for each kind: count the names of all kinds together.",
        ]),
      ]);
      ask("B-PER O O B-LOC O", "B-PER B-ORG B-ORG B-LOC O", 2 / 3, [
        [1, "This is recall alone: names that were found and are none have to cost something."],
        [1 / 2, "This is the precision, which is the smaller of the two here: F1 has recall too."],
        [3 / 4, meanOf],
        [Math.sqrt(1 / 2), root],
      ]);
      ask("B-PER O B-LOC O", "B-PER O O O", 2 / 3, [
        [1 / 2, "This is the recall, which is the smaller of the two here: F1 has precision too."],
        [1, "This is precision alone: names that were not found have to cost something."],
      ]);
      ask("B-PER O B-LOC O B-ORG O B-PER", "B-PER O O O B-ORG O B-PER", 6 / 7, [
        [4 / 5, "A name that ends with the last word is lost."],
      ]);
      ask("B-PER B-PER O B-LOC", "B-PER I-PER O B-LOC", 2 / 5, [
        [1, "Two names side by side are read as one: B- begins a name, also right after another."],
        [
          4 / 5,
          "A name counts as right though the one that is found goes on: its end has to be the same.",
        ],
      ]);
      const passedOver =
        "An I- that follows no name of its kind is passed over: it begins a name of its kind.";
      ask("B-PER O B-PER O", "B-PER O I-PER O", 1, [
        [
          0,
          "An I- behind an O goes on with an earlier name here: that has ended, so it begins one.",
        ],
        [2 / 3, passedOver],
        [
          4 / 3,
          "Names are counted by their B- here: an I- that follows no name begins one as well.",
        ],
      ]);
      ask("B-PER B-LOC O B-ORG", "B-PER I-LOC O B-ORG", 1, [
        [
          2 / 5,
          "An I- of another kind than the name before it goes on with it here: it begins one.",
        ],
        [4 / 5, passedOver],
      ]);
      ask("O O", "O O", 0, [[1, "Without any name, F1 is 0 here, as the task says."]]);
      ask("B-PER O", "O B-LOC", 0, []);
    },
    {
      cases: {
        "a sentence": (d) => tagsOf(d, d.integer(4, 9)),
        "a long sentence": (d) => tagsOf(d, d.integer(20, 30), 0.15),
        "tags that are all right": (d) => tagsOf(d, 6, 0),
        "tags that are mostly wrong": (d) => tagsOf(d, 8, 0.8),
        "one word": () => [["B-PER"], ["I-PER"]],
        "no names": () => [
          ["O", "O"],
          ["O", "O"],
        ],
      },
    },
  );
});
