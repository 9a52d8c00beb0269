// What TypeScript has to do differently for cells. tslab compiles a cell twice (TypeScript, then
// CommonJS) and writes `exports.seed` for the variable `seed` of an earlier cell, between the two.
// It keeps no source maps, misses some names and takes some for variables that are none. All of
// that is put right here, in the TypeScript that tslab gets.
const { SourceMap } = require("node:module");
const path = require("node:path");

/** tslab puts `export {};` above the cell's first line. */
const PREFIX_LINES = 1;
const CELL = "__tslab__.ts";
const EARLIER_CELLS = "__prev__.d.ts";
const INLINE_MAP = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;
/** The global variable in which a running cell notes its statement. */
const REACHED = "llmReached";

/**
 * Gives tslab a TypeScript that keeps source maps and knows all variables of earlier cells.
 * @returns the register of cells: `begin(count, code)` before each one, `locate(name, line,
 *   column)` for a stack frame, `reached()` for the statement at which the cell is or failed
 */
function instrumentTypescript(fromTslab) {
  const file = fromTslab.resolve("@tslab/typescript-for-tslab");
  const ts = fromTslab(file);
  const registered = new Map(); // "cell-7.ts" → { code, maps, … }
  const modules = new Map(); // "/…/helper.js", compiled by tslab for a cell → { source, maps }
  let current = null;

  /** Both of a text's compilations: what runs → JavaScript with ES modules → TypeScript. */
  const mapsOf = (...texts) =>
    texts.map((text) => new SourceMap(typeof text === "string" ? JSON.parse(text) : text));

  function createProgram(...args) {
    const builder = ts.createEmitAndSemanticDiagnosticsBuilderProgram(...args);
    const emit = builder.emit;
    builder.emit = (target, write, token, onlyDts, transformers) => {
      const before = [...(transformers?.before ?? []), transformCell(ts, builder, () => current)];
      return emit.call(builder, target, write, token, onlyDts, { ...transformers, before });
    };
    return builder;
  }

  const overrides = {
    createWatchCompilerHost: (rootFiles, options, system, create, ...rest) =>
      ts.createWatchCompilerHost(
        rootFiles,
        { ...options, inlineSourceMap: true },
        system,
        create ?? createProgram,
        ...rest,
      ),
    // tslab calls this for the second compilation, with the JavaScript of the first.
    transpileModule: (input, options) => {
      const inline = INLINE_MAP.exec(input);
      if (inline === null) return ts.transpileModule(input, options);
      const compilerOptions = { ...options.compilerOptions, sourceMap: true };
      const result = ts.transpileModule(input.slice(0, inline.index), {
        ...options,
        compilerOptions,
      });
      const first = JSON.parse(Buffer.from(inline[1], "base64").toString("utf8"));
      const code = result.outputText.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "");
      const maps = mapsOf(result.sourceMapText, first);
      if (current === null || !first.sources.some((source) => source.endsWith(CELL))) {
        // tslab's name for where compiled files go
        const source = path.resolve("outDir", first.sources[0] ?? "");
        modules.set(source.replace(/\.tsx?$/, ".js"), { source, maps });
        return { ...result, outputText: code };
      }
      current.maps = maps;
      current.lines = code.split("\n").length;
      return { ...result, outputText: `${code}\n//# sourceURL=${current.name}` };
    },
  };
  // The package's exports cannot be assigned to one by one, so the module as a whole is replaced by
  // a copy.
  require.cache[file].exports = { ...ts, ...overrides };

  /** The place in the TypeScript, counted from 1, or null where there is none. */
  function original([commonJs, typescript], line, column) {
    const middle = commonJs.findEntry(line - 1, column - 1);
    if (middle.originalLine === undefined) return null;
    const source = typescript.findEntry(middle.originalLine, middle.originalColumn);
    if (source.originalLine === undefined) return null;
    return { line: source.originalLine + 1, column: source.originalColumn + 1 };
  }

  return {
    begin(count, code) {
      current = { name: `cell-${count}.ts`, count, code, maps: null, lines: 0, awaits: false };
      registered.set(current.name, current);
    },
    current: () => current,
    /** @returns the cell with the line and column as they were typed, and the line's text */
    locate(name, line, column) {
      const cell = registered.get(name);
      if (line > cell?.lines) return null; // tslab's own line below the cell, which calls it
      const found = cell?.maps && original(cell.maps, line, column);
      if (!found) return null;
      const at = found.line - PREFIX_LINES;
      const text = cell.code.split("\n")[at - 1];
      return text === undefined ? null : { cell, line: at, column: found.column, text };
    },
    /** The same for a TypeScript file that a cell imports: its name and line. */
    locateModule(name, line, column) {
      const module = modules.get(name);
      const found = module && original(module.maps, line, column);
      return found ? { file: module.source, line: found.line } : null;
    },
    /**
     * Where the current cell is, for what has no stack frame of it: an error from outside, a thrown
     * string.
     */
    reached() {
      const [name, line] = globalThis[REACHED] ?? [];
      // not begun, or a cell that was stopped is still at work
      if (name !== current?.name) return null;
      return { cell: current, line, column: 1, text: current.code.split("\n")[line - 1] ?? "" };
    },
  };
}

