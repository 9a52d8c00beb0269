// The data sets of lesson 15 (fine-tuning) that come with the course; datasets/fine-tuning/make.mjs
// made them, and says what was left out so that nobody is named.
import { readFileSync } from "node:fs";
import { courseFile } from "../data";
import { readCsv } from "./csv";
import { type LabelledText, readLabelled } from "./examples";

/** A passage of a State of the Union address; its label is the president's party. */
export interface Speech extends LabelledText {
  president: string;
  year: number;
}

/** 1,600 mails of 2002 and 2003, their first 280 characters; half of them are "spam", half "ham". */
export const spamMails = (): LabelledText[] =>
  readLabelled(readFileSync(courseFile("fine-tuning/spam.csv"), "utf8"), "spam.csv");

/** 1,870 passages of two or three sentences, 1946 to 2021, "Democrat" or "Republican". */
export function speeches(): Speech[] {
  const table = readFileSync(courseFile("fine-tuning/speeches.csv"), "utf8");
  return readCsv(table, { columns: ["text", "label", "president", "year"] }).map(
    ({ text, label, president, year }) => ({ text, label, president, year: Number(year) }),
  );
}
