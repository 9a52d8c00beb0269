// Least squares with coefficients that may not be negative, for the two or three coefficients of a
// scaling law. Follows the definition: of all subsets of the columns, the best fit whose
// coefficients are all above zero is the answer (Lawson and Hanson, 1974, chapter 23, find the
// subset without trying all; with three columns there are only seven).

/** A fit: the coefficient of each column, and the sum of squared differences that is left. */
export interface Fit {
  coefficients: number[];
  squares: number;
}

/**
 * The c ≥ 0 that minimise Σᵢ (yᵢ − Σⱼ cⱼ columns[j][i])². To weight the squares by wᵢ, multiply
 * columns and y by √wᵢ.
 * @param columns at most 8, each as long as `y`
 */
export function nonNegativeFit(columns: number[][], y: number[]): Fit {
  const none = columns.map(() => 0);
  let best: Fit = { coefficients: none, squares: y.reduce((sum, value) => sum + value * value, 0) };
  const all = (1 << columns.length) - 1;
  for (let subset = all; subset > 0; subset--) {
    const chosen = columns.map((_, j) => j).filter((j) => subset & (1 << j));
    const solved = solveNormal(
      chosen.map((j) => columns[j]),
      y,
    );
    if (solved === undefined || solved.some((value) => value < 0)) continue;
    const coefficients = [...none];
    chosen.forEach((j, i) => {
      coefficients[j] = solved[i];
    });
    const squares = squaresLeft(columns, coefficients, y);
    if (squares < best.squares) best = { coefficients, squares };
    if (subset === all) return best; // no part of the columns fits better than all of them
  }
  return best;
}

function squaresLeft(columns: number[][], coefficients: number[], y: number[]): number {
  return y.reduce((sum, value, i) => {
    const predicted = columns.reduce((all, column, j) => all + coefficients[j] * column[i], 0);
    return sum + (value - predicted) ** 2;
  }, 0);
}

/** Solves the normal equations by elimination; undefined where the columns depend on each other. */
function solveNormal(columns: number[][], y: number[]): number[] | undefined {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  // Columns of length 1 keep the equations well scaled: N^-α can be a millionth of 1.
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const unit = columns.map((column, j) => column.map((value) => value / lengths[j]));
  const rows = unit.map((a) => [...unit.map((b) => dot(a, b)), dot(a, y)]);
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[pivot][i])) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    if (!(Math.abs(rows[i][i]) > 1e-12)) return undefined;
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = rows[r][i] / rows[i][i];
      for (let c = i; c <= n; c++) rows[r][c] -= factor * rows[i][c];
    }
  }
  return rows.map((row, i) => row[n] / row[i] / lengths[i]);
}
