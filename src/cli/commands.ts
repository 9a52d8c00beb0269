// The command lines of the learner's commands: one table each, from which ./options.cjs reads what
// was typed and writes --help. Those of the repository's tools are in tools/commands.mjs.

import type { Command } from "./options.cjs";

const lessonWords =
  "A lesson is named by its number, its name or its beginning, or the path of one of its files; " +
  "an exercise by its name, in any case.";

export const check = {
  name: "check",
  about: "Checks your answers in exercises/ and says what is right and what is not.",
  usage: [
    ["npm run check", "every lesson"],
    ["npm run check 06", "the exercises of lesson 06 (attention)"],
    ["npm run check 06 causalMask", "one exercise of it, or several"],
    ["npm run check 06 -- --watch", "again after every save, until Ctrl-C"],
  ],
  words: { most: 99, what: "lessons, or a lesson and its exercises" },
  options: { watch: { help: "check again whenever an answer is saved", npm: "takes" } },
  notes: [lessonWords, "The exit code is 0 if everything passes, 1 if not, 2 if it cannot be run."],
} as const satisfies Command;

export const hint = {
  name: "hint",
  about: "Shows the next of three hints for an exercise: an idea, pseudocode, how the answer goes.",
  usage: [["npm run hint 06 causalMask", "the next hint; run it again for the one after"]],
  words: { least: 1, most: 2, what: "a lesson and one of its exercises" },
  options: {},
  notes: [lessonWords],
} as const satisfies Command;

export const solution = {
  name: "solution",
  about: "Shows the reference answer to an exercise, its task and its reasons.",
  usage: [["npm run solution 06 causalMask", "asks first, in a terminal"]],
  words: { least: 1, most: 2, what: "a lesson and one of its exercises" },
  options: { yes: { help: "do not ask", npm: "takes" } },
  notes: [lessonWords],
} as const satisfies Command;

export const submit = {
  name: "submit",
  about: "Makes the zip that you hand in: your answers to one lesson, and whose they are.",
  usage: [
    ["npm run submit 06", "asks once for the name your teacher knows you by"],
    ["npm run submit 06 ada", "says it; kept for the next time"],
  ],
  words: { least: 1, most: 6, what: "a lesson and your name, email or number" },
  options: {},
  notes: [lessonWords, "The zip is made anew each time, in my-course/ where that is."],
} as const satisfies Command;

export const progress = {
  name: "progress",
  about: "Shows the map of the course: what you have done, your points, and what comes next.",
  options: {},
} as const satisfies Command;

/** What a run has already, and `--resume` therefore does not take. */
const settled = ["preset", "data", "tokenizer", "seed", "out", "checkpoint-every"];

export const train = {
  name: "train",
  about: "Trains a GPT on a text, character by character or with a tokenizer of yours.",
  usage: [
    ["npm run train", "Moby-Dick, preset smoke: half a minute"],
    ["npm run train -- --preset laptop --data FILE…", "your own text"],
    ["npm run train -- --resume [DIR]", "continues a run (default: the newest)"],
  ],
  options: {
    preset: {
      value: "",
      choices: ["smoke", "laptop", "gpu"],
      default: "smoke",
      help:
        "model and budget: 2 layers × 64, 1,000 steps; 4 × 128, 2,000 (nanoGPT's on a CPU); " +
        "6 × 384, 5,000 (for a CUDA GPU)",
    },
    data: {
      value: "FILE…",
      help: "text files (UTF-8), or the name of a data set; Moby-Dick unless given",
    },
    tokenizer: {
      value: "FILE",
      help:
        "a tokenizer's file (of npm run tokenize, Hugging Face's tokenizer.json, GGUF) or gpt2, " +
        "cl100k, o200k; unless given, the characters of the text",
    },
    steps: {
      value: "N",
      whole: 1,
      help: "how many steps (the learning rate is stretched to fit)",
    },
    "checkpoint-every": { value: "N", whole: 1, help: "save every N steps" },
    seed: { value: "N", whole: 0, help: "another seed: other initial weights, batches, dropout" },
    out: { value: "DIR", help: "the run's folder; runs/<date-time-preset> unless given" },
    resume: {
      value: "[DIR]",
      help: "continues a run; can be combined only with --steps, --workers, --quiet and --no-compile",
    },
    workers: {
      value: "N",
      whole: [1, 64],
      default: 1,
      help: "so many processes share each step: every one computes a part of its batch",
    },
    quiet: { help: "no samples on the screen" },
    "no-compile": {
      help:
        "native engine: one operation at a time (unless this is given, runs of over 60 steps are " +
        "compiled)",
    },
  },
  rule: (values) => {
    const kept = settled.find((name) => values[name] !== undefined);
    return values.resume !== undefined && kept !== undefined
      ? `--${kept} cannot be changed with --resume: the run has its own`
      : undefined;
  },
  notes: [
    "A run's folder holds config.json (every setting), log.jsonl (every step), " +
      "checkpoint.safetensors and report.html (the curve).",
    "Ctrl-C stops after the current step and saves. The run then writes with: npm run generate",
  ],
} as const satisfies Command;

