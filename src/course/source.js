"use strict";
// Reads the source text of exercises and solutions: which functions there are, their signatures,
// and the facts that live only in the stubs' doc tags (`@points 3 @minutes 10 @difficulty 2`).
// Parsed with TypeScript 5.0.4's API, the one inside tslab: a notebook has it loaded already.
Object.defineProperty(exports, "__esModule", { value: true });
exports.readHints = exports.readFunctions = exports.typescript = void 0;
const node_module_1 = require("node:module");
let loaded;
/** The compiler's API, loaded at the first use (0.3 s): not every command parses. */
function typescript() {
    loaded ??= (0, node_module_1.createRequire)(__filename)("@tslab/typescript-for-tslab");
    return loaded;
}
exports.typescript = typescript;
const oneLine = (text) => text.replace(/\s+/g, " ").trim();
function tag(comment, name) {
    const found = new RegExp(`@${name}\\s+(-?[\\d.]+)`).exec(comment);
    return found ? Number(found[1]) : Number.NaN;
}
/**
 * The exported functions of a file, in the order they stand in. Survives syntax errors as well as
 * the parser does.
 */
function readFunctions(text, fileName = "exercise.ts") {
    const ts = typescript();
    const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true);
    const found = [];
    for (const node of file.statements) {
        if (!ts.isFunctionDeclaration(node) || !node.name || !node.body)
            continue;
        if (!node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword))
            continue;
        const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
        const docs = comments.map((c) => text.slice(c.pos, c.end)).filter((c) => c.startsWith("/**"));
        const comment = docs.at(-1) ?? "";
        const doc = comment
            .replace(/^\/\*\*|\*\/$/g, "")
            .replace(/^[ \t]*\* ?/gm, "")
            .replace(/@(points|minutes|difficulty)\s+[\d.]+/g, "")
            .trim();
        const source = {
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
                if (!ts.isPropertySignature(member) || !member.type || member.questionToken)
                    continue;
                source.fields[member.name.getText(file)] = oneLine(member.type.getText(file));
            }
        }
        found.push(source);
    }
    return found;
}
exports.readFunctions = readFunctions;
/** A hints file: `## causalMask`, under it `### Idea`, `### Pseudocode`, `### Answer`. */
function readHints(markdown) {
    const hints = {};
    let exercise = "";
    let fenced = false;
    for (const line of markdown.split(/\r?\n/)) {
        if (/^\s*```/.test(line))
            fenced = !fenced;
        const heading = fenced ? null : /^(##|###)\s+(.+?)\s*$/.exec(line);
        if (heading?.[1] === "##") {
            exercise = heading[2].replace(/`/g, "");
            hints[exercise] = [];
        }
        else if (heading && exercise)
            hints[exercise].push({ title: heading[2], text: "" });
        else if (exercise && hints[exercise].length > 0)
            hints[exercise].at(-1).text += line + "\n";
    }
    for (const list of Object.values(hints))
        for (const hint of list)
            hint.text = hint.text.replace(/^(\s*\n)+/, "").trimEnd();
    return hints;
}
exports.readHints = readHints;
