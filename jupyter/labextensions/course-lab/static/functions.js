// Where the functions of an exercise file are. Read from the text as it stands, because a learner's
// answers move the lines; a file that does not parse has to open as well.

/**
 * The exported functions of a file, in order.
 * @returns a list of { name, line, top }: the line of `export function` and the first line of its
 *   doc comment (the same line where there is none), both counted from 0
 */
export function functionsOf(text) {
  const lines = text.split("\n");
  return lines.flatMap((source, line) => {
    const found = /^export\s+(?:async\s+)?function\s*\*?\s*([\w$]+)/.exec(source);
    return found ? [{ name: found[1], line, top: topOf(lines, line) }] : [];
  });
}

function topOf(lines, line) {
  if (!/\*\/\s*$/.test(lines[line - 1] ?? "")) return line;
  let top = line - 1;
  while (top > 0 && !/^\s*\/\*/.test(lines[top])) top--;
  return /^\s*\/\*/.test(lines[top]) ? top : line;
}

/** The function whose name comes first in a text such as a link's, or undefined. */
export function functionNamed(text, functions) {
  const words = text.match(/[\w$]+/g) ?? [];
  for (const word of words) {
    const found = functions.find(({ name }) => name === word);
    if (found) return found;
  }
  return undefined;
}