export const board = {
  name: "board",
  about: "Trains recipes with several seeds and ranks them by loss and by time.",
  usage: [
    ["npm run board -- --smoke", "small models, few steps, Moby-Dick: two minutes"],
    ["npm run board -- --data tinyshakespeare", "nanoGPT's size on a CPU: minutes for each run"],
    ["npm run board -- my.json --out my-board.json", "the baseline and a recipe of yours"],
  ],
  words: { most: 99, what: "recipes: names of those in recipes/, or JSON files" },
  options: {
    seeds: { value: "N,N", list: true, whole: 0, default: [1, 2, 3], help: "with which seeds" },
    baseline: {
      value: "NAME",
      default: "nanogpt",
      help: "the recipe that others are compared with",
    },
    data: { value: "FILE…", help: "text files (UTF-8), or the name of a data set" },
    steps: { value: "N", whole: 4, help: "of every run; 2,000 unless given" },
    out: {
      value: "FILE",
      default: "board.json",
      help: "where results are kept, with a page of the same name in HTML beside it",
    },
    smoke: { help: "a board that is done at once and says little" },
  },
  notes: [
    "A run that is finished is kept: the same command goes on where it was stopped.",
    "Better means that the 95 % intervals of two mean losses do not touch.",
  ],
} as const satisfies Command;

export const finetune = {
  name: "finetune",
  about: "Teaches a pretrained model labels: of texts, or of words.",
  usage: [
    ["npm run finetune -- --task classify --data FILE.csv", "columns: text, label"],
    ["npm run finetune -- --task tag --data FILE.csv", "a row per word: sentence, word, tag"],
  ],
  options: {
    task: {
      value: "",
      choices: ["classify", "tag"],
      default: "classify",
      help: "what is labelled",
    },
    data: {
      value: "FILE.csv",
      default: "datasets/fine-tuning/spam.csv",
      help: "the examples: a table whose first line names its columns",
    },
    test: { value: "FILE.csv", help: "what to measure on; a fifth of the examples unless given" },
    base: {
      value: "DIR",
      help: "a run's folder or checkpoint; the course's base model unless given",
    },
    train: {
      value: "PART",
      default: "all",
      help: "all, none (the head alone), or how many of the last blocks",
    },
    pool: {
      value: "",
      choices: ["last", "mean", "first"],
      default: "mean",
      help: "whose hidden state stands for a text; of a word, its last or first token",
    },
    length: { value: "N", whole: 1, default: 64, help: "tokens of a text that are read" },
    steps: { value: "N", whole: 1, default: 200, help: "how many steps" },
    batch: { value: "N", whole: 1, default: 16, help: "examples of a step" },
    lr: { value: "X", number: 0, default: 0.0003, help: "the highest learning rate" },
    seed: { value: "N", whole: [0, 2 ** 32 - 1], default: 1, help: "split, head and order" },
    out: { value: "DIR", help: "the run's folder; runs/<date-time-finetune> unless given" },
  },
  notes: [
    "The run's folder holds checkpoint.safetensors (what is trained) and model/ (the whole " +
      "classifier, with labels and tokenizer).",
    "Ctrl-C stops after the current step and saves.",
  ],
} as const satisfies Command;

/** Which tokens can be drawn: of all commands that write. `decodingOf` reads them. */
const choosing = {
  "top-k": { value: "N", whole: 1, help: "choose among the N likeliest tokens only" },
  "top-p": {
    value: "P",
    number: 0,
    help: "choose among the likeliest tokens that together have probability P",
  },
  "min-p": {
    value: "P",
    number: 0,
    help: "choose among tokens at least P times as likely as the likeliest",
  },
  "repetition-penalty": {
    value: "X",
    number: 0,
    help: "above 1: tokens that have been there become less likely",
  },
} as const;

