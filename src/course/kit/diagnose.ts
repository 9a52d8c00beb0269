// Why an answer is wrong, where no question of the lesson's test has named it. The kit calls the
// answer on the sweep's inputs and looks for one explanation that fits every wrong result, in this
// order:
//
// a mutant      the answer does what a known wrong answer does
// a repair      the learner's own code with one thing changed is right (./repairs)
// a hypothesis  the reference does the same if it reads its arguments wrongly (./hypotheses)
// a pattern     the result is the right one, changed in a way that has a name (./patterns)
// a variant     the reference does the same with one thing done otherwise (./variants)
// a dependency  the result does not change with an input that should matter
// a condition   the property of an argument with which it is wrong (./conditions), or the kinds
//               of input that are right, and those that are wrong
//
// An explanation is told only if it fits all wrong calls and would change no right one.

import { engineIfAny } from "./assert";
import { inTime } from "./compiled";
import { conditionOf } from "./conditions";
import type { AnyFunction } from "./guard";
import { type Hypothesis, hypothesesOf } from "./hypotheses";
import {
  isNumeric,
  leavesOf,
  type Observation,
  type Observed,
  partsOf,
  withValue,
  wrongParts,
} from "./observe";
import { alike, type Named, type Pair } from "./pairs";
import { patternOf, tendencyOf } from "./patterns";
import type { Repair } from "./repairs";
import type { Sweeper, Swept } from "./sweep";
import { plainMessage, usualCause } from "./told";
import { type Copy, copyOf, differenceOf, fresh } from "./values";
import { type Flat, indexOf, isRecord, isTensor, isTyped } from "./words";

/** A known wrong answer, as a lesson's mutants list it. */
export interface Known {
  name: string;
  answer: AnyFunction;
}

/** At most so many calls are looked at. */
const MOST = 60;
/**
 * How long hypotheses and variants are tried, in milliseconds of this process's own work: on a busy
 * machine the clock would run out earlier, and the same answer be told something else.
 */
const WORK_MS = 5000;
/** And how long repairs are tried. */
const REPAIR_MS = 3000;
/** And by the clock: the check has a deadline, and an answer must not seem endless. */
const CLOCK_MS = 8_000;
/** Repairs, hypotheses and variants together, so that a busy machine does not add them up to 20 s. */
const TOGETHER_MS = 12_000;
interface Until {
  work: number;
  clock: number;
}
const worked = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** What is left by the clock for the last questions. */
const REST_MS = 3_000;
const isLate = ({ clock }: Until) => performance.now() > clock + REST_MS;
const isOver = ({ work, clock }: Until) => worked() > work || performance.now() > clock;

/**
 * What is wrong with an answer, in a sentence or two; undefined where nothing fits.
 *
 * @param known the lesson's mutants
 * @param variants the reference with one thing changed
 * @param repairs the learner's code with one thing changed; none where there is no file
 */
export async function diagnose(
  swept: Swept,
  sweeper: Sweeper,
  known: readonly Known[],
  variants: () => Promise<Iterable<Known>>,
  repairs: () => Promise<Iterable<Repair>> = async () => [],
): Promise<string | undefined> {
  const end = performance.now() + TOGETHER_MS;
  const observed = await observe(swept, sweeper);
  if (observed.wrong.length === 0) return undefined;
  const numeric = observed.wrong.filter(({ actual }) => actual);
  if (numeric.length === 0)
    return [crashOf(observed), (await repair(observed, repairs, end))?.text]
      .filter(Boolean)
      .join(" ");
  const seen = { ...observed, wrong: numeric };
  const parts = wrongParts(seen);
  const mistake = await knownMistake(seen, known); // few, so all are asked
  const change = mistake ? undefined : await repair(observed, repairs, end);
  const clock = Math.min(end, performance.now() + CLOCK_MS);
  const until = { work: worked() + WORK_MS, clock };
  if (change?.fits === "all") {
    // What it comes to, in the words of the task, if that is found at once.
    const also = await hypothesis(seen, parts, { ...until, work: worked() + 700 });
    return also?.fits === "all" ? `${also.text} ${change.text}` : change.text;
  }
  const tried = mistake ? undefined : await hypothesis(seen, parts, until);
  const certain = tried?.fits === "all" ? tried : undefined;
  const said =
    mistake ??
    certain ??
    pattern(seen, parts, patternOf) ??
    (await variant(seen, parts, variants, until)) ??
    tried ??
    (await dependency(seen, swept.answer, parts, until)) ??
    (isLate(until) ? undefined : patternOfSimplest(seen, parts)) ??
    (isLate(until) ? undefined : pattern(seen, parts, tendencyOf));
  const when = conditionOf(observed) ?? kindsOf(observed);
  const kinds = said?.fits === "all" ? undefined : when;
  const stops = said?.fits === "all" ? undefined : stopOf(observed);
  const right = rightParts(seen, parts);
  const sentences = [change?.text, said?.text, right, kinds, stops].filter(
    (text) => text !== undefined,
  );
  return sentences.length ? sentences.join(" ") : undefined;
}

