// Normal forms, languages, rules and repetition.
import fc from "fast-check";
import {
  c4Lines,
  filtered,
  firstRule,
  garble,
  gopherQuality,
  gopherRepetition,
  identifyLanguage,
  inLanguages,
  normalise,
  plainWords,
  repairMojibake,
  repetition,
  ruleSets,
  spacedWords,
  withoutGutenberg,
} from "llm/corpus";
import { chineseVerse, mobyDick } from "llm/data";
import { describe, expect, it } from "vitest";

/** The two ways in which UTF-8 is misread. */
const misread: ((text: string) => string)[] = [
  garble,
  (text) => Buffer.from(text).toString("latin1"),
];

describe("normalise", () => {
  it.each([
    ["cafe\u0301", "café"],
    ["a\r\nb\rc\u2028d", "a\nb\nc\nd"],
    ["so\u00adft zero\u200bwidth \ufeffmark", "soft zerowidth mark"],
    ["a\u00a0b\u3000c\u2009d\te", "a b c d\te"],
    ["end  \t\n\n\n\nnext ", "end\n\nnext"],
    ["half \ud83d of one", "half \ufffd of one"],
    ["न\u200dमस्ते \u{1f469}\u200d\u{1f52c}", "न\u200dमस्ते \u{1f469}\u200d\u{1f52c}"],
  ])("%j", (text, clean) => expect(normalise(text)).toBe(clean));

  it("NFKC folds compatible characters, NFC does not", () => {
    expect(normalise("ﬁ ① Ａ x²")).toBe("ﬁ ① Ａ x²");
    expect(normalise("ﬁ ① Ａ x²", { form: "NFKC" })).toBe("fi 1 A x2");
  });

  it("changes nothing the second time", () => {
    const unit = fc.constantFrom(
      ...["a", "é", "e\u0301", "\r", "\n", " ", "\t", "\u00a0", "\u200b", "Ã", "©", "â", "€", "™"],
      ...["猫", "\ud83d", "\udc31", "\u0000", "ﬁ", "\u2028", "Â", "ð", "Ÿ"],
    );
    for (const form of ["NFC", "NFKC"] as const)
      fc.assert(
        fc.property(fc.array(unit, { maxLength: 12 }), (all) => {
          const once = normalise(all.join(""), { form });
          expect(normalise(once, { form })).toBe(once);
        }),
        { numRuns: 2000 },
      );
  });
});

describe("repairMojibake", () => {
  it("undoes what browsers show: Windows-1252, also where Node.js reads Latin-1", () => {
    expect(garble("café — “Œuvre”")).toBe("cafÃ© â€” â€œÅ’uvreâ€\u009d");
    expect(garble(garble("“Übel”"))).toBe("Ã¢â‚¬Å“ÃƒÅ“belÃ¢â‚¬Â\u009d");
    expect(repairMojibake("Å’ and Ë† by themselves")).toBe("Å’ and Ë† by themselves");
  });

  it("repairs what was read in the wrong encoding, once or more often", () => {
    for (const text of [
      "café crème, garçon, Übermut, smörgåsbord",
      "don’t “quote” — it…",
      "Привет, мир",
      "自然语言处理",
      "a 🐈 sits",
      "λόγος and πάθος",
    ]) {
      for (const read of misread) {
        expect(read(text)).not.toBe(text);
        expect(repairMojibake(read(text))).toBe(text);
        expect(repairMojibake(read(read(text)))).toBe(text);
      }
      expect(repairMojibake(text)).toBe(text);
    }
  });

  it("leaves clean text alone", () => {
    for (const text of [
      "« CAFÉ», dit-il. ‘“café’” À É»",
      "Â and Ã stand alone; ÂNGELA; IRMÃ",
      "naïve Ångström coöperate",
      mobyDick(),
      chineseVerse().slice(0, 200_000),
    ])
      expect(repairMojibake(text)).toBe(text);
  });
});

