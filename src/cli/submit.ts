// `npm run submit 06`: the zip that a learner hands in. Asks for the name once, in a terminal.

import { createInterface } from "node:readline/promises";
import { CourseError } from "../course/paths";
import { submit as makeZip, rememberedStudent } from "../course/submit";
import { command } from "../course/terminal";
import { submit } from "./commands";
import { commandLine } from "./options.cjs";

const [lesson, ...name] = commandLine(submit).words;

async function whose(): Promise<string> {
  const known = name.join(" ") || rememberedStudent();
  if (known !== undefined) return known;
  if (!process.stdin.isTTY)
    throw new CourseError(
      `submit: expected the name your teacher knows you by, got nothing. Give it once: ` +
        `npm run submit ${lesson} ada`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    "The name, email or number your teacher knows you by (kept for the next time): ",
  );
  terminal.close();
  return answer;
}

command(async () => {
  for (const sentence of makeZip(lesson, { student: await whose() }).said) console.log(sentence);
  return 0;
});
