// Imported first by threads.test.ts: from here on the wasm engine starts with three threads.
process.env.LLM_THREADS = "3";
