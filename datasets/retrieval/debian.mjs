// Fetches the Debian FAQ in English and Chinese, and the Debian New Maintainers' Guide in Chinese (all
// GPL-2+), for lesson 25 (retrieval): on a machine with apt,
//
//     node datasets/retrieval/debian.mjs
//
// downloads three packages of Debian 12, unpacks them beside the models, and checks what it got. Texts
// and PDFs go to models/debian-faq/. Without them the lesson works on the course's own pages. The guide
// is there for its PDF: that of the Chinese FAQ says only that there is none.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** SHA-256 of the files that the questions are about: the FAQ's version 11.1, the guide's 1.2.53. */
const EXPECTED = {
  "en.txt": "f687d96695d667f428edb40476d0b73efc611689e030d3a0828bb76f31dc81f6",
  "zh-cn.txt": "4a0b20e0c644c37a94e7fdb385bd834dff12ea70cb0cfd928a05435219f07341",
};
const FAQ = { "debian-faq": "en", "debian-faq-zh-cn": "zh-cn" };
const GUIDE = "maint-guide-zh-cn";

const models = process.env.LLM_MODELS ?? fileURLToPath(new URL("../../models", import.meta.url));
const target = join(models, "debian-faq");
const work = mkdtempSync(join(tmpdir(), "debian-faq-"));

/** Keeps a file if it is the one that is meant. */
function keep(name, bytes) {
  const got = createHash("sha256").update(bytes).digest("hex");
  if (EXPECTED[name] && got !== EXPECTED[name])
    throw new Error(`debian.mjs: expected ${name} as the questions know it, got ${got}`);
  writeFileSync(join(target, name), bytes);
}
try {
  mkdirSync(target, { recursive: true });
  const names = [...Object.keys(FAQ), GUIDE];
  execFileSync("apt-get", ["download", ...names], { cwd: work, stdio: "inherit" });
  for (const name of names) {
    const file = readdirSync(work).find((one) => one.startsWith(`${name}_`));
    execFileSync("dpkg-deb", ["-x", file, name], { cwd: work });
    const docs = join(work, name, "usr/share/doc");
    if (name === GUIDE)
      keep("maint-guide.zh-cn.pdf", readFileSync(join(docs, GUIDE, "maint-guide.zh-cn.pdf")));
    else
      for (const kind of ["txt", "pdf"]) {
        const packed = join(docs, "debian/FAQ", `debian-faq.${FAQ[name]}.${kind}.gz`);
        keep(`${FAQ[name]}.${kind}`, gunzipSync(readFileSync(packed)));
      }
  }
  console.log(`The Debian FAQ is in ${target}.`);
} catch (error) {
  console.error(`debian.mjs: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
