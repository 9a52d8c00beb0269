// Errors of `compile`: what cannot be compiled, the user's own line, and how to write it instead.
import { dirname, relative, sep } from "node:path";

/** Something that a trace cannot capture. */
export class CompileError extends Error {
  private readonly line: string | undefined;

  constructor(
    private readonly what: string,
    place: Place | undefined,
    private readonly instead: string,
  ) {
    const line = place?.line();
    super(text(what, line && `at ${line}`, instead));
    this.line = line;
    this.name = "CompileError";
  }

  /** Says which function it was, where no line of its own is known. */
  of(name: string, compiled: Place): this {
    const line = compiled.line();
    if (!this.line)
      this.message = text(
        this.what,
        `in "${name}"${line ? `, compiled at ${line}` : ""}`,
        this.instead,
      );
    return this;
  }
}

const text = (what: string, where: string | undefined, instead: string): string =>
  `compile: ${what}${where ? `\n  ${where}` : ""}\n  ${instead}`;

const engine = dirname(__dirname); // …/engine: frames in it say nothing to the user
const library = dirname(engine); // llm itself: named only where there is no frame outside it

/** A place in the code. Remembering one is cheap: its text is made only when it is asked for. */
export class Place {
  readonly stack?: string;

  constructor() {
    Error.captureStackTrace(this, Place);
  }

  /** Whether a function of this name is among the callers. */
  isIn(name: RegExp): boolean {
    return name.test(this.stack ?? "");
  }

  /**
   * The user's innermost line: outside the engine and node_modules, and outside llm if there is
   * such a line.
   */
  line(): string | undefined {
    const frames = (this.stack ?? "")
      .split("\n")
      .filter(
        (line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !/node_modules|node:internal/.test(line),
      )
      .map((line) => line.trim().slice(3).replace("file://", ""))
      .filter((line) => !line.includes(engine + sep));
    const frame = frames.find((line) => !line.includes(library + sep)) ?? frames[0];
    return (
      asTyped(frame) ??
      frame?.replace(
        /\(?(\/[^()]*?)(:\d+:\d+)\)?$/,
        (_, file: string, at: string) => `${shortest(file)}${at}`,
      )
    );
  }
}

type LineOf = (file: string, line: number, column: number) => string | null;

/**
 * A line as it was typed, where the text that runs has other lines. For a notebook's cell the
 * course's kernel (jupyter/kernels) knows it, for a learner's file llm/course does.
 */
function asTyped(frame: string | undefined): string | undefined {
  const [, file, line, column] =
    /(?:^|\(| )([^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
  for (const name of ["llm.cellLine", "llm.ownLine"]) {
    const find = (globalThis as { [key: symbol]: unknown })[Symbol.for(name)] as LineOf | undefined;
    const found = file && find?.(file, Number(line), Number(column));
    if (found) return found;
  }
  return undefined;
}

function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

/**
 * How many frames of a stack are kept while a function is traced: tfjs puts many between an
 * operation and the user's line.
 */
export const TRACE_DEPTH = 60;
