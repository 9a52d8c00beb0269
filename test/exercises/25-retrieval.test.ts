// Lesson 25 (retrieval): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectEqual, expectTrue, fail, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/25-retrieval";
import { mutants } from "../mutants/25-retrieval";

const WORDS = ["whale", "ship", "sea", "captain", "white", "oil"];
const text = (d: Draw, most = 8): string[] =>
  Array.from({ length: d.integer(1, most) }, () => WORDS[d.id(WORDS.length)]);
const texts = (d: Draw, count = d.integer(2, 6)): string[][] =>
  Array.from({ length: count }, () => text(d));

/** Some ids in random order, each once. */
function ranking(d: Draw, ids: string[], count = d.integer(1, ids.length)): string[] {
  const left = [...ids];
  return Array.from({ length: count }, () => left.splice(d.id(left.length), 1)[0]);
}
/** "0-4 3-7" as [[0, 4], [3, 7]]. */
const spansOf = (spans: string) => spans.split(" ").map((span) => span.split("-").map(Number));

const IDS = ["a", "b", "c", "d", "e", "f", "g"];

/** Rankings whose sums do not depend on the order of adding, so that no tie is one only on paper. */
function rankings(d: Draw): string[][] {
  const made = Array.from({ length: d.integer(3, 6) }, () => ranking(d, IDS, 6));
  const places = (id: string) => made.map((one) => one.indexOf(id)).filter((at) => at >= 0);
  const keys = IDS.map((id) => places(id).sort((a, b) => a - b)).filter((own) => own.length > 2);
  return new Set(keys.map(String)).size < keys.length ? rankings(d) : made;
}

/** Links both ways, in a ring with some more. */
function graph(d: Draw, nodes: number): number[][] {
  const links = Array.from({ length: nodes }, (_, i) => [(i + 1) % nodes, (i + nodes - 1) % nodes]);
  for (let n = 0; n < nodes / 2; n++) {
    const [a, b] = [d.id(nodes), d.id(nodes)];
    if (a === b || links[a].includes(b)) continue;
    links[a].push(b);
    links[b].push(a);
  }
  return links;
}

