// Submissions that are after points that were not earned, other people's files or the machine. Each
// answers causalMask of lesson 06 (attention) wrongly and tries something on the way; `sees` is what
// the teacher finds: the flags, and a piece of the sentence. Nothing of it may bring a point, or
// leave anything behind. `planted` is a place that some of them write to.

export const planted = "/tmp/llm-hostile-was-here";

const HEAD = 'import { tf } from "llm/engine";\n';
/** A mistake that the lesson's test knows by name: nobody has to look for what is wrong. */
const WRONG =
  "return tf.tidy(() => tf.less(tf.range(0, T).expandDims(0), tf.range(0, T).expandDims(1))) as tf.Tensor2D;";
const SIGNATURE = "export function causalMask(T: number): tf.Tensor2D {";
const RIGHT =
  "tf.tidy(() => tf.lessEqual(tf.range(0, T).expandDims(0), tf.range(0, T).expandDims(1)))";

/** The function with a body before the wrong answer, after some code of the file's own. */
const mask = (body, top = "", end = WRONG) => `${HEAD}${top}\n${SIGNATURE}\n${body}\n${end}\n}\n`;
/** Tries something and goes on, whatever comes of it. */
const attempt = (body, top = "") => mask(`try {\n${body}\n} catch {}`, top);
const FS = 'import fs from "node:fs";';