interface Said {
  text: string;
  /** "all": it says when the answer is wrong; the kinds need not be listed. */
  fits: "all" | "part";
}

async function observe(
  { answer, reference, source, sweep }: Swept,
  sweeper: Sweeper,
): Promise<Observed> {
  const all: Observation[] = [];
  const repeats = Math.max(
    1,
    Math.min(sweep.repeats ?? 3, Math.floor(MOST / sweeper.kinds().length)),
  );
  for (const kind of sweeper.kinds())
    for (let k = 0; k < repeats; k++) {
      const args = sweeper.draw(kind, k);
      const observation: Observation = { kind, args, expected: copyOf(await reference(...args)) };
      try {
        observation.actual = copyOf(await answer(...fresh(args)));
        observation.difference = differenceOf(
          observation.actual,
          observation.expected,
          sweep.tolerance,
        );
      } catch (error) {
        observation.error = error instanceof Error ? error : new Error(String(error));
      }
      all.push(observation);
    }
  const isRight = ({ difference, error }: Observation) => !difference && !error;
  return {
    all,
    wrong: all.filter((o) => !isRight(o)),
    right: all.filter(isRight),
    source,
    reference,
    tolerance: sweep.tolerance,
  };
}

/**
 * Whether a copy has the answer's numbers in the parts that are wrong, and in those that the answer
 * has too many: a list that is longer than the right one differs from it only there.
 */
function gives(copy: Copy, { actual, expected }: Observation, parts: readonly string[]): boolean {
  const [made, got, right] = [partsOf(copy), partsOf(actual!), partsOf(expected)];
  const tooMany = [...made.keys(), ...got.keys()].filter((name) => !right.has(name));
  return [...parts, ...tooMany].every((name) => {
    const [a, b] = [made.get(name), got.get(name)];
    if (!a || !b) return a === b;
    if (a.kind !== "numbers" || b.kind !== "numbers")
      return a.kind === "plain" && b.kind === "plain" && Object.is(a.value, b.value);
    return `${a.flat.shape}` === `${b.flat.shape}` && alike(b.flat.data, a.flat.data);
  });
}

/** How much a match says: the numbers that are wrong and nonetheless predicted. */
function weight(observations: readonly Observation[]): number {
  let count = 0;
  for (const { actual, expected } of observations) {
    const got = partsOf(actual!);
    for (const [name, part] of partsOf(expected)) {
      const other = got.get(name);
      if (part.kind !== "numbers" || other?.kind !== "numbers") count += 2;
      else if (`${part.flat.shape}` !== `${other.flat.shape}`) count += 4;
      else
        for (let i = 0; i < part.flat.data.length && count < 100; i++)
          if (!alike([other.flat.data[i]], [part.flat.data[i]])) count++;
    }
  }
  return count;
}

/** Whether wrong calls that agree with an explanation are more than chance. */
const convinces = (observations: readonly Observation[]) => weight(observations) >= 3;

/**
 * A function's results in the answer's place: the same in every call, right and wrong. A wrong answer
 * may spoil its arguments, so each call gets its own.
 */
async function agrees(
  { wrong, right }: Observed,
  parts: readonly string[],
  make: (args: unknown[]) => unknown,
): Promise<boolean> {
  for (const observation of [...wrong, ...right]) {
    let copy: Copy;
    try {
      copy = copyOf(await make(fresh(observation.args)));
    } catch {
      return false;
    }
    if (!gives(copy, observation, parts)) return false;
  }
  return true;
}

