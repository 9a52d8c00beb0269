// Is a picture or a page well-formed XML? A small parser that accepts a subset: elements, quoted
// attributes, text, the five entities and numeric ones. What it refuses, a browser would guess at.

/**
 * @returns all text between the tags, entities resolved
 * @throws {Error} where the markup is not well-formed
 */
export function parseMarkup(markup: string): string {
  const open: string[] = [];
  const text: string[] = [];
  const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[a-zA-Z_:][\w:.-]*="[^"<]*")*)\s*(\/?)>|<|([^<]+)/gy;
  for (const [all, closing, name, attributes, empty, run] of markup.matchAll(tag)) {
    if (run !== undefined) {
      if (open.length === 0 && run.trim() !== "")
        throw new Error(`text outside of all tags: ${run}`);
      text.push(resolve(run));
    } else if (name === undefined) throw new Error(`no tag: ${context(markup, all)}`);
    else if (closing === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
      text.push(" ");
    } else {
      const seen = new Set<string>();
      for (const [, key, value] of attributes.matchAll(/\s+([\w:.-]+)="([^"]*)"/g)) {
        if (seen.has(key)) throw new Error(`${name} has ${key} twice`);
        seen.add(key);
        resolve(value);
      }
      if (empty !== "/") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  return text.join("");
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function resolve(text: string): string {
  // XML 1.0: no control characters but tab and line breaks, no half characters, no U+FFFE, U+FFFF.
  for (const c of text) {
    const code = c.codePointAt(0) as number;
    const control = code < 0x20 && !"\t\n\r".includes(c);
    if (control || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff)
      throw new Error(`no character of XML: U+${code.toString(16)}`);
  }
  return text.replace(/&([^;\s]*;?)/g, (all, inner) => {
    const name = inner.replace(";", "");
    if (!inner.endsWith(";")) throw new Error(`a bare ampersand: ${all}`);
    const code = /^#(\d+)$/.exec(name)?.[1] ?? /^#(x[\da-f]+)$/i.exec(name)?.[1].replace("x", "0x");
    if (code !== undefined) return String.fromCodePoint(Number(code));
    if (ENTITIES[name] === undefined) throw new Error(`unknown entity ${all}`);
    return ENTITIES[name];
  });
}

const context = (markup: string, found: string): string => {
  const at = markup.indexOf(found);
  return markup.slice(Math.max(0, at - 60), at + 60);
};
