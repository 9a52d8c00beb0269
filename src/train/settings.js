"use strict";
// The numbers of a run that have nothing to do with its model: steps, rates, frequencies. Those of
// a model come from its task (llm/pretrain has the GPT's, and the course's three sizes).
Object.defineProperty(exports, "__esModule", { value: true });
exports.expectWholeNumber = exports.completeSettings = void 0;
const defaults = {
    seed: 1337,
    accumulate: 1,
    warmupSteps: 0,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0,
    clip: 1,
    evalLimit: Number.POSITIVE_INFINITY,
    compile: "auto",
};
/**
 * The settings with their defaults: a constant rate, Adam without decay, gradients clipped to norm
 * 1, ten evaluations. Other fields (a task's own settings) are kept: all of them go into the run's
 * config.json and its checkpoint.
 * @throws unless every number can be trained with; the message names it
 */
function completeSettings(input) {
    const evalEvery = input.evalEvery ?? Math.max(1, Math.ceil(input.steps / 10));
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const settings = {
        ...defaults,
        minLr: input.maxLr,
        evalEvery,
        checkpointEvery: evalEvery,
        ...given,
    };
    if (settings.evalLimit === null)
        settings.evalLimit = defaults.evalLimit; // as JSON writes Infinity
    validateSettings(settings);
    return settings;
}
exports.completeSettings = completeSettings;
function validateSettings(settings) {
    const expectWhole = (name, least) => expectWholeNumber("Trainer", name, settings[name], least);
    for (const name of ["steps", "accumulate", "evalEvery", "checkpointEvery"])
        expectWhole(name, 1);
    for (const name of ["seed", "warmupSteps"])
        expectWhole(name, 0);
    if (settings.evalLimit !== Number.POSITIVE_INFINITY)
        expectWhole("evalLimit", 1);
    for (const name of ["maxLr", "minLr", "beta1", "beta2", "eps", "weightDecay", "clip"])
        if (!(settings[name] >= 0 && Number.isFinite(settings[name])))
            throw new Error(`Trainer: expected ${name} to be a number ≥ 0, got ${settings[name]}`);
    if (!["auto", true, false].includes(settings.compile))
        throw new Error(`Trainer: expected compile to be "auto", true or false, got ${settings.compile}`);
}
/** @throws unless `value` is a whole number of at least `least`; `caller` begins the message */
function expectWholeNumber(caller, name, value, least) {
    if (!Number.isInteger(value) || value < least)
        throw new Error(`${caller}: expected ${name} to be a whole number ≥ ${least}, got ${value}`);
}
exports.expectWholeNumber = expectWholeNumber;
