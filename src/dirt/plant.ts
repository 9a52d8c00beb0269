// A clean book made dirty, the way a crawl of the web is, and what was done to each document noted
// beside it. So lesson 10 (data) can count what its cleaning finds, what it misses and what it
// removes wrongly: real dirt comes without labels.

import { addTypos, garble } from "../corpus";
import { chineseVerse, documentsOf, mobyDick } from "../data";
import type { Random } from "../random";

/** What was done to a document; "clean" for nothing. */
export type Dirt =
  | "clean"
  | "mojibake"
  | "furniture"
  | "exact copy"
  | "near copy"
  | "junk"
  | "menu"
  | "other language";

/** A document, and what is wrong with it. */
export interface Planted {
  text: string;
  dirt: Dirt;
  /** Number of the passage that it was made of; −1 for what was never in the book. */
  passage: number;
}

/** Moby-Dick in passages of whole paragraphs, each of at least `least` characters. */
export const passages = (least = 1500): string[] => documentsOf(mobyDick(), least);

const HEADER = "Home | Books | Authors | Log in | Sign up | Help";
const FOOTER = [
  "We use cookies to make this site better for you.",
  "Share this page on social media",
  "Copyright (c) All rights reserved - Terms of use - Privacy policy",
];

/** How much dirt, as a share of the number of clean passages. */
export interface DirtShares {
  /** Of the passages themselves: read in the wrong encoding; default 0.2. */
  mojibake?: number;
  /** Of the passages themselves: with a page's menu and notices around them; default 0.3. */
  furniture?: number;
  /** Documents that are added; each default 0.25, exact copies and menus 0.15. */
  exactCopies?: number;
  nearCopies?: number;
  junk?: number;
  menus?: number;
  otherLanguage?: number;
}

/**
 * Dirty documents in random order: every passage once, some of them spoilt, and what is added.
 * Copies are of a few passages only, because that is how it is on the web: a few texts are
 * everywhere.
 */
export function plantDirt(
  clean: readonly string[],
  {
    rng,
    mojibake = 0.2,
    furniture = 0.3,
    exactCopies = 0.15,
    nearCopies = 0.25,
    junk = 0.25,
    menus = 0.15,
    otherLanguage = 0.25,
  }: DirtShares & { rng: Random },
): Planted[] {
  const documents: Planted[] = clean.map((text, passage) => {
    const u = rng.uniform();
    if (u < mojibake && garble(text) !== text)
      return { text: garble(text), dirt: "mojibake", passage };
    if (u < mojibake + furniture)
      return { text: [HEADER, text, ...FOOTER].join("\n\n"), dirt: "furniture", passage };
    return { text, dirt: "clean", passage };
  });
  const times = (share: number) => Math.round(share * clean.length);
  const popular = () => rng.integer(Math.max(1, Math.round(0.03 * clean.length)));
  const add = (share: number, make: () => Planted) => {
    for (let i = times(share); i > 0; i--) documents.push(make());
  };
  add(exactCopies, () => {
    const passage = popular();
    return { text: documents[passage].text, dirt: "exact copy", passage };
  });
  add(nearCopies, () => {
    const passage = popular();
    return { text: addTypos(clean[passage], { rng, share: 0.002 }), dirt: "near copy", passage };
  });
  add(junk, () => ({ text: junkText(1500, rng), dirt: "junk", passage: -1 }));
  add(menus, () => ({ text: menuText(rng), dirt: "menu", passage: -1 }));
  const poems = chineseVerse().split("\n");
  add(otherLanguage, () => {
    const from = rng.integer(poems.length - 10);
    const text = poems.slice(from, from + 10).join("\n");
    return { text, dirt: "other language", passage: -1 };
  });
  return rng.shuffle(documents);
}

/** Encoded bytes, tables of numbers: what a crawl finds beside prose. */
function junkText(length: number, rng: Random): string {
  const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const isTable = rng.uniform() < 0.5;
  let text = "";
  while (text.length < length) {
    if (isTable)
      text += `${Array.from({ length: 8 }, () => (100 * rng.uniform()).toFixed(2)).join(" | ")}\n`;
    else text += `${Array.from({ length: 76 }, () => signs[rng.integer(64)]).join("")}\n`;
  }
  return text;
}

const LABELS =
  "Home,News,Sport,Books,Travel,Weather,Contact,About us,Log in,Sign up,Help,Search,Next page".split(
    ",",
  );

/** A list of links, again and again. */
function menuText(rng: Random): string {
  const lines = Array.from({ length: 60 }, () => `- ${LABELS[rng.integer(LABELS.length)]}`);
  return lines.join("\n");
}