export const generate = {
  name: "generate",
  about: "Continues a text with a trained model.",
  usage: [['npm run generate -- --prompt "Call me"', "with the newest run"]],
  options: {
    run: { value: "DIR", help: "a run's folder; the newest unless given" },
    prompt: {
      value: "TEXT",
      blank: true,
      help: "what the text begins with; unless given, a line break, where the model knows one",
    },
    tokens: {
      value: "N",
      whole: 0,
      default: 300,
      help: "how many tokens to write: characters, unless the run has another tokenizer",
    },
    temperature: {
      value: "X",
      number: 0,
      default: 0.8,
      help: "below 1: fewer surprises; above 1: more; 0: always the likeliest",
    },
    ...choosing,
    seed: { value: "N", whole: 0, default: 1, help: "the same seed writes the same text" },
  },
} as const satisfies Command;

export const serve = {
  name: "serve",
  about: "Serves a model by OpenAI's HTTP API, with a chat page for the browser.",
  usage: [
    ["npm run serve -- --model smollm2", "the small chat model: npm run model smollm2"],
    ["npm run serve -- --model own", "the model of lesson 16 (instruction tuning)"],
    ["npm run serve -- --run runs/…", "a model that you have trained"],
    ["npm run serve -- --upstream URL", "passes requests on to another server"],
  ],
  options: {
    model: { value: "NAME", help: "own, a fetched model, a GGUF file or a folder" },
    run: { value: "DIR", help: "a run folder or a checkpoint" },
    upstream: {
      value: "URL",
      help: "another server of the same API; LLM_API_KEY is shown to it",
    },
    port: { value: "N", whole: [0, 65535], default: 8000, help: "0 takes one that is free" },
    host: { value: "HOST", default: "127.0.0.1", help: "0.0.0.0 lets the network in: use --keys" },
    keys: { value: "FILE", help: "JSON with keys, their rates and quotas (src/serve/keys.ts)" },
    log: { value: "FILE", help: "one line of JSON for each request is added to it" },
    prices: { value: "N,N", help: "of a million tokens of prompts and of answers, for the log" },
    context: { value: "N", whole: 16, help: "the longest text in tokens; the model's if absent" },
    running: { value: "N", whole: 1, default: 64, help: "so many texts are written at a time" },
    queue: { value: "N", whole: 1, default: 1024, help: "so many requests wait or are answered" },
  },
  notes: [
    "/v1/chat/completions, /v1/completions, /v1/embeddings (with npm run model minilm), /v1/models; " +
      "/metrics for Prometheus. Ctrl-C lets answers end that have begun.",
  ],
} as const satisfies Command;

export const exportCommand = {
  name: "export",
  about:
    "Writes a model for other programs: transformers and vLLM, llama.cpp, Ollama, or a page that " +
    "writes text in any browser.",
  usage: [
    ["npm run export -- --run runs/… FOLDER", "a folder of Hugging Face's form"],
    ["npm run export -- --model own --to ollama FOLDER", "a GGUF file and a Modelfile"],
    [
      "npm run export -- --run runs/… --to page FOLDER",
      "one HTML file, to be opened from the disk",
    ],
  ],
  words: { least: 1, most: 1, what: "the folder to write, a new or empty one" },
  options: {
    run: { value: "DIR", help: "a run folder or a checkpoint; the newest run if absent" },
    model: { value: "NAME", help: "own, a fetched model, a GGUF file or a folder" },
    to: {
      value: "",
      choices: ["huggingface", "gguf", "ollama", "page"],
      default: "huggingface",
      help: "for which program",
    },
    type: {
      value: "",
      choices: ["F32", "F16", "Q8_0", "Q4_0"],
      default: "F32",
      help: "how matrices are stored; the last two in GGUF files alone, with widths of 32 n",
    },
    name: { value: "NAME", default: "model", help: "what other programs show" },
    beginning: { value: "TEXT", help: "with --to page: what the text begins with" },
  },
  rule: ({ run, model }: { run?: string; model?: string }) =>
    run !== undefined && model !== undefined ? "expected --run or --model, got both" : undefined,
  notes: ["What each program is given, and what was checked: docs/serving.md"],
} as const satisfies Command;

