// What a server has done: one line of JSON for each request, and counts for whoever watches it. Prompts
// and answers are not in it: what people ask is their own.
import { appendFileSync } from "node:fs";
import { costOf, noUsage, type Prices, type Usage } from "../languageModel";

/** A request that has ended. */
export interface RequestRecord {
  /** When it came: ISO 8601. */
  time: string;
  id: string;
  /** The name of the key. */
  caller: string;
  path: string;
  model: string;
  status: number;
  /** Whether the client went away before the end. */
  gone: boolean;
  cached: boolean;
  usage: Usage;
  /** In the currency of the prices. */
  cost: number;
  /** Milliseconds: until the first token was there, if there was one, and until the end. */
  firstToken?: number;
  total: number;
}

/** Upper ends of the classes of durations, in seconds. */
const CLASSES = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** A histogram as Prometheus has it: how many were at most so long. */
class Durations {
  private readonly counts = CLASSES.map(() => 0);
  private sum = 0;
  private all = 0;

  add(seconds: number): void {
    this.sum += seconds;
    this.all++;
    for (const [i, most] of CLASSES.entries()) if (seconds <= most) this.counts[i]++;
  }

  lines(name: string): string[] {
    return [
      `# TYPE ${name} histogram`,
      ...CLASSES.map((most, i) => `${name}_bucket{le="${most}"} ${this.counts[i]}`),
      `${name}_bucket{le="+Inf"} ${this.all}`,
      `${name}_sum ${this.sum}`,
      `${name}_count ${this.all}`,
    ];
  }
}

/** Counts requests and writes them down. */
export class RequestLog {
  private readonly requests = new Map<string, number>();
  private readonly refused = new Map<number, number>();
  private readonly total: Usage = noUsage();
  private readonly durations = new Durations();
  private readonly firstTokens = new Durations();
  private cost = 0;

  constructor(private readonly options: { file?: string; prices: Prices }) {}

  /** A request has ended. Where its line cannot be written, the request does not fail for it. */
  add(record: Omit<RequestRecord, "cost">): void {
    const { usage, status, path } = record;
    const cost = record.cached ? 0 : costOf(usage, this.options.prices);
    const kind = `path="${path}",status="${status}"`;
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
    for (const key of Object.keys(this.total) as (keyof Usage)[]) this.total[key] += usage[key];
    this.cost += cost;
    this.durations.add(record.total / 1000);
    if (record.firstToken !== undefined) this.firstTokens.add(record.firstToken / 1000);
    if (this.options.file === undefined) return;
    try {
      appendFileSync(this.options.file, `${JSON.stringify({ ...record, cost })}\n`);
    } catch (error) {
      console.error(`serve: ${this.options.file}: ${(error as Error).message}`);
    }
  }

  /** A request was turned away before anything was begun: a wrong key, a body that is no JSON … */
  refuse(status: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
  }

  /**
   * All counts as Prometheus reads them (text exposition format 0.0.4).
   * @param gauges what is the case at this moment, by name
   */
  metrics(gauges: Record<string, number>): string {
    const { promptTokens, completionTokens, cachedTokens } = this.total;
    const lines = [
      "# TYPE llm_requests_total counter",
      ...[...this.requests].map(([kind, n]) => `llm_requests_total{${kind}} ${n}`),
      "# TYPE llm_requests_refused_total counter",
      ...[...this.refused].map(
        ([status, n]) => `llm_requests_refused_total{status="${status}"} ${n}`,
      ),
      "# TYPE llm_tokens_total counter",
      `llm_tokens_total{kind="prompt"} ${promptTokens}`,
      `llm_tokens_total{kind="cached"} ${cachedTokens}`,
      `llm_tokens_total{kind="completion"} ${completionTokens}`,
      "# TYPE llm_cost_total counter",
      `llm_cost_total ${this.cost}`,
      ...Object.entries(gauges).flatMap(([name, n]) => [`# TYPE ${name} gauge`, `${name} ${n}`]),
      ...this.durations.lines("llm_request_seconds"),
      ...this.firstTokens.lines("llm_first_token_seconds"),
    ];
    return `${lines.join("\n")}\n`;
  }
}
