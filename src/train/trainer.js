"use strict";
// The training run: steps, evaluations, checkpoints, a log, for any task. `npm run train` and the
// lessons run this. Promise kept throughout: the state after step n depends on the task, the
// settings and n only. A run that was killed and resumed gives the losses of one that was not.
// What is trained is in task.ts; what a step does in step.ts; what a checkpoint holds in
// llm/checkpoint; the page about the run in report.ts. No model is known here.
Object.defineProperty(exports, "__esModule", { value: true });
exports.Trainer = exports.Diverged = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const checkpoint_1 = require("../checkpoint");
const engine_1 = require("../engine");
const files_1 = require("../files");
const optim_1 = require("../optim");
const params_1 = require("../params");
const lock_1 = require("./lock");
const log_1 = require("./log");
const report_1 = require("./report");
const runner_1 = require("./runner");
const settings_1 = require("./settings");
const task_1 = require("./task");
/** The loss, the norm of its gradient, or the metric is no longer a finite number. */
class Diverged extends Error {
    record;
    name = "Diverged";
    /** @param record the step at which it happened, if it was a step */
    constructor(message, record) {
        super(message);
        this.record = record;
    }
}
exports.Diverged = Diverged;
/**
 * How long small steps may keep the process to themselves: after that, output and the stop button
 * get their turn.
 */
