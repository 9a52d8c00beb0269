// What the files of this folder share: the types of WebAssembly and of the kernels, and the error
// that says why they are not used.

/** A WebAssembly memory. Growing replaces its buffer. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB */
  grow(pages: number): number;
}

/** The part of the standard global that is used here; its types come only with the DOM's. */
export const WebAssembly = (
  globalThis as unknown as {
    WebAssembly: {
      Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => Memory;
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object, imports: object) => { exports: unknown };
      CompileError: new () => Error;
      validate(bytes: Uint8Array): boolean;
    };
  }
).WebAssembly;

/** The functions of ./kernels, by name. Pointers and sizes are plain numbers. */
export type Kernels = Record<string, (...args: number[]) => number>;

/** Why something does not work on this machine; the message is a sentence. */
export class NotHere extends Error {}
