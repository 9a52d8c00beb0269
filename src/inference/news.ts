// Something has happened: what listeners of a text that is being written wait for. A promise is made only
// where somebody listens.

/** Wakes those who wait. */
export class News {
  private next?: { promise: Promise<void>; tell: () => void };

  /** Resolves at the next `tell`. */
  wait(): Promise<void> {
    if (!this.next) {
      let tell = () => {};
      const promise = new Promise<void>((resolve) => {
        tell = resolve;
      });
      this.next = { promise, tell };
    }
    return this.next.promise;
  }

  /** Something has happened. */
  tell(): void {
    this.next?.tell();
    this.next = undefined;
  }
}
