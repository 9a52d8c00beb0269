// What a socket needs of whatever answers its requests.

/** Something that answers requests. */
export interface Handler {
  /** Never throws. */
  fetch: (request: Request) => Promise<Response>;
  /** From now on every request gets 503. */
  stopping: boolean;
}
