/**
 * Resolves CloudFormation intrinsics against names that are known before anything is created.
 *
 * Anything that is not understood throws with its place in the template: a silently wrong value
 * would be found much later, in a queue nobody reads.
 */
import type { Template } from "./template.ts";

/** What `Ref` and `Fn::GetAtt` of one resource give. */
export interface ResourceNames {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResolverOptions {
  readonly template: Pick<Template, "Resources" | "Parameters" | "Mappings" | "Conditions">;
  /** `AWS::Region`, `AWS::AccountId`, `AWS::Partition`, `AWS::StackName`, `AWS::URLSuffix` ... */
  readonly pseudo: Readonly<Record<string, string>>;
  /** Called at most once per resource and only when something refers to it. */
  nameResource(logicalId: string): ResourceNames;
}

export interface Resolver {
  /** The value with every intrinsic replaced; `place` is named in errors. */
  resolve(value: unknown, place: string): unknown;
  isConditionTrue(name: string): boolean;
  names(logicalId: string): ResourceNames;
}

const NO_VALUE = Symbol("AWS::NoValue");

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Makes a resolver over one template. Resolution is lazy, so the order of resources is of no matter. */
export function createResolver(options: ResolverOptions): Resolver {
  const { template } = options;
  const named = new Map<string, ResourceNames>();
  const naming = new Set<string>();
  const conditions = new Map<string, boolean>();

  function names(logicalId: string): ResourceNames {
    const known = named.get(logicalId);
    if (known !== undefined) return known;
    if (naming.has(logicalId)) throw new Error(`${logicalId}: its name refers to itself`);
    naming.add(logicalId);
    const made = options.nameResource(logicalId);
    naming.delete(logicalId);
    named.set(logicalId, made);
    return made;
  }

  function isConditionTrue(name: string): boolean {
    const known = conditions.get(name);
    if (known !== undefined) return known;
    const expression = template.Conditions?.[name];
    if (expression === undefined) throw new Error(`Condition ${name} does not exist`);
    const value = test(expression, `Conditions.${name}`);
    conditions.set(name, value);
    return value;
  }

  function test(value: unknown, place: string): boolean {
    if (isFields(value) && typeof value["Condition"] === "string") {
      return isConditionTrue(value["Condition"]);
    }
    const result = resolveAny(value, place);
    if (typeof result !== "boolean") throw new Error(`${place}: not a condition`);
    return result;
  }

  function ref(name: string, place: string): unknown {
    if (name === "AWS::NoValue") return NO_VALUE;
    const pseudo = options.pseudo[name];
    if (pseudo !== undefined) return pseudo;
    const parameter = template.Parameters?.[name];
    if (parameter !== undefined) {
      if (parameter.Default === undefined) {
        throw new Error(`${place}: parameter ${name} has no default, and none can be given here`);
      }
      return parameter.Default;
    }
    if (template.Resources[name] === undefined) throw new Error(`${place}: nothing named ${name}`);
    return names(name).ref;
  }

  function attribute(logicalId: string, name: string, place: string): string {
    if (template.Resources[logicalId] === undefined) {
      throw new Error(`${place}: nothing named ${logicalId}`);
    }
    const value = names(logicalId).attributes[name];
    if (value === undefined) {
      const type = template.Resources[logicalId].Type;
      throw new Error(`${place}: the local host knows no attribute ${name} of ${type}`);
    }
    return value;
  }

  function text(value: unknown, place: string): string {
    const result = resolveAny(value, place);
    if (typeof result === "string") return result;
    if (typeof result === "number" || typeof result === "boolean") return String(result);
    throw new Error(`${place}: expected text`);
  }

  function list(value: unknown, place: string): readonly unknown[] {
    const result = resolveAny(value, place);
    if (!Array.isArray(result)) throw new Error(`${place}: expected a list`);
    return result;
  }

  function substitute(argument: unknown, place: string): string {
    const [pattern, given] = Array.isArray(argument) ? argument : [argument, {}];
    if (typeof pattern !== "string" || !isFields(given)) throw new Error(`${place}: bad Fn::Sub`);
    return pattern.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
      if (literal !== "") return `\${${name}}`;
      if (name in given) return text(given[name], `${place}.${name}`);
      const [logicalId, ...path] = name.split(".");
      if (logicalId === undefined || path.length === 0) return text({ Ref: name }, place);
      return attribute(logicalId, path.join("."), place);
    });
  }

  /** A fixed number of arguments, not yet resolved. */
  function parts(argument: unknown, count: number, place: string): readonly unknown[] {
    if (!Array.isArray(argument) || argument.length !== count) {
      throw new Error(`${place}: expected ${count} arguments`);
    }
    return argument;
  }

  const functions: Readonly<Record<string, (argument: unknown, place: string) => unknown>> = {
    Ref: (argument, place) => ref(String(argument), place),
    "Fn::GetAtt": (argument, place) => {
      const path = typeof argument === "string" ? argument.split(".") : list(argument, place);
      const [logicalId, ...rest] = path.map(String);
      return attribute(logicalId ?? "", rest.join("."), place);
    },
    "Fn::Join": (argument, place) => {
      const [separator, items] = parts(argument, 2, place);
      return list(items, place)
        .map((one) => text(one, place))
        .join(String(separator));
    },
    "Fn::Sub": substitute,
    "Fn::Select": (argument, place) => {
      const [index, items] = parts(argument, 2, place);
      const chosen = list(items, place)[Number(text(index, place))];
      if (chosen === undefined) throw new Error(`${place}: Fn::Select is out of range`);
      return chosen;
    },
    "Fn::Split": (argument, place) => {
      const [separator, value] = parts(argument, 2, place);
      return text(value, place).split(String(separator));
    },
    "Fn::Base64": (argument, place) => Buffer.from(text(argument, place)).toString("base64"),
    "Fn::FindInMap": (argument, place) => {
      const [map, first, second] = parts(argument, 3, place).map((one) => text(one, place));
      const found = template.Mappings?.[map ?? ""]?.[first ?? ""]?.[second ?? ""];
      if (found === undefined)
        throw new Error(`${place}: no ${map}.${first}.${second} in Mappings`);
      return found;
    },
    "Fn::If": (argument, place) => {
      const [condition, yes, no] = parts(argument, 3, place);
      return resolveAny(isConditionTrue(String(condition)) ? yes : no, place);
    },
    "Fn::Equals": (argument, place) => {
      const [left, right] = parts(argument, 2, place);
      return text(left, place) === text(right, place);
    },
    "Fn::Not": (argument, place) => !test(parts(argument, 1, place)[0], place),
    "Fn::And": (argument, place) =>
      Array.isArray(argument) && argument.every((one) => test(one, place)),
    "Fn::Or": (argument, place) =>
      Array.isArray(argument) && argument.some((one) => test(one, place)),
  };

  function resolveAny(value: unknown, place: string): unknown {
    if (Array.isArray(value)) {
      return value
        .map((one, index) => resolveAny(one, `${place}[${index}]`))
        .filter((one) => one !== NO_VALUE);
    }
    if (!isFields(value)) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first !== undefined) {
      const [name, argument] = first;
      const apply = functions[name];
      if (apply !== undefined) return apply(argument, `${place}.${name}`);
      if (name.startsWith("Fn::")) throw new Error(`${place}: unknown intrinsic ${name}`);
    }
    const resolved = entries
      .map(([name, one]): [string, unknown] => [name, resolveAny(one, `${place}.${name}`)])
      .filter(([, one]) => one !== NO_VALUE);
    return Object.fromEntries(resolved);
  }

  return {
    resolve(value, place) {
      const result = resolveAny(value, place);
      return result === NO_VALUE ? undefined : result;
    },
    isConditionTrue,
    names,
  };
}