async function knownMistake(
  observed: Observed,
  known: readonly Known[],
): Promise<Said | undefined> {
  if (!convinces(observed.wrong)) return undefined;
  const parts = [...partsOf(observed.wrong[0].expected).keys()];
  for (const { name, answer } of known) {
    if (await agrees(observed, parts, (args) => answer(...args)))
      return { text: `This looks like a known mistake: ${name}.`, fits: "all" };
  }
  return undefined;
}

/** One change in the learner's code that makes it right in every call. */
async function repair(
  { wrong, right, tolerance }: Observed,
  repairs: () => Promise<Iterable<Repair>>,
  end: number,
): Promise<Said | undefined> {
  const clock = Math.min(end, performance.now() + REPAIR_MS * 2);
  const until = { work: worked() + REPAIR_MS, clock };
  const tf = engineIfAny();
  const isRight = async (answer: AnyFunction, { args, expected }: Observation) => {
    tf?.engine().startScope();
    try {
      // What was changed may write into its arguments, without end even: it gets its own.
      return !differenceOf(copyOf(await answer(...fresh(args))), expected, tolerance);
    } catch {
      return false;
    } finally {
      tf?.engine().endScope();
    }
  };
  let best = { mended: (2 * wrong.length) / 3, text: "" };
  for (const { text, answer } of await repairs()) {
    if (isOver(until)) break;
    // Most changes mend nothing: the first wrong call shows it.
    if (!(await isRight(answer, wrong[0]))) continue;
    let mended = 1;
    for (const observation of wrong.slice(1)) if (await isRight(answer, observation)) mended++;
    if (mended <= best.mended) continue;
    let harmless = true;
    for (const observation of right) harmless &&= await isRight(answer, observation);
    if (!harmless) continue;
    if (mended === wrong.length)
      return { text: `One change would make every number right, in ${text()}.`, fits: "all" };
    best = { mended, text: text() };
  }
  if (!best.text) return undefined;
  return {
    text:
      `One change would put right ${best.mended} of the ${wrong.length} calls that are wrong, ` +
      `in ${best.text}.`,
    fits: "part",
  };
}

/** The reference with one thing done otherwise, which does what the answer does. */
async function variant(
  observed: Observed,
  parts: readonly string[],
  variants: () => Promise<Iterable<Known>>,
  until: Until,
): Promise<Said | undefined> {
  if (!convinces(observed.wrong)) return undefined;
  const tf = engineIfAny();
  for (const { name, answer } of await variants()) {
    if (isOver(until)) return undefined;
    tf?.engine().startScope();
    try {
      if (await agrees(observed, parts, (args) => answer(...args)))
        return { text: `It is as if ${name}.`, fits: "all" };
    } finally {
      tf?.engine().endScope();
    }
  }
  return undefined;
}

async function hypothesis(
  observed: Observed,
  parts: readonly string[],
  until: Until,
): Promise<Said | undefined> {
  if (!convinces(observed.wrong)) return undefined;
  const { reference } = observed;
  let partly: Said | undefined;
  for (const tried of hypothesesOf(observed)) {
    if (isOver(until)) return partly;
    if (!(await explains(tried, observed, parts))) continue;
    const change = (args: unknown[]) => reference(...(tried.apply(args) ?? args));
    const look = tried.look ? ` ${tried.look[0].toUpperCase()}${tried.look.slice(1)}` : "";
    const text = `The result is what comes out when ${tried.when}.${look}`;
    if (await agrees({ ...observed, wrong: [] }, parts, change)) return { text, fits: "all" };
    // What does not fit the right calls needs more to show for itself.
    if (weight(observed.wrong) >= 12) partly ??= { text, fits: "part" };
  }
  return partly;
}

/**
 * Calls a function with changed inputs. Changed numbers may be steps of 0 and lengths without end, so
 * such a call is cut off when it takes too long.
 */
const ended = (call: AnyFunction, args: unknown[]): unknown =>
  args.some(holdsNumber) ? inTime(() => call(...args)) : call(...args);

/** A number, or options with a number among them, such as the length to be filled up to. */
const holdsNumber = (x: unknown): boolean =>
  typeof x === "number" ||
  (isRecord(x) && Object.values(x).some((value) => typeof value === "number"));

