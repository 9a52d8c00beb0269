// How the search takes texts apart: the same file makes the index and asks it. Words as they are
// written, and every Chinese character by itself, because Chinese puts no spaces between words.
(() => {
  const WORD = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}_])+/gu;
  const tokenize = (text) => text.match(WORD) ?? [];
  const options = {
    fields: ["title", "text"],
    storeFields: ["href", "page", "title", "text"],
    tokenize,
    searchOptions: {
      boost: { title: 3 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      combineWith: "AND",
      tokenize,
    },
  };
  const words = { options, tokenize };
  if (typeof module === "object") module.exports = words;
  else window.bookWords = words;
})();
