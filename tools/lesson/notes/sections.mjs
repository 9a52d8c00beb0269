// Markdown as the readers of teacher's notes and quizzes look at it: lines with their numbers, and
// the parts below each heading. Headings inside a fenced code block are code.

/** Collects what is wrong, each with the line that it is on. */
export function problems() {
  const found = [];
  return { found, wrong: (line, problem) => found.push({ line, problem }) };
}

/** The lines of a text as { line, text, inCode }; the lines of a fence belong to its code. */
function numbered(text) {
  let fence;
  return text.split(/\r?\n/).map((one, i) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(one)?.[1];
    const inCode = fence !== undefined || mark !== undefined;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
    return { line: i + 1, text: one, inCode };
  });
}

/**
 * Cuts lines at the headings of one level.
 * @returns { before, parts }: the lines above the first, and { title, line, lines } for each
 */
export function partsOf(lines, level) {
  const heading = new RegExp(`^#{${level}} +(.*?)\\s*$`);
  const before = [];
  const parts = [];
  for (const one of lines) {
    const title = one.inCode ? undefined : heading.exec(one.text)?.[1];
    if (title !== undefined) parts.push({ title, line: one.line, lines: [] });
    else (parts.at(-1)?.lines ?? before).push(one);
  }
  return { before, parts };
}

/** The text of some lines, without the empty ones around it. */
export const textOf = (lines) =>
  lines
    .map(({ text }) => text)
    .join("\n")
    .replace(/^(\s*\n)+|\s+$/g, "");

/**
 * A file's parts of level 2, and whether its first line is the title that it should have.
 * @param heading the first line, such as "# Quiz: 06 · Attention"
 */
export function readParts(text, heading, wrong) {
  const lines = numbered(text);
  const first = lines.findIndex((one) => one.text.trim() !== "");
  const line = lines[first]?.text.trim() ?? "";
  if (line !== heading)
    wrong(Math.max(0, first) + 1, `expected "${heading}", got ${line ? `"${line}"` : "nothing"}`);
  for (const one of lines)
    if (/\bTODO\b/.test(one.text)) wrong(one.line, 'expected what "TODO" stands for, got "TODO"');
  return partsOf(lines.slice(first + 1), 2);
}
