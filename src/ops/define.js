"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.runKernel = exports.hasKernel = exports.callKernel = exports.op = void 0;
// How every operation of llm/ops is made. An operation has a clear version, a few tfjs calls that
// read like its formula, and may have a fast one: a kernel that does all of it at once, with a
// gradient written by hand. wasm has such kernels (../engine/wasm/wasmOps) and native has others
// (../engine/native/nativeOps); elsewhere the clear version runs. `op` puts the two behind one
// door, which checks the arguments. Kernels have no second derivative, except rope's: take it of
// `operation.clear`.
const engine_1 = require("../engine");
const shapes_1 = require("./shapes");
/** Makes an operation of its clear version, its checks and its kernel. */
function op(definition) {
    const { name, check, clear, kernel, clearWhenCompiled, fast } = definition;
    const shapes = (0, shapes_1.parseShapes)(definition.shapes);
    const withChecks = (run) => {
        const door = (...args) => {
            (0, shapes_1.checkShapes)(name, shapes, args);
            const problem = check?.(...args);
            if (problem !== undefined)
                throw new Error(`${name}: expected ${problem}`);
            return engine_1.tf.tidy(() => run(...args));
        };
        return Object.defineProperty(door, "name", { value: name });
    };
    const fastest = (...args) => {
        const useKernel = kernel && hasKernel(kernel) && !(clearWhenCompiled && (0, engine_1.isTracing)());
        const call = useKernel ? fast?.(...args) : null;
        return kernel && call && fitsKernel(call) ? callKernel(kernel, call) : clear(...args);
    };
    return Object.assign(withChecks(fastest), { clear: withChecks(clear) });
}
exports.op = op;
const fitsKernel = ({ inputs }) => Object.values(inputs).every(({ dtype, size }) => dtype === "float32" && size > 0);
/** The kernel's value, as an operation that has the gradient declared in `call`. */
function callKernel(kernel, call) {
    const { inputs, constants, attributes, outputs = ["y"], saved, shape } = call;
    const names = Object.keys(inputs);
    const gradient = call.gradient ?? ((dy, saved) => runKernel(`${kernel}Grad`, { ...saved, dy }, attributes));
    const differentiable = engine_1.tf.customGrad((...args) => {
        const save = args.pop();
        const tensors = { ...byName(names, args), ...constants };
        const results = runKernel(kernel, tensors, attributes);
        const all = { ...tensors, ...byName(outputs, results) };
        const kept = saved.filter((name) => all[name] !== undefined);
        save(kept.map((name) => all[name]));
        return {
            value: results[0],
            gradFunc: (dy, values) => gradient(dy, byName(kept, values)),
        };
    });
    const y = differentiable(...Object.values(inputs));
    return shape ? engine_1.tf.reshape(y, shape) : y;
}
exports.callKernel = callKernel;
const byName = (names, tensors) => Object.fromEntries(tensors.map((tensor, i) => [names[i], tensor]));
/** Whether the current engine has the kernel `llm/<kernel>`. */
function hasKernel(kernel) {
    return engine_1.tf.getKernel(`llm/${kernel}`, engine_1.tf.getBackend()) !== undefined;
}
exports.hasKernel = hasKernel;
/** Runs the kernel `llm/<kernel>`, without a gradient. */
function runKernel(kernel, inputs, attributes = {}) {
    return [engine_1.tf.engine().runKernel(`llm/${kernel}`, inputs, attributes)].flat();
}
exports.runKernel = runKernel;
