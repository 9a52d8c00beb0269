// What the tests of tools/teach share: its modules, which are plain JavaScript, and a teacher's
// folder of their own.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";

export const root = resolve(__dirname, "../../..");

// biome-ignore lint/suspicious/noExplicitAny: the tools are JavaScript
export const load = (path: string): Promise<any> => import(pathToFileURL(join(root, path)).href);
export const tool = (name: string) => load(`tools/teach/${name}.mjs`);

/** A folder that goes when the tests of the file are done. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-teach-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);
  return folder;
}

/** Makes a folder the teacher's, with these files. */
export function teachIn(folder: string, files: Record<string, string> = {}): void {
  process.env.LLM_TEACHING = folder;
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** A submission as the intake gives it: causalMask of lesson 06 (attention), unless told. */
export const submissionOf = (text: string, { student = "ada", lesson = "06-attention" } = {}) => ({
  student,
  lesson,
  text,
  encoding: "utf8",
  sha256: createHash("sha256").update(text).digest("hex"),
  submittedAt: "2026-12-01T10:00:00Z",
  timeSource: "file",
  attempt: 1,
});

/** What a function throws, as its message; "" where it throws nothing. */
export async function said(work: () => unknown): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** The lines that a verb prints. */
export async function printed(work: () => unknown): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...words: unknown[]) => void lines.push(words.join(" "));
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}