export const chat = {
  name: "chat",
  about: "Talks with a chat model in this course's GPT.",
  usage: [
    ["npm run chat", "with SmolLM2, once `npm run model smollm2` has fetched it"],
    ['npm run chat -- --message "What is a whale?"', "one question, one answer"],
    [
      "npm run chat -- --run runs/instruct",
      "with a model of yours that was trained on conversations",
    ],
  ],
  options: {
    model: {
      value: "MODEL",
      default: "smollm2",
      help: "a name that npm run model knows, a GGUF file, or a folder of Hugging Face's form",
    },
    run: { value: "DIR", help: "a run's folder or checkpoint, in place of --model" },
    message: { value: "TEXT", help: "says only this; unless given, every line that is typed" },
    system: { value: "TEXT", help: "what the model is told first" },
    template: {
      value: "FILE",
      help: "another form of the conversation: Jinja, or a tokenizer_config.json",
    },
    tokens: { value: "N", whole: 1, default: 256, help: "the longest answer in tokens" },
    window: {
      value: "N",
      whole: 65,
      help: "the longest conversation in tokens; 1,024, or as many as the model has",
    },
    temperature: {
      value: "X",
      number: 0,
      default: 0.2,
      help: "above 0.2: more surprises; 0: always the likeliest token",
    },
    ...choosing,
    seed: { value: "N", whole: 0, default: 1, help: "the same seed gives the same answers" },
    speed: { help: "says after each answer how many tokens a second that was" },
  },
  notes: [
    "Ctrl-C ends an answer; Ctrl-C or Ctrl-D at the prompt ends the conversation.",
    "A small model makes mistakes, and states them as surely as facts.",
  ],
} as const satisfies Command;

export const evaluate = {
  name: "evaluate",
  about: "Scores trained models on the same held-out documents, and writes a leaderboard of them.",
  usage: [
    ["npm run evaluate", "every run in runs/, on the last tenth of Moby-Dick"],
    ["npm run evaluate -- --run DIR…", "these runs only"],
    ["npm run evaluate -- --data FILE…", "on texts of yours that no run has seen"],
  ],
  options: {
    run: { value: "DIR…", help: "folders of runs; every run in runs/ unless given" },
    data: {
      value: "FILE…",
      help: "text files (UTF-8); Moby-Dick's last tenth unless given, which no run of it trains on",
    },
    stride: {
      value: "N",
      whole: 1,
      help: "how far apart windows begin in tokens; half a model's window unless given",
    },
    out: { value: "FILE", help: "where the page goes; runs/leaderboard.html unless given" },
    seed: { value: "N", whole: 0, default: 1, help: "for the intervals" },
  },
  notes: [
    "Each run's figures go into evaluation.json in its folder. Runs that differ in their seed only " +
      "share one line of the leaderboard.",
    "Two neighbours are not distinguishable if the 95 % interval of their difference contains 0.",
  ],
} as const satisfies Command;

const withTokenizer = {
  value: "FILE",
  default: "tokenizer.json",
  help: "a tokenizer's file (JSON, Hugging Face's tokenizer.json, GGUF), or gpt2, cl100k, o200k",
} as const;

export const tokenize = {
  name: "tokenize",
  about: "Learns a tokenizer from texts (byte-level BPE), makes ids of texts, and texts of ids.",
  usage: [
    ["npm run tokenize -- train [FILE…]", "learns from files, or from Moby-Dick"],
    ["npm run tokenize -- encode [FILE]", "the ids of a file, or of --text"],
    ["npm run tokenize -- decode [FILE]", "the text of a file of ids, or of --ids"],
  ],
  options: {},
  verbs: {
    train: {
      words: { most: 999, what: "text files (UTF-8), or names of data sets" },
      options: {
        vocab: {
          value: "N",
          whole: [256, 2 ** 21],
          default: 1024,
          help: "entries: the special tokens, 256 bytes and the merges",
        },
        pattern: {
          value: "",
          choices: ["gpt2", "cl100k", "o200k", "smollm", "llama3", "qwen2"],
          default: "gpt2",
          help: "how texts are cut into pieces first",
        },
        special: { value: "TOKEN…", help: "special tokens, such as '<|endoftext|>'" },
        out: { value: "FILE", default: "tokenizer.json", help: "where the tokenizer goes" },
        huggingface: { help: "writes the tokenizer.json of Hugging Face's tokenizers" },
      },
    },
    encode: {
      words: { most: 1, what: "a text file" },
      options: {
        tokenizer: withTokenizer,
        text: { value: "TEXT", blank: true, help: "this text instead of a file" },
        out: { value: "FILE", help: "writes the ids there, as 16-bit or 32-bit numbers" },
      },
      rule: eitherOr("text"),
    },
    decode: {
      words: { most: 1, what: "a file of ids that encode --out has written" },
      options: {
        tokenizer: withTokenizer,
        ids: { value: "N,N", list: true, whole: 0, help: "these ids instead of a file" },
        out: { value: "FILE", help: "writes the text there" },
      },
      rule: eitherOr("ids"),
    },
  },
  notes: [
    "Files may be larger than memory: they are read in chunks. A tokenizer is used by: " +
      "npm run train -- --tokenizer tokenizer.json",
    "Ids are 16-bit little-endian numbers in the file where the vocabulary has at most 65,536 " +
      "entries, and 32-bit ones where it has more.",
  ],
} as const satisfies Command;

