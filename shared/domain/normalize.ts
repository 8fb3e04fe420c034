/** Text brought to one form, so that equal things compare equal. Used for keys, never written back. */

/**
 * Letters and digits of a name, any case, any punctuation: `A & B Ltd.` and `a and b ltd` are one.
 * Marks stay with their letters: in Indic scripts they are the vowels.
 */
export function normalizeName(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

/** Letters and digits only, capitals; `undefined` for what is too short to tell anybody apart. */
export function normalizeTaxNumber(taxNumber: string): string | undefined {
  const text = taxNumber
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
  return text.length >= TAX_NUMBER_CHARACTERS_MIN ? text : undefined;
}

/** The part behind the `@`, or the host of a website; `undefined` where many strangers share it. */
export function companyDomain(emailOrWebsite: string): string | undefined {
  const text = emailOrWebsite.trim().toLowerCase();
  const afterAt = text.includes("@") ? text.slice(text.lastIndexOf("@") + 1) : text;
  const host = afterAt
    .replace(/^https?:\/\//, "")
    .replace(/[/?#:].*$/, "")
    .replace(/^www\./, "");
  if (!/^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u.test(host)) return undefined;
  return sharedMailDomains.has(host) ? undefined : host;
}

const TAX_NUMBER_CHARACTERS_MIN = 5;

/** Providers whose addresses say nothing about a company. */
const sharedMailDomains: ReadonlySet<string> = new Set([
  "126.com",
  "163.com",
  "aol.com",
  "gmail.com",
  "gmx.de",
  "gmx.net",
  "googlemail.com",
  "hotmail.com",
  "icloud.com",
  "live.com",
  "mail.ru",
  "msn.com",
  "outlook.com",
  "proton.me",
  "protonmail.com",
  "qq.com",
  "web.de",
  "yahoo.com",
  "yandex.ru",
]);
