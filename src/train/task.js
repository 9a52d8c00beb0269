"use strict";
// What the trainer trains. A task knows its model, its data and its loss; the trainer knows steps,
// checkpoints, logs, compilation and interruptions, and nothing of models. A GPT on a text is one
// task (llm/pretrain), a recurrent network on a copying exercise another (llm/rnn).
Object.defineProperty(exports, "__esModule", { value: true });
exports.Interrupted = void 0;
/** Thrown out of an evaluation that somebody stopped. */
class Interrupted extends Error {
    name = "Interrupted";
}
exports.Interrupted = Interrupted;
