// A small lesson that holds all rules for a page, for the tests that break one of them at a time.
import { createHash } from "node:crypto";

export interface Cell {
  id: string;
  cell_type: "markdown" | "code";
  source: string;
  metadata: { jupyter?: Record<string, boolean> };
  outputs?: unknown[];
  execution_count?: number | null;
}
export interface Notebook {
  cells: Cell[];
  metadata: { llm: { ran?: { digest: string; seconds: number; size: string } } };
}
export const RUNNING = "Runs in about a minute on a laptop; nothing to download.";
export const svg = '<svg role="img" aria-label="boxes and arrows"></svg>';
export const md = (id: string, source: string): Cell => ({
  id,
  cell_type: "markdown",
  source,
  metadata: {},
});
export const shown = (data: object) => [{ output_type: "display_data", data, metadata: {} }];
export const ts = (id: string, source: string, data: object = { "text/plain": "7" }): Cell => ({
  id,
  cell_type: "code",
  source,
  metadata: {},
  outputs: shown(data),
  execution_count: 1,
});
export const digestOf = ({ cells }: Notebook) => {
  const sources = cells.filter((cell) => cell.cell_type === "code").map(({ source }) => source);
  return createHash("sha256").update(sources.join("\n")).digest("hex").slice(0, 16);
};

/** A small lesson that holds all rules. */
export function good(): Notebook {
  const answer = ts("count-letters", "console.log([...sentence].length);");
  answer.metadata.jupyter = { outputs_hidden: true };
  const figure = ts(
    "letters-figure",
    "plot(\n  bars({\n    labels,\n    values,\n    caption,\n  }),\n);",
    {
      "application/vnd.plotly.v1+json": { data: [], layout: {}, frames: [{ name: "1" }] },
      "image/svg+xml": svg,
    },
  );
  figure.metadata.jupyter = { source_hidden: true };
  const notebook: Notebook = {
    cells: [
      md("header", `# 06 · Attention\n\nYou build a counter. You need nothing yet.\n\n${RUNNING}`),
      md("lessons-around", "Next lesson: none."),
      md("imports-why", "Everything that this lesson uses is imported here."),
      ts("imports", 'import { plot } from "llm/display";\nawait useEngine();', {}),
      md("first-words-why", "The model that you build at the end writes a few words."),
      ts("first-words", 'await write("Call me");', { "text/html": "<p>Call me Ishmael.</p>" }),
      md("drawing-why", "This is how the letters go through it:"),
      ts("drawing", 'plot(diagram({ alt: "boxes" }));', { "image/svg+xml": svg }),
      md("formula", "The mean is $$m = \\sum_i x_i / n$$ for $n = 3$ of them."),
      md("sentence-why", "Put a sentence of your own here, in any language."),
      ts("your-sentence", 'const sentence = "The cat is on the mat.";'),
      md("letters-question", "The cell counts them.\n\n> **Predict.** How many letters has it?"),
      answer,
      md(
        "figure-why",
        "<details><summary>The answer</summary>\n\nSeventeen.\n</details>\n\n" +
          "Move the slider to see the share of each letter. The threshold is 3.",
      ),
      figure,
      md(
        "looks",
        "**If yours looks different**, see [the map](06-attention.ipynb#Exercise:-mean).",
      ),
      md(
        "exercise-mean",
        "## Exercise: `mean`\n\n[Open the exercise `mean`](../exercises/06-attention.ts#L3). " +
          "If you are stuck, ask for a hint.",
      ),
      ts("check-mean", 'await check("06-attention", { only: ["mean"] });'),
      md(
        "questions",
        "## Questions\n\n" +
          [1, 2, 3]
            .map((n) => `<details><summary>${n}. Why?</summary>\nSo.\n</details>`)
            .join("\n"),
      ),
      md("summary", "## Summary\n\nA mean is a sum over a count."),
      md("further-reading", "## Further reading\n\nShannon, *Prediction and Entropy*, 1951."),
      md("next-lesson", "**This was the last lesson.**"),
    ],
    metadata: { llm: { ran: { digest: "", seconds: 60, size: "smoke" } } },
  };
  return notebook;
}
