import { createRequire } from "node:module";
const require = createRequire("/tmp/h-l28/package.json");
const { useEngine, tf } = require("llm/engine"); await useEngine({quiet:true});
const m=require("llm/baseModel").loadBaseModel(); console.log(m.config, m.run.data, m.tokenizer.encode("the ships near the whale").length);
for (const w of "watch sail ship whales sailor king dogs".split(" ")) console.log(w, m.tokenizer.encode(" "+w).map(i=>m.tokenizer.decode([i])));
process.exit(0)
