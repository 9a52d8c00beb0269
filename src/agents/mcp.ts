// Tools in another process, by the Model Context Protocol (Anthropic, 2024; here the version of July
// 2026): a server offers tools, whoever has a client lists and calls them, and neither knows how the
// other is made. They speak JSON-RPC over standard input and output, one message per line; the two
// official packages do that. `npm run mcp` is the server of the course's own tools. Left out: resources,
// prompts, HTTP, and servers that ask the client's model.
import { createRequire } from "node:module";
import { join } from "node:path";
import { isRecord } from "../grammar/json";
import { checkTools, runTool, type Tool } from "../tools";

/** The parts of the packages that are used: their types cannot be read by older compilers. */
interface McpContent {
  content: { type: string; text?: string }[];
  isError?: boolean;
}
interface McpServer {
  registerTool(
    name: string,
    config: { description: string; inputSchema: unknown },
    call: (args: Record<string, unknown>) => Promise<McpContent>,
  ): void;
}
interface ServerPackage {
  McpServer: new (about: { name: string; version: string }) => McpServer;
  fromJsonSchema(schema: unknown): unknown;
}
interface StdioServerPackage {
  serveStdio(make: () => McpServer): { close(): Promise<void> };
}
interface McpClient {
  connect(transport: unknown): Promise<void>;
  listTools(): Promise<{ tools: { name: string; description?: string; inputSchema: unknown }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<McpContent>;
  close(): Promise<void>;
}
interface ClientPackage {
  Client: new (about: { name: string; version: string }) => McpClient;
}
interface StdioClientPackage {
  StdioClientTransport: new (server: {
    command: string;
    args: string[];
    stderr: "ignore" | "inherit";
    cwd?: string;
  }) => unknown;
}

const load = <T>(name: string): T =>
  createRequire(__filename)(`@modelcontextprotocol/${name}`) as T;

const ABOUT = { name: "llm-from-scratch-ts", version: "1.0.0" };

/**
 * Offers tools on this process's standard input and output, until the input ends. Nothing else may
 * write to standard output then.
 * @throws if the tools are wrong in themselves
 */
export function serveTools(tools: readonly Tool[]): { close(): Promise<void> } {
  checkTools(tools);
  const { McpServer, fromJsonSchema } = load<ServerPackage>("server");
  const { serveStdio } = load<StdioServerPackage>("server/stdio");
  return serveStdio(() => {
    const server = new McpServer(ABOUT);
    for (const { name, description, parameters } of tools)
      server.registerTool(
        name,
        { description, inputSchema: fromJsonSchema(parameters) },
        async (args) => {
          const { text, isError } = await runTool(tools, { name, arguments: args });
          return { content: [{ type: "text", text }], isError };
        },
      );
    return server;
  });
}

/** The command of the course's own server, for `connectTools(...courseServer())`. */
export const courseServer = (): [command: string, args: string[]] => [
  process.execPath,
  [join(__dirname, "..", "cli", "mcp.js")],
];

/** The tools of another process. */
export interface McpTools {
  /** As an agent takes them; each call goes to the other process. */
  tools: Tool[];
  /** Ends the connection, and the process with it. */
  close(): Promise<void>;
}

/**
 * Starts a server as a child process and asks for its tools. What their descriptions say comes from
 * the server's author and is read by the model: connect only to servers that you trust (lesson 27,
 * safety).
 * @param command such as "node"
 * @param args such as ["server.js"]
 * @throws if the process is no such server
 */
export async function connectTools(
  command: string,
  args: readonly string[] = [],
  { cwd }: { cwd?: string } = {},
): Promise<McpTools> {
  const { Client } = load<ClientPackage>("client");
  const { StdioClientTransport } = load<StdioClientPackage>("client/stdio");
  const client = new Client(ABOUT);
  await client.connect(
    new StdioClientTransport({ command, args: [...args], stderr: "ignore", cwd }),
  );
  const { tools: offered } = await client.listTools();
  const tools = offered.map(({ name, description = "", inputSchema }): Tool => {
    const parameters = isRecord(inputSchema) ? inputSchema : { type: "object" };
    return { name, description, parameters, run: (args) => called(client, name, args) };
  });
  return { tools, close: () => client.close() };
}

/** The text of a result. @throws if it is an error, so that `runTool` makes a result of it again */
async function called(
  client: McpClient,
  name: string,
  args: Record<string, unknown>,
): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const text = content.map((part) => part.text ?? `(${part.type})`).join("\n");
  if (isError) throw new Error(text.replace(/^Error: /, ""));
  return text;
}
