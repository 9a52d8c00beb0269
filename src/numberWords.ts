// Whole numbers in words, in English and in Chinese: two languages whose rules are short enough to
// write down, and long enough that a model must learn them. English as it is said in Britain ("two
// hundred and five"), Chinese with 零 for zeros inside a number (二百零五) and groups of four digits
// (一万二千).

const SMALL = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen"
).split(" ");
const TENS = "  twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const DIGITS = [..."零一二三四五六七八九"];

/** The largest number that both languages can say here. */
export const LARGEST_NUMBER = 99_999_999;

/**
 * A number in English words: 205 → "two hundred and five", 12,000 → "twelve thousand".
 * @throws if n is not a whole number from 0 to 99,999,999
 */
export function numberInEnglish(n: number): string {
  check("numberInEnglish", n);
  if (n === 0) return SMALL[0];
  const parts: string[] = [];
  const [millions, thousands, rest] = [Math.floor(n / 1e6), Math.floor(n / 1000) % 1000, n % 1000];
  if (millions > 0) parts.push(`${belowThousand(millions)} million`);
  if (thousands > 0) parts.push(`${belowThousand(thousands)} thousand`);
  // "and" also joins a rest without hundreds: one thousand and five.
  if (rest > 0) parts.push((parts.length > 0 && rest < 100 ? "and " : "") + belowThousand(rest));
  return parts.join(" ");
}

function belowThousand(n: number): string {
  const rest = n % 100;
  const small = rest < 20 ? SMALL[rest] : TENS[Math.floor(rest / 10)] + unit(rest % 10);
  if (n < 100) return small;
  return `${SMALL[Math.floor(n / 100)]} hundred${rest > 0 ? ` and ${small}` : ""}`;
}

const unit = (digit: number) => (digit > 0 ? `-${SMALL[digit]}` : "");

/**
 * A number in Chinese: 205 → 二百零五, 12,000 → 一万二千, 10 → 十.
 * @throws if n is not a whole number from 0 to 99,999,999
 */
export function numberInChinese(n: number): string {
  check("numberInChinese", n);
  if (n === 0) return DIGITS[0];
  const [upper, lower] = [Math.floor(n / 10_000), n % 10_000];
  let text = upper > 0 ? `${belowTenThousand(upper)}万` : "";
  // A gap between the groups is said: 10,005 → 一万零五.
  if (lower > 0) text += (upper > 0 && lower < 1000 ? "零" : "") + belowTenThousand(lower);
  return text.replace(/^一十/, "十"); // ten to nineteen, and their ten thousands, drop the 一
}

function belowTenThousand(n: number): string {
  let text = "";
  let gap = false;
  for (const [size, name] of [
    [1000, "千"],
    [100, "百"],
    [10, "十"],
    [1, ""],
  ] as const) {
    const digit = Math.floor(n / size) % 10;
    if (digit === 0) {
      gap = text !== "";
      continue;
    }
    text += `${gap ? "零" : ""}${DIGITS[digit]}${name}`;
    gap = false;
  }
  return text;
}

function check(caller: string, n: number): void {
  if (!Number.isInteger(n) || n < 0 || n > LARGEST_NUMBER)
    throw new Error(`${caller}: expected a whole number from 0 to ${LARGEST_NUMBER}, got ${n}`);
}