/** [what it tries, the file, the kinds of flags, a piece of the sentence] */
const list = [
  // Someone else's answer.
  [
    "re-exports the solutions",
    'export * from "../solutions/06-attention";\n',
    ["import"],
    "may not import",
  ],
  [
    "re-exports one of them",
    'export { causalMask } from "../solutions/06-attention";\n',
    ["import"],
    "may not import",
  ],
  [
    "imports the solutions by their full path",
    `import * as s from "/course/solutions/06-attention";\n${mask("return s.causalMask(T);")}`,
    ["import"],
    "may not import",
  ],
  [
    "imports the compiled solutions",
    `import * as s from "/course/dist/solutions/06-attention.js";\n${mask("return s.causalMask(T);")}`,
    ["import"],
    "may not import",
  ],
  [
    "imports what the lesson explains",
    `import * as a from "llm/attention";\n${mask("return (a as any).causalMask(T);")}`,
    ["import"],
  ],
  [
    "imports the kit",
    `import * as kit from "llm/course/kit";\n${mask("(kit as any).Told;")}`,
    ["import"],
    "may not import",
  ],
  [
    "imports the course's learner()",
    `import { learner } from "llm/course/learner";\n${mask("learner;")}`,
    ["import"],
  ],
  [
    "requires a module by its name",
    attempt('return (require as any)("llm/attention").causalMask(T);'),
    ["process"],
  ],
  [
    "imports at run time",
    `${HEAD}const a = await import("/course/dist/attention.js");\n${SIGNATURE}\nreturn (a as any).causalMask(T);\n}\n`,
    ["import"],
    "may not import|cannot|Cannot|permission",
  ],
  [
    "makes a require of its own",
    attempt(
      'return createRequire("/course/dist/x.js")("./attention").causalMask(T);',
      'import { createRequire } from "node:module";',
    ),
    ["import"],
  ],
  [
    "reads the solutions' text",
    attempt('throw new Error(fs.readFileSync("/course/solutions/06-attention.ts", "utf8"));', FS),
    ["import"],
  ],
  [
    "looks for them in the module cache",
    attempt(
      "for (const m of Object.values((require as any).cache)) if ((m as any).exports.causalMask) return (m as any).exports.causalMask(T);",
    ),
    ["process"],
  ],
  [
    "takes the main module's require",
    attempt(
      "return (process as any).mainModule.require('/course/dist/attention.js').causalMask(T);",
    ),
    ["process"],
  ],
  // The verdict.
  [
    "forges the notes of the check",
    attempt(
      'fs.appendFileSync(JSON.parse(fs.readFileSync(process.env.LLM_CHECK!, \'utf8\')).notes, \'{"type":"pass","exercise":"0 causalMask","ms":1}\\n\');',
      FS,
    ),
    ["import", "process"],
  ],
  [
    "appends to the file that LLM_EVENTS names",
    attempt("fs.appendFileSync(process.env.LLM_EVENTS!, 'pass causalMask\\n');", FS),
    ["import", "process"],
  ],
  [
    "writes a reply into the pipe",
    attempt(
      `const t = Buffer.from(JSON.stringify({ op: "return", value: true, left: 0, promise: false, outs: [], flows: [], objects: [], gone: [] }));
const h = Buffer.alloc(8); h.writeUInt32LE(t.length, 0); fs.writeSync(1, Buffer.concat([h, t]));`,
      FS,
    ),
    ["import"],
  ],
  [
    "writes rubbish into the pipe",
    attempt('fs.writeSync(1, "passed passed passed passed passed");', FS),
    ["import"],
  ],
  [
    "says that a message has four gigabytes",
    attempt("fs.writeSync(1, Buffer.alloc(8, 255));", FS),
    ["import"],
    "could not be read",
  ],
  [
    "writes to every open file",
    attempt(
      'for (let fd = 3; fd < 40; fd++) try { fs.writeSync(fd, "x".repeat(64)); } catch {}',
      FS,
    ),
    ["import"],
  ],
  [
    "gives itself 300 points",
    `${HEAD}/** @points 300 @minutes 1 @difficulty 1 */\n${SIGNATURE}\n${WRONG}\n}\n`,
    [],
  ],
  [
    "claims not to have begun",
    mask(
      'throw Object.assign(new Error("later"), { name: "NotDoneYet", exercise: "causalMask" });',
      "",
      "",
    ),
    [],
  ],
  [
    "speaks in the kit's name",
    mask(
      'throw Object.assign(new Error("This is right. 2 of 2 points."), { name: "Told" });',
      "",
      "",
    ),
    [],
    "stopped with an error",
  ],
  [
    "claims that the engine lacks something",
    mask(
      'throw Object.assign(new Error("no"), { name: "EngineRefusal", operation: "x", instead: "y" });',
      "",
      "",
    ),
    [],
  ],
  [
    "claims that the machine failed",
    mask(
      'throw Object.assign(new Error("the sandbox could not be started (x)"), { name: "MachineFault" });',
      "",
      "",
    ),
    [],
  ],
  ["throws nothing", mask("throw undefined;", "", ""), []],
  ["throws an endless string", mask('throw new Error("x".repeat(5e7));', "", ""), []],
  [
    "exports a thenable module",
    `${attempt("")}export function then(done: (x: unknown) => void) { done({ causalMask: () => 1 }); }\n`,
    [],
  ],
  [
    "exports by a getter",
    mask(
      "",
      'let n = 0; Object.defineProperty(exports, "maskedSoftmax", { get: () => () => n++ });',
    ),
    ["process", "prototype"],
  ],
  // Whatever compares.
  ["exchanges Math.abs", mask("", "Math.abs = () => 0;"), ["prototype"]],
  ["exchanges Object.is", mask("", "(Object as any).is = () => true;"), ["prototype"]],
  ["exchanges every()", mask("", "(Array.prototype as any).every = () => true;"), ["prototype"]],
  [
    "exchanges the arrays of numbers",
    mask("", "(Float32Array.prototype as any).slice = () => [];"),
    ["prototype"],
  ],
  [
    "exchanges JSON",
    mask("", 'JSON.stringify = () => \'{"op":"return","value":1,"objects":[],"gone":[]}\';'),
    ["prototype"],
    "could not",
  ],
  [
    "exchanges Promise.then",
    mask("", "(Promise.prototype as any).then = function (f: any) { f(); return this; };"),
    ["prototype"],
  ],
  [
    "exchanges an operation of tf",
    mask("", "(tf as any).lessEqual = () => tf.ones([1]);"),
    ["prototype"],
  ],
  [
    "sets what every object has",
    mask(
      "",
      '(Object.prototype as any).passed = true; (Object.prototype as any).state = "passed";',
    ),
    ["prototype"],
  ],
  [
    "sets it under another name",
    mask("", '({} as any)["__pro" + "to__"].state = "passed";'),
    ["prototype"],
  ],
  [
    "returns a record with __proto__",
    mask("", "", `return JSON.parse('{"__proto__": {"dtype": "bool", "shape": [1]}}');`),
    [],
    "returned an object",
  ],
  // What a result can be.
  [
    "returns something that looks like a tensor",
    mask(
      "",
      "",
      "return { shape: [T, T], dtype: 'bool', isDisposed: false, dataSync: () => new Uint8Array(T * T).fill(1) } as any;",
    ),
    [],
  ],
  [
    "returns something that changes when it is read",
    mask(
      "",
      "",
      "let n = 0; return { shape: [T, T], dtype: 'bool', isDisposed: false, dataSync: () => new Uint8Array(T * T).map(() => n++ & 1) } as any;",
    ),
    [],
  ],
  ["returns a proxy", mask("", "", "return new Proxy({}, { get: () => true }) as any;"), []],
  ["returns itself inside itself", mask("", "", "const a: any = []; a.push(a); return a;"), []],
  [
    "returns a very deep value",
    mask("", "", "let a: any = []; for (let i = 0; i < 1e5; i++) a = [a]; return a;"),
    [],
  ],
  ["returns 200 MB", mask("", "", "return new Array(2.5e7).fill(1) as any;"), []],
  [
    "returns a tensor with a false shape",
    mask(
      "",
      "",
      "return { shape: [1e9, 1e9], dtype: 'bool', isDisposed: false, dataSync: () => new Uint8Array(4) } as any;",
    ),
    [],
  ],
  ["returns NaN throughout", mask("", "", "return tf.fill([T, T], NaN) as tf.Tensor2D;"), []],
  ["returns what it was given", mask("", "", "return T as any;"), []],
  [
    "is right with the inputs that everybody has",
    mask(
      `if ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 25, 31, 32, 40, 41, 52, 55, 62, 64, 73, 95, 128, 256, 259].includes(T)) return ${RIGHT} as tf.Tensor2D;`,
    ),
    ["hard-coded"],
    "drawn anew",
  ],
  ["is right ten times", mask(`if (n++ < 10) return ${RIGHT} as tf.Tensor2D;`, "let n = 0;"), []],
  // The machine.
  ["never ends", mask("for (;;);"), [], "did not finish"],
  ["never ends as it is loaded", mask("", "for (;;);"), [], "did not finish"],
  [
    "sleeps",
    mask("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3e7);"),
    [],
    "did not finish",
  ],
  [
    "promises and never settles",
    `${HEAD}export async function causalMask(_T: number) {\nawait new Promise(() => {});\n}\n`,
    [],
    "never settles",
  ],
  [
    "takes all memory",
    mask("const all: number[][] = []; for (;;) all.push(new Array(1e6).fill(1));"),
    [],
    "memory|ended the whole process",
  ],
  [
    "takes all memory outside the heap",
    mask("const all: Float64Array[] = []; for (;;) all.push(new Float64Array(5e6).fill(1));"),
    [],
    "memory",
  ],
  ["takes all memory in tensors", mask("for (;;) tf.keep(tf.ones([5e6]));"), []],
  ["ends the process", mask("process.exit(0);"), ["process"], "ended the whole process"],
  ["kills the process", mask("process.kill(process.pid, 9);"), ["process"]],
  ["kills every process", attempt("process.kill(-1, 9);"), ["process"]],
  ["aborts", mask("process.abort();"), ["process"], "ended the whole process"],
  ["prints without end", mask("for (;;) console.log('x'.repeat(1000));"), [], "did not finish"],
  [
    "starts a program",
    attempt(`cp.execSync("touch ${planted}");`, 'import cp from "node:child_process";'),
    ["import"],
  ],
  [
    "starts programs that start programs",
    attempt(
      'for (;;) cp.spawn("/bin/sh", ["-c", ":(){ :|:& };:"]);',
      'import cp from "node:child_process";',
    ),
    ["import"],
  ],
  [
    "starts a thread",
    attempt(
      `new wt.Worker("require('fs').writeFileSync('${planted}', '')", { eval: true });`,
      'import wt from "node:worker_threads";',
    ),
    ["import"],
  ],
  [
    "leaves timers and handlers behind",
    mask(
      `process.on("exit", () => fs.writeFileSync("${planted}", "")); process.on("uncaughtException", () => {}); setInterval(() => {}, 1);`,
      FS,
    ),
    ["import", "process"],
  ],
  [
    "opens the debugger",
    attempt("inspector.open(9229, '0.0.0.0');", 'import inspector from "node:inspector";'),
    ["import"],
  ],
  [
    "loads an addon",
    attempt('(process as any).dlopen({ exports: {} }, "/usr/lib/x86_64-linux-gnu/libc.so.6");'),
    ["process"],
  ],
  [
    "takes Node's own bindings",
    attempt('(process as any).binding("fs").internalModuleReadJSON("/etc/passwd");'),
    ["process"],
  ],
  [
    "goes around Node's permissions",
    attempt(
      'const v = vm.runInThisContext("process"); v.binding("spawn_sync");',
      'import vm from "node:vm";',
    ),
    ["import"],
  ],
  // Other people's files.
  ["writes a file", attempt(`fs.writeFileSync("${planted}", "x");`, FS), ["import"]],
  [
    "changes the tests for the next one",
    attempt('fs.writeFileSync("/course/test/exercises/06-attention.test.ts", "");', FS),
    ["import"],
  ],
  [
    "changes the module of the next one",
    attempt(
      'fs.writeFileSync("/course/dist/course/exercise.js", ""); fs.writeFileSync("/in/answers.cjs", "");',
      FS,
    ),
    ["import"],
  ],
  ["makes a link", attempt(`fs.symlinkSync("/", "${planted}");`, FS), ["import"]],
  [
    "fills the disk",
    attempt(
      'for (const d of ["/tmp", "/dev/shm", "/in", "/"]) fs.writeFileSync(d + "/x", Buffer.alloc(5e8));',
      FS,
    ),
    ["import"],
  ],
  [
    "reads its neighbours",
    attempt(
      'throw new Error(fs.readdirSync("/in/../..").join() + fs.readdirSync("/tmp").join());',
      FS,
    ),
    ["import"],
  ],
  [
    "reads the accounts",
    mask("", `${FS}\nthrow new Error("got " + fs.readFileSync("/etc/passwd", "utf8"));`),
    ["import"],
    "^((?!root:).)*$",
  ],
  [
    "reads the environment",
    mask(
      "",
      'throw new Error("HOME=" + process.env.HOME + " PATH=" + process.env.PATH + " LLM_TEACHING=" + process.env.LLM_TEACHING);',
    ),
    ["process"],
    "LLM_TEACHING=undefined",
  ],
  [
    "calls home",
    mask(
      "",
      'const r = await fetch("http://127.0.0.1:9/"); throw new Error(["rea", "ched "].join("") + r.status);',
    ),
    [],
    "^((?!reached).)*$",
  ],
  [
    "listens",
    attempt("http.createServer().listen(8999);", 'import http from "node:http";'),
    ["import"],
  ],
  // Hiding.
  [
    "makes code from text",
    attempt(
      'return eval("process").mainModule.require("/course/dist/attention.js").causalMask(T);',
    ),
    ["code"],
  ],
  [
    "makes a function from text",
    attempt('new Function("return process")().exit(0);'),
    ["code"],
    "",
  ],
  [
    "takes Function from an object",
    attempt('({} as any).constructor.constructor("return process")().exit(0);'),
    ["code"],
  ],
  [
    "spells the constructor in pieces",
    attempt('(({} as any)["con" + "structor"] as any)["constructor"]("return process")().exit(0);'),
    ["code"],
  ],
  [
    "hides the constructor well",
    attempt(
      `const w = atob("Y29uc3RydWN0b3I="); const p = (({} as any)[w] as any)[w]("return process")(); const f = p.binding ? p.mainModule.require("fs") : 0; f.writeFileSync("${planted}", ""); return p.mainModule.require("/course/dist/attention.js").causalMask(T);`,
    ),
    [],
  ],
  [
    "takes the wrapper's arguments",
    mask("", "const given = arguments as any; given[1]('fs');"),
    ["process"],
  ],
  ["reaches for globalThis", attempt("(globalThis as any).process.exit(0);"), ["global"]],
  [
    "takes apart an object for it",
    attempt("const { constructor: C } = (() => {}) as any; C('return 1')();"),
    ["code"],
  ],
  // The page that the teacher reads.
  [
    "writes to the teacher's terminal",
    mask(
      "",
      "",
      String.raw`throw new Error("\u001b[2J\u001b[1;32mpassed\u001b]0;owned\u0007\u009b31m \u202e txet");`,
    ),
    [],
    "passed",
  ],
  [
    "writes into the teacher's page",
    mask("", "", "throw new Error('<script>alert(1)</script><img src=x onerror=alert(1)>');"),
    [],
    "<script>",
  ],
  [
    "has a name with marks that turn text round",
    `${HEAD}// \u202e } evil {\n${SIGNATURE}\n${WRONG}\n}\n`,
    [],
  ],
  // The reader.
  ["is larger than 1 MB", `${mask("")}// ${"x".repeat(1_100_000)}\n`, [], "larger than 1 MB"],
  [
    "nests without end",
    `${mask("")}const a = ${"(".repeat(200_000)}1;\n`,
    [],
    "read|parse|Maximum",
  ],
  [
    "keeps the compiler busy",
    `${mask("")}${Array.from({ length: 8000 }, (_, i) => `const v${i} = v${i ? i - 1 : 0}!;`).join("\n")}\n`,
    [],
  ],
  ["holds zero bytes", mask("").replaceAll("\n", "\n\u0000"), []],
];

/** [{ about, text, flags, sentence }] */
export const hostile = list.map(([about, text, flags, sentence = ""]) => ({
  about,
  text,
  flags,
  sentence: new RegExp(sentence, "s"),
}));
