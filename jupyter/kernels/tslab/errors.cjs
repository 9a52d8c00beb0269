// Errors as a learner wants them: the message, the lines of their own code as they typed them, then
// the course's functions in between; none of tslab's, Node's and the libraries' frames. Nothing
// that is thrown can flood the page or break the report: long texts are cut, a strange value is
// described in words.
const fs = require("node:fs");
const { SourceMap } = require("node:module");
const path = require("node:path");
const util = require("node:util");

/**
 * V8 keeps 10 frames. Between a tensor operation and the line that called it lie up to 40 of the
 * library's.
 */
const STACK_FRAMES = 60;
/** How many lines of a traceback are shown: of the learner's own code, and of the course's. */
const MAX_OWN = 6;
const MAX_COURSE = 3;
/** An error of a cell stays below this many characters. */
const MAX_CHARS = 20_000;
const MAX_MESSAGE = 4_000;
const MAX_SOURCE = 160;
/** How many parts of an AggregateError, and how many causes of causes, are told. */
const MAX_PARTS = 8;
const MAX_DEPTH = 5;
const MAX_DIAGNOSTICS = 10;

const count = (n) => n.toLocaleString("en");

/** The beginning and the end of a text that is too long. */
function shorten(text, limit = MAX_MESSAGE) {
  if (text.length <= limit) return text;
  const end = Math.floor(limit / 5);
  const cut = `… ${count(text.length - limit)} characters not shown …`;
  return `${text.slice(0, limit - end)}${cut}${text.slice(-end)}`.toWellFormed();
}

/**
 * What can be seen of a long line around a column, and where in that the column is. Columns count
 * from 1.
 */
function excerpt(line, column) {
  const start = line.length <= MAX_SOURCE ? 0 : Math.max(0, column - 1 - MAX_SOURCE / 2);
  const end = Math.min(line.length, start + MAX_SOURCE);
  const before = start > 0 ? "… " : "";
  const text = `${before}${line.slice(start, end)}${end < line.length ? " …" : ""}`.toWellFormed();
  return { text, column: column - start + before.length };
}

/** A property of something that was thrown: reading it may throw, and give anything. */
function read(thrown, property) {
  try {
    return thrown[property];
  } catch {
    return undefined;
  }
}

function asText(value) {
  if (typeof value === "string") return value;
  try {
    return util.inspect(value, { maxStringLength: MAX_MESSAGE, breakLength: 100 });
  } catch {
    return "a value that cannot be shown";
  }
}

function isError(thrown) {
  try {
    return util.types.isNativeError(thrown) || thrown instanceof Error;
  } catch {
    return false;
  }
}

