// What an application costs, and what it runs on. Money is always a parameter: prices of machines and of
// providers change every month, and none is written down here as a fact. What is computed is how they
// hang together: CPU time to money, tokens to money, bytes to memory, bytes to speed.
//
// The bound on speed is that of memory (Pope et al., 2022, "Efficiently Scaling Transformer Inference"):
// to write one token for each of B texts, all weights are read once, and every text's keys and values.
// Left out: power, several machines, prompts (which are bound by arithmetic instead).
import type { Prices, Usage } from "../languageModel";
import { costOf } from "../languageModel";

/**
 * What 1,000 answers cost on a machine of one's own that is busy for a share of the time.
 *
 *     price = 1000 · seconds per answer / (3600 · utilisation) · price per hour
 *
 * @param seconds of the machine for one answer
 * @param hourly the price of the machine for an hour, with power and whoever looks after it
 * @param utilisation the share of the time in which it has something to do; 1
 */
export function ownPricePerThousand(seconds: number, hourly: number, utilisation = 1): number {
  if (!(utilisation > 0 && utilisation <= 1))
    throw new Error(`ownPricePerThousand: expected a utilisation from 0 to 1, got ${utilisation}`);
  return (1000 * seconds * hourly) / (3600 * utilisation);
}

/** What 1,000 answers cost at a provider that charges by the token. @param usage of one answer */
export const apiPricePerThousand = (usage: Usage, prices: Prices): number =>
  1000 * costOf(usage, prices);

/** Two ways to pay for the same answers. */
export interface BreakEvenOptions {
  /** Price of one's own machine for an hour, whether it works or not. */
  hourly: number;
  /** How many answers it can give in an hour. */
  capacity: number;
  /** What one answer costs at a provider. */
  perAnswer: number;
}

/**
 * From how many answers an hour a machine of one's own is cheaper: hourly / perAnswer.
 * @returns Infinity if that is more than the machine can give, or the provider charges nothing
 */
export function breakEven({ hourly, capacity, perAnswer }: BreakEvenOptions): number {
  const answers = perAnswer > 0 ? hourly / perAnswer : Infinity;
  return answers <= capacity ? answers : Infinity;
}

/** A model on a machine. */
export interface DecodeOptions {
  /** Bytes of all weights, and of those that one token needs (fewer in a mixture of experts). */
  weightBytes: number;
  activeBytes?: number;
  /** Bytes of keys and values for one token of one text: `kvBytes` of lesson 21 (inference). */
  kvBytesPerToken: number;
  /** How many tokens each text has so far. */
  contextLength: number;
  /** How many texts are written at once. */
  texts?: number;
}

/** What a machine has. */
export interface Machine {
  /** Bytes. */
  memory: number;
  /** Bytes it reads in a second. */
  bandwidth: number;
}

/**
 * What fits, and how fast it can write at most.
 *
 *     memory needed = weights + texts · context · kv
 *     tokens/s ≤ texts · bandwidth / (active weights + texts · context · kv)
 *
 * With a mixture of experts and many texts, more experts are needed than one token uses; that is left
 * out, so for them the bound is too generous.
 */
export function memoryBound(model: DecodeOptions, { memory, bandwidth }: Machine) {
  const { weightBytes, activeBytes = weightBytes, kvBytesPerToken, contextLength } = model;
  const { texts = 1 } = model;
  const cache = texts * contextLength * kvBytesPerToken;
  const needed = weightBytes + cache;
  const tokensPerSecond = (texts * bandwidth) / (activeBytes + cache);
  return { needed, fits: needed <= memory, tokensPerSecond };
}

/** A system by its figures: more quality is better, less of everything else. */
export interface SystemFigures {
  name: string;
  quality: number;
  /** Such as { price, seconds }. */
  costs: readonly number[];
}

/**
 * The systems that no other beats: there is none that is at least as good in everything and better in
 * something.
 * @returns their names, in the order of the list
 */
export function paretoFront(systems: readonly SystemFigures[]): string[] {
  const beats = (a: SystemFigures, b: SystemFigures) =>
    a.quality >= b.quality &&
    a.costs.every((cost, i) => cost <= b.costs[i]) &&
    (a.quality > b.quality || a.costs.some((cost, i) => cost < b.costs[i]));
  return systems
    .filter((one) => !systems.some((other) => beats(other, one)))
    .map(({ name }) => name);
}