/** Whether a hypothesis gives the answer's results in every wrong call. */
async function explains(
  { apply }: Hypothesis,
  { wrong, reference }: Observed,
  parts: readonly string[],
): Promise<boolean> {
  const tf = engineIfAny();
  for (const observation of wrong) {
    tf?.engine().startScope();
    try {
      const args = apply(observation.args);
      if (!args || !gives(copyOf(await ended(reference, args)), observation, parts)) return false;
    } catch {
      return false;
    } finally {
      tf?.engine().endScope();
    }
  }
  return true;
}

/** Sizes and options of a call, by the names that the task gives them. */
function namedNumbers({ args }: Observation, { source }: Observed): Named {
  const named = new Map<string, number>();
  const letters = lettersOf(source.doc);
  for (const { name, value } of leavesOf(args, source)) {
    const short = name.replace(/^.*\./, "");
    if (typeof value === "number") named.set(name, value);
    const shape = isTensor(value)
      ? value.shape
      : Array.isArray(value) || isTyped(value)
        ? arrayShape(value)
        : [];
    const names = letters.get(short);
    const code = isTensor(value) ? `${name}.shape[#]` : `${name}#.length`;
    shape.forEach((n, axis) => {
      const letter = names?.at(axis - shape.length);
      if (letter !== undefined && /^\p{L}$/u.test(letter) && !named.has(letter))
        named.set(letter, n);
      named.set(code.replace("#", isTensor(value) ? String(axis) : axis === 0 ? "" : "[0]"), n);
    });
    if (isTensor(value) && value.rank > 1) named.set(`${name}.size`, value.size);
  }
  return named;
}

function arrayShape(value: ArrayLike<unknown>): number[] {
  const first = value[0];
  return Array.isArray(first) || isTyped(first) ? [value.length, first.length] : [value.length];
}

/** "x (B, T, C)" and "weight_ih_l0 (4·H, I)" in a doc comment: the letters of the axes. */
function lettersOf(doc: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, name, inner] of doc.matchAll(/`?([\p{L}_][\w]*)`? \(([^()]*)\)/gu))
    if (/^[\p{L}\d·…\s,+]+$/u.test(inner) && !found.has(name))
      found.set(
        name,
        inner.split(",").map((letter) => letter.trim()),
      );
  return found;
}

function flatOf(value: unknown): Flat | undefined {
  if (!isTensor(value) && !isTyped(value) && !isNumeric(value)) return undefined;
  const copy = copyOf(value);
  return copy.kind === "numbers" ? copy.flat : undefined;
}

/** A wrong part as pairs for the patterns, one for each wrong call. */
function pairsOf(observed: Observed, part: string): Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const observation of observed.wrong) {
    const [got, right] = [partsOf(observation.actual!), partsOf(observation.expected)];
    const [a, e] = [got.get(part), right.get(part)];
    if (a?.kind !== "numbers" || e?.kind !== "numbers") return undefined;
    if (!differenceOf(a, e, observed.tolerance)) continue;
    const given = new Map<string, Flat>();
    for (const { name, value } of leavesOf(observation.args, observed.source)) {
      const flat = flatOf(value);
      if (flat) given.set(name, flat);
    }
    const others = new Map<string, Flat>();
    for (const [name, other] of right)
      if (name !== part && other.kind === "numbers") others.set(name, other.flat);
    pairs.push({
      actual: a.flat,
      expected: e.flat,
      named: namedNumbers(observation, observed),
      given,
      others,
    });
  }
  return pairs;
}

function pattern(
  observed: Observed,
  parts: readonly string[],
  find: (pairs: readonly Pair[]) => string | undefined,
): Said | undefined {
  const texts = parts.map((part) => {
    const pairs = pairsOf(observed, part);
    const said = pairs?.length ? find(pairs) : undefined;
    return said && part ? `\`${part}\`: ${said}` : said;
  });
  if (parts.length === 1 && parts[0] === "" && textual(observed)) return textual(observed);
  const said = texts.filter((text) => text !== undefined);
  if (said.length === 0) return undefined;
  return { text: said.slice(0, 2).join(" "), fits: "part" };
}

