/** What a tax number tells of its holder. */
import { normalizeTaxNumber } from "../normalize.ts";
import { countryCodeOf } from "./country-codes.ts";
import type { Endpoint } from "./model.ts";

/**
 * Schemes of electronic addresses (EAS) by which Peppol knows a party by its VAT number
 * (docs.peppol.eu, code list "EAS", read 2026-11). Denmark and others have none for it.
 */
const schemes: Readonly<Record<string, string>> = {
  ...{ AD: "9922", AL: "9923", AT: "9914", BA: "9924", BE: "9925", BG: "9926", CH: "9927" },
  ...{ CY: "9928", CZ: "9929", DE: "9930", EE: "9931", EL: "9933", ES: "9920", FI: "0213" },
  ...{ FR: "9957", GB: "9932", HR: "9934", HU: "9910", IE: "9935", IT: "0211", LI: "9936" },
  ...{ LT: "9937", LU: "9938", LV: "9939", MC: "9940", ME: "9941", MK: "9942", MT: "9943" },
  ...{ NL: "9944", PL: "9945", PT: "9946", RO: "9947", RS: "9948", SE: "9955", SI: "9949" },
  ...{ SK: "9950", SM: "9951", TR: "9952" },
};

/** A VAT number begins with its country's code (BR-CO-09; Greece has EL); other tax numbers do not. */
export function vatNumberOf(taxNumber: string | null): string | null {
  const number = taxNumber === null ? undefined : normalizeTaxNumber(taxNumber);
  if (number === undefined || !/^[A-Z]{2}[0-9A-Z]*\d/.test(number)) return null;
  const country = number.slice(0, 2);
  return country === "EL" || country === "XI" || countryCodeOf(country) === country ? number : null;
}

/** Where e-invoices reach the holder of a VAT number; null where Peppol has no scheme for it. */
export function endpointOf(vatNumber: string | null): Endpoint | null {
  const scheme = vatNumber === null ? undefined : schemes[vatNumber.slice(0, 2)];
  return vatNumber === null || scheme === undefined ? null : { scheme, id: vatNumber };
}
