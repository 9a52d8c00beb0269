/** One option of a command: a row of its table. */
export interface OptionRow {
  /**
   * What stands for its value in the help: "N", "DIR", "FILE…" (one or more), "[DIR]" (may be left
   * out: `true`), "" (its choices); none for a flag.
   */
  readonly value?: string;
  readonly help: string;
  /** What holds when it is not given. */
  readonly default?: string | number | readonly (string | number)[];
  /** A whole number: at least this, or from … to. */
  readonly whole?: number | readonly [least: number, most: number];
  /** A finite number: at least this, or from … to. */
  readonly number?: number | readonly [least: number, most: number];
  readonly choices?: readonly string[];
  /** Several of them, with commas between. */
  readonly list?: true;
  /** Spaces alone are a value. */
  readonly blank?: true;
  /**
   * `npm run x --flag` without two dashes: "takes" reads the flag from npm's environment, "own" is
   * a setting of npm itself, and any other is refused with the right spelling.
   */
  readonly npm?: "takes" | "own";
}

export interface Verb {
  readonly options?: Readonly<Record<string, OptionRow>>;
  /** How many words without dashes, and what they are called. None unless given. */
  readonly words?: {
    readonly least?: number;
    readonly most: number;
    readonly what: string;
    readonly choices?: readonly string[];
    /** First words that are no choices: exactly one word follows each, and this says which. */
    readonly after?: Readonly<Record<string, string>>;
  };
  /** What the options that were given may not say together, as the rest of a sentence. */
  readonly rule?: (
    // biome-ignore lint/suspicious/noExplicitAny: each table knows its own values
    values: any,
    words: readonly string[],
  ) => string | undefined;
}

export interface Command extends Verb {
  /** As in `npm run name`. */
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** What is written, and what it does. */
  readonly usage?: readonly (readonly [line: string, text: string])[];
  readonly options: Readonly<Record<string, OptionRow>>;
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
  readonly verbs?: Readonly<Record<string, Verb>>;
  /** Unknown options of this form, and all words, are somebody else's: they come back in `passed`. */
  readonly passes?: RegExp;
}

type Choice<R extends OptionRow> = R extends { choices: readonly (infer C extends string)[] }
  ? C
  : string;
type Part<R extends OptionRow> = R extends { whole: unknown } | { number: unknown }
  ? number
  : Choice<R>;
type Given<R extends OptionRow> = R extends { list: true }
  ? Part<R>[]
  : R extends { whole: unknown } | { number: unknown }
    ? number
    : R extends { value: `${string}…` }
      ? string[]
      : R extends { value: `[${string}]` }
        ? string | true
        : R extends { value: string }
          ? Part<R>
          : boolean;
/** What a table's options give: a value where there is a default, flags always. */
export type Values<C extends { readonly options: Readonly<Record<string, OptionRow>> }> = {
  -readonly [K in keyof C["options"]]: C["options"][K] extends { default: unknown }
    ? Given<C["options"][K]>
    : C["options"][K] extends { value: string }
      ? Given<C["options"][K]> | undefined
      : boolean;
};

export interface Read<C extends { readonly options: Readonly<Record<string, OptionRow>> }> {
  verb?: string;
  values: Values<C>;
  /** What has no dashes. */
  words: string[];
  /** What goes on to another program. */
  passed: string[];
}

/** A command line that asks for what is not there: told as a sentence, exit code 2. */
export declare class UsageError extends Error {}

/** What a user typed, in quotes, short and without control characters. */
export declare function quoted(text: string): string;

/** The one of `names` that was probably meant by `word`; undefined where none is near. */
export declare function nearest(word: string, names: readonly string[]): string | undefined;

/** The text of --help, from the table: at most 80 columns, broken between words only. */
export declare function helpText(command: Command): string;

/**
 * Reads a command line.
 * @param env where npm notes the flags that it keeps; this process's unless given
 * @throws UsageError whose message is one sentence
 */
export declare function readOptions<const C extends Command>(
  command: C,
  args: readonly string[],
  env?: Record<string, string | undefined>,
): (Read<C> & { help?: undefined }) | { help: string };

/** Reads this process's command line: prints --help and ends, or refuses in a sentence, code 2. */
export declare function commandLine<const C extends Command>(
  command: C,
  args?: readonly string[],
): Read<C>;
