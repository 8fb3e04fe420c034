/** `deliver-writes` as `DeliverWrites`, for ids of constructs. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
