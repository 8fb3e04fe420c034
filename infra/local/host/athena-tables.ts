/**
 * Where a table's objects are, and what a role needs in the catalogue to have them queried.
 */
import type { Access } from "./access.ts";
import { ACCOUNT_ID, arnOf } from "./names.ts";
import type { CatalogTablePlan } from "./plan.ts";

type Injected = ReadonlyMap<string, ReadonlySet<string>>;

/** Each way to choose one value for each injected partition. */
function choicesOf(injected: Injected): readonly Readonly<Record<string, string>>[] {
  return [...injected].reduce<Readonly<Record<string, string>>[]>(
    (sofar, [name, values]) =>
      sofar.flatMap((choice) => [...values].map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}

/** The longest prefixes under which all objects of these injected values are. */
export function prefixesOf(table: CatalogTablePlan, injected: Injected): readonly string[] {
  const prefixes = choicesOf(injected).map((choice) => {
    const filled = table.key.replace(
      /\$\{(\w+)\}/g,
      (whole, name: string) => choice[name] ?? whole,
    );
    return filled.split("${")[0] ?? "";
  });
  return [...new Set(prefixes)];
}

/**
 * Reads a key: the values of its partitions, or undefined where it is in no folder that the
 * projection knows. As in Athena, what begins with a dot or an underscore is no file of the table.
 */
export function objectPattern(
  table: CatalogTablePlan,
  injected: Injected,
): (key: string) => Readonly<Record<string, string>> | undefined {
  const parts = table.key.split(/\$\{(\w+)\}/);
  const source = parts.map((part, index) =>
    index % 2 === 0 ? RegExp.escape(part) : `(?<${part}>[^/]*)`,
  );
  const pattern = new RegExp(`^${source.join("")}(?:[^/]*/)*[^/._][^/]*$`);
  const allowed = new Map(
    table.partitions.map(({ name, values }) => [name, new Set(values ?? injected.get(name) ?? [])]),
  );
  return (key) => {
    const found = pattern.exec(key)?.groups;
    if (found === undefined) return undefined;
    const isKnown = Object.entries(found).every(([name, value]) => allowed.get(name)?.has(value));
    return isKnown ? found : undefined;
  };
}

/**
 * What the role lacks to have the table queried, or undefined where it lacks nothing.
 *
 * Athena looks up the database and the table, and the database `default` with every query; with
 * projected partitions it asks for no partitions (docs.aws.amazon.com/athena/latest/ug/
 * fine-grained-access-to-glue-resources.html and partition-projection.html, read 2026-11).
 */
export function missingCatalogGrant(
  access: Access,
  region: string,
  roleArn: string | undefined,
  { database, name }: CatalogTablePlan,
): string | undefined {
  if (roleArn === undefined) return undefined;
  const arn = (path: string) => arnOf("glue", region, path);
  const needed: readonly (readonly [action: string, resources: readonly string[]])[] = [
    ["glue:GetDatabase", [arn("catalog"), arn("database/default"), arn(`database/${database}`)]],
    [
      "glue:GetTable",
      [arn("catalog"), arn(`database/${database}`), arn(`table/${database}/${name}`)],
    ],
  ];
  for (const [action, resources] of needed) {
    for (const resource of resources) {
      if (access.check({ kind: "role", id: roleArn }, action, resource) === "allowed") continue;
      const role = roleArn.slice(roleArn.lastIndexOf("/") + 1);
      const user = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}`;
      return `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
    }
  }
  return undefined;
}
