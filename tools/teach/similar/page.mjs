// The pairs side by side: each exercise in two columns, with the lines marked that both have and
// others have not.
import { escapeHtml, page } from "../page.mjs";
import { percent } from "../say.mjs";

const STYLE = `<style>
body { max-width: 84rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.2rem; margin: 0.6rem 0 1.4rem; }
.pair pre { margin: 0; padding: 0.5rem 0.7rem; background: var(--band); font-size: 0.78rem; }
.pair h3 { margin: 0.2rem 0; font-size: 0.95rem; font-weight: 600; }
.both { background: color-mix(in srgb, var(--bad) 22%, transparent); display: inline-block;
  width: 100%; }
</style>`;

/** The text of one exercise's lines, from the first word to the last. */
function column({ name, text, words }, exercise, marked) {
  const lines = text.split(/\r?\n/);
  const own = words[exercise].map(({ line }) => line);
  const [from, to] = [Math.min(...own), Math.max(...own)];
  const shown = lines.slice(from, to + 1).map((line, i) => {
    const html = escapeHtml(line) || " ";
    return marked.has(from + i) ? `<span class="both">${html}</span>` : html;
  });
  return `<div><h3>${escapeHtml(name)}</h3><pre>${shown.join("\n")}</pre></div>`;
}

const linesOf = (lines, side) =>
  new Set(
    lines.flatMap((place) => {
      const [from, to] = place[side];
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    }),
  );

function pairHtml({ a, b, share, runs, exercises }) {
  const shown = exercises.filter((exercise) => exercise.runs > 0);
  const one = ({ name, share: alike, lines }) =>
    `<p><strong>${escapeHtml(name)}</strong>: ${percent(alike)} of the shorter one</p>` +
    `<div class="pair">${column(a, name, linesOf(lines, "a"))}` +
    `${column(b, name, linesOf(lines, "b"))}</div>`;
  return (
    `<h2>${escapeHtml(a.name)} and ${escapeHtml(b.name)}: ${percent(share)} alike</h2>` +
    `<p class="soft">${runs} runs of words that the rest of the class does not share</p>` +
    shown.map(one).join("\n")
  );
}

/**
 * @param lesson of the register
 * @param pairs as ./compare.mjs gives them
 * @param about `{ people }`: how many answers there are
 */
export function similarPage(lesson, pairs, { people }) {
  const flagged = pairs.filter((pair) => pair.flagged);
  const [next] = pairs.filter((pair) => !pair.flagged);
  const title = `Lesson ${lesson.number} (${lesson.title}): alike`;
  const rest = next
    ? `<p class="soft">The most alike of the others: ${escapeHtml(next.a.name)} and ` +
      `${escapeHtml(next.b.name)}, ${percent(next.share)}.</p>`
    : "";
  return page(
    title,
    `${STYLE}<h1>${escapeHtml(title)}</h1>
<p>${people} answers were compared with each other, with the reference and with what was given of
earlier terms. Names, comments, spaces and types make no difference. What the stubs say, and what
more than a tenth of the class wrote, is left out; so are answers of fewer than 25 words.</p>
<p class="note">A signal to talk about, never a mark. People who were told to work together look
the same, and so do two who followed the same hint.</p>
${flagged.map(pairHtml).join("\n") || "<p>Nothing to look at.</p>"}
${rest}`,
  );
}
