// The leaderboard as one page that opens anywhere, without scripts or network, in light and dark.
import { escapeHtml } from "../display";
import type { Row } from "./leaderboard";

const bits = (x: number): string => x.toFixed(3);

/** A bar from low to high with a mark at the value, on an axis that all rows share. */
function intervalSvg({ value, low, high }: Row, [from, to]: [number, number]): string {
  const x = (bits: number) => (4 + (232 * (bits - from)) / (to - from)).toFixed(1);
  return (
    `<svg viewBox="0 0 240 20" width="240" height="20" role="img" ` +
    `aria-label="from ${bits(low)} to ${bits(high)}">` +
    `<line x1="${x(low)}" x2="${x(high)}" y1="10" y2="10"/><circle cx="${x(value)}" cy="10" r="4"/></svg>`
  );
}

function behindWords({ behind, likeAbove }: Row): string {
  if (behind === undefined) return "";
  const numbers = `+${bits(behind.value)} [${bits(behind.low)}, ${bits(behind.high)}]`;
  return likeAbove ? `${numbers} <strong>not distinguishable</strong>` : numbers;
}

/**
 * The page as a string; names and notes are escaped.
 * @param about sentences on what was measured: the documents, the date
 */
export function leaderboardPage(rows: readonly Row[], about: readonly string[]): string {
  const from = Math.min(...rows.map(({ low }) => low));
  const to = Math.max(...rows.map(({ high }) => high));
  const axis: [number, number] = to > from ? [from, to] : [from - 1, to + 1];
  const lines = rows.map((row, i) => {
    const note = row.note ? `<br><small>${escapeHtml(row.note)}</small>` : "";
    const cells = [
      `<td class="n">${i + 1}</td>`,
      `<td>${escapeHtml(row.name)}${note}</td>`,
      `<td class="n">${row.runs}</td>`,
      `<td class="n">${bits(row.value)}</td>`,
      `<td>${intervalSvg(row, axis)}</td>`,
      `<td>${behindWords(row)}</td>`,
    ];
    return `<tr>${cells.join("")}</tr>`;
  });
  const scale = `${bits(axis[0])} … ${bits(axis[1])}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Leaderboard</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
div { overflow-x: auto } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #8886 }
.n { text-align: right; font-variant-numeric: tabular-nums } small { opacity: .75 }
svg line { stroke: light-dark(#0072b2, #56b4e9); stroke-width: 3 }
svg circle { fill: light-dark(#0072b2, #56b4e9) }
</style></head><body>
<h1>Leaderboard</h1>
${about.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join("\n")}
<div><table><thead><tr><th class="n">place</th><th>model</th><th class="n">runs</th>
<th class="n">bits per byte</th><th>95 % interval (${scale})</th><th>behind the one above</th></tr></thead>
<tbody>
${lines.join("\n")}
</tbody></table></div>
<p>Fewer bits are better. The intervals come from drawing documents and runs again. Two neighbours are
not distinguishable if the interval of their difference, on the same documents, contains 0.</p>
</body></html>
`;
}
