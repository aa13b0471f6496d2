/** A duration as the tables have it: `36.4 s`. */
export const secondsText = (seconds: number): string => `${Math.round(seconds * 10) / 10} s`;
