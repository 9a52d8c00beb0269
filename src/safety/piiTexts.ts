// Texts with made-up personal data in English and Chinese, and where it stands; beside it, numbers
// that look the same and identify nobody: order numbers as long as a card's, dates, prices, versions.
// Everything is drawn, nothing is anybody's: mail at example.org (RFC 2606), names that are common words
// of name lists. Left out: real text, where people write numbers in ways that no script thinks of.
import { pick, type Random } from "../random";
import { identityCheckDigit, luhnValid, mod97 } from "./checkDigits";
import type { PiiKind, PiiSpan } from "./pii";

export type PiiLanguage = "en" | "zh";

/** Names on the list, and names that no list has: how often a list helps depends on the list. */
export const listedNames: Record<PiiLanguage, readonly string[]> = {
  en: ["Anna Brown", "Peter Hill", "Laura Stone", "David Cook", "Emma Wood", "Paul Baker"],
  zh: ["王小红", "李建国", "张丽华", "刘志强", "陈美玲", "杨国华"],
};
export const unlistedNames: Record<PiiLanguage, readonly string[]> = {
  en: ["Ngozi Adeyemi", "Tuva Lindqvist"],
  zh: ["欧阳若曦", "慕容清"],
};

export interface PiiText {
  text: string;
  spans: PiiSpan[];
  language: PiiLanguage;
}

const digits = (rng: Random, n: number): string =>
  Array.from({ length: n }, () => rng.integer(10)).join("");
const two = (n: number): string => String(n).padStart(2, "0");
const inFours = (text: string): string => text.replace(/(.{4})(?=.)/g, "$1 ");

/** A number of `n` digits that begins with `start` and passes Luhn's test, or fails it. */
function luhnNumber(rng: Random, start: string, n: number, passes: boolean): string {
  const body = start + digits(rng, n - start.length - 1);
  const check = [..."0123456789"].find((d) => luhnValid(body + d)) ?? "0";
  return body + (passes ? check : String((Number(check) + 1 + rng.integer(9)) % 10));
}

/** An account number with the check digits 98 − (number mod 97). */
function iban(rng: Random): string {
  const [country, length] = pick(rng, [
    ["DE", 18],
    ["AT", 16],
    ["ES", 20],
  ] as const);
  const account = digits(rng, length);
  const code = [...country].map((c) => Number.parseInt(c, 36)).join("");
  return `${country}${two(98 - mod97(`${account}${code}00`))}${account}`;
}

const identity = (rng: Random): string => {
  const born = `${1950 + rng.integer(60)}${two(1 + rng.integer(12))}${two(1 + rng.integer(28))}`;
  const first = `${pick(rng, ["110101", "310104", "440106", "510107"])}${born}${digits(rng, 3)}`;
  return first + identityCheckDigit(first);
};

const makes: Record<Exclude<PiiKind, "NAME">, (rng: Random, language: PiiLanguage) => string> = {
  EMAIL: (rng) =>
    `${pick(rng, ["anna", "p.hill", "li_jg", "emma+shop", "wang88"])}@${pick(rng, ["example.org", "mail.example.com"])}`,
  PHONE: (rng, language) =>
    language === "zh"
      ? `1${pick(rng, ["38", "59", "86", "95"])}${pick(rng, [digits(rng, 8), `-${digits(rng, 4)}-${digits(rng, 4)}`, ` ${digits(rng, 4)} ${digits(rng, 4)}`])}`
      : pick(rng, [
          `+44 20 7946 0${digits(rng, 3)}`,
          `+1 202-555-01${digits(rng, 2)}`,
          `(202) 555-01${digits(rng, 2)}`,
        ]),
  CARD: (rng) => {
    const number = luhnNumber(rng, pick(rng, ["4", "51", "62"]), 16, true);
    return rng.uniform() < 0.5 ? inFours(number) : number;
  },
  ID: identity,
  IBAN: (rng) => (rng.uniform() < 0.5 ? inFours(iban(rng)) : iban(rng)),
};

const sentences: Record<PiiLanguage, Record<PiiKind | "harmless", readonly string[]>> = {
  en: {
    EMAIL: ["Write to #.", "My address is #, thanks.", "Mail:#;"],
    PHONE: ["Call me on #.", "My number is #."],
    CARD: ["I paid with card #.", "Card #, valid until 09/29."],
    ID: ["My Chinese identity number is #.", "ID: #"],
    IBAN: ["Please transfer it to #.", "IBAN #"],
    NAME: ["My name is #.", "# ordered it.", "Please ask # about it."],
    harmless: [
      ...[
        "Order # is late.",
        "The parcel number is #.",
        "It costs 1249.00 euros since 2026-11-28.",
      ],
      ...["We use version 10.4.2.1 of the program.", "See pages 1300-1380 and 2400-2480."],
      ...["The book has the ISBN 978-3-16-148410-0.", "Meet @ 5 in room 13800138."],
    ],
  },
  zh: {
    EMAIL: ["请写信到#。", "我的邮箱是#，谢谢。"],
    PHONE: ["请打#找我。", "我的手机号是#。"],
    CARD: ["我用卡#付款。", "卡号：#"],
    ID: ["我的身份证号是#。", "身份证#"],
    IBAN: ["请转到#。"],
    NAME: ["我叫#。", "#下了订单。", "请问#在吗？"],
    harmless: [
      ...["订单#还没到。", "快递单号是#。", "2026年11月28日起价格为1249.00元。"],
      ...["软件版本是10.4.2.1。", "见第1300-1380页。", "书号是978-3-16-148410-0。"],
    ],
  },
};

/** A number that looks like a card's or an identity number and is none. */
const lookalike = (rng: Random): string =>
  rng.uniform() < 0.6
    ? luhnNumber(rng, pick(rng, ["4", "62", "20"]), 16, rng.uniform() < 0.1)
    : `20261128${digits(rng, 10)}`;

/**
 * Draws texts of one sentence with personal data, one harmless one, and at times another with data, in
 * random order. One look-alike in ten passes Luhn's test, as one number in ten does by chance.
 * @param unlisted the share of names that are on no list; 0.25
 */
export function drawPiiTexts(
  count: number,
  { rng, language, unlisted = 0.25 }: { rng: Random; language: PiiLanguage; unlisted?: number },
): PiiText[] {
  const kinds = Object.keys(sentences.en).filter((kind) => kind !== "harmless") as PiiKind[];
  return Array.from({ length: count }, (_, i) => {
    const own = rng.fork(language, i);
    const chosen: (PiiKind | "harmless")[] = [kinds[i % kinds.length], "harmless"];
    if (own.uniform() < 0.5) chosen.push(pick(own, kinds));
    let text = "";
    const spans: PiiSpan[] = [];
    for (const kind of own.shuffle(chosen)) {
      const [before, after] = pick(own, sentences[language][kind]).split("#");
      if (text !== "" && language === "en") text += " ";
      text += before;
      if (after === undefined) continue;
      const start = text.length;
      if (kind === "harmless") text += lookalike(own);
      else if (kind === "NAME")
        text += pick(own, (own.uniform() < unlisted ? unlistedNames : listedNames)[language]);
      else text += makes[kind](own, language);
      if (kind !== "harmless") spans.push({ kind, start, end: text.length });
      text += after;
    }
    return { text, spans, language };
  });
}
