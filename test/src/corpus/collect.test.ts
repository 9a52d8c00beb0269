// Files to documents: what is read, what is taken out, what is reported and left out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  type CollectOptions,
  collect,
  corpusFiles,
  decodeEntities,
  formatOf,
  htmlToText,
  markdownToText,
  type Problem,
} from "llm/corpus";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "llm-collect-"));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

async function collected(files: string[], options: CollectOptions = {}) {
  const problems: Problem[] = [];
  const documents = [];
  const onProblem = (problem: Problem) => problems.push(problem);
  for await (const document of collect(files, { onProblem, ...options })) documents.push(document);
  return { documents, problems, texts: documents.map(({ text }) => text) };
}

function file(name: string, contents: string | Buffer): string {
  writeFileSync(path(name), contents);
  return path(name);
}

describe("collect", () => {
  it("reads each kind of file by its name, packed or not", async () => {
    const files = [
      file("a.txt", "Call me Ishmael."),
      file("b.md", "# Loomings\n\nSee [here](http://a.example)."),
      file("c.html", "<title>x</title><p>Some years <b>ago</b></p>"),
      file("d.jsonl", '{"text":"one"}\n\n{"text":"two"}'),
      file("e.jsonl.gz", gzipSync('{"text":"three"}\n')),
      file("f.txt.gz", gzipSync("four")),
    ];
    const { texts, problems } = await collected(files);
    expect(texts).toEqual([
      "Call me Ishmael.",
      "# Loomings\n\nSee here.",
      "Some years ago",
      "one",
      "two",
      "three",
      "four",
    ]);
    expect(problems).toEqual([]);
  });

  it("reports what is damaged and keeps the rest", async () => {
    const bad = Buffer.from([0x61, 0xff, 0x62, 0x0a]);
    const packed = gzipSync(`{"text":"before"}\n${'{"text":"x"}\n'.repeat(100_000)}`);
    const files = [
      file("bad.txt", Buffer.concat([Buffer.from("fine so far\n\n".repeat(50_000)), bad])),
      file("good.txt", "good"),
      path("missing.txt"),
      file("zero.html", "<p>a\0b</p>"),
      file("unknown.pdf", "%PDF"),
      file(
        "lines.jsonl",
        Buffer.concat([
          Buffer.from('{"text":"1"}\n{"text":\n{"body":"3"}\n{"text":4}\nnull\n{"text":"'),
          bad,
          Buffer.from('{"text":"7"}\n{"text":"8'),
        ]),
      ),
      file("cut.jsonl.gz", packed.subarray(0, packed.length - 20)),
      file("last.txt", "last"),
    ];
    const { texts, problems } = await collected(files);
    expect(texts.filter((text) => text !== "x")).toEqual(["good", "1", "7", "before", "last"]);
    const told = problems.map(({ source, where = "", why }) => [
      source.slice(folder.length + 1),
      where,
      why.replace(/\(.*\)/, ""),
    ]);
    expect(told).toEqual([
      ["bad.txt", "", expect.stringMatching(/^expected text in UTF-8, got other bytes before/)],
      ["missing.txt", "", "no such file"],
      ["zero.html", "", "expected text, got zero bytes"],
      ["unknown.pdf", "", expect.stringMatching(/^expected \.txt, \.md/)],
      ["lines.jsonl", "line 2", "expected JSON, got something else"],
      ["lines.jsonl", "line 3", 'expected a text in the field "text", got none'],
      ["lines.jsonl", "line 4", 'expected a text in the field "text", got number'],
      ["lines.jsonl", "line 5", 'expected a text in the field "text", got none'],
      ["lines.jsonl", "line 6", "expected text in UTF-8, got other bytes"],
      ["lines.jsonl", "line 8", "expected JSON, got something else"],
      ["cut.jsonl.gz", "", "the gzip data are damaged "],
    ]);
  });

  it("cuts a long text between paragraphs, losing nothing, however it is read", async () => {
    const word = fc.constantFrom("a", "whale", "猫", "🐈", " ", "\n", "\n\n", "e\u0301");
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 200 }).map((all) => `x${all.join("")}x`),
        fc.integer({ min: 2, max: 40 }),
        async (text, partCharacters) => {
          const { documents, texts } = await collected([file("long.txt", text)], {
            partCharacters,
          });
          // only parts that are white space through and through are left out
          expect(texts.join("").replace(/\s+/g, "")).toBe(text.replace(/\s+/g, ""));
          expect(texts.some((part) => /\p{Cs}/u.test(part))).toBe(false);
          expect(Math.max(...texts.map((part) => part.length))).toBeLessThanOrEqual(
            partCharacters + 2,
          );
          expect(documents.map(({ record }) => record)).toEqual(texts.map((_, i) => i));
          expect(documents.every(({ first }) => first === 0)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
    const paragraphs = Array.from({ length: 40 }, (_, i) => `${i} `.repeat(20 + i).trim());
    const cut = await collected([file("book.txt", paragraphs.join("\n\n"))], {
      partCharacters: 300,
    });
    expect(cut.texts.flatMap((part) => part.trim().split("\n\n"))).toEqual(paragraphs);
  });

  it("takes lines as documents, and a field that is named", async () => {
    const poems = file("poems.txt", "落日\r\n\n回舆\n");
    expect((await collected([poems], { perLine: true })).texts).toEqual(["落日", "回舆"]);
    const json = file("named.jsonl", '{"body":"a"}\n{"text":"b"}');
    const { texts, problems } = await collected([json], { field: "body" });
    expect(texts).toEqual(["a"]);
    expect(problems).toHaveLength(1);
    const long = file("long.jsonl", `{"text":"${"x".repeat(100)}"}\n{"text":"short"}\n`);
    const limited = await collected([long], { mostBytes: 50 });
    expect(limited.texts).toEqual(["short"]);
    expect(limited.problems[0]).toMatchObject({
      where: "line 1",
      why: "expected at most 50 bytes, got more",
    });
  });

  it("finds the files of a folder in the same order everywhere", () => {
    mkdirSync(path("tree/b"), { recursive: true });
    for (const name of [
      "tree/z.txt",
      "tree/b/y.md",
      "tree/b/x.png",
      "tree/.hidden.txt",
      "tree/A.html",
    ])
      file(name, "x");
    expect(corpusFiles([path("tree")])).toEqual(
      ["tree/A.html", "tree/b/y.md", "tree/z.txt"].map(path),
    );
    expect(() => corpusFiles([path("nowhere")])).toThrow(/nowhere: no such file or folder/);
    expect(formatOf("a.b.JSONL.gz")).toBe("jsonl");
    expect(formatOf("README")).toBeUndefined();
  });
});

