/** Lets so many in at once. */
export interface Gate {
  /** @returns how to leave, or undefined where it is full: nobody waits, so that nothing piles up. */
  readonly enter: () => (() => void) | undefined;
  readonly inside: () => number;
}

export function createGate(most: number): Gate {
  let inside = 0;
  return {
    enter: () => {
      if (inside >= most) return undefined;
      inside += 1;
      let left = false;
      return () => {
        if (!left) inside -= 1;
        left = true;
      };
    },
    inside: () => inside,
  };
}
