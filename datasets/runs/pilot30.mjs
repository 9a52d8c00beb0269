import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const C = require("llm/capstone"), A = require("llm/agents"), R = require("llm/retrieval");
const { Random } = require("llm/random"); const { useEngine } = require("llm/engine"); const L = require("llm/languageModel");
const { saveCheckpoint } = require("llm/checkpoint");
const fs = require("node:fs");
await useEngine({ quiet: true });
const prices = A.drawPrices(new Random(1));
const steps = Number(process.argv[2] ?? 150), maxLr = Number(process.argv[3] ?? 1e-3), k=Number(process.argv[4]??3);
const t=process.cpuUsage();
const learnt = await A.teachTools(A.loadToolModel(), { prices, withTools: true, items: [...A.knownItems, ...Array(k).fill(A.newItems).flat()], seed: 50, steps, batchSize: 8, length: 232, maxLr, count: 3000, onEval: (s, v) => console.log(s, v) });
const u=process.cpuUsage(t); console.log("cpu", (u.user+u.system)/1e6);
fs.mkdirSync("/tmp/h-l30/runs/pilot30-"+steps, { recursive: true });
await saveCheckpoint("/tmp/h-l30/runs/pilot30-"+steps, { params: learnt.params, optimizer: {}, task: {} }, { kind: "gpt", model: learnt.config, tokenizer: learnt.tokenizer.toJSON(), step: steps, val: 0 });
const dir = "/tmp/h-l30/datasets/capstone/customer-service/";
const written = C.readQuestions(dir + "questions.jsonl");
const questions = C.drawShopQuestions({ count: 200, seed: 99, prices, split: "choose", written });
for (const [n,m] of [["before", await L.openRun(A.toolModelPath(), {name:"a"})],["after", await L.openRun("/tmp/h-l30/runs/pilot30-"+steps,{name:"b"})]]) {
 const e = await C.evaluateApplication(C.cascade(n, [C.agentPart(m, prices, { checked: false })]), questions);
 console.log(n, JSON.stringify(C.outcomeShares(e.asked)));
 for (const [t, c] of C.byTopic(e.asked)) console.log("   ", t, JSON.stringify(c));
}