describe("htmlToText", () => {
  it.each([
    ["<p>one<p>two", "one\n\ntwo"],
    ["a<br>b<BR/>c", "a\nb\nc"],
    ["<h1>Title</h1>Text   with\n spaces", "Title\n\nText with spaces"],
    ["<script>if (a < b) { '</p>' }</script>x", "x"],
    ["<style>p { color: red }</style><p>y</p>", "y"],
    ["<!-- <p>no</p> --><p>yes</p>", "yes"],
    ['<p title="a > b">kept</p>', "kept"],
    ["3 < 4 and 5 > 2", "3 < 4 and 5 > 2"],
    ["<nav><ul><li>Home</ul></nav><p>Body</p><footer>©</footer>", "Body"],
    ["<p>caf&eacute; &amp; &#8217;&#x732b;&#150; &unknown;</p>", "café & ’猫– &unknown;"],
    ["<pre>a\n  b</pre>", "a\n b".replace(" b", "  b")],
    ["<head><title>T</title><body>shown", "shown"],
    [
      "<p><a href=x>only a link, a long one</a></p><p>But <a>this</a> is prose.</p>",
      "But this is prose.",
    ],
    ["<header>H<body>text", "text"],
    ["<table><tr><td>1<td>2</table>", "1\n\n2"],
    ["<p unclosed", ""],
    ["<!-- never closed", ""],
    ["<noscript><img></noscript>ok", "ok"],
  ])("%j", (html, text) => expect(htmlToText(html)).toBe(text));

  it("shows the text of any page, and never hangs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        expect(htmlToText(`<p>${escaped}</p>`)).toBe(
          text
            .replace(/[ \t\n\f\r]+/g, " ")
            .replace(/ *\n */g, "\n")
            .trim(),
        );
      }),
    );
    for (const bad of ["<", "<p ", "<!--", "&#", "<a ='", "<script>", "<nav>", "</", "<pre>"]) {
      htmlToText(bad.repeat(300_000)); // in quadratic time this would take minutes
    }
  });

  it("decodes references once", () => {
    expect(decodeEntities("&amp;lt; &#0; &#xd800; &#1114112; AT&T")).toBe("&lt; � � � AT&T");
  });
});

describe("markdownToText", () => {
  it.each([
    ["---\ntitle: x\n---\nBody", "Body"],
    ["+++\na = 1\n+++\n\nBody", "Body"],
    ["---\n\nA rule, no front matter", "---\n\nA rule, no front matter"],
    ["[![build](a.svg)](http://b) Text", "build Text"],
    ["See [it][1].\n\n[1]: http://a.example", "See it."],
    ["a <b>c</b> <!-- no\nno --> d", "a c  d"],
    ["```js\nif (a < b) [x](y)\n```\n[z](w)", "```js\nif (a < b) [x](y)\n```\nz"],
    ["<https://a.example> and *stars*", "https://a.example and *stars*"],
  ])("%j", (markdown, text) => expect(markdownToText(markdown)).toBe(text));

  it("never hangs", () => {
    for (const bad of ["[", "![", "[](", "<!--", "<a", "```\n", "[a]: ", "[x]["]) {
      markdownToText(bad.repeat(300_000)); // in quadratic time this would take minutes
    }
  });
});
