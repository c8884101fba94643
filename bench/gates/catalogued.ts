/** @module */
export async function catalogued(_engine: string): Promise<readonly string[]> {
  return [];
}
