"use strict";
// Documents that have been there before. Exact copies are found by a digest, near ones by MinHash
// and LSH; every candidate is then compared, shingle by shingle, so that what is called a near
// duplicate has a Jaccard similarity of at least the threshold. What can go wrong is only that a
// pair is never compared: at J = 0.8 that happens to 2 pairs in 1,000 (lsh.ts).
Object.defineProperty(exports, "__esModule", { value: true });
exports.deduplicated = exports.Deduplicator = void 0;
const digests_1 = require("./digests");
const lsh_1 = require("./lsh");
const minHash_1 = require("./minHash");
/** Remembers documents by number and finds those that a text repeats. */
class Deduplicator {
    threshold;
    shingle;
    digests = new digests_1.DigestMap();
    hasher;
    index;
    textOf;
    kept = new Map();
    constructor({ threshold = 0.8, shingle = minHash_1.SHINGLE, bands = lsh_1.BANDS, seed = 1, textOf, } = {}) {
        if (!(threshold > 0 && threshold <= 1))
            throw new Error(`Deduplicator: expected a threshold above 0, up to 1, got ${threshold}`);
        this.threshold = threshold;
        this.shingle = shingle;
        this.hasher = new minHash_1.MinHasher(bands.bands * bands.rows, seed);
        this.index = new lsh_1.LshIndex(bands);
        this.textOf = textOf;
    }
    /** Looks a text up; near duplicates are not looked for where there is an equal one. */
    examine(text) {
        const digest = (0, digests_1.digestOf)(text);
        const exact = this.digests.get(digest);
        const shingles = (0, minHash_1.shingleHashes)(text, this.shingle);
        const signature = this.hasher.signature(shingles);
        const near = [];
        if (exact === undefined)
            for (const document of this.index.candidates(signature)) {
                const similarity = (0, minHash_1.jaccardOfSorted)(shingles, this.shinglesOf(document));
                if (similarity >= this.threshold)
                    near.push({ document, similarity });
            }
        return { digest, signature, exact, near };
    }
    /** Remembers a document; `text` may be left out where `textOf` gives it. */
    add(document, { digest, signature }, text) {
        this.digests.add(digest, document);
        this.index.add(document, signature);
        if (this.textOf === undefined)
            this.kept.set(document, (0, minHash_1.shingleHashes)(text, this.shingle));
    }
    shinglesOf(document) {
        return this.kept.get(document) ?? (0, minHash_1.shingleHashes)(this.textOf(document), this.shingle);
    }
}
exports.Deduplicator = Deduplicator;
/**
 * The step of the pipeline: of documents that repeat each other the first one stays. They are
 * numbered 0, 1, … in the order in which they leave this step.
 *
 * @param options.mode "exact" keeps near duplicates, "none" keeps all; they are still found, so that
 *   a split can keep them together
 * @param options.deduplicator with what it knows from earlier documents
 * @param options.next the number of the next document
 */
async function* deduplicated(documents, { deduplicator = new Deduplicator(), mode = "near", next = 0, onDrop = () => { }, } = {}) {
    for await (const document of documents) {
        const examined = deduplicator.examine(document.text);
        const { exact, near } = examined;
        if (exact !== undefined && mode !== "none")
            onDrop(document, "exact duplicate", `equal to document ${exact}`);
        else if (near.length > 0 && mode === "near")
            onDrop(document, "near duplicate", `${near[0].similarity.toFixed(2)} of document ${near[0].document}`);
        else {
            deduplicator.add(next++, examined, document.text);
            yield { ...document, examined };
        }
    }
}
exports.deduplicated = deduplicated;
