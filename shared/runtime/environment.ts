/** Reads an environment variable once, at the cold start. Throws where it is missing: fail loudly. */
export function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") {
    throw new Error(`Environment variable ${name} is missing; the stack sets it.`);
  }
  return value;
}
