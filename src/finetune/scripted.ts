// Examples made by script, with labels that are right by construction: names in sentences, and
// questions to a shop's service. Those for training and those held out differ in names and, of
// questions, in wording: what is measured is not whether sentences were learnt by heart.
import { Random } from "../random";
import { type EntitySpan, tagsOf } from "./bio";
import type { LabelledText, TaggedWords } from "./examples";

type Part = "train" | "held out";

const pick = <T>(rng: Random, list: readonly T[]): T => list[rng.integer(list.length)];

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Every fourth is held out. */
const partOf = <T>(list: readonly T[], part: Part): T[] =>
  list.filter((_, i) => (i % 4 === 3) === (part === "held out"));

const first = words(
  "Anna Ben Clara David Emma Felix Grace Henry Irene Jack Kate Leo Mary Nora Oscar Paul Rosa Sam Tom " +
    "Vera Alice Bruno Carol Daniel Elsa Frank Gina Hugo",
);
const last = words(
  "Baker Cooper Fisher Miller Parker Turner Walker Brown Green Hill Wood Stone Reed Young King Moore " +
    "Clark Scott Ward Price",
);
const places = words(
  "Paris London Rome Berlin Madrid Vienna Oslo Dublin Lisbon Athens Cairo Tokyo Delhi Boston Chicago " +
    "Toronto Sydney Geneva Prague Warsaw",
);
/** Names of people and of places: only the words around them tell. */
const either = words(
  "Lincoln Austin Sydney Florence Jordan Chelsea Washington Madison Paris Georgia",
);
const companies = [
  "Blue Whale Press",
  "North Star Bank",
  "Green Field Foods",
  "Silver Line",
  "Red Oak Trust",
].concat(["Open Sea Shipping", "Bright Lamp Works", "Old Mill Bakery"]);

/** PER, LOC, ORG stand for a name; lower-case slots are words. `?` before a kind: an ambiguous name. */
const patterns = [
  "PER met PER in LOC on Monday .",
  "Yesterday PER came back from LOC .",
  "ORG has opened an office in LOC .",
  "PER works for ORG in LOC .",
  "The train to LOC was late , said PER .",
  "ORG will pay PER ten dollars .",
  "In LOC the shops close at noon .",
  "PER and PER bought a boat from ORG .",
  "?PER said that the road was long .",
  "?PER smiled and went home .",
  "?PER asked for a glass of water .",
  "?LOC lies on a wide river .",
  "?LOC has two million people .",
  "?LOC was founded by traders long ago .",
  "Nobody had seen the red lamp on the table .",
  "The next morning was cold and grey .",
];

function nameOf(slot: string, part: Part, rng: Random): string {
  const kind = slot.replace("?", "");
  if (slot.startsWith("?")) return pick(rng, either);
  if (kind === "LOC") return pick(rng, partOf(places, part));
  if (kind === "ORG") return pick(rng, partOf(companies, part));
  const name = pick(rng, partOf(first, part));
  return rng.uniform() < 0.5 ? name : `${name} ${pick(rng, partOf(last, part))}`;
}

/**
 * Sentences with persons, places and companies. Three in eight begin with a name that can be a
 * person's or a place's, and what decides stands behind it.
 * @param part held-out sentences have names that training has not, but for those that can be both
 */
export function nerSentences(
  count: number,
  { part, seed }: { part: Part; seed: number },
): TaggedWords[] {
  const rng = new Random(seed).fork("names", part);
  return Array.from({ length: count }, () => {
    const sentence: string[] = [];
    const spans: EntitySpan[] = [];
    for (const slot of words(pick(rng, patterns))) {
      const kind = /^\??(PER|LOC|ORG)$/.exec(slot)?.[1];
      const from = sentence.length;
      sentence.push(...(kind === undefined ? [slot] : words(nameOf(slot, part, rng))));
      if (kind !== undefined) spans.push({ kind, from, to: sentence.length });
    }
    return { words: sentence, tags: tagsOf(spans, sentence.length) };
  });
}

/** What can be asked: wordings with gaps; every fourth wording is held out. */
const intents: Record<string, string[]> = {
  delivery: [
    "When will my THING arrive?",
    "Has the THING been sent yet?",
    "How long does it take to send a THING to CITY?",
    "Where is my parcel with the THING?",
    "I am still waiting for the THING.",
    "Which day will you bring the THING to CITY?",
    "The THING should have come on Monday.",
    "Can I follow the way of my THING?",
  ],
  return: [
    "I want to send the THING back.",
    "The THING does not fit, can I return it?",
    "How do I return a THING?",
    "Please take the THING back and give me my money.",
    "Can I change the THING for a smaller one?",
    "I do not like the THING and want my money back.",
    "Is it too late to bring back the THING?",
    "I would like a refund for the THING.",
  ],
  broken: [
    "The THING is broken.",
    "My THING stopped working after two days.",
    "There is a crack in the THING.",
    "The THING came in pieces.",
    "Why does my THING make a strange noise?",
    "The THING does not turn on.",
    "A part of the THING is missing.",
    "I cannot get the THING to work.",
  ],
  price: [
    "How much is the THING?",
    "What does a THING cost in CITY?",
    "Is the THING cheaper if I buy two?",
    "Do you have a discount on the THING?",
    "Why is the THING so dear?",
    "What is the price of one THING?",
    "Can I pay for the THING next month?",
    "Is there a sale on every THING?",
  ],
  account: [
    "I have forgotten my password.",
    "How do I change my address to CITY?",
    "Please delete my account.",
    "I cannot log in since Monday.",
    "Can I use another email for my account?",
    "My name is wrong in your books, I am PERSON.",
    "How do I open an account in CITY?",
    "Somebody else uses my account, says PERSON.",
  ],
};
const things = words(
  "lamp chair table kettle clock radio coat shirt boat bicycle phone camera mirror piano tent",
);

/**
 * Questions to a shop's service with what is wanted: delivery, return, broken, price, account.
 * @param part held-out questions have wordings that training has not
 */
export function serviceQuestions(
  count: number,
  { part, seed }: { part: Part; seed: number },
): LabelledText[] {
  const rng = new Random(seed).fork("questions", part);
  const openings = ["", "", "Hello, ", "Good morning. ", "One question: ", "Please help me. "];
  return Array.from({ length: count }, (_, i) => {
    const label = Object.keys(intents)[i % Object.keys(intents).length];
    const text = pick(rng, partOf(intents[label], part))
      .replace("THING", () => pick(rng, things))
      .replace("CITY", () => pick(rng, places))
      .replace("PERSON", () => `${pick(rng, first)} ${pick(rng, last)}`);
    return { text: pick(rng, openings) + text, label };
  });
}