describe("lines", () => {
  it("C4 keeps what looks like sentences", () => {
    const page = [
      "Home | About | Contact",
      "The whale was white and very large.",
      "Too short.",
      "Please enable JavaScript to see this page.",
      "This site uses cookies to make it better.",
      'He said, "Call me Ishmael."',
      "白鲸在海里游泳。",
      "No full stop at the end of this one",
    ].join("\n");
    expect(c4Lines(page).split("\n")).toEqual([
      "The whale was white and very large.",
      'He said, "Call me Ishmael."',
      "白鲸在海里游泳。",
    ]);
  });

  it("takes Project Gutenberg's notes off", () => {
    const book =
      "The Project Gutenberg eBook of X\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nCall me.\n\n" +
      "*** END OF THE PROJECT GUTENBERG EBOOK X ***\nSection 1. General Terms";
    expect(withoutGutenberg(book)).toBe("Call me.");
    expect(withoutGutenberg("Call me.")).toBe("Call me.");
  });
});

describe("identifyLanguage", () => {
  it.each([
    ["en", mobyDick().slice(2000, 5000)],
    ["zh", chineseVerse().slice(0, 1000)],
    [
      "de",
      "Der Wal war weiß, und er schwamm in dem Meer, als ob es ihm allein gehörte. Das ist nicht wahr.",
    ],
    [
      "fr",
      "La baleine était blanche, et elle nageait dans la mer comme si elle était seule. Ce n'est pas vrai.",
    ],
    [
      "es",
      "La ballena era blanca y nadaba en el mar como si no hubiera nadie más que ella en los mares.",
    ],
    [
      "it",
      "La balena era bianca e nuotava nel mare come se fosse sola. Non è vero che gli uomini la temono.",
    ],
    [
      "pt",
      "A baleia era branca e nadava no mar como se não houvesse mais ninguém. Os homens não a viram.",
    ],
    [
      "nl",
      "De walvis was wit en hij zwom in de zee alsof er niemand anders was. Dat is niet waar, zei ze.",
    ],
    [
      "sv",
      "Valen var vit och den simmade i havet som om det inte fanns någon annan. Det är inte sant.",
    ],
    ["ja", "クジラは白くて、海を泳いでいた。それは本当ではない。"],
    ["ko", "고래는 하얗고 바다에서 헤엄쳤다."],
    ["ru", "Кит был белый и плыл по морю."],
    ["el", "Η φάλαινα ήταν λευκή."],
    ["unknown", "Zxq wvut rrp klm 12 foo bar baz quux."],
    ["unknown", "12345 !!!"],
  ])("%s", (language, text) => expect(identifyLanguage(text).language).toBe(language));
});

/** Gopher's measures as they are described, with strings. */
function slowRepetition(text: string) {
  const words = spacedWords(text);
  const total = words.join("").length;
  const top = (n: number) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + n <= words.length; i++) {
      const run = words.slice(i, i + n).join(" ");
      counts.set(run, (counts.get(run) ?? 0) + 1);
    }
    const most = Math.max(0, ...counts.values());
    if (most < 2) return 0;
    const lengths = [...counts]
      .filter(([, count]) => count === most)
      .map(([run]) => run.replaceAll(" ", "").length);
    return (most * Math.max(...lengths)) / total;
  };
  const duplicate = (n: number) => {
    const seen = new Set<string>();
    const covered = new Set<number>();
    for (let i = 0; i + n <= words.length; i++) {
      const run = words.slice(i, i + n).join(" ");
      if (seen.has(run)) for (let k = i; k < i + n; k++) covered.add(k);
      seen.add(run);
    }
    return [...covered].reduce((sum, k) => sum + words[k].length, 0) / Math.max(1, total);
  };
  return {
    topNgram: Object.fromEntries([2, 3, 4].map((n) => [n, top(n)])),
    duplicateNgrams: Object.fromEntries([5, 6, 7, 8, 9, 10].map((n) => [n, duplicate(n)])),
  };
}

describe("repetition", () => {
  it("is what Gopher's table describes", () => {
    const word = fc.constantFrom(
      "a",
      "bb",
      "ccc",
      "the whale swims",
      "a bb ccc a bb ccc a bb",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (all) => {
        const text = all.join(" ");
        const { topNgram, duplicateNgrams } = repetition(text);
        const slow = slowRepetition(text);
        for (const n of [2, 3, 4]) expect(topNgram[n]).toBeCloseTo(slow.topNgram[n] || 0, 10);
        for (const n of [5, 6, 7, 8, 9, 10])
          expect(duplicateNgrams[n]).toBeCloseTo(slow.duplicateNgrams[n], 10);
      }),
      { numRuns: 500 },
    );
  });

  it("counts lines and paragraphs that were there before", () => {
    const { duplicateLines, duplicateLineCharacters, duplicateParagraphs } = repetition(
      "same\nother one\nsame\n\nsame\n\nlast",
    );
    expect(duplicateLines).toBe(2 / 5);
    expect(duplicateLineCharacters).toBe(8 / 24);
    expect(duplicateParagraphs).toBe(0);
    expect(repetition("").duplicateLines).toBe(0);
  });
});

