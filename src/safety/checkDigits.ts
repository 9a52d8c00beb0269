// Numbers that check themselves. The last digits of card numbers, bank accounts and identity numbers are
// worked out from the others, so that a typing mistake is noticed; here they tell such a number from
// an order number of the same length. Follows ISO/IEC 7812-1 (Luhn, 1960), ISO 13616 with ISO 7064
// mod 97-10 (IBAN), GB 11643-1999 with ISO 7064 mod 11-2 (Chinese identity numbers). Left out:
// whether the number has ever been given to anybody.

/**
 * Luhn's sum: from the right, every second digit is doubled (9 is taken off what exceeds 9), and all
 * are added up. A number is valid if the sum ends with 0.
 * @param digits digits alone
 */
export function luhnValid(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const doubled = i % 2 === 1 ? 2 * Number(digit) : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * The check character of a Chinese identity number: (12 − Σ dᵢ · 2^(17−i) mod 11) mod 11, where
 * i = 0 … 16, with X for 10.
 * @param digits the first 17 digits
 * @throws if there are not 17
 */
export function identityCheckDigit(digits: string): string {
  if (!/^\d{17}$/.test(digits))
    throw new Error(`identityCheckDigit: expected 17 digits, got ${JSON.stringify(digits)}`);
  const sum = [...digits].reduce((total, d, i) => total + Number(d) * (2 ** (17 - i) % 11), 0);
  return "10X98765432"[sum % 11];
}

/** Whether a text of 18 characters is such a number: its date of birth exists, its last character fits. */
export function identityValid(text: string): boolean {
  const [, year, month, day] = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return false;
  return identityCheckDigit(text.slice(0, 17)) === text[17].toUpperCase();
}

/** What a number of any length leaves when divided by 97. @param digits digits alone */
export const mod97 = (digits: string): number =>
  [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);

/**
 * Whether an account number is one: its first four characters are moved to the end, letters become
 * numbers (A is 10, Z is 35), and what comes out leaves 1 when divided by 97.
 * @param text without spaces, in capitals
 */
export function ibanValid(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const moved = text.slice(4) + text.slice(0, 4);
  return mod97([...moved].map((sign) => String(Number.parseInt(sign, 36))).join("")) === 1;
}
