// A recipe of the speedrun board: how a model of one fixed size is built and trained. It is a small
// JSON file in recipes/ that says only what differs from nanoGPT's recipe, so that two files beside
// each other show what two recipes differ in. Size, steps, batch and data are the board's and the
// same for all; what a recipe may not change is refused by name.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isHiddenMatrix } from "../gpt";
import {
  adamw,
  grouped,
  type MuonOptions,
  muon,
  type Optimizer,
  type Schedule,
  warmupCosine,
  warmupStableDecay,
} from "../optim";
import type { PretrainSettings } from "../pretrain";

/** What a recipe may say of the model: its design, never its size. */
const modelKeys = [
  ...(["position", "norm", "normGain", "normPlacement", "activation", "qkNorm"] as const),
  ...([
    "shortConv",
    "tied",
    "embeddingNorm",
    "valueResidual",
    "embeddingSkip",
    "embeddingConv",
  ] as const),
  ...(["zeroOutput", "initStd", "logitCap", "bias"] as const),
] as const;

/** What it may say of the training. */
const settingKeys = [
  ...(["maxLr", "minLr", "warmupSteps", "beta1", "beta2", "eps"] as const),
  ...(["weightDecay", "clip", "order"] as const),
] as const;

/** What is in a recipe's file. */
export interface Recipe {
  /** One sentence: what is new in it, and where that comes from. */
  about: string;
  model?: Partial<Pick<PretrainSettings["model"], (typeof modelKeys)[number]>>;
  /** `maxLr` and the rest are AdamW's. */
  settings?: Partial<Pick<PretrainSettings, (typeof settingKeys)[number]>>;
  /** "cosine" if absent; "linear" falls to minLr in a straight line, after a flat share `stable`. */
  schedule?: "cosine" | "linear" | { stable: number };
  /** The matrices inside the blocks go to Muon, with a highest rate of its own. */
  muon?: Pick<MuonOptions, "momentum" | "iterations" | "weightDecay"> & { lr: number };
}

/** What the trainer is given. */
export interface RecipeParts {
  settings: PretrainSettings;
  schedule: (step: number, schedule: Schedule) => number;
  optimizer: Optimizer;
}

/**
 * Reads recipes.
 * @param files paths of JSON files
 * @returns recipes by name, which is the file's without `.json`
 * @throws for a file that is no recipe; the message names the file and what is wrong
 */
export function readRecipes(files: string[]): Record<string, Recipe> {
  return Object.fromEntries(
    files.map((file) => {
      const name = basename(file, ".json");
      try {
        return [name, checkRecipe(JSON.parse(readFileSync(file, "utf8")))];
      } catch (error) {
        throw new Error(`readRecipes: ${file}: ${(error as Error).message}`);
      }
    }),
  );
}

/**
 * The recipe, if it is one.
 * @throws that says what was expected
 */
export function checkRecipe(recipe: Recipe): Recipe {
  const only = (where: string, record: object | undefined, keys: readonly string[]) => {
    for (const key of Object.keys(record ?? {}))
      if (!keys.includes(key))
        throw new Error(
          `checkRecipe: expected ${where} with some of ${keys.join(", ")}, got ${key}: size, steps and ` +
            "data are the same for all recipes",
        );
  };
  only("a recipe", recipe, ["about", "model", "settings", "schedule", "muon"]);
  only("a model", recipe.model, modelKeys);
  only("settings", recipe.settings, settingKeys);
  only("muon", recipe.muon, ["lr", "momentum", "iterations", "weightDecay"]);
  const { about, schedule = "cosine", muon } = recipe;
  if (typeof about !== "string" || about === "")
    throw new Error("checkRecipe: expected a sentence in about, got none");
  if (typeof schedule === "string" && !["cosine", "linear"].includes(schedule))
    throw new Error(`checkRecipe: expected schedule cosine, linear or {stable}, got ${schedule}`);
  if (muon && !(muon.lr > 0))
    throw new Error(`checkRecipe: expected muon with a rate lr above 0, got ${muon.lr}`);
  return recipe;
}

/**
 * What a recipe makes of the board's settings.
 * @param base size, steps, batch, and what the recipe does not say
 */
export function recipeParts(recipe: Recipe, base: PretrainSettings): RecipeParts {
  const { model, schedule = "cosine", muon: options } = checkRecipe(recipe);
  const settings = { ...base, ...recipe.settings, model: { ...base.model, ...model } };
  const rest = adamw(settings);
  const stable = typeof schedule === "object" ? schedule.stable : 0;
  return {
    settings,
    schedule: schedule === "cosine" ? warmupCosine : warmupStableDecay({ stable }),
    optimizer: options ? withMuon(options, settings.maxLr, rest) : rest,
  };
}

/** Muon for the matrices inside the blocks, `rest` for everything else. */
function withMuon(
  { lr, ...options }: NonNullable<Recipe["muon"]>,
  maxLr: number,
  rest: Optimizer,
): Optimizer {
  // GPT-2's layout: inputs × outputs, and queries, keys and values side by side
  const parts = (name: string) => (name.endsWith("c_attn.weight") ? 3 : 1);
  const matrices = muon({ ...options, outputAxis: 1, parts });
  return grouped([
    { name: "matrices", has: isHiddenMatrix, optimizer: matrices, lrScale: lr / maxLr },
    { name: "rest", has: () => true, optimizer: rest },
  ]);
}