describe("rules", () => {
  const prose = mobyDick().slice(30_000, 33_000);
  const dropped = (text: string, rules: Parameters<typeof firstRule>[1]) =>
    firstRule(text, rules)?.rule.name;

  it("keep prose", () => {
    for (const rules of Object.values(ruleSets)) expect(dropped(prose, rules)).toBeUndefined();
    expect(dropped(chineseVerse().slice(0, 500), ruleSets.basic)).toBeUndefined();
  });

  it.each([
    ["words", "the of and to"],
    ["word length", "the of be to a i o u y ".repeat(12)],
    ["word length", `the and ${"Donaudampfschifffahrt ".repeat(60)}`],
    ["symbols", `${"the whale and #tag ".repeat(20)}`],
    ["bullets", "- the whale and that ship\n".repeat(12)],
    [
      "ellipses",
      `${"the whale and that ship has been seen by all of the men on the other side...\n".repeat(12)}`,
    ],
    ["letters", `the and ${"12345 whale ".repeat(40)}`],
    ["stop words", "whales swim around islands ".repeat(20)],
  ])("Gopher: %s", (rule, text) => expect(dropped(text, gopherQuality)).toBe(rule));

  it("Gopher: repetition says what repeats", () => {
    const why = firstRule(`${prose}\n${"Buy now and save. ".repeat(200)}`, [gopherRepetition])?.why;
    expect(why).toMatch(
      /^0\.\d\d of the characters are in one run of 2 words, at most 0\.2 allowed/,
    );
  });

  it.each([
    ["sentences", "Only one sentence."],
    ["placeholder", "A b c. D e f. G h i. J k l. Lorem ipsum dolor."],
    ["curly bracket", "A b c. D e f. G h i. J k l. function () { return 1 }."],
  ])("C4: %s", (rule, text) => expect(dropped(text, ruleSets.c4)).toBe(rule));

  it.each([
    ["length", "short"],
    ["symbol share", "|-+*/=<>".repeat(20)],
    ["damaged", `${"whale ".repeat(30)}${"\ufffd".repeat(3)}`],
    ["one character", `${"whale ".repeat(20)}${"a".repeat(100)}`],
    ["repeated lines", "same line again\n".repeat(20)],
  ])("basic: %s", (rule, text) => expect(dropped(text, ruleSets.basic)).toBe(rule));

  it("name the language that they drop", async () => {
    const texts = [prose, chineseVerse().slice(0, 300)];
    const told: string[] = [];
    const documents = texts.map((text, record) => ({ source: "x", record, first: record, text }));
    const kept = filtered(documents, [inLanguages(["en"])], (_, rule, why) =>
      told.push(`${rule}: ${why}`),
    );
    const records: number[] = [];
    for await (const { record } of kept) records.push(record);
    expect(records).toEqual([0]);
    expect(told).toEqual(["language: zh (1.00)"]);
  });
});

it("words of texts with and without spaces", () => {
  expect(plainWords("Don't! 我爱 R2")).toEqual(["don", "t", "我", "爱", "r2"]);
});

it("the share of signs is that of a pattern, character by character", () => {
  const symbols = ruleSets.basic.filter(({ name }) => name === "symbol share");
  const unit = fc.constantFrom("a", "7", "é", "猫", "🐈", "\u0301", " ", "\u3000", "!", "。", "→");
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 20 }), (all) => {
      const text = all.join("");
      const signs = text.match(/[^\p{L}\p{M}\p{N}\s]/gu)?.length ?? 0;
      const share = signs / Math.max(1, text.match(/\S/gu)?.length ?? 0);
      expect(firstRule(text, symbols) !== undefined).toBe(share > 0.3);
    }),
    { numRuns: 1000 },
  );
});
