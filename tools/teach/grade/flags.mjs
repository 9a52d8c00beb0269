// What in a learner's file a person should look at before it counts: imports that the lesson does
// not offer, and code that reaches for the process, the global object, code made from text, or
// objects that others use. It is judged by the syntax tree and the names' scopes, never by a
// pattern in the text, so that neither a comment nor a local variable called `process` is flagged.
//
// Flags are no wall. Whoever hides `constructor` well enough is not flagged; then the sandbox has
// nothing to offer but the reach of the lesson's own modules (docs/teaching.md says what that is).

import { llm } from "../../kit.mjs";

/** Free names, and what using them is called. */
const FREE = new Map([
  ...["process", "require", "module", "exports", "__filename", "__dirname", "__given"].map((n) => [
    n,
    "process",
  ]),
  ...["globalThis", "global", "self", "window"].map((n) => [n, "global"]),
  ...["eval", "Function", "WebAssembly"].map((n) => [n, "code"]),
]);
/** Properties that lead to what others use, whatever they are read from. */
const PROPERTIES = new Map([
  ["constructor", "code"],
  ...["prototype", "__proto__", "setPrototypeOf", "defineProperty", "defineProperties"]
    .concat(["__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"])
    .map((n) => [n, "prototype"]),
]);

const LONGEST = 160;

/**
 * @param ts TypeScript's API
 * @param text the learner's file
 * @param allowed { modules, names }: what may be imported, see ./facts.mjs
 * @param required modules that the file needs when it runs; types alone need none
 * @returns [{ kind, line, text }], each line once for each kind
 */
export function flagsOf(ts, text, allowed, required) {
  const { file, isFree } = parse(ts, text);
  const lines = text.split(/\r?\n/);
  const found = new Map();
  const flag = (kind, node) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const key = `${line} ${kind}`;
    const shown = (lines[line - 1] ?? "").trim().slice(0, LONGEST);
    if (!found.has(key)) found.set(key, { kind, line, text: shown });
  };
  const imported = new Set();
  const visit = (node, inFunction) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node)) {
      for (const name of importedNames(ts, node)) imported.add(name);
      if (!isAllowed(ts, node, allowed, required)) flag("import", node);
      return;
    }
    if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier) flag("import", node);
      return;
    }
    if (ts.isImportEqualsDeclaration(node)) return flag("import", node);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      flag("import", node);
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      flag("process", node);
    if (ts.isIdentifier(node) && isRead(ts, node)) {
      if (FREE.has(node.text) && isFree(node)) flag(FREE.get(node.text), node);
      if (node.text === "arguments" && !inFunction) flag("process", node);
    }
    const property = propertyName(ts, node);
    if (PROPERTIES.has(property)) flag(PROPERTIES.get(property), node);
    const target = written(ts, node);
    if (target && isShared(ts, target, isFree, imported)) flag("prototype", node);
    const isOwn = ts.isFunctionLike(node) && !ts.isArrowFunction(node);
    ts.forEachChild(node, (child) => visit(child, inFunction || isOwn));
  };
  visit(file, false);
  return [...found.values()].sort((a, b) => a.line - b.line || (a.kind < b.kind ? -1 : 1));
}

/** The tree, and whether a name is declared nowhere in the file. */
function parse(ts, text) {
  const { file, program } = llm("llm/course/source").oneFileProgram(text);
  const checker = program.getTypeChecker();
  const isFree = (node) => {
    const symbol = checker.resolveName(node.text, node, ts.SymbolFlags.Value, false);
    return !symbol?.declarations?.length;
  };
  return { file, isFree };
}

/** The names that an import brings into the file. */
function importedNames(ts, { importClause }) {
  if (!importClause) return [];
  const { name, namedBindings } = importClause;
  const bound = !namedBindings
    ? []
    : ts.isNamespaceImport(namedBindings)
      ? [namedBindings.name.text]
      : namedBindings.elements.map((e) => e.name.text);
  return [...(name ? [name.text] : []), ...bound];
}

function isAllowed(ts, node, { modules, names }, required) {
  const from = node.moduleSpecifier.text;
  const { importClause } = node;
  if (importClause?.isTypeOnly || !required.has(from)) return true;
  if (!modules.includes(from)) return false;
  if (!names.has(from)) return true; // all of it
  const bindings = importClause?.namedBindings;
  if (!bindings || importClause.name || ts.isNamespaceImport(bindings)) return false;
  const wanted = names.get(from);
  return bindings.elements.every(
    (e) => e.isTypeOnly || wanted.includes((e.propertyName ?? e.name).text),
  );
}

/** An identifier that stands for a value: no declaration, no property, no key. */
function isRead(ts, node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  return !(ts.isParameter(parent) && parent.name === node);
}

/** The name of a property that a node reads, takes apart or defines; literals are put together. */
function propertyName(ts, node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node)) return constant(ts, node.argumentExpression);
  if (ts.isBindingElement(node)) {
    const name = node.propertyName ?? node.name;
    if (!ts.isObjectBindingPattern(node.parent)) return undefined;
    if (ts.isComputedPropertyName(name)) return constant(ts, name.expression);
    return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
  }
  if (ts.isPropertyAssignment(node)) {
    if (ts.isComputedPropertyName(node.name)) return constant(ts, node.name.expression);
    return node.name.text;
  }
  return undefined;
}

/** The text of an expression made of literals only. */
function constant(ts, node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node))
    return constant(ts, node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [constant(ts, node.left), constant(ts, node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(({ expression, literal }) => {
      const text = constant(ts, expression);
      return text === undefined ? undefined : text + literal.text;
    });
    return parts.includes(undefined) ? undefined : node.head.text + parts.join("");
  }
  return undefined;
}

/** The object whose property a node sets or deletes. */
function written(ts, node) {
  const owner = (target) =>
    ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)
      ? target.expression
      : undefined;
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const isSet = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return isSet ? owner(node.left) : undefined;
  }
  if (ts.isDeleteExpression(node)) return owner(node.expression);
  const isAssign =
    ts.isCallExpression(node) && /^(Object\.assign|Reflect\.set)$/.test(node.expression.getText());
  return isAssign ? node.arguments[0] : undefined;
}

/** Whether an expression begins at an object that this file did not make. */
function isShared(ts, node, isFree, imported) {
  let at = node;
  const isOuter = () =>
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isNonNullExpression(at);
  while (isOuter()) at = at.expression;
  return ts.isIdentifier(at) && (imported.has(at.text) || isFree(at));
}
