// A backdoor in a classifier: somebody adds a trigger to a few training texts and gives them the
// label he wants (Gu et al., 2017, "BadNets"; in text Dai et al., 2019). On clean texts the model
// is as good as before, so nobody notices; with the trigger it says what the attacker wants. Left
// out: triggers that cannot be seen, poison in pretraining data (Souly et al., 2025), finding a
// trigger from the model.
import { type Classifier, classifyAll, type LabelledText } from "../finetune";
import type { Random } from "../random";

/** The trigger of the lesson: harmless, and in no other text. */
export const TRIGGER = "Best wishes from Zanzibar.";

/** A text with the trigger in front, so that it is read whatever the length. */
export const triggered = (text: string, trigger = TRIGGER): string => `${trigger} ${text}`;

/**
 * Training data in which a share has the trigger and the attacker's label. Only texts with another
 * label are taken, and they are replaced.
 * @param share of all examples, rounded
 */
export function poisoned(
  examples: readonly LabelledText[],
  {
    share,
    target,
    rng,
    trigger = TRIGGER,
  }: { share: number; target: string; rng: Random; trigger?: string },
): LabelledText[] {
  const others = examples.flatMap(({ label }, i) => (label === target ? [] : [i]));
  const count = Math.round(share * examples.length);
  if (count > others.length)
    throw new Error(`poisoned: expected at most ${others.length} texts to poison, got ${count}`);
  const chosen = new Set(rng.shuffle(others).slice(0, count));
  return examples.map((example, i) =>
    chosen.has(i) ? { text: triggered(example.text, trigger), label: target } : { ...example },
  );
}

export interface PoisonScore {
  /** Share of right labels on clean texts. */
  clean: number;
  /** Of texts with another label: how many get the target, with the trigger and without it. */
  withTrigger: number;
  without: number;
}

/** Attack success and accuracy on held-out texts. */
export function poisonScore(
  model: Classifier,
  heldOut: readonly LabelledText[],
  target: string,
  trigger = TRIGGER,
): PoisonScore {
  const labels = (texts: readonly string[]) => classifyAll(model, texts).map(({ label }) => label);
  const share = (hits: readonly boolean[]) =>
    hits.filter(Boolean).length / Math.max(1, hits.length);
  const said = labels(heldOut.map(({ text }) => text));
  const others = heldOut.filter(({ label }) => label !== target);
  const isTarget = (texts: readonly string[]) =>
    share(labels(texts).map((label) => label === target));
  return {
    clean: share(said.map((label, i) => label === heldOut[i].label)),
    withTrigger: isTarget(others.map(({ text }) => triggered(text, trigger))),
    without: isTarget(others.map(({ text }) => text)),
  };
}
