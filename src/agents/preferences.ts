// What a user wants remembered from one conversation to the next: personalisation, in a file for each
// user that he can read, change and have deleted. Only what is said in so many words is kept, and only
// if it is a wish or a fact about the user; a model that "infers" traits keeps guesses as facts. Left
// out: consent in the legal sense, encryption (lesson 30, in practice).
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../files";

/** What is known of a user, by topic. */
export type Preferences = Record<string, string>;

const PATTERNS: [pattern: RegExp, read: (found: RegExpExecArray) => [string, string]][] = [
  [/\b(?:[Cc]all me|[Mm]y name is) (\p{Lu}\p{L}*)/u, ([, name]) => ["name", name]],
  [/\bI am (?:a )?(vegetarian|vegan)\b/i, ([, diet]) => ["diet", diet.toLowerCase()]],
  [/\bI am allergic to (\p{L}+)/iu, ([, what]) => [`allergy to ${what.toLowerCase()}`, "yes"]],
  [/\bmy favou?rite (\p{L}+) is (\p{L}+)/iu, ([, of, is]) => [`favourite ${of}`, is]],
  [/\b(?:answer|write) (briefly|in detail)\b/i, ([, how]) => ["answers", how.toLowerCase()]],
  [/\b(?:answer|write|speak) in (English|Chinese|German|French)\b/i, ([, l]) => ["language", l]],
];

/** What a sentence says that is to be remembered; the words after "not" and questions are left alone. */
export function statedPreferences(text: string): Preferences {
  const found: Preferences = {};
  for (const sentence of text.match(/[^.!?]+[.!?]?/g) ?? []) {
    if (/\?$|\b(not|never|if|would)\b|n't\b/i.test(sentence)) continue;
    for (const [pattern, read] of PATTERNS) {
      const match = pattern.exec(sentence);
      if (match) Object.assign(found, Object.fromEntries([read(match)]));
    }
  }
  return found;
}

/** The preferences of users, each in a file of a folder. */
export class PreferenceStore {
  constructor(private readonly folder: string) {}

  private path(user: string): string {
    if (!/^[\w-]{1,64}$/.test(user))
      throw new Error(
        `PreferenceStore: expected a user of 1 to 64 letters, digits, _ and -, got "${user}"`,
      );
    return join(this.folder, `${user}.json`);
  }

  /** What is known of a user; nothing if he is new. */
  get(user: string): Preferences {
    const path = this.path(user);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Preferences) : {};
  }

  /** Adds to what is known; the same topic is replaced, and written at once. */
  remember(user: string, said: Preferences): Preferences {
    if (Object.keys(said).length === 0) return this.get(user);
    const all = { ...this.get(user), ...said };
    mkdirSync(this.folder, { recursive: true });
    writeAtomically(this.path(user), [`${JSON.stringify(all, null, 1)}\n`]);
    return all;
  }

  /** Deletes one topic, or everything. */
  forget(user: string, topic?: string): void {
    const { [topic ?? ""]: _, ...rest } = this.get(user);
    rmSync(this.path(user), { force: true });
    if (topic !== undefined) this.remember(user, rest);
  }
}

/** A sentence for the system message; empty if nothing is known. */
export const toldPreferences = (known: Preferences): string =>
  Object.entries(known).length === 0
    ? ""
    : `About the user: ${Object.entries(known)
        .map(([topic, value]) => `${topic}: ${value}`)
        .join("; ")}.`;
