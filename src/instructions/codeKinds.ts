// Tasks with one line of TypeScript, whose comment says what it does: a gap to fill in, a planted
// bug to mend.
import { pick, type Random } from "../random";
import { BOTH, type Kind, type Language } from "./kind";

/** A line of code with its one operator, and what the comment says of it. */
interface Line {
  /** With `@` where the operator stands. */
  code: string;
  operator: string;
  /** Operators that people write there by mistake. */
  mistakes: string[];
  comment: Record<Language, string>;
}

const NAMES = ["a", "b", "x", "y", "n", "m", "left", "right", "width", "height", "price", "total"];

const arithmetic: [operator: string, en: string, zh: string][] = [
  ["+", "plus", "加"],
  ["-", "minus", "减"],
  ["*", "times", "乘"],
  ["/", "divided by", "除以"],
];
const comparisons: [operator: string, en: string, zh: string][] = [
  ["<", "is less than", "小于"],
  [">", "is greater than", "大于"],
  ["===", "equals", "等于"],
  ["!==", "differs from", "不等于"],
];

function lineOf(rng: Random): Line {
  const [a, b] = rng.shuffle([...NAMES]);
  const isSum = rng.uniform() < 0.5;
  const table = isSum ? arithmetic : comparisons;
  const [operator, en, zh] = pick(rng, table);
  return {
    code: isSum ? `const result = ${a} @ ${b};` : `if (${a} @ ${b}) stop();`,
    operator,
    mistakes: table.map(([other]) => other).filter((other) => other !== operator),
    comment: { en: `${a} ${en} ${b}`, zh: `${a} ${zh} ${b}` },
  };
}

/** The operator that the comment of a line names. */
function operatorOf(input: string, language: Language): string {
  const comment = input.split("// ")[1] ?? "";
  // The longest first: 不等于 has 等于 in it.
  const found = [...arithmetic, ...comparisons]
    .map(([operator, en, zh]) => ({ operator, name: language === "en" ? en : zh }))
    .sort((a, b) => b.name.length - a.name.length)
    .find(({ name }) => comment.includes(` ${name} `));
  if (!found)
    throw new Error(`instructions: expected a comment that names an operation, got "${input}"`);
  return found.operator;
}

const written = ({ code, comment }: Line, operator: string, language: Language) =>
  `${code.replace("@", () => operator)} // ${comment[language]}`;

const fill: Kind = {
  name: "fill-code",
  languages: BOTH,
  draw(rng, language) {
    const asks = {
      en: ["Fill in the gap.", "What belongs in the gap?"],
      zh: ["填空。", "空白处应该填什么？"],
    };
    return {
      instruction: pick(rng, asks[language]),
      input: written(lineOf(rng), "___", language),
    };
  },
  answers: ({ input, language }) => [operatorOf(input, language)],
};

const mend: Kind = {
  name: "mend-code",
  languages: BOTH,
  draw(rng, language) {
    const line = lineOf(rng);
    const asks = {
      en: ["Mend the bug. Write the line without the comment.", "Correct this line of code."],
      zh: ["修正错误，不写注释。", "请改正这行代码。"],
    };
    return {
      instruction: pick(rng, asks[language]),
      input: written(line, pick(rng, line.mistakes), language),
    };
  },
  answers: ({ input, language }) => {
    const operator = operatorOf(input, language);
    const [code] = input.split(" // ");
    const right = code.replace(/ (\+|-|\*|\/|<|>|===|!==) /, () => ` ${operator} `);
    return [right, `${right} // ${input.split("// ")[1]}`];
  },
};

export const codeKinds: Kind[] = [fill, mend];
