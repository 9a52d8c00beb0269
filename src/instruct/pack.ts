// Several conversations in one row. Rows of a batch are equally long and conversations are not, so
// with one conversation per row most of a batch is padding, which costs as much as text. Packed, a
// row holds as many as fit ("example packing", Raffel et al., 2019; without contamination: Krell et
// al., 2021, "Efficient Sequence Packing without Cross-contamination"). Two things must not cross
// from one conversation to the next: attention, which gets a mask of blocks, and the loss, which has
// no target behind the last id of a conversation. Positions need not begin anew where they are
// relative (RoPE, T5, ALiBi): only distances count.
//
// Letters: B rows, T places of a row, H heads, K heads of keys, D width of a head.

import { tf } from "../engine";
import { attentionUnder, type GPTOptions, slidingMask } from "../gpt";
import type { Conversation } from "./template";

/** Conversations that share a row. */
export type PackedRow = readonly Conversation[];

/**
 * Puts conversations into rows: each into the first row that has room for it, in the given order.
 * @param length T: how many ids a row holds
 * @throws if a conversation does not fit into a row by itself, or teaches nothing
 */
export function packRows(conversations: readonly Conversation[], length: number): Conversation[][] {
  const rows: { conversations: Conversation[]; free: number }[] = [];
  for (const [i, conversation] of conversations.entries()) {
    const size = conversation.ids.length;
    if (size > length)
      throw new Error(
        `packRows: expected conversations of at most ${length} ids, got ${size} in number ${i}`,
      );
    if (!conversation.learnt.includes(1))
      throw new Error(`packRows: expected an answer in conversation ${i}, got none`);
    const row = rows.find(({ free }) => free >= size);
    if (row) {
      row.conversations.push(conversation);
      row.free -= size;
    } else rows.push({ conversations: [conversation], free: length - size });
  }
  return rows.map(({ conversations }) => conversations);
}

/** Rows as tensors, all (B, T). A record of tensors, so that it can be a batch. */
export type RowTensors = {
  /** int32; padding is `pad`. */
  ids: tf.Tensor2D;
  /** int32: the id after each place within its conversation. */
  targets: tf.Tensor2D;
  /** 1 where the target is learnt, 0 elsewhere. */
  mask: tf.Tensor2D;
  /** int32: which conversation of the row a place belongs to, from 1; 0 in the padding. */
  segments: tf.Tensor2D;
};

/**
 * Rows as tensors; the caller disposes them.
 * @param pad the id that fills a row
 */
export function rowTensors(
  rows: readonly PackedRow[],
  { length: T, pad }: { length: number; pad: number },
): RowTensors {
  const B = rows.length;
  const ids = new Int32Array(B * T).fill(pad);
  const targets = new Int32Array(B * T).fill(pad);
  const mask = new Float32Array(B * T);
  const segments = new Int32Array(B * T);
  for (const [b, row] of rows.entries()) {
    const size = row.reduce((sum, conversation) => sum + conversation.ids.length, 0);
    if (size > T)
      throw new Error(`rowTensors: expected rows of at most ${T} ids, got ${size} in row ${b}`);
    let at = b * T;
    for (const [s, conversation] of row.entries()) {
      ids.set(conversation.ids, at);
      targets.set(conversation.ids.slice(1), at);
      mask.set(conversation.learnt.slice(1), at);
      segments.fill(s + 1, at, at + conversation.ids.length);
      at += conversation.ids.length;
    }
  }
  const shape: [number, number] = [B, T];
  return {
    ids: tf.tensor2d(ids, shape, "int32"),
    targets: tf.tensor2d(targets, shape, "int32"),
    mask: tf.tensor2d(mask, shape),
    segments: tf.tensor2d(segments, shape, "int32"),
  };
}

/**
 * Attention that stays within a conversation: a position sees those before it and itself, as far as
 * they have its segment. For `mixHeads` of `gptHidden`.
 * @param segments (B, T) int32
 */
export function instructAttention(segments: tf.Tensor2D): NonNullable<GPTOptions["mixHeads"]> {
  const [B, T] = segments.shape;
  return (layer, q, k, v) =>
    tf.tidy(() => {
      const same = tf.equal(tf.reshape(segments, [B, 1, T, 1]), tf.reshape(segments, [B, 1, 1, T]));
      const visible = tf.logicalAnd(same, slidingMask(T)) as tf.Tensor4D; // (B, 1, T, T)
      return attentionUnder(visible)(layer, q, k, v); // (B, T, H·D)
    });
}
