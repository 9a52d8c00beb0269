"use strict";
// Runs training steps in the way that is fastest here: on the native engine compiled into one
// program (llm/engine's `compile`) once the run is long enough to pay for the compilation, else
// operation by operation. Both do the same arithmetic in another order, so their losses agree to
// about 1e-5 over 50 steps, not to the last bit; what dropout drops differs (see DropoutKey). Which
// way a run goes depends on its settings and the engine only, never on how many steps are left: a
// resumed run goes the same way.
Object.defineProperty(exports, "__esModule", { value: true });
exports.StepRunner = void 0;
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const random_1 = require("../random");
const step_1 = require("./step");
const task_1 = require("./task");
/** Compilation takes 3 to 20 s; a step saves 0.1 s and more. */
const WORTH_COMPILING = 60;
/** Does the steps of one run, and the losses of its evaluations. */
class StepRunner {
    parts;
    /** Whether this run is long enough for programs: a matter of the settings and the engine. */
    compiles;
    /** The optimizer's memory. */
    state;
    compiledStep;
    compiledLoss;
    announced = false;
    constructor(parts) {
        this.parts = parts;
        const { task, settings, optimizer, notice } = parts;
        const { clip: maxNorm } = settings;
        const worthIt = settings.steps > WORTH_COMPILING && optimizer.compiles;
        this.compiles =
            (0, engine_1.canCompile)() && (settings.compile === true || (settings.compile === "auto" && worthIt));
        const options = { wanted: this.compiles, insists: settings.compile === true, notice };
        this.compiledStep = new Attempt("training step", (params, state, batches, lr, count) => (0, step_1.trainStep)(params, state, batches, this.functions((part) => this.key(part, count)), { lr, maxNorm }), options);
        this.compiledLoss = new Attempt("evaluation", (params, batch) => task.loss(params, batch), options);
        this.state = optimizer.init(task.params);
    }
    /**
     * One step, in place.
     * @param step steps done before; with the seed it decides the data and what dropout drops
     */
    async step(step) {
        const started = performance.now();
        const { task, settings, schedule } = this.parts;
        const { seed, clip: maxNorm } = settings;
        const lr = schedule(step, { ...settings, totalSteps: settings.steps });
        const batches = [];
        let result;
        try {
            for (let part = 0; part < settings.accumulate; part++)
                batches.push(await task.batch(step * settings.accumulate + part));
            const dropout = (part) => new random_1.Random(seed).fork("dropout", step, part);
            result =
                this.runCompiled(batches, lr, step) ??
                    (0, step_1.trainStep)(task.params, this.state, batches, this.functions(dropout), { lr, maxNorm });
            const [loss, norm] = [(await result.loss.data())[0], (await result.norm.data())[0]];
            return { step: step + 1, loss, lr, norm, ms: Math.round(performance.now() - started) };
        }
        finally {
            engine_1.tf.dispose([batches, result ?? []]);
        }
    }
    loss(batch, { whole = true } = {}) {
        const { task } = this.parts;
        const loss = whole ? this.compiledLoss.run(task.params, batch) : undefined;
        return loss ?? engine_1.tf.tidy(() => task.loss(task.params, batch));
    }
    async pause(done, total) {
        await (0, engine_1.nextFrame)();
        if ((0, engine_1.interrupted)())
            throw new task_1.Interrupted("the evaluation was stopped");
        this.parts.evaluating(done, total);
    }
    /** Frees programs and the optimizer's memory. */
    dispose() {
        this.compiledStep.dispose();
        this.compiledLoss.dispose();
        engine_1.tf.dispose(Object.values(this.state));
    }
    runCompiled(batches, lr, step) {
        if (!this.compiledStep.possible)
            return undefined;
        if (!this.announced)
            this.parts.notice("compiling the training step: 3 to 20 s, once");
        this.announced = true;
        return withScalars(lr, step, (rate, count) => this.compiledStep.run(this.parts.task.params, this.state, batches, rate, count));
    }
    /** What the step is made of; `dropout` gives the randomness of each of its batches. */
    functions(dropout) {
        const { task, clip, optimizer } = this.parts;
        return {
            loss: (params, batch, part) => task.loss(params, batch, dropout(part)),
            clip,
            optimizer,
        };
    }
    key(part, count) {
        const { seed } = this.parts.settings;
        return new ops_1.DropoutKey(new random_1.Random(seed).fork("dropout", part).integer(2 ** 31 - 1), count);
    }
}
exports.StepRunner = StepRunner;
/**
 * The learning rate and the step number as tensors, for a program: as numbers they would be frozen
 * in it.
 */
function withScalars(lr, step, run) {
    const [rate, count] = [engine_1.tf.scalar(lr), engine_1.tf.scalar(step, "int32")];
    try {
        return run(rate, count);
    }
    finally {
        engine_1.tf.dispose([rate, count]);
    }
}
/**
 * A function that is compiled if it can be; where it turns out that it cannot, that is given up for
 * good.
 */
class Attempt {
    name;
    program;
    calls = 0;
    insists;
    notice;
    /** @param options.insists whether it is an error that it cannot be compiled */
    constructor(name, fn, options) {
        this.name = name;
        this.insists = options.insists;
        this.notice = options.notice;
        if (options.wanted)
            this.program = (0, engine_1.compile)(fn, { name, notice: this.notice });
    }
    get possible() {
        return this.program !== undefined;
    }
    /** Its result, or undefined: then it is the caller's to do, operation by operation. */
    run(...args) {
        if (!this.program)
            return undefined;
        try {
            this.calls++;
            return this.program(...args);
        }
        catch (error) {
            // Until the second call everything was computed anew: nothing can have been frozen yet.
            if (!(error instanceof engine_1.CompileError) || this.insists || this.calls > 2)
                throw error;
            this.notice(`the ${this.name} cannot be compiled and runs as it is. ${error.message}`);
            this.dispose();
            return undefined;
        }
    }
    dispose() {
        this.program?.dispose();
        this.program = undefined;
    }
}
