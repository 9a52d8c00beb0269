// A model by its name or place, whichever form it is in.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "../checkpoint";
import { loadGguf } from "./gguf";
import { loadPretrained, type Pretrained } from "./load";

/**
 * Reads a model.
 * @param place a name that `npm run model` knows ("smollm2"), a GGUF file, a folder with one GGUF
 *   file, or a folder of Hugging Face's form
 * @throws where there is none; and as `loadGguf` and `loadPretrained` do
 */
export function loadModel(place: string): Pretrained {
  const path = findModel(place);
  return statSync(path).isDirectory() ? loadPretrained(path) : loadGguf(path);
}

/**
 * Where a model is: its GGUF file, or its folder of Hugging Face's form.
 * @param place as for `loadModel`
 * @throws where there is none
 */
export function findModel(place: string): string {
  const path = existsSync(place) ? place : modelFolder(place);
  if (path === undefined)
    throw new Error(
      `loadModel: ${place}: expected a file, a folder or a model that was fetched, got none. ` +
        "`npm run model` lists those that can be fetched",
    );
  if (!statSync(path).isDirectory()) return path;
  if (existsSync(join(path, "config.json"))) return path;
  const files = readdirSync(path).filter((name) => name.endsWith(".gguf"));
  if (files.length !== 1)
    throw new Error(
      `loadModel: ${path}: expected config.json or one GGUF file, got ${files.join(", ") || "none"}`,
    );
  return join(path, files[0]);
}
