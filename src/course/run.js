"use strict";
// Runs a lesson's tests on the learner's file in a child process, so that nothing a learner writes
// can hurt the notebook: an endless loop, a crash, process.exit, a gigabyte. The child notes what
// happens in a file of JSON lines (./kit/supervise.ts). When it dies, the exercise it was at is
// marked, and a new child runs the rest.
Object.defineProperty(exports, "__esModule", { value: true });
exports.runLesson = void 0;
const node_child_process_1 = require("node:child_process");
const node_fs_1 = require("node:fs");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const node_util_1 = require("node:util");
const interrupt_1 = require("../engine/interrupt");
const answers_1 = require("./answers");
const protocol_1 = require("./kit/protocol");
const paths_1 = require("./paths");
const progress_1 = require("./progress");
const POLL_MS = 40;
/** For starting vitest and the tensor engine, on a slow and busy machine. */
const START_MS = 90000;
/**
 * A new folder for what a check writes. @throws CourseError where the system has no place for it
 */
function temporaryFolder(prefix) {
    try {
        return (0, node_fs_1.mkdtempSync)((0, node_path_1.join)((0, node_os_1.tmpdir)(), prefix));
    }
    catch (error) {
        throw new paths_1.CourseError(`The check needs the temporary folder ${(0, node_os_1.tmpdir)()}, and cannot write there ` +
            `(${error.message}). Is the disk full? TMPDIR (on Windows TEMP) names another folder.`);
    }
}
/** Secrets of the machine, such as JUPYTER_TOKEN, are none of an answer's business. */
const SECRET = /^(JUPYTER|JPY)_|(TOKEN|SECRET|PASSWORD|API_KEY|ACCESS_KEY)$/i;
/** What would change how the child runs. */
const OURS = /^(VITEST|NODE_ENV$|TEST$|NODE_OPTIONS$|NODE_CHANNEL|FORCE_COLOR$)/;
/** Vitest on one lesson's file, until it ends or has to be ended. */
function runChild(answers, only, options) {
    const root = (0, paths_1.courseRoot)();
    const folder = temporaryFolder("llm-check-");
    const notes = (0, node_path_1.join)(folder, "notes.jsonl");
    const env = {};
    for (const [key, value] of Object.entries(process.env))
        if (!OURS.test(key) && !SECRET.test(key))
            env[key] = value;
    Object.assign(env, {
        LLM_ROOT: root,
        [protocol_1.SETTINGS]: (0, node_path_1.join)(folder, "settings.json"),
        LLM_SIZE: "smoke",
        // Above the watchdog's limit, so that it is the one to speak.
        NODE_OPTIONS: `--max-old-space-size=${options.megabytes + 2048}`,
        NO_COLOR: "1",
        VITE_CONFIG_NATIVE_IGNORE_WARNING: "true",
    });
    const settings = {
        file: answers.file,
        only,
        sources: answers.exercises,
        notes,
        milliseconds: options.seconds * 1000,
        megabytes: options.megabytes,
    };
    if (answers.runnable !== answers.text) {
        settings.text = (0, node_path_1.join)(folder, "text.ts");
        (0, node_fs_1.writeFileSync)(settings.text, answers.runnable);
    }
    (0, node_fs_1.writeFileSync)(env[protocol_1.SETTINGS], JSON.stringify(settings));
    (0, node_fs_1.writeFileSync)(notes, "");
    const args = [
        (0, node_path_1.join)(root, "node_modules", "vitest", "vitest.mjs"),
        "run",
        "--config",
        (0, node_path_1.join)(root, "src", "course", "kit", "check.config.mjs"),
        // As it stands: vite would first write a copy into node_modules, which may not be writable.
        "--configLoader",
        "native",
        (0, paths_1.lessonFiles)(answers.id).test,
    ];
    const windows = process.platform === "win32";
    // A group of its own, so that the worker dies with it.
    const child = (0, node_child_process_1.spawn)(process.execPath, args, {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        detached: !windows,
    });
    const kill = () => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
            return;
        if (windows)
            (0, node_child_process_1.spawn)("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
        else
            try {
                process.kill(-child.pid, "SIGKILL");
            }
            catch {
                child.kill("SIGKILL");
            }
    };
    process.once("exit", kill);
    let output = "";
    const keep = (chunk) => {
        output = (output + chunk.toString()).slice(-6000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    return new Promise((done, failed) => {
        let size = 0;
        let last = Date.now();
        let interrupted = false;
        const poll = setInterval(() => {
            const text = readIfThere(notes);
            if (text === undefined)
                return kill(); // somebody cleaned up the temporary folder
            if (text.length !== size) {
                size = text.length;
                last = Date.now();
                if (text.includes('"type":"dead"'))
                    kill();
            }
            if ((0, interrupt_1.interrupted)()) {
                interrupted = true;
                kill();
            }
            const patience = size === 0 ? START_MS : options.seconds * 1000 + 15000;
            if (Date.now() - last > patience)
                kill();
        }, POLL_MS);
        const finish = (ending) => {
            clearInterval(poll);
            process.removeListener("exit", kill);
            const text = readIfThere(notes);
            (0, node_fs_1.rmSync)(folder, { recursive: true, force: true });
            if (text !== undefined)
                return done({ notes: (0, protocol_1.readNotes)(text), output, ending, interrupted });
            failed(new paths_1.CourseError(`The check's temporary folder ${folder} vanished while it ran. Check once more.`));
        };
        child.on("error", (error) => finish(error.message));
        child.on("close", (code, signal) => finish(signal ? `signal ${signal}` : `exit code ${code}`));
    });
}
function readIfThere(file) {
    try {
        return (0, node_fs_1.readFileSync)(file, "utf8");
    }
    catch {
        return undefined;
    }
}
function sayDeath(name, reason, outcome, options) {
    const what = name === protocol_1.FILE ? "Loading the file (the code outside its functions)" : name;
    const memory = `${what} took more than ${(options.megabytes / 1024).toFixed(1).replace(".0", "")} GB of memory and was stopped. The usual causes: an array that grows in a loop that never ends, or a shape with one factor too many.`;
    if (reason === "memory" ||
        /heap out of memory|ERR_WORKER_OUT_OF_MEMORY|bad_alloc/i.test(outcome.output))
        return memory;
    if (reason === "time")
        return `${what} did not finish within ${options.seconds} second${options.seconds === 1 ? "" : "s"} and was stopped. The usual cause: a loop that never ends (is its condition ever false, does its counter move?).`;
    return `${what} ended the whole process (${outcome.ending}) before its test was over. Does it call process.exit, process.kill or process.abort?`;
}
/**
 * What TypeScript says about the file, per line. Answers run in spite of it: a note, not a verdict.
 */
function checkTypes(answers) {
    const root = (0, paths_1.courseRoot)();
    const compiler = (0, node_path_1.join)(root, "node_modules", "typescript", "bin", "tsc");
    if (!(0, node_fs_1.existsSync)(compiler))
        return Promise.resolve([]);
    const folder = temporaryFolder("llm-types-");
    const modules = (0, node_fs_1.realpathSync)((0, node_path_1.join)(root, (0, node_fs_1.existsSync)((0, node_path_1.join)(root, "dist", "course")) ? "dist" : "src"));
    const project = (0, node_path_1.join)(folder, "tsconfig.json");
    const compilerOptions = {
        ...{
            target: "ES2022",
            lib: ["ES2023"],
            module: "ESNext",
            moduleResolution: "bundler",
            strict: true,
        },
        ...{ skipLibCheck: true, noEmit: true, esModuleInterop: true, resolveJsonModule: true },
        types: ["node"],
        typeRoots: [(0, node_path_1.join)(root, "node_modules", "@types")],
        paths: { "llm/*": [`${modules}/*`] },
    };
    (0, node_fs_1.writeFileSync)(project, JSON.stringify({ compilerOptions, files: [answers.file] }));
    const child = (0, node_child_process_1.spawn)(process.execPath, [compiler, "-p", project, "--pretty", "false"], {
        cwd: root,
        stdio: ["ignore", "pipe", "ignore"],
    });
    const timer = setTimeout(() => child.kill(), 20000);
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    return new Promise((done) => {
        const finish = () => {
            clearTimeout(timer);
            (0, node_fs_1.rmSync)(folder, { recursive: true, force: true });
            const found = output.matchAll(/^(.*)\((\d+),\d+\): error TS\d+: (.*(?:\n .*)*)/gm);
            const own = [...found].filter(([, file]) => file.endsWith(`${answers.id}.ts`));
            done(own.map(([, , line, message]) => ({ line: Number(line), message: message.split("\n")[0] })));
        };
        child.on("error", finish);
        child.on("close", finish);
    });
}
/**
 * Checks a lesson's exercises and records the results.
 * @throws CourseError for an unknown exercise, a missing file, or when stopped
 */
async function runLesson(id, options = {}) {
    // A stop that was pressed before this check began is not meant for it.
    (0, interrupt_1.clearInterrupt)();
    const limits = { seconds: options.seconds ?? 20, megabytes: options.megabytes ?? 2048 };
    const answers = (0, answers_1.readAnswers)(id);
    const only = options.only?.map((name) => (0, answers_1.findExercise)(answers, name));
    const results = answers.exercises
        .filter((e) => only?.includes(e.name) ?? true)
        .map(({ name, points, minutes, difficulty }) => ({
        name,
        points,
        minutes,
        difficulty,
        state: "todo",
    }));
    const waiting = new Map();
    for (const result of results) {
        const said = answers.broken.get(result.name);
        if (said)
            Object.assign(result, { state: "failed", message: said });
        else if (!(0, answers_1.isUntouched)(answers.own.get(result.name)?.code ?? ""))
            waiting.set(result.name, result);
    }
    if (waiting.size > 0) {
        const types = checkTypes(answers);
        while (waiting.size > 0)
            await runSome(answers, waiting, limits);
        attachTypes(answers, results, await types);
    }
    record(answers, results);
    return results;
}
exports.runLesson = runLesson;
/** One child; takes out of `waiting` what it settled, and at least one exercise. */
async function runSome(answers, waiting, limits) {
    const outcome = await runChild(answers, [...waiting.keys()], limits);
    if (outcome.interrupted)
        throw new paths_1.CourseError("The check was stopped.");
    const settle = (name, result) => {
        const names = name === protocol_1.FILE ? [...waiting.keys()] : [name];
        for (const each of names)
            Object.assign(waiting.get(each) ?? {}, result);
        for (const each of names)
            waiting.delete(each);
    };
    let at;
    let reason;
    const before = waiting.size;
    for (const note of outcome.notes) {
        if (note.type === "start")
            at = note.exercise;
        else if (note.type === "dead")
            reason = note.reason;
        else if (note.type !== "loaded") {
            at = undefined;
            if (note.exercise === protocol_1.FILE && note.type === "pass")
                continue;
            const state = note.type === "pass" ? "passed" : note.type === "todo" ? "todo" : "failed";
            settle(note.exercise, { state, message: note.message, printed: note.printed, ms: note.ms });
        }
    }
    if (at !== undefined)
        settle(at, { state: "failed", message: sayDeath(at, reason, outcome, limits) });
    // Nothing was even begun: the fault is the course's, or the machine's. Nothing is recorded.
    if (waiting.size === before) {
        const said = (0, node_util_1.stripVTControlCharacters)(outcome.output).trim().slice(-1500);
        throw new paths_1.CourseError(`The tests of lesson ${answers.id} could not be run (${outcome.ending}). This is not your answer's fault; \`npm run doctor\` may tell more.\n${said}`);
    }
}
function attachTypes(answers, results, found) {
    for (const { line, message } of found) {
        const text = answers.text.split(/\r?\n/)[line - 1]?.trim() ?? "";
        const owner = [...answers.own.values()].find((f) => line >= f.line && line < f.line + f.code.split("\n").length);
        const result = results.find((r) => r.name === owner?.name);
        if (!result || result.state === "todo")
            continue;
        result.types = [...(result.types ?? []), `line ${line}: ${message}\n  ${text}`];
    }
}
function record(answers, results) {
    const now = new Date().toISOString();
    const untouched = (name) => (0, answers_1.isUntouched)(answers.own.get(name)?.code ?? "");
    (0, progress_1.updateProgress)((progress) => {
        for (const { name, state, points } of results) {
            // A lesson merely opened leaves no record behind.
            if (state === "todo" && untouched(name) && !progress.lessons[answers.id]?.[name])
                continue;
            Object.assign((0, progress_1.recordOf)(progress, answers.id, name), {
                state,
                points,
                content: (0, answers_1.fingerprint)(answers, name),
                checked: now,
            });
        }
    });
}
