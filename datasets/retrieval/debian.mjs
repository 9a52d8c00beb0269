// Fetches the Debian FAQ in English and Chinese (GPL-2+) for lesson 25 (retrieval): on a machine
// with apt,
//
//     node datasets/retrieval/debian.mjs
//
// downloads two packages of Debian 12, unpacks them beside the models, and checks what it got. Texts and
// PDFs go to models/debian-faq/. Without them the lesson works on the course's own pages.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** SHA-256 of the texts in version 11.1, which the questions are about. */
const EXPECTED = {
  "en.txt": "f687d96695d667f428edb40476d0b73efc611689e030d3a0828bb76f31dc81f6",
  "zh-cn.txt": "4a0b20e0c644c37a94e7fdb385bd834dff12ea70cb0cfd928a05435219f07341",
};
const PACKAGES = { "debian-faq": "en", "debian-faq-zh-cn": "zh-cn" };

const models = process.env.LLM_MODELS ?? fileURLToPath(new URL("../../models", import.meta.url));
const target = join(models, "debian-faq");
const work = mkdtempSync(join(tmpdir(), "debian-faq-"));
try {
  mkdirSync(target, { recursive: true });
  execFileSync("apt-get", ["download", ...Object.keys(PACKAGES)], { cwd: work, stdio: "inherit" });
  for (const [name, language] of Object.entries(PACKAGES)) {
    const file = readdirSync(work).find((one) => one.startsWith(`${name}_`));
    execFileSync("dpkg-deb", ["-x", file, name], { cwd: work });
    const folder = join(work, name, "usr/share/doc/debian/FAQ");
    for (const kind of ["txt", "pdf"]) {
      const bytes = gunzipSync(readFileSync(join(folder, `debian-faq.${language}.${kind}.gz`)));
      const wanted = EXPECTED[`${language}.${kind}`];
      const got = createHash("sha256").update(bytes).digest("hex");
      if (wanted && got !== wanted)
        throw new Error(`debian.mjs: expected ${language}.${kind} of version 11.1, got ${got}`);
      writeFileSync(join(target, `${language}.${kind}`), bytes);
    }
  }
  console.log(`The Debian FAQ is in ${target}.`);
} catch (error) {
  console.error(`debian.mjs: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
