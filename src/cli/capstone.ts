// `npm run capstone`: a project for an application of one's own (lesson 30, in practice), step by step.
// The work is done in src/capstone.
import { join } from "node:path";
import {
  adaptStep,
  asksChatModel,
  chooseStep,
  chosenApplication,
  evaluateStep,
  fetchedChat,
  logOf,
  makeProject,
  monitorStep,
  type Project,
  priceStep,
  readProject,
  reportStep,
  serveApplication,
  topicsOf,
  watched,
} from "../capstone";
import { courseRoot } from "../course/paths";
import { useEngine } from "../engine";
import { readKeys } from "../serve";
import { fail, stopServer } from "./command";
import { capstone as command } from "./commands";
import { commandLine } from "./options.cjs";

async function main(): Promise<void> {
  const { values, words } = commandLine(command);
  const [name, step] = words;
  const folder = join(courseRoot(), "capstone", name);
  if (step === undefined) return made(folder, name, values.kind ?? "customer-service");
  const project = readProject(folder);
  if (step === "price") return print(priceStep(project));
  if (step === "monitor") return print(monitorStep(project));
  if (step === "report") return print(reportStep(project));
  await useEngine({ quiet: true });
  if (step === "adapt") return print(await adaptStep(project, { onProgress: console.log }));
  const isNeeded = step === "choose" || asksChatModel(project.choices.application);
  const chat = values["no-chat"] || !isNeeded ? undefined : await fetchedChat();
  if (step === "choose") return print(await chooseStep(project, chat));
  if (step === "evaluate") return print(await evaluateStep(project, chat));
  await served(project, chat, values);
}

function made(folder: string, name: string, kind: string): void {
  const { kind: about } = makeProject(folder, name, kind);
  print([
    `made ${folder}`,
    `${about.title}: ${about.does}`,
    `suggested: ${about.route}`,
    `next: npm run capstone ${name} choose`,
  ]);
}

async function served(
  project: Project,
  chat: Awaited<ReturnType<typeof fetchedChat>>,
  { port, keys }: { port: number; keys?: string },
): Promise<void> {
  const chosen = await chosenApplication(project, chat);
  const application = { ...chosen, name: project.choices.name };
  const file = logOf(project);
  const watching = watched(application, { topicOf: topicsOf(project), file });
  const rules = keys === undefined ? [] : readKeys(keys);
  const server = await serveApplication(watching, { port, keys: rules });
  print([
    `${application.name} (${chosen.name}) answers at ${server.url}/v1, and in the browser at ${server.url}`,
    `its log: ${file} (topics and times, no texts); Ctrl-C stops it`,
  ]);
  stopServer(server);
}

const print = (lines: readonly string[]): void => console.log(lines.join("\n"));

main().catch((error: Error) => fail(`capstone: ${error.message}`));
