// What an agent is shown of earlier turns. The whole conversation costs ever more and ends at the
// model's context; three ways to show less:
//
//     window      the last turns
//     summary     the last turns, and a summary of those before, which grows turn by turn
//     retrieval   the last turn, and those earlier ones that say most about the question (as in MemGPT,
//                 Packer et al., 2023, where the model asks for them itself; here the question does)
//
// Left out: forgetting, several users (what is known of a user is in ./preferences).
import type { Message } from "../chat";
import { Bm25, searchTerms } from "../retrieval";

/** A question and its answer. */
export interface Turn {
  user: string;
  assistant: string;
}

/** Keeps turns, and says which messages come before a new question. */
export interface Memory {
  add(turn: Turn): Promise<void>;
  /** What is shown before the question. */
  recall(question: string): Promise<Message[]>;
}

const messagesOf = (turns: readonly Turn[]): Message[] =>
  turns.flatMap(({ user, assistant }): Message[] => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ]);

/** The last `turns` turns; Infinity keeps all. */
export function windowMemory(turns: number): Memory {
  const all: Turn[] = [];
  return {
    add: async (turn) => void all.push(turn),
    recall: async () => messagesOf(all.slice(Math.max(0, all.length - turns))),
  };
}

/** Makes one summary of an old one and the turn that leaves the window. */
export type Summarise = (summary: string, turn: Turn) => string | Promise<string>;

/** The last turns, and a summary of the others as a message of the system. */
export function summaryMemory(turns: number, summarise: Summarise): Memory {
  const kept: Turn[] = [];
  let summary = "";
  return {
    async add(turn) {
      kept.push(turn);
      while (kept.length > turns) summary = await summarise(summary, kept.shift() as Turn);
    },
    async recall() {
      const content = `Earlier in this conversation: ${summary}`;
      const before: Message[] = summary === "" ? [] : [{ role: "system", content }];
      return [...before, ...messagesOf(kept)];
    },
  };
}

/**
 * A summary without a model: what the user says about himself stays, of everything else nothing. At
 * most so many characters; the oldest sentences go first.
 */
export const keepStatements =
  (longest = 400): Summarise =>
  (summary, { user }) => {
    const statements = user.match(/[^.!?]+[.!]/g) ?? [];
    const about = statements.filter((sentence) => /\b(I|my|me|we|our)\b/i.test(sentence));
    const all = [summary, ...about.map((sentence) => sentence.trim())].filter(Boolean).join(" ");
    return all.length <= longest ? all : all.slice(all.indexOf(" ", all.length - longest) + 1);
  };

/** Finds the texts nearest to a query. @returns their places in the list, best first */
export type FindTexts = (
  texts: readonly string[],
  query: string,
  most: number,
) => number[] | Promise<number[]>;

/** The last turn, and before it the earlier turns that fit the question, in the order of their time. */
export function recallMemory(most: number, find: FindTexts = byWords): Memory {
  const all: Turn[] = [];
  return {
    add: async (turn) => void all.push(turn),
    async recall(question) {
      const earlier = all.slice(0, -1).map(({ user, assistant }) => `${user} ${assistant}`);
      const found = await find(earlier, question, most);
      const places = [...found].sort((a, b) => a - b);
      return messagesOf([...places.map((i) => all[i]), ...all.slice(-1)]);
    },
  };
}

/** Finds by BM25 (lesson 25, retrieval); a word that the query has twice counts once. */
export function byWords(texts: readonly string[], query: string, most: number): number[] {
  const index = new Bm25();
  for (const [i, text] of texts.entries()) index.add(String(i), searchTerms(text));
  return index.search([...new Set(searchTerms(query))], most).map(({ id }) => Number(id));
}
