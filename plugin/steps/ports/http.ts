/** One HTTP GET without redirects. @returns the status; throws when no answer came within the time. */
export type HttpGet = (url: string, timeoutMilliseconds: number) => Promise<number>;

export const httpGet: HttpGet = async (url, timeoutMilliseconds) => {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const response = await fetch(url, { redirect: 'manual', signal, headers: { 'user-agent': 'lifecycle-step' } });
  await response.body?.cancel();
  return response.status;
};
