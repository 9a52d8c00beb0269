/** How many columns a text takes in a terminal. */
export declare function columns(text: string): number;

/**
 * Breaks a paragraph between words, never inside one: a word that is wider than a line, such as a
 * path, has a line to itself.
 * @param options.width columns of a line, indent included; 80 by default
 * @param options.first what the first line begins with
 * @param options.rest what the others begin with; as `first` unless given
 */
export declare function wrap(
  text: string,
  options?: { width?: number; first?: string; rest?: string },
): string;
