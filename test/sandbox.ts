// A copy of the checkout in a folder whose name holds a space and Chinese characters, so that a
// test can edit exercises and notebooks as a learner does without touching anybody's files.
// Packages and .venv are linked, not copied.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Sandbox {
  root: string;
  remove(): void;
}

export function makeSandbox(from = process.cwd()): Sandbox {
  const outer = mkdtempSync(join(tmpdir(), "llm-browser-"));
  const root = join(outer, "my course 课程");
  mkdirSync(root);
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: from,
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter(Boolean)) {
    if (!existsSync(join(from, file))) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(from, file), join(root, file));
  }
  mkdirSync(join(root, "node_modules"));
  for (const entry of readdirSync(join(from, "node_modules"))) {
    if (entry !== "llm")
      symlinkSync(join(from, "node_modules", entry), join(root, "node_modules", entry));
  }
  symlinkSync(join(root, "dist"), join(root, "node_modules", "llm"), "junction");
  symlinkSync(join(from, ".venv"), join(root, ".venv"));
  return { root, remove: () => rmSync(outer, { recursive: true, force: true, maxRetries: 5 }) };
}
