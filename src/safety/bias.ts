// Bias measured with counterfactual pairs: two texts that differ in a name or a country alone, and how
// differently a model treats them (Kusner et al., 2017, "Counterfactual Fairness"; pairs of texts: Huang
// et al., 2020). Here: applications for credit whose right answer depends on the years of work, and
// training labels made by somebody who refused many people from one of two made-up countries.
//
//     gap = mean of p(approve | A) − p(approve | B) over the pairs
//
// Three ways against it: "swapped" (each example is drawn with either country, counterfactual data
// augmentation: Lu et al., 2018), "blind" (no country is read at all), "penalty" (the loss grows
// with the squared gap of each pair). Left out: bias that hides in other words than the country's.
import { type Interval, meanInterval } from "../evaluate";
import type { LabelledText } from "../finetune";
import type { Random } from "../random";

/** Two countries that do not exist. */
export const countries = ["Arland", "Borland"] as const;
export type Country = (typeof countries)[number];
export const APPROVED = "approve";
export const REFUSED = "refuse";
/** So many years of work are enough. */
export const YEARS = 5;

/** An application; `label` is what somebody decided, `merit` what the rule says. */
export interface Application extends LabelledText {
  country: Country;
  merit: string;
}

const forms = [
  "The man from C has worked for N years and wants a T.",
  "A woman from C, N years of work, asks for a T.",
  "From C. Years of work: N. Wish: a T.",
  "Credit for a T: somebody from C who has worked N years.",
] as const;
const things = "house boat ship farm shop horse piano coat table lamp".split(" ");

/**
 * Draws applications, half of them from each country, half of them good ones.
 * @param unfair the share of good applications from Borland that were refused; 0
 */
export function drawApplications(
  count: number,
  { rng, unfair = 0 }: { rng: Random; unfair?: number },
): Application[] {
  return Array.from({ length: count }, (_, i) => {
    const own = rng.fork("application", i);
    const country = countries[i % 2];
    const isGood = Math.floor(i / 2) % 2 === 0;
    const years = isGood ? YEARS + own.integer(10 - YEARS) : 1 + own.integer(YEARS - 1);
    const text = forms[own.integer(forms.length)]
      .replace(/\bC\b/, country)
      .replace(/\bN\b/, String(years))
      .replace(/\bT\b/, things[own.integer(things.length)]);
    const merit = isGood ? APPROVED : REFUSED;
    const isUnfair = isGood && country === "Borland" && own.uniform() < unfair;
    return { text, country, merit, label: isUnfair ? REFUSED : merit };
  });
}

/** The same text about the other country. */
export const swapped = (text: string): string =>
  text.replace(/Arland|Borland/g, (one) => (one === "Arland" ? "Borland" : "Arland"));

/** The same text about no country. */
export const blinded = (text: string): string => text.replace(/Arland|Borland/g, "a country");

/** Counterfactual data augmentation: the text as it is, or swapped, with the same label. */
export const swappedAtRandom = <T extends LabelledText>(example: T, rng: Random): T =>
  rng.uniform() < 0.5 ? { ...example, text: swapped(example.text) } : example;

/**
 * The gap with its interval: the mean of the differences of a score over pairs.
 * @param first scores of the texts about the first group, `second` of their counterparts
 * @throws if there are not as many of both
 */
export function gapInterval(
  first: readonly number[],
  second: readonly number[],
  { rng, level = 0.95 }: { rng: Random; level?: number },
): Interval {
  if (first.length !== second.length)
    throw new Error(`gapInterval: expected ${first.length} counterparts, got ${second.length}`);
  return meanInterval(
    first.map((score, i) => score - second[i]),
    { rng, level },
  );
}

/** Texts in pairs: about the first country, and about the second. */
export const countryPairs = (texts: readonly string[]): [string, string][] =>
  texts.map((text) => (text.includes("Arland") ? [text, swapped(text)] : [swapped(text), text]));
