// Regular expressions as patterns: the part of JavaScript's that describes a regular language. A text
// belongs to it if the whole of it matches.
//
//     characters, escapes \n \r \t \f \v \0 \xHH \uHHHH \u{H…} and of punctuation, . \d \D \w \W \s \S
//     [a-z] [^a-z]   (…) (?:…) (?<name>…)   a|b   * + ? {n} {n,} {n,m}, also with ? behind them
//     ^ at the beginning and $ at the end of the expression or of one of its outermost alternatives
//
// Everything else is refused with its place: looking ahead and behind, back references, \b, \p{…},
// anchors elsewhere. Groups are not remembered, and a quantifier that takes as little as possible
// allows the same texts as one that takes as much.
import {
  anyCharacter,
  type CharRange,
  character,
  complement,
  either,
  LAST_CODE_POINT,
  type Pattern,
  repeat,
  SURROGATES,
  sequence,
} from "./pattern";

const code = (c: string): number => c.codePointAt(0) ?? 0;
const one = (c: string): CharRange => [code(c), code(c)];

const DIGITS: CharRange[] = [[0x30, 0x39]];
const WORD: CharRange[] = [...DIGITS, [0x41, 0x5a], one("_"), [0x61, 0x7a]];
const LINE_ENDS: CharRange[] = [one("\n"), one("\r"), [0x2028, 0x2029]];
const SPACES: CharRange[] = [
  ...([[0x9, 0xd], one(" "), one("\u00a0"), one("\u1680"), [0x2000, 0x200a]] as CharRange[]),
  ...([[0x2028, 0x2029], one("\u202f"), one("\u205f"), one("\u3000")] as CharRange[]),
  one("\ufeff"),
];
const CLASSES: Record<string, CharRange[]> = {
  ...{ d: DIGITS, D: complement(DIGITS), w: WORD, W: complement(WORD) },
  ...{ s: SPACES, S: complement(SPACES) },
};
const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0 };

export interface RegexOptions {
  /**
   * "whole": the whole text matches. "part": it has such a part somewhere, as `RegExp.test` and JSON
   * schemas understand it, unless `^` or `$` holds it to an end.
   */
  match?: "whole" | "part";
}

/**
 * A regular expression as a pattern.
 * @param source without slashes
 * @throws where it is none, or outside the part that is understood; the message has the place
 */
export function regexPattern(source: string, { match = "whole" }: RegexOptions = {}): Pattern {
  return new Reader(source, match).read();
}

class Reader {
  private readonly text: string[];
  private at = 0;
  private depth = 0;

  constructor(
    source: string,
    private readonly match: "whole" | "part",
  ) {
    this.text = Array.from(source);
  }

  read(): Pattern {
    const pattern = this.alternatives();
    if (this.at < this.text.length) throw this.error("an expression whose brackets close", ")");
    return pattern;
  }

  private error(expected: string, got = this.text[this.at] ?? "its end"): Error {
    return new Error(
      `regexPattern: expected ${expected}, got ${got} at character ${this.at} of ` +
        `/${this.text.join("")}/`,
    );
  }

  private peek(text: string): boolean {
    return this.text.slice(this.at, this.at + text.length).join("") === text;
  }

  private take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  private alternatives(): Pattern {
    const all = [this.alternative()];
    while (this.take("|")) all.push(this.alternative());
    return all.length === 1 ? all[0] : either(...all);
  }

  private alternative(): Pattern {
    const isOutermost = this.depth === 0;
    const begins = isOutermost && this.take("^");
    const parts: Pattern[] = [];
    let ends = false;
    while (this.at < this.text.length && !this.peek("|") && !this.peek(")")) {
      if (isOutermost && this.peek("$") && [undefined, "|"].includes(this.text[this.at + 1])) {
        this.at++;
        ends = true;
        break;
      }
      parts.push(this.quantified());
    }
    if (this.match === "whole" || !isOutermost) return sequence(...parts);
    const any = repeat(anyCharacter, 0, Infinity);
    return sequence(...(begins ? [] : [any]), ...parts, ...(ends ? [] : [any]));
  }

  private quantified(): Pattern {
    const item = this.item();
    const times = this.quantifier();
    if (!times) return item;
    this.take("?"); // as little as possible: the same texts
    const again = this.text[this.at];
    if (again !== undefined && "*+?".includes(again)) throw this.error("one quantifier");
    return repeat(item, ...times);
  }

