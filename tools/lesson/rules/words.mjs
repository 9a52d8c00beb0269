// Rules about the words of a notebook: its links, its pictures' alternative texts, what was left
// to be filled in, and phrases that read as translated ("The English" in CONTRIBUTING.md).
import { at, dataOf, proseOf } from "./page.mjs";

const withoutCode = (source) =>
  source.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, " "));

/** The relative links of a Markdown text, HTML's too, as paths with their "#…". */
function linksIn(source) {
  const text = withoutCode(source);
  const found = [
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...text.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  return found.map(([, link]) => link).filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link));
}

/** The places that "#…" can lead to: headings, as JupyterLab and as GitHub call them. */
function anchorsOf(texts) {
  const headings = texts.flatMap(({ source }) =>
    [...source.matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => heading.trim()),
  );
  return headings.flatMap((heading) => {
    const plain = heading.replace(/[`*]/g, "");
    const github = plain.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "");
    return [plain, github].map((text) => text.replaceAll(" ", "-"));
  });
}

export function links({ texts, exists }) {
  const anchors = anchorsOf(texts);
  return texts.flatMap((cell) =>
    linksIn(cell.source)
      .filter((link) => {
        const [path, place] = link.split("#").map(decodeURIComponent);
        return path === "" ? !anchors.includes(place) : !exists(path);
      })
      .map((link) => at(cell, `the link to ${link} leads nowhere: put it right`)),
  );
}

export function alternatives({ texts, cells }) {
  const inText = texts.filter(
    ({ source }) =>
      /!\[\s*\]\(/.test(withoutCode(source)) || /<img(?![^>]*\balt="[^"]+")/.test(proseOf(source)),
  );
  const inOutput = cells.filter(({ outputs }) =>
    outputs.some((output) => {
      const svg = dataOf(output, "image/svg+xml");
      return svg.includes("<svg") && !/aria-label="[^"]|<title[ >]|<desc[ >]/.test(svg);
    }),
  );
  return [...inText, ...inOutput].map((cell) =>
    at(cell, "shows a picture without alternative text: say in words what is to be seen"),
  );
}

const PLACEHOLDERS = [
  /\b(TODO|TBD|FIXME|XXX)\b/,
  /\{\{[^}\n]*\}\}/,
  /\b(to be|not( yet)?) measured( yet)?\b/,
  /^\s*…\s*$/m,
];

export const placeholders = ({ texts }) =>
  texts.flatMap((cell) => {
    const text = proseOf(cell.source);
    const found = PLACEHOLDERS.map((words) => words.exec(text)?.[0].trim()).find(Boolean);
    return found ? [at(cell, `"${found}" is still to be filled in: write what belongs there`)] : [];
  });

/** What readings of the first lessons found again and again, with what to write instead. */
const PHRASES = [
  [/[«»]/, 'use "quotation marks"'],
  [
    /\bone (row|bar|token|line|column|point|number|dot) an? (?!time\b)\p{L}+/iu,
    'say "one … per …", as in "one row per word"',
  ],
  [/^(\*\*)?Who (gives|asks|remembers|has|is|knows|writes)\b(?![^.]*\?)/m, 'say "a model that …"'],
  [/(?<=\. )Who (gives|asks|remembers|has|is|knows|writes)\b(?![^.]*\?)/, 'say "a model that …"'],
  [/\b(is|are) told in\b/, 'say "see … for how"'],
  [/\b(is|are) said again\b/, 'say "is repeated here"'],
  [/, the (more|less) so the (more|less)\b/, 'say "and more so when …"'],
  [
    /\bone (is none|in \p{L}+ is none)\b|\bevery \p{L}+th \p{L}+ is none\b/u,
    'say "one word in six is not a word"',
  ],
  [/\bwith a picture that follows\b/, 'say "the plot updates as it trains"'],
  [/\bAgain for the next one\b/, 'say "Run again for the next hint."'],
  [/\bstands? in (the|this|its) (table|cell|door|comment)\b/, 'say "is in …" or "is given in …"'],
  [/\bleans on the one\b/, 'say "falls back on"'],
  [/\bthe command that mends it\b/, 'say "the command that fixes it"'],
];

export const phrases = ({ cells }) =>
  cells.flatMap((cell) => {
    const text = cell.isCode ? cell.source : proseOf(cell.source);
    return PHRASES.flatMap(([words, instead]) => {
      const found = words.exec(text)?.[0];
      return found ? [at(cell, `"${found.trim()}" is not plain English: ${instead}`)] : [];
    });
  });
