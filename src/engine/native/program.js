"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Program = void 0;
const ids_1 = require("../ids");
const backend_1 = require("./backend");
const errors_1 = require("./errors");
const function_1 = require("./function");
/** How many programs use a function of this name: equal functions have one. */
const users = new Map();
class Program {
    backend;
    trace;
    def;
    ranges;
    constructor(backend, trace, inputs) {
        this.backend = backend;
        this.trace = trace;
        this.def = (0, function_1.functionDef)(trace, inputs.map((t) => backend.getDTypeInteger(t.dtype)), backend.binding);
        this.ranges = narrowest(trace.ranges);
        const { name, bytes } = this.def;
        if (!users.has(name))
            backend.binding.addFunction(bytes);
        users.set(name, (users.get(name) ?? 0) + 1);
    }
    /**
     * Runs the program and gives the variables their new values.
     * @returns the outputs, in the trace's order
     */
    run(inputs) {
        const { backend, def, trace } = this;
        for (const { variable, place } of trace.slots)
            if (variable.isDisposed)
                throw new errors_1.CompileError(`the variable ${variable.name}, which the function uses, was disposed`, place, "Compile the function again for the new variables, " +
                    "or change values with variable.assign(…).");
        for (const { input, n, caller, name } of this.ranges)
            (0, ids_1.checkIdValues)((0, backend_1.valuesOf)(backend, inputs[input].dataId), n, caller, name);
        const ids = backend.getInputTensorIds([
            ...inputs,
            ...trace.slots.map(({ variable }) => variable),
        ]);
        const attributes = [
            { name: "_XlaMustCompile", type: backend.binding.TF_ATTR_BOOL, value: true },
        ];
        const outputs = trace.outputs.length;
        const results = this.execute(attributes, ids, outputs + def.written.length);
        const tensors = results.map((result) => backend.createOutputTensor(result));
        def.written.forEach(({ variable }, i) => {
            variable.assign(tensors[outputs + i]);
            tensors[outputs + i].dispose();
        });
        return tensors.slice(0, outputs);
    }
    dispose() {
        const { name } = this.def;
        const left = users.get(name) - 1;
        if (left > 0)
            users.set(name, left);
        else {
            users.delete(name);
            this.backend.binding.removeFunction(name);
        }
    }
    execute(attributes, ids, n) {
        try {
            return this.backend.binding.executeOp(this.def.name, attributes, ids, n);
        }
        catch (error) {
            throw new errors_1.CompileError(`XLA refuses the function: ${error instanceof Error ? error.message : String(error)}`, undefined, "Leave the operation that it names outside the compiled function.");
        }
    }
}
exports.Program = Program;
/** Of several ranges for one input, the narrowest. */
function narrowest(ranges) {
    const best = new Map();
    for (const range of ranges)
        if (range.n < (best.get(range.input)?.n ?? Infinity))
            best.set(range.input, range);
    return [...best.values()];
}
