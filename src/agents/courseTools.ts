// The course's own tools: a calculator, a search, and JavaScript in a sandbox. `npm run mcp` offers them
// to other programs.
import { Bm25, searchTerms } from "../retrieval";
import { runCode } from "../sandbox";
import type { Tool } from "../tools";
import { calculatorTool } from "./calculator";

/** A text that can be found, and where it is from. */
export interface Passage {
  source: string;
  text: string;
}

/** Finds passages; the best first. */
export type Search = (
  query: string,
  most: number,
) => readonly Passage[] | Promise<readonly Passage[]>;

/** A search as a tool: the passages with their sources. */
export const searchTool = (search: Search): Tool => ({
  name: "search",
  description: "Finds passages about a subject in the course's texts.",
  parameters: {
    type: "object",
    properties: { query: { type: "string", description: "a few words" } },
    required: ["query"],
  },
  run: async ({ query }) => {
    const found = await search(String(query), 3);
    if (found.length === 0) return "Nothing was found.";
    return found.map(({ source, text }) => `[${source}] ${text}`).join("\n");
  },
});

/** A search over passages by BM25. */
export function searchByWords(passages: readonly Passage[]): Search {
  const index = new Bm25();
  for (const [i, { text }] of passages.entries()) index.add(String(i), searchTerms(text));
  return (query, most) =>
    index.search(searchTerms(query), most).map(({ id }) => passages[Number(id)]);
}

/**
 * JavaScript in an empty box (llm/sandbox): no files, no network, three seconds. It does not protect
 * from a fault in Linux or in Node, nor from believing what the code prints.
 */
export const codeTool: Tool = {
  name: "run_code",
  description: "Runs JavaScript and gives what it prints with console.log. No files, no network.",
  parameters: {
    type: "object",
    properties: { code: { type: "string" } },
    required: ["code"],
  },
  run: async ({ code }) => {
    const { output, ending } = await runCode(String(code), { seconds: 3 });
    if (ending === "ok") return output.trim() || "(it printed nothing)";
    const last = output.trim().split("\n").slice(-3).join("\n");
    if (ending === "time") throw new Error(`the program took too long\n${last}`);
    if (ending === "output")
      throw new Error(`the program printed too much\n${output.slice(0, 200)}`);
    throw new Error(/^\w*Error: .*$/m.exec(output)?.[0] ?? (last || "the program failed"));
  },
};

/** Calculator, search and code. */
export const courseTools = (search: Search): Tool[] => [
  calculatorTool,
  searchTool(search),
  codeTool,
];
