// The learner's own code with one thing changed: if that makes every number right, the change is the
// mistake, and the line can be named. ./variants changes the reference to find what the learner
// did; this changes what the learner wrote to find what is asked for, however they went about it.
// Nothing here knows a lesson.

import { readFileSync } from "node:fs";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { type ExerciseSource, typescript } from "../source";
import { compileText, type Edit, inTime } from "./compiled";
import type { AnyFunction } from "./guard";
import { editsOf } from "./variants";

/** The answer with one change. */
export interface Repair {
  /** "line 12: `a <= b` where it says `a < b`". */
  text: () => string;
  answer: AnyFunction;
}

type Node = TypeScript.Node;
type TS = typeof TypeScript;

/** At most so many characters of code are quoted. */
const QUOTED = 70;

/**
 * All repairs of an exercise by one change in its function or in one that it calls, the likeliest
 * kinds first.
 *
 * @param path the learner's file
 * @param modules what it imports, by name
 */
export function* repairsOf(
  path: string,
  { name, doc }: ExerciseSource,
  modules: Readonly<Record<string, unknown>>,
): Generator<Repair> {
  const compiled = compileText(readFileSync(path, "utf8"), path, modules);
  const { file, functions } = compiled;
  const ts = typescript();
  const used = calledFrom(ts, name, functions);
  const changes = used.flatMap((root) => [
    ...editsOf(ts, file, root, doc),
    ...additionsOf(ts, file, root, doc),
  ]);
  // Of `b * B` with [B, T] = x.shape, [T, B] = x.shape would be as right as `b * T`, but by chance.
  const renames = ({ text, end }: Edit) =>
    Number(text.startsWith("[") && /^\s*=\s*[\w.]+\.shape\b/.test(file.text.slice(end, end + 60)));
  changes.sort((a, b) => renames(a) - renames(b));
  const seen = new Set<string>();
  for (const edit of changes) {
    const key = `${edit.start} ${edit.end} ${edit.text}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const answer = compiled.edited([edit])?.[name];
    if (typeof answer !== "function") continue;
    yield {
      text: () => {
        const [before, after] = quoted(ts, file, edit);
        return `line ${compiled.lineAt(edit.start)}: \`${after}\` where it says \`${before}\``;
      },
      answer: (...args) => inTime(() => answer(...args)),
    };
  }
}

/** A function and those of the file that it calls, itself first. */
function calledFrom(
  ts: TS,
  name: string,
  functions: ReadonlyMap<string, TypeScript.FunctionDeclaration>,
): TypeScript.FunctionDeclaration[] {
  const found = new Set<TypeScript.FunctionDeclaration>();
  const visit = (node: Node): void => {
    const called = ts.isIdentifier(node) ? functions.get(node.text) : undefined;
    if (called && !found.has(called)) {
      found.add(called);
      ts.forEachChild(called, visit);
    } else ts.forEachChild(node, visit);
  };
  const root = functions.get(name);
  if (root) {
    found.add(root);
    ts.forEachChild(root, visit);
  }
  return [...found];
}

