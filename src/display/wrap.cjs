// Text in lines of a terminal's width. It is plain JavaScript, as ../cli/options.cjs is, because
// tools/ needs it before anything is compiled. Types: wrap.d.cts.

/** Chinese, Japanese and Korean characters take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

const columns = (text) => [...text].reduce((sum, c) => sum + (WIDE.test(c) ? 2 : 1), 0);

/**
 * Breaks a paragraph between words, never inside one: a word that is wider than a line, such as a
 * path, has a line to itself.
 */
function wrap(text, { width = 80, first = "", rest = first } = {}) {
  const lines = [];
  let line = first;
  let empty = true; // nothing but the indent so far
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (!empty && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}

module.exports = { columns, wrap };