/** What fits the first kinds of input at least: the others may have more to them. */
function patternOfSimplest(observed: Observed, parts: readonly string[]): Said | undefined {
  const kinds = [...new Set(observed.wrong.map(({ kind }) => kind))];
  for (const count of [Math.ceil(kinds.length / 2), 3, 2, 1]) {
    const first = kinds.slice(0, count);
    const wrong = observed.wrong.filter(({ kind }) => first.includes(kind));
    const said = pattern({ ...observed, wrong }, parts, patternOf);
    if (said) return { ...said, text: `With ${first.slice(0, 2).join(" and ")}: ${said.text}` };
  }
  return undefined;
}

/** How wrong texts differ from the right ones. */
function textual({ wrong }: Observed): Said | undefined {
  const pairs = wrong.map(({ actual, expected }) =>
    actual?.kind === "plain" && expected.kind === "plain" ? [actual.value, expected.value] : [],
  );
  if (!pairs.every(([a, e]) => typeof a === "string" && typeof e === "string")) return undefined;
  const texts = pairs as [string, string][];
  const words = (text: string) => text.match(/[\p{L}'’]+/gu)?.join(" ") ?? "";
  const kinds: [string, (a: string, e: string) => boolean][] = [
    ["Only capital and small letters differ.", (a, e) => a.toLowerCase() === e.toLowerCase()],
    [
      "Only spaces differ: those between the words must stay as they were.",
      (a, e) => a.replace(/\s+/g, "") === e.replace(/\s+/g, ""),
    ],
    [
      "Only what stands between the words differs: spaces and marks must stay as they were.",
      (a, e) => words(a) === words(e),
    ],
    ["The end is missing.", (a, e) => e.startsWith(a)],
    ["The beginning is missing.", (a, e) => e.endsWith(a)],
    ["Something stands after the right text.", (a, e) => a.startsWith(e)],
    ["Something stands before the right text.", (a, e) => a.endsWith(e)],
  ];
  // One right text says little: "unsupported" ends in "supported" by chance.
  const isVerdict = new Set(texts.map(([, right]) => right)).size === 1;
  for (const [text, fits] of kinds)
    if (!isVerdict && texts.every(([a, e]) => fits(a, e))) return { text, fits: "part" };
  return undefined;
}

/**
 * The parts of a result that are right, if some are. Items of lists are not named: the kinds of
 * input decide which of them are right.
 */
function rightParts({ wrong }: Observed, parts: readonly string[]): string | undefined {
  const all = [...partsOf(wrong[0].expected).keys()];
  const right = all.filter((name) => !parts.includes(name) && !/^\d/.test(name));
  if (right.length === 0 || all.length < 2) return undefined;
  return `(${right.map((name) => `\`${name}\``).join(" and ")} ${right.length > 1 ? "are" : "is"} right.)`;
}

/**
 * Which inputs, or places in them, the answer does not look at, though the result depends on them.
 */
async function dependency(
  { wrong, source, reference }: Observed,
  answer: AnyFunction,
  parts: readonly string[],
  until: Until,
): Promise<Said | undefined> {
  const part = (copy: Copy) => parts.map((name) => partsOf(copy).get(name));
  const changes = (a: Copy, b: Copy) =>
    part(a).some((x, i) => {
      const y = part(b)[i];
      return !x || !y || differenceOf(x, y) !== undefined;
    });
  // Name of an input, or of a place in one → whether the answer ignored every change there.
  const ignored = new Map<string, boolean>();
  const isOrdinary = ({ actual }: Observation) =>
    [...partsOf(actual!).values()].every(
      (copy) => copy.kind !== "numbers" || Array.from(copy.flat.data).every(Number.isFinite),
    );
  for (const { args, actual, expected } of wrong.filter(isOrdinary).slice(0, 6))
    for (const { name, path, value } of leavesOf(args, source))
      for (const [place, other] of nudges(value)) {
        if (isLate(until)) return undefined;
        const what = place ? `${place} of \`${name}\`` : `\`${name}\``;
        if (ignored.get(what) === false) continue;
        const moved = withValue(args, path, other);
        try {
          if (!changes(copyOf(await ended(reference, moved)), expected)) continue;
          ignored.set(what, !changes(copyOf(await ended(answer, moved)), actual!));
        } catch {
          // The change is not allowed here: it says nothing.
        }
      }
  const names = [...ignored].filter(([, never]) => never).map(([what]) => what);
  const whole = names.filter((name) => name.startsWith("`"));
  // A place that makes no difference in a few special calls says little.
  const often = new Set(wrong.map(({ kind }) => kind)).size > 3;
  const list = whole.length ? whole : often ? names : [];
  if (list.length === 0) return undefined;
  const which = list.slice(0, 3).join(" and ");
  const verb = list.length > 1 ? "change" : "changes";
  return { text: `The result does not change when ${which} ${verb}: is it used?`, fits: "part" };
}

