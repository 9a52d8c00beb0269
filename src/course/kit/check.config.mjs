// Vitest for a learner's check: as little as possible, for the time to the first answer. `llm/…` is
// the compiled module, loaded by Node itself; only the kit and the lesson's own files go through
// vite. The learner's file may be replaced by a repaired text in which a function that does not
// parse only throws, so that a syntax error costs one exercise and not all.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";

const root = realpathSync(process.env.LLM_ROOT);
const { file, text } = JSON.parse(readFileSync(process.env.LLM_CHECK, "utf8"));
const folders = ["dist", "src"].map((d) => resolve(root, d));
const module = folders.find((d) => existsSync(resolve(d, "course")));
const compiled = module.endsWith("dist");
const escaped = realpathSync(module)
  .replace(/\\/g, "/")
  .replace(/[.*+?^${}()|[\]]/g, "\\$&");
const learner = realpathSync(file).replace(/\\/g, "/");

export default {
  root,
  cacheDir: resolve(dirname(process.env.LLM_CHECK), "cache"),
  resolve: {
    alias: [
      { find: /^llm\/(course\/kit.*)$/, replacement: `${resolve(root, "src")}/$1` },
      { find: /^llm\/(.*)$/, replacement: `${module}/$1` },
    ],
  },
  plugins: [
    {
      name: "learner",
      enforce: "pre",
      load: (id) => (text && id.split("?")[0] === learner ? readFileSync(text, "utf8") : null),
    },
  ],
  test: {
    include: ["test/exercises/*.test.ts"],
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 0,
    hookTimeout: 0,
    watch: false,
    // Silent, but for what keeps the tests from running at all: ../run.ts passes that on.
    reporters: [
      {
        onTestRunEnd(modules, errors) {
          for (const error of [...errors, ...modules.flatMap((m) => m.errors())])
            console.error(error.stack ?? error.message);
          if (modules.length === 0)
            console.error(`vitest found no test file ${process.argv.at(-1)}`);
        },
      },
    ],
    disableConsoleIntercept: true,
    // Compiled already; the source, where there is no build, has to go through vite.
    server: { deps: { external: compiled ? [new RegExp(`^(file://)?${escaped}/`)] : [] } },
  },
};
