/** Maps with at most so many running at the same time; the results are in the order of the items. What needs no waiting does not wait. */
export async function inOrder<T, R>(
  items: readonly T[],
  atOnce: number,
  action: (item: T, index: number) => R | Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      const result = action(items[index] as T, index);
      results[index] = result instanceof Promise ? await result : result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
