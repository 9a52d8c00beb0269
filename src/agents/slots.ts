// A form that is filled in over several turns, as booking systems have done since GUS (Bobrow et al.,
// 1977): each slot knows how to find its value in what is said, later words correct earlier ones, and
// the next question asks for what is missing. No model is needed to keep the state; one may write the
// sentences around it. Left out: values that depend on each other, going back to an earlier form.

/** One thing that has to be known. */
export interface Slot<T = unknown> {
  name: string;
  /** What is asked if it is missing. */
  question: string;
  /**
   * Finds a value in what was said.
   * @param asked whether it is this slot that was asked for, so that "three" can be enough
   * @returns undefined if there is none
   */
  read(text: string, asked: boolean): T | undefined;
  /** Says what is wrong with a value, for the user; undefined if nothing is. */
  fault?(value: T): string | undefined;
}

export type SlotValues = Record<string, unknown>;

/** How far a form is. */
export interface FormState {
  values: SlotValues;
  /** Which slot was asked for last. */
  asked?: string;
}

/** What came of one sentence of the user. */
export interface Filled {
  state: FormState;
  /** Slots that got a value, and those of them that had another one before. */
  filled: string[];
  corrected: string[];
  /** What was wrong with values that were not taken. */
  faults: string[];
  /** What to ask next; undefined if everything is known. */
  question?: string;
}

/**
 * Takes what the user says into a form; `state` stays as it is.
 * @example
 * fillForm(booking, { values: {} }, "A table for 4 on Friday").state.values // { people: 4, day:
 * "Friday" }
 */
export function fillForm(slots: readonly Slot[], state: FormState, text: string): Filled {
  const values: SlotValues = { ...state.values };
  const [filled, corrected, faults]: string[][] = [[], [], []];
  for (const slot of slots) {
    const value = slot.read(text, slot.name === state.asked);
    if (value === undefined) continue;
    const fault = slot.fault?.(value);
    if (fault !== undefined) {
      faults.push(fault);
      continue;
    }
    if (slot.name in values && values[slot.name] !== value) corrected.push(slot.name);
    values[slot.name] = value;
    filled.push(slot.name);
  }
  const missing = slots.find(({ name }) => !(name in values));
  return {
    state: { values, asked: missing?.name },
    ...{ filled, corrected, faults, question: missing?.question },
  };
}

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** The last match of a pattern: a correction comes after what it corrects. */
const lastOf = (text: string, pattern: RegExp): RegExpMatchArray | undefined =>
  [...text.matchAll(pattern)].at(-1);

const counted = (word: string): number => {
  const at = NUMBERS.indexOf(word.toLowerCase());
  return at >= 0 ? at + 1 : Number(word);
};
const COUNT = `(\\d{1,3}|${NUMBERS.join("|")})`;

/** A table in a restaurant: how many people, which day, at what time, in whose name. */
export const booking: readonly Slot[] = [
  {
    name: "people",
    question: "For how many people?",
    read(text, asked) {
      const found =
        lastOf(
          text,
          new RegExp(`\\b(?:for|of|we are) ${COUNT}\\b(?! ?(?::|pm|am|o'clock))`, "gi"),
        ) ??
        lastOf(text, new RegExp(`\\b${COUNT} (?:people|persons|guests|of us)\\b`, "gi")) ??
        (asked ? lastOf(text, new RegExp(`\\b${COUNT}\\b(?! ?(?::|pm|am))`, "gi")) : undefined);
      return found ? counted(found[1]) : undefined;
    },
    fault: (value) =>
      Number(value) >= 1 && Number(value) <= 12 ? undefined : "We have tables for 1 to 12 people.",
  },
  {
    name: "day",
    question: "On which day?",
    read(text) {
      const found = lastOf(text, new RegExp(`\\b(${DAYS.join("|")})\\b`, "gi"))?.[1];
      return DAYS.find((day) => day.toLowerCase() === found?.toLowerCase());
    },
    fault: (value) => (value === "Monday" ? "We are closed on Mondays." : undefined),
  },
  {
    name: "time",
    question: "At what time?",
    read(text, asked) {
      const found =
        lastOf(text, /\b(?:at |to )?(\d{1,2})(?::(\d\d))? ?(am|pm)\b/gi) ??
        lastOf(text, /\b(\d{1,2}):(\d\d)()\b/g) ??
        lastOf(text, /\bat (\d{1,2})()()\b(?! people)/gi) ??
        (asked ? lastOf(text, /\b(\d{1,2})()()\b/g) : undefined);
      if (!found) return undefined;
      const isAfternoon = found[3]?.toLowerCase() === "pm" || (!found[3] && Number(found[1]) < 11);
      const hour = (Number(found[1]) % 12) + (isAfternoon || Number(found[1]) === 12 ? 12 : 0);
      const hours = Number(found[1]) > 12 ? Number(found[1]) : hour;
      return `${String(hours).padStart(2, "0")}:${found[2] || "00"}`;
    },
    fault: (value) =>
      "17:00" <= String(value) && String(value) <= "22:00"
        ? undefined
        : "We are open from 17:00 to 22:00.",
  },
  {
    name: "name",
    question: "In what name?",
    read(text, asked) {
      const found =
        lastOf(text, /\b(?:in the name of|my name is|name is|I am called) (\p{Lu}\p{L}+)/gu)?.[1] ??
        (asked ? lastOf(text, /^\s*(\p{Lu}\p{L}+)[.!]?\s*$/gu)?.[1] : undefined);
      return found && !DAYS.includes(found) ? found : undefined;
    },
  },
];
