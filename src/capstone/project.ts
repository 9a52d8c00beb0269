// A project of the capstone: a folder with everything that one application is made of. It begins as a
// copy of a template (datasets/capstone), one for each kind of application, and belongs to the learner
// from then on. Every step reads the folder and writes its result into `results/`, so that steps can be
// repeated and their results read. Left out: versions; put the folder under git.
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { makeFolder, writeAtomically } from "../files";
import type { Prices } from "../languageModel";
import { SearchIndex } from "../retrieval";
import { type Kind, readKind, templateOf } from "./kinds";
import { type EvalQuestion, type OutcomeCosts, readQuestions } from "./questions";
import { cardTemplate, projectReadme, reportTemplate } from "./report";

/** What is decided, and with which prices. All of it is the learner's to change. */
export interface Choices {
  format: typeof FORMAT;
  name: string;
  kind: string;
  /** Which application is served; set by the step `choose`. */
  application?: string;
  /** The least score of BM25 for an answer from the documents; set by the step `choose`. */
  leastScore?: number;
  /** How many questions are drawn for each split, where the kind has a generator. */
  draw: number;
  outcomeCosts: OutcomeCosts;
  /** Of a machine, for an hour, and the share of the time that it is busy. */
  machine: { hourly: number; utilisation: number };
  /** For comparison: a provider's price for a million tokens. */
  api: Prices & { source: string };
}

/** A project as it lies in its folder. */
export interface Project {
  folder: string;
  kind: Kind;
  choices: Choices;
  questions: EvalQuestion[];
}

/** Where the step `adapt` puts the model of a project. */
export const MODEL = "model/checkpoint.safetensors";

const FORMAT = "llm-from-scratch-ts capstone 1" as const;
/**
 * Makes a project from a template.
 * @param folder where it goes; it must not exist
 * @throws if it exists, the name is no name of a folder, or there is no such kind
 */
export function makeProject(folder: string, name: string, kind: string): Project {
  const about = readKind(kind);
  if (!/^[\w][\w.-]*$/.test(name))
    throw new Error(
      `makeProject: expected a name of letters, digits, "-", "_", ".", got "${name}"`,
    );
  if (existsSync(folder))
    throw new Error(
      `makeProject: expected a new folder, got ${folder}, which exists; nothing changed. ` +
        `Its next step, perhaps: npm run capstone ${name} choose`,
    );
  const choices: Choices = {
    ...{ format: FORMAT, name, kind, draw: kind === "customer-service" ? 200 : 0 },
    outcomeCosts: { handOver: 1, wrong: 5, missed: 20 },
    machine: { hourly: 0.1, utilisation: 0.5 },
    api: {
      prompt: 0.1,
      completion: 0.4,
      source: "invented: put in the price of a provider, its page and the day",
    },
  };
  makeFolder(join(folder, "results"));
  const template = templateOf(kind);
  cpSync(join(template, "documents"), join(folder, "documents"), { recursive: true });
  cpSync(join(template, "questions.jsonl"), join(folder, "questions.jsonl"));
  writeChoices(folder, choices);
  writeAtomically(join(folder, "README.md"), [projectReadme(name, about)]);
  writeAtomically(join(folder, "report.md"), [reportTemplate(name, about)]);
  writeAtomically(join(folder, "model-card.md"), [cardTemplate(name, about)]);
  writeAtomically(join(folder, "applications.mjs"), [APPLICATIONS]);
  return readProject(folder);
}

const APPLICATIONS = `// Applications of your own, beside those of the course. Each has a name, and a function from a
// question to { text, isHandedOver, part, usage }; \`npm run capstone NAME choose\` compares them all.
// \`course\` has cascade, handedOver, faqPart, personPart, documentsOf, topicFinder, groundedAnswer,
// openLanguageModel and write; \`project\` is what this folder holds.
export function applications(course, project) {
  return [
    // { name: "mine", answer: async (question) => course.handedOver() },
  ];
}
`;

export const writeChoices = (folder: string, choices: Choices): void =>
  writeAtomically(join(folder, "capstone.json"), [`${JSON.stringify(choices, null, 2)}\n`]);

/**
 * Reads a project.
 * @throws in words if something is missing or wrong
 */
export function readProject(folder: string): Project {
  const file = join(folder, "capstone.json");
  if (!existsSync(file))
    throw new Error(
      `readProject: expected a project in ${folder}, got no capstone.json there; to make one: ` +
        `npm run capstone -- ${basename(folder)} --kind KIND`,
    );
  let choices: Choices;
  try {
    choices = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`readProject: ${file}: expected JSON, got ${(error as Error).message}`);
  }
  if (choices.format !== FORMAT)
    throw new Error(
      `readProject: ${file}: expected the format "${FORMAT}", got "${choices.format}"`,
    );
  checkCosts(file, choices);
  const questions = readQuestions(join(folder, "questions.jsonl"));
  for (const split of ["choose", "test"] as const)
    if (!questions.some((one) => one.split === split))
      throw new Error(`readProject: expected questions of the split "${split}", got none`);
  return { folder, kind: readKind(choices.kind), choices, questions };
}

function checkCosts(file: string, { outcomeCosts, machine, api }: Choices): void {
  const named = { ...outcomeCosts, ...machine, prompt: api?.prompt, completion: api?.completion };
  for (const [name, value] of Object.entries(named))
    if (typeof value !== "number" || !(value >= 0))
      throw new Error(`readProject: ${file}: ${name}: expected a number from 0, got ${value}`);
  const { utilisation } = machine;
  if (!(utilisation > 0 && utilisation <= 1))
    throw new Error(`readProject: ${file}: utilisation: expected 0 to 1, got ${utilisation}`);
}

/** The project's documents, ready to be searched by words. @throws if there are none */
export async function documentsOf(folder: string): Promise<{ index: SearchIndex; text: string }> {
  const names = readdirSync(join(folder, "documents")).filter((name) => /\.(md|txt)$/.test(name));
  if (names.length === 0)
    throw new Error(`documentsOf: expected .md or .txt files in ${folder}/documents, got none`);
  const index = new SearchIndex();
  const texts = names.map((name) => readFileSync(join(folder, "documents", name), "utf8"));
  for (const [i, text] of texts.entries()) await index.put(names[i], text);
  return { index, text: texts.join("\n\n") };
}