const YIELD_MS = 10;
/** Trains one task. It owns the task: `dispose` frees it too. */
class Trainer {
    task;
    settings;
    dir;
    /** Steps done. */
    step = 0;
    history = { steps: [], evals: [] };
    runner;
    log;
    unlock;
    notice = () => { };
    evaluating = () => { };
    /**
     * @throws when the settings cannot be trained with, or `dir` holds another run; the task is freed
     * then
     */
    constructor({ task, settings, dir, schedule, clip, optimizer }, resumed) {
        this.task = task;
        this.dir = dir;
        try {
            this.settings = (0, settings_1.completeSettings)(settings);
            if (dir !== undefined && !resumed && (0, node_fs_1.existsSync)((0, node_path_1.join)(dir, checkpoint_1.checkpointFile)))
                throw new Error(`Trainer: ${dir} already holds a run: resume it (--resume), or choose another folder`);
            this.runner = new runner_1.StepRunner({
                task,
                settings: this.settings,
                optimizer: optimizer ?? (0, optim_1.adamw)(this.settings),
                clip: clip ?? optim_1.clipByGlobalNorm,
                schedule: schedule ?? optim_1.warmupCosine,
                notice: (line) => this.notice(line),
                evaluating: (done, total) => this.evaluating(done, total),
            });
        }
        catch (error) {
            task.dispose();
            throw error;
        }
    }
    /**
     * Goes on with the run in `dir`, from its last checkpoint. Log lines of later steps are removed:
     * they will be done again, with the same losses.
     *
     * @throws when there is no whole checkpoint, or the task that is made of it has another model or
     *   other data
     */
    static resume(dir, { task: make, steps, compile, ...parts }) {
        const checkpoint = (0, checkpoint_1.loadCheckpoint)(dir);
        if (checkpoint.settings === undefined || Object.keys(checkpoint.optimizer).length === 0)
            throw new Error(`Trainer.resume: ${dir} holds a trained model, but no run that could go on`);
        expectUntouchedSettings(dir, checkpoint.settings);
        const settings = { ...checkpoint.settings, ...defined({ steps, compile }) };
        const trainer = new Trainer({ ...parts, task: make(checkpoint), settings, dir }, checkpoint);
        try {
            trainer.unlock = (0, lock_1.lockRun)(dir); // before the log is touched
            trainer.restore(checkpoint);
        }
        catch (error) {
            trainer.dispose();
            throw error;
        }
        return trainer;
    }
    /** How many numbers are trained. */
    get parameters() {
        return (0, params_1.countParams)(this.task.params);
    }
    /** What the optimizer remembers. */
    get state() {
        return this.runner.state;
    }
    /**
     * Trains until the settings' steps are done, or `steps` more. Stops after the current step when
     * interrupted (Ctrl-C, Jupyter's stop button), with a checkpoint if there is a folder.
     *
     * @throws {Diverged} when the loss is no longer a number; {WriteError} when a file cannot be
     *   written; the last good checkpoint stays
     */
    async run({ steps = Number.POSITIVE_INFINITY, onStep, onEval, onNotice = () => { }, onEvaluating = () => { }, stopWhen = () => false, } = {}) {
        const { settings, history } = this;
        const until = Math.min(settings.steps, this.step + steps);
        const isNew = this.step === 0 && history.evals.length === 0;
        let stopped;
        const measure = async (limit) => {
            const record = await this.measure(limit);
            if (record === undefined)
                stopped = "interrupted";
            else {
                onEval?.(record);
                if (stopWhen(record))
                    stopped = "reached";
            }
        };
        this.notice = onNotice;
        this.evaluating = onEvaluating;
        this.open();
        try {
            if (isNew)
                await this.save(); // from now on the run can be resumed
            if (isNew)
                await measure(settings.evalLimit);
            let yielded = 0;
            while (this.step < until && !stopped) {
                if (performance.now() - yielded > YIELD_MS) {
                    await (0, engine_1.nextFrame)();
                    yielded = performance.now();
                }
                if ((0, engine_1.interrupted)()) {
                    stopped = "interrupted";
                    break;
                }
                const record = await this.runner.step(this.step);
                const { loss, norm, lr } = record;
                if (!Number.isFinite(loss + norm))
                    throw this.diverged({ loss, "gradient norm": norm, "learning rate": lr }, record);
                this.step = record.step;
                history.steps.push(record);
                this.log?.append(record);
                onStep?.(record);
                if (this.step === settings.steps)
                    break;
                if (this.step % settings.evalEvery === 0)
                    await measure(settings.evalLimit);
                if (this.step % settings.checkpointEvery === 0)
                    await this.save();
            }
            if (this.step === settings.steps) {
                await this.save(); // before the last evaluation, which may take long
                const last = history.evals.at(-1);
                if (!(last?.whole && last.step === this.step))
                    await measure(Number.POSITIVE_INFINITY);
                this.report();
                stopped ??= "done";
            }
            else if (stopped || this.step === until)
                await this.save();
            return {
                step: this.step,
                stopped: stopped ?? "paused",
                loss: this.recentLoss(),
                metrics: this.metrics,
                history,
            };
        }
        finally {
            this.close();
        }
    }
    /** Measures the model as it is now, on at most `limit` examples; the record goes into no log. */
    async evaluate(limit = Number.POSITIVE_INFINITY) {
        return this.task.evaluate(limit, this.runner);
    }
    /** Loss and evaluations over the steps done so far, over the baselines: a figure for `plot`. */
    curve() {
        return (0, report_1.lossCurve)(this.history, this.task.primary);
    }
    /**
     * Writes checkpoint, log and report into the run's folder. @throws where that fails; see
     * saveCheckpoint
     */
    async checkpoint() {
        if (this.dir === undefined)
            throw new Error("Trainer.checkpoint: this run has no folder (option dir)");
        this.open();
        await this.save();
    }
    /** Frees all tensors, the task's too, and closes the log. */
    dispose() {
        this.close();
        this.runner.dispose();
        this.task.dispose();
    }
    /** Takes over what a checkpoint holds. @throws when it is of another kind, model or text */
    restore({ kind, data, params, optimizer, task: state, step, file }) {
        const { task, dir = "" } = this;
        const own = task.describe();
        if (own.kind !== kind)
            throw new Error(`Trainer.resume: expected a run of kind "${own.kind}" in ${dir}, got "${kind}"`);
        if (own.data?.sha256 !== data?.sha256)
            throw new Error(`Trainer.resume: ${own.data?.name ?? "the data"} is not the data that ${dir} was trained on: it has changed`);
        (0, checkpoint_1.assignTensors)(task.params, params, file);
        (0, checkpoint_1.assignTensors)(this.state, optimizer, file);
        (0, checkpoint_1.assignTensors)(task.state?.() ?? {}, state, file);
        this.step = step;
        this.history = (0, log_1.readLog)((0, node_path_1.join)(dir, "log.jsonl"), step);
    }
    async save() {
        if (this.dir === undefined)
            return;
        this.log?.sync();
        const { task, step, settings } = this;
        const tensors = { params: task.params, optimizer: this.state, task: task.state?.() };
        await (0, checkpoint_1.saveCheckpoint)(this.dir, tensors, { step, ...task.describe(), settings });
        this.report();
    }
    report() {
        if (this.dir !== undefined)
            (0, report_1.writeReport)((0, node_path_1.join)(this.dir, "report.html"), this);
    }
    /** The record of an evaluation, or undefined where it was stopped. */
    async measure(limit) {
        const { task, step } = this;
        let metrics;
        try {
            metrics = await this.evaluate(limit);
        }
        catch (error) {
            if (error instanceof task_1.Interrupted)
                return undefined;
            throw error;
        }
        const { name } = task.primary;
        if (!Number.isFinite(metrics[name]))
            throw this.diverged({ [name]: metrics[name] });
        const record = { step, metrics, whole: limit === Number.POSITIVE_INFINITY };
        const sample = await task.sample?.(step, this.runner);
        if (sample !== undefined)
            record.sample = sample;
        this.history.evals.push(record);
        this.log?.append(record);
        return record;
    }
    /** The metrics of the last evaluation. */
    get metrics() {
        return this.history.evals.at(-1)?.metrics ?? {};
    }
    recentLoss() {
        const recent = this.history.steps.slice(-20);
        return recent.reduce((sum, { loss }) => sum + loss, 0) / recent.length;
    }
    diverged(numbers, record) {
        const what = Object.entries(numbers).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
        const before = this.history.steps.slice(-3).map((record) => record.loss.toFixed(3));
        const kept = this.dir === undefined ? "" : ` The last good checkpoint in ${this.dir} is kept.`;
        return new Diverged(`Trainer: expected finite numbers at step ${this.step + 1}, got ${what.join(", ")} (losses before: ` +
            `${before.join(", ") || "none"}). Usual causes: a learning rate that is too high, no warm-up, no clipping.${kept}`, record);
    }
    /** Makes the folder, says in config.json what the run is, and opens the log. */
    open() {
        const { dir, task, settings, history } = this;
        if (dir === undefined || this.log !== undefined)
            return;
        (0, files_1.makeFolder)(dir);
        this.unlock ??= (0, lock_1.lockRun)(dir);
        const about = {
            ...task.describe(),
            settings,
            parameters: this.parameters,
            baselines: task.primary.baselines,
            engine: (0, engine_1.currentEngine)().description,
            node: process.version,
        };
        (0, files_1.writeAtomically)((0, node_path_1.join)(dir, "config.json"), [JSON.stringify(about, null, 2) + "\n"]);
        this.log = new log_1.RunLog((0, node_path_1.join)(dir, "log.jsonl"), {
            fresh: history.steps.length + history.evals.length === 0,
        });
    }
    close() {
        this.log?.close();
        this.log = undefined;
        this.unlock?.();
        this.unlock = undefined;
    }
}
exports.Trainer = Trainer;
/**
 * A run goes on with what its checkpoint says; settings changed by hand in config.json would be
 * lost without a word.
 * @throws that names the first that differs
 */
function expectUntouchedSettings(dir, saved) {
    let shown;
    try {
        shown = JSON.parse((0, node_fs_1.readFileSync)((0, node_path_1.join)(dir, "config.json"), "utf8")).settings ?? {};
    }
    catch {
        return; // it is made anew
    }
    for (const [name, value] of Object.entries(saved)) {
        const [is, was] = [shown[name], value].map((x) => JSON.stringify(x));
        if (name in shown && is !== was && name !== "steps" && name !== "compile")
            throw new Error(`Trainer.resume: config.json in ${dir} says ${name} ${is}, the run's checkpoint ${was}. A run keeps its settings: ` +
                "put the value back or delete that file, or begin a new run.");
    }
}
/** The fields that are not undefined. */
function defined(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
