// Vectors over HTTP: as lists of numbers, or as their bytes in base64, which is what OpenAI's own
// clients ask for because it is a third as long.
import type { EmbeddingsShape } from "../api";
import type { Embedder } from "../languageModel";
import type { EmbeddingsInput } from "./bodies";

/** The answer of /v1/embeddings. */
export async function embeddingsAnswer(
  embedder: Pick<Embedder, "name" | "embed">,
  { input, encoding_format: format }: EmbeddingsInput,
): Promise<EmbeddingsShape> {
  const all = await embedder.embed(typeof input === "string" ? [input] : input);
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  return {
    object: "list",
    model: embedder.name,
    data: all.map(({ vector }, index) => ({
      ...{ object: "embedding", index },
      embedding: format === "base64" ? base64Of(vector) : Array.from(vector),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** The numbers as little-endian float32. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [i, x] of vector.entries()) bytes.writeFloatLE(x, 4 * i);
  return bytes.toString("base64");
}
