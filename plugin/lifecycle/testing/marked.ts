/** Stands in a text where a problem is expected. */
export const MARK = '‸';

export interface Marked {
  readonly text: string;
  /** `line:column` of each mark, from 1. */
  readonly places: readonly string[];
}

/** Takes the marks out of a text, and says where they stood. */
export function unmark(marked: string): Marked {
  const places: string[] = [];
  const pieces = marked.split(MARK);
  let text = pieces[0] ?? '';
  for (const piece of pieces.slice(1)) {
    const lines = text.split('\n');
    places.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}`);
    text += piece;
  }
  return { text, places };
}
