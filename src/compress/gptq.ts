// Quantizing with error feedback, in the way of GPTQ (Frantar et al., 2022, after Hassibi and Stork's
// Optimal Brain Surgeon, 1993): what counts is not that the weights stay near, but that the outputs
// do. Columns are rounded one after another, and what a rounding changes in the outputs is taken back,
// as far as possible, by the columns that have not been rounded yet.
//
// Letters: R rows (outputs), C columns (inputs), N examples.
import {
  gridOf,
  groupSize,
  levelOf,
  levelValue,
  type QuantizedMatrix,
  type QuantizeOptions,
} from "./quantize";

export interface GptqOptions extends QuantizeOptions {
  /** Added to the diagonal of the Hessian, in parts of its mean: keeps it invertible. */
  damping?: number;
}

/**
 * XᵀX, which is half the Hessian of the squared error of the outputs.
 * @param inputs N·C numbers: what the layer has read, example after example
 * @returns C·C numbers
 */
export function inputProducts(inputs: Float32Array, C: number): Float64Array {
  const N = inputs.length / C;
  const products = new Float64Array(C * C);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < C; i++) {
      const x = inputs[n * C + i];
      if (x === 0) continue;
      for (let j = i; j < C; j++) products[i * C + j] += x * inputs[n * C + j];
    }
  for (let i = 0; i < C; i++) for (let j = 0; j < i; j++) products[i * C + j] = products[j * C + i];
  return products;
}

/**
 * Quantizes a matrix so that W x stays near for the inputs x that the layer reads.
 *
 * For each column i, with U the upper Cholesky factor of H⁻¹ (H⁻¹ = Uᵀ U):
 *
 *     q = round(wᵢ)     e = (wᵢ − q) / Uᵢᵢ     wⱼ ← wⱼ − e · Uᵢⱼ   for all j > i
 *
 * A group's scale is chosen when its first column comes, from the weights as they are then.
 * @param values R·C numbers, row after row
 * @param products C·C numbers: `inputProducts` of inputs like those that the layer will read
 * @throws as quantizeMatrix, or if `products` is of another size or not positive definite
 */
export function gptq(
  values: Float32Array,
  shape: readonly [number, number],
  products: Float64Array,
  { bits, sharing = "row", symmetric = true, damping = 0.01 }: GptqOptions,
): QuantizedMatrix {
  const group = groupSize("gptq", values, shape, { bits, sharing });
  const [R, C] = shape;
  if (sharing === "matrix")
    throw new Error('gptq: expected scales shared within rows ("row" or a group), got "matrix"');
  const U = factorOf(products, C, damping);
  const weights = Float64Array.from(values);
  const levels = new Int16Array(values.length);
  const [scales, zeros] = [R, R].map((n) => new Float64Array((n * C) / group));
  for (let r = 0; r < R; r++) {
    const row = weights.subarray(r * C, (r + 1) * C);
    let grid = gridOf([0], bits, symmetric);
    for (let i = 0; i < C; i++) {
      const g = (r * C + i) / group;
      if (i % group === 0) {
        grid = gridOf(row.subarray(i, i + group), bits, symmetric);
        [scales[g], zeros[g]] = [grid.scale, grid.zero];
      }
      const level = levelOf(row[i], grid);
      levels[r * C + i] = level;
      const error = (row[i] - levelValue(level, grid)) / U[i * C + i];
      for (let j = i + 1; j < C; j++) row[j] -= error * U[i * C + j];
    }
  }
  const rest = { scales: Float32Array.from(scales), zeros: Int16Array.from(zeros) };
  return { shape, bits, symmetric, group, levels, ...rest };
}

/** H with a little added to its diagonal. */
function damped(products: Float64Array, C: number, damping: number): Float64Array {
  if (products.length !== C * C)
    throw new Error(`gptq: expected ${C} × ${C} products of inputs, got ${products.length}`);
  let mean = 0;
  for (let i = 0; i < C; i++) mean += products[i * C + i] / C;
  const H = Float64Array.from(products);
  for (let i = 0; i < C; i++) H[i * C + i] += damping * mean || 1e-12;
  return H;
}

/** Matrices that read the same inputs share U: worked out once for each array of products. */
const factors = new WeakMap<Float64Array, { damping: number; U: Float64Array }>();
function factorOf(products: Float64Array, C: number, damping: number): Float64Array {
  const known = factors.get(products);
  if (known?.damping === damping && known.U.length === C * C) return known.U;
  const U = inverseFactor(damped(products, C, damping), C);
  factors.set(products, { damping, U });
  return U;
}

/**
 * The upper triangular U with H⁻¹ = Uᵀ U for a damped Hessian: what `gptq` spreads errors by.
 * @param products C·C numbers: `inputProducts`
 * @param damping as in GptqOptions
 * @returns C·C numbers, row after row
 */
export const feedbackFactor = (products: Float64Array, C: number, damping = 0.01): Float64Array =>
  factorOf(products, C, damping);

/** The upper triangular U with H⁻¹ = Uᵀ U. */
function inverseFactor(H: Float64Array, C: number): Float64Array {
  // H = L Lᵀ with indices backwards gives H⁻¹ = Uᵀ U with U = the inverse of that factor.
  const L = new Float64Array(C * C); // L[i, j] with j ≥ i: H = L Lᵀ, L upper triangular
  for (let i = C - 1; i >= 0; i--) {
    for (let j = C - 1; j >= i; j--) {
      let sum = H[i * C + j];
      for (let k = j + 1; k < C; k++) sum -= L[i * C + k] * L[j * C + k];
      if (i === j) {
        if (!(sum > 0))
          throw new Error(
            "gptq: expected products of inputs that are positive definite, got others",
          );
        L[i * C + i] = Math.sqrt(sum);
      } else L[i * C + j] = sum / L[j * C + j];
    }
  }
  return upperInverse(L, C);
}

/** The inverse of an upper triangular matrix: rows from the last to the first, in order of memory. */
function upperInverse(L: Float64Array, C: number): Float64Array {
  const U = new Float64Array(C * C);
  for (let i = C - 1; i >= 0; i--) {
    const own = U.subarray(i * C, (i + 1) * C);
    for (let k = i + 1; k < C; k++) {
      const l = L[i * C + k];
      for (let j = k; j < C; j++) own[j] -= l * U[k * C + j];
    }
    const d = L[i * C + i];
    for (let j = i + 1; j < C; j++) own[j] /= d;
    own[i] = 1 / d;
  }
  return U;
}
