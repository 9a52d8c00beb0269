// Reads the source text of exercises and solutions: which functions there are, their signatures,
// and the facts that live only in the stubs' doc tags (`@points 3 @minutes 10 @difficulty 2`).
// Parsed with TypeScript 5.0.4's API, the one inside tslab: a notebook has it loaded already.

import { createRequire } from "node:module";
import type * as TypeScript from "@tslab/typescript-for-tslab";

type TS = typeof TypeScript;
let loaded: TS | undefined;

/** The compiler's API, loaded at the first use (0.3 s): not every command parses. */
export function typescript(): TS {
  loaded ??= createRequire(__filename)("@tslab/typescript-for-tslab") as TS;
  return loaded;
}

/**
 * A program of one text and no library: what the compiler's checker knows of names and of mistakes
 * that parse, in milliseconds.
 */
export function oneFileProgram(text: string): {
  file: TypeScript.SourceFile;
  program: TypeScript.Program;
} {
  const ts = typescript();
  const name = "answer.ts";
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    noLib: true,
    noResolve: true,
    types: [],
  };
  const file = ts.createSourceFile(name, text, options.target, true);
  const program = ts.createProgram([name], options, {
    getSourceFile: (path) => (path === name ? file : undefined),
    getDefaultLibFileName: () => "lib.d.ts",
    writeFile: () => {},
    getCurrentDirectory: () => "",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (path) => path === name,
    readFile: () => undefined,
  });
  return { file, program };
}

export interface ExerciseSource {
  name: string;
  /** From `export` to the opening brace, white space normalised: equal in stub and solution. */
  signature: string;
  /** The names of its parameters; "" for one that is taken apart, as `{ nHead, mask }` is. */
  parameters: string[];
  /** The declared type of the result, "" if not declared. */
  returns: string;
  /** If the result (or what its promise holds) is an object type: its fields' types. */
  fields?: Record<string, string>;
  /** The doc comment without its stars and tags. */
  doc: string;
  points: number;
  minutes: number;
  difficulty: number;
  /** The function's own text, without its doc comment. */
  code: string;
  /** 1-based line of `export function`. */
  line: number;
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

function tag(comment: string, name: string): number {
  const found = new RegExp(`@${name}\\s+(-?[\\d.]+)`).exec(comment);
  return found ? Number(found[1]) : Number.NaN;
}

/**
 * The exported functions of a file, in the order they stand in. Survives syntax errors as well as
 * the parser does.
 */
export function readFunctions(text: string, fileName = "exercise.ts"): ExerciseSource[] {
  const ts = typescript();
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true);
  const found: ExerciseSource[] = [];
  for (const node of file.statements) {
    if (!ts.isFunctionDeclaration(node) || !node.name || !node.body) continue;
    if (!node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) continue;
    const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    const docs = comments.map((c) => text.slice(c.pos, c.end)).filter((c) => c.startsWith("/**"));
    const comment = docs.at(-1) ?? "";
    const doc = comment
      .replace(/^\/\*\*|\*\/$/g, "")
      .replace(/^[ \t]*\* ?/gm, "")
      .replace(/@(points|minutes|difficulty)\s+[\d.]+/g, "")
      .trim();
    const source: ExerciseSource = {
      name: node.name.text,
      signature: oneLine(text.slice(node.getStart(file), node.body.getStart(file))),
      parameters: node.parameters.map((p) => (ts.isIdentifier(p.name) ? p.name.text : "")),
      returns: node.type ? oneLine(node.type.getText(file)) : "",
      doc,
      points: tag(comment, "points"),
      minutes: tag(comment, "minutes"),
      difficulty: tag(comment, "difficulty"),
      code: text.slice(node.getStart(file), node.end),
      line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1,
    };
    let result = node.type;
    if (result && ts.isTypeReferenceNode(result) && result.typeName.getText(file) === "Promise")
      result = result.typeArguments?.[0];
    if (result && ts.isTypeLiteralNode(result)) {
      source.fields = {};
      for (const member of result.members) {
        if (!ts.isPropertySignature(member) || !member.type || member.questionToken) continue;
        source.fields[member.name.getText(file)] = oneLine(member.type.getText(file));
      }
    }
    found.push(source);
  }
  return found;
}

export interface Hint {
  title: string;
  text: string;
}

/** A hints file: `## causalMask`, under it `### Idea`, `### Pseudocode`, `### Answer`. */
export function readHints(markdown: string): Record<string, Hint[]> {
  const hints: Record<string, Hint[]> = {};
  let exercise = "";
  let fenced = false;
  for (const line of markdown.split(/\r?\n/)) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(##|###)\s+(.+?)\s*$/.exec(line);
    if (heading?.[1] === "##") {
      exercise = heading[2].replace(/`/g, "");
      hints[exercise] = [];
    } else if (heading && exercise) hints[exercise].push({ title: heading[2], text: "" });
    else if (exercise && hints[exercise].length > 0) hints[exercise].at(-1)!.text += line + "\n";
  }
  for (const list of Object.values(hints))
    for (const hint of list) hint.text = hint.text.replace(/^(\s*\n)+/, "").trimEnd();
  return hints;
}
