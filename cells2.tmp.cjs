"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const node_fs_1 = require("node:fs");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const course_1 = require("llm/course");
const data_1 = require("llm/data");
const display_1 = require("llm/display");
const engine_1 = require("llm/engine");
const gpt_1 = require("llm/gpt");
const parallel_1 = require("llm/parallel");
const params_1 = require("llm/params");
const pretrain_1 = require("llm/pretrain");
const scaling_1 = require("llm/scaling");
const train_1 = require("llm/train");
const T0 = performance.now();
async function main() {
    console.log("\n=== imports " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const { description } = await (0, engine_1.useEngine)();
    const modelOf=(width)=>({family:"llama",vocabSize:77,blockSize:64,nLayer:2,nEmbd:width,dropout:0,nHead:Math.max(1,Math.round(width/16)),bias:false});const whole=(n)=>Math.round(n).toLocaleString("en");const text=(0,data_1.mobyDick)();const settings={seed:1,steps:2,batchSize:16,maxLr:0.008,accumulate:1,sampleLength:0,compile:false};let mine=await (0,course_1.learner)("14-scaling");console.log("\n=== first-workers " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const workers = await (0, parallel_1.startWorkers)(2);
    const sums = await workers.run(({ group, llm }, { n }) => {
        const x = Float32Array.from({ length: n }, (_, i) => (group.rank + 1) * 10 ** i);
        const before = Array.from(x);
        llm("parallel").ringAllReduce(group, x);
        return { process: process.pid, before, after: Array.from(x), bytes: group.traffic.bytes };
    }, { n: 4 });
    (0, display_1.table)(sums.map(({ before, after, ...rest }, rank) => ({
        rank, ...rest, "had before": before.join(" "), "has after": after.join(" "),
    })));
    console.log("\n=== gradients-equal " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const tiny = {
        ...{ vocabSize: 77, blockSize: 32, nLayer: 2, nHead: 4, nEmbd: 32, dropout: 0, bias: false },
    };
    const letters = (0, pretrain_1.gptTask)({ text: text.slice(0, 50000), settings: { ...settings, model: tiny } });
    const batch = letters.batch(0); // 16 windows
    const [ids, targets] = [batch.ids, batch.targets].map((x) => x.arraySync());
    const halves = await workers.run(({ group, llm }, { config, ids, targets }) => {
        const { tf } = llm("engine");
        const params = llm("gpt").initGPT(config, { seed: 5 });
        const half = ids.length / group.size;
        const mine = (rows) => tf.tensor2d(rows.slice(group.rank * half, (group.rank + 1) * half), undefined, "int32");
        const loss = () => llm("gpt").gptLoss(params, config, mine(ids), mine(targets));
        const { grads } = llm("params").lossAndGrads(params, loss);
        const own = llm("parallel").flatten(grads);
        const averaged = llm("parallel").flatten(llm("parallel").averageGrads(group, grads));
        return { own, averaged };
    }, { config: letters.config, ids, targets });
    console.log("\n=== gradients-compared " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const oneModel = (0, gpt_1.initGPT)(letters.config, { seed: 5 });
    const { grads: wholeGrads } = (0, params_1.lossAndGrads)(oneModel, () => (0, gpt_1.gptLoss)(oneModel, letters.config, batch.ids, batch.targets));
    const flatGrads = (of) => Object.values(of).flatMap((g) => Array.from(g.dataSync()));
    const oneProcess = flatGrads(wholeGrads);
    const furthest = (a, b) => Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), 0);
    const row = (what, a) => ({
        what, "largest difference": furthest(a, oneProcess).toExponential(1),
        "within 1e-6": furthest(a, oneProcess) <= 1e-6,
    });
    (0, display_1.table)([
        row("worker 0, averaged", halves[0].averaged),
        row("worker 1, averaged", halves[1].averaged),
        row("worker 0, its half alone", halves[0].own),
    ]);
    console.log("\n=== throughput " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const parts = { text: text.slice(0, 200000), settings: { ...settings, model: modelOf(48) } };
    const speeds = [];
    for (const size of [1, 2]) {
        const steps = (0, course_1.bySize)({ smoke: 12, laptop: 60, gpu: 60 });
        const team = size === 2 ? workers : await (0, parallel_1.startWorkers)(1);
        const stamps = [];
        const trained = [];
        await (0, parallel_1.trainParallel)({
            ...{ workers: team, args: parts, task: ({ llm }, args) => llm("pretrain").gptTask(args) },
            settings: { ...settings, steps, accumulate: 2 / size, evalLimit: 1 },
            onStep: ({ loss }) => {
                stamps.push(performance.now());
                trained.push(loss);
            },
        });
        if (size === 1)
            await team.stop();
        const seconds = (stamps[steps - 1] - stamps[1]) / 1000;
        speeds.push({ size, speed: ((steps - 2) * 2 * 16 * 64) / seconds, trained });
    }
    console.log("\n=== throughput-table " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const [one, two] = speeds;
    (0, display_1.table)(speeds.map(({ size, speed, trained }) => ({
        workers: size,
        "tokens per second": whole(speed),
        "against one worker": `${(speed / one.speed).toFixed(2)} ×`,
        "last loss": trained[trained.length - 1].toFixed(5),
    })));
    console.log(furthest(one.trained, two.trained) < 1e-5 ? "All losses agree." : "Losses do NOT agree.");
    console.log("\n=== killed " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const folder = (0, node_fs_1.mkdtempSync)((0, node_path_1.join)((0, node_os_1.tmpdir)(), "scaling-"));
    const run = {
        ...{ args: parts, task: ({ llm }, args) => llm("pretrain").gptTask(args), dir: folder },
        settings: { ...settings, steps: 12, evalEvery: 4, checkpointEvery: 4, evalLimit: 1 },
    };
    const doomed = await (0, parallel_1.startWorkers)(2);
    try {
        await (0, parallel_1.trainParallel)({
            ...{ ...run, workers: doomed },
            onStep: ({ step }) => {
                if (step === 6)
                    process.kill(doomed.pids[1], "SIGKILL");
            },
        });
    }
    catch (error) {
        console.log(`${error.name}: ${error.message.replace(folder, "FOLDER")}`);
    }
    await doomed.stop();
    console.log("\n=== resumed " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const after = new Map();
    await (0, parallel_1.trainParallel)({
        ...{ ...run, workers, resume: true },
        onStep: ({ step, loss }) => after.set(step, loss),
    });
    const undisturbed = new Map();
    await (0, parallel_1.trainParallel)({
        ...{ ...run, dir: undefined, workers },
        onStep: ({ step, loss }) => undisturbed.set(step, loss),
    });
    (0, node_fs_1.rmSync)(folder, { recursive: true });
    const steps = [...after.keys()];
    console.log(`resumed: steps ${steps[0]} to ${steps[steps.length - 1]}`);
    const gap = furthest(steps.map((s) => after.get(s)), steps.map((s) => undisturbed.get(s)));
    console.log(gap < 1e-6 ? "The losses are those of the undisturbed run." : `They differ by ${gap}.`);
    console.log("\n=== tensor-parallel-drawing " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    (0, display_1.plot)((0, display_1.tensorParallelFlow)());
    console.log("\n=== rows-first " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const toy = { x: [1, 1], wIn: [[3], [-2]], wOut: [[1]] };
    const relu = (value) => Math.max(0, value);
    const wholeSum = relu(toy.x[0] * toy.wIn[0][0] + toy.x[1] * toy.wIn[1][0]);
    const ofParts = relu(toy.x[0] * toy.wIn[0][0]) + relu(toy.x[1] * toy.wIn[1][0]);
    console.log("The answer:");
    console.log(`relu(3 − 2) = ${wholeSum}, but relu(3) + relu(−2) = ${ofParts}`);
    console.log("\n=== check-share " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    
    console.log("\n=== shares-add-up " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    mine = await (0, course_1.learner)("14-scaling");
    const [x, wIn, wOut] = [[5, 8], [8, 24], [24, 8]].map((shape, i) => engine_1.tf.randomNormal(shape, 0, 1, "float32", i + 1));
    const undivided = engine_1.tf.matMul(engine_1.tf.relu(engine_1.tf.matMul(x, wIn)), wOut).dataSync();
    for (const n of [2, 3, 4, 8]) {
        const shares = Array.from({ length: n }, (_, rank) => mine.feedForwardShare(x, wIn, wOut, { rank, workers: n }));
        const off = furthest(engine_1.tf.addN(shares).dataSync(), undivided);
        console.log(`${n} workers: ${off < 1e-4 ? "they add up" : "they do NOT add up"}`);
    }
    console.log("\n=== tensor-parallel-run " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const divided = await workers.run(({ group, llm }, { config, ids, targets }) => {
        const { tf } = llm("engine");
        const parallel = llm("parallel");
        const shard = parallel.shardGPT(llm("gpt").initGPT(config, { seed: 5 }), config, group);
        const params = Object.fromEntries(Object.entries(shard).map(([name, p]) => [name, tf.variable(p)]));
        const batch = {
            ids: tf.tensor2d(ids, undefined, "int32"), targets: tf.tensor2d(targets, undefined, "int32"),
        };
        const loss = () => parallel.tensorParallelLoss(group, params, config, batch);
        const found = llm("params").lossAndGrads(params, loss);
        const numbers = Object.values(params).reduce((n, p) => n + p.size, 0);
        return { loss: found.loss.dataSync()[0], grads: parallel.flatten(found.grads), numbers };
    }, { config: letters.config, ids, targets });
    const total = (0, gpt_1.countParameters)(letters.config).total;
    (0, display_1.table)(divided.map(({ grads, numbers }, rank) => {
        const part = (0, parallel_1.shardGPT)(wholeGrads, letters.config, { rank, size: 2 });
        return {
            ...{ worker: rank, parameters: `${whole(numbers)} of ${whole(total)}` },
            "largest difference of a gradient": furthest(grads, flatGrads(part)).toExponential(1),
        };
    }));
    console.log("\n=== check-gpipe " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    
    console.log("\n=== gpipe-slider " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    mine = await (0, course_1.learner)("14-scaling");
    (0, display_1.plot)((0, display_1.frames)([1, 2, 4, 8, 12].map((M) => {
        const slots = mine.gpipeTable(4, M);
        const idle = slots.flat().filter((slot) => slot === "").length / slots.flat().length;
        return {
            label: M,
            figure: (0, display_1.heatmap)({
                z: slots.map((one) => one.map((s) => (s === "" ? null : s[0] === "F" ? 1 : 2))),
                cells: slots,
                ...{ min: 0, max: 3, colorbar: false },
                x: { title: "slot of time" },
                y: { title: "stage" },
                yLabels: slots.map((_, s) => `${s}`),
                caption: `Idle: ${(100 * idle).toFixed(0)} %; (S − 1) / (M + S − 1) is ` +
                    `${(100 * (0, parallel_1.predictedBubble)({ stages: 4, microBatches: M })).toFixed(0)} %.`,
            }),
        };
    }), { slider: "micro-batches", caption: "GPipe with four stages." }));
    console.log("\n=== pipeline-run " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const deep = { ...letters.config, nLayer: 4 };
    const piped = [];
    for (const M of [1, 2, 4, 8]) {
        const job = ({ group, llm }, { config, ids, targets, M }) => {
            const parallel = llm("parallel");
            const whole = llm("gpt").initGPT(config, { seed: 5 });
            const params = parallel.stageParams(whole, config, group);
            const size = ids.length / M;
            const micros = Array.from({ length: M }, (_, m) => ({
                ids: ids.slice(m * size, (m + 1) * size), targets: targets.slice(m * size, (m + 1) * size),
            }));
            parallel.pipelineStep(group, params, config, micros); // the first one warms up
            group.barrier();
            const { grads, timeline } = parallel.pipelineStep(group, params, config, micros);
            const names = Object.keys(params);
            return { timeline, grads: names.map((name) => Array.from(grads[name].dataSync())) };
        };
        piped.push({ M, stages: await workers.run(job, { config: deep, ids, targets, M }) });
    }
    console.log("\n=== pipeline-compared " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const deepModel = (0, gpt_1.initGPT)(deep, { seed: 5 });
    const { grads: deepGrads } = (0, params_1.lossAndGrads)(deepModel, () => (0, gpt_1.gptLoss)(deepModel, deep, batch.ids, batch.targets));
    (0, display_1.table)(piped.map(({ M, stages }) => {
        const off = stages.map(({ grads }, rank) => {
            const names = Object.keys((0, parallel_1.stageParams)(deepModel, deep, { rank, size: 2 }));
            return furthest(grads.flat(), names.flatMap((name) => Array.from(deepGrads[name].dataSync())));
        });
        const steps = stages.flatMap(({ timeline }) => timeline);
        return {
            "micro-batches": M,
            "gradients equal to 1e-6": Math.max(...off) <= 1e-6,
            "bubble, predicted": `${(100 * (0, parallel_1.predictedBubble)({ stages: 2, microBatches: M })).toFixed(0)} %`,
            "bubble, measured": `${(100 * (0, parallel_1.measuredBubble)(steps)).toFixed(0)} %`,
        };
    }));
    console.log("\n=== check-zero " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    
    console.log("\n=== zero-table " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    mine = await (0, course_1.learner)("14-scaling");
    const inPaper = [120, 31.4, 16.6, 1.9];
    (0, display_1.table)([0, 1, 2, 3].map((stage) => {
        const bytes = mine.zeroBytes(7.5e9, 64, stage);
        const { total } = (0, parallel_1.zeroMemory)(stage, { parameters: 7.5e9, workers: 64 });
        return {
            stage,
            "your count, GB": (bytes / 1e9).toFixed(1),
            "in the paper, GB": inPaper[stage],
            "as llm/parallel": Math.abs(bytes - total) < 1,
        };
    }));
    console.log("\n=== zero-run " + ((performance.now() - T0) / 1000).toFixed(1) + " s cpu " + (process.cpuUsage().user / 1e6).toFixed(1));
    const withZero = [];
    for (const zero of [0, 1]) {
        const trained = [];
        const { workers: reports } = await (0, parallel_1.trainParallel)({
            ...{ workers, args: parts, task: ({ llm }, args) => llm("pretrain").gptTask(args), zero },
            settings: { ...settings, steps: 5, evalLimit: 1 },
            onStep: ({ loss }) => trained.push(loss),
        });
        withZero.push({ zero, trained, bytes: reports.map((one) => one.stateBytes) });
    }
    (0, display_1.table)(withZero.map(({ zero, trained, bytes }) => ({
        ...{ stage: zero, "optimizer's bytes, by worker": bytes.map(whole).join(" and ") },
        "loss of step 5": trained[4].toFixed(6),
    })));
    await workers.stop();
}
main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
