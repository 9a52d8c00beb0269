// A calculator as a tool. The text that it is given was written by a model, so it is read by a parser
// of its own, by recursive descent, and never by `eval`, which would run whatever the
// model, or whoever talked to it, has written. Left out: functions, variables, units.
//
//     sum      = product (("+" | "-") product)*
//     product  = sign (("*" | "/" | "%") sign)*
//     sign     = "-" sign | power
//     power    = atom ("^" sign)?          2^3^2 = 2^(3^2),  −2^2 = −(2^2)
//     atom     = number | "(" sum ")"
import type { Tool } from "../tools";

/** Longer expressions, and brackets deeper than that, are refused. */
const [LONGEST, DEEPEST] = [400, 50];

type Operation = (a: number, b: number) => number;
/** The operations of one level are worked out from left to right. */
const LEVELS: Record<string, Operation>[] = [
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": divided, "%": (a, b) => a % nonZero(b) },
];

function nonZero(b: number): number {
  if (b === 0) throw new Error("calculate: expected a divisor other than 0, got 0");
  return b;
}

function divided(a: number, b: number): number {
  return a / nonZero(b);
}

/**
 * The value of an expression of numbers, + − * / % ^ and brackets. × ÷ − are understood too.
 * @throws where it is none, with the place; for a division by 0, and a value that is no finite number
 * @example calculate("2 + 3 * (4 - 1)") // 11
 */
export function calculate(expression: string): number {
  if (expression.length > LONGEST)
    throw new Error(`calculate: expected at most ${LONGEST} characters, got ${expression.length}`);
  const reader = new Reader(expression.replace(/[×÷−]/g, (sign) => "*/-"["×÷−".indexOf(sign)]));
  const value = reader.level(0);
  reader.expectEnd();
  if (Number.isFinite(value)) return value;
  throw new Error("calculate: expected a finite value, got one that is too large or no number");
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  expectEnd(): void {
    if (this.next() !== undefined) throw this.error("an operation or the end");
  }

  level(n: number): number {
    const operations = LEVELS[n];
    if (operations === undefined) return this.sign();
    let value = this.level(n + 1);
    for (let sign = this.next(); sign !== undefined && sign in operations; sign = this.next()) {
      this.at++;
      value = operations[sign](value, this.level(n + 1));
    }
    return value;
  }

  private sign(): number {
    if (++this.depth > DEEPEST) throw this.error(`at most ${DEEPEST} signs and brackets`);
    const value = this.take("-") ? -this.sign() : this.power();
    this.depth--;
    return value;
  }

  private power(): number {
    const base = this.atom();
    return this.take("^") ? base ** this.sign() : base;
  }

  private atom(): number {
    if (this.take("(")) {
      const value = this.level(0);
      if (!this.take(")")) throw this.error("a bracket that closes");
      return value;
    }
    this.next();
    const found = /^(\d+(\.\d*)?|\.\d+)/.exec(this.text.slice(this.at));
    if (!found) throw this.error("a number or a bracket");
    this.at += found[0].length;
    return Number(found[0]);
  }

  /** The next character that is no space. */
  private next(): string | undefined {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    return this.text[this.at];
  }

  private take(sign: string): boolean {
    if (this.next() !== sign) return false;
    this.at++;
    return true;
  }

  private error(expected: string): Error {
    const got = this.text[this.at] ?? "the end";
    return new Error(`calculate: expected ${expected}, got ${got} at character ${this.at}`);
  }
}

/** At most 12 digits, so that 0.1 + 0.2 is 0.3. */
export const shownNumber = (value: number): string => String(Number(value.toPrecision(12)));

/** The calculator as a tool. */
export const calculatorTool: Tool = {
  name: "calculator",
  description: "Works out an arithmetic expression of numbers, + - * / % ^ and brackets.",
  parameters: {
    type: "object",
    properties: { expression: { type: "string", description: "such as 12 * (3 + 4)" } },
    required: ["expression"],
  },
  run: ({ expression }) => shownNumber(calculate(String(expression))),
};