/** @param cells the register of cells (cells.cjs) */
function createErrorReporter({ cells, repository }) {
  Error.stackTraceLimit = STACK_FRAMES;
  let failure = null;
  let diagnostics = 0;
  const sourceMaps = new Map();

  /**
   * dist/attention.js:31 → src/attention.ts:40. Only for a traceback: Node's own support reads
   * every map at import.
   */
  function courseLine(file, line, column) {
    const relative = path.relative(path.join(repository, "dist"), file);
    if (relative.startsWith("..") || path.isAbsolute(relative)) return null;
    if (!sourceMaps.has(file)) {
      try {
        sourceMaps.set(file, new SourceMap(JSON.parse(fs.readFileSync(`${file}.map`, "utf8"))));
      } catch {
        sourceMaps.set(file, null);
      }
    }
    const entry = sourceMaps.get(file)?.findEntry(line - 1, column - 1);
    if (entry?.originalLine === undefined) return `${shortName(file)}:${line}`;
    const source = path.resolve(path.dirname(file), entry.originalSource);
    return `${shortName(source)}:${entry.originalLine + 1}`;
  }

  /** Relative to the course or, outside of it, to the notebook's folder. */
  const shortName = (file) => {
    const relatives = [repository, process.cwd()].map((folder) => path.relative(folder, file));
    return relatives.find((name) => !name.startsWith("..") && !path.isAbsolute(name)) ?? file;
  };

  const cellLine = ({ cell, line, column, text }) => {
    const where = cell === cells.current() ? "this cell" : `cell [${cell.count}]`;
    const indent = text.length - text.trimStart().length;
    return `${where}, line ${line}:  ${excerpt(text.trim(), Math.max(1, column - indent)).text}`;
  };

  /**
   * One line of a stack: whose it is ("own", "course", "library"), and what to tell the reader. V8
   * writes `at f (file:1:2)`, `at file:1:2`, `at async file:1:2`, `at eval (eval at f (file:1:2),
   * <anonymous>:3:4)`.
   */
  function frame(line) {
    const match = /^\s*at (?:(.*?) \()?(?:async )?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/.exec(line);
    if (match === null) return null;
    if (match[2].startsWith("eval at ")) {
      const [outer] = /[^(\s]+:\d+:\d+(?=\))/.exec(match[2]) ?? [];
      return outer === undefined ? null : frame(`    at eval (${outer})`);
    }
    const [, caller, file] = match;
    const [row, column] = [Number(match[3]), Number(match[4])];
    if (/^node:|[\\/]node_modules[\\/]tslab[\\/]|[\\/]kernels[\\/]tslab[\\/]/.test(file))
      return null;
    if (/[\\/]dist[\\/]course[\\/]learner\.js$/.test(file)) return null;
    const name = caller?.replace(/^async /, "").replace(/^(Proxy|Object|Module)\./, "");
    const called = name && !/<|^eval$/.test(name) ? name : "";
    const own = (place) => ({ kind: "own", text: `    at ${called ? `${called}, ` : ""}${place}` });
    if (/^cell-\d+\.ts$/.test(file)) {
      const found = cells.locate(file, row, column);
      return found && { ...own(cellLine(found)), ofThisCell: found.cell === cells.current() };
    }
    // llm/course: an exercise
    const learners = globalThis[Symbol.for("llm.ownLine")]?.(file, row, column);
    if (learners) return own(shorten(learners, MAX_SOURCE * 2));
    const module = cells.locateModule(file, row, column);
    if (module) return own(`${shortName(module.file)}, line ${module.line}`);
    const course = courseLine(file, row, column);
    const place = course ?? `${shortName(file)}:${row}`;
    const kind = course ? "course" : "library";
    return { kind, text: `    ${course ? "in" : "at"} ${called ? `${called} (${place})` : place}` };
  }

  /**
   * Where V8 refuses what TypeScript let pass, the stack begins with the place: `file:3`, the line,
   * `  ^^^`.
   */
  function syntaxErrorLine(stack) {
    const match = /^(?:evalmachine\.<anonymous>|cell-\d+\.ts):(\d+)\n.*\n( *)\^/.exec(stack);
    const found =
      match && cells.locate(cells.current()?.name, Number(match[1]), match[2].length + 1);
    return found ? [`    at ${cellLine(found)}`] : [];
  }

  function reachedLine() {
    const reached = cells.reached();
    return reached ? [`    at ${cellLine(reached)}`] : [];
  }

  /** The lines of a traceback. `ofCell`: the cell's own failure, which should name a line of it. */
  function places(stack, ofCell) {
    const frames = stack.split("\n").map(frame).filter(Boolean);
    const different = (texts) => texts.filter((text, i) => text !== texts[i - 1]);
    const textsOf = (kind) => different(frames.filter((f) => f.kind === kind).map((f) => f.text));
    let own = textsOf("own");
    if (own.length === 0) own = syntaxErrorLine(stack);
    const deep = frames.length >= STACK_FRAMES;
    // Its own line is the cell's last frame, or missing: the stack is too deep, or began outside.
    if (ofCell && (deep || !frames.some((f) => f.ofThisCell))) {
      own = different([...own.slice(0, MAX_OWN - 1), ...(deep ? ["    …"] : []), ...reachedLine()]);
    }
    const course = textsOf("course").slice(0, MAX_COURSE);
    if (own.length > MAX_OWN) {
      // A deep recursion: keep the top, and always the cell's own line.
      const last = own.findIndex((text) => text.includes("this cell, line"));
      own = [...own.slice(0, MAX_OWN - 1), "    …", ...(last >= MAX_OWN - 1 ? [own[last]] : [])];
    }
    return own.length + course.length > 0
      ? [...own, ...course]
      : textsOf("library").slice(0, MAX_OWN);
  }

  /**
   * @param thrown anything
   * @returns ename, evalue and traceback of Jupyter's error message
   */
  function describe(thrown, { ofCell = false, above = [] } = {}) {
    if (!isError(thrown)) {
      const text = shorten(asText(thrown));
      return {
        ename: "Thrown",
        evalue: text,
        traceback: [
          `Thrown: ${text}`,
          ...(ofCell ? reachedLine() : []),
          "    (not an Error, so it does not know its own line: throw new Error(…) does)",
        ],
      };
    }
    const ename = shorten(asText(read(thrown, "name") || "Error"), 100);
    const evalue = shorten(asText(read(thrown, "message") ?? ""));
    const stack = read(thrown, "stack");
    const traceback = [
      `${ename}: ${evalue}`,
      ...places(typeof stack === "string" ? afterMessage(stack, thrown) : "", ofCell),
      ...partsOf(thrown, [...above, thrown]),
    ];
    return { ename, evalue, traceback: limited(traceback) };
  }

  /** The stack without the message above it, which may hold lines that look like frames. */
  function afterMessage(stack, thrown) {
    const message = read(thrown, "message");
    const at = typeof message === "string" && message !== "" ? stack.indexOf(message) : -1;
    return at < 0 ? stack : stack.slice(0, at) + stack.slice(at + message.length);
  }

  /** The errors within an AggregateError, and what caused an error. */
  function partsOf(thrown, above) {
    const nested = (inner) => {
      if (above.includes(inner)) return ["(the same error again)"];
      if (above.length >= MAX_DEPTH) return ["…"];
      return isError(inner) ? describe(inner, { above }).traceback : [shorten(asText(inner))];
    };
    const errors = read(thrown, "errors");
    const parts = Array.isArray(errors) ? errors.slice(0, MAX_PARTS) : [];
    const lines = parts.flatMap((part, i) => {
      const [first, ...rest] = nested(part);
      return [`  ${i + 1}. ${first}`, ...rest.map((line) => `  ${line}`)];
    });
    if (parts.length === MAX_PARTS && errors.length > MAX_PARTS)
      lines.push(`  … and ${count(errors.length - MAX_PARTS)} more`);
    const cause = read(thrown, "cause");
    return cause === undefined ? lines : [...lines, "", "Caused by", ...nested(cause)];
  }

  /** At most MAX_CHARS of all lines together. */
  function limited(lines) {
    let room = MAX_CHARS;
    const fitting = lines.filter((line, i) => {
      room -= line.length;
      return i === 0 || room >= 0;
    });
    return fitting.length === lines.length ? lines : [...fitting, "…"];
  }

  /** What the compiler says: `%s%d:%d - %s` with file, line, column, message. */
  function describeDiagnostic([, file, line, column, message]) {
    const source = file ? "" : (cells.current()?.code.split("\n")[line - 1] ?? "");
    const where = file ? `${file.trim()}, line ${line}` : `this cell, line ${line}`;
    const shown = excerpt(source, column);
    const pointer = `    ${shown.text.slice(0, shown.column - 1).replace(/[^\t]/g, " ")}^`;
    return [`${where}: ${shorten(message)}`, ...(source ? [`    ${shown.text}`, pointer] : [])];
  }

  function noteDiagnostic(args) {
    const lines = describeDiagnostic(args);
    failure ??= {
      ename: "TypeScript",
      evalue: lines[0],
      traceback: ["TypeScript: the cell was not run"],
    };
    diagnostics++;
    if (diagnostics <= MAX_DIAGNOSTICS)
      failure.traceback = limited([...failure.traceback, ...lines]);
    if (diagnostics > MAX_DIAGNOSTICS + 1) failure.traceback.pop();
    if (diagnostics > MAX_DIAGNOSTICS)
      failure.traceback.push(`… and ${count(diagnostics - MAX_DIAGNOSTICS)} more`);
  }

  return {
    reset: () => {
      failure = null;
      diagnostics = 0;
    },
    failure: () => failure,
    describe,
    /**
     * What a learner prints with console.log is told in the same words: errors, and nothing else,
     * are replaced.
     */
    forPrinting: (value) => (isError(value) ? describe(value).traceback.join("\n") : value),
    /** What tslab's executor reports through console.error while a cell runs. */
    note(...args) {
      if (typeof args[0] === "string" && args[0].startsWith("%s%d:%d")) noteDiagnostic(args);
      else failure = describe(args.length === 1 ? args[0] : util.format(...args), { ofCell: true });
    },
    printStray(what, error) {
      process.stderr.write(`${what}:\n${describe(error).traceback.join("\n")}\n`);
    },
  };
}

module.exports = { createErrorReporter, shorten };