lesson<typeof answers>("25-retrieval", mutants, (exercise) => {
  exercise(
    "overlappingSpans",
    (overlappingSpans) => {
      type Mistakes = [spans: number[][], sentence: string][];
      const told = (
        args: [number, number, number],
        right: number[][],
        message: string,
        mistakes: Mistakes = [],
      ) => {
        const spans = overlappingSpans(...args);
        expectTrue(Array.isArray(spans), "overlappingSpans gives a list of [start, end].");
        const [got, expected] = [spans, right].map((list) => JSON.stringify(list));
        const asked = `overlappingSpans(${args}) is ${expected}, got ${got}.`;
        const known = mistakes.map(([gives, said]): [string, string] => [
          JSON.stringify(gives),
          said,
        ]);
        expectEqual(got, expected, { message, asked, mistakes: known });
      };
      told([8, 4, 0], spansOf("0-4 4-8"), "Without an overlap, pieces follow one another.", [
        [spansOf("0-3 4-7"), "end is the first character after the piece, as in text.slice."],
        [spansOf("0-4 4-4"), "The second number says where a piece ends, not how long it is."],
      ]);
      told(
        [6, 4, 2],
        spansOf("0-4 2-6"),
        "A piece begins size − overlap characters after the one before, here 2.",
        [
          [
            spansOf("0-4 2-6 4-6"),
            "The last piece lies within the one before: stop as soon as a piece ends with the text.",
          ],
          [spansOf("0-6"), "A piece has size characters at most, and the overlap is among them."],
        ],
      );
      told([11, 4, 1], spansOf("0-4 3-7 6-10 9-11"), "The last piece ends where the text ends.", [
        [spansOf("0-4 3-7 6-10"), "The rest of the text is a piece as well, even if it is short."],
        [
          spansOf("0-4 3-7 6-10 7-11"),
          "The last piece may be shorter: it is not moved back to make it whole.",
        ],
      ]);
      told([0, 4, 1], [], "An empty text has no pieces.");
      told([2, 4, 3], [[0, 2]], "A text is one piece even if it is shorter than the overlap.");
    },
    {
      cases: {
        "no overlap": (d) => [d.integer(1, 30), d.integer(1, 9), 0],
        "an overlap": (d) => [d.integer(10, 60), d.integer(5, 9), d.integer(1, 4)],
        "the greatest overlap": (d) => [d.integer(5, 20), 4, 3],
        "a short text": (d) => [d.integer(0, 5), 6, d.integer(0, 5)],
        "pieces that fit exactly": (d) => [3 * d.integer(1, 6) + 1, 4, 1],
      },
    },
  );

  exercise(
    "bm25Score",
    (bm25Score, { reference }) => {
      const told = (
        args: [string[], string[][], number],
        message: string,
        mistakes: [number, string][] = [],
      ) =>
        expectClose(bm25Score(...args), reference.bm25Score(...args), {
          what: `bm25Score(${args.map((arg) => JSON.stringify(arg)).join(", ")})`,
          ...{ message, mistakes },
        });
      /** "whale sea, ship" as [["whale", "sea"], ["ship"]]. */
      const read = (list: string) => list.split(", ").map((one) => one.split(" "));
      const ln = Math.log;
      told(
        [["whale"], read("white whale, a ship"), 0],
        "idf(t) · 2.2 · f / (f + 1.2 · (0.25 + 0.75 · length / mean length)), " +
          "and idf(t) is ln(1 + (N − n + 0.5) / (n + 0.5)).",
        [
          [
            0,
            "The idf is ln(1 + …): without the 1 +, a term of half of the texts would be worth 0.",
          ],
          [ln(2) / 2.2, "The factor 2.2, which is k₁ + 1, is missing."],
          [ln(4), "N and n count all texts, the one that is scored as well."],
          [(ln(2) * 2.2) / 1.75, "length is how many terms the text has, not the question."],
        ],
      );
      told(
        [["whale"], read("whale whale, a ship, the sea"), 0],
        "A second occurrence adds less than the first, f / (f + …); and n says in how many texts the " +
          "term occurs, here 1, not how often.",
        [
          [
            2 * ln(1 + 2.5 / 1.5),
            "Here a second occurrence counts as much as the first: f / (f + …) is missing.",
          ],
          [
            (ln(1 + 1.5 / 2.5) * 4.4) / 3.2,
            "n is the number of texts that contain the term (here 1), not how often it occurs there.",
          ],
          [
            (ln(1 + 2.5 / 1.5) * 2.2) / 2.2,
            "f is how often the term occurs in the text, here 2, not whether it does.",
          ],
          [
            (ln(1 + 2.5 / 1.5) * 8.8) / 3.2,
            "The sum runs over the terms of the question: here a term was added twice because it " +
              "occurs twice in the text.",
          ],
          [
            (ln(1 + 2.5 / 1.5) * 4.4) / (2 + 1.2 * (0.25 + 0.75 * 0.6)),
            "The length counts every term of the text, also those that are repeated.",
          ],
        ],
      );
      told(
        [["whale"], read("whale, a white ship, x y"), 0],
        "A short text counts for more: length / mean length, here 1 / 2.",
        [
          [ln(1 + 2.5 / 1.5), "The text's length, divided by the mean length, is not used."],
          [
            (ln(1 + 2.5 / 1.5) * 2.2) / (1 + 1.2 * 1.75),
            "It is length / mean length, here 1 / 2: the fraction is upside down.",
          ],
          [
            (ln(1 + 2.5 / 1.5) * 2.2) / (1 + 1.2 * 0.55),
            "The mean length is that of all texts, the one that is scored as well.",
          ],
        ],
      );
      told(
        [["whale", "whale"], read("whale sea, a ship"), 0],
        "A term that occurs twice in the question counts twice.",
      );
      told(
        [["sea"], read("ship, sea oil, oil"), 0],
        "f counts the term in text i only, and *sea* is not there.",
      );
      told(
        [["sea"], read("season ship, sea oil, captain"), 0],
        "A term is a whole word: *season* is not *sea*. Compare terms with ===.",
      );
      told(
        [["constructor"], read("constructor, ship, sea oil"), 0],
        "Every plain object has an entry *constructor* from the beginning: count in a Map.",
      );
      told([["whale", "fish"], read("whale, ship"), 0], "A term that is missing adds nothing.");
      told([["fish"], [["whale"], ["ship"]], 1], "A term that is not in the text adds nothing.");
    },
    {
      cases: {
        "one term": (d) => [[WORDS[d.id(6)]], texts(d), d.integer(0, 1)],
        "several terms": (d) => [text(d, 4), texts(d), d.integer(0, 1)],
        "a term that no text has": (d) => [["fish", ...text(d, 2)], texts(d), 0],
        "one text": (d) => [text(d, 3), texts(d, 1), 0],
        "no terms": (d) => [[], texts(d), 1],
        "a term of all texts": (d) => [["sea"], texts(d).map((one) => ["sea", ...one]), 1],
      },
    },
  );

  exercise(
    "fuseRankings",
    (fuseRankings) => {
      type Mistakes = [ids: string, sentence: string][];
      const told = (
        rankings: string[][],
        expected: string,
        message: string,
        mistakes: Mistakes = [],
      ) => {
        const ids = fuseRankings(rankings.map((one) => [...one]));
        expectTrue(Array.isArray(ids), "fuseRankings gives a list of ids.");
        const got = ids.join(" ");
        const asked = `fuseRankings(${JSON.stringify(rankings)}) is ${expected}, got ${got}.`;
        expectTrue(
          [...ids].sort().join(" ") === [...new Set(rankings.flat())].sort().join(" "),
          `The result has every id of any ranking, each once. ${asked}`,
        );
        expectEqual(got, expected, { message, asked, mistakes });
      };
      told(
        [["c", "b"], ["a"]],
        "c a b",
        "c and a stand first in a ranking, with 1 / 61 each, b has 1 / 62: the highest score is first.",
        [["a c b", "c and a have equal scores, and c was met first: it comes before a."]],
      );
      const adds = "A ranking that does not have an id adds nothing to its score.";
      told(
        [
          ["a", "x", "b"],
          ["c", "y", "b"],
          ["d", "z", "b"],
        ],
        "b a c d x y z",
        "The score is a sum over all rankings, 1 / (60 + rank): here b has 3 / 63 and a has 1 / 61.",
        [
          [
            "a b c d x y z",
            "With the 60 in 1 / (60 + rank), three third places are worth more than one first place.",
          ],
          ["a c d b x y z", adds],
          ["a c d z x y b", `${adds} (indexOf gives −1 where it finds nothing.)`],
        ],
      );
      told(
        [
          ["a", "b"],
          ["c", "d"],
          ["b", "c"],
        ],
        "b c a d",
        "b and c have equal scores. b was met first, in the first ranking: the rankings are read one " +
          "after the other.",
      );
      told(
        [["10"], ["2"]],
        "10 2",
        'Both have equal scores, and "10" was met first. A plain object puts keys that are numbers ' +
          "first, by size: a Map keeps the order in which they came.",
      );
      const long = Array.from({ length: 62 }, (_, i) => `n${i}`);
      const [first, last] = [
        ["p", "q"],
        [...long.map((id) => `m${id}`), "q"],
      ];
      const ids = fuseRankings([first, last]);
      expectTrue(ids[0] === "q", "The score is a sum: q stands in both rankings, p in one.");
      // 2/121 is more than 1/61; with a rank 0 it would be 2/120, no more than 1/60
      const rival = (name: string) =>
        Array.from({ length: 61 }, (_, i) => (i < 60 ? name + i : "t"));
      const [winner] = fuseRankings([["p"], rival("u"), rival("v")]);
      expectTrue(
        winner === "t",
        "The first place of a ranking is rank 1, worth 1 / 61: two places of rank 61 are worth more, " +
          `2 / 121. Here ${winner} came first.`,
      );
    },
    {
      cases: {
        "one ranking": (d) => [[ranking(d, IDS)]],
        "two rankings": (d) => [[ranking(d, IDS), ranking(d, IDS)]],
        "many rankings": (d) => [rankings(d)],
        "rankings that share nothing": (d) => [
          [ranking(d, IDS, 4), ranking(d, IDS, 5).map((id) => id + id)],
        ],
        "an empty ranking": (d) => [[[], ranking(d, IDS)]],
        "no rankings": () => [[]],
      },
    },
  );

  exercise(
    "greedyWalk",
    (greedyWalk) => {
      const told = (
        args: [number[][], number[], number],
        right: number[],
        [sentence, ...mistakes]: [string, ...[string, string][]],
      ) => {
        const way = greedyWalk(counted(args[0]), args[1], args[2]);
        expectTrue(Array.isArray(way), "greedyWalk gives a list of nodes.");
        const [got, expected] = [way, right].map((list) => list.join(" "));
        const asked =
          `The way through ${JSON.stringify(args[0])} with similarities [${args[1]}] ` +
          `from ${args[2]} is ${expected}, got ${got}.`;
        expectEqual(got, expected, { message: sentence, asked, mistakes });
      };
      /** Links that notice a walk without an end before it fills the memory. */
      function counted(links: number[][]): number[][] {
        let left = 1000;
        return new Proxy(links, {
          get(target, key, receiver) {
            if (left-- <= 0)
              fail(
                "The walk never ends: a neighbour has to be more similar than the node itself. With " +
                  `one as similar, it goes to and fro. The links are ${JSON.stringify(links)}.`,
              );
            return Reflect.get(target, key, receiver) as unknown;
          },
        });
      }
      told(
        [[[1], [0, 2], [1]], [0.1, 0.5, 0.9], 0],
        [0, 1, 2],
        [
          "The walk goes on as long as a neighbour is more similar.",
          ["2", "The result has all nodes on the way, from the start to the end."],
          ["0 1", "The walk goes on as long as a neighbour is more similar than the node itself."],
          ["0 2", "The walk can only go to nodes that are linked to the one where it stands."],
          ["1 2", "The way begins with the node where the walk starts."],
          ["0 1 0 2 1", "The result has the nodes to which the walk goes, not all it looks at."],
          ["0 1 2 2", "Each node of the way is listed once, the last one too."],
        ],
      );
      told(
        [[[1, 2], [0], [0]], [0.1, 0.4, 0.8], 0],
        [0, 2],
        ["The walk goes to the most similar of all neighbours, not to the first that is better."],
      );
      told(
        [[[1], [0, 2], [1, 3], [2]], [0.5, 0.6, 0.2, 0.9], 0],
        [0, 1],
        [
          "The walk ends where no neighbour is more similar, even if a better node lies further on.",
        ],
      );
      told(
        [[[1], [0, 2], [1]], [0.1, 0.9, 0.5], 0],
        [0, 1],
        ["A neighbour is compared with the node where the walk stands, not with the start."],
      );
      told(
        [[[1], [0, 2], [1]], [-0.9, -0.5, -0.2], 0],
        [0, 1, 2],
        ["A similarity may be below zero: −0.5 is more than −0.9."],
      );
      told(
        [[[1], [0]], [0.7, 0.7], 0],
        [0],
        [
          "A neighbour has to be more similar than the node itself: with equal ones it would go on for " +
            "ever.",
        ],
      );
      told(
        [[[2, 1], [0], [0]], [0.1, 0.6, 0.6], 0],
        [0, 2],
        ["Of equally similar neighbours, the one that comes first in the list is taken."],
      );
    },
    {
      cases: {
        "a ring": (d) => {
          const nodes = d.integer(5, 12);
          return [graph(d, nodes), d.list(nodes), d.integer(0, 4)];
        },
        "equal similarities": (d) => {
          const nodes = d.integer(5, 9);
          return [graph(d, nodes), d.list(nodes).map(Math.round), d.integer(0, 4)];
        },
        "a node without links": (d) => [[[], [2], [1]], d.list(3), 0],
        "a chain": (d) => [[[1], [0, 2], [1, 3], [2, 4], [3]], d.list(5), d.integer(0, 4)],
      },
      repeats: 5,
    },
  );

  exercise(
    "citationVerdict",
    (citationVerdict) => {
      const told = (args: [string[], number[], string[][]], right: string, message: string) => {
        const verdict = citationVerdict(...args);
        const asked =
          `citationVerdict(${args.map((arg) => JSON.stringify(arg)).join(", ")}) is ` +
          `${JSON.stringify(right)}, got ${JSON.stringify(verdict)}.`;
        expectEqual(verdict, right, { message, asked });
      };
      const [free, old] = [
        ["debian", "is", "free"],
        ["it", "was", "old"],
      ];
      told([free, [], [free]], "uncited", "A sentence without a number cites nothing.");
      told([free, [1], [free, old]], "supported", "Passages are counted from 1: [1] is the first.");
      told([free, [2], [free, old]], "unsupported", "Only the cited passages count, not all.");
      told([free, [1, 3], [free, old]], "unknown", "It cites a number that no passage has.");
      told(
        [free, [0], [free]],
        "unknown",
        "Passages are counted from 1: 0 is a number that no passage has.",
      );
      const words = (list: string) => list.split(" ");
      const asks = (terms: string, cited: number[], passages: string[]) =>
        [words(terms), cited, passages.map(words)] as [string[], number[], string[][]];
      told(
        asks("sea oil", [1], ["season soil"]),
        "unsupported",
        "A term is a whole word: *season* is not *sea*, and *soil* is not *oil*.",
      );
      told(
        asks("a b c", [1], ["a x y z"]),
        "unsupported",
        "1 of 3 terms is less than half. Half of 3 is 1.5, not 1.",
      );
      told(
        asks("a b c d e", [1], ["a b x"]),
        "unsupported",
        "It is half of the sentence's terms that counts, not half of the passage's.",
      );
      told(
        asks("a b c d e", [1, 2], ["a b x y", "c d x y"]),
        "unsupported",
        "Each cited passage is looked at by itself: they are not put together.",
      );
      told(
        asks("a b", [1], ["a x"]),
        "supported",
        "Half is enough: at least half of the sentence's terms.",
      );
      told(
        asks("a a a b c", [1], ["a x y z"]),
        "unsupported",
        "The different terms count: a term that is repeated counts once.",
      );
      told(
        asks("a b c d e", [1], ["a a a x y"]),
        "unsupported",
        "A term that the passage repeats counts once: here 1 of 5 is there.",
      );
      for (const cited of [
        [1, 2],
        [2, 1],
      ])
        told(
          asks("a b", cited, ["a b", "x y"]),
          "supported",
          "One of the cited passages is enough, whichever it is: they need not all support it.",
        );
    },
    {
      cases: {
        "one citation": (d) => [text(d), [d.integer(1, 2)], texts(d, 3)],
        "several citations": (d) => [text(d), [1, d.integer(2, 3)], texts(d, 3)],
        "an unknown number": (d) => [text(d), [d.integer(0, 5)], texts(d, 2)],
        "no citation": (d) => [text(d), [], texts(d, 2)],
        "short passages": (d) => [text(d, 4), [1, 2], [text(d, 2), text(d, 2)]],
        "no passages": (d) => [text(d), [1], []],
      },
      repeats: 5,
    },
  );
});
