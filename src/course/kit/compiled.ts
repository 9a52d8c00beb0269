// A file of answers as JavaScript that can be edited and run again: what ./variants does to the
// reference and ./repairs to the learner's own file.

import { createRequire, SourceMap } from "node:module";
import { compileFunction, Script } from "node:vm";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { typescript } from "../source";
import { engineIfAny } from "./assert";
import type { AnyFunction } from "./guard";

/** A piece of the JavaScript, and what stands there instead. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

export interface Compiled {
  /** The JavaScript, parsed. */
  file: TypeScript.SourceFile;
  /** Its functions on the outermost level, by name. */
  functions: Map<string, TypeScript.FunctionDeclaration>;
  /** What the file exports once it has been edited; undefined where that does not run. */
  edited(edits: readonly Edit[]): Record<string, AnyFunction> | undefined;
  /** The line of the original text, counted from 1, at a place in the JavaScript. */
  lineAt(position: number): number;
}

/**
 * @param text TypeScript
 * @param path where it lies: what it imports by a relative name is found from there
 * @param modules what else it imports, by name
 */
export function compileText(
  text: string,
  path: string,
  modules: Readonly<Record<string, unknown>>,
): Compiled {
  const ts = typescript();
  const { outputText, sourceMapText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      removeComments: true,
      sourceMap: true,
    },
  });
  const file = ts.createSourceFile("answer.js", outputText, ts.ScriptTarget.ES2022, true);
  const functions = new Map<string, TypeScript.FunctionDeclaration>();
  for (const node of file.statements)
    if (ts.isFunctionDeclaration(node) && node.name && node.body)
      functions.set(node.name.text, node);
  const here = createRequire(path);
  const load = (wanted: string): unknown => modules[wanted] ?? here(wanted);
  const map = new SourceMap(JSON.parse(sourceMapText ?? "{}"));
  return {
    file,
    functions,
    edited(edits) {
      let code = outputText;
      for (const { start, end, text } of [...edits].sort((a, b) => b.start - a.start))
        code = code.slice(0, start) + text + code.slice(end);
      const module = { exports: {} as Record<string, AnyFunction> };
      try {
        compileFunction(code, ["exports", "require", "module"])(module.exports, load, module);
      } catch {
        return undefined; // what does not parse is nobody's answer
      }
      return module.exports;
    },
    lineAt(position) {
      const { line, character } = file.getLineAndCharacterOfPosition(position);
      const entry = map.findEntry(line, character);
      return "originalLine" in entry ? entry.originalLine + 1 : 0;
    },
  };
}

const CALL = Symbol.for("llm.kit.call");
const call = new Script("globalThis[Symbol.for('llm.kit.call')]()");
const MILLISECONDS = 300;

/**
 * Calls a function that may never end: what was changed may be the end of a loop. A call that is
 * cut off runs no `finally`, so the engine is brought back to where it was.
 */
export function inTime<R>(run: () => R): R {
  const place = globalThis as Record<symbol, unknown>;
  const restore = remembered();
  place[CALL] = run;
  try {
    return call.runInThisContext({ timeout: MILLISECONDS }) as R;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") restore();
    throw error;
  } finally {
    delete place[CALL];
  }
}

interface Scope {
  track: { isDisposed: boolean; kept: boolean; dispose(): void }[];
}
interface State {
  scopeStack: Scope[];
  numDataMovesStack: number[];
  [name: string]: unknown;
}

const valuesOf = (state: State, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, state[name]]));

/** What the engine of tfjs is in the middle of; the result brings it back there. */
function remembered(): () => void {
  const state = engineIfAny()?.engine().state as unknown as State | undefined;
  if (!state) return () => {};
  const [depth, moves] = [state.scopeStack.length, state.numDataMovesStack.length];
  const doing = valuesOf(state, [
    "activeScope",
    "kernelDepth",
    "gradientDepth",
    "activeTape",
    "tapeDepth",
  ]);
  // A call that is cut off while a tensor is made or disposed has counted it and not recorded it,
  // or the other way round.
  const counts = valuesOf(state, ["numTensors", "numBytes", "numDataBuffers", "numStringTensors"]);
  return () => {
    const open = state.scopeStack.splice(depth);
    state.numDataMovesStack.splice(moves);
    Object.assign(state, doing);
    for (const { track } of open)
      for (const tensor of track) if (!tensor.isDisposed && !tensor.kept) tensor.dispose();
    Object.assign(state, counts);
  };
}
