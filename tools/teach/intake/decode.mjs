// The text in a learner's file, whatever editor saved it: UTF-8 with or without a mark, UTF-16 of
// both orders (Windows PowerShell's `>` writes it), or, where it is neither, Windows-1252, of which
// Latin-1 is a part. Line ends stay as they are.

/** Share of zero bytes at even and at odd places: UTF-16 of English text has them on one side. */
function zeros(bytes) {
  const some = bytes.subarray(0, 4000);
  const at = [0, 0];
  for (let i = 0; i < some.length; i++) if (some[i] === 0) at[i % 2]++;
  return at.map((n) => n / Math.max(1, some.length / 2));
}

/** Windows-1252's characters for the bytes 0x80 to 0x9f. Node 20 decodes them as Latin-1. */
const WINDOWS = "€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ";

function windows1252(bytes) {
  const text = Array.from(bytes, (byte) =>
    byte >= 0x80 && byte < 0xa0 ? WINDOWS[byte - 0x80] : String.fromCharCode(byte),
  );
  return { text: text.join(""), encoding: "windows-1252" };
}

/**
 * @param bytes of the file
 * @returns { text, encoding }, or { reason } where it is no text at all
 */
export function decode(bytes) {
  const as = (encoding, from = bytes) => ({
    text: new TextDecoder(encoding).decode(from),
    encoding,
  });
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { ...as("utf-8"), encoding: "utf-8 with BOM" };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return as("utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return as("utf-16be");
  const [even, odd] = zeros(bytes);
  if (odd > 0.4 && even < 0.1) return as("utf-16le");
  if (even > 0.4 && odd < 0.1) return as("utf-16be");
  if (bytes.includes(0)) return { reason: "is no text file" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    return windows1252(bytes);
  }
}
