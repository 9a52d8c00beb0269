// Pictures as sequences of patches: ViT (Dosovitskiy et al., 2021, "An Image is Worth 16x16
// Words", arXiv:2010.11929, section 3.1). A picture is cut into squares without overlap, row by
// row, and the numbers of each square, one after the other, are what a token's embedding is
// computed from. Cutting and then multiplying by a matrix is a convolution whose stride is its
// width; a test says so.
//
// Letters: B pictures, S side in pixels, P side of a patch, N = (S/P)² patches, K channels (3).
import { tf } from "../engine";

/**
 * Cuts pictures into patches.
 * @param images (B, S, S, K)
 * @param P side of a patch, which divides S
 * @returns (B, N, P·P·K): patches row by row; in each, pixels row by row; the caller disposes it
 * @throws if P does not divide both sides
 */
export function patchify(images: tf.Tensor4D, P: number): tf.Tensor3D {
  const [B, height, width, K] = images.shape;
  if (!(P >= 1 && height % P === 0 && width % P === 0))
    throw new Error(
      `patchify: expected a side that divides ${height} and ${width}, got patches of ${P}`,
    );
  const [rows, columns] = [height / P, width / P];
  return tf.tidy(() => {
    const cut = tf.reshape(images, [B, rows, P, columns, P * K]);
    return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [B, rows * columns, P * P * K]);
  });
}

/**
 * The way back.
 * @param patches (B, N, P·P·K) of square pictures
 * @returns (B, S, S, K); the caller disposes it
 */
export function unpatchify(patches: tf.Tensor3D, P: number): tf.Tensor4D {
  const [B, N, width] = patches.shape;
  const [across, K] = [Math.sqrt(N), width / (P * P)];
  if (!Number.isInteger(across) || !Number.isInteger(K))
    throw new Error(
      "unpatchify: expected (B, N, P · P · K) of square pictures, got " +
        `(${patches.shape}) and P ${P}`,
    );
  return tf.tidy(() => {
    const cut = tf.reshape(patches, [B, across, across, P, P * K]);
    return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [B, across * P, across * P, K]);
  });
}
