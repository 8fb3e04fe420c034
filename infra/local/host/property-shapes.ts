/** What the schemas of resource types are made of. */
import * as z from "zod";

export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
export const flag = z.union([
  z.boolean(),
  z.enum(["true", "false"]).transform((one) => one === "true"),
]);

/** One resource type with the properties that are honoured; `ignored` names those passed over. */
export interface ResourceKind<T> {
  readonly type: string;
  readonly schema: z.ZodType<T>;
}

function without(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

export function shape<T extends z.core.$ZodLooseShape>(
  honoured: T,
  ignored: readonly string[] = [],
) {
  return z.preprocess((value) => without(value, ignored), z.strictObject(honoured));
}

export function kind<T>(type: string, schema: z.ZodType<T>): ResourceKind<T> {
  return { type, schema };
}