/** The code around a change before and after it, as the learner wrote it. */
function quoted(ts: TS, file: TypeScript.SourceFile, edit: Edit): [string, string] {
  const readable = (code: string) =>
    code
      // (0, engine_1.tf)(…) is how a compiled import is called; slice(0, width) stays.
      .replace(/(?<![\w$\])])\(0, (\w+_\d+\.)?([A-Za-z_$][\w.]*)\)/g, "$2")
      .replace(/\b\w+_\d+\.(?=[\w$])/g, "")
      // (1) - 1 as 0, where the kit has put one more or less
      .replace(/(?<=[[(,] ?)\((\d+)\) ([-+]) 1(?= ?[\]),])/g, (_, n: string, sign: string) =>
        String(Number(n) + Number(`${sign}1`)),
      )
      .replace(/\s+/g, " ");
  // The largest piece around it, on one line, that is short enough to be read at a glance.
  let [start, end] = [edit.start, edit.end];
  const visit = (node: Node): void => {
    const [from, to] = [node.getStart(file), node.end];
    if (from > edit.start || to < edit.end) return;
    const isCode = !ts.isBlock(node) && !file.text.slice(from, to).includes("\n");
    if (isCode && to - from <= QUOTED && to - from > end - start) [start, end] = [from, to];
    ts.forEachChild(node, visit);
  };
  visit(file);
  const whole = file.text.slice(start, end);
  const before = file.text.slice(start, edit.start);
  // brackets around a name alone are the kit's, not the learner's
  const put = /[\w)\]]$/.test(before) ? edit.text : edit.text.replace(/^\(([\w.]+)\)$/, "$1");
  const changed = before + put + file.text.slice(edit.end, end);
  return [readable(whole), readable(changed)];
}

/** What is often forgotten, and cannot be found by exchanging or leaving out. */
function additionsOf(
  ts: TS,
  file: TypeScript.SourceFile,
  root: TypeScript.FunctionDeclaration,
  doc: string,
): Edit[] {
  const edits: Edit[] = [];
  const of = (node: Node) => file.text.slice(node.getStart(file), node.end);
  const put = (node: Node, text: string) =>
    edits.push({ start: node.getStart(file), end: node.end, text });
  const options = optionNames(doc);
  const numbers = numberNames(ts, file, root);

  const visit = (node: Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const operation = node.expression.name.text;
      const args = node.arguments.map(of);
      const isStatic = /(^|\.)(tf|Math)$/.test(of(node.expression.expression));
      if (operation === "matMul") {
        const operands = args.slice(0, isStatic ? 2 : 1);
        for (const flags of ["true, false", "false, true", "true, true", "false, false"])
          put(node, `${of(node.expression)}(${[...operands, flags].join(", ")})`);
      }
      // An axis that was not named, or kept.
      if (/^(sum|mean|max|min|softmax|logSoftmax|logSumExp|argMax|prod|norm)$/.test(operation)) {
        const own = isStatic ? args.slice(0, 1) : [];
        for (const axis of ["0", "1", "2", "-1", "-2"]) {
          put(node, `${of(node.expression)}(${[...own, axis].join(", ")})`);
          if (!/oftmax|arg/.test(operation))
            put(node, `${of(node.expression)}(${[...own, axis, "true"].join(", ")})`);
        }
      }
      if (/^(slice|subarray|substring|fill|padStart|range)$/.test(operation))
        for (const argument of node.arguments)
          for (const by of ["+ 1", "- 1"]) put(argument, `(${of(argument)}) ${by}`);
    }
    if (isValue(ts, node) && !isCondition(ts, node)) {
      const code = of(node);
      // A step that every formula may contain, on a number or on a tensor.
      if (ts.isCallExpression(node) || ts.isBinaryExpression(node) || numbers.has(code)) {
        for (const step of ["sqrt", "square", "exp", "log", "neg", "tanh", "sigmoid", "abs"])
          if (!ts.isCallExpression(node)) put(node, `Math.${step}(${code})`);
          else if (!code.startsWith("Math.") && !/oftmax\(/.test(code))
            put(node, `(${code}).${step}()`);
        if (/^[^=]*\bMath\./.test(code)) put(node, `-(${code})`);
      }
      const signs = numbers.has(code) ? ["/", "*", "-", "+"] : ["/", "*"];
      if (ts.isBinaryExpression(node) || numbers.has(code))
        for (const other of numbers)
          if (other !== code)
            for (const sign of signs)
              put(node, `(${/^[\w.]+$/.test(code) ? code : `(${code})`} ${sign} ${other})`);
      if (numbers.has(code)) for (const by of ["+ 1", "- 1"]) put(node, `(${code} ${by})`);
    }
    // Far too small to stand for infinity.
    if (ts.isNumericLiteral(node) && Number(node.text) >= 5 && !isSize(ts, file, node))
      put(node, "1e9");
    if (ts.isReturnStatement(node) && node.expression)
      for (const other of numbers) put(node.expression, `(${of(node.expression)}) / ${other}`);
    if (ts.isPropertyAccessExpression(node) && options.has(node.name.text))
      for (const other of options)
        if (other !== node.name.text) put(node, `${of(node.expression)}.${other}`);
    if (ts.isPropertyAccessExpression(node) && node.name.text === "length" && !isWritten(ts, node))
      for (const by of ["+ 1", "- 1"]) put(node, `(${of(node)} ${by})`);
    if (ts.isExpressionStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node))
      put(node, ";");
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(root, visit);
  return edits;
}

