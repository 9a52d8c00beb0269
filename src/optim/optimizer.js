"use strict";
// What an optimizer is to the trainer: something that remembers (`init`) and something that moves
// the parameters (`step`). Its memory is a flat record of variables, so that a checkpoint saves it
// as it saves the parameters; everything it does is tensor operations, so that a step can be
// compiled. AdamW is in ./adamw; `grouped` gives parts of a model an optimizer or a learning rate
// of their own.
Object.defineProperty(exports, "__esModule", { value: true });
exports.grouped = void 0;
const engine_1 = require("../engine");
/**
 * One optimizer made of several, each for its own group of parameters.
 *
 * @example matrices by one rule, everything else by AdamW at half the rate grouped([ { name:
 *   "matrices", has: (_, p) => p.rank === 2, optimizer: muon }, { name: "rest", has: () => true,
 *   optimizer: adamw(), lrScale: 0.5 }, ]);
 * @throws from `init` and `step` when a parameter belongs to no group
 */
function grouped(groups) {
    if (new Set(groups.map(({ name }) => name)).size !== groups.length || groups.length === 0)
        throw new Error(`grouped: expected groups with different names, got ${groups.map(({ name }) => name).join(", ") || "none"}`);
    /** The parameters of each group. */
    const members = (params) => {
        const parts = groups.map(() => ({}));
        for (const [name, parameter] of Object.entries(params)) {
            const at = groups.findIndex(({ has }) => has(name, parameter));
            if (at < 0)
                throw new Error(`grouped: expected a group for every parameter, got none for ${name}`);
            parts[at][name] = parameter;
        }
        return parts;
    };
    return {
        compiles: groups.every(({ optimizer }) => optimizer.compiles),
        init: (params) => {
            const state = {};
            members(params).forEach((part, i) => {
                for (const [name, variable] of Object.entries(groups[i].optimizer.init(part)))
                    state[`${groups[i].name}/${name}`] = variable;
            });
            return state;
        },
        step: (params, grads, state, lr) => {
            members(params).forEach((part, i) => {
                const { name, optimizer, lrScale = 1 } = groups[i];
                const own = {};
                for (const key in state)
                    if (key.startsWith(`${name}/`))
                        own[key.slice(name.length + 1)] = state[key];
                engine_1.tf.tidy(() => {
                    const scaled = typeof lr === "number" ? lr * lrScale : engine_1.tf.mul(lr, lrScale);
                    optimizer.step(part, grads, own, scaled);
                });
            });
        },
    };
}
exports.grouped = grouped;
