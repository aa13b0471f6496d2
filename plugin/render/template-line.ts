/** Compilers say `line 4: …` or `Parse error on line 4: …`; the line belongs beside the file's name. */
export function lineOfError(message: string): { readonly line: number; readonly text: string } {
  const text = message.split(/\s*\n\s*/).join(' ');
  return { line: Number(/\bline (\d+)/.exec(text)?.[1] ?? 1), text: text.replace(/^line \d+: /, '') };
}
