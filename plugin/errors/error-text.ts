interface ErrorText {
  /** What it means, as a clause without a full stop. */
  readonly title: string;
  /** What to do, in the imperative, without a full stop. */
  readonly remedy: string;
}
export type ErrorTable = Readonly<Record<string, ErrorText>>;
