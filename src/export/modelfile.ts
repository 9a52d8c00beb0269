// A model for Ollama: a Modelfile, which names the GGUF file, how a conversation becomes one text, what
// ends an answer and how long a text may be. There the conversation's form is a template of Go's
// (text/template); it is found here by filling the model's own template in Jinja with a few messages and
// looking at what stands around them. Formats: ollama/ollama, docs/modelfile.md and
// docs/template.md; that system messages are among .Messages, and that neighbours of one role are
// one message, is in its template.go. Left out: tools, and templates whose turns depend on more
// than their role.
import { type ChatForm, endTokens, fillTemplate, type Message, templateMarks } from "../chat";

/** What stands before and after the words of a role's message. */
interface Around {
  before: string;
  after: string;
}

/** A conversation's form, taken apart. */
interface Parts {
  /** Before the first message if there is no system message: nothing, or one by default. */
  opening: string;
  user: Around;
  assistant: Around;
  /** Absent where the template refuses system messages. */
  system?: Around;
  /** Before the answer. */
  answer: string;
}

type Role = "system" | "user" | "assistant";
const turn = (role: Role, content: string): Message => ({ role, content });
/** Words that no template contains. */
const [S, U, A] = ["⟦system⟧", "⟦user⟧", "⟦assistant⟧"];

/**
 * A chat template in Jinja as one in Go, for Ollama.
 * @param jinja its messages must be written one after the other, each by its role alone
 * @param marks what else the template names: `bos_token`, `eos_token`
 * @throws if they are not, or the template contains what a Modelfile cannot
 */
export function goTemplate(jinja: string, marks: Record<string, string> = {}): string {
  const parts = takenApart(jinja, marks);
  const { opening, user, assistant, system, answer } = parts;
  const all = [
    opening,
    answer,
    ...[user, assistant, system].flatMap((x) => Object.values(x ?? {})),
  ];
  if (all.some((text) => /\{\{|"""/.test(text)))
    throw new Error('goTemplate: expected a template without {{ and """ in its text, got one with');
  const written = ({ before, after }: Around) => `${before}{{ .Content }}${after}`;
  const roles = Object.entries({ system, user, assistant }).flatMap(([role, around]) =>
    around ? [`if eq .Role "${role}" }}${written(around)}`] : [],
  );
  return [
    opening === "" ? "" : `{{ if not .System }}${opening}{{ end }}`,
    `{{ range .Messages }}{{ ${roles.join("{{ else ")}{{ end }}{{ end }}`,
    answer,
  ].join("");
}

/** @throws where longer conversations are not their parts one after the other */
function takenApart(jinja: string, marks: Record<string, string>): Parts {
  const fill = (messages: Message[], addGenerationPrompt = false) =>
    fillTemplate(jinja, messages, { addGenerationPrompt, values: marks });
  const [u, a, s] = [turn("user", U), turn("assistant", A), turn("system", S)];
  const short = fill([u]);
  const pair = fill([u, a]);
  const assistant = around(rest(pair, short), A);
  const again = rest(fill([u, a, u]), pair);
  const user = around(again, U);
  if (!short.endsWith(again)) throw irregular();
  const opening = short.slice(0, short.length - again.length);
  const answer = rest(fill([u], true), short);
  const system = systemOf(() => fill([s, u]), again);
  const parts = { opening, user, assistant, answer, ...(system ? { system } : {}) };
  const dialogues = [
    [u],
    [u, a, u],
    [u, a, u, a, u],
    ...(system
      ? [
          [s, u],
          [s, u, a, u],
        ]
      : []),
  ];
  for (const messages of dialogues)
    if (fill(messages, true) !== putTogether(parts, messages)) throw irregular();
  return parts;
}

function systemOf(fill: () => string, user: string): Around | undefined {
  let text: string;
  try {
    text = fill();
  } catch {
    return undefined; // the template refuses it
  }
  if (!text.endsWith(user)) throw irregular();
  return around(text.slice(0, text.length - user.length), S);
}

function putTogether({ opening, answer, ...roles }: Parts, messages: readonly Message[]): string {
  const written = messages.map(({ role, content }) => {
    const { before, after } = roles[role as Role] as Around;
    return before + content + after;
  });
  return [messages[0].role === "system" ? "" : opening, ...written, answer].join("");
}

const irregular = () =>
  new Error("goTemplate: expected messages that are written by their role alone, got others");

function rest(text: string, beginning: string): string {
  if (text.startsWith(beginning)) return text.slice(beginning.length);
  throw irregular();
}

function around(text: string, words: string): Around {
  const [before, after, ...more] = text.split(words);
  if (after === undefined || more.length > 0) throw irregular();
  return { before, after };
}

/** A text in a Modelfile's quotes. */
const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/**
 * A Modelfile.
 * @param file the GGUF file, relative to the Modelfile
 * @param contextLength the longest text in tokens
 * @throws as `goTemplate`
 * @example ollama create mine -f Modelfile; ollama run mine
 */
export function modelfile(
  { tokenizer, chatTemplate, generation }: ChatForm,
  { file, contextLength }: { file: string; contextLength: number },
): string {
  const nameOf = (id: number) => tokenizer?.decode([id]) ?? "";
  const marks = templateMarks({ tokenizer, generation });
  const template = chatTemplate === undefined ? "{{ .Prompt }}" : goTemplate(chatTemplate, marks);
  const ends = [...endTokens({ generation })].map(nameOf).filter((name) => name !== "");
  return [
    `FROM ./${file}`,
    `TEMPLATE """${template}"""`,
    ...ends.map((end) => `PARAMETER stop ${quoted(end)}`),
    `PARAMETER num_ctx ${contextLength}`,
    "",
  ].join("\n");
}
