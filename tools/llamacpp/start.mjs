// Starts the llama.cpp whose module is named, once. A file, because node-llama-cpp hands the
// options of its Node on to a process of its own, and that one must not get `-e`.
const { getLlama } = await import(process.argv[2]);
const quiet = { logLevel: "error", progressLogs: false };
const llama = await getLlama({ gpu: false, build: "never", ...quiet });
await llama.dispose();
