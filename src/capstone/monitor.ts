// What to watch when people use an application: whether they ask for other things than those it was
// evaluated on, how often it hands over, how long it takes. What is watched is in the log: topics and
// times, never texts.
//
// Drift of the questions is measured by the population stability index, PSI (credit scoring has used it
// for decades; see Siddiqi, 2006, Credit Risk Scorecards). Its usual limit 0.25 knows nothing of the
// number of questions; Yurdakul (2018, Statistical Properties of Population Stability Index) shows that
// without any change PSI / (1/n + 1/m) is distributed like χ² with one degree of freedom fewer than
// there are topics, and an alarm of a known rate follows from that. Left out: drift of answers.
import { normalQuantile } from "../evaluate";
import { Bm25, searchTerms } from "../retrieval";
import type { EvalQuestion } from "./questions";

/** How often each topic came. */
export type TopicCounts = Record<string, number>;

/** Counts topics; those of `names` that never come count 0. */
export function countTopics(topics: readonly string[], names: readonly string[] = []): TopicCounts {
  const counts: TopicCounts = Object.fromEntries(names.map((name) => [name, 0]));
  for (const topic of topics) counts[topic] = (counts[topic] ?? 0) + 1;
  return counts;
}

/**
 * The population stability index of two sets of counts.
 *
 *     PSI = Σ_k (q_k − p_k) · ln(q_k / p_k),   p_k = (count_k + ½) / (all + K/2)
 *
 * K is the number of topics of both together; the halves keep a topic that never came from making it
 * infinite. It is 0 if the shares are the same, and the same for both orders.
 */
export function driftIndex(before: TopicCounts, now: TopicCounts): number {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const shares = (counts: TopicCounts) => {
    const all = Object.values(counts).reduce((a, b) => a + b, 0) + names.length / 2;
    return names.map((name) => ((counts[name] ?? 0) + 0.5) / all);
  };
  const [p, q] = [shares(before), shares(now)];
  return names.reduce((sum, _, k) => sum + (q[k] - p[k]) * Math.log(q[k] / p[k]), 0);
}

/**
 * The value below which a share p of a χ² distribution lies, by Wilson and Hilferty (1931):
 * k · (1 − 2/(9k) + z_p · √(2/(9k)))³, within about 1 % from k = 3 on for the p of alarms.
 */
export function chiSquaredQuantile(p: number, degrees: number): number {
  const a = 2 / (9 * degrees);
  return degrees * (1 - a + normalQuantile(p) * Math.sqrt(a)) ** 3;
}

/**
 * The PSI that is exceeded in a share alpha of the windows although nothing has changed:
 * (1/n + 1/m) · χ²_{K−1, 1−α}.
 */
export function driftLimit(n: number, m: number, topics: number, alpha = 0.01): number {
  return (1 / n + 1 / m) * chiSquaredQuantile(1 - alpha, topics - 1);
}

const sizeOf = (counts: TopicCounts) => Object.values(counts).reduce((a, b) => a + b, 0);

/** Whether a window differs from what was before by more than chance. */
export function driftAlarm(before: TopicCounts, now: TopicCounts, alpha = 0.01) {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const index = driftIndex(before, now);
  const limit = driftLimit(sizeOf(before), sizeOf(now), Math.max(2, names.size), alpha);
  return { index, limit, isAlarm: index > limit };
}

/** The topic of questions that resemble none. */
export const OTHER = "other";

/**
 * Says what a question is about: the topic of the most similar known question (BM25), or `OTHER`.
 * @param leastScore below this score a question resembles none; 1
 */
export function topicFinder(known: readonly EvalQuestion[], leastScore = 1) {
  const index = new Bm25();
  for (const [i, { question }] of known.entries()) index.add(String(i), searchTerms(question));
  return (question: string): string => {
    const [best] = index.search(searchTerms(question), 1);
    return best && best.score >= leastScore ? known[Number(best.id)].topic : OTHER;
  };
}

/** A line of an application's log. */
export interface ServiceRecord {
  time: string;
  topic: string;
  part: string;
  isHandedOver: boolean;
  /** Until the answer, in milliseconds. */
  ms: number;
  tokens: number;
}

/** A limit that was passed, in words. */
export interface Alarm {
  what: "drift" | "hand-overs" | "latency";
  text: string;
}

/** What was normal when the application was evaluated. */
export interface Normal {
  topics: TopicCounts;
  handOverShare: number;
  /** 95 percent of the answers took at most so many milliseconds. */
  ms95: number;
}

/** The value below which 95 % lie: the smallest that at least 95 % do not exceed. */
const most95 = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * 0.95) - 1)] ?? 0;

/** What was normal, from records of the evaluation. */
export const normalOf = (records: readonly ServiceRecord[]): Normal => ({
  topics: countTopics(records.map(({ topic }) => topic)),
  handOverShare: records.filter((one) => one.isHandedOver).length / Math.max(1, records.length),
  ms95: most95(records.map(({ ms }) => ms)),
});

/**
 * Looks at a window of the log. Drift has the alarm of `driftAlarm`; hand-overs one of a share, three
 * standard errors above what is normal; latency one at twice what is normal.
 * @returns nothing if all is as it was
 */
export function alarmsOf(records: readonly ServiceRecord[], normal: Normal, alpha = 0.01): Alarm[] {
  if (records.length === 0) return [];
  const now = normalOf(records);
  const alarms: Alarm[] = [];
  const { index, limit, isAlarm } = driftAlarm(normal.topics, now.topics, alpha);
  if (isAlarm) {
    const grown = mostGrown(normal.topics, now.topics);
    const text = `PSI ${index.toFixed(2)} above ${limit.toFixed(2)}: more questions about "${grown}"`;
    alarms.push({ what: "drift", text });
  }
  const p = normal.handOverShare;
  const most = p + 3 * Math.sqrt(Math.max(p * (1 - p), 0.01) / records.length);
  if (now.handOverShare > most)
    alarms.push({
      what: "hand-overs",
      text: `${percent(now.handOverShare)} above ${percent(most)}`,
    });
  if (normal.ms95 > 0 && now.ms95 > 2 * normal.ms95)
    alarms.push({
      what: "latency",
      text: `${now.ms95.toFixed(0)} ms, was ${normal.ms95.toFixed(0)}`,
    });
  return alarms;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** The topic whose share has grown most. */
function mostGrown(before: TopicCounts, now: TopicCounts): string {
  const [a, b] = [Math.max(1, sizeOf(before)), Math.max(1, sizeOf(now))];
  const growth = (name: string) => now[name] / b - (before[name] ?? 0) / a;
  return Object.keys(now).sort((x, y) => growth(y) - growth(x))[0] ?? OTHER;
}
