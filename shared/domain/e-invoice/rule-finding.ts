/** What a rule of a standard says about one document. */
export interface RuleFinding {
  /** As the standard names it: `BR-CO-15`. */
  readonly rule: string;
  readonly severity: "error" | "note";
  /** The part it is about, `line 2`; null of the document as a whole. */
  readonly where: string | null;
  readonly expected: string;
  readonly found: string;
}

/** One error, as the list that rules give. */
export function findings(
  rule: string,
  where: string | null,
  expected: string,
  found: string,
): RuleFinding[] {
  return [{ rule, severity: "error", where, expected, found }];
}
