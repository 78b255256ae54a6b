export async function vzdeck(_args: readonly string[]): Promise<number> {
  return 20;
}
