// The one reader of command lines: what every `npm run …` accepts is declared in a table
// (./commands.ts for the learner's commands, tools/commands.mjs for the repository's), and from the
// table come the values, the text of --help and the sentence that refuses everything else. Node's
// own parseArgs takes the words apart. It is plain JavaScript because the tools run before anything
// is compiled. Types: options.d.cts.

const { parseArgs } = require("node:util");
const { columns, wrap } = require("../display/wrap.cjs");

/** A command line that asks for what is not there: told as a sentence, exit code 2. */
class UsageError extends Error {
  name = "UsageError";
}

/** What a user typed, in quotes, short and without control characters. */
function quoted(text) {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const code = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    code,
  );
}

/** How many letters to insert, delete, change or swap with their neighbour to make b of a. */
function distance(a, b) {
  const d = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= b.length; j++) d[0][j] = j;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.length][b.length];
}

/** The one of `names` that was probably meant, if any is near enough. */
function nearest(word, names) {
  if (word.length > 40) return undefined;
  const far = (name) =>
    word.length > 2 && name.startsWith(word) ? 0 : distance(word.toLowerCase(), name);
  const [best] = names.map((name) => ({ name, far: far(name) })).sort((a, b) => a.far - b.far);
  const most = Math.max(1, Math.floor(word.length / 3));
  return best !== undefined && best.far <= most ? best.name : undefined;
}

const didYouMean = (word, names, mark = "") => {
  const name = nearest(word, names);
  return name === undefined ? "" : `; did you mean ${mark}${name}?`;
};

const isMany = (option) => option.value?.includes("…") ?? false;
const isOptional = (option) => option.value?.startsWith("[") ?? false;

/** A value as its row says, or a sentence without its beginning. */
function valueFrom(option, text) {
  if (text === "" || (text.trim() === "" && !option.blank))
    throw new UsageError("expected something, got an empty text");
  return option.list ? text.split(",").map((part) => partOf(option, part)) : partOf(option, text);
}

function partOf({ whole, number, choices, list }, text) {
  if (choices && !choices.includes(text))
    throw new UsageError(
      `expected ${list ? "some of" : "one of"} ${choices.join(", ")}, got ${quoted(text)}` +
        didYouMean(text, choices),
    );
  if (whole === undefined && number === undefined) return text;
  const [least, most = Number.POSITIVE_INFINITY] = [whole ?? number].flat();
  const n = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const fits = whole === undefined ? Number.isFinite(n) : Number.isSafeInteger(n);
  if (fits && n >= least && n <= most) return n;
  const range = most < Number.POSITIVE_INFINITY ? `from ${least} to ${most}` : `≥ ${least}`;
  const what = `${list ? "" : "a "}${whole === undefined ? "" : "whole "}number${list ? "s" : ""}`;
  throw new UsageError(`expected ${what} ${range}, got ${quoted(text)}`);
}

/** Stands for the value of an option that was given without one; no argument holds a NUL. */
const NOTHING = "\0";

/** parseArgs gives a text option the next word, whatever it is: here it gets its own or none. */
function withValues(args, options) {
  const result = [];
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return [...result, ...args.slice(i)];
    const name = arg.startsWith("--") ? arg.slice(2) : "";
    const takes = Object.hasOwn(options, name) && options[name].value !== undefined;
    const next = args[i + 1];
    const none = next === undefined || /^-[^\d.]/.test(next);
    result.push(takes && none ? `${arg}=${NOTHING}` : arg);
  }
  return result;
}

/** What npm keeps of `npm run train --steps 5`, where the two dashes are missing. */
function keptByNpm(command, env) {
  const given = {};
  if (env.npm_lifecycle_event !== command.name) return given;
  for (const [name, option] of Object.entries(command.options)) {
    const kept = env[`npm_config_${name.replaceAll("-", "_")}`];
    // of --no-chat npm makes an empty chat
    const isRefused = name.startsWith("no-") && env[`npm_config_${name.slice(3)}`] === "";
    if (!isRefused && (!kept || kept === "false")) continue;
    if (option.npm === "takes" && option.value === undefined) given[name] = true;
    else if (option.npm !== "own")
      throw new UsageError(
        `npm keeps --${name} to itself; two dashes hand it on: npm run ${command.name} -- --${name}`,
      );
  }
  return given;
}

/** Reads the words that are no options: a verb's, or those that the table allows. */
function checkWords(command, words) {
  const { least = 0, most = 0, what = "", choices, after = {} } = command.words ?? {};
  if (words.some((word) => word.trim() === ""))
    throw new UsageError("expected words with something in them, got an empty text");
  if (Object.hasOwn(after, words[0])) {
    if (words.length === 2) return;
    const got = words.length === 1 ? "nothing" : quoted(words.slice(1).join(" "));
    throw new UsageError(`expected ${after[words[0]]} after ${words[0]}, got ${got}`);
  }
  if (words.length > most)
    throw new UsageError(
      most === 0
        ? `expected options only, got ${quoted(words[0])}`
        : `expected ${what} and nothing else, got ${quoted(words[most])}`,
    );
  if (words.length < least)
    throw new UsageError(`expected ${what}, got ${words.length === 0 ? "nothing" : "too little"}`);
  const other = words.find((word) => choices && !choices.includes(word));
  if (other === undefined) return;
  const known = Object.hasOwn(after, other) ? [] : [...choices, ...Object.keys(after)];
  throw new UsageError(`expected ${what}, got ${quoted(other)}${didYouMean(other, known)}`);
}

/**
 * Reads a command line. @returns {{ verb, values, words, passed } | { help }}
 * @throws UsageError whose message is one sentence
 */
