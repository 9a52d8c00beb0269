// The reference answer with one thing done otherwise: tanh for sigmoid, a summand left out, an
// index one too far, two names exchanged. Each variant is a mistake somebody may have made, with
// its name; if an answer gives what a variant gives, that is its mistake. The variants are made
// from the reference's source by its syntax tree, so every lesson has them for nothing.
//
// What a variant is called must not give the answer away: operations are named, and only those of
// the reference's variables that the task names too.

import { readFileSync } from "node:fs";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { type ExerciseSource, typescript } from "../source";
import { compileText, type Edit, inTime } from "./compiled";
import type { AnyFunction } from "./guard";

export interface Variant {
  /** "a tanh stands where a sigmoid is needed" */
  name: string;
  answer: AnyFunction;
}

type Node = TypeScript.Node;
type Named = Edit & { name: string };

/** Operations that are taken for each other. */
const families: string[][] = [
  ["tanh", "sigmoid", "relu", "softmax", "exp"],
  ["softmax", "logSoftmax"],
  ["sum", "mean", "max", "min", "prod"],
  ["add", "sub", "mul", "div"],
  ["square", "sqrt", "abs"],
  ["log", "exp", "log1p"],
  ["neg", "abs"],
  ["floor", "ceil", "round", "trunc"],
  ["maximum", "minimum"],
  ["less", "lessEqual", "greater", "greaterEqual"],
  ["zerosLike", "onesLike"],
  ["cos", "sin", "tanh"],
  ["max", "min"],
  ["toLowerCase", "toUpperCase"],
  ["argMax", "argMin"],
  ["slice", "splice"],
];
const signs: Record<string, string[]> = {
  "+": ["-", "*"],
  "-": ["+"],
  "*": ["/", "+"],
  "/": ["*"],
  "**": ["*"],
  "<": ["<=", ">"],
  "<=": ["<", ">="],
  ">": [">=", "<"],
  ">=": [">", "<="],
  "??": ["||"],
  "===": ["!=="],
  "+=": ["=", "-="],
  "-=": ["=", "+="],
  "*=": ["="],
  "<<": [">>"],
  ">>>": [">>"],
  "&": ["|"],
};
/**
 * Operations of one value, or of one value and settings: what stands inside them is left when they
 * go.
 */
const WRAPPERS =
  /^(tanh|sigmoid|relu|exp|log|sqrt|square|abs|neg|softmax|logSoftmax|floor|round|fround|reverse|sort|trim|toLowerCase|transpose|cumsum|isNaN|mean|sum)$/;
const COMMUTES = /^(add|mul|maximum|minimum|addN|logicalAnd|logicalOr|equal)$/;
const BINARY = /^(add|sub|mul|div|maximum|minimum|pow|matMul|where|less|lessEqual|logicalAnd)$/;