/** Other contents of the same form, in all places or in some. */
function nudges(value: unknown): [place: string, other: unknown][] {
  const tf = engineIfAny();
  if (typeof value === "number")
    return [["", Number.isInteger(value) ? value + 1 : value * 1.3 + 0.1]];
  if (isTensor(value) && tf) {
    if (value.dtype === "bool") return [["", tf.logicalNot(value)]];
    if (value.dtype !== "float32" || value.size === 0) return [];
    const made = (where: (index: number[]) => boolean) => {
      const by = Array.from({ length: value.size }, (_, i) =>
        where(indexOf(value.shape, i)) ? 0.3 * Math.cos(2 + 3 * i) : 0,
      );
      return tf.add(value, tf.tensor(by, value.shape));
    };
    const places: [string, unknown][] = [["", made(() => true)]];
    for (const [axis, n] of value.shape.entries()) {
      if (n < 2) continue;
      const name =
        value.rank === 1
          ? "place"
          : axis === value.rank - 1
            ? "column"
            : axis === value.rank - 2
              ? "row"
              : `part along axis ${axis}`;
      places.push([`the last ${name}`, made((index) => index[axis] === n - 1)]);
      places.push([`the first ${name}`, made((index) => index[axis] === 0)]);
    }
    return places;
  }
  if (!isNumeric(value)) return [];
  const move = (x: unknown, i: number): unknown =>
    Array.isArray(x) ? x.map(move) : (x as number) + (Number.isInteger(x) ? 1 + i : 0.3 + 0.1 * i);
  const list = value as unknown[];
  const only = (at: number) => list.map((x, i) => (i === at ? move(x, i) : x));
  const nested = Array.isArray(list[0]);
  const places: [string, unknown][] = [["", list.map(move)]];
  if (list.length > 1) {
    places.push([`the last ${nested ? "row" : "place"}`, only(list.length - 1)]);
    places.push([`the first ${nested ? "row" : "place"}`, only(0)]);
  }
  if (nested) {
    const column = (at: (row: unknown[]) => number) =>
      list.map((row) => (row as unknown[]).map((x, i, all) => (i === at(all) ? move(x, i) : x)));
    places.push(
      ["the last column", column((row) => row.length - 1)],
      ["the first column", column(() => 0)],
    );
  }
  return places;
}

/** Answers that only stop, and return nothing wrong. */
const crashOf = (observed: Observed): string =>
  [stopOf(observed), conditionOf(observed) ?? kindsOf(observed)].filter(Boolean).join(" ");

/** How the answer stops, where it does. */
function stopOf({ wrong }: Observed): string | undefined {
  const stopped = wrong.find(({ error }) => error);
  if (!stopped) return undefined;
  const said = plainMessage(stopped.error!.message).split("\n")[0];
  const cause = usualCause(stopped.error!, said);
  return `With ${stopped.kind} it stops: ${said}${cause ? ` ${cause}` : ""}`;
}

/** "Right with …; wrong with …", where that says something. */
function kindsOf({ all, wrong, right }: Observed): string | undefined {
  const kinds = (list: Observation[]) => [...new Set(list.map(({ kind }) => kind))];
  const [bad, good] = [kinds(wrong), kinds(right).filter((kind) => !kinds(wrong).includes(kind))];
  if (good.length === 0) {
    const some = right.length > 0 && right.length < all.length;
    return some ? undefined : "It is wrong with every kind of input.";
  }
  const shown = (list: string[]) =>
    list.length > 3
      ? `${list.slice(0, 3).join("; ")} (and ${list.length - 3} more)`
      : list.join("; ");
  return bad.length <= good.length
    ? `It is right with ${good.length} kinds of input, and wrong only with: ${shown(bad)}.`
    : `It is wrong with ${bad.length} kinds of input, and right only with: ${shown(good)}.`;
}
