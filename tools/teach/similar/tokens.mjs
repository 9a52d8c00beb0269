// An answer as the words of the language, so that what a copier changes first makes no difference:
// comments and spaces are gone, the names that the writer chose are all alike, types are left out.
// What belongs to the language or to a library (keywords, Math, tf, .map, .matMul) stays: it is
// what the answer does.
import { llm } from "../../kit.mjs";

/** The names that a function declares: parameters, variables, functions within it. */
function ownNames(ts, node) {
  const names = new Set();
  const bound = (name) => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (element.name) bound(element.name);
  };
  const visit = (child) => {
    if (ts.isParameter(child) || ts.isVariableDeclaration(child)) bound(child.name);
    if ((ts.isFunctionDeclaration(child) || ts.isFunctionExpression(child)) && child.name)
      names.add(child.name.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return names;
}

/** Places of the text that hold types and say nothing about what is computed. */
function typePlaces(ts, node) {
  const places = [];
  const visit = (child) => {
    if (ts.isTypeNode(child) && child.parent?.expression !== child) {
      const { parent } = child;
      const start = child.getFullStart();
      const colon = child.getSourceFile().text[start - 1] === ":" ? start - 1 : start;
      places.push([ts.isAsExpression(parent) ? parent.expression.end : colon, child.end]);
    } else ts.forEachChild(child, visit);
  };
  visit(node);
  return places;
}

/**
 * The functions of a file, each as its words.
 * @param text TypeScript
 * @param names of the exercises; helpers of the learner's own count to the exercise after them
 * @returns `{ [name]: [{ word, line }] }`
 */
export function wordsOf(text, names) {
  const ts = llm("llm/course/source").typescript();
  const file = ts.createSourceFile("answer.ts", text, ts.ScriptTarget.ES2022, true);
  const found = {};
  let pending = [];
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) continue;
    const words = wordsOfNode(ts, file, node, names);
    const name = ts.isFunctionDeclaration(node) && node.body && node.name?.text;
    if (names.includes(name)) {
      found[name] = [...pending, ...words];
      pending = [];
    } else pending.push(...words);
  }
  const last = Object.keys(found).at(-1);
  if (last) found[last].push(...pending);
  return found;
}

function wordsOfNode(ts, file, node, names) {
  const own = ownNames(ts, node);
  const types = typePlaces(ts, node);
  const body = node.body ?? node;
  const words = [];
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, 0, file.text.slice(0, body.end));
  scanner.setText(file.text, body.getStart(file), body.end - body.getStart(file));
  let before;
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const at = scanner.getTokenPos();
    const text = scanner.getTokenText();
    if (types.some(([from, to]) => at >= from && at < to)) continue;
    const isName = kind === ts.SyntaxKind.Identifier;
    const isField = before === "." || before === "?.";
    const chosen = isName && own.has(text) && !isField && !names.includes(text);
    words.push({ word: chosen ? "·" : spelled(ts, kind, text), at });
    before = text;
  }
  return words.map(({ word, at }) => ({
    word,
    line: file.getLineAndCharacterOfPosition(at).line,
  }));
}

/** Variables are variables however they are declared, and a text is a text. */
function spelled(ts, kind, text) {
  if (kind === ts.SyntaxKind.LetKeyword || kind === ts.SyntaxKind.VarKeyword) return "const";
  if (kind === ts.SyntaxKind.NoSubstitutionTemplateLiteral)
    return JSON.stringify(text.slice(1, -1));
  return text;
}
