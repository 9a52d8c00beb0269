// How much a key may ask: a token bucket for requests in a minute, a counter for tokens in a day. The
// bucket lets somebody who has been quiet ask several things at once, and keeps the mean where it
// should be ("leaky bucket as a meter", ITU-T I.371). All in memory: a restart forgets it.

/** So many tokens lie in a bucket; they come back at a steady pace. */
export class TokenBucket {
  private level: number;
  private at: number;

  /**
   * @param capacity how many can be taken at once after a quiet time
   * @param perSecond how many come back
   * @param now seconds; any clock that only goes forward
   */
  constructor(
    private readonly capacity: number,
    private readonly perSecond: number,
    now: number,
  ) {
    this.level = capacity;
    this.at = now;
  }

  /**
   * Takes one.
   * @returns 0, or if there is none, after how many seconds there will be one
   */
  take(now: number): number {
    this.level = Math.min(this.capacity, this.level + (now - this.at) * this.perSecond);
    this.at = now;
    if (this.level >= 1) {
      this.level -= 1;
      return 0;
    }
    return (1 - this.level) / this.perSecond;
  }
}

/** Counts up to a limit in each day (UTC). */
export class DailyQuota {
  private day = -1;
  private used = 0;

  constructor(private readonly limit: number) {}

  /** Seconds until the next day if the limit has been reached, else 0. */
  wait(now: number): number {
    this.turn(now);
    return this.used < this.limit ? 0 : (this.day + 1) * 86_400 - now;
  }

  /** Counts. What is used is known only when a text has ended, so the last one may exceed the limit. */
  add(amount: number, now: number): void {
    this.turn(now);
    this.used += amount;
  }

  private turn(now: number): void {
    const day = Math.floor(now / 86_400);
    if (day !== this.day) [this.day, this.used] = [day, 0];
  }
}
