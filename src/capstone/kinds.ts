// The kinds of applications that a capstone can be: what each is to do, the way one would try first, the
// duties with their sources. They are data, in datasets/capstone. Left out: kinds for images and sound.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { courseFile } from "../data";

/** A kind of application, as its template describes it. */
export interface Kind {
  title: string;
  does: string;
  /** Which way of making it one would try first, and why. */
  route: string;
  /** The lessons that show how. */
  lessons: string[];
  duties: string[];
  /** Where the duties come from. */
  sources: string[];
}

/** Templates by name. */
export const kindNames = [
  ...["customer-service", "search", "tutor", "writing", "code"],
  ...["medical-summary", "financial-summary", "legal-summary"],
] as const;

/** The folder of a template. */
export const templateOf = (kind: string) => dirname(courseFile(`capstone/${kind}/kind.json`));

/** What a template says about itself. @throws if there is none of this name */
export function readKind(kind: string): Kind {
  if (!(kindNames as readonly string[]).includes(kind))
    throw new Error(`readKind: expected one of ${kindNames.join(", ")}, got ${kind}`);
  return JSON.parse(readFileSync(join(templateOf(kind), "kind.json"), "utf8"));
}
