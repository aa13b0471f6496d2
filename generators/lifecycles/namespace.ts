const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * @param template repositories[].namespace
 * @param folder of the file; `.` for the root
 * @returns undefined where it is no RFC 1123 label
 */
export function namespaceOf(template: string, folder: string, name: string): string | undefined {
  const parts = folder === '.' ? [] : folder.split('/');
  const values: Readonly<Record<string, string>> = {
    folder: parts.at(-1) ?? '',
    parent: parts.at(-2) ?? '',
    name,
  };
  const namespace = template.replace(/\{(folder|parent|name)\}/g, (_, part: string) => values[part] ?? '');
  return namespace.length <= 63 && LABEL.test(namespace) ? namespace : undefined;
}
