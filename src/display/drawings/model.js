"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.modelDiagram = void 0;
// A GPT drawn from its configuration, with the sizes of its matrices: GPT-2's family or LLaMA's.
const diagram_1 = require("../diagram");
/** The smallest SmolLM2 (Hugging Face, 2024). */
const smol = {
    ...{ family: "llama", vocabSize: 49152, blockSize: 8192, nLayer: 30, nHead: 9, nKvHead: 3 },
    ...{ nEmbd: 576, nInner: 1536, tied: true },
};
const whole = (n) => n.toLocaleString("en");
/** The words of one model. */
function wordsOf(model) {
    const { family = "gpt2", nEmbd: C, nHead: H, nKvHead: K = H, headWidth = C / H } = model;
    const isLlama = family === "llama";
    const { position = isLlama ? "rope" : "learned", experts } = model;
    const { norm = isLlama ? "rmsNorm" : "layerNorm", activation = isLlama ? "swiglu" : "" } = model;
    const F = model.nInner ?? (activation === "swiglu" ? Math.round((8 * C) / 3) : 4 * C);
    const feedForward = activation === "swiglu" ? "feed-forward (SwiGLU)" : "feed-forward";
    const heads = K === H ? `${H} heads` : `${H} query, ${K} key heads`;
    return {
        C,
        places: position === "learned" || position === "sinusoidal",
        norm: norm === "rmsNorm" ? "RMS norm" : "layer norm",
        heads: `${heads}, ${headWidth} wide`,
        turned: position === "rope" ? "attention (RoPE)" : "attention",
        inner: experts ? `${experts.perToken} of ${experts.count} experts` : feedForward,
        widths: `${whole(C)} → ${whole(F)} → ${whole(C)}`,
        table: `${whole(model.vocabSize)} × ${whole(C)}`,
        tied: model.tied ?? true,
    };
}
/**
 * From ids to logits, with what differs between models written on it: heads, widths, norms, experts.
 * @param model a configuration of llm/gpt; SmolLM2's if absent
 * @example plot(modelDiagram(loaded.config));
 */
function modelDiagram(model = smol) {
    const words = wordsOf(model);
    const { C, places, norm } = words;
    const top = places ? 2 : 1; // the row where the residual stream begins
    const [first, second, last] = [top + 2.5, top + 4.35, top + 5.7];
    const start = places ? "sum" : "table";
    const sizes = `${whole(model.blockSize)} × ${whole(C)}`;
    const added = [
        { id: "sum", at: [0, 2], text: "+", kind: "circle" },
        { id: "places", at: [1.5, 2], text: "positions", note: sizes, tone: "weights" },
    ];
    return (0, diagram_1.diagram)({
        alt: `Token ids are looked up in a table of ${words.table} numbers` +
            `${places ? ", and position embeddings are added" : ""}. ${model.nLayer} blocks follow; in ` +
            `each, a branch with ${norm} and ${words.turned} (${words.heads}) is added to the stream of ` +
            `width ${C}, then a branch with ${norm} and ${words.inner} (${words.widths}). A last ${norm} ` +
            `and the output matrix${words.tied ? ", the table again," : ""} give ` +
            `${whole(model.vocabSize)} logits for each position.`,
        grid: [150, 60],
        nodes: [
            { id: "ids", at: [0, 0], text: "token ids", tone: "words" },
            { id: "table", at: [0, 1], text: "embeddings", note: words.table, tone: "weights" },
            ...(places ? added : []),
            { id: "norm1", at: [1.1, top + 1.6], text: norm, tone: "weights" },
            {
                id: "attention",
                at: [2.75, top + 1.6],
                text: words.turned,
                note: words.heads,
                tone: "weights",
            },
            { id: "a", at: [0, first], text: "+", kind: "circle" },
            { id: "norm2", at: [1.1, top + 3.45], text: norm, tone: "weights" },
            {
                id: "inner",
                at: [2.75, top + 3.45],
                text: words.inner,
                note: words.widths,
                tone: "weights",
            },
            { id: "b", at: [0, second], text: "+", kind: "circle" },
            { id: "norm", at: [0, last], text: norm, tone: "weights" },
            {
                id: "head",
                at: [1.4, last],
                text: "output matrix",
                note: words.tied ? "= embeddings" : words.table,
                tone: "weights",
            },
            { id: "logits", at: [2.9, last], text: "logits", tone: "data" },
        ],
        edges: [
            { from: "ids", to: "table", label: "(B, T)" },
            ...(places
                ? [
                    { from: "table", to: "sum" },
                    { from: "places", to: "sum" },
                ]
                : []),
            { from: start, to: "a", tone: "data" },
            { from: `${start}.bottom`, to: "norm1.left", via: [[0, top + 1.6]] },
            { from: "norm1", to: "attention" },
            { from: "attention.bottom", to: "a.right", via: [[2.75, first]] },
            { from: "a", to: "b", tone: "data" },
            { from: "a.bottom", to: "norm2.left", via: [[0, top + 3.45]] },
            { from: "norm2", to: "inner" },
            { from: "inner.bottom", to: "b.right", via: [[2.75, second]] },
            { from: "b", to: "norm", label: `(B, T, ${whole(C)})`, labelAt: 0.7, tone: "data" },
            { from: "norm", to: "head" },
            { from: "head", to: "logits", label: `(B, T, ${whole(model.vocabSize)})` },
        ],
        groups: [
            {
                nodes: ["a", "b", "norm1", "attention", "norm2", "inner"],
                title: "",
                times: `block × ${model.nLayer}`,
            },
        ],
    });
}
exports.modelDiagram = modelDiagram;