/** A file or an option says what is read: one of them. */
function eitherOr(option: string) {
  return (values: Record<string, unknown>, words: readonly string[]): string | undefined => {
    const given = words.length + (values[option] === undefined ? 0 : 1);
    if (given === 1) return undefined;
    return `expected a file or --${option}, got ${given === 0 ? "neither" : "both"}`;
  };
}

export const mcp = {
  name: "mcp",
  about:
    "A server of the Model Context Protocol on standard input and output, with the course's own " +
    "tools: calculator, search over the notebooks, JavaScript in a sandbox.",
  usage: [["npm run -s mcp", "programs start it; lesson 26 (agents) has a client"]],
  options: {},
} as const satisfies Command;

export const data = {
  name: "data",
  about:
    "Makes a corpus of files: cleaned, filtered, without duplicates, split and packed as token ids.",
  usage: [
    ["npm run data -- build FILE… --out DIR", "from files and folders; run again to go on"],
    ["npm run data -- show DIR", "what is in it, and one document"],
  ],
  options: {},
  verbs: {
    build: {
      words: { least: 1, most: 9999, what: "files or folders" },
      options: {
        out: { value: "DIR", default: "corpus", help: "the corpus's folder" },
        format: {
          value: "",
          choices: ["text", "markdown", "html", "jsonl"],
          help: "what all files are; by their names (.txt, .md, .html, .jsonl, with .gz) unless given",
        },
        field: { value: "NAME", default: "text", help: "the text's field in a JSON line" },
        lines: { help: "every line of a plain text is a document" },
        part: {
          value: "N",
          whole: 1000,
          default: 100_000,
          help: "cut plain texts into parts of at most N characters",
        },
        form: { value: "", choices: ["NFC", "NFKC"], default: "NFC", help: "Unicode's form" },
        sentences: { help: "only lines that look like sentences (C4)" },
        rules: {
          value: "",
          choices: ["none", "basic", "gopher", "c4"],
          list: true,
          default: ["basic"],
          help: "which documents stay",
        },
        language: {
          value: "",
          choices: [
            ...(["en", "de", "fr", "es", "it", "pt", "nl", "sv", "ja", "ko", "zh"] as const),
            ...(["ru", "ar", "el", "he", "hi", "th"] as const),
          ],
          list: true,
          help: "documents in these languages only",
        },
        duplicates: {
          value: "",
          choices: ["near", "exact", "none"],
          default: "near",
          help: "which duplicates are left out",
        },
        similarity: {
          value: "X",
          number: [0.1, 1],
          default: 0.8,
          help: "near duplicates have at least this Jaccard similarity",
        },
        val: { value: "X", number: [0, 0.9], default: 0.05, help: "share that is held out" },
        seed: { value: "N", whole: [0, 2 ** 32 - 1], default: 1, help: "for split and shuffling" },
        tokenizer: {
          value: "FILE",
          help: "a tokenizer's file, or gpt2, cl100k, o200k; unless given, one is learned",
        },
        vocab: {
          value: "N",
          whole: [257, 2 ** 21],
          default: 1024,
          help: "entries of a tokenizer that is learned",
        },
        shard: { value: "N", whole: 1, default: 2 ** 24, help: "tokens in a shard, about" },
      },
      rule: ({ rules }: { rules?: string[] }) =>
        rules !== undefined && rules.length > 1 && rules.includes("none")
          ? `expected none alone or some of basic, gopher, c4, got ${rules.join(",")}`
          : undefined,
    },
    show: {
      words: { least: 1, most: 1, what: "a corpus's folder" },
      options: {
        split: { value: "", choices: ["train", "val"], default: "train", help: "which side" },
        document: { value: "N", whole: 0, default: 0, help: "which document, from 0" },
      },
    },
  },
  notes: [
    "The folder holds train-00000.bin … (16-bit or 32-bit token ids), .idx files beside them (where " +
      "documents begin), index.json (what was kept and what was left out) and tokenizer.json.",
    "A build that was stopped goes on with the same command, and ends with the same bytes. Files and " +
      "lines that cannot be read are named and left out.",
  ],
} as const satisfies Command;

