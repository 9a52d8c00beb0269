// Errors as a learner wants them: the message, the line of the cell as it was typed, the course's own source lines,
// and none of tslab's or Node's frames. tslab compiles a cell twice (TypeScript, then CommonJS) without source maps
// and names every cell «evalmachine.<anonymous>»; here both compilations keep a map and each cell gets its own name.
const fs = require("node:fs");
const { SourceMap } = require("node:module");
const path = require("node:path");
const util = require("node:util");

/** tslab puts «export {};» above the cell's first line. */
const PREFIX_LINES = 1;
const MAX_FRAMES = 6;
const INLINE_MAP = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;

/**
 * Gives tslab a TypeScript that remembers source maps; nothing else about it differs.
 * @returns the register of cells: `begin(count, code)` before each, `locate(name, line, column)` for a stack frame
 */
function instrumentTypescript(fromTslab) {
  const file = fromTslab.resolve("@tslab/typescript-for-tslab");
  const original = fromTslab(file);
  const registered = new Map(); // "cell-7.ts" → { code, maps }
  let current = null;

  const overrides = {
    createWatchCompilerHost: (rootFiles, options, ...rest) =>
      original.createWatchCompilerHost(rootFiles, { ...options, inlineSourceMap: true }, ...rest),
    // Called by tslab for the second compilation, with the JavaScript of the first.
    transpileModule: (input, options) => {
      const inline = INLINE_MAP.exec(input);
      if (inline === null) return original.transpileModule(input, options);
      const compilerOptions = { ...options.compilerOptions, sourceMap: true };
      const result = original.transpileModule(input.slice(0, inline.index), { ...options, compilerOptions });
      const first = JSON.parse(Buffer.from(inline[1], "base64").toString("utf8"));
      const code = result.outputText.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "");
      if (current === null || !first.sources.some((source) => source.endsWith("__tslab__.ts"))) {
        return { ...result, outputText: code };
      }
      current.maps = [result.sourceMapText, first].map(
        (m) => new SourceMap(typeof m === "string" ? JSON.parse(m) : m),
      );
      return { ...result, outputText: `${code}\n//# sourceURL=${current.name}` };
    },
  };
  // The package's exports cannot be assigned to one by one, so the module as a whole is replaced by a copy.
  require.cache[file].exports = { ...original, ...overrides };

  return {
    begin(count, code) {
      current = { name: `cell-${count}.ts`, count, code, maps: null };
      registered.set(current.name, current);
    },
    current: () => current,
    locate(name, line, column) {
      const cell = registered.get(name);
      if (!cell?.maps) return null;
      const [commonJs, typescript] = cell.maps;
      const middle = commonJs.findEntry(line - 1, column - 1);
      if (middle.originalLine === undefined) return null;
      const source = typescript.findEntry(middle.originalLine, middle.originalColumn);
      if (source.originalLine === undefined) return null;
      const at = source.originalLine - PREFIX_LINES;
      return { cell, line: at + 1, text: cell.code.split("\n")[at] ?? "" };
    },
  };
}

/** Collects what tslab's executor reports through console.error while a cell runs. */
function createErrorReporter({ cells, repository }) {
  let failure = null;
  const sourceMaps = new Map();

  /** dist/attention.js:31 → src/attention.ts:40. Done only for a traceback: Node's own support reads every map at import. */
  function sourceLine(file, line, column) {
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
    if (entry?.originalLine === undefined) return null;
    const source = path.resolve(path.dirname(file), entry.originalSource);
    return `${path.relative(repository, source)}:${entry.originalLine + 1}`;
  }

  /** One stack line for the reader, or null where it is none of their business. */
  function frame(line) {
    const match = /^\s*at (?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/.exec(line);
    if (match === null) return null;
    const [, caller, file, row, column] = match;
    const called = caller?.replace(/^async /, "").replace(/^Proxy\./, "");
    if (/^cell-\d+\.ts$/.test(file)) {
      const found = cells.locate(file, Number(row), Number(column));
      const where = file === cells.current()?.name ? "this cell" : `cell [${file.slice(5, -3)}]`;
      const name = called && !/<anonymous>|^eval$/.test(called) ? `${called}, ` : "";
      return found === null
        ? `    at ${name}${where}`
        : `    at ${name}${where}, line ${found.line}:  ${found.text.trim()}`;
    }
    if (
      /^node:|[\\/]node_modules[\\/]tslab[\\/]|[\\/]kernels[\\/]tslab[\\/]|[\\/]dist[\\/]course[\\/]learner\.js$/.test(
        file,
      )
    )
      return null;
    const own = globalThis[Symbol.for("llm.ownLine")]?.(file, Number(row), Number(column)); // llm/course: a learner's file
    if (own) return `    at ${called ? `${called}, ` : ""}${own}`;
    const place = sourceLine(file, row, column) ?? `${shorten(file)}:${row}`;
    return `    at ${called ? `${called} (${place})` : place}`;
  }

  const shorten = (file) => {
    const relative = path.relative(repository, file);
    return relative.startsWith("..") ? file : relative;
  };

  function describe(thrown) {
    const isError = util.types.isNativeError(thrown) || thrown instanceof Error;
    if (!isError) {
      const text = typeof thrown === "string" ? thrown : util.inspect(thrown);
      return {
        ename: "Thrown",
        evalue: text,
        traceback: [
          `Thrown: ${text}`,
          "    (not an Error, so it does not know its line: throw new Error(…) does)",
        ],
      };
    }
    const ename = thrown.name || "Error";
    const evalue = String(thrown.message);
    const stack = String(thrown.stack ?? "");
    const lines = stack
      .split("\n")
      .map(frame)
      .filter((line, i, all) => line !== null && line !== all[i - 1]);
    const own = lines.findIndex((line) => line.includes("this cell, line"));
    // A deep recursion or a deep library: keep the top, and always the cell's own line.
    const shown =
      lines.length <= MAX_FRAMES
        ? lines
        : [...lines.slice(0, MAX_FRAMES - 1), ...(own >= MAX_FRAMES - 1 ? ["    …", lines[own]] : ["    …"])];
    const cause = thrown.cause === undefined ? [] : ["", "Caused by", ...describe(thrown.cause).traceback];
    return { ename, evalue, traceback: [`${ename}: ${evalue}`, ...shown, ...cause] };
  }

  /** What the compiler says: «%s%d:%d - %s» with file, line, column, message. */
  function describeDiagnostic([, file, line, column, message]) {
    const text = file ? "" : (cells.current()?.code.split("\n")[line - 1] ?? "");
    const where = file ? `${file.trim()}, line ${line}` : `this cell, line ${line}`;
    const pointer = text ? [`    ${text}`, `    ${text.slice(0, column - 1).replace(/[^\t]/g, " ")}^`] : [];
    return [`${where}: ${message}`, ...pointer];
  }

  return {
    reset: () => {
      failure = null;
    },
    failure: () => failure,
    describe,
    note(...args) {
      if (typeof args[0] === "string" && args[0].startsWith("%s%d:%d")) {
        const lines = describeDiagnostic(args);
        failure ??= {
          ename: "TypeScript",
          evalue: lines[0],
          traceback: ["TypeScript: the cell was not run"],
        };
        failure.traceback.push(...lines);
      } else {
        failure = describe(args.length === 1 ? args[0] : util.format(...args));
      }
    },
    printStray(what, error) {
      process.stderr.write(`${what}:\n${describe(error).traceback.join("\n")}\n`);
    },
  };
}

module.exports = { instrumentTypescript, createErrorReporter };