/** All variants of a function, as code edits. */
export function editsOf(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
  root: Node,
  doc: string,
): Named[] {
  const edits: Named[] = [];
  const text = file.text;
  const of = (node: Node) => text.slice(node.getStart(file), node.end);
  const put = (node: Node, replacement: string, name: string) =>
    edits.push({ start: node.getStart(file), end: node.end, text: replacement, name });
  /** Names of the task that stand in a piece of code. */
  const known = (node: Node): string => {
    const names = new Set<string>();
    const visit = (n: Node): void => {
      if (ts.isIdentifier(n) && !ts.isPropertyAccessExpression(n.parent)) names.add(n.text);
      else if (
        ts.isIdentifier(n) &&
        ts.isPropertyAccessExpression(n.parent) &&
        n.parent.expression === n
      )
        names.add(n.text);
      else if (ts.isIdentifier(n) && /_/.test(n.text)) names.add(n.text);
      ts.forEachChild(n, visit);
    };
    visit(node);
    const said = [...names].filter((n) => n !== "tf" && inTask(n)).slice(0, 3);
    return said.length ? said.map((n) => `\`${n}\``).join(" and ") : "";
  };
  const inTask = (name: string) =>
    new RegExp(`(?<![\\p{L}\\w])${name.replace(/\$/g, "\\$")}(?![\\p{L}\\w])`, "u").test(doc);
  const withNames = (node: Node) => (known(node) ? ` (that with ${known(node)})` : "");
  /** Local names and parameters, which may be taken for each other. */
  const locals = new Set<string>();
  const collect = (node: Node): void => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      locals.add(node.name.text);
    ts.forEachChild(node, collect);
  };
  collect(root);

  const visit = (node: Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name, expression } = node.expression;
      const operation = name.text;
      const isStatic = /(^|\.)(tf|Math)$/.test(of(expression));
      const exchangeOperation = () => {
        for (const family of families)
          if (family.includes(operation))
            for (const other of family)
              if (other !== operation)
                put(name, other, `${other} stands where ${operation} is needed`);
      };
      const operands = isStatic ? [...node.arguments] : [expression, ...node.arguments];
      // Of exp(loss), relu(loss) would be as right as loss where losses are positive: the simpler one
      // comes first.
      const isWrapper = WRAPPERS.test(operation) && operands.length > 0;
      if (isWrapper)
        put(node, `(${of(operands[0])})`, `a ${operation} is missing${withNames(operands[0])}`);
      exchangeOperation();
      if (isWrapper) {
        if (!of(expression).endsWith("Math"))
          put(
            node,
            isStatic ? `${of(expression)}.neg(${of(node)})` : `${of(node)}.neg()`,
            "there is a minus too many",
          );
        else put(node, `(-${of(node)})`, "there is a minus too many");
      }
      if (BINARY.test(operation) && operands.length >= 2) {
        const kind = /^(add|sub)$/.test(operation)
          ? "a part of a sum"
          : /^(mul|div|matMul)$/.test(operation)
            ? "a factor"
            : `a part of ${operation}`;
        for (const [i, kept] of operands.slice(0, 2).entries()) {
          const left = operands[1 - i];
          put(node, `(${of(kept)})`, `${kind} is missing${withNames(left)}`);
        }
        if (!COMMUTES.test(operation) && isStatic) {
          const [a, b, ...rest] = operands.map(of);
          const call = [b, a, ...rest].join(", ");
          put(
            node,
            `${of(expression)}.${operation}(${call})`,
            `the two sides of ${operation} have changed places`,
          );
        }
      }
      // addN([a, b, …]): one of them left out
      if (operation === "addN" && operands[0] && ts.isArrayLiteralExpression(operands[0]))
        for (const item of operands[0].elements)
          put(
            operands[0],
            `[${operands[0].elements
              .filter((e) => e !== item)
              .map(of)
              .join(", ")}]`,
            `a part of a sum is missing${withNames(item)}`,
          );
      // the last argument left out: an axis, keepDims, a transposition
      if (
        node.arguments.length > 0 &&
        !BINARY.test(operation) &&
        !/^(tidy|map|reduce|replace)$/.test(operation)
      ) {
        const rest = node.arguments.slice(0, -1).map(of).join(", ");
        put(
          node,
          `${of(node.expression)}(${rest})`,
          `the last argument of ${operation} is missing`,
        );
      }
    }
    if (ts.isBinaryExpression(node)) {
      const sign = ts.tokenToString(node.operatorToken.kind) ?? "";
      const exchange = () => {
        for (const other of signs[sign] ?? [])
          put(
            node.operatorToken,
            other,
            `${spoken(other)} stands where ${spoken(sign)} is needed${withNames(node)}`,
          );
      };
      const leaveOut = () => {
        if (/^(&&|\|\|)$/.test(sign))
          for (const [kept, gone] of [
            [node.right, node.left],
            [node.left, node.right],
          ])
            put(node, `(${of(kept)})`, `a condition is missing${withNames(gone)}`);
        if (!/^[-+*/]$/.test(sign)) return;
        const kind = /[-+]/.test(sign) ? "a part of a sum" : "a factor";
        put(node, `(${of(node.left)})`, `${kind} is missing${withNames(node.right)}`);
        put(
          node,
          sign === "-" ? `(-(${of(node.right)}))` : `(${of(node.right)})`,
          `${kind} is missing${withNames(node.left)}`,
        );
      };
      // Of s · ln 2 inside a softmax, s + ln 2 would be as right as s: the simpler one comes first.
      const isConstant = [node.left, node.right].some((side) =>
        /^(\(?[\d.]+\)?|Math\.[A-Z\d_]+)$/.test(of(side)),
      );
      for (const make of isConstant ? [leaveOut, exchange] : [exchange, leaveOut]) make();
      if (/^[-/]$/.test(sign))
        put(
          node,
          `((${of(node.right)}) ${sign} (${of(node.left)}))`,
          `the two sides of ${sign === "-" ? "a difference" : "a quotient"} have changed places`,
        );
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
      put(node, of(node.operand), "a minus is missing");
    if (ts.isNumericLiteral(node)) {
      const { parent } = node;
      const isNegative =
        ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.MinusToken;
      const n = isNegative ? -Number(node.text) : Number(node.text);
      const close = new Set([n + 1, n - 1, n === 0 ? 1 : 0, 2 * n, n / 2]);
      for (const other of close)
        if (other !== n)
          put(
            isNegative ? parent : node,
            other < 0 ? `(${other})` : String(other),
            `${other} stands where ${n} is needed`,
          );
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      const is = node.kind === ts.SyntaxKind.TrueKeyword;
      const call = node.parent;
      const where = ts.isCallExpression(call)
        ? ` in ${of(call.expression).replace(/^.*\./, "")}`
        : "";
      put(node, String(!is), `${!is} stands where ${is} is needed${where}`);
    }
    if (ts.isConditionalExpression(node)) {
      put(node, `(${of(node.whenTrue)})`, `a case is not told apart${withNames(node.condition)}`);
      put(node, `(${of(node.whenFalse)})`, `a case is not told apart${withNames(node.condition)}`);
      put(
        node,
        `(${of(node.condition)}) ? (${of(node.whenFalse)}) : (${of(node.whenTrue)})`,
        `two cases have changed places${withNames(node.condition)}`,
      );
    }
    if (ts.isIfStatement(node) && !node.elseStatement)
      put(node, ";", `a case is not told apart${withNames(node.expression)}`);
    if (ts.isElementAccessExpression(node)) {
      const index = of(node.argumentExpression);
      put(
        node,
        `${of(node.expression)}[(${index}) + 1]`,
        `an index is one too large${withNames(node.expression)}`,
      );
      put(
        node,
        `${of(node.expression)}[(${index}) - 1]`,
        `an index is one too small${withNames(node.expression)}`,
      );
    }
    if (ts.isArrayBindingPattern(node) || ts.isArrayLiteralExpression(node)) {
      const items = [...node.elements];
      for (let i = 0; i < items.length; i++)
        for (let j = i + 1; j < items.length; j++) {
          const swapped = items.map(of);
          [swapped[i], swapped[j]] = [swapped[j], swapped[i]];
          const [a, b] = [known(items[i]), known(items[j])];
          const which = a && b ? `${a} and ${b} have` : "two parts of a list have";
          put(node, `[${swapped.join(", ")}]`, `${which} changed places`);
        }
    }
    if (ts.isObjectLiteralExpression(node)) {
      const entries = node.properties.flatMap((p) =>
        ts.isPropertyAssignment(p)
          ? [{ key: of(p.name), value: of(p.initializer) }]
          : ts.isShorthandPropertyAssignment(p)
            ? [{ key: p.name.text, value: p.name.text }]
            : [],
      );
      if (entries.length === node.properties.length)
        for (let i = 0; i < entries.length; i++)
          for (let j = i + 1; j < entries.length; j++) {
            const swapped = entries.map(({ value }) => value);
            [swapped[i], swapped[j]] = [swapped[j], swapped[i]];
            const body = entries.map(({ key }, k) => `${key}: ${swapped[k]}`).join(", ");
            put(
              node,
              `{ ${body} }`,
              `\`${entries[i].key}\` and \`${entries[j].key}\` have changed places`,
            );
          }
    }
    if (ts.isIdentifier(node) && locals.has(node.text) && isUse(ts, node))
      for (const other of locals)
        if (other !== node.text) {
          const [is, needed] = [
            inTask(other) ? `\`${other}\`` : "",
            inTask(node.text) ? `\`${node.text}\`` : "",
          ];
          const name =
            is && needed
              ? `${is} stands where ${needed} is needed`
              : needed
                ? `something else stands where ${needed} is needed`
                : is
                  ? `${is} stands where something else is needed`
                  : "one value stands in the place of another";
          // A shorthand property keeps its key.
          put(
            node,
            ts.isShorthandPropertyAssignment(node.parent) ? `${node.text}: ${other}` : other,
            name,
          );
        }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(root, visit);
  return edits;
}

