/** Plausible wrong answers to lesson 23 (prompting), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/23-prompting";

/** Breadth first with parts exchanged. */
const searched =
  (
    change: {
      keep?: (next: string[], width: number, values: Record<string, number>) => string[];
      budgetByLevel?: boolean;
    } = {},
  ): typeof right.expandedStates =>
  (root, tree, values, { width, budget }) => {
    const byValue = (a: string, b: string) => values[b] - values[a];
    const keep = change.keep ?? ((next: string[]) => next.sort(byValue).slice(0, width));
    const expanded: string[] = [];
    let level = [root];
    while (level.length > 0 && expanded.length < budget) {
      const next: string[] = [];
      for (const state of level) {
        if (expanded.length === budget && !change.budgetByLevel) return expanded;
        expanded.push(state);
        next.push(...(tree[state] ?? []));
      }
      level = keep(next, width, values);
    }
    return expanded;
  };

export const mutants: Mutants<typeof import("../../solutions/23-prompting")> = {
  fillPrompt: [
    {
      name: "one place after another",
      told: /read again/,
      answer: (template, values) => {
        right.fillPrompt(template, values);
        return Object.entries(values).reduce(
          (text, [name, value]) => text.replaceAll(`{${name}}`, () => value),
          template,
        );
      },
    },
    {
      name: "only the first place of a name",
      told: /several places/,
      answer: (template, values) => {
        right.fillPrompt(template, values);
        const done = new Set<string>();
        return template.replace(/\{(\w+)\}/g, (found, name: string) => {
          if (done.has(name)) return found;
          done.add(name);
          return values[name];
        });
      },
    },
    {
      name: "a value as a replacement text",
      told: /has a meaning for `replace`/,
      answer: (template, values) => {
        right.fillPrompt(template, values);
        return template
          .split(/(\{\w+\})/)
          .map((part) => {
            const name = /^\{(\w+)\}$/.exec(part)?.[1];
            return name === undefined ? part : part.replace(part, values[name]);
          })
          .join("");
      },
    },
    {
      name: "a place without a value stays empty",
      told: /place without a value/,
      answer: (template, values) =>
        template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ""),
    },
    {
      name: "values without a place are ignored",
      told: /value without a place/,
      answer: (template, values) =>
        template.replace(/\{(\w+)\}/g, (_, name: string) => {
          if (!Object.hasOwn(values, name)) throw new Error(`no value for {${name}}`);
          return values[name];
        }),
    },
    {
      name: "inherited names count as values",
      told: /Object\.hasOwn/,
      answer: (template, values) => {
        for (const name of Object.keys(values))
          if (!template.includes(`{${name}}`)) throw new Error(`no place {${name}}`);
        return template.replace(/\{(\w+)\}/g, (_, name: string) => {
          if (!(name in values)) throw new Error(`no value for {${name}}`);
          return values[name];
        });
      },
    },
    {
      name: "the value is looked for in the result",
      told: /by chance/,
      answer: (template, values) => {
        const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
          if (!Object.hasOwn(values, name)) throw new Error(`no value for {${name}}`);
          return values[name];
        });
        for (const [name, value] of Object.entries(values))
          if (!filled.includes(value)) throw new Error(`no place {${name}}`);
        return filled;
      },
    },
    {
      name: "all braces are places",
      told: /Every other brace/,
      answer: (template, values) => {
        right.fillPrompt(template, values);
        return template.replace(/\{([^{}]*)\}/g, (_, name: string) => values[name] ?? "");
      },
    },
  ],
  fewShotPrompt: [
    {
      name: "the texts are trimmed",
      told: /nothing is trimmed/,
      answer: (form, examples, input) =>
        right.fewShotPrompt(
          form,
          examples.map((one) => ({ input: one.input.trim(), output: one.output.trim() })),
          input.trim(),
        ),
    },
    {
      name: "an example that equals the question is left out",
      told: /equals the question/,
      answer: (form, examples, input) =>
        right.fewShotPrompt(
          form,
          examples.filter((one) => one.input !== input),
          input,
        ),
    },
    {
      name: "one line end behind the instruction",
      told: /instruction and the first example/,
      answer: (form, examples, input) =>
        right
          .fewShotPrompt(form, examples, input)
          .replace(`${form.instruction}\n\n`, () => `${form.instruction}\n`),
    },
    {
      name: "a space at the end",
      told: /space at the end/,
      answer: (form, examples, input) => `${right.fewShotPrompt(form, examples, input)} `,
    },
    {
      name: "no empty line between the parts",
      told: /empty line between/,
      answer: (form, examples, input) =>
        right.fewShotPrompt(form, examples, input).replaceAll("\n\n", "\n"),
    },
    {
      name: "the examples in the opposite order",
      told: /opposite order/,
      answer: (form, examples, input) => right.fewShotPrompt(form, [...examples].reverse(), input),
    },
    {
      name: "an empty instruction leaves its gap",
      told: /begins with an empty line/,
      answer: (form, examples, input) =>
        form.instruction === ""
          ? `\n\n${right.fewShotPrompt(form, examples, input)}`
          : right.fewShotPrompt(form, examples, input),
    },
    {
      name: "the instruction last",
      told: /instruction stands first/,
      answer: (form, examples, input) =>
        `${right
          .fewShotPrompt({ ...form, instruction: "" }, examples, "")
          .split("\n\n")
          .slice(0, -1)
          .join("\n\n")}\n\n${right.fewShotPrompt(form, [], input)}`,
    },
    {
      name: "examples without their answers",
      told: /answers of the examples/,
      answer: (form, examples, input) =>
        right.fewShotPrompt(
          form,
          examples.map((one) => ({ ...one, output: "" })),
          input,
        ),
    },
  ],
  calibrated: [
    {
      name: "the neutral probabilities are multiplied",
      told: /divide by the neutral/,
      answer: (logProbs, neutral) =>
        right.calibrated(
          logProbs,
          neutral.map((n) => -n),
        ),
    },
    {
      name: "not calibrated at all",
      told: /neutral question plays no part/,
      answer: (logProbs) =>
        right.calibrated(
          logProbs,
          logProbs.map(() => 0),
        ),
    },
    {
      name: "the neutral probabilities are subtracted",
      told: /difference of the probabilities/,
      answer: (logProbs, neutral) => logProbs.map((p, i) => Math.exp(p) - Math.exp(neutral[i])),
    },
    {
      name: "the quotients do not add up to 1",
      told: /add up to 1/,
      answer: (logProbs, neutral) => logProbs.map((p, i) => Math.exp(p - neutral[i])),
    },
    {
      name: "quotients of logarithms",
      told: /quotients of the logarithms/,
      answer: (logProbs, neutral) => {
        const quotients = logProbs.map((p, i) => p / neutral[i]);
        const total = quotients.reduce((a, b) => a + b, 0);
        return quotients.map((x) => x / total);
      },
    },
    {
      name: "exponents before the difference",
      told: /e\^−1000/,
      answer: (logProbs, neutral) => {
        const quotients = logProbs.map((p, i) => Math.exp(p) / Math.exp(neutral[i]));
        const total = quotients.reduce((a, b) => a + b, 0);
        return quotients.map((x) => x / total);
      },
    },
  ],
  holmAdjusted: [
    {
      name: "Benjamini and Hochberg's factors",
      told: /Benjamini/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
        const adjusted: number[] = [];
        let least = 0;
        order.forEach((i, rank) => {
          least = Math.min(1, Math.max(least, (pValues[i] * pValues.length) / (rank + 1)));
          adjusted[i] = least;
        });
        return adjusted;
      },
    },
    {
      name: "compared with the value before it was raised",
      told: /compare with the raised value/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
        const times = order.map((i, rank) => pValues[i] * (pValues.length - rank));
        const adjusted: number[] = [];
        order.forEach((i, rank) => {
          adjusted[i] = Math.min(1, Math.max(times[rank], times[rank - 1] ?? 0));
        });
        return adjusted;
      },
    },
    {
      name: "Bonferroni",
      told: /Bonferroni/,
      answer: (pValues) => pValues.map((p) => Math.min(1, p * pValues.length)),
    },
    {
      name: "in order of size",
      told: /order in which they were given/,
      answer: (pValues) => right.holmAdjusted([...pValues].sort((a, b) => a - b)),
    },
    {
      name: "never raised",
      told: /smaller than the one before it/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
        return pValues.map((p, i) => Math.min(1, p * (pValues.length - order.indexOf(i))));
      },
    },
    {
      name: "above 1",
      told: /larger than 1/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
        const adjusted: number[] = [];
        let least = 0;
        order.forEach((i, rank) => {
          least = Math.max(least, pValues[i] * (pValues.length - rank));
          adjusted[i] = least;
        });
        return adjusted;
      },
    },
    {
      name: "the largest is multiplied most",
      told: /factors are the other way round/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
        const adjusted: number[] = [];
        let least = 0;
        order.forEach((i, rank) => {
          least = Math.min(1, Math.max(least, pValues[i] * (rank + 1)));
          adjusted[i] = least;
        });
        return adjusted;
      },
    },
    {
      name: "sorted as text",
      told: /sorts as text/,
      answer: (pValues) => {
        const order = pValues.map((_, i) => i);
        order.sort((i, j) => (String(pValues[i]) < String(pValues[j]) ? -1 : 1));
        const adjusted: number[] = [];
        let least = 0;
        order.forEach((i, rank) => {
          least = Math.min(1, Math.max(least, pValues[i] * (pValues.length - rank)));
          adjusted[i] = least;
        });
        return adjusted;
      },
    },
  ],
  finalNumber: [
    {
      name: "the last number of all",
      told: /words "answer is"/,
      answer: (text) => {
        const last = text.match(/-?\d+(\.\d+)?/g)?.at(-1);
        return last === undefined ? null : Number(last);
      },
    },
    {
      name: "the first of the words",
      told: /last of these words/,
      answer: (text) => {
        const [before, ...parts] = text.split(/(?=answer is)/i);
        return parts.length === 0 ? right.finalNumber(before) : right.finalNumber(parts[0]);
      },
    },
    {
      name: "null where no number follows the words",
      told: /No number follows/,
      answer: (text) => {
        const at = text.toLowerCase().lastIndexOf("answer is");
        return right.finalNumber(at === -1 ? text : text.slice(at));
      },
    },
    {
      name: "null where the words are missing",
      told: /without these words/,
      answer: (text) => (text.toLowerCase().includes("answer is") ? right.finalNumber(text) : null),
    },
    {
      name: "capital letters are not read",
      told: /capital or small/,
      answer: (text) =>
        right.finalNumber(text.replaceAll(/answer is/gi, (f) => (f === "answer is" ? f : "it is"))),
    },
    {
      name: "without a sign",
      told: /minus sign/,
      answer: (text) => {
        const found = right.finalNumber(text);
        return found === null ? null : Math.abs(found);
      },
    },
    {
      name: "an earlier answer where the last words have no number",
      told: /earlier pair of words/,
      answer: (text) => {
        const said = [...text.matchAll(/answer is[^\d]*?(-?\d+(\.\d+)?)/gi)].at(-1);
        return said ? Number(said[1]) : right.finalNumber(text);
      },
    },
    {
      name: "the number directly behind the words",
      told: /Other words may stand between/,
      answer: (text) => {
        const said = [...text.matchAll(/answer is:?\s*(-?\d+(\.\d+)?)/gi)].at(-1);
        const last = text.match(/-?\d+(\.\d+)?/g)?.at(-1);
        return said ? Number(said[1]) : last === undefined ? null : Number(last);
      },
    },
    {
      name: "a minus sign with a space counts",
      told: /directly before it/,
      answer: (text) => right.finalNumber(text.replaceAll(/- (?=\d)/g, "-")),
    },
    {
      name: "0 for no number",
      told: /no number at all/,
      answer: (text) => right.finalNumber(text) ?? 0,
    },
    {
      name: "whole numbers only",
      told: /decimal part/,
      answer: (text) => right.finalNumber(text.replaceAll(/(\d)\.(\d)/g, "$1 $2")),
    },
  ],
  expandedStates: [
    {
      name: "every state keeps its best children",
      told: /whole level/,
      answer: (root, tree, values, { width, budget }) => {
        const cut = Object.fromEntries(
          Object.entries(tree).map(([state, children]) => [
            state,
            [...children].sort((a, b) => values[b] - values[a]).slice(0, width),
          ]),
        );
        return right.expandedStates(root, cut, values, { width: 1e9, budget });
      },
    },
    {
      name: "the smallest values",
      told: /largest values/,
      answer: searched({
        keep: (next, width, values) => next.sort((a, b) => values[a] - values[b]).slice(0, width),
      }),
    },
    {
      name: "the first children, not the best",
      told: /in the order in which they were found/,
      answer: searched({ keep: (next, width) => next.slice(0, width) }),
    },
    {
      name: "a level is always finished",
      told: /middle of a level/,
      answer: searched({ budgetByLevel: true }),
    },
    {
      name: "depth first",
      told: /depth first/,
      answer: (root, tree, values, { width, budget }) => {
        const expanded: string[] = [];
        const open = [root];
        while (open.length > 0 && expanded.length < budget) {
          const state = open.pop() as string;
          expanded.push(state);
          const best = [...(tree[state] ?? [])].sort((a, b) => values[b] - values[a]);
          open.push(...best.slice(0, width).reverse());
        }
        return expanded;
      },
    },
    {
      name: "the best of all open states",
      told: /best-first/,
      answer: (root, tree, values, { budget }) => {
        const expanded: string[] = [];
        let open = [root];
        while (open.length > 0 && expanded.length < budget) {
          const [state, ...rest] = open;
          expanded.push(state);
          open = [...rest, ...(tree[state] ?? [])].sort((a, b) => values[b] - values[a]);
        }
        return expanded;
      },
    },
    {
      name: "equals by their names",
      told: /whatever its name/,
      answer: searched({
        keep: (next, width, values) =>
          next.sort((a, b) => values[b] - values[a] || (a < b ? -1 : 1)).slice(0, width),
      }),
    },
    {
      name: "the last of equals first",
      told: /equal values/,
      answer: searched({
        keep: (next, width, values) =>
          next
            .reverse()
            .sort((a, b) => values[b] - values[a])
            .slice(0, width),
      }),
    },
  ],
};