  private quantifier(): [min: number, max: number] | undefined {
    if (this.take("*")) return [0, Infinity];
    if (this.take("+")) return [1, Infinity];
    if (this.take("?")) return [0, 1];
    if (!this.peek("{")) return undefined;
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.text.slice(this.at, this.at + 24).join(""));
    if (!found) throw this.error("a quantifier such as {2}, {2,} or {2,5}");
    const [whole, low, comma, high] = found;
    const min = Number(low);
    const max = comma === undefined ? min : high ? Number(high) : Infinity;
    if (max < min) throw this.error("a quantifier with the smaller number first", whole);
    this.at += whole.length;
    return [min, max];
  }

  private item(): Pattern {
    const c = this.text[this.at];
    if (c === "(") return this.group();
    if (c === "[") return character(...this.set());
    if (c === ".") {
      this.at++;
      return character(...complement(LINE_ENDS));
    }
    if (c === "^" || c === "$")
      throw this.error("anchors at the beginning and the end of the expression only");
    if ("*+?{".includes(c)) throw this.error("something to repeat");
    if ("}]".includes(c)) throw this.error(`\\${c}`);
    return character(...this.oneOrClass());
  }

  private group(): Pattern {
    this.at++;
    if (!this.take("?:")) {
      const name = /^\?<([A-Za-z_$][\w$]*)>/.exec(this.text.slice(this.at).join(""));
      if (name) this.at += name[0].length;
      else if (this.peek("?")) throw this.error("no looking ahead or behind", "(?");
    }
    this.depth++;
    const inside = this.alternatives();
    this.depth--;
    if (!this.take(")")) throw this.error("a bracket that closes");
    return inside;
  }

  /** What follows "[". */
  private set(): CharRange[] {
    this.at++;
    const isNegated = this.take("^");
    const ranges: CharRange[] = [];
    while (!this.take("]")) {
      if (this.at >= this.text.length) throw this.error("a ] that closes the set");
      const first = this.oneOrClass(true);
      const isRange = this.peek("-") && !["]", undefined].includes(this.text[this.at + 1]);
      if (!isRange) {
        ranges.push(...first);
        continue;
      }
      this.at++;
      const last = this.oneOrClass(true);
      const [[low, lowEnd], [high, highEnd]] = [first[0], last[0]];
      const isPlain = first.length === 1 && last.length === 1 && low === lowEnd && high === highEnd;
      if (!isPlain || low > high) throw this.error("a range such as a-z");
      ranges.push([low, high]);
    }
    return isNegated ? complement(ranges) : ranges;
  }

  /** One character, or a class such as \d. */
  private oneOrClass(inSet = false): CharRange[] {
    const c = this.text[this.at++];
    if (c !== "\\") return [one(c)];
    const escaped = this.text[this.at++];
    if (escaped === undefined) throw this.error("a character behind \\");
    if (escaped in CLASSES) return CLASSES[escaped];
    if (inSet && escaped === "b") return [[8, 8]];
    if (escaped === "0" && /\d/.test(this.text[this.at] ?? "")) throw this.error("\\0 alone");
    if (escaped in CONTROLS) return [[CONTROLS[escaped], CONTROLS[escaped]]];
    if (escaped === "x" || escaped === "u") return [this.byNumber(escaped)];
    if (/[A-Za-z0-9]/.test(escaped)) {
      this.at -= 2;
      throw this.error("an escape that is understood (\\d \\w \\s \\n \\u…)", `\\${escaped}`);
    }
    return [one(escaped)];
  }

  private byNumber(kind: "x" | "u"): CharRange {
    const rest = this.text.slice(this.at, this.at + 10).join("");
    const form = kind === "x" ? /^([0-9A-Fa-f]{2})/ : /^(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]+)\})/;
    const found = form.exec(rest);
    const value = found ? Number.parseInt(found[1] ?? found[2], 16) : Infinity;
    const [low, high] = SURROGATES;
    if (!found || value > LAST_CODE_POINT || (low <= value && value <= high))
      throw this.error("the number of a character in hexadecimal", `\\${kind}${rest.slice(0, 4)}`);
    this.at += found[0].length;
    return [value, value];
  }
}

/** The regular expression of one text. */
export const literalRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
