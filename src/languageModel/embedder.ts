// Texts as vectors: what `/v1/embeddings` of a server gives (lesson 24, serving) and what
// lesson 25 (retrieval) compares. The encoder of lesson 09 (pretraining objectives) does the work.
import { bertIds, disposeBert, embedTexts, type LoadedBert, loadBert } from "../bert";
import { findModel } from "../pretrained";

/** The vector of a text. */
export interface Embedding {
  vector: Float32Array;
  /** How many tokens were read. */
  tokens: number;
}

/** Something that makes vectors of texts. */
export interface Embedder {
  readonly name: string;
  /** How many numbers a vector has. */
  readonly dimensions: number;
  /** One vector for each text, of length 1, in the order of the texts. */
  embed(texts: readonly string[]): Promise<Embedding[]>;
  dispose(): void;
}

/** An encoder of Hugging Face's form as an embedder, which disposes it. */
class BertEmbedder implements Embedder {
  readonly dimensions: number;

  constructor(
    readonly name: string,
    private readonly bert: LoadedBert,
  ) {
    this.dimensions = bert.config.nEmbd;
  }

  async embed(texts: readonly string[]): Promise<Embedding[]> {
    const { tokenizer, maxTokens } = this.bert;
    const vectors = await embedTexts(this.bert, texts);
    return vectors.map((vector, i) => {
      const tokens = bertIds(tokenizer, texts[i], { maxTokens }).ids.length;
      return { vector, tokens };
    });
  }

  dispose(): void {
    disposeBert(this.bert);
  }
}

/**
 * Opens an encoder: "minilm" (English, `npm run model minilm` fetches it), or a folder of Hugging Face's
 * form with a BERT in it. The tensor engine has to be chosen before (`useEngine`).
 * @throws where there is none
 */
export const openEmbedder = (place = "minilm"): Embedder =>
  new BertEmbedder(place, loadBert(findModel(place)));
