// Who may ask, and how much. Keys stand in a JSON file that only the server reads:
//
//     [{ "key": "sk-…", "name": "class 7b", "requestsPerMinute": 60, "tokensPerDay": 200000 }]
//
// Without a file everybody who reaches the server may ask; it listens on this machine only then.
import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { ServeError } from "./errors";
import { DailyQuota, TokenBucket } from "./rates";

const keySchema = z
  .object({
    key: z.string().min(8, "expected a key of 8 characters or more"),
    name: z.string().min(1),
    requestsPerMinute: z.number().positive().optional(),
    tokensPerDay: z.number().int().positive().optional(),
  })
  .strict();

/** A key and what it may do. */
export type KeyRule = z.infer<typeof keySchema>;

/** One who asks. */
export interface Caller {
  /** For the log; the key itself is never written anywhere. */
  name: string;
  /** A request has cost so many tokens. */
  spend(tokens: number): void;
}

interface Holder extends KeyRule {
  digest: Buffer;
  bucket?: TokenBucket;
  quota?: DailyQuota;
}

const digestOf = (key: string) => createHash("sha256").update(key).digest();

/** Reads the keys. @throws with the file and what is wrong in it */
export function readKeys(file: string): KeyRule[] {
  const refuse = (what: string): never => {
    throw new Error(`readKeys: ${file}: ${what}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    refuse((error as Error).message);
  }
  const parsed = z.array(keySchema).min(1).safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    return refuse(`${path.map(String).join(".")}: ${message}`);
  }
  if (new Set(parsed.data.map(({ key }) => key)).size < parsed.data.length)
    refuse("expected keys that differ, got the same one twice");
  return parsed.data;
}

/** All keys of a server. */
export class KeyRing {
  private readonly holders: Holder[];

  /** @param rules none: everybody may ask as much as they like */
  constructor(
    rules: readonly KeyRule[],
    private readonly now: () => number = () => Date.now() / 1000,
  ) {
    this.holders = rules.map((rule) => ({
      ...rule,
      digest: digestOf(rule.key),
      bucket: rule.requestsPerMinute
        ? new TokenBucket(rule.requestsPerMinute, rule.requestsPerMinute / 60, now())
        : undefined,
      quota: rule.tokensPerDay ? new DailyQuota(rule.tokensPerDay) : undefined,
    }));
  }

  /**
   * Who is asking.
   * @param authorization the header "Bearer …"
   * @throws {ServeError} 401 for a key that is missing or wrong, 429 for one that has asked enough
   */
  admit(authorization: string | undefined): Caller {
    if (this.holders.length === 0) return { name: "anybody", spend: () => {} };
    const key = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    if (!key)
      throw new ServeError(
        401,
        'expected a key in the header "Authorization: Bearer …", got none',
        {
          code: "missing_api_key",
        },
      );
    const digest = digestOf(key);
    // all are compared, so that the time says nothing about them
    const holder = this.holders.filter((one) => timingSafeEqual(one.digest, digest))[0];
    if (!holder) throw new ServeError(401, "this key is not known", { code: "invalid_api_key" });
    const { name, bucket, quota, requestsPerMinute, tokensPerDay } = holder;
    const untilTomorrow = quota?.wait(this.now()) ?? 0;
    if (untilTomorrow > 0)
      throw new ServeError(429, `the ${tokensPerDay} tokens of today are used up`, {
        ...{ code: "insufficient_quota", retryAfter: untilTomorrow },
      });
    const seconds = bucket?.take(this.now()) ?? 0;
    if (seconds > 0)
      throw new ServeError(429, `at most ${requestsPerMinute} requests a minute, got one more`, {
        ...{ code: "rate_limit_exceeded", retryAfter: seconds },
      });
    return { name, spend: (tokens) => quota?.add(tokens, this.now()) };
  }
}