export const verifyGpt2 = {
  name: "verify:gpt2",
  about:
    "Trains a GPT-2 for ten steps on one batch and compares the losses with the known ones, those " +
    "of llm.c for OpenAI's 124M model.",
  usage: [
    ["npm run verify:gpt2 -- DIR", "DIR: a folder of Hugging Face's form, with GPT-2's weights"],
    ["npm run verify:gpt2 -- DIR --expect FILE", "another model, whose losses are in FILE"],
  ],
  words: { least: 1, most: 1, what: "the model's folder" },
  options: {
    data: {
      value: "FILE",
      help: "Tiny Shakespeare; unless given, tinyshakespeare in the folder of LLM_DATASETS",
    },
    debug: {
      value: "FILE",
      help: "takes the batch from llm.c's gpt2_124M_debug_state.bin, and needs no text",
    },
    expect: {
      value: "FILE",
      help:
        "the expected losses as JSON: losses, batchSize, blockSize, learningRate, tolerance; unless " +
        "given, known-losses.json in DIR, or those of GPT-2",
    },
  },
  rule: ({ data, debug }: { data?: string; debug?: string }) =>
    data !== undefined && debug !== undefined
      ? "expected --data or --debug, got both: each says what the batch is"
      : undefined,
  notes: [
    "The course cannot bring the weights along; the hub has them as openai-community/gpt2. It takes " +
      "about 4 GB of memory, and half a minute on native, two to three on wasm.",
    "The exit code is 1 if a loss is further off than the tolerance.",
  ],
} as const satisfies Command;

export const selfcheck = {
  name: "selfcheck",
  about:
    "Compares this machine's best engine with plain JavaScript: values, gradients and a training " +
    "step.",
  options: {
    matmul: { help: "measure matrix products instead" },
    sizes: {
      value: "N,N",
      list: true,
      whole: 1,
      default: [512, 1024, 2048],
      help: "the sizes of those products",
    },
    json: { help: "one JSON object instead of the table", npm: "own" },
  },
  notes: ["The exit code is 1 if they differ."],
} as const satisfies Command;

/** The steps of a project, in their order. */
const capstoneSteps = [
  ...["choose", "adapt", "evaluate", "price", "serve", "monitor", "report"],
] as const;

export const capstone = {
  name: "capstone",
  about: "Makes a project for an application of your own, and takes it from choice to service.",
  usage: [
    [
      "npm run capstone -- my-shop",
      "makes capstone/my-shop, the worked example of lesson 30 (in practice)",
    ],
    ["npm run capstone -- my-search --kind search", "another kind"],
    [
      "npm run capstone -- my-shop choose",
      "a step: choose, adapt, evaluate, price, serve, monitor, report",
    ],
  ],
  words: { least: 1, most: 2, what: "a name for the project, and a step" },
  options: {
    kind: {
      value: "KIND",
      help:
        "customer-service (the default), search, tutor, writing, code, medical-summary, " +
        "financial-summary or legal-summary",
    },
    port: {
      value: "N",
      whole: [0, 65535],
      default: 8000,
      help: "for serve; 0 takes one that is free",
    },
    keys: { value: "FILE", help: "for serve: JSON with keys, their rates and quotas" },
    "no-chat": {
      npm: "takes",
      help: "leave the small chat model out of the comparison, although it is there",
    },
  },
  rule: (values, words) => {
    const [, step] = words;
    if (step !== undefined && !(capstoneSteps as readonly string[]).includes(step))
      return `expected a step (${capstoneSteps.join(", ")}), got ${step}`;
    return step !== undefined && values.kind !== undefined
      ? "--kind is for a new project; this one has its kind"
      : undefined;
  },
  notes: [
    "A project is a folder in capstone/, which git ignores and no command overwrites. Everything in " +
      "it is yours to change; README.md there says in which order.",
  ],
} as const satisfies Command;
