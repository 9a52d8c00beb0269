// Real models, which `npm run model` fetches into models/ (docs/models.md). No lesson needs one:
// where it is missing, a lesson says so and goes on without it.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where `npm run model` puts them. */
const models = resolve(__dirname, "../../models");

/**
 * The folder of a real model: in the folder that the environment variable LLM_MODELS names, or in
 * models/ of the course.
 * @param name as `npm run model` has it, such as "minilm"
 * @returns its path, or undefined where it has not been fetched
 */
export function modelFolder(name: string): string | undefined {
  const folders = [process.env.LLM_MODELS, models].filter(Boolean) as string[];
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
}
