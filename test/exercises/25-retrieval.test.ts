// Lesson 25 (retrieval): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectEqual, expectTrue, lesson } from "llm/course/kit";
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
const IDS = ["a", "b", "c", "d", "e", "f", "g"];

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
      const told = (args: [number, number, number], right: number[][], sentence: string) => {
        const spans = overlappingSpans(...args);
        expectTrue(Array.isArray(spans), "overlappingSpans gives a list of [start, end].");
        const [got, expected] = [spans, right].map((list) => JSON.stringify(list));
        const asked = `overlappingSpans(${args}) is ${expected}, got ${got}.`;
        expectEqual(got, expected, { message: sentence, asked });
      };
      told(
        [8, 4, 0],
        [
          [0, 4],
          [4, 8],
        ].slice(),
        "Without an overlap, pieces follow one another.",
      );
      told(
        [6, 4, 2],
        [
          [0, 4],
          [2, 6],
        ],
        overlappingSpans(6, 4, 2).length > 2
          ? "The last piece lies within the one before: stop as soon as a piece ends with the text."
          : "A piece begins size − overlap characters after the one before, here 2.",
      );
      told(
        [11, 4, 1],
        [
          [0, 4],
          [3, 7],
          [6, 10],
          [9, 11],
        ],
        overlappingSpans(11, 4, 1).length < 4
          ? "The rest of the text is a piece as well, even if it is short."
          : "The last piece ends where the text ends.",
      );
      told([0, 4, 1], [], "An empty text has no pieces.");
      told([3, 4, 1], [[0, 3]], "A text that is shorter than a piece is one piece.");
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
      told(
        [
          ["whale"],
          [
            ["white", "whale"],
            ["a", "ship"],
          ],
          0,
        ],
        "idf(t) · 2.2 · f / (f + 1.2 · (0.25 + 0.75 · length / mean length)).",
        [
          [
            0,
            "The idf is ln(1 + …): without the 1 +, a term of half of the texts would be worth 0.",
          ],
        ],
      );
      told(
        [
          ["whale"],
          [
            ["whale", "whale"],
            ["a", "ship"],
            ["the", "sea"],
          ],
          0,
        ],
        "A second occurrence adds less than the first, f / (f + …); and n says in how many texts the " +
          "term stands, here 1, not how often.",
        [
          [
            2 * Math.log(1 + 2.5 / 1.5),
            "Here a second occurrence counts as much as the first: f / (f + …) is missing.",
          ],
          [
            (Math.log(1 + 1.5 / 2.5) * 4.4) / 3.2,
            "n is in how many texts the term stands (here 1), not how often it stands there.",
          ],
        ],
      );
      told(
        [["whale"], [["whale"], ["a", "white", "ship"], ["x", "y"]], 0],
        "A short text counts for more: length / mean length, here 1 / 2.",
        [[Math.log(1 + 2.5 / 1.5), "The text's length, divided by the mean length, is not used."]],
      );
      told(
        [
          ["whale", "whale"],
          [
            ["whale", "sea"],
            ["a", "ship"],
          ],
          0,
        ],
        "A term that stands twice in the question counts twice.",
      );
      told(
        [["sea"], [["season", "ship"], ["sea", "oil"], ["captain"]], 0],
        "A term is a whole word: *season* is not *sea*. Compare terms with ===.",
      );
      told([["fish"], [["whale"], ["ship"]], 1], "A term that the text has not got adds nothing.");
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
      const told = (rankings: string[][], right: string[], sentence: string) => {
        const ids = fuseRankings(rankings.map((one) => [...one]));
        expectTrue(Array.isArray(ids), "fuseRankings gives a list of ids.");
        const [got, expected] = [ids, right].map((list) => list.join(" "));
        const asked = `fuseRankings(${JSON.stringify(rankings)}) is ${expected}, got ${got}.`;
        expectEqual(got, expected, { message: sentence, asked });
      };
      told(
        [["a", "b"], ["c"]],
        ["a", "c", "b"],
        "In the result stands every id of any ranking, each once; of equal ones first the one that " +
          "was met first.",
      );
      told(
        [
          ["a", "x", "b"],
          ["c", "y", "b"],
          ["d", "z", "b"],
        ],
        ["b", "a", "c", "d", "x", "y", "z"],
        fuseRankings([
          ["a", "x", "b"],
          ["c", "y", "b"],
        ])[0] === "b"
          ? "The score is a sum over all rankings, 1 / (60 + rank)."
          : "The score is the sum of 1 / (60 + rank): with the 60, three third places are worth more " +
              "than one first place.",
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
        "many rankings": (d) => [Array.from({ length: d.integer(3, 6) }, () => ranking(d, IDS, 6))],
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
        const way = greedyWalk(...args);
        expectTrue(Array.isArray(way), "greedyWalk gives a list of nodes.");
        const [got, expected] = [way, right].map((list) => list.join(" "));
        const known = mistakes.find(([wrong]) => wrong === got)?.[1];
        const asked =
          `The way through ${JSON.stringify(args[0])} with similarities [${args[1]}] ` +
          `from ${args[2]} is ${expected}, got ${got}.`;
        expectEqual(got, expected, { message: known ?? sentence, asked });
      };
      told(
        [[[1], [0, 2], [1]], [0.1, 0.5, 0.9], 0],
        [0, 1, 2],
        [
          "The walk goes on as long as a neighbour is more similar.",
          ["2", "The result has all nodes on the way, from the start to the end."],
          ["0 1", "The walk goes on as long as a neighbour is more similar than the node itself."],
          ["0 2", "The walk can only go to nodes that are linked to the one where it stands."],
        ],
      );
      told(
        [[[1, 2], [0], [0]], [0.1, 0.4, 0.8], 0],
        [0, 2],
        ["Of all neighbours, the most similar one is taken, not the first that is better."],
      );
      told(
        [[[1], [0, 2], [1, 3], [2]], [0.5, 0.6, 0.2, 0.9], 0],
        [0, 1],
        ["The walk ends where no neighbour is more similar, even if a better node lies behind it."],
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
        ["Of equally similar neighbours, the one that stands first in the list is taken."],
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
      told(
        [
          ["a", "b", "c", "d", "e"],
          [1, 2],
          [
            ["a", "b"],
            ["c", "d"],
          ],
        ],
        "unsupported",
        "Each cited passage is looked at by itself, they are not put together.",
      );
      told(
        [["a", "b"], [1], [["a", "x"]]],
        "supported",
        "Half is enough: at least half of the terms.",
      );
      told(
        [["a", "a", "a", "b", "c"], [1], [["a"]]],
        "unsupported",
        "The different terms count: a term that is repeated counts once.",
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
