// A chat bot put together from the parts of this room: an agent that answers, a memory that says what
// it is shown of earlier turns, a form that is filled in over several turns, and the user's preferences,
// which outlive the conversation. What rules can decide is decided by rules (which slot is missing, what
// is to be remembered); the model writes the rest. Left out: voices, several users at once.
import type { Message } from "../chat";
import { type AgentOptions, type AgentRun, runAgent } from "./agent";
import { type Memory, windowMemory } from "./memory";
import { type PreferenceStore, statedPreferences, toldPreferences } from "./preferences";
import { type FormState, fillForm, type Slot, type SlotValues } from "./slots";

export interface ChatBotOptions {
  agent: AgentOptions;
  /** The last four turns if absent. */
  memory?: Memory;
  /** What the bot is told about itself. */
  system?: string;
  preferences?: { store: PreferenceStore; user: string };
  /** A form, and the words that open it. */
  form?: {
    slots: readonly Slot[];
    opens: RegExp;
    /** Called with all values when nothing is missing; says what is answered. */
    done(values: SlotValues): string | Promise<string>;
  };
}

/** An answer, and how it came about. */
export interface BotAnswer {
  text: string;
  /** "form": by the rules of a form · "agent": by the model, whose run is there as well. */
  by: "form" | "agent";
  run?: AgentRun;
  /** What was taken from this turn for the next conversations. */
  remembered: Record<string, string>;
}

/** A conversation with the bot. */
export class ChatBot {
  private readonly memory: Memory;
  private state: FormState | undefined;

  constructor(private readonly options: ChatBotOptions) {
    this.memory = options.memory ?? windowMemory(4);
  }

  /** The form as far as it is filled in; undefined if none is open. */
  get form(): FormState | undefined {
    return this.state;
  }

  async say(text: string): Promise<BotAnswer> {
    const { preferences } = this.options;
    const remembered = preferences ? statedPreferences(text) : {};
    preferences?.store.remember(preferences.user, remembered);
    const answer = (await this.byForm(text)) ?? (await this.byAgent(text));
    await this.memory.add({ user: text, assistant: answer.text });
    return { ...answer, remembered };
  }

  private async byForm(text: string): Promise<Omit<BotAnswer, "remembered"> | undefined> {
    const { form } = this.options;
    if (!form || (!this.state && !form.opens.test(text))) return undefined;
    if (/\b(cancel|never mind|forget it)\b/i.test(text)) {
      this.state = undefined;
      return { text: "All right, I have dropped it.", by: "form" };
    }
    const before = this.state;
    const filled = fillForm(form.slots, before ?? { values: {} }, text);
    // in an open form, a sentence that fills nothing is a question in between
    if (before && filled.filled.length === 0 && filled.faults.length === 0) return undefined;
    this.state = filled.state;
    const changed = filled.corrected.map((name) => `${name} is now ${filled.state.values[name]}.`);
    const said = [...filled.faults, ...changed];
    if (filled.question) return { text: [...said, filled.question].join(" "), by: "form" };
    this.state = undefined;
    return { text: [...said, await form.done(filled.state.values)].join(" "), by: "form" };
  }

  private async byAgent(text: string): Promise<Omit<BotAnswer, "remembered">> {
    const { agent, system = "", preferences } = this.options;
    const known = preferences ? toldPreferences(preferences.store.get(preferences.user)) : "";
    const recalled = await this.memory.recall(text);
    const summaries = recalled.filter(({ role }) => role === "system");
    const told = [system, known, ...summaries.map(({ content }) => content)].filter(Boolean);
    const messages: Message[] = [
      ...(told.length > 0 ? [{ role: "system" as const, content: told.join("\n") }] : []),
      ...recalled.filter(({ role }) => role !== "system"),
      { role: "user", content: text },
    ];
    const run = await runAgent(messages, agent);
    const waiting = this.state ? " (Your booking is still open.)" : "";
    const answer = run.answer ?? `I could not find that out (${run.ending}).`;
    return { text: answer + waiting, by: "agent", run };
  }
}
