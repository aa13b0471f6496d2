/** A comment that we have written. */
export interface OwnComment {
  readonly id: number;
  readonly body: string;
}

/** What a source host is asked for it; all of one pull request. */
export interface Comments {
  /** All that the account of our token has written and that begin with the marker. */
  readonly own: () => Promise<readonly OwnComment[]>;
  readonly create: (body: string) => Promise<void>;
  readonly edit: (id: number, body: string) => Promise<void>;
  /** One that is gone already is removed. */
  readonly remove: (id: number) => Promise<void>;
}

const byAge = (a: OwnComment, b: OwnComment): number => a.id - b.id;

/**
 * One comment with this body. No source host can be asked to make one unless there is one: so whoever has made one looks again, and all keep
 * the oldest. Of replicas that do this at once, the last one to look sees all comments.
 */
export async function upsertOnly(comments: Comments, body: string, onlyEdit = false): Promise<void> {
  let own = await comments.own();
  if (own.length === 0) {
    if (onlyEdit) return;
    await comments.create(body);
    own = await comments.own();
  }
  const [oldest, ...others] = [...own].sort(byAge);
  for (const { id } of others) await comments.remove(id);
  if (oldest !== undefined && oldest.body !== body) await comments.edit(oldest.id, body);
}
