// Plausible wrong answers of lesson 30 (in practice), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/30-in-practice";

type Systems = right.SystemFigures[];
type System = right.SystemFigures;
const front =
  (beats: (a: System, b: System) => boolean) =>
  (systems: Systems): string[] =>
    systems.filter((one) => !systems.some((other) => beats(other, one))).map(({ name }) => name);

type Counts = right.TopicCounts;
/** The index with names, shares and a term of one's own. */
const index =
  ({
    names = (a: Counts, b: Counts) => [...new Set([...Object.keys(a), ...Object.keys(b)])],
    half = 0.5,
    whole = 0.5,
    term = (p: number, q: number) => (q - p) * Math.log(q / p),
  }) =>
  (before: Counts, now: Counts): number => {
    const all = names(before, now);
    const shares = (counts: Counts) => {
      const total = all.reduce((sum, name) => sum + (counts[name] ?? 0) + whole, 0);
      return all.map((name) => ((counts[name] ?? 0) + half) / total);
    };
    const [p, q] = [shares(before), shares(now)];
    return all.reduce((sum, _, k) => sum + term(p[k], q[k]), 0);
  };

/** The test with a bound of one's own. */
const stopping =
  (bound: (n: number, alpha: number, rho: number) => number, size = Math.abs, from = 0) =>
  (a: number[], b: number[], alpha: number, rho: number): number | null => {
    let sum = 0;
    for (let n = 1; n <= a.length; n++) {
      sum += b[n - 1] - a[n - 1];
      if (size(sum) > bound(n, alpha, rho)) return n + from;
    }
    return null;
  };
const bound =
  (variance = 0.5, power = 2) =>
  (n: number, alpha: number, rho: number) =>
    Math.sqrt(variance * (n + rho) * Math.log((n + rho) / (rho * alpha ** power)));