function readOptions(command, args, env = process.env) {
  if (command.verbs) {
    const [verb, ...rest] = args;
    if (verb === undefined || verb === "--help" || verb === "-h" || verb === "help")
      return { help: helpText(command) };
    if (!Object.hasOwn(command.verbs, verb))
      throw new UsageError(
        `${command.name}: expected one of ${Object.keys(command.verbs).join(", ")}, got ` +
          quoted(verb) +
          didYouMean(verb, Object.keys(command.verbs)),
      );
    const chosen = {
      about: command.about,
      name: `${command.name} ${verb}`,
      options: {},
      ...command.verbs[verb],
    };
    const read = readOptions(chosen, rest, env);
    // The help of a command is short enough to tell of all its verbs.
    return read.help === undefined ? { verb, ...read } : { help: helpText(command) };
  }
  try {
    return readWords(command, args, env);
  } catch (error) {
    if (error instanceof UsageError) error.message = `${command.name}: ${error.message}`;
    throw error;
  }
}

function readWords(command, args, env) {
  const { options } = command;
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  if (before.includes("--help") || before.includes("-h")) return { help: helpText(command) };
  const types = Object.entries(options).map(([name, { value }]) => [
    name,
    { type: value === undefined ? "boolean" : "string" },
  ]);
  const { tokens } = parseArgs({
    args: withValues(args, options),
    options: Object.fromEntries(types),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = keptByNpm(command, env);
  const words = [];
  const passed = [];
  let open; // an option that takes several values, as long as they follow
  for (const token of tokens) {
    if (token.kind === "option-terminator") open = undefined;
    else if (token.kind === "positional") {
      if (open) open.push(valueFrom({}, token.value));
      else if (command.passes) passed.push(token.value);
      else words.push(token.value);
    } else {
      const { name, rawName, value } = token;
      open = undefined;
      if (!rawName.startsWith("--") || !Object.hasOwn(options, name)) {
        if (command.passes?.test(rawName)) passed.push(args[token.index] ?? rawName);
        else unknown(command, rawName);
        continue;
      }
      open = takeOption(options[name], name, value, values);
    }
  }
  checkWords(command, words);
  const said = command.rule?.(values, words);
  if (said !== undefined) throw new UsageError(said);
  for (const [name, option] of Object.entries(options))
    if (values[name] === undefined && (option.default !== undefined || option.value === undefined))
      values[name] = option.value === undefined ? false : option.default;
  return { values, words, passed };
}

function unknown(command, rawName) {
  const names = [...Object.keys(command.options), "help"];
  const meant = didYouMean(rawName.replace(/^-+/, ""), names, "--");
  const where = meant || `; \`npm run ${command.name.split(" ")[0]} -- --help\` lists them`;
  throw new UsageError(`there is no option ${quoted(rawName).slice(1, -1)}${where}`);
}

/** Notes one option. @returns the list that further values go to, where it takes several */
function takeOption(option, name, value, values) {
  try {
    if (option.value === undefined) {
      if (value !== undefined) throw new UsageError(`takes no value, got ${quoted(value)}`);
      if (values[name] !== undefined && option.npm !== "takes")
        throw new UsageError("is given twice");
      values[name] = true;
      return undefined;
    }
    if (value === NOTHING && !isOptional(option))
      throw new UsageError(`expected ${option.value} after it, got nothing`);
    if (isMany(option)) {
      values[name] = [...(values[name] ?? []), valueFrom(option, value)];
      return values[name];
    }
    if (values[name] !== undefined) throw new UsageError("is given twice");
    values[name] = value === NOTHING ? true : valueFrom(option, value);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError)
      error.message = `--${name}${/^(is|takes) /.test(error.message) ? "" : ":"} ${error.message}`;
    throw error;
  }
}

/** Two columns: what is written, and what it does; a wide left side has a line to itself. */
function twoColumns(rows, most) {
  const fitting = rows.map(([left]) => columns(left)).filter((n) => n <= most);
  const width = Math.max(6, ...fitting);
  return rows.map(([left, text]) => {
    const rest = " ".repeat(width + 5);
    if (columns(left) > width) return `  ${left}\n${wrap(text, { first: rest })}`;
    const first = `  ${left}${" ".repeat(width - columns(left))}   `;
    return text === "" ? `  ${left}` : wrap(text, { first, rest });
  });
}

const shown = ([name, { value, choices, list }]) =>
  `--${name}${value === undefined ? "" : ` ${value || (choices ?? []).join(list ? "," : "|")}`}`;

/** The text of --help, from the table: at most 80 columns, broken between words only. */
function helpText(command) {
  const { about, usage = [], options = {}, verbs, notes = [] } = command;
  const parts = [wrap(about)];
  if (usage.length > 0) parts.push(twoColumns(usage, 48).join("\n"));
  const verbOptions = Object.entries(verbs ?? {}).flatMap(([verb, { options: own = {} }]) =>
    Object.entries(own).map(([name, o]) => [name, { ...o, help: `${verb}: ${o.help}` }]),
  );
  const rows = [...Object.entries(options), ...verbOptions].map((entry) => {
    const { help, default: usual } = entry[1];
    return [shown(entry), usual === undefined ? help : `${help} (default: ${usual})`];
  });
  parts.push(twoColumns([...rows, ["--help", "this text"]], 24).join("\n"));
  return [...parts, ...notes.map((note) => wrap(note))].join("\n\n");
}

/** Reads this process's command line: prints --help and ends, or refuses in a sentence, code 2. */
function commandLine(command, args = process.argv.slice(2)) {
  try {
    const read = readOptions(command, args);
    if (read.help === undefined) return read;
    process.stdout.write(`${read.help}\n`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

module.exports = { UsageError, commandLine, helpText, nearest, quoted, readOptions };
