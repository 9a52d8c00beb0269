// A list that is being written and read at once: the tokens of a text, or its pieces. Whoever reads it
// gets every item from the first on, as they come; several can read, and none holds up the writer.
// A promise is made only where somebody waits.

/** What has been written so far, and whether more can come. */
export class LiveList<T> implements AsyncIterable<T> {
  readonly items: T[] = [];
  private isEnded = false;
  private news?: { promise: Promise<void>; tell: () => void };

  push(item: T): void {
    this.items.push(item);
    this.tell();
  }

  /** Nothing more will come. */
  end(): void {
    this.isEnded = true;
    this.tell();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (let i = 0; ; i++) {
      while (i >= this.items.length && !this.isEnded) await this.more();
      if (i >= this.items.length) return;
      yield this.items[i];
    }
  }

  private more(): Promise<void> {
    if (!this.news) {
      let tell = () => {};
      const promise = new Promise<void>((resolve) => {
        tell = resolve;
      });
      this.news = { promise, tell };
    }
    return this.news.promise;
  }

  private tell(): void {
    this.news?.tell();
    this.news = undefined;
  }
}
