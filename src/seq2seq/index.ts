// The encoder–decoder Transformer (lesson 08, the Transformer): configuration, parameters, and the
// path from a source and a target to the loss.
export {
  countSeq2SeqParams,
  initSeq2Seq,
  type Seq2SeqConfig,
  seq2seqShapes,
  validateSeq2SeqConfig,
} from "./config";
export { decode, encode, type Seq2SeqOptions, seq2seqLoss } from "./model";
