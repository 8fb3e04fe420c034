/**
 * Reads the template's resources, with their intrinsics resolved, as the kinds the host knows.
 */
import type { Resolver } from "./intrinsics.ts";
import type { ResourceKind } from "./property-shapes.ts";
import { KINDS, PASSED_OVER } from "./resource-kinds.ts";
import type { Template } from "./template.ts";

export interface Inventory {
  /** Logical id to properties, of every resource of this kind whose condition holds. */
  read<T>(wanted: ResourceKind<T>): ReadonlyMap<string, T>;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads every resource once. Throws one error that lists all that is unknown, with its place. */
export function readInventory(template: Template, resolver: Resolver): Inventory {
  const problems: string[] = [];
  const found = new Map<string, { type: string; properties: unknown }>();
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const known = KINDS.find((one) => one.type === resource.Type);
    if (known === undefined && !PASSED_OVER.includes(resource.Type)) {
      problems.push(`${logicalId}: unknown resource type ${resource.Type}`);
      continue;
    }
    try {
      if (resource.Condition !== undefined && !resolver.isConditionTrue(resource.Condition)) {
        continue;
      }
      if (known === undefined) continue;
      const properties = resolver.resolve(resource.Properties ?? {}, `${logicalId}.Properties`);
      const parsed = known.schema.safeParse(properties);
      if (parsed.success) found.set(logicalId, { type: resource.Type, properties });
      for (const issue of parsed.error?.issues ?? []) {
        const path = [logicalId, ...issue.path].join(".");
        problems.push(`${path} (${resource.Type}): ${issue.message}`);
      }
    } catch (error) {
      problems.push(describe(error));
    }
  }
  if (problems.length > 0) {
    throw new Error(
      `The template asks for what the local host does not know:\n${problems.join("\n")}`,
    );
  }
  return {
    read<T>(wanted: ResourceKind<T>) {
      const matching = [...found].filter(([, one]) => one.type === wanted.type);
      return new Map<string, T>(
        matching.map(([logicalId, one]) => [logicalId, wanted.schema.parse(one.properties)]),
      );
    },
  };
}
