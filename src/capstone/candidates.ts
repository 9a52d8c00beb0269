// The applications between which a project chooses: the course's for its kind, and the learner's
// own from applications.mjs; and the questions that they are asked.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toolModelPath } from "../agents";
import { modelFolder } from "../checkpoint";
import {
  type LanguageModel,
  modelFromEnvironment,
  noUsage,
  openLanguageModel,
  openRun,
  write,
} from "../languageModel";
import { groundedAnswer, type SearchIndex } from "../retrieval";
import { type Application, cascade, handedOver, type Part } from "./application";
import { topicFinder } from "./monitor";
import { documentsOf, MODEL, type Project } from "./project";
import type { EvalQuestion } from "./questions";
import {
  agentPart,
  chatPart,
  drawShopQuestions,
  faqPart,
  personPart,
  rulesPart,
  shopPrices,
} from "./shop";

/** The questions of a split, with those that are drawn where the kind has a generator. */
export function questionsOf({ choices, questions }: Project, split: EvalQuestion["split"]) {
  const written = questions.filter((one) => one.split === split);
  if (choices.kind !== "customer-service" || choices.draw === 0) return written;
  const seed = split === "choose" ? 1 : 2;
  return drawShopQuestions({ count: choices.draw, seed, prices: shopPrices(), split, written });
}

/** Says what a question of this project is about, by the questions for choosing. */
export const topicsOf = (project: Project) => topicFinder(questionsOf(project, "choose"));

/**
 * The applications between which a project chooses: the course's for its kind, and the learner's own.
 * @param leastScore of an answer from the documents
 * @param chat a chat model, if there is one
 */
export async function applicationsOf(
  project: Project,
  leastScore: number,
  chat?: LanguageModel,
): Promise<Application[]> {
  const { folder, choices } = project;
  const { index, text } = await documentsOf(folder);
  const [person, documents] = [personOf(project), faqPart(index, leastScore)];
  const made =
    choices.kind === "customer-service"
      ? await shopApplications(project, [person, documents], text, chat)
      : [
          cascade("person, documents", [person, documents]), // first: of equals, the safer one
          cascade("documents", [documents]),
          ...(chat
            ? [
                cascade("person, documents, chat model", [
                  person,
                  grounded(index, leastScore, chat),
                ]),
              ]
            : []),
        ];
  return [...made, ...(await ownApplications(project))];
}

/**
 * Who hands over. It has seen the questions for choosing, and none of the test. The shop's goes by words
 * alone: among its written questions are none about prices, so that "the price of a lamp" would be most
 * like "the lamp caught fire".
 */
export const personOf = ({ choices, questions }: Project) =>
  personPart(
    choices.kind === "customer-service" ? [] : questions.filter(({ split }) => split === "choose"),
  );

/** A chat model that is shown what was found. */
const grounded = (index: SearchIndex, leastScore: number, chat: LanguageModel): Part => ({
  name: chat.name,
  async say(question) {
    const found = await index.search(question, { k: 2, method: "words" });
    if (found.length === 0 || found[0].score < leastScore) return {};
    const options = { temperature: 0, maxTokens: 60, room: 1500 };
    const { text, usage } = await groundedAnswer(chat, question, found, options);
    return { text, usage };
  },
});

let agentModel: { path: string; model: Promise<LanguageModel> } | undefined;

/** The small GPT with tools: the project's own after `adapt`, else the course's. */
function openAgent(folder: string): Promise<LanguageModel> {
  const own = join(folder, MODEL);
  const path = existsSync(own) ? own : toolModelPath();
  if (agentModel?.path !== path) agentModel = { path, model: openRun(path, { name: "agent" }) };
  return agentModel.model;
}

async function shopApplications(
  { folder }: Project,
  [person, documents]: Part[],
  text: string,
  chat?: LanguageModel,
): Promise<Application[]> {
  const prices = shopPrices();
  const model = await openAgent(folder);
  const [rules, agent] = [rulesPart(prices), agentPart(model, prices)];
  const unchecked = agentPart(model, prices, { checked: false });
  return [
    cascade("rules", [person, rules, documents]),
    cascade("agent, unchecked", [unchecked]),
    cascade("agent", [agent]),
    cascade("rules, documents, agent", [person, rules, documents, agent]),
    cascade("rules, agent, documents", [person, rules, agent, documents]),
    ...(chat ? [cascade("chat model", [chatPart(chat, text, prices)])] : []),
  ];
}

/** What an application of the learner's can be made of. */
const TOOLBOX = {
  ...{ cascade, handedOver, noUsage, faqPart, personPart, documentsOf, topicFinder },
  ...{ openLanguageModel, write, groundedAnswer },
};

/** What the learner has written in applications.mjs. @throws if it is there and does not fit */
async function ownApplications(project: Project): Promise<Application[]> {
  const file = join(project.folder, "applications.mjs");
  if (!existsSync(file)) return [];
  const { applications } = await import(pathToFileURL(file).href);
  if (typeof applications !== "function")
    throw new Error(`ownApplications: ${file}: expected a function applications(course, project)`);
  const made: Application[] = await applications(TOOLBOX, project);
  if (!Array.isArray(made) || made.some((one) => !one?.name || typeof one.answer !== "function"))
    throw new Error(`ownApplications: ${file}: expected a list of { name, answer(question) }`);
  return made;
}

/** Whether an application asks the chat model for comparison, so that it has to be loaded. */
export const asksChatModel = (name: string | undefined): boolean =>
  name?.includes("chat model") ?? false;

/** The chat model for comparison: the one that `LLM_API_URL` names, or SmolLM2 if it was fetched. */
export async function fetchedChat(): Promise<LanguageModel | undefined> {
  const remote = modelFromEnvironment();
  if (remote) return remote;
  return modelFolder("smollm2") ? openLanguageModel("smollm2", { maxRunning: 16 }) : undefined;
}
