// Whether every link of a book leads somewhere: files that are there, anchors that are on the page.
import { existsSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { filesUnder } from "../kit.mjs";

const unescapeHtml = (text) =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&amp;/g, "&");

/** A page without the text of its scripts, which only looks like markup. */
const markup = (html) =>
  html.replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, (script) =>
    script.slice(0, script.indexOf(">") + 1),
  );

/** The values of href and src on a page, of drawings as well. */
const targets = (html) =>
  [...markup(html).matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, value]) => unescapeHtml(value));

const idsOf = (html) =>
  new Set([...markup(html).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescapeHtml(id)));

/**
 * @param folder a book
 * @returns "06-attention.html → 07-position.html", one for each link that leads nowhere
 */
export function brokenLinks(folder) {
  const pages = filesUnder(folder).filter((file) => file.endsWith(".html"));
  const ids = new Map(pages.map((file) => [file, idsOf(readFileSync(file, "utf8"))]));
  const broken = [];
  for (const file of pages)
    for (const target of targets(readFileSync(file, "utf8"))) {
      if (/^(https?:|mailto:|data:)/.test(target)) continue;
      const [path, hash] = target.split("#");
      const to = path ? resolve(dirname(file), decodeURI(path)) : file;
      const anchored = !hash || ids.get(to)?.has(decodeURIComponent(hash));
      if (!existsSync(to) || !anchored) broken.push(`${relative(folder, file)} → ${target}`);
    }
  return broken;
}

/** What a page would fetch from elsewhere if it were opened. */
export const outsideRequests = (html) =>
  [...markup(html).matchAll(/\ssrc="(https?:[^"]*)"|<link[^>]*href="(https?:[^"]*)"/g)].map(
    ([, source, link]) => source ?? link,
  );
