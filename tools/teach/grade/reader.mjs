// Reads learners' texts in a thread of its own. Parsing and compiling run nothing, but a text can
// be made that keeps a compiler busy for ever or takes all memory. Then the thread is ended, and
// the other texts are read by a new one.
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { llm } from "../../kit.mjs";
import { flagsOf } from "./flags.mjs";

/** Seconds of this process's work that one text may take; its other threads only wait meanwhile. */
const SECONDS = 20;
/** By the clock, on a busy machine: then it is the machine's fault. */
const PATIENCE_MS = 240_000;
const MEGABYTES = 1024;

/** What a text is found to be; see `Reader.read`. */
function read({ id, text, sources, allowed }) {
  const { answersOf } = llm("llm/course/answers");
  const { typescript } = llm("llm/course/source");
  const ts = typescript();
  const answers = answersOf(id, `${id}.ts`, text, sources);
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    sourceMap: true,
  };
  const made = ts.transpileModule(answers.runnable, { compilerOptions, fileName: `${id}.ts` });
  const file = ts.createSourceFile("answer.js", made.outputText, ts.ScriptTarget.ES2022, true);
  const required = new Set();
  const visit = (node) => {
    const isRequire = ts.isCallExpression(node) && node.expression.getText(file) === "require";
    const name = isRequire && node.arguments[0];
    if (name && ts.isStringLiteralLike(name)) required.add(name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  // What is imported by a statement. A module that the code requires by itself stays outside.
  const source = ts.createSourceFile("answer.ts", answers.runnable, ts.ScriptTarget.ES2022);
  const imported = source.statements
    .filter(ts.isImportDeclaration)
    .map((s) => s.moduleSpecifier.text);
  return {
    answers,
    code: made.outputText,
    map: made.sourceMapText,
    imports: [...new Set(imported)].filter((name) => required.has(name)),
    flags: flagsOf(ts, answers.runnable, allowed, required),
  };
}

if (!isMainThread)
  parentPort.on("message", ({ number, work }) => {
    try {
      parentPort.postMessage({ number, read: read(work) });
    } catch (error) {
      parentPort.postMessage({ number, failed: String(error?.message) });
    }
  });

export class Reader {
  #worker;
  #number = 0;
  #queue = Promise.resolve();

  /**
   * Reads a text, one after the other.
   * @param work { id, text, sources, allowed }
   * @returns { answers, code, map, imports, flags }, or { failed } with why it cannot be read, or
   *   { trouble } with why the machine could not
   */
  read(work) {
    const next = this.#queue.then(() => this.#ask(work));
    this.#queue = next.catch(() => {});
    return next;
  }

  #ask(work) {
    this.#worker ??= new Worker(fileURLToPath(import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES, stackSizeMb: 4 },
      stdout: true,
      stderr: true,
    });
    const worker = this.#worker;
    worker.ref();
    const number = ++this.#number;
    return new Promise((done) => {
      const finish = (result, isOver) => {
        clearInterval(timer);
        worker.off("message", onMessage);
        worker.off("error", onError);
        if (isOver) this.close();
        else worker.unref();
        done(result);
      };
      const onMessage = ({ number: of, read, failed }) => {
        if (of === number) finish(failed === undefined ? read : { failed }, false);
      };
      const onError = ({ message }) => {
        const failed = /memory/i.test(message) ? "it takes too much memory to read" : message;
        finish({ failed }, true);
      };
      const [begin, before] = [Date.now(), process.cpuUsage()];
      const timer = setInterval(() => {
        const { user, system } = process.cpuUsage(before);
        if ((user + system) / 1e6 > SECONDS)
          finish({ failed: `it takes more than ${SECONDS} seconds to read` }, true);
        else if (Date.now() - begin > PATIENCE_MS)
          finish({ trouble: "reading the file took too long" }, true);
      }, 100);
      worker.on("message", onMessage);
      worker.on("error", onError);
      worker.postMessage({ number, work });
    });
  }

  close() {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