/** Names of options in a task: "`beta1`", "weightDecay". */
const optionNames = (doc: string): Set<string> =>
  new Set([...doc.matchAll(/`([a-z]\w*)`/g)].map(([, name]) => name));

/** What may hold a number: local names, options, lengths, as they stand in the code. */
function numberNames(
  ts: TS,
  file: TypeScript.SourceFile,
  root: TypeScript.FunctionDeclaration,
): Set<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    if (
      (ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      names.add(node.name.text);
    const { parent } = node;
    if (
      ts.isPropertyAccessExpression(node) &&
      ts.isIdentifier(node.expression) &&
      !(ts.isCallExpression(parent) && parent.expression === node) &&
      !/^(tf|Math|Number)$|_\d+$/.test(node.expression.text) &&
      !/^(shape|rank|dtype)$/.test(node.name.text)
    )
      names.add(file.text.slice(node.getStart(file), node.end));
    ts.forEachChild(node, visit);
  };
  visit(root);
  return names;
}

/** `a < b`, `a && b`: a square root of it, or its product, would be right only by chance. */
function isCondition(ts: TS, node: Node): boolean {
  if (ts.isParenthesizedExpression(node)) return isCondition(ts, node.expression);
  if (!ts.isBinaryExpression(node)) return false;
  return /^([<>]=?|[!=]==?|&&|\|\|)$/.test(ts.tokenToString(node.operatorToken.kind) ?? "");
}

/** A piece of code that stands for a value, where another value could stand. */
function isValue(ts: TS, node: Node): node is TypeScript.Expression {
  if (ts.isIdentifier(node)) return isRead(ts, node);
  if (ts.isPropertyAccessExpression(node))
    return (
      !(ts.isCallExpression(node.parent) && node.parent.expression === node) && !isWritten(ts, node)
    );
  return (
    ts.isCallExpression(node) ||
    ts.isBinaryExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isParenthesizedExpression(node)
  );
}

/**
 * How long something is that is made. `Array(1e9).fill(0)` is one call of the machine's own, which
 * no time limit interrupts, so an answer with `Array(30)` would seem endless.
 */
function isSize(ts: TS, file: TypeScript.SourceFile, node: Node): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent))
    return /(Array|Buffer|repeat|padStart|padEnd|alloc)$/.test(parent.expression.getText(file));
  return ts.isPropertyAssignment(parent) && parent.name.getText(file) === "length";
}

function isRead(ts: TS, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return false; // x.shape: x is no number
  if (ts.isCallExpression(parent) && parent.expression === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (
    (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) &&
    parent.initializer !== node
  )
    return false;
  return !isWritten(ts, node);
}

function isWritten(ts: TS, node: Node): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return parent.operator === ts.SyntaxKind.PlusPlusToken;
  return (
    ts.isBinaryExpression(parent) &&
    parent.left === node &&
    /^([-+*/%&|^]|\*\*|<<|>>>?|\?\?|&&|\|\|)?=$/.test(
      ts.tokenToString(parent.operatorToken.kind) ?? "",
    )
  );
}
