/**
 * The fields that your company adds, one row each: what it holds, who may set it, and where it stands
 * in each connection. Rows are checked when Tieout starts and by the tests; nothing else is to be
 * edited. `docs/custom-fields.md` has a worked example and every transform.
 */
import type { CustomField } from "#shared/domain/custom-field.ts";

export const customFields: readonly CustomField[] = [];