const spoken = (sign: string): string =>
  ({ "+": "a plus", "-": "a minus", "*": "a product", "/": "a quotient", "**": "a power" })[sign] ??
  `"${sign}"`;

/** A name that is read, not declared or written. */
function isUse(ts: typeof TypeScript, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (
    (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) &&
    (parent.name === node || (ts.isBindingElement(parent) && parent.propertyName === node))
  )
    return false;
  if (ts.isBinaryExpression(parent) && parent.left === node)
    return !/=$/.test(ts.tokenToString(parent.operatorToken.kind) ?? "");
  return true;
}

/**
 * The variants of an exercise's reference. `modules` are what its file imports, by name.
 * @param path the solutions file
 */
export function* variantsOf(
  path: string,
  { name, doc }: ExerciseSource,
  modules: Readonly<Record<string, unknown>>,
): Generator<Variant> {
  const compiled = compileText(readFileSync(path, "utf8"), path, modules);
  const root = compiled.functions.get(name);
  if (!root) return;
  // In CommonJS what is imported is read through its module: (0, engine_1.tf) is no name of the
  // task.
  for (const edit of editsOf(typescript(), compiled.file, root, doc)) {
    const answer = compiled.edited([edit])?.[name];
    if (typeof answer === "function")
      yield { name: edit.name, answer: (...args) => inTime(() => answer(...args)) };
  }
}