export const mutants: Mutants<typeof right> = {
  paretoFront: [
    {
      name: "twins beat each other",
      told: /better in something/,
      answer: front((a, b) => a.quality >= b.quality && a.costs.every((c, i) => c <= b.costs[i])),
    },
    {
      name: "better in everything",
      told: /Better in everything is too much/,
      answer: front((a, b) => a.quality > b.quality && a.costs.every((c, i) => c < b.costs[i])),
    },
    {
      name: "only the best quality",
      told: /stays if no other beats it/,
      answer: (systems: Systems) => {
        const best = Math.max(...systems.map(({ quality }) => quality));
        return systems.filter(({ quality }) => quality === best).map(({ name }) => name);
      },
    },
    {
      name: "only the first cost",
      told: /Every cost counts/,
      answer: front(
        (a, b) =>
          a.quality >= b.quality &&
          a.costs[0] <= b.costs[0] &&
          (a.quality > b.quality || a.costs[0] < b.costs[0]),
      ),
    },
    {
      name: "the costs added up",
      told: /Costs are not added up/,
      answer: front((a, b) => {
        const sum = ({ costs }: System) => costs.reduce((x, y) => x + y, 0);
        const atLeast = a.quality >= b.quality && sum(a) <= sum(b);
        return atLeast && (a.quality > b.quality || sum(a) < sum(b));
      }),
    },
  ],
  decodeBound: [
    {
      name: "the weights read for each text",
      told: /read once for all texts together/,
      answer: (m: right.Decoding) => {
        const { needed, fits } = right.decodeBound(m);
        const read = m.texts * m.weightBytes + m.texts * m.contextLength * m.kvBytesPerToken;
        return { needed, fits, tokensPerSecond: (m.texts * m.bandwidth) / read };
      },
    },
    {
      name: "fits the wrong way round",
      told: /The other way round/,
      answer: (m: right.Decoding) => {
        const { needed, tokensPerSecond } = right.decodeBound(m);
        return { needed, fits: needed >= m.memory, tokensPerSecond };
      },
    },
    {
      name: "one text's token for a reading",
      told: /token to every text/,
      answer: (m: right.Decoding) => {
        const { needed, fits, tokensPerSecond } = right.decodeBound(m);
        return { needed, fits, tokensPerSecond: tokensPerSecond / m.texts };
      },
    },
    {
      name: "the cache not read",
      told: /keys and values of all texts are read/,
      answer: (m: right.Decoding) => ({
        ...right.decodeBound(m),
        tokensPerSecond: (m.texts * m.bandwidth) / m.weightBytes,
      }),
    },
    {
      name: "the cache of one text",
      told: /cache of its own/,
      answer: (m: right.Decoding) => {
        const needed = m.weightBytes + m.contextLength * m.kvBytesPerToken;
        const tokensPerSecond = (m.texts * m.bandwidth) / needed;
        return { needed, fits: needed <= m.memory, tokensPerSecond };
      },
    },
    {
      name: "only the weights have to fit",
      told: /cache needs memory, too/,
      answer: (m: right.Decoding) => ({
        ...right.decodeBound(m),
        fits: m.weightBytes <= m.memory,
      }),
    },
  ],
  breakEvenLoad: [
    {
      name: "rounded up",
      told: /not rounded/,
      answer: (machine, tokens, prices) => Math.ceil(right.breakEvenLoad(machine, tokens, prices)),
    },
    {
      name: "prices for one token",
      told: /for a million tokens/,
      answer: (machine, tokens, prices) =>
        machine.hourly / (tokens.prompt * prices.prompt + tokens.completion * prices.completion),
    },
    {
      name: "capacity forgotten",
      told: /more than this machine can give/,
      answer: (machine, tokens, prices) =>
        right.breakEvenLoad({ ...machine, capacity: Number.POSITIVE_INFINITY }, tokens, prices),
    },
    {
      name: "prompt and answer exchanged",
      told: /are exchanged/,
      answer: (machine, tokens, { prompt, completion }) =>
        right.breakEvenLoad(machine, tokens, { prompt: completion, completion: prompt }),
    },
    {
      name: "the capacity in place of never",
      told: /still dearer/,
      answer: (machine, tokens, prices) =>
        Math.min(right.breakEvenLoad(machine, tokens, prices), machine.capacity),
    },
  ],
  driftIndex: [
    {
      name: "a name in both counted twice",
      told: /Each topic counts once/,
      answer: (before: Counts, now: Counts) => {
        const names = [...Object.keys(before), ...Object.keys(now)];
        const share = (counts: Counts, name: string) => {
          const all = Object.values(counts).reduce((x, y) => x + y, names.length / 2);
          return ((counts[name] ?? 0) + 0.5) / all;
        };
        return names.reduce((sum, name) => {
          const [p, q] = [share(before, name), share(now, name)];
          return sum + (q - p) * Math.log(q / p);
        }, 0);
      },
    },
    {
      name: "a whole for each topic, not a half",
      told: /half for each topic is in the whole/,
      answer: index({ whole: 1 }),
    },
    { name: "no halves", told: /half is added/, answer: index({ half: 0, whole: 0 }) },
    {
      name: "halves without the whole",
      told: /halves are part of the whole/,
      answer: index({ whole: 0 }),
    },
    {
      name: "one direction only",
      told: /one half of it/,
      answer: index({ term: (p, q) => q * Math.log(q / p) }),
    },
    {
      name: "new topics left out",
      told: /new (in the window )?is left out/,
      answer: index({ names: (before) => Object.keys(before) }),
    },
    {
      name: "topics by their place",
      told: /compared by their names/,
      answer: (before: Counts, now: Counts) => {
        const names = Object.keys(before);
        const values = Object.values(now);
        const extra = Object.keys(now).filter((name) => !(name in before));
        if (extra.length > 0 || values.length < names.length) return right.driftIndex(before, now);
        return right.driftIndex(before, Object.fromEntries(names.map((n, i) => [n, values[i]])));
      },
    },
  ],
  sequentialStop: [
    {
      name: "only if the new one is better",
      told: /absolute value/,
      answer: stopping(bound(), (sum) => sum),
    },
    { name: "variance of 1", told: /σ² is ½/, answer: stopping(bound(1)) },
    { name: "α not squared", told: /α is squared/, answer: stopping(bound(0.5, 1)) },
    { name: "counted from 0", told: /counted from 1/, answer: stopping(bound(), Math.abs, -1) },
    {
      name: "the last place beyond the bound",
      told: /not at the last/,
      answer: (a: number[], b: number[], alpha: number, rho: number) => {
        const stops = a.map((_, i) =>
          right.sequentialStop(a.slice(0, i + 1), b.slice(0, i + 1), alpha, rho) === null ? 0 : 1,
        );
        const first = right.sequentialStop(a, b, alpha, rho);
        if (first === null) return first;
        return stops.lastIndexOf(1) + 1;
      },
    },
    {
      name: "the last pair forgotten",
      told: /last pair counts, too/,
      answer: (a: number[], b: number[], alpha: number, rho: number) =>
        right.sequentialStop(a.slice(0, -1), b.slice(0, -1), alpha, rho),
    },
    {
      name: "α halved for two sides",
      told: /not α \/ 2/,
      answer: stopping((n, alpha, rho) => bound()(n, alpha / 2, rho)),
    },
    {
      name: "ρ squared as well",
      told: /not ρ/,
      answer: stopping((n, alpha, rho) =>
        Math.sqrt(0.5 * (n + rho) * Math.log((n + rho) / (rho * alpha) ** 2)),
      ),
    },
    {
      name: "the bound of one look",
      told: /test that looks once/,
      answer: stopping((n) => 1.96 * Math.sqrt(n / 2)),
    },
  ],
};
