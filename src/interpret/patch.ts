// What causes what: activations of one pass put into another. Activation patching (Vig et al., 2020;
// Meng et al., 2022, "causal tracing") changes one tensor and lets everything after it follow. Path
// patching (Wang et al., 2022, "Interpretability in the Wild"; Goldowsky-Dill et al., 2023) changes
// what one head says to another and nothing else: which of two heads listens to which.
import { tf } from "../engine";
import type { Hook, Hooks } from "../gpt";
import type { Head } from "./heads";
import { type Model, runWithCache, runWithHooks } from "./run";

/**
 * A hook that puts in the values of another pass, everywhere or at some places.
 * @param from the tensor of the other pass, (B, T, C) or (B, H, T, D)
 * @param at `head`: only this one, of a tensor with heads · `place`: only this position
 */
export function patchFrom(from: tf.Tensor, at: { head?: number; place?: number } = {}): Hook {
  return (x) =>
    tf.tidy(() => {
      const mask = tf.add(tf.zerosLike(x), maskOf(x, at));
      return tf.add(tf.mul(x, tf.sub(1, mask)), tf.mul(from, mask));
    });
}

/** 1 where values are replaced, 0 elsewhere; broadcastable to x. */
function maskOf(x: tf.Tensor, { head, place }: { head?: number; place?: number }): tf.Tensor {
  if (head !== undefined && x.rank !== 4)
    throw new Error(`patchFrom: expected a tensor with heads (B, H, T, D), got (${x.shape})`);
  const only = (axis: number, index: number | undefined) => {
    const n = x.shape.at(axis)!;
    if (index === undefined) return tf.ones([n]);
    if (!(index >= 0 && index < n))
      throw new Error(`patchFrom: expected an index from 0 to ${n - 1}, got ${index}`);
    return tf.tensor1d(Array.from({ length: n }, (_, i) => (i === index ? 1 : 0)));
  };
  const byPlace = tf.reshape(only(-2, place), [-1, 1]); // (T, 1)
  return x.rank === 4 ? tf.mul(tf.reshape(only(1, head), [-1, 1, 1]), byPlace) : byPlace;
}

/**
 * Path patching from one head to one input of another: the later head's queries, keys or values are
 * what they would be if the earlier head had said what it said in the other pass, while everything
 * else, direct paths and all other heads, is as in this pass.
 *
 * Three passes: the other one gives the sender's output; a second, in which only the sender is changed,
 * gives the receiver's input; in the third only that input is changed. Between the layers of sender
 * and receiver, feed-forward networks and heads follow the change (in a model of two layers there is
 * one network between them).
 * @param ids (B, T) of this pass, `other` (B, T) of the one whose values come in
 * @returns logits (B, T, V); the caller disposes them
 */
export function pathPatch(
  model: Model,
  ids: tf.Tensor2D,
  other: tf.Tensor2D,
  { sender, receiver, input }: { sender: Head; receiver: Head; input: "q" | "k" | "v" },
): tf.Tensor3D {
  if (receiver.layer <= sender.layer)
    throw new Error(
      `pathPatch: expected a receiver after the sender, got layers ${receiver.layer} and ${sender.layer}`,
    );
  const said = `blocks.${sender.layer}.attn.hook_z`;
  const heard = `blocks.${receiver.layer}.attn.hook_${input}`;
  return tf.tidy(() => {
    const z = runWithCache(model, other, [said]).cache[said];
    let changed: tf.Tensor | undefined;
    const changing: Hooks = {
      [said]: patchFrom(z, { head: sender.head }),
      [heard]: (x) => {
        changed = tf.keep(tf.clone(x));
      },
    };
    runWithHooks(model, ids, changing);
    const logits = runWithHooks(model, ids, {
      [heard]: patchFrom(changed!, { head: receiver.head }),
    });
    tf.dispose([z, changed!]);
    return logits;
  });
}

/**
 * How much of the way from a corrupted pass to the clean one a patch goes: 1 brings all of it back, 0
 * nothing.
 */
export function recovered(
  patched: number,
  { clean, corrupted }: { clean: number; corrupted: number },
) {
  if (clean === corrupted)
    throw new Error("recovered: expected a corrupted pass that differs from the clean one");
  return (patched - corrupted) / (clean - corrupted);
}
