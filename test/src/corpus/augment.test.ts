// Changed copies of texts, and stems.
import fc from "fast-check";
import {
  addTypos,
  deleteWords,
  maskWords,
  porterStem,
  replaceSynonyms,
  stemText,
  swapWords,
} from "llm/corpus";
import { mobyDick } from "llm/data";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const book = mobyDick().slice(20_000, 60_000);
const rng = () => new Random(3);
const words = (text: string) => text.match(/[\p{L}\p{N}\p{M}'’]+/gu) ?? [];

describe("augmentation", () => {
  const changes = { addTypos, deleteWords, maskWords, replaceSynonyms, swapWords };

  it.each(Object.entries(changes))(
    "%s: nothing at share 0, the same for the same seed",
    (_, change) => {
      fc.assert(
        fc.property(fc.string({ unit: "grapheme" }), fc.nat({ max: 1000 }), (text, seed) => {
          if (change !== deleteWords)
            expect(change(text, { rng: new Random(seed), share: 0 })).toBe(text);
          const twice = [1, 2].map(() => change(text, { rng: new Random(seed), share: 0.5 }));
          expect(twice[0]).toBe(twice[1]);
        }),
      );
      expect(change(book, { rng: rng() })).not.toBe(book);
      expect(() => change("a", { rng: rng(), share: 1.5 })).toThrow(/share from 0 to 1, got 1.5/);
    },
  );

  it("changes the share that is asked for", () => {
    const masked = maskWords(book, { rng: rng(), share: 0.15 });
    const n = words(book).length;
    const share = (masked.match(/\[MASK\]/g)?.length ?? 0) / n;
    expect(Math.abs(share - 0.15)).toBeLessThan(4 * Math.sqrt((0.15 * 0.85) / n));
    const left = words(deleteWords(book, { rng: rng(), share: 0.3 })).length / n;
    expect(Math.abs(left - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / n));
    expect(maskWords("a b, c", { rng: rng(), share: 1, mask: "_" })).toBe("_ _, _");
  });

  it("swapping keeps the words and what stands between them", () => {
    const swapped = swapWords(book, { rng: rng(), share: 0.5 });
    expect(words(swapped).sort()).toEqual(words(book).sort());
    expect(swapped.replace(/[\p{L}\p{N}\p{M}'’]+/gu, "_")).toBe(
      book.replace(/[\p{L}\p{N}\p{M}'’]+/gu, "_"),
    );
  });

  it("never deletes the last word", () => {
    for (let seed = 0; seed < 50; seed++)
      expect(words(deleteWords("one two three", { rng: new Random(seed), share: 1 }))).toHaveLength(
        1,
      );
  });

  it("synonyms keep capitals and other words", () => {
    const groups = [["big", "large"]];
    const replaced = replaceSynonyms("Big BIG big bigger", { rng: rng(), share: 1, groups });
    expect(replaced).toBe("Large LARGE large bigger");
  });

  it("typos change letters only, and few of them", () => {
    const typed = addTypos("12, 34!", { rng: rng(), share: 1 });
    expect(typed).toBe("12, 34!");
    const noisy = addTypos(book, { rng: rng() });
    expect(Math.abs(noisy.length - book.length)).toBeLessThan(0.02 * book.length);
  });
});

describe("porterStem", () => {
  // the examples of Porter's paper, step by step
  it.each(
    (
      "caresses caress,ponies poni,ties ti,caress caress,cats cat,feed feed,agreed agre,plastered plaster," +
      "bled bled,motoring motor,sing sing,conflated conflat,troubled troubl,sized size,hopping hop," +
      "tanned tan,falling fall,hissing hiss,fizzed fizz,failing fail,filing file,happy happi,sky sky," +
      "relational relat,conditional condit,rational ration,valenci valenc,hesitanci hesit,digitizer digit," +
      "radicalli radic,differentli differ,vileli vile,analogousli analog,vietnamization vietnam," +
      "predication predic,operator oper,feudalism feudal,decisiveness decis,hopefulness hope," +
      "callousness callous,formaliti formal,sensitiviti sensit,sensibiliti sensibl,triplicate triplic," +
      "formative form,formalize formal,electriciti electr,electrical electr,hopeful hope,goodness good," +
      "revival reviv,allowance allow,inference infer,airliner airlin,adjustable adjust,defensible defens," +
      "irritant irrit,replacement replac,adjustment adjust,dependent depend,adoption adopt,communism commun," +
      "activate activ,angulariti angular,homologous homolog,effective effect,bowdlerize bowdler," +
      "probate probat,rate rate,cease ceas,controll control,roll roll,connections connect,university univers"
    )
      .split(",")
      .map((pair) => pair.split(" ")),
  )("%s: %s", (word, stem) => expect(porterStem(word)).toBe(stem));

  it("leaves short words, numbers and other alphabets alone", () => {
    for (const word of ["as", "is", "r2d2s", "été", "猫"]) expect(porterStem(word)).toBe(word);
    expect(stemText("The whales, Ahab's ponies; 12 cats.")).toBe("the whale, ahab's poni; 12 cat.");
  });
});
