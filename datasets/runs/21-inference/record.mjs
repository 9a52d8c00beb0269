// How the recorded runs of lesson 21 (inference) were made. To make them again, in about ten minutes of
// CPU time (most of it SmolLM2; without `npm run model smollm2` only the base model's parts are made):
//
//     npm run build && node datasets/runs/21-inference/record.mjs
//
// One line of JSON per part, model and round is written to runs.jsonl beside this file at once; started
// again, the command goes on with what is missing. With words after it, only those parts are made.
// Everything is on one thread of the wasm kernels. What is compared is measured in turn within a round,
// in CPU time and wall time; conclusions are medians over the rounds of ratios within a round.
//
// Written down and committed before anything of this was run. Known before: what the runtime's log says
// of decoding one text (39 tokens per CPU second at 4 bits, 16 in float32).
//  1. A pass is bound by memory: on SmolLM2 in float32, reading 4 tokens in one pass costs less than 2
//     times as much as reading 1 (arithmetic alone would make it 4), and 64 tokens less than 64 / 3 times.
//  2. Without a cache the cost is quadratic: on the base model, 128 tokens cost at least 10 times as much
//     as with it, and the ratio at 128 is at least 1.6 times the ratio at 64.
//  3. "A bigger cache is a faster model": true of a pool that is too small (four times as many blocks
//     make the same work at least 1.2 times faster, and preemptions vanish), false beyond it (twice as
//     many blocks again change the time by less than 10 %), and false of a text: after 1,500 tokens a
//     new one costs at least 1.1 times as much as after 16.
//  4. "Batching makes each text slower by as much as it gains": refuted if, with 4 texts on SmolLM2 in
//     float32, the gain in throughput is at least 1.5 times the slowdown of each text. Control: 64 texts,
//     where the claim may well be true.
//  5. Continuous batching writes at least 1.3 times as many tokens per CPU second as static batches, and
//     has a lower mean latency, with each of three draws of arrivals (base model). Control: texts of equal
//     length that come together; there the difference is below 10 %.
//  6. Chunked prefill: when a prompt of 400 tokens arrives, the longest wait of the others for a token is
//     at most half of what it is with the prompt in one pass. Price: the long prompt's own first token
//     comes later; by less than half.
//  7. Prefix cache: the second question to a document of 300 tokens has its first token for at most 0.2
//     of the CPU time of the first question. Control: a question to another document, at least 0.8.
//  8. Speculative decoding with prompt look-up is at least 1.3 times as fast on copying, on SmolLM2 in
//     float32 and at 4 bits. Control: on free text it is less than 1.3 times as fast.
//  9. The model's own first layers as a draft do not pay: with 10 and with 20 of 30 layers, SmolLM2 is
//     slower than without a draft.
// 10. With 16 texts at once even look-up on copying does not pay: a pass over 16 · 5 tokens costs more, in
//     passes over 16, than the tokens that it leaves (1 + accepted per pass of claim 8).
// 11. "Speculative decoding changes the text": refuted if all greedy texts are those without a draft and
//     sampled ones with look-up are the same number for number. Control: a rule that accepts every
//     proposed token gives another text.
