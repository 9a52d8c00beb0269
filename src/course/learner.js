"use strict";
// `const mine = await learner("06-attention")`: the learner's functions where their checks pass,
// the reference where they do not, so that being stuck never blocks. The file is read anew at each
// call: an edit needs no restart.
Object.defineProperty(exports, "__esModule", { value: true });
exports.learner = void 0;
const node_fs_1 = require("node:fs");
const node_module_1 = require("node:module");
const node_path_1 = require("node:path");
const node_vm_1 = require("node:vm");
const output_1 = require("../display/output");
const answers_1 = require("./answers");
const paths_1 = require("./paths");
const progress_1 = require("./progress");
const register_1 = require("./register");
const run_1 = require("./run");
const source_1 = require("./source");
/**
 * The learner's file as a module of this process: `llm/…` is the module the notebook uses, so
 * tensors are shared.
 */
function loadOwn(answers) {
    const ts = (0, source_1.typescript)();
    const compilerOptions = {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        sourceMap: true,
    };
    const { outputText, sourceMapText } = ts.transpileModule(answers.runnable, {
        compilerOptions,
        fileName: answers.file,
    });
    const near = (0, node_module_1.createRequire)(answers.file);
    const here = (0, node_module_1.createRequire)(__filename);
    const load = (name) => {
        if (!name.startsWith("llm/"))
            return near(name);
        // This file is dist/course/learner.js, and `llm/x` is dist/x.
        return here(`../${name.slice(4)}`);
    };
    const module = { exports: {} };
    const code = outputText.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
    const parameters = ["exports", "require", "module", "__filename", "__dirname"];
    const run = (0, node_vm_1.compileFunction)(code, parameters, { filename: answers.file });
    loaded.set(answers.file, {
        map: new node_module_1.SourceMap(JSON.parse(sourceMapText)),
        lines: answers.text.split("\n"),
    });
    run(module.exports, load, module, answers.file, (0, node_path_1.dirname)(answers.file));
    return module.exports;
}
/**
 * The learners' files that are loaded: what runs is JavaScript made from them, with other line
 * numbers.
 */
const loaded = new Map();
/**
 * "exercises/06-attention.ts, line 12: return …" for a place in what runs, or null where that is no
 * learner's file.
 */
function ownLine(file, line, column) {
    const entry = loaded.get(file)?.map.findEntry(line - 1, column - 1);
    if (entry === undefined || !("originalLine" in entry))
        return null;
    const text = loaded.get(file).lines[entry.originalLine] ?? "";
    return `${(0, paths_1.pathInCourse)(file)}, line ${entry.originalLine + 1}: ${text.trim()}`;
}
// The kernel's tracebacks and llm/engine's CompileError, which know nothing of the course, ask for
// it by this name.
globalThis[Symbol.for("llm.ownLine")] = ownLine;
/** The innermost line of a learner's file in a stack. */
function ownLineOf(error) {
    for (const [, file, line, column] of (error.stack ?? "").matchAll(/(?:\(|at )(?:file:\/\/)?(\S[^()\n]*):(\d+):(\d+)\)?$/gm)) {
        const found = ownLine(file, Number(line), Number(column));
        if (found)
            return found;
    }
    return null;
}
/** Says whose function it was, when one that passed its checks throws later. */
function named(fn, name, lesson) {
    const explain = (error) => {
        if (error instanceof Error && !error.message.includes("exercises/"))
            error.message = `${error.message} (in your ${name}, ${ownLineOf(error) ?? (0, paths_1.pathInCourse)((0, paths_1.answersFile)(lesson))})`;
        throw error;
    };
    const wrapped = (...args) => {
        try {
            const result = fn(...args);
            return result instanceof Promise ? result.catch(explain) : result;
        }
        catch (error) {
            return explain(error);
        }
    };
    return Object.defineProperty(wrapped, "name", { value: name });
}
async function passing(answers) {
    const records = (0, progress_1.recordsOf)((0, progress_1.readProgress)(), answers.id);
    const known = new Map();
    for (const { name } of answers.exercises) {
        if ((0, answers_1.isUntouched)(answers.own.get(name)?.code ?? ""))
            known.set(name, false);
        else if (records[name]?.content === (0, answers_1.fingerprint)(answers, name))
            known.set(name, records[name].state === "passed");
    }
    const unknown = answers.exercises.map((e) => e.name).filter((name) => !known.has(name));
    if (unknown.length > 0)
        for (const { name, state } of await (0, run_1.runLesson)(answers.id, { only: unknown }))
            known.set(name, state === "passed");
    return new Set([...known].filter(([, passed]) => passed).map(([name]) => name));
}
const inWords = (names) => names.join(", ").replace(/, ([^,]*)$/, names.length > 2 ? ", and $1" : " and $1");
/** Whose functions a lesson's cells call, as a sentence. */
function sayWhose(id, yours, others) {
    const listed = register_1.parts.flatMap(({ lessons }) => lessons).find((lesson) => lesson.id === id);
    const title = listed?.title ?? id.slice(3).replaceAll("-", " ");
    // "A neural network by hand" → "a neural network by hand"; "GPT" stays.
    const name = /^[A-Z]([^A-Z]|$)/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
    const lesson = `${id.slice(0, 2)} (${name})`;
    if (others.length === 0)
        return `Lesson ${lesson} uses your own ${inWords(yours)}.`;
    const theirs = `the reference answers for ${inWords(others)}`;
    return yours.length === 0
        ? `Until yours pass, lesson ${lesson} uses ${theirs}.`
        : `Lesson ${lesson} uses your own ${inWords(yours)} and, until yours pass, ${theirs}.`;
}
/**
 * The functions of a lesson: yours where they pass, the reference's where they do not, and one line
 * saying which.
 * @param lesson the id: "06-attention"
 */
async function learner(lesson) {
    const id = (0, paths_1.findLesson)(lesson);
    const { compiled } = (0, paths_1.lessonFiles)(id);
    if (!(0, node_fs_1.existsSync)(compiled))
        throw new paths_1.CourseError(`learner: the reference answers of ${id} are not built yet. Run: npm run build`);
    const reference = (0, node_module_1.createRequire)(__filename)(compiled);
    const functions = { ...reference };
    let yours = [];
    let trouble = "";
    try {
        const answers = (0, answers_1.readAnswers)(id);
        const passed = await passing(answers);
        if (passed.size > 0) {
            const own = loadOwn(answers);
            yours = answers.exercises
                .map((e) => e.name)
                .filter((name) => passed.has(name) && typeof own[name] === "function");
            for (const name of yours)
                functions[name] = named(own[name], name, id);
        }
    }
    catch (error) {
        // A file that cannot be loaded here must not keep the lesson from going on.
        yours = [];
        Object.assign(functions, reference);
        trouble = ` (${error instanceof Error ? error.message.split("\n")[0] : String(error)})`;
    }
    const others = Object.keys(reference).filter((n) => typeof reference[n] === "function" && !yours.includes(n));
    const line = `${sayWhose(id, yours, others)}${trouble}`;
    (0, output_1.show)({ "text/html": `<small>${(0, output_1.escapeHtml)(line)}</small>`, "text/plain": line });
    // `mine = await learner(…)` as a cell's last line needs no echo: the line above has said what
    // there is.
    return Object.defineProperty(functions, Symbol.for("llm.silent"), {
        value: true,
    });
}
exports.learner = learner;
