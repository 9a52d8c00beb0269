// Answers that were given before. A text of ours depends on its request alone, seed included, so
// the same request need not be computed twice; a server of others may answer differently each time,
// and is asked once. Kept in memory, and in a file of one answer per line if one is named. Left
// out: several processes that write one file, and requests that come while the same one is being
// answered.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { LanguageModel, TextRequest, TextStream, Written } from "./languageModel";

/**
 * A short name for a request to a model: the same for the same request, in whatever order its parts
 * stand.
 * @returns 64 hexadecimal digits (SHA-256)
 */
export function requestKey(model: string, request: TextRequest, samples = 1): string {
  return createHash("sha256").update(canonicalJson({ model, request, samples })).digest("hex");
}

/** JSON with the keys of every object in order, and none that is undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export interface CachedModelOptions {
  /** Where answers are kept; read at the beginning, and each new answer is appended at once. */
  file?: string;
  /** At most so many requests are kept in memory, the least recently used go first; 10,000. */
  most?: number;
}

/** A model that answers the same request from memory. */
export class CachedModel implements LanguageModel {
  /** How many requests were answered from the cache, and how many by the model. */
  readonly counts = { hits: 0, misses: 0 };
  private readonly kept = new Map<string, Written[]>();
  private readonly most: number;
  private readonly file?: string;

  /**
   * @throws if the file holds something else than answers; a last line that was cut off is left out
   */
  constructor(
    private readonly model: LanguageModel,
    { file, most = 10_000 }: CachedModelOptions = {},
  ) {
    if (!(Number.isInteger(most) && most >= 1))
      throw new Error(`CachedModel: expected to keep 1 answer or more, got most = ${most}`);
    this.most = most;
    this.file = file;
    if (file !== undefined && existsSync(file)) this.read(file);
  }

  get name(): string {
    return this.model.name;
  }

  get contextLength(): number {
    return this.model.contextLength;
  }

  countTokens(text: string): number {
    return this.model.countTokens(text);
  }

  write(request: TextRequest, samples = 1): TextStream[] {
    const key = requestKey(this.name, request, samples);
    const known = this.kept.get(key);
    if (known) {
      this.keep(key, known); // used last, so forgotten last
      this.counts.hits++;
      return known.map(again);
    }
    const streams = this.model.write(request, samples);
    this.counts.misses++;
    const all: Written[] = [];
    return streams.map((stream, i) => {
      const done = stream.done.then((written) => {
        all[i] = written;
        if (Object.keys(all).length === samples) this.store(key, all);
        return written;
      });
      done.catch(() => {}); // a text that failed is asked for again
      const pieces = () => stream[Symbol.asyncIterator]();
      return { done, cancel: () => stream.cancel(), [Symbol.asyncIterator]: pieces };
    });
  }

  private store(key: string, all: Written[]): void {
    if (all.some(({ reason }) => reason === "cancelled")) return;
    this.keep(key, all);
    if (this.file === undefined) return;
    appendFileSync(this.file, `${JSON.stringify({ key, all })}\n`);
  }

  private keep(key: string, all: Written[]): void {
    this.kept.delete(key);
    this.kept.set(key, all);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most) this.kept.delete(oldest);
  }

  private read(file: string): void {
    const lines = readFileSync(file, "utf8").split("\n");
    // What stands after the last line end was being written when somebody pulled the plug.
    const cut = lines.pop();
    for (const [i, line] of lines.entries()) {
      const { key, all } = parsed(line) ?? {};
      if (typeof key === "string" && Array.isArray(all)) this.keep(key, all);
      else
        throw new Error(
          `CachedModel: ${file}: expected an answer in line ${i + 1}, got another text`,
        );
    }
    if (cut) appendFileSync(file, "\n");
  }
}

/** A text that is there already, as one piece. Its prompt has not been computed. */
function again(written: Written): TextStream {
  const { usage, text, tokens } = written;
  const done = { ...written, usage: { ...usage, cachedTokens: usage.promptTokens } };
  return {
    done: Promise.resolve(done),
    cancel: () => {},
    async *[Symbol.asyncIterator]() {
      if (text !== "" || tokens.length > 0) yield { text, tokens };
    },
  };
}

function parsed(line: string): { key?: unknown; all?: Written[] } | undefined {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}
