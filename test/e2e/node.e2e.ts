import { expect, it } from '@jest/globals';
import { BRIDGE, execInNetwork } from '../lab/node/network.ts';

it("the node's hardware address stays what it is, whichever pods come and go", async () => {
  const ip = (...args: string[]): Promise<string> => execInNetwork('ip', args);
  const address = async (): Promise<unknown> =>
    (JSON.parse(await ip('-j', 'link', 'show', BRIDGE)) as readonly { readonly address: string }[])[0]?.address;
  const before = await address();
  // Lower than any address that a pod's port is given at random.
  await ip('link', 'add', 'lowest', 'address', '02:00:00:00:00:01', 'type', 'veth', 'peer', 'name', 'lowest-peer');
  try {
    await ip('link', 'set', 'lowest', 'master', BRIDGE);
    expect(await address()).toBe(before);
  } finally {
    await ip('link', 'delete', 'lowest');
  }
  expect(await address()).toBe(before);
});