/**
 * The cell as tslab should have it:
 * - `{ seed }` → `{ seed: exports.seed }` where `seed` belongs to an earlier cell, in patterns too.
 *   tslab looks up the property instead of the variable, and would leave a name that nothing
 *   declares.
 * - In `const { seed: mine } = config` the property's name stays a name, also where an earlier cell
 *   has typed it.
 * - `for await` at the top level makes the cell an asynchronous function, as `await` does.
 * - Before each statement of the cell, and of a block that awaits, the line is noted: see
 *   `reached`.
 */
function transformCell(ts, builder, currentCell) {
  return (context) => (file) => {
    if (path.basename(file.fileName) !== CELL) return file;
    const { factory } = context;
    const checker = builder.getProgram().getTypeChecker();
    const ofEarlierCell = (symbol) =>
      symbol?.declarations?.some(
        (declaration) => path.basename(declaration.getSourceFile().fileName) === EARLIER_CELLS,
      ) ?? false;
    // A node without a place in the cell: tslab finds no symbol for it and leaves it alone.
    const copy = (name) => ts.setTextRange(factory.createIdentifier(ts.idText(name)), name);
    const isNameOnly = (node, { parent } = node) =>
      parent?.name === node || parent?.propertyName === node || parent?.label === node;

    const awaiting = new Set();
    const findAwaits = (node) => {
      if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
      let found = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && !!node.awaitModifier);
      ts.forEachChild(node, (child) => {
        if (findAwaits(child)) found = true;
      });
      if (found) awaiting.add(node);
      return found;
    };
    if (findAwaits(file)) currentCell().awaits = true;

    function note(statement) {
      const { line } = ts.getLineAndCharacterOfPosition(file, statement.getStart(file));
      const variable = factory.createPropertyAccessExpression(
        factory.createIdentifier("globalThis"),
        REACHED,
      );
      const value = factory.createArrayLiteralExpression([
        factory.createStringLiteral(currentCell().name),
        factory.createNumericLiteral(line + 1 - PREFIX_LINES),
      ]);
      return factory.createExpressionStatement(factory.createAssignment(variable, value));
    }
    const runs = (statement) =>
      !/^(Import|Export|Function|Interface|TypeAlias)|^EmptyStatement/.test(
        ts.SyntaxKind[statement.kind],
      ) && !ts.isPrologueDirective(statement);
    const noted = (statements) =>
      factory.createNodeArray(
        statements.flatMap((statement) => {
          const result = ts.visitNode(statement, visit);
          return runs(statement) ? [note(statement), result] : [result];
        }),
      );

    function visit(node) {
      if (ts.isIdentifier(node))
        return isNameOnly(node) && ofEarlierCell(checker.getSymbolAtLocation(node))
          ? copy(node)
          : node;
      if (ts.isBlock(node) && awaiting.has(node))
        return factory.updateBlock(node, noted(node.statements));
      if (
        !ts.isShorthandPropertyAssignment(node) ||
        !ofEarlierCell(checker.getShorthandAssignmentValueSymbol(node))
      )
        return ts.visitEachChild(node, visit, context);
      const exports = factory.createIdentifier("exports");
      const variable = factory.createPropertyAccessExpression(exports, copy(node.name));
      ts.setTextRange(variable, node.name);
      const preset = node.objectAssignmentInitializer; // ({ seed = 3 } = config)
      const value = preset
        ? factory.createAssignment(variable, ts.visitNode(preset, visit))
        : variable;
      return ts.setTextRange(factory.createPropertyAssignment(copy(node.name), value), node);
    }
    return factory.updateSourceFile(file, noted(file.statements));
  };
}

module.exports = { instrumentTypescript };
